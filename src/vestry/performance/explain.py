"""How each figure was made: formula, inputs, the flows with the rows they came from, and the residual of a rate."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from vestry.core.fields import decimal_text
from vestry.performance.figures import Gross, Net
from vestry.performance.flows import Flow, Rate


def explain(net: Net | None, gross: Gross | None) -> dict[str, Any]:
    """Figure name (``net.tvpi``, ``gross.moic``) → how it was made."""
    return (_net(net) if net else {}) | (_gross(gross) if gross else {})


def _net(net: Net) -> dict[str, Any]:
    put_in = [flow for flow in net.flows if flow.source == "capital_call_line"]
    got_out = [flow for flow in net.flows if flow.source == "distribution_line"]
    terminal = net.terminal
    ends = {"paid_in": net.paid_in, "distributed": net.distributed, "nav": net.nav, "committed": net.committed}

    def ratio(formula: str, value: Decimal | None, *names: str, flows: Iterable[Flow]) -> dict[str, Any]:
        return _figure(formula, value, {name: ends[name] for name in names}, flows)

    return {
        "net.committed": _figure("Σ commitments up to the day", net.committed, {}, ()),
        "net.paid_in": _figure(
            "Σ lines of calls paid up to the day, adjustments with their sign", net.paid_in, {}, put_in
        ),
        "net.distributed": _figure("Σ lines of distributions paid up to the day", net.distributed, {}, got_out),
        "net.unfunded": _figure(
            "committed − called inside the commitment + recallable distributions",
            net.unfunded,
            {"committed": net.committed, "called": net.called, "recallable": net.recallable},
            (),
        ),
        "net.nav": _nav(net),
        "net.pic": ratio("paid_in ÷ committed", net.pic, "paid_in", "committed", flows=put_in),
        "net.dpi": ratio("distributed ÷ paid_in", net.dpi, "distributed", "paid_in", flows=net.flows),
        "net.rvpi": ratio("nav ÷ paid_in", net.rvpi, "nav", "paid_in", flows=[*put_in, *terminal]),
        "net.tvpi": ratio(
            "(distributed + nav) ÷ paid_in", net.tvpi, "distributed", "nav", "paid_in", flows=[*net.flows, *terminal]
        ),
        "net.irr": _rate(net.irr, [*net.flows, *terminal]),
    }


def _nav(net: Net) -> dict[str, Any]:
    if net.nav_basis == "computed":
        inputs = {
            "fair_value": net.fair_value,
            "cash": net.cash,
            "liabilities": net.liabilities,
            "accrued_carry": net.accrued_carry,
        }
        return _figure("fair_value + cash − liabilities − accrued_carry", net.nav, inputs, net.terminal)
    formula = {
        "reported": "as reported by whoever keeps the books",
        "rolled_forward": "last reported + contributions − distributions since",
        "allocated": "the vehicle's NAV, allocated by commitment (by paid-in where nobody committed)",
    }.get(net.nav_basis, "the sum of the vehicles' NAVs")
    return _figure(formula, net.nav, {}, net.terminal) | {"basis": net.nav_basis, "valued_on": net.valued_on}


def _gross(gross: Gross) -> dict[str, Any]:
    paid = [flow for flow in gross.flows if flow.amount < 0]
    back = [flow for flow in gross.flows if flow.amount > 0]
    parts = {"invested": gross.invested, "realised": gross.realised, "fair_value": gross.fair_value}
    everything = [*gross.flows, *gross.terminal]
    return {
        "gross.invested": _figure("Σ purchases, follow-ons and deal fees", gross.invested, {}, paid),
        "gross.realised": _figure("Σ proceeds, dividends and interest", gross.realised, {}, back),
        "gross.fair_value": _figure("Σ fair values of what is held", gross.fair_value, {}, gross.terminal),
        "gross.moic": _figure("(realised + fair_value) ÷ invested", gross.moic, parts, everything),
        "gross.dpi": _figure("realised ÷ invested", gross.dpi, parts, gross.flows),
        "gross.rvpi": _figure("fair_value ÷ invested", gross.rvpi, parts, [*paid, *gross.terminal]),
        "gross.irr": _rate(gross.irr, everything),
    }


def _figure(formula: str, value: Decimal | None, inputs: dict[str, Any], flows: Iterable[Flow]) -> dict[str, Any]:
    return {
        "formula": formula,
        "value": None if value is None else decimal_text(round(value, 10), 2),
        "status": None,
        "inputs": {name: None if part is None else decimal_text(part, 2) for name, part in inputs.items()},
        "flows": [_flow(flow) for flow in flows],
        "residual": None,
    }


def _rate(rate: Rate, flows: Iterable[Flow]) -> dict[str, Any]:
    told = _figure("Σ amount ÷ (1 + rate)^(days ÷ 365) = 0, days from the first flow", None, {}, flows)
    return told | {
        "value": rate.rate,
        "status": rate.status,
        "reason": rate.reason,
        "residual": rate.residual,
        "roots": list(rate.roots),
        "convention": "Act/365 Fixed; flows of one day are netted; of several roots the one closest to 0",
    }


def _flow(flow: Flow) -> dict[str, Any]:
    amount = decimal_text(flow.amount, 2)
    return {"on": flow.on, "amount": amount, "kind": flow.kind, "record": flow.source, "id": flow.row_id}
