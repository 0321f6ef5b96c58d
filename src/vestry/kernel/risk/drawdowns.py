"""Falls from a running peak: how deep, how long, and the ratios built on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.dispersion import annual_return
from vestry.kernel.risk.figure import Figure, Floats, Series, checked_periods, figure, quotient, series, too_few


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall: ``depth`` ≤ 0 as a fraction of the peak, and the positions in the value series.

    ``recovered`` is the first position at or above the peak again, None while still below. Dates are those of the
    positions where dates were given. ``recovery_days`` run from trough to recovery, ``days`` from peak to recovery.
    """

    depth: float
    peak: int
    trough: int
    recovered: int | None
    peak_on: date | None = None
    trough_on: date | None = None
    recovered_on: date | None = None

    @property
    def days(self) -> int | None:
        """Calendar days under water; None without dates or recovery."""
        return _days(self.peak_on, self.recovered_on)

    @property
    def recovery_days(self) -> int | None:
        """Calendar days from trough to recovery; None without dates or recovery."""
        return _days(self.trough_on, self.recovered_on)


@guarded
def drawdown_series(returns: Series) -> list[float]:
    """``wealth / running peak − 1`` after each return; the peak includes the starting 1."""
    return [float(depth) for depth in _depths(_wealth(series(returns)))[1:]]


@guarded
def max_drawdown(returns: Series) -> Figure:
    """The deepest fall of compounded wealth from its running peak (starting 1 included), ≤ 0."""
    numbers = series(returns)
    convention = "min over t of wealth / running peak − 1, wealth from 1"
    if not numbers.size:
        return too_few(1, convention, 0)
    return figure(float(_depths(_wealth(numbers)).min()), convention, numbers.size)


@guarded
def max_drawdown_of_values(values: Series) -> Figure:
    """The same on a series of values (NAV a share, an index, 1 + accumulated return); below −1 if they go negative."""
    numbers = _valued(values)
    convention = "min over t of value / running peak − 1"
    if not numbers.size:
        return too_few(1, convention, 0)
    return figure(float(_depths(numbers).min()), convention, numbers.size)


@guarded
def drawdowns(values: Series, dates: Sequence[DateLike] | None = None) -> list[Drawdown]:
    """Every fall from a peak until the peak is reached again, in time order; the last may be unrecovered.

    ``values`` are levels, not returns; ``dates`` as many as values, ascending.
    """
    numbers = _valued(values)
    days = None if dates is None else [to_date(day) for day in dates]
    if days is not None and len(days) != numbers.size:
        raise KernelError(f"{numbers.size} values need as many dates, got {len(days)}")
    falls: list[Drawdown] = []
    peak, trough = 0, None
    for at in range(numbers.size):
        if numbers[at] >= numbers[peak]:
            if trough is not None:
                falls.append(_fall(numbers, days, peak, trough, at))
            peak, trough = at, None
        elif trough is None or numbers[at] < numbers[trough]:
            trough = at
    if trough is not None:
        falls.append(_fall(numbers, days, peak, trough, None))
    return falls


@guarded
def worst_drawdown(values: Series, dates: Sequence[DateLike] | None = None) -> Drawdown | None:
    """The deepest of :func:`drawdowns`; None when values never fall."""
    return min(drawdowns(values, dates), key=lambda fall: fall.depth, default=None)


@guarded
def longest_recovery(values: Series, dates: Sequence[DateLike]) -> Drawdown | None:
    """The fall whose way from trough back to the peak took the most days; None when none has recovered."""
    recovered = [fall for fall in drawdowns(values, dates) if fall.recovered is not None]
    return max(recovered, key=lambda fall: fall.recovery_days or 0, default=None)


@guarded
def calmar(returns: Series, *, periods_per_year: float) -> Figure:
    """Annual compound return ÷ |maximum drawdown|; undefined without a drawdown."""
    return _over_depth(returns, periods_per_year, 0.0, "annual return / |max drawdown|", lambda d: float(-d.min()))


