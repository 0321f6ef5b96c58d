"""Black–Scholes–Merton, and Merton's view of equity as a call on the company's assets."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class BlackScholes:
    """European option values. d1, d2 are None where the formula degenerates (no strike, no time or no volatility)."""

    call: float
    put: float
    d1: float | None
    d2: float | None
    call_delta: float
    put_delta: float
    inputs: Mapping[str, float]

    @property
    def explain(self) -> Explain:
        """The inputs and the formula's terms."""
        steps = (
            Step("d1", "[ln(S/K) + (r − q + σ²/2)·T] / (σ√T)", self.d1),
            Step("d2", "d1 − σ√T", self.d2),
            Step("call", "S·e^(−qT)·N(d1) − K·e^(−rT)·N(d2)", self.call),
            Step("put", "K·e^(−rT)·N(−d2) − S·e^(−qT)·N(−d1)", self.put),
        )
        return Explain("Black–Scholes–Merton", self.inputs, steps)


@guarded
def normal_cdf(x: float) -> float:
    """Standard normal distribution function, to machine precision in both tails."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


@guarded
def black_scholes(
    spot: Number,
    strike: Number,
    rate: Number,
    volatility: Number,
    term: Number,
    dividend_yield: Number = 0,
) -> BlackScholes:
    """Call and put on an asset with a continuous yield.

    C = S·e^(−qT)·N(d1) − K·e^(−rT)·N(d2),  d1 = [ln(S/K) + (r − q + σ²/2)·T] / (σ√T),  d2 = d1 − σ√T.
    rate and dividend_yield: continuous, a year. volatility: a year, as a fraction. term: years.
    A strike of zero makes the call the asset itself; no time or no volatility leaves the forward's intrinsic value.
    Source: Black & Scholes 1973, Merton 1973; Hull, Options, Futures and Other Derivatives, ch. 15.
    """
    s, k, r, v, t, q = _inputs(spot, strike, rate, volatility, term, dividend_yield)
    inputs = {"S": s, "K": k, "r": r, "σ": v, "T": t, "q": q}
    asset, bond = s * math.exp(-q * t), k * math.exp(-r * t)
    deviation = v * math.sqrt(t)
    certain = asset == 0 or bond == 0 or deviation == 0
    moneyness = math.inf if certain else asset / bond
    if not 0 < moneyness < math.inf:
        held, carry = asset > bond, math.exp(-q * t)
        call, put = max(asset - bond, 0.0), max(bond - asset, 0.0)
        return BlackScholes(call, put, None, None, carry * held, -carry * (not held), inputs)
    d1 = math.log(moneyness) / deviation + deviation / 2
    d2 = d1 - deviation
    carry = math.exp(-q * t)
    call = asset * normal_cdf(d1) - bond * normal_cdf(d2)
    put = bond * normal_cdf(-d2) - asset * normal_cdf(-d1)
    deltas = carry * normal_cdf(d1), -carry * normal_cdf(-d1)
    return BlackScholes(max(call, 0.0), max(put, 0.0), d1, d2, *deltas, inputs)


def _inputs(*given: Number) -> tuple[float, ...]:
    names = ("spot", "strike", "rate", "volatility", "term", "dividend_yield")
    numbers = tuple(finite(x, name) for x, name in zip(given, names, strict=True))
    for name, number in zip(names, numbers, strict=True):
        if name not in ("rate", "dividend_yield") and number < 0:
            raise KernelError(f"{name} must not be negative, got {number}")
    _, _, r, v, t, q = numbers
    if max(abs(r), abs(q)) * t > 700 or v * v * t > 1e6:
        raise KernelError(f"rate {r}, yield {q} and volatility {v} over {t} years are beyond any float")
    return numbers


@guarded
def implied_volatility(
    price: Number, spot: Number, strike: Number, rate: Number, term: Number, dividend_yield: Number = 0
) -> float | None:
    """Volatility at which the call is worth `price`; None when the price lies outside the no-arbitrage bounds."""
    from scipy.optimize import brentq

    target = finite(price, "price")

    def gap(v: float) -> float:
        return black_scholes(spot, strike, rate, v, term, dividend_yield).call - target

    high = 1.0
    while gap(high) < 0 and high * high * finite(term) < 5e3:  # beyond, the call is the asset
        high *= 2
    if gap(0.0) > 1e-12 * finite(spot) or gap(high) < 0:
        return None
    if gap(0.0) >= 0:
        return 0.0
    return float(brentq(gap, 0.0, high, xtol=1e-14, rtol=1e-14))


@dataclass(frozen=True, slots=True)
class AssetVolatility:
    """Asset value and volatility behind an observed equity; residual: largest relative miss of the two equations."""

    asset_value: float
    volatility: float
    residual: float
    explain: Explain


@guarded
def unlever_volatility(
    equity: Number, debt: Number, equity_volatility: Number, rate: Number, term: Number = 1
) -> AssetVolatility:
    """Asset value A and volatility σA such that the equity is a call on A struck at the debt (Merton 1974).

    E = A·N(d1) − D·e^(−rT)·N(d2)  and  σE·E = N(d1)·σA·A. rate: continuous. No debt (or net cash) leaves A = E + D
    and σA = σE·E/A. Raises KernelError for equity or volatility not above zero.
    """
    from scipy.optimize import brentq

    e, d, v = finite(equity, "equity"), finite(debt, "debt"), finite(equity_volatility, "equity_volatility")
    r, t = finite(rate, "rate"), finite(term, "term")
    if e <= 0 or v <= 0 or t <= 0:
        raise KernelError(f"equity, volatility and term must be above zero, got {e}, {v}, {t}")
    inputs = {"E": e, "D": d, "σE": v, "r": r, "T": t}
    if d <= 0:
        if e + d <= 0:
            raise KernelError("net cash exceeds the equity: there are no assets to carry the volatility")
        value, sigma = e + d, v * e / (e + d)
        return AssetVolatility(value, sigma, 0.0, Explain("Merton", inputs, (Step("σA", "σE·E/A", sigma),)))

    def assets(sigma: float) -> float:
        return float(
            brentq(
                lambda a: black_scholes(a, d, r, sigma, t).call - e,
                e,
                e + d * math.exp(-r * t) + e,
                xtol=1e-12 * e,
                rtol=1e-15,
            )
        )

    def gap(sigma: float) -> float:
        a = assets(sigma)
        return black_scholes(a, d, r, sigma, t).call_delta * sigma * a - v * e

    if not e > 1e-9 * d * math.exp(-r * t):
        raise KernelError(f"equity {e} is too small beside debt {d} to tell the volatility of the assets")
    lowest = 0.999999 * v * e / (e + d * math.exp(-r * t))  # N(d1) ≤ 1 and A ≤ E + D·e^(−rT)
    sigma = float(brentq(gap, lowest, v, xtol=1e-15, rtol=1e-14))
    a = assets(sigma)
    missed = max(abs(black_scholes(a, d, r, sigma, t).call - e) / e, abs(gap(sigma)) / (v * e))
    steps = (
        Step("A", "E = A·N(d1) − D·e^(−rT)·N(d2)", a),
        Step("σA", "σE·E = N(d1)·σA·A", sigma),
    )
    return AssetVolatility(a, sigma, missed, Explain("Merton 1974", inputs, steps))


@guarded
def relever_volatility(
    asset_volatility: Number, assets: Number, debt: Number, rate: Number, term: Number
) -> float | None:
    """Equity volatility of a company with these assets and debt: N(d1)·σA·A/E; None when the equity is worthless."""
    a, v = finite(assets, "assets"), finite(asset_volatility, "asset_volatility")
    priced = black_scholes(a, debt, rate, v, term)
    return priced.call_delta * v * a / priced.call if priced.call > 0 else None
