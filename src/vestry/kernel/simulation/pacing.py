"""The Takahashi–Alexander pacing model: calls, distributions and value of a fund from a handful of rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Floats = NDArray[np.float64]
Distribution = Literal["converted", "per_period"]


@dataclass(frozen=True, slots=True)
class Pacing:
    """Projected periods 1, 2, …: amounts at each period's end, all positive; NAV after that period's flows.

    ``uncalled`` is what is never called; ``net_flows`` are the investor's (calls negative).
    """

    contributions: tuple[float, ...]
    distributions: tuple[float, ...]
    nav: tuple[float, ...]
    growth: tuple[float, ...]
    contribution_rates: tuple[float, ...]
    distribution_rates: tuple[float, ...]
    uncalled: float
    opening_nav: float
    periods_per_year: int

    @property
    def net_flows(self) -> tuple[float, ...]:
        """Distributions minus calls of each period."""
        return tuple(paid - called for called, paid in zip(self.contributions, self.distributions, strict=True))

    @property
    def tvpi(self) -> float | None:
        """(Distributions + final NAV) ÷ (contributions + opening NAV) of the projection; None when nothing goes in."""
        invested = math.fsum(self.contributions) + self.opening_nav
        return (math.fsum(self.distributions) + self.nav[-1]) / invested if invested else None

    @property
    def imbalance(self) -> float:
        """ΣC + Σ growth + opening NAV − ΣD − final NAV: zero but for rounding."""
        return (
            math.fsum(self.contributions)
            + math.fsum(self.growth)
            + self.opening_nav
            - math.fsum(self.distributions)
            - self.nav[-1]
        )

    def explain(self) -> dict[str, object]:
        """How it was made: the rates of each period and the recursion."""
        return {
            "source": "Takahashi and Alexander 2001, Illiquid Alternative Asset Fund Modeling",
            "recursion": "C = RC × uncalled; D = RD × NAV × (1 + G); NAV = NAV × (1 + G) + C − D",
            "contribution_rates": list(self.contribution_rates),
            "distribution_rates": list(self.distribution_rates),
            "periods_per_year": self.periods_per_year,
        }


@dataclass(frozen=True, slots=True)
class PacingPaths:
    """Pacing under random growth. Arrays are paths × periods (read-only); contributions are the same on every path."""

    contributions: tuple[float, ...]
    distributions: Floats
    nav: Floats
    seed: int

    def percentiles(
        self, what: Literal["distributions", "nav"], levels: Sequence[float] = (5, 50, 95)
    ) -> dict[float, tuple[float, ...]]:
        """Percentiles by period over the paths."""
        table = np.percentile(self.nav if what == "nav" else self.distributions, list(levels), axis=0)
        return {level: tuple(row.tolist()) for level, row in zip(levels, table, strict=True)}


@guarded
def takahashi_alexander(
    commitment: float,
    *,
    contribution_rates: Sequence[float],
    life: int,
    bow: float,
    growth: float | Sequence[float],
    yield_rate: float = 0.0,
    last_contribution_year: int | None = None,
    periods_per_year: int = 1,
    distribution: Distribution = "converted",
    age: int = 0,
    paid_in: float = 0.0,
    nav: float = 0.0,
) -> Pacing:
    """Project a fund of ``life`` years. All rates are ANNUAL fractions.

    ``C_t = RC_t × (commitment − paid in)``; ``RD_t = max(Y, (t / L)^B)``, 1 at the end of life;
    ``D_t = RD_t × NAV_{t−1} (1 + G)``; ``NAV_t = NAV_{t−1} (1 + G) + C_t − D_t``: calls come at the period's end, so
    they neither grow nor distribute in it. ``contribution_rates`` are by year, the last one lasting; none are called
    after ``last_contribution_year``. ``growth`` is one rate or one for each year.

    With n = ``periods_per_year`` (4 for quarters): ``1 − (1 − RC)^(1/n)`` and ``(1 + G)^(1/n) − 1``, so calls by year
    ends are those of the annual model. RD is converted likewise at the period's own time t (``converted``), or
    ``(t / L)^B`` is taken in every period (``per_period``: faster payout, as some spreadsheets do).

    A running fund starts at ``age`` periods with ``paid_in`` and ``nav``.
    Source: Takahashi and Alexander 2001.
    """
    rates = _rates(
        contribution_rates, life, bow, growth, yield_rate, last_contribution_year, periods_per_year, distribution, age
    )
    _check_start(commitment, paid_in, nav)
    calls, paid, values, grown, uncalled = _recursion(commitment - paid_in, nav, *rates)
    math.fsum((*calls, *paid, *values, *grown))  # the totals must be numbers too
    return Pacing(
        tuple(calls), tuple(paid), tuple(values), tuple(grown), tuple(rates[0].tolist()), tuple(rates[1].tolist()),
        uncalled, float(nav), periods_per_year,
    )  # fmt: skip


@guarded
def takahashi_alexander_paths(
    commitment: float,
    *,
    contribution_rates: Sequence[float],
    life: int,
    bow: float,
    growth: float | Sequence[float],
    volatility: float,
    paths: int,
    seed: int,
    yield_rate: float = 0.0,
    last_contribution_year: int | None = None,
    periods_per_year: int = 1,
    distribution: Distribution = "converted",
) -> PacingPaths:
    """The same with lognormal growth: mean ``1 + G`` a year, ``volatility`` a year of its logarithm.

    Zero volatility gives the plain projection on every path; the same seed the same bits.
    """
    if not (volatility >= 0 and math.isfinite(volatility)):
        raise KernelError(f"volatility must not be negative, got {volatility}")
    if paths < 1:
        raise KernelError(f"paths must be at least 1, got {paths}")
    if seed < 0:
        raise KernelError(f"a seed must not be negative, got {seed}")
    rc, rd, g = _rates(
        contribution_rates, life, bow, growth, yield_rate, last_contribution_year, periods_per_year, distribution, 0
    )
    _check_start(commitment, 0.0, 0.0)
    sigma = volatility / math.sqrt(periods_per_year)
    noise = np.random.Generator(np.random.SFC64(seed)).standard_normal((paths, g.size))
    factors = (1 + g) * np.exp(sigma * noise - sigma**2 / 2)
    paid, values = np.empty((paths, g.size)), np.empty((paths, g.size))
    calls, uncalled, now = [], float(commitment), np.zeros(paths)
    for t in range(g.size):
        before = now * factors[:, t]
        call = float(rc[t]) * uncalled
        uncalled -= call
        paid[:, t] = rd[t] * before
        now = before - paid[:, t] + call
        values[:, t] = now
        calls.append(call)
    for table in (paid, values):
        table.setflags(write=False)
    return PacingPaths(tuple(calls), paid, values, seed)


def _recursion(
    uncalled: float, nav: float, rc: Floats, rd: Floats, g: Floats
) -> tuple[list[float], list[float], list[float], list[float], float]:
    calls, paid, values, grown = [], [], [], []
    for rate, out, rise in zip(rc.tolist(), rd.tolist(), g.tolist(), strict=True):
        gain = nav * rise
        call, payment = rate * uncalled, out * (nav + gain)
        nav = (nav + gain) * (1 - out) + call
        uncalled -= call
        calls.append(call)
        paid.append(payment)
        values.append(nav)
        grown.append(gain)
    return calls, paid, values, grown, uncalled


def _rates(
    contribution_rates: Sequence[float],
    life: int,
    bow: float,
    growth: float | Sequence[float],
    yield_rate: float,
    last_contribution_year: int | None,
    n: int,
    distribution: str,
    age: int,
) -> tuple[Floats, Floats, Floats]:
    """Contribution, distribution and growth rates of each period left."""
    if life < 1 or n < 1:
        raise KernelError(f"life and periods_per_year must be at least 1, got {life} and {n}")
    if not 0 <= age < life * n:
        raise KernelError(f"age must lie in 0 … {life * n - 1} periods, got {age}")
    if not (bow >= 0 and math.isfinite(bow)):
        raise KernelError(f"bow must not be negative, got {bow}")
    if distribution not in ("converted", "per_period"):
        raise KernelError(f"distribution is 'converted' or 'per_period', got {distribution!r}")
    called = _fractions(list(contribution_rates), "contribution rates")
    floor = float(_fractions([yield_rate], "yield_rate")[0])
    rises = _growths(growth, life)
    last = life if last_contribution_year is None else last_contribution_year
    step = np.arange(age + 1, life * n + 1)
    year = (step - 1) // n
    annual = np.where(year < last, called[np.minimum(year, called.size - 1)], 0.0)
    pace = np.maximum(floor, (step / (life * n)) ** bow)
    pace[-1] = 1.0
    if distribution == "per_period":
        pace = np.maximum(_per_period(np.full(step.size, floor), n), (step / (life * n)) ** bow)
        pace[-1] = 1.0
    else:
        pace = _per_period(pace, n)
    return _per_period(annual, n), pace, np.expm1(np.log1p(rises[year]) / n) if n > 1 else rises[year]


def _per_period(annual: Floats, n: int) -> Floats:
    """``1 − (1 − rate)^(1/n)``; the rate itself when n is 1."""
    return annual if n == 1 else 1 - (1 - annual) ** (1 / n)


def _growths(growth: float | Sequence[float], life: int) -> Floats:
    rises = np.atleast_1d(np.asarray(growth, dtype=np.float64))
    if rises.size == 1:
        rises = np.full(life, rises[0])
    if rises.size != life:
        raise KernelError(f"growth is one rate or one for each of the {life} years, got {rises.size}")
    if not (np.isfinite(rises).all() and (rises > -1).all()):
        raise KernelError("growth rates must be above −1")
    return rises


def _fractions(rates: list[float], what: str) -> Floats:
    numbers = np.asarray(rates, dtype=np.float64)
    if numbers.size == 0 or not ((numbers >= 0) & (numbers <= 1)).all():
        raise KernelError(f"{what} must lie between 0 and 1")
    return numbers


def _check_start(commitment: float, paid_in: float, nav: float) -> None:
    if not all(math.isfinite(amount) and amount >= 0 for amount in (commitment, paid_in, nav)):
        raise KernelError("commitment, paid_in and nav must be finite and not negative")
    if paid_in > commitment:
        raise KernelError(f"paid in {paid_in} exceeds the commitment {commitment}")