@guarded
def pain_index(returns: Series) -> Figure:
    """Mean depth of the drawdown over all periods, positive."""
    return _mean_depth(returns, "Σ|drawdown| / n", lambda depths: float(np.mean(-depths)))


@guarded
def ulcer_index(returns: Series) -> Figure:
    """Root mean square of the drawdown over all periods."""
    return _mean_depth(returns, "√(Σ drawdown² / n)", lambda depths: float(np.sqrt(np.mean(depths**2))))


@guarded
def pain_ratio(returns: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """(Annual return − ``risk_free`` a year) ÷ pain index."""
    return _over_depth(
        returns, periods_per_year, risk_free, "(annual return − rf) / pain index", lambda d: float(np.mean(-d))
    )


@guarded
def martin_ratio(returns: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """(Annual return − ``risk_free`` a year) ÷ ulcer index."""
    return _over_depth(
        returns, periods_per_year, risk_free, "(annual return − rf) / ulcer index",
        lambda d: float(np.sqrt(np.mean(d**2))),
    )  # fmt: skip


@guarded
def burke(
    returns: Series,
    *,
    periods_per_year: float,
    risk_free: float = 0.0,
    modified: bool = False,
    depth: Literal["sum", "compound"] = "sum",
) -> Figure:
    """(Annual return − ``risk_free`` a year) ÷ √(Σ depth²) over the uninterrupted runs of losses; modified: × √n.

    A run's depth is the sum of its returns (Bacon) or their compound. Not the falls of :func:`drawdowns`, which last
    until the peak is regained.
    """
    if depth not in ("sum", "compound"):
        raise KernelError(f"depth is 'sum' or 'compound', got {depth!r}")
    numbers = series(returns)
    convention = f"(annual return − rf) / √(Σ {depth} of each run of losses²)" + (" × √n" if modified else "")
    annual = annual_return(returns, periods_per_year=periods_per_year)
    if annual.value is None:
        return annual
    losing = numbers < 0
    starts = np.flatnonzero(losing & ~np.concatenate(([False], losing[:-1])))
    ends = np.flatnonzero(losing & ~np.concatenate((losing[1:], [False]))) + 1
    runs = [numbers[start:end] for start, end in zip(starts, ends, strict=True)]
    depths = [float(run.sum()) if depth == "sum" else float(np.prod(1 + run)) - 1 for run in runs]
    top = (annual.value - risk_free) * (numbers.size**0.5 if modified else 1.0)
    return quotient(top, float(np.sqrt(np.sum(np.square(depths)))), "there was no loss", convention, numbers.size)


def _over_depth(
    returns: Series, periods: float, risk_free: float, convention: str, depth: Callable[[Floats], float]
) -> Figure:
    numbers = series(returns)
    annual = annual_return(returns, periods_per_year=checked_periods(periods))
    if annual.value is None:
        return annual
    depths = _depths(_wealth(numbers))[1:]
    return quotient(annual.value - risk_free, depth(depths), "there was no drawdown", convention, numbers.size)


def _mean_depth(returns: Series, convention: str, depth: Callable[[Floats], float]) -> Figure:
    numbers = series(returns)
    if not numbers.size:
        return too_few(1, convention, 0)
    return figure(depth(_depths(_wealth(numbers))[1:]) + 0.0, convention, numbers.size)


def _wealth(numbers: Floats) -> Floats:
    return np.concatenate(([1.0], np.cumprod(1 + numbers)))


def _valued(values: Series) -> Floats:
    numbers = series(values, "values")
    if numbers.size and numbers[0] <= 0:
        raise KernelError(f"the first value must be positive, got {numbers[0]:g}")
    return numbers


def _depths(wealth: Floats) -> Floats:
    peaks = np.maximum.accumulate(wealth)
    return wealth / peaks - 1


def _fall(numbers: Floats, days: list[date] | None, peak: int, trough: int, recovered: int | None) -> Drawdown:
    depth = float(numbers[trough] / numbers[peak] - 1)
    if days is None:
        return Drawdown(depth, peak, trough, recovered)
    return Drawdown(
        depth, peak, trough, recovered, days[peak], days[trough], None if recovered is None else days[recovered]
    )


def _days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days
