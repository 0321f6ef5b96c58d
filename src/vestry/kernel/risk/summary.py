"""The usual figures of one series at once."""

from __future__ import annotations

from vestry.kernel.guard import guarded
from vestry.kernel.risk.dispersion import annual_return, cumulative_return, downside_deviation, volatility
from vestry.kernel.risk.drawdowns import calmar, max_drawdown
from vestry.kernel.risk.figure import Figure, Series
from vestry.kernel.risk.ratios import sharpe, sortino
from vestry.kernel.risk.relative import beta, capture, correlation, information_ratio, tracking_error
from vestry.kernel.risk.tails import conditional_value_at_risk, value_at_risk


@guarded
def summary(
    returns: Series,
    benchmark: Series | None = None,
    *,
    periods_per_year: float,
    risk_free: float = 0.0,
    tail: float = 0.05,
) -> dict[str, Figure]:
    """Figures by name, a year where they scale; ``risk_free`` a period is also Sortino's minimum return."""
    year = periods_per_year
    figures = {
        "cumulative_return": cumulative_return(returns),
        "annual_return": annual_return(returns, periods_per_year=year),
        "volatility": volatility(returns, periods_per_year=year),
        "downside_deviation": downside_deviation(returns, mar=risk_free, periods_per_year=year),
        "sharpe": sharpe(returns, risk_free=risk_free, periods_per_year=year),
        "sortino": sortino(returns, mar=risk_free, periods_per_year=year),
        "max_drawdown": max_drawdown(returns),
        "calmar": calmar(returns, periods_per_year=year),
        "value_at_risk": value_at_risk(returns, tail),
        "conditional_value_at_risk": conditional_value_at_risk(returns, tail),
    }
    if benchmark is not None:
        figures |= {
            "beta": beta(returns, benchmark, risk_free=risk_free),
            "correlation": correlation(returns, benchmark),
            "tracking_error": tracking_error(returns, benchmark, periods_per_year=year),
            "information_ratio": information_ratio(returns, benchmark, periods_per_year=year),
            "up_capture": capture(returns, benchmark, "up"),
            "down_capture": capture(returns, benchmark, "down"),
        }
    return figures
