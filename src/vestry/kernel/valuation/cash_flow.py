"""Discounted cash flow: free cash flows, end- or mid-year timing, a stub period, terminal value, bridge to equity.

Amounts are floats: a valuation is an estimate, not a booking.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vestry.kernel.captable.options import OptionGrant, diluted_at_equity_value
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite, one_or_many
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dcf:
    """Present value of the flows and of what follows them.

    periods: years from the valuation date to each flow. factors: discount factors. terminal_value: at its own date,
    `terminal_period` years out. implied_growth: the perpetual growth that gives the terminal value; implied_multiple:
    the end-of-horizon terminal value over the metric (None when no metric was given). equity fields are None unless
    asked for; value_per_share is None when the equity is not above zero.
    """

    enterprise_value: float
    pv_flows: float
    pv_terminal: float
    terminal_value: float
    terminal_period: float
    terminal_share: float | None
    periods: tuple[float, ...]
    factors: tuple[float, ...]
    implied_growth: float | None
    implied_multiple: float | None
    equity_value: float
    diluted_shares: float | None
    value_per_share: float | None
    explain: Explain


@dataclass(frozen=True, slots=True)
class EquityBridge:
    """From enterprise value to equity value; `steps` sum to the equity value."""

    enterprise_value: float
    equity_value: float
    explain: Explain


@guarded
def free_cash_flow(
    ebit: Number | Sequence[Number] | Floats,
    tax_rate: Number,
    *,
    depreciation: Number | Sequence[Number] | Floats = 0,
    capex: Number | Sequence[Number] | Floats = 0,
    increase_in_nwc: Number | Sequence[Number] | Floats = 0,
) -> Floats:
    """Unlevered free cash flow: EBIT·(1 − tax) + depreciation and amortisation − capex − increase in working capital.

    Scalars or arrays that broadcast; capex and depreciation positive. A negative EBIT gets a tax credit: pass a tax
    rate of 0 for years in which none is due.
    """
    earned, d, c, w = (
        _array(x, n) for x, n in ((ebit, "ebit"), (depreciation, "d"), (capex, "c"), (increase_in_nwc, "w"))
    )
    return np.atleast_1d(earned * (1 - finite(tax_rate, "tax_rate")) + d - c - w)


@guarded
def dcf(
    cash_flows: Sequence[Number] | Floats,
    wacc: Number,
    *,
    growth: Number | None = None,
    exit_multiple: Number | None = None,
    exit_metric: Number | None = None,
    terminal_cash_flow: Number | None = None,
    mid_year: bool = False,
    stub: Number = 1,
    prorate_stub: bool = False,
    debt: Number = 0,
    cash: Number = 0,
    net_debt: Number | None = None,
    preferred: Number = 0,
    minority_interest: Number = 0,
    associates: Number = 0,
    shares: Number | None = None,
    options: Iterable[OptionGrant] = (),
) -> Dcf:
    """Value a company from its free cash flows.

    cash_flows: one per year, the first being that of the stub year. wacc, growth: fractions a year.
    Terminal value, exactly one of
      growth: Gordon, next flow / (wacc − growth), next flow = last·(1 + growth) unless `terminal_cash_flow` gives a
        normalised one; it sits where the last flow sits, so with mid-year flows at N − 0.5;
      exit_multiple × exit_metric (for instance EBITDA of the last year), at the end of year N.
    mid_year: flows arrive in the middle of their year. stub: fraction of the first year still to come (0 < stub ≤ 1);
    periods are then stub, stub + 1, … or stub/2, stub + 0.5, …. prorate_stub: multiply the first flow by it.
    debt … associates: the bridge to equity. net_debt replaces debt and cash. shares, options: value per share by the
    treasury stock method at the value found.
    Raises KernelError when wacc ≤ growth, when the terminal value is stated in no way or two, or without a flow.
    """
    flows = np.array(_array(cash_flows, "cash_flows"), dtype=np.float64).ravel()
    rate, part = finite(wacc, "wacc"), finite(stub, "stub")
    _check(flows, rate, part, growth, exit_multiple)
    if prorate_stub:
        flows[0] *= part
    horizon = part + len(flows) - 1
    ends = part + np.arange(len(flows), dtype=np.float64)
    periods = np.where(np.arange(len(flows)) == 0, part / 2, ends - 0.5) if mid_year else ends
    if (len(flows) + 1) * abs(math.log1p(rate)) > 600:
        raise KernelError(f"discounting at {rate} over {horizon:g} years leaves the range of floats")
    factors = (1 + rate) ** -periods
    end = _terminal(float(flows[-1]), rate, growth, exit_multiple, exit_metric, terminal_cash_flow, mid_year)
    at = horizon - end.before_horizon
    with np.errstate(over="ignore", invalid="ignore"):
        pv_flows, pv_terminal = float(flows @ factors), end.value * float((1 + rate) ** -at)
    value = finite(pv_flows + pv_terminal, "the present value")
    bridge = equity_bridge(
        value,
        debt=debt if net_debt is None else net_debt,
        cash=cash if net_debt is None else 0,
        preferred=preferred,
        minority_interest=minority_interest,
        associates=associates,
    )
    diluted = _diluted(bridge.equity_value, shares, options)
    steps = (
        *(
            Step(f"PV of flow {i}", f"{f:.10g} / (1 + wacc)^{t:g}", float(f * k))
            for i, (f, t, k) in enumerate(zip(flows, periods, factors, strict=True), 1)
        ),
        Step("terminal value", end.how, end.value),
        Step("PV of terminal value", f"terminal / (1 + wacc)^{at:g}", pv_terminal),
        Step("enterprise value", "Σ PV", value),
        *bridge.explain.steps,
    )
    inputs = {"wacc": rate, "growth": growth, "exit multiple": exit_multiple, "mid-year": mid_year, "stub": part}
    return Dcf(
        enterprise_value=value,
        pv_flows=pv_flows,
        pv_terminal=pv_terminal,
        terminal_value=end.value,
        terminal_period=at,
        terminal_share=pv_terminal / value if value else None,
        periods=tuple(periods.tolist()),
        factors=tuple(factors.tolist()),
        implied_growth=end.growth,
        implied_multiple=end.multiple,
        equity_value=bridge.equity_value,
        diluted_shares=diluted,
        value_per_share=bridge.equity_value / diluted if diluted else None,
        explain=Explain("Discounted cash flow", inputs, steps),
    )


@dataclass(frozen=True, slots=True)
class _Terminal:
    """What follows the flows: its value, how long before the end of the horizon it sits, and what it implies."""

    value: float
    before_horizon: float
    how: str
    growth: float | None
    multiple: float | None


def _terminal(
    last: float,
    rate: float,
    growth: Number | None,
    exit_multiple: Number | None,
    exit_metric: Number | None,
    terminal_cash_flow: Number | None,
    mid_year: bool,
) -> _Terminal:
    metric = None if exit_metric is None else finite(exit_metric, "exit_metric")
    if growth is not None:
        g = finite(growth, "growth")
        following = last * (1 + g) if terminal_cash_flow is None else finite(terminal_cash_flow, "terminal_cash_flow")
        value = following / (rate - g)
        early = 0.5 if mid_year else 0.0  # the perpetuity's flows arrive mid-year too
        multiple = value * (1 + rate) ** early / metric if metric else None
        return _Terminal(value, early, "next flow / (wacc − g)", g, multiple)
    if metric is None:
        raise KernelError("an exit multiple needs the exit_metric it is applied to")
    times = finite(exit_multiple or 0, "exit_multiple")
    implied = implied_perpetual_growth(times * metric, last, rate, mid_year=mid_year)
    return _Terminal(times * metric, 0.0, "exit multiple · metric", implied, times)


@guarded
def implied_perpetual_growth(
    terminal_value: Number, last_cash_flow: Number, wacc: Number, *, mid_year: bool = False
) -> float | None:
    """Growth at which the Gordon formula gives this terminal value at the end of the horizon: (TV·w − F)/(TV + F).

    With mid-year flows F = last flow · (1 + w)^0.5. None when TV + F is zero.
    """
    rate = finite(wacc, "wacc")
    flow = finite(last_cash_flow, "last_cash_flow") * ((1 + rate) ** 0.5 if mid_year else 1.0)
    value = finite(terminal_value, "terminal_value")
    return (value * rate - flow) / (value + flow) if value + flow else None


@guarded
def equity_bridge(
    enterprise_value: Number,
    *,
    debt: Number = 0,
    cash: Number = 0,
    preferred: Number = 0,
    minority_interest: Number = 0,
    associates: Number = 0,
    other: Number = 0,
) -> EquityBridge:
    """Equity value = EV − debt − preferred − minority interest + cash + associates + other (all given as positives)."""
    start = finite(enterprise_value, "enterprise_value")
    named = {"debt": debt, "preferred": preferred, "minority interest": minority_interest}
    added = {"cash": cash, "associates": associates, "other": other}
    steps = (
        *(Step(n, "deducted", -finite(v, n)) for n, v in named.items()),
        *(Step(n, "added", finite(v, n)) for n, v in added.items()),
    )
    equity = start + sum(step.value for step in steps)
    final = Step("equity value", "EV − debt − preferred − minorities + cash + associates", equity)
    return EquityBridge(
        start, equity, Explain("Bridge from enterprise to equity value", {"EV": start}, (*steps, final))
    )


@guarded
def dcf_grid(
    cash_flows: Sequence[Number] | Floats,
    waccs: Sequence[Number],
    growths: Sequence[Number],
    *,
    mid_year: bool = False,
    stub: Number = 1,
) -> Floats:
    """Enterprise values for every wacc (rows) and growth (columns), Gordon terminal value.

    Raises KernelError when any wacc does not exceed every growth.
    """
    rows = [
        [dcf(cash_flows, w, growth=g, mid_year=mid_year, stub=stub).enterprise_value for g in growths] for w in waccs
    ]
    return np.array(rows)


def _array(values: Any, name: str) -> Floats:
    if isinstance(values, np.ndarray):
        result = values.astype(np.float64)
    else:
        numbers, several = one_or_many(values)
        result = np.array([finite(v, name) for v in numbers]) if several else np.array(finite(numbers[0], name))
    if not np.all(np.isfinite(result)):
        raise KernelError(f"{name} must be finite")
    return result


def _check(flows: Floats, rate: float, part: float, growth: Number | None, multiple: Number | None) -> None:
    if not len(flows):
        raise KernelError("give at least one cash flow")
    if rate <= -1:
        raise KernelError(f"wacc must be above −1, got {rate}")
    if not 0 < part <= 1:
        raise KernelError(f"stub is the fraction of the first year still to come, 0 < stub ≤ 1, got {part}")
    if (growth is None) == (multiple is None):
        raise KernelError("state the terminal value once: growth or exit_multiple")
    if growth is not None and rate <= finite(growth, "growth"):
        raise KernelError(f"wacc {rate} must exceed the perpetual growth {finite(growth)}")


def _diluted(equity: float, shares: Number | None, options: Iterable[OptionGrant]) -> float | None:
    if shares is None or equity <= 0:
        return None
    return float(diluted_at_equity_value(equity, shares, options).diluted)
