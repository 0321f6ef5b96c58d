"""The SaaS figures as functions, by the definitions of the SaaS Metrics Standards Board.

Amounts in one currency, shares as fractions, churn and margins as fractions of the same period. Every figure is a
:class:`Metric`: ``None`` with a reason where it does not exist, never 0 or infinity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.metrics.formula import EXACT, Metric
from vestry.kernel.money import Number, to_decimal

Customers: TypeAlias = "Sequence[Number] | Mapping[Any, Number] | Number"
"""Recurring revenue by customer: amounts in an order, by name, or their total."""


@guarded
def arr_from_mrr(mrr: Number) -> Metric:
    """ARR = MRR × 12."""
    return Metric(to_decimal(mrr) * 12, None, "mrr * 12", {"mrr": to_decimal(mrr)})


@guarded
def arr_from_recurring_revenue(recurring_revenue: Number, *, periods_per_year: int = 4) -> Metric:
    """ARR = a period's recurring revenue × periods a year: × 4 on quarters, × 12 on months."""
    amount = to_decimal(recurring_revenue)
    return Metric(
        amount * periods_per_year, None, f"recurring_revenue * {periods_per_year}", {"recurring_revenue": amount}
    )


@guarded
def net_revenue_retention(begin: Customers, end: Customers) -> Metric:
    """NRR = Σ end ÷ Σ begin over the customers that were there at the start.

    Both as lists in the same order (0: gone), as ``{customer: amount}`` (absent at the end: gone), or as one total of
    the customers that were there at the start. One who begins at 0 or is absent then is new and is left out, as new
    business does not retain anyone.
    """
    started, ended = _pairs(begin, end)
    return _ratio(sum(ended, Decimal(0)), sum(started, Decimal(0)), "Σ end / Σ begin", "begin")


@guarded
def gross_revenue_retention(begin: Customers, end: Customers) -> Metric:
    """GRR = Σ min(begin, end) ÷ Σ begin: what is left without any credit for expansion, so never above 1.

    Input as in :func:`net_revenue_retention`; of one total, ``end`` must already leave expansion out.
    """
    started, ended = _pairs(begin, end)
    kept = sum((min(pair) for pair in zip(started, ended, strict=True)), Decimal(0))
    return _ratio(kept, sum(started, Decimal(0)), "Σ min(begin, end) / Σ begin", "begin")


@guarded
def annualised_retention(retention: Number, *, periods_per_year: int = 12) -> Metric:
    """A month's (or quarter's) retention to the power of 12 (or 4)."""
    return Metric(to_decimal(retention) ** periods_per_year, None, f"retention ^ {periods_per_year}")


@guarded
def cac(sales_marketing: Number, new_customers: Number) -> Metric:
    """Sales and marketing expense ÷ new customers."""
    return _ratio(to_decimal(sales_marketing), to_decimal(new_customers), "s_m / new customers", "new customers")


@guarded
def cac_ratio(sales_marketing: Number, new_arr: Number, expansion_arr: Number = 0) -> Metric:
    """Blended CAC ratio: sales and marketing ÷ (new + expansion ARR); without expansion the new-customer CAC ratio."""
    won = to_decimal(new_arr) + to_decimal(expansion_arr)
    return _ratio(to_decimal(sales_marketing), won, "s_m / (new + expansion ARR)", "new ARR")


@guarded
def cac_payback_months(sales_marketing: Number, segments: Iterable[tuple[Number, Number]]) -> Metric:
    """Months until gross profit on the new ARR has paid for winning it: S&M ÷ Σ (new ARR × gross margin) × 12.

    ``segments``: (new ARR, gross margin) each, as subscription and usage earn different margins; one is enough.
    """
    earned = sum((to_decimal(arr) * to_decimal(margin) for arr, margin in segments), Decimal(0))
    return _ratio(to_decimal(sales_marketing) * 12, earned, "s_m / Σ(new ARR × gross margin) × 12", "gross profit")


@guarded
def ltv(arpa: Number, gross_margin: Number, churn: Number) -> Metric:
    """Lifetime value: ARPA × gross margin ÷ churn, all of one period length; undefined without churn."""
    return _ratio(
        to_decimal(arpa) * to_decimal(gross_margin), to_decimal(churn), "arpa × gross margin / churn", "churn"
    )


