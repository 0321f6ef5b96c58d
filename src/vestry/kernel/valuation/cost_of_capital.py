"""Cost of capital: CAPM, unlevering and relevering of betas, the weighted average."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class Wacc:
    """The weighted average cost of capital and what it is made of (fractions a year; weights sum to one)."""

    rate: float
    cost_of_equity: float
    cost_of_debt_after_tax: float
    equity_weight: float
    debt_weight: float
    preferred_weight: float
    levered_beta: float | None
    explain: Explain


@guarded
def cost_of_equity(
    risk_free: Number,
    beta: Number,
    equity_risk_premium: Number,
    *,
    size_premium: Number = 0,
    country_premium: Number = 0,
    specific_premium: Number = 0,
) -> float:
    """CAPM with add-ons: risk_free + beta·equity_risk_premium + size + country + company-specific premium."""
    base = finite(risk_free, "risk_free") + finite(beta, "beta") * finite(equity_risk_premium, "equity_risk_premium")
    return base + finite(size_premium) + finite(country_premium) + finite(specific_premium)


capm = cost_of_equity


@guarded
def unlever_beta(beta: Number, debt: Number, equity: Number, tax_rate: Number = 0, *, debt_beta: Number = 0) -> float:
    """Asset beta by Hamada: beta / (1 + (1 − t)·D/E), or with a debt beta (beta + βd·x)/(1 + x), x = (1 − t)·D/E.

    A tax rate of 0 with a debt beta gives the Harris–Pringle form. Raises KernelError when equity is not above zero.
    """
    x = _leverage(debt, equity, tax_rate)
    return (finite(beta, "beta") + finite(debt_beta, "debt_beta") * x) / (1 + x)


@guarded
def relever_beta(
    asset_beta: Number, debt: Number, equity: Number, tax_rate: Number = 0, *, debt_beta: Number = 0
) -> float:
    """Equity beta at a capital structure: βu·(1 + x) − βd·x with x = (1 − t)·D/E; the inverse of `unlever_beta`."""
    x = _leverage(debt, equity, tax_rate)
    return finite(asset_beta, "asset_beta") * (1 + x) - finite(debt_beta, "debt_beta") * x


def _leverage(debt: Number, equity: Number, tax_rate: Number) -> float:
    held = finite(equity, "equity")
    owed = finite(debt, "debt")
    if held <= 0 or owed < 0:
        raise KernelError(f"leverage needs equity above zero and debt not below it, got {held} and {owed}")
    tax = finite(tax_rate, "tax_rate")
    if not 0 <= tax <= 1:
        raise KernelError(f"tax_rate is a fraction between 0 and 1, got {tax}")
    return (1 - tax) * owed / held


@guarded
def wacc(
    cost_of_equity: Number,
    cost_of_debt: Number,
    *,
    equity: Number,
    debt: Number,
    tax_rate: Number = 0,
    preferred: Number = 0,
    cost_of_preferred: Number = 0,
    levered_beta: Number | None = None,
) -> Wacc:
    """Weighted average at market values: E/V·ke + D/V·kd·(1 − t) + P/V·kp.

    equity, debt, preferred: market values or target weights. cost_of_debt: before tax.
    """
    e, d, p = finite(equity, "equity"), finite(debt, "debt"), finite(preferred, "preferred")
    if min(e, d, p) < 0 or e + d + p <= 0:
        raise KernelError(f"capital values must not be negative and must not all be zero, got {e}, {d}, {p}")
    total = e + d + p
    ke, kd = finite(cost_of_equity, "cost_of_equity"), finite(cost_of_debt, "cost_of_debt")
    after_tax = kd * (1 - finite(tax_rate, "tax_rate"))
    rate = (e * ke + d * after_tax + p * finite(cost_of_preferred, "cost_of_preferred")) / total
    steps = (
        Step("cost of debt after tax", "kd·(1 − t)", after_tax),
        Step("weights", "E/V, D/V, P/V", (e / total, d / total, p / total)),
        Step("WACC", "Σ weight·cost", rate),
    )
    return Wacc(
        rate=rate,
        cost_of_equity=ke,
        cost_of_debt_after_tax=after_tax,
        equity_weight=e / total,
        debt_weight=d / total,
        preferred_weight=p / total,
        levered_beta=None if levered_beta is None else finite(levered_beta, "levered_beta"),
        explain=Explain("Weighted average cost of capital", {"ke": ke, "kd": kd, "E": e, "D": d, "P": p}, steps),
    )


@guarded
def wacc_from_beta(
    asset_beta: Number,
    *,
    risk_free: Number,
    equity_risk_premium: Number,
    cost_of_debt: Number,
    equity: Number,
    debt: Number,
    tax_rate: Number = 0,
    size_premium: Number = 0,
    specific_premium: Number = 0,
) -> Wacc:
    """WACC with the peers' asset beta relevered at this capital structure and priced by CAPM."""
    beta = relever_beta(asset_beta, debt, equity, tax_rate)
    ke = cost_of_equity(
        risk_free, beta, equity_risk_premium, size_premium=size_premium, specific_premium=specific_premium
    )
    return wacc(ke, cost_of_debt, equity=equity, debt=debt, tax_rate=tax_rate, levered_beta=beta)


@dataclass(frozen=True, slots=True)
class CircularWacc:
    """Weights at the value they lead to. residual: equity value the model returns less the one in the weights.

    wacc and equity_value are None, with a reason, when no equity value agrees with itself.
    """

    wacc: Wacc | None
    equity_value: float | None
    residual: float | None
    reason: str | None
    explain: Explain


@guarded
def circular_wacc(
    model: Callable[[float], Any],
    asset_beta: Number,
    *,
    debt: Number,
    risk_free: Number,
    equity_risk_premium: Number,
    cost_of_debt: Number,
    tax_rate: Number = 0,
    size_premium: Number = 0,
    specific_premium: Number = 0,
) -> CircularWacc:
    """WACC at market weights, where the equity's market value itself depends on the WACC.

    model: wacc → equity value, a number or a result with `equity_value` (a `dcf` with its bridge). The beta is
    relevered at the equity value being tried; Brent's method finds the value at which weights and model agree.
    """
    from scipy.optimize import brentq

    owed = finite(debt, "debt")

    def at(equity: float) -> Wacc:
        return wacc_from_beta(
            asset_beta,
            risk_free=risk_free,
            equity_risk_premium=equity_risk_premium,
            cost_of_debt=cost_of_debt,
            equity=equity,
            debt=owed,
            tax_rate=tax_rate,
            size_premium=size_premium,
            specific_premium=specific_premium,
        )

    def gap(equity: float) -> float:
        made = model(at(equity).rate)
        return finite(getattr(made, "equity_value", made), "model value") - equity

    inputs = {"asset beta": finite(asset_beta), "debt": owed, "tax rate": finite(tax_rate)}
    high = max(owed, 1.0)
    low = high * 1e-6
    while gap(high) > 0 and high < 1e15 * max(owed, 1.0):
        low, high = high, high * 2
    if gap(low) < 0 or gap(high) > 0:
        reason = "no equity value agrees with the weights it implies"
        return CircularWacc(None, None, None, reason, Explain("WACC at market weights", inputs, ()))
    equity = float(brentq(gap, low, high, xtol=1e-14 * high, rtol=1e-14, maxiter=500))
    found = at(equity)
    steps = (Step("equity value", "model(WACC(equity)) = equity", equity), *found.explain.steps)
    return CircularWacc(found, equity, gap(equity), None, Explain("WACC at market weights", inputs, steps))
