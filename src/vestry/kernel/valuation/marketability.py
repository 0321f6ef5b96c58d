"""Discounts for lack of marketability from option models.

All take volatility a year, term in years, continuous rates; all return the discount as a fraction of the marketable
value, 0 for no time or no volatility.
"""

import math
from dataclasses import dataclass

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded
from vestry.kernel.valuation.call_options import black_scholes


@dataclass(frozen=True, slots=True)
class Dlom:
    """The discount, and the volatility of the average-strike ratio it rests on (None for Chaffe)."""

    discount: float
    ratio_deviation: float | None
    explain: Explain

    def apply(self, marketable_value: Number) -> float:
        """Value after the discount."""
        return finite(marketable_value, "marketable_value") * (1 - self.discount)


@guarded
def chaffe(volatility: Number, term: Number, rate: Number, dividend_yield: Number = 0) -> Dlom:
    """Chaffe 1993: cost of an at-the-money European put over the restriction, as a fraction of the share price."""
    put = black_scholes(1, 1, rate, volatility, term, dividend_yield).put
    inputs = {"σ": finite(volatility), "T": finite(term), "r": finite(rate), "q": finite(dividend_yield)}
    return Dlom(put, None, Explain("Chaffe 1993", inputs, (Step("DLOM", "P(S, K = S) / S", put),)))


@guarded
def finnerty(volatility: Number, term: Number, dividend_yield: Number = 0) -> Dlom:
    """Finnerty 2012 (average-strike put): D = e^(−qT)·[2·N(v/2) − 1].

    v² = s²T + ln[2(e^(s²T) − s²T − 1)] − 2·ln(e^(s²T) − 1). The discount saturates near 32.3 %.
    """
    x = _variance(volatility, term)
    # in ratios that stay near one for small x: v² = x + ln[2(e^x − x − 1)/x²] − 2·ln[(e^x − 1)/x]
    v2 = x + _log_h(x) - 2 * _log_growth(x)
    return _average_strike(v2, volatility, term, dividend_yield, "Finnerty 2012")


@guarded
def ghaidarov(volatility: Number, term: Number, dividend_yield: Number = 0) -> Dlom:
    """Ghaidarov 2009 (average-strike put, exact moments): D as Finnerty's, with another variance.

    v² = ln[2(e^(s²T) − s²T − 1)] − 2·ln(s²T); the discount does not saturate.
    """
    return _average_strike(_log_h(_variance(volatility, term)), volatility, term, dividend_yield, "Ghaidarov 2009")


def _average_strike(v2: float, volatility: Number, term: Number, dividend_yield: Number, source: str) -> Dlom:
    deviation = math.sqrt(max(v2, 0.0))
    t, q = finite(term, "term"), finite(dividend_yield, "dividend_yield")
    discount = math.exp(-q * t) * math.erf(deviation / math.sqrt(8))  # 2·N(v/2) − 1
    steps = (Step("v", "√v²", deviation), Step("DLOM", "e^(−qT)·[2·N(v/2) − 1]", discount))
    return Dlom(discount, deviation, Explain(source, {"σ": finite(volatility), "T": t, "q": q}, steps))


def _variance(volatility: Number, term: Number) -> float:
    v, t = finite(volatility, "volatility"), finite(term, "term")
    if v < 0 or t < 0:
        raise KernelError(f"volatility and term must not be negative, got {v} and {t}")
    return v * v * t


def _log_h(x: float) -> float:
    """ln[2(e^x − x − 1)/x²], by its series for small x where the difference would cancel."""
    if x < 0.5:
        total, term = 0.0, 1.0
        for k in range(3, 25):
            term *= x / k
            total += term
        return math.log1p(total)
    return math.log(2) + x + math.log1p(-(x + 1) * math.exp(-x)) - 2 * math.log(x)


def _log_growth(x: float) -> float:
    """ln[(e^x − 1)/x]."""
    if x < 0.5:
        total, term = 0.0, 1.0
        for k in range(2, 25):
            term *= x / k
            total += term
        return math.log1p(total)
    return x + math.log1p(-math.exp(-x)) - math.log(x)
