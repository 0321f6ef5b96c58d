"""Risk statistics of a series of returns, of a series of values, and of a set of exposures.

Returns are fractions a period (0.01 is 1 %), rates a period unless the docstring says a year, losses negative.
Missing observations (None, NaN) are left out. Every function gives a :class:`Figure`: ``value``, or None and
``reason``; ``convention`` states the divisor and scaling.

Arguments that mean the same throughout:

periods_per_year (P): periods in a year, 12 for months, above 0; a figure scaled to a year says so in its
``convention``. risk_free: the riskless return, a fraction a period unless the docstring says a year. benchmark: its
returns, of the same length and order. mar: the minimum acceptable return a period. population: divide by n instead of
n − 1. method: how the variant is computed, named in the docstring or the error. side, tail, stat: which of the
variants named in the error. horizon: periods ahead, above 0. dates: one per value, rising. log_returns: returns are
ln(1 + r). rho: the autocorrelation, −1 … 1.
"""

from vestry.kernel.risk.concentration import concentration_level, effective_number, hhi, largest_share
from vestry.kernel.risk.dispersion import (
    annual_return,
    cumulative_return,
    downside_deviation,
    downside_frequency,
    downside_potential,
    kurtosis,
    mean_absolute_deviation,
    semi_deviation,
    skewness,
    skewness_kurtosis_ratio,
    upside_potential,
    upside_risk,
    volatility,
)
from vestry.kernel.risk.drawdowns import (
    Drawdown,
    burke,
    calmar,
    drawdown_series,
    drawdowns,
    longest_recovery,
    martin_ratio,
    max_drawdown,
    max_drawdown_of_values,
    pain_index,
    pain_ratio,
    ulcer_index,
    worst_drawdown,
)
from vestry.kernel.risk.figure import Figure
from vestry.kernel.risk.ratios import (
    adjusted_sharpe,
    d_ratio,
    kappa,
    omega,
    omega_sharpe,
    sharpe,
    sortino,
    upside_potential_ratio,
    volatility_skewness,
)
from vestry.kernel.risk.relative import (
    alpha,
    appraisal_ratio,
    beta,
    capture,
    capture_ratio,
    correlation,
    fama_beta,
    information_ratio,
    jensen_alpha,
    m_squared,
    net_selectivity,
    specific_risk,
    systematic_risk,
    tracking_error,
    treynor,
)
from vestry.kernel.risk.smoothing import Desmoothed, autocorrelation, geltner, getmansky
from vestry.kernel.risk.summary import summary
from vestry.kernel.risk.tails import conditional_value_at_risk, value_at_risk

__all__ = [
    "Desmoothed",
    "Drawdown",
    "Figure",
    "adjusted_sharpe",
    "alpha",
    "annual_return",
    "appraisal_ratio",
    "autocorrelation",
    "beta",
    "burke",
    "calmar",
    "capture",
    "capture_ratio",
    "concentration_level",
    "conditional_value_at_risk",
    "correlation",
    "cumulative_return",
    "d_ratio",
    "downside_deviation",
    "downside_frequency",
    "downside_potential",
    "drawdown_series",
    "drawdowns",
    "effective_number",
    "fama_beta",
    "geltner",
    "getmansky",
    "hhi",
    "information_ratio",
    "jensen_alpha",
    "kappa",
    "kurtosis",
    "largest_share",
    "longest_recovery",
    "m_squared",
    "martin_ratio",
    "max_drawdown",
    "max_drawdown_of_values",
    "mean_absolute_deviation",
    "net_selectivity",
    "omega",
    "omega_sharpe",
    "pain_index",
    "pain_ratio",
    "semi_deviation",
    "sharpe",
    "skewness",
    "skewness_kurtosis_ratio",
    "sortino",
    "specific_risk",
    "summary",
    "systematic_risk",
    "tracking_error",
    "treynor",
    "ulcer_index",
    "upside_potential",
    "upside_potential_ratio",
    "upside_risk",
    "value_at_risk",
    "volatility",
    "volatility_skewness",
    "worst_drawdown",
]
