"""Reward for risk: Sharpe, Sortino, Omega and their kin."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.dispersion import (
    annual_return,
    downside_deviation,
    kurtosis,
    shortfalls,
    skewness,
    surpluses,
)
from vestry.kernel.risk.figure import (
    Figure,
    Series,
    aligned,
    basis,
    checked_periods,
    deviation,
    excess,
    figure,
    quotient,
    series,
    too_few,
)

STILL = "returns do not vary"


@guarded
def sharpe(
    returns: Series,
    *,
    risk_free: Series | float = 0.0,
    periods_per_year: float = 1,
    method: Literal["arithmetic", "geometric"] = "arithmetic",
    population: bool = False,
) -> Figure:
    """Excess return for each unit of volatility; ``risk_free`` is a rate PER PERIOD (a number or a series).

    arithmetic: mean excess × P ÷ (σ of the excess × √P). geometric: (annual compound return of returns − that of the
    risk-free rates) ÷ (σ of the excess × √P). Undefined below two observations and when σ is 0. Source: Sharpe 1994.
    """
    periods = checked_periods(periods_per_year)
    numbers = excess(returns, risk_free)
    convention = f"{method}, {basis(population)} σ of the excess, {periods:g} periods a year"
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    spread = deviation(numbers, population=population) * periods**0.5
    if method == "arithmetic":
        return quotient(float(numbers.mean()) * periods, spread, STILL, convention, numbers.size)
    if method != "geometric":
        raise KernelError(f"unknown method {method!r}; one of arithmetic, geometric")
    own, free = aligned(returns, risk_free, "risk-free rates")
    earned = annual_return(own, periods_per_year=periods)
    riskless = annual_return(free, periods_per_year=periods)
    if earned.value is None or riskless.value is None:
        return earned if earned.value is None else riskless
    return quotient(earned.value - riskless.value, spread, STILL, convention, numbers.size)


@guarded
def adjusted_sharpe(returns: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """Geometric Sharpe × (1 + S/6 × SR − (K − 3)/24 × SR²) with the moments' skewness S and kurtosis K (Pezier)."""
    ratio = sharpe(returns, risk_free=risk_free, periods_per_year=periods_per_year, method="geometric")
    skew, tails = skewness(returns), kurtosis(returns, method="excess")
    convention = "SR × (1 + S/6 × SR − (K − 3)/24 × SR²), " + ratio.convention
    if ratio.value is None or skew.value is None or tails.value is None:
        return ratio if ratio.value is None else skew
    sr = ratio.value
    return figure(sr * (1 + skew.value / 6 * sr - tails.value / 24 * sr**2), convention, ratio.observations)


@guarded
def sortino(returns: Series, *, mar: float = 0.0, periods_per_year: float = 1) -> Figure:
    """(Mean − MAR) × P ÷ (downside deviation over all n × √P); ``mar`` a period. Undefined without a shortfall."""
    periods = checked_periods(periods_per_year)
    numbers = series(returns)
    convention = f"(mean − {mar:g}) × P / (downside deviation over all n × √P), P = {periods:g}"
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    risk = float(downside_deviation(numbers, mar=mar, periods_per_year=periods))
    return quotient((float(numbers.mean()) - mar) * periods, risk, "no return is below MAR", convention, numbers.size)


@guarded
def omega(returns: Series, *, threshold: float = 0.0) -> Figure:
    """Gains above the threshold ÷ losses below it (Bernardo–Ledoit at 0). Undefined without a loss."""
    numbers = series(returns)
    losses = -float(shortfalls(numbers, threshold).sum())
    gains = float(surpluses(numbers, threshold).sum())
    convention = f"Σ max(r − {threshold:g}, 0) / Σ max({threshold:g} − r, 0)"
    return quotient(gains, losses, "no return is below the threshold", convention, numbers.size)


@guarded
def omega_sharpe(returns: Series, *, mar: float = 0.0) -> Figure:
    """(Mean − MAR) ÷ downside potential; Omega − 1."""
    numbers = series(returns)
    top = float((numbers - mar).sum())
    below = -float(shortfalls(numbers, mar).sum())
    return quotient(top, below, "no return is below MAR", f"(mean − {mar:g}) / downside potential", numbers.size)


@guarded
def kappa(returns: Series, *, mar: float = 0.0, order: float = 2) -> Figure:
    """(Mean − MAR) ÷ the ``order``-th root of the mean shortfall to that power; order 2 is Sortino a period."""
    if order <= 0:
        raise KernelError(f"order must be positive, got {order}")
    numbers = series(returns)
    convention = f"(mean − {mar:g}) / lower partial moment of order {order:g}"
    if not numbers.size:
        return too_few(1, convention, 0)
    moment = float(np.mean((-shortfalls(numbers, mar)) ** order) ** (1 / order))
    return quotient(float(numbers.mean()) - mar, moment, "no return is below MAR", convention, numbers.size)


@guarded
def upside_potential_ratio(returns: Series, *, mar: float = 0.0) -> Figure:
    """Upside potential ÷ downside deviation, both over all n (Sortino)."""
    numbers = series(returns)
    convention = "upside potential / downside deviation, both over all n"
    if not numbers.size:
        return too_few(1, convention, 0)
    risk = float(downside_deviation(numbers, mar=mar))
    return quotient(float(surpluses(numbers, mar).mean()), risk, "no return is below MAR", convention, numbers.size)


@guarded
def volatility_skewness(
    returns: Series, *, mar: float = 0.0, stat: Literal["volatility", "variability"] = "volatility"
) -> Figure:
    """Upside variance ÷ downside variance (volatility), or their square roots' ratio (variability)."""
    if stat not in ("volatility", "variability"):
        raise KernelError(f"unknown stat {stat!r}; one of volatility, variability")
    numbers = series(returns)
    up, down = float(np.sum(surpluses(numbers, mar) ** 2)), float(np.sum(shortfalls(numbers, mar) ** 2))
    power = 1.0 if stat == "volatility" else 0.5
    convention = f"(upside variance / downside variance)^{power:g} about {mar:g}"
    return quotient(up**power, down**power, "no return is below MAR", convention, numbers.size)


@guarded
def d_ratio(returns: Series) -> Figure:
    """(Number of losses × their sum) ÷ (number of gains × their sum), positive; smaller is better (Bacon)."""
    numbers = series(returns)
    losses, gains = numbers[numbers < 0], numbers[numbers > 0]
    convention = "(count × sum of losses) / (count × sum of gains)"
    top = -float(losses.sum()) * losses.size
    return quotient(top, float(gains.sum()) * gains.size, "there was no gain", convention, numbers.size)