@guarded
def ltv_to_cac(lifetime_value: Number | Metric | None, acquisition_cost: Number | Metric | None) -> Metric:
    """LTV ÷ CAC (three is the usual rule); numbers, or what :func:`ltv` and :func:`cac` returned."""
    lifetime_value = lifetime_value.value if isinstance(lifetime_value, Metric) else lifetime_value
    acquisition_cost = acquisition_cost.value if isinstance(acquisition_cost, Metric) else acquisition_cost
    if lifetime_value is None or acquisition_cost is None:
        return Metric(None, f"missing: {'ltv' if lifetime_value is None else 'cac'}", "ltv / cac")
    return _ratio(to_decimal(lifetime_value), to_decimal(acquisition_cost), "ltv / cac", "cac")


@guarded
def magic_number(recurring_revenue: Number, recurring_revenue_before: Number, sales_marketing_before: Number) -> Metric:
    """(recurring revenue of the quarter − of the last one) × 4 ÷ sales and marketing of the last quarter."""
    added = (to_decimal(recurring_revenue) - to_decimal(recurring_revenue_before)) * 4
    return _ratio(added, to_decimal(sales_marketing_before), "Δ recurring revenue × 4 / s_m of the last quarter", "s_m")


@guarded
def rule_of_40(revenue: Number, revenue_before: Number, margin_amount: Number) -> Metric:
    """Growth on the year before + margin (0.40 passes). ``margin_amount``: free cash flow or EBITDA; say which."""
    now, then = to_decimal(revenue), to_decimal(revenue_before)
    formula = "revenue / revenue before - 1 + margin / revenue"
    if then <= 0 or now <= 0:
        return Metric(None, "not positive: revenue", formula)
    value = EXACT.add(EXACT.subtract(EXACT.divide(now, then), 1), EXACT.divide(to_decimal(margin_amount), now))
    return Metric(value, None, formula, {"revenue": now, "revenue_before": then, "margin": to_decimal(margin_amount)})


@guarded
def burn_multiple(net_burn: Number, net_new_arr: Number) -> Metric:
    """Net burn ÷ net new ARR (Sacks); none when nothing is burnt or no ARR was added."""
    burnt = to_decimal(net_burn)
    if burnt <= 0:
        return Metric(None, "not burning", "net burn / net new ARR", {"net_burn": burnt})
    return _ratio(burnt, to_decimal(net_new_arr), "net burn / net new ARR", "net new ARR")


@guarded
def burn_band(multiple: Number | None) -> str | None:
    """Sacks' word for a burn multiple: amazing below 1, great to 1.5, good to 2, suspect to 3, bad above; else None."""
    if multiple is None:
        return None
    value = to_decimal(multiple)
    for bound, word in (("1", "amazing"), ("1.5", "great"), ("2", "good"), ("3", "suspect")):
        if value < Decimal(bound) or (value == Decimal(bound) and bound != "1"):
            return word
    return "bad"


@guarded
def runway_months(cash: Number, monthly_net_burn: Number) -> Metric:
    """Cash ÷ monthly net burn (positive; the mean of the last three months); none when nothing is burnt."""
    burn = to_decimal(monthly_net_burn)
    if burn <= 0:
        return Metric(None, "not burning", "cash / monthly burn", {"cash": to_decimal(cash), "monthly_burn": burn})
    return _ratio(to_decimal(cash), burn, "cash / monthly burn", "burn")


def _ratio(above: Decimal, below: Decimal, formula: str, what: str) -> Metric:
    inputs = {"numerator": above, "denominator": below}
    if below <= 0:
        return Metric(None, f"not positive: {what}", formula, inputs)
    return Metric(EXACT.divide(above, below), None, formula, inputs)


def _pairs(begin: Customers, end: Customers) -> tuple[list[Decimal], list[Decimal]]:
    if isinstance(begin, Mapping) and isinstance(end, Mapping):
        begin, end = list(begin.values()), [end.get(customer, 0) for customer in begin]
    elif isinstance(begin, Mapping) or isinstance(end, Mapping):
        raise KernelError("give both the start and the end by customer, or both as lists")
    first, last = _amounts(begin), _amounts(end)
    if len(first) != len(last):
        raise KernelError(f"{len(first)} customers at the start and {len(last)} at the end do not match")
    both = list(zip(first, last, strict=True))
    if any(was < 0 or now < 0 for was, now in both):
        raise KernelError("recurring revenue of a customer is not negative")
    kept = [pair for pair in both if pair[0] > 0]
    return [was for was, _ in kept], [now for _, now in kept]


def _amounts(given: Customers) -> list[Decimal]:
    if isinstance(given, Iterable) and not isinstance(given, (str, Mapping)):
        return [to_decimal(amount) for amount in given]
    return [to_decimal(given)]  # type: ignore[arg-type]
