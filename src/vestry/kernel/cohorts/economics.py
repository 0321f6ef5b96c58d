"""What a cohort is worth: CAC, payback, LTV and MOIC. Undefined is ``None``, and the docstring says when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vestry.kernel.cohorts.months import AmountLike, decimal
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Amounts = Sequence[AmountLike | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and how it was made; ``value`` is ``None`` with a ``reason`` where it does not exist."""

    value: float | None
    reason: str | None
    formula: str


@guarded
def cac(spend: AmountLike, customers: int) -> Figure:
    """Customer acquisition cost: spend ÷ customers won; none without customers."""
    formula = "spend / customers"
    if customers <= 0:
        return Figure(None, "no customers", formula)
    return Figure(float(decimal(spend) / customers), None, formula)


@guarded
def payback(payments: Amounts, spend: AmountLike, *, margin: AmountLike = 1) -> Figure:
    """The first period (from 0) in which cumulative margin × payments reaches the spend.

    ``payments`` by period, ``None`` from the first unknown month on. None while it is not reached ("not reached"), and
    without spend ("no spend"): nothing had to come back.
    """
    formula = "first n with margin × Σ payments(0..n) ≥ spend"
    goal = decimal(spend)
    if goal <= 0:
        return Figure(None, "no spend", formula)
    total = decimal(0)
    for period, payment in enumerate(_known(payments)):
        total += decimal(margin) * decimal(payment)
        if total >= goal:
            return Figure(float(period), None, formula)
    return Figure(None, "not reached", formula)


@guarded
def payback_months(payments: Amounts, spend: AmountLike, *, margin: AmountLike = 1) -> Figure:
    """Months until the spend is back: the payback period + 1, since period n ends n + 1 months after the outlay."""
    found = payback(payments, spend, margin=margin)
    return Figure(None if found.value is None else found.value + 1, found.reason, found.formula + ", + 1")


@guarded
def ltv(payments: Amounts, customers: int, *, margin: AmountLike = 1, discount: AmountLike = 0) -> Figure:
    """Lifetime value per customer: Σ margin × payment_n ÷ (1 + discount)^n ÷ customers.

    ``discount`` per month, above −1; ``payments`` may hold predicted months. None without customers.
    """
    formula = "Σ margin × payment(n) / (1 + d)^n / customers"
    if customers <= 0:
        return Figure(None, "no customers", formula)
    growth = 1 + decimal(discount)
    if growth <= 0:
        raise KernelError("a discount rate must lie above −100 %")
    worth = sum((decimal(paid) / growth**n for n, paid in enumerate(_known(payments))), decimal(0))
    return Figure(float(decimal(margin) * worth / customers), None, formula)


@guarded
def simple_ltv(arpa: AmountLike, margin: AmountLike, churn: AmountLike) -> Figure:
    """ARPA × gross margin ÷ churn of the same period; undefined (not infinite) at zero churn."""
    formula = "arpa × margin / churn"
    if decimal(churn) <= 0:
        return Figure(None, "no churn", formula)
    return Figure(float(decimal(arpa) * decimal(margin) / decimal(churn)), None, formula)


@guarded
def moic(collected: AmountLike, outlay: AmountLike) -> Figure:
    """Collected ÷ outlay; none without an outlay."""
    formula = "collected / outlay"
    if decimal(outlay) <= 0:
        return Figure(None, "no outlay", formula)
    return Figure(float(decimal(collected) / decimal(outlay)), None, formula)


def _known(payments: Amounts) -> list[AmountLike]:
    known: list[AmountLike] = []
    for payment in payments:
        if payment is None:
            break
        known.append(payment)
    return known
