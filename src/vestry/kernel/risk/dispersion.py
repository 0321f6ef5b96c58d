"""How far returns stray: volatility, downside and upside risk, the shape of the distribution."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.figure import (
    Figure,
    Floats,
    Series,
    basis,
    checked_periods,
    deviation,
    figure,
    rows,
    series,
    too_few,
    undefined,
)


@guarded
def cumulative_return(returns: Series) -> Figure:
    """``Π(1 + r) − 1``; zero for no returns."""
    numbers = series(returns)
    return figure(float(np.prod(1 + numbers)) - 1, "Π(1 + r) − 1", numbers.size)


@guarded
def annual_return(returns: Series, *, periods_per_year: float, count_missing: bool = False) -> Figure:
    """Compound growth a year, ``Π(1 + r)^(P / n) − 1``.

    ``count_missing`` counts missing rows in n (empyrical does: a leading gap then lengthens the time). Undefined
    without returns and when wealth falls to zero or below (−1 exactly at zero).
    """
    periods = checked_periods(periods_per_year)
    given, numbers = rows(returns), series(returns)
    convention = "Π(1 + r)^(P / n) − 1"
    if not numbers.size:
        return too_few(1, convention, 0)
    wealth = float(np.prod(1 + numbers))
    if wealth < 0:
        return undefined("wealth falls below zero", convention, numbers.size)
    with np.errstate(over="ignore"):
        rate = float(np.power(wealth, periods / (given.size if count_missing else numbers.size))) - 1
    return figure(rate, convention, numbers.size)


@guarded
def volatility(
    returns: Series, *, periods_per_year: float = 1, population: bool = False, log_returns: bool = False
) -> Figure:
    """Standard deviation × √(periods a year); 1 period a year leaves it per period.

    Divides by n − 1 (sample) unless ``population`` (Bacon); of ``ln(1 + r)`` with ``log_returns`` (returns above −1).
    Undefined below two observations.
    """
    numbers = _logs(series(returns), log_returns)
    convention = f"{basis(population)} standard deviation × √{checked_periods(periods_per_year):g}"
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    return figure(deviation(numbers, population=population) * periods_per_year**0.5, convention, numbers.size)


@guarded
def semi_deviation(
    returns: Series, *, periods_per_year: float = 1, population: bool = False, log_returns: bool = False
) -> Figure:
    """``√(Σ min(r − mean, 0)² / (n − 1))`` × √P: the part of the volatility that lies below the mean."""
    numbers = _logs(series(returns), log_returns)
    convention = f"{basis(population)} deviation below the mean × √{checked_periods(periods_per_year):g}"
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    if not deviation(numbers):
        return figure(0.0, convention, numbers.size)
    squares = float(np.sum(shortfalls(numbers, float(numbers.mean())) ** 2))
    value = (squares / (numbers.size - (not population)) * periods_per_year) ** 0.5
    return figure(value, convention, numbers.size)


@guarded
def downside_deviation(
    returns: Series, *, mar: float = 0.0, periods_per_year: float = 1, only_below: bool = False
) -> Figure:
    """``√(mean(min(r − MAR, 0)²))`` × √P over ALL n (Bacon, Sortino), or over those below with ``only_below``.

    ``mar``: minimum acceptable return a period.
    """
    numbers = series(returns)
    over = "those below MAR" if only_below else "all n"
    convention = f"√(Σ min(r − {mar:g}, 0)² / {over}) × √{checked_periods(periods_per_year):g}"
    below = shortfalls(numbers, mar)
    count = int(np.count_nonzero(below)) if only_below else numbers.size
    if not numbers.size:
        return too_few(1, convention, 0)
    if not count:
        return figure(0.0, convention, numbers.size)
    return figure(float(np.sqrt(np.sum(below**2) / count)) * periods_per_year**0.5, convention, numbers.size)


@guarded
def downside_potential(returns: Series, *, mar: float = 0.0) -> Figure:
    """Mean shortfall below MAR over all n, as a positive number."""
    return _mean(-shortfalls(series(returns), mar), f"Σ max({mar:g} − r, 0) / n")


@guarded
def upside_potential(returns: Series, *, mar: float = 0.0) -> Figure:
    """Mean surplus above MAR over all n."""
    return _mean(surpluses(series(returns), mar), f"Σ max(r − {mar:g}, 0) / n")


@guarded
def upside_risk(returns: Series, *, mar: float = 0.0, periods_per_year: float = 1) -> Figure:
    """``√(mean(max(r − MAR, 0)²))`` × √P over all n."""
    numbers = series(returns)
    convention = f"√(Σ max(r − {mar:g}, 0)² / n) × √{checked_periods(periods_per_year):g}"
    if not numbers.size:
        return too_few(1, convention, 0)
    value = float(np.sqrt(np.mean(surpluses(numbers, mar) ** 2))) * periods_per_year**0.5
    return figure(value, convention, numbers.size)


@guarded
def downside_frequency(returns: Series, *, mar: float = 0.0) -> Figure:
    """The share of returns below MAR."""
    return _mean((series(returns) < mar).astype(np.float64), f"share of returns below {mar:g}")


@guarded
def mean_absolute_deviation(returns: Series) -> Figure:
    """``Σ|r − mean| / n``."""
    numbers = series(returns)
    return _mean(np.abs(numbers - numbers.mean()) if numbers.size else numbers, "Σ|r − mean| / n")


@guarded
def skewness(returns: Series, *, method: Literal["moment", "sample"] = "moment") -> Figure:
    """Third standardised moment; ``sample`` applies the Fisher–Pearson factor √(n(n − 1)) / (n − 2)."""
    numbers = series(returns)
    n = numbers.size
    convention = f"{_one_of(method, ('moment', 'sample'))} skewness"
    need = 3 if method == "sample" else 2
    if n < need:
        return too_few(need, convention, n)
    if not deviation(numbers):
        return undefined("returns do not vary", convention, n)
    moment = _standard_moment(numbers, 3)
    return figure(moment * ((n * (n - 1)) ** 0.5 / (n - 2) if method == "sample" else 1), convention, n)


@guarded
def kurtosis(returns: Series, *, method: Literal["moment", "excess", "sample", "sample_excess"] = "excess") -> Figure:
    """Fourth standardised moment.

    ``moment`` m₄ / m₂² (3 for a normal), ``excess`` that − 3, ``sample`` the unbiased-variance estimate of Bacon,
    ``sample_excess`` that − 3(n − 1)² / ((n − 2)(n − 3)).
    """
    numbers = series(returns)
    n = numbers.size
    convention = f"{_one_of(method, ('moment', 'excess', 'sample', 'sample_excess'))} kurtosis"
    need = 4 if method.startswith("sample") else 2
    if n < need:
        return too_few(need, convention, n)
    if not deviation(numbers):
        return undefined("returns do not vary", convention, n)
    moment = _standard_moment(numbers, 4)
    if method in ("moment", "excess"):
        return figure(moment - (3 if method == "excess" else 0), convention, n)
    sample = moment * (n - 1) * (n + 1) / ((n - 2) * (n - 3))
    normal = 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    return figure(sample - (normal if method == "sample_excess" else 0), convention, n)


def shortfalls(numbers: Floats, mar: float) -> Floats:
    """``min(r − MAR, 0)`` for each return."""
    return np.minimum(numbers - mar, 0.0)


def surpluses(numbers: Floats, mar: float) -> Floats:
    """``max(r − MAR, 0)`` for each return."""
    return np.maximum(numbers - mar, 0.0)


@guarded
def skewness_kurtosis_ratio(returns: Series) -> Figure:
    """Skewness ÷ kurtosis, both the plain moments' (Bacon)."""
    skew, tails = skewness(returns), kurtosis(returns, method="moment")
    if skew.value is None or tails.value is None:
        return skew
    return figure(skew.value / tails.value, "moment skewness / moment kurtosis", skew.observations)


def _logs(numbers: Floats, wanted: bool) -> Floats:
    if wanted and (numbers <= -1).any():
        raise KernelError("log returns need returns above −1")
    return np.log1p(numbers) if wanted else numbers


def _standard_moment(numbers: Floats, order: int) -> float:
    scaled = (numbers - numbers.mean()) / numbers.std()
    return float(np.mean(scaled**order))


def _mean(numbers: Floats, convention: str) -> Figure:
    if not numbers.size:
        return too_few(1, convention, 0)
    return figure(float(numbers.mean()) + 0.0, convention, numbers.size)


def _one_of(method: str, known: tuple[str, ...]) -> str:
    if method not in known:
        raise KernelError(f"unknown method {method!r}; one of {', '.join(known)}")
    return method
