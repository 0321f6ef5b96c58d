"""Against a benchmark: beta, alpha, tracking error, information ratio, capture."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.dispersion import annual_return
from vestry.kernel.risk.figure import (
    Figure,
    Floats,
    Series,
    aligned,
    basis,
    checked_periods,
    deviation,
    figure,
    quotient,
    too_few,
    undefined,
)

FLAT = "the benchmark does not vary"


@guarded
def beta(returns: Series, benchmark: Series, *, risk_free: float = 0.0) -> Figure:
    """Covariance with the benchmark ÷ its variance (the regression's slope), on excess returns."""
    own, other = aligned(returns, benchmark)
    convention = "cov(r − rf, b − rf) / var(b − rf)"
    if own.size < 2:
        return too_few(2, convention, own.size)
    if not deviation(other):
        return undefined(FLAT, convention, own.size)
    return figure(_slope(own - risk_free, other - risk_free), convention, own.size)


@guarded
def alpha(returns: Series, benchmark: Series, *, risk_free: float = 0.0) -> Figure:
    """The regression's intercept a period: mean excess − β × mean benchmark excess; ``risk_free`` a period."""
    slope = beta(returns, benchmark, risk_free=risk_free)
    if slope.value is None:
        return slope
    own, other = aligned(returns, benchmark)
    value = float(own.mean()) - risk_free - slope.value * (float(other.mean()) - risk_free)
    return figure(value, "mean(r − rf) − β × mean(b − rf), a period", own.size)


@guarded
def jensen_alpha(returns: Series, benchmark: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """Annual compound return − rf − β(benchmark's − rf); ``risk_free`` a year. Source: Bacon 2008, p. 72."""
    slope = beta(returns, benchmark)
    pair = _annual_pair(returns, benchmark, periods_per_year)
    if slope.value is None or isinstance(pair, Figure):
        return pair if isinstance(pair, Figure) else slope
    own, other = pair
    value = own - risk_free - slope.value * (other - risk_free)
    return figure(value, "annual return − rf − β × (annual benchmark − rf)", slope.observations)


@guarded
def treynor(returns: Series, benchmark: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """(Annual compound return − rf) ÷ β; ``risk_free`` a year."""
    slope = beta(returns, benchmark)
    pair = _annual_pair(returns, benchmark, periods_per_year)
    if slope.value is None or isinstance(pair, Figure):
        return pair if isinstance(pair, Figure) else slope
    return quotient(pair[0] - risk_free, slope.value, "beta is zero", "(annual return − rf) / β", slope.observations)


@guarded
def correlation(returns: Series, benchmark: Series) -> Figure:
    """Pearson's correlation; undefined when either does not vary."""
    own, other = aligned(returns, benchmark)
    convention = "cov / (σ σ)"
    if own.size < 2:
        return too_few(2, convention, own.size)
    if not deviation(own) or not deviation(other):
        return undefined("one of the two series does not vary", convention, own.size)
    value = float(np.corrcoef(own, other)[0, 1])
    return figure(min(1.0, max(-1.0, value)), convention, own.size)


@guarded
def tracking_error(
    returns: Series, benchmark: Series, *, periods_per_year: float = 1, population: bool = False
) -> Figure:
    """Standard deviation of the active return × √P."""
    own, other = aligned(returns, benchmark)
    convention = f"{basis(population)} σ of r − b × √{checked_periods(periods_per_year):g}"
    if own.size < 2:
        return too_few(2, convention, own.size)
    return figure(deviation(own - other, population=population) * periods_per_year**0.5, convention, own.size)


@guarded
def information_ratio(
    returns: Series,
    benchmark: Series,
    *,
    periods_per_year: float = 1,
    method: Literal["arithmetic", "geometric"] = "arithmetic",
    population: bool = False,
) -> Figure:
    """Active return ÷ tracking error, both a year.

    arithmetic: mean active return × P; geometric: the difference of the annual compound returns.
    """
    if method not in ("arithmetic", "geometric"):
        raise KernelError(f"unknown method {method!r}; one of arithmetic, geometric")
    error = tracking_error(returns, benchmark, periods_per_year=periods_per_year, population=population)
    convention = f"{method} active return / tracking error ({error.convention})"
    if error.value is None:
        return error
    own, other = aligned(returns, benchmark)
    active = float((own - other).mean()) * periods_per_year
    if method == "geometric":
        pair = _annual_pair(own, other, periods_per_year)
        if isinstance(pair, Figure):
            return pair
        active = pair[0] - pair[1]
    return quotient(active, error.value, "the active return does not vary", convention, own.size)


@guarded
def systematic_risk(
    returns: Series, benchmark: Series, *, periods_per_year: float = 1, population: bool = True
) -> Figure:
    """``|β|`` × the benchmark's volatility; population σ as in Bacon."""
    slope = beta(returns, benchmark)
    if slope.value is None:
        return slope
    _, other = aligned(returns, benchmark)
    sigma = deviation(other, population=population) * checked_periods(periods_per_year) ** 0.5
    return figure(abs(slope.value) * sigma, f"|β| × {basis(population)} σ of the benchmark × √P", slope.observations)


@guarded
def specific_risk(
    returns: Series, benchmark: Series, *, periods_per_year: float = 1, population: bool = True
) -> Figure:
    """Standard deviation of what the regression leaves, ``r − α − β b``; population σ as in Bacon."""
    slope = beta(returns, benchmark)
    if slope.value is None:
        return slope
    own, other = aligned(returns, benchmark)
    rest = deviation(own - slope.value * other, population=population) * checked_periods(periods_per_year) ** 0.5
    return figure(rest, f"{basis(population)} σ of r − α − β b, × √P", slope.observations)


@guarded
def appraisal_ratio(returns: Series, benchmark: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """Jensen's alpha ÷ specific risk, both a year."""
    top = jensen_alpha(returns, benchmark, periods_per_year=periods_per_year, risk_free=risk_free)
    bottom = specific_risk(returns, benchmark, periods_per_year=periods_per_year)
    if top.value is None or bottom.value is None:
        return top if top.value is None else bottom
    return quotient(
        top.value, bottom.value, "there is no specific risk", "Jensen's α / specific risk", top.observations
    )


@guarded
def m_squared(returns: Series, benchmark: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """The annual return at the benchmark's risk: (r − rf) × σ_b / σ_r + rf (Modigliani)."""
    own, other = aligned(returns, benchmark)
    convention = "(annual return − rf) × σ benchmark / σ returns + rf"
    if own.size < 2:
        return too_few(2, convention, own.size)
    earned = annual_return(own, periods_per_year=periods_per_year)
    if earned.value is None:
        return earned
    if not deviation(own):
        return undefined("returns do not vary", convention, own.size)
    return figure((earned.value - risk_free) * deviation(other) / deviation(own) + risk_free, convention, own.size)


@guarded
def fama_beta(returns: Series, benchmark: Series) -> Figure:
    """Own volatility ÷ the benchmark's: the beta at which all risk would be systematic."""
    own, other = aligned(returns, benchmark)
    convention = "σ returns / σ benchmark"
    if own.size < 2:
        return too_few(2, convention, own.size)
    return quotient(deviation(own), deviation(other), FLAT, convention, own.size)


@guarded
def net_selectivity(returns: Series, benchmark: Series, *, periods_per_year: float, risk_free: float = 0.0) -> Figure:
    """Jensen's alpha less the return due for incomplete diversification, (Fama's β − β) × (benchmark − rf) a year."""
    gross = jensen_alpha(returns, benchmark, periods_per_year=periods_per_year, risk_free=risk_free)
    slope, whole = beta(returns, benchmark), fama_beta(returns, benchmark)
    pair = _annual_pair(returns, benchmark, periods_per_year)
    if gross.value is None or slope.value is None or whole.value is None or isinstance(pair, Figure):
        return gross
    value = gross.value - (whole.value - slope.value) * (pair[1] - risk_free)
    return figure(value, "Jensen's α − (Fama's β − β) × (annual benchmark − rf)", gross.observations)


@guarded
def capture(
    returns: Series,
    benchmark: Series,
    side: Literal["up", "down"] = "up",
    *,
    method: Literal["cumulative", "geometric_mean", "arithmetic_mean"] = "cumulative",
) -> Figure:
    """Own return ÷ the benchmark's over the periods in which the benchmark rose (fell); 1 = keeps pace.

    cumulative: compounded over those periods; geometric_mean: a period of those (Morningstar); arithmetic_mean.
    """
    if side not in ("up", "down"):
        raise KernelError(f"side is up or down, got {side!r}")
    own, other = aligned(returns, benchmark)
    chosen = other > 0 if side == "up" else other < 0
    convention = f"{method} return over periods with the benchmark {side}, own / benchmark"
    if not chosen.any():
        return undefined(f"the benchmark never went {side}", convention, own.size)
    top, bottom = _together(own[chosen], method), _together(other[chosen], method)
    if top is None or bottom is None:
        return undefined("wealth falls below zero", convention, own.size)
    return quotient(top, bottom, FLAT, convention, own.size)


@guarded
def capture_ratio(returns: Series, benchmark: Series) -> Figure:
    """Up capture ÷ down capture."""
    up, down = capture(returns, benchmark, "up"), capture(returns, benchmark, "down")
    if up.value is None or down.value is None:
        return up if up.value is None else down
    return quotient(up.value, down.value, "down capture is zero", "up capture / down capture", up.observations)


def _slope(own: Floats, other: Floats) -> float:
    centred = other - other.mean()
    return float(np.dot(own - own.mean(), centred) / np.dot(centred, centred))


def _together(numbers: Floats, method: str) -> float | None:
    if method == "arithmetic_mean":
        return float(numbers.mean())
    wealth = float(np.prod(1 + numbers))
    if method == "cumulative":
        return wealth - 1
    if method != "geometric_mean":
        raise KernelError(f"unknown method {method!r}; one of cumulative, geometric_mean, arithmetic_mean")
    return None if wealth < 0 else wealth ** (1 / numbers.size) - 1


def _annual_pair(returns: Series, benchmark: Series, periods: float) -> tuple[float, float] | Figure:
    own, other = (annual_return(one, periods_per_year=periods) for one in aligned(returns, benchmark))
    if own.value is None or other.value is None:
        return own if own.value is None else other
    return own.value, other.value
