"""The shape of a risk figure, and how series of returns are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from vestry.kernel.errors import KernelError

Floats = NDArray[np.float64]
Series = Sequence[float | Decimal | None] | Iterable[float | Decimal | None] | Floats


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or None and the reason why there is none; ``convention`` says how it was computed.

    ``float(figure)`` gives the number and raises where there is none.
    """

    value: float | None
    reason: str | None
    convention: str
    observations: int

    def __float__(self) -> float:
        if self.value is None:
            raise KernelError(f"undefined: {self.reason}")
        return self.value

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "value": self.value,
            "reason": self.reason,
            "convention": self.convention,
            "observations": self.observations,
        }


def figure(value: float, convention: str, observations: int) -> Figure:
    """A figure from a computed number; a result outside the floats is undefined."""
    if not math.isfinite(value):
        return undefined("the result is beyond what a number can hold", convention, observations)
    return Figure(float(value), None, convention, observations)


def undefined(reason: str, convention: str, observations: int) -> Figure:
    """No number, and why."""
    return Figure(None, reason, convention, observations)


def quotient(top: float, bottom: float, nothing: str, convention: str, observations: int) -> Figure:
    """``top / bottom``, undefined with the reason ``nothing`` when the divisor is zero."""
    if bottom == 0:
        return undefined(nothing, convention, observations)
    return figure(top / bottom, convention, observations)


def too_few(need: int, convention: str, observations: int) -> Figure:
    """Undefined for want of observations."""
    return undefined(f"needs at least {need} observations, has {observations}", convention, observations)


def rows(values: Series, what: str = "returns") -> Floats:
    """The values as floats with NaN where one is missing (None or NaN); refuses infinities and tables."""
    if isinstance(values, np.ndarray):
        numbers = values.astype(np.float64)
    else:
        try:
            numbers = np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise KernelError(f"{what} must be a flat list of numbers") from error
    if numbers.ndim != 1:
        raise KernelError(f"{what} must be one series, got {numbers.ndim} dimensions")
    if np.isinf(numbers).any():
        raise KernelError(f"{what} contain an infinite value")
    return numbers


def series(values: Series, what: str = "returns") -> Floats:
    """The values without the missing ones."""
    numbers = rows(values, what)
    return numbers[~np.isnan(numbers)]


def aligned(values: Series, other: Series | float, what: str = "benchmark") -> tuple[Floats, Floats]:
    """Two series of one length (or a constant) on the rows where neither is missing."""
    first = rows(values)
    second = np.full(first.shape, float(other)) if isinstance(other, (int, float, Decimal)) else rows(other, what)
    if first.shape != second.shape:
        raise KernelError(f"returns have {first.size} rows and {what} {second.size}: they must match one to one")
    kept = ~(np.isnan(first) | np.isnan(second))
    return first[kept], second[kept]


def excess(values: Series, over: Series | float) -> Floats:
    """Returns minus a rate per period (a number or a series)."""
    first, second = aligned(values, over, "risk-free rates")
    return first - second


def deviation(numbers: Floats, *, population: bool = False) -> float:
    """Standard deviation; exactly zero when all numbers are equal but for rounding in their last digits."""
    if numbers.size == 0 or np.ptp(numbers) <= 8 * np.finfo(float).eps * np.abs(numbers).max():
        return 0.0
    return float(np.std(numbers, ddof=0 if population else 1))


def checked_periods(periods_per_year: float) -> float:
    """Periods a year: positive and finite."""
    try:
        periods = float(periods_per_year)
    except (TypeError, ValueError):
        raise KernelError(f"periods_per_year must be a number, not {periods_per_year!r}") from None
    if not (periods > 0 and math.isfinite(periods)):
        raise KernelError(f"periods_per_year must be positive, got {periods_per_year}")
    return periods


def basis(population: bool) -> str:
    """The words for the divisor."""
    return "population (n)" if population else "sample (n − 1)"
