"""How concentrated a portfolio is: Herfindahl–Hirschman index, effective number, largest shares."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.figure import Figure, Floats, Series, figure, series, undefined

EMPTY = "nothing is held"


@guarded
def hhi(exposures: Series, *, scale: Literal[1, 10_000] = 1) -> Figure:
    """Σ share², shares being exposures ÷ their sum; ``scale`` 10,000 for the points of competition authorities.

    Exposures are amounts or shares in any unit, never negative. Undefined when they sum to zero.
    """
    if scale not in (1, 10_000):
        raise KernelError(f"scale is 1 or 10,000, got {scale}")
    convention = f"Σ (exposure / total)² × {scale:,}"
    shares, count = _shares(exposures)
    if shares is None:
        return undefined(EMPTY, convention, count)
    return figure(float(np.sum(shares**2)) * scale, convention, count)


@guarded
def effective_number(exposures: Series) -> Figure:
    """1 ÷ Σ share²: the number of equal positions with the same concentration."""
    index = hhi(exposures)
    convention = "1 / Σ (exposure / total)²"
    if index.value is None:
        return undefined(EMPTY, convention, index.observations)
    return figure(1 / index.value, convention, index.observations)


@guarded
def largest_share(exposures: Series, count: int = 1) -> Figure:
    """The share of the ``count`` largest exposures."""
    if count < 1:
        raise KernelError(f"count must be at least 1, got {count}")
    convention = f"sum of the {count} largest / total"
    shares, held = _shares(exposures)
    if shares is None:
        return undefined(EMPTY, convention, held)
    return figure(min(1.0, float(np.sort(shares)[::-1][:count].sum())), convention, held)


@guarded
def concentration_level(points: float, *, guidelines: Literal["2023", "2010"] = "2023") -> str:
    """``low``, ``moderate`` or ``high`` for an index in points (0–10,000), by the US merger guidelines' thresholds."""
    if not 0 <= points <= 10_000:
        raise KernelError(f"an index in points lies between 0 and 10,000, got {points}")
    limits = {"2023": (1_000, 1_800), "2010": (1_500, 2_500)}
    if guidelines not in limits:
        raise KernelError(f"unknown guidelines {guidelines!r}; one of 2023, 2010")
    moderate, high = limits[guidelines]
    return "high" if points > high else "moderate" if points >= moderate else "low"


def _shares(exposures: Series) -> tuple[Floats | None, int]:
    numbers = series(exposures, "exposures")
    if (numbers < 0).any():
        raise KernelError("exposures must not be negative: measure long and short sides apart")
    largest = float(numbers.max(initial=0.0))
    if not largest:
        return None, numbers.size
    scaled = numbers / largest
    return scaled / scaled.sum(), numbers.size
