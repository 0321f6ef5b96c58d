"""What some of the demo firm's companies report: three years of statements and key figures, a budget, and a forecast.

Eight companies in the firm's currencies; one reports by month. What happens in life is there too: a restated quarter, a
profit that does not tie, a burn typed with the wrong sign, and newest quarters that nobody approved yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.demo import asking
from vestry.demo.books import Books, Quarter, quarters
from vestry.metrics.periods import Calendar, Period
from vestry.metrics.values import Given, record

QUARTERS: Final = 12
LAST: Final = 2026 * 12 + 5  # the quarter that ends in June 2026
BUDGETED: Final = 8  # of the past quarters
AHEAD: Final = 4  # quarters of plan to come
PER_CURRENCY: Final = 5
PLANNED: Final = (
    "revenue", "recurring_revenue", "cost_of_revenue", "gross_profit", "sales_marketing_expense",
    "total_operating_expense", "ebitda", "cash_balance", "customers", "employees",
)  # fmt: skip
# Ends of months within a quarter as the share of the quarter's flow that they bring.
_PARTS: Final = (Decimal("0.32"), Decimal("0.33"), Decimal("0.35"))


@dataclass(frozen=True, slots=True)
class Habit:
    """How a company reports: ``newest`` is the status of its last quarter, ``beats`` its plan by that much on average,
    ``monthly`` in its last year; what is wrong or was corrected; and which metric of its form was ``sent_back``."""

    books: Books
    newest: str = "approved"
    beats: float = 0.0
    monthly: bool = False
    restated: bool = False
    untied: bool = False
    burn_typed_negative: bool = False
    sent_back: str | None = None


HABITS: Final[tuple[Habit, ...]] = (
    Habit(Books(margin=0.76, growth=0.06, spending=1.3), restated=True, newest="submitted", beats=0.04),
    Habit(Books(margin=0.71, growth=0.05, spending=0.55), monthly=True, beats=-0.02),
    Habit(Books(margin=0.64, growth=0.03, spending=1.3, slump=0.15), untied=True, beats=-0.12),
    Habit(Books(margin=0.6, growth=0.06, spending=1.3, runway=3.4), newest="draft", beats=0.02),
    Habit(Books(margin=0.72, growth=0.05, spending=1.25), burn_typed_negative=True, newest="submitted", beats=-0.05),
    Habit(Books(margin=0.73, growth=0.09, spending=1.15), newest="submitted", beats=0.07),
    Habit(Books(margin=0.68, growth=0.04, spending=0.5), beats=0.01),
    Habit(Books(margin=0.62, growth=0.08, spending=1.25), sent_back="customers", beats=-0.03),
)


def report(session: Session, actor: Actor, company_ids: Sequence[int], *, seed: int) -> None:
    """Record the figures of a few of these companies in each currency, in their own currencies, and the requests by
    which the newest came."""
    query = select(Company).where(Company.id.in_(company_ids), Company.firm_id == actor.firm_id).order_by(Company.id)
    by_currency: dict[str, list[Company]] = {}
    for company in session.scalars(query):
        by_currency.setdefault(company.currency, []).append(company)
    chosen = [company for companies in by_currency.values() for company in companies[:PER_CURRENCY]]
    asked = []
    for number, (company, habit) in enumerate(zip(chosen, HABITS, strict=False)):
        told = quarters(habit.books, QUARTERS + AHEAD, np.random.default_rng([seed, 7, number]))
        given = list(_actuals(habit, told[:QUARTERS]))
        before = [_misread(one) for one in given if habit.restated and _is_restated(one)]
        if before:
            record(session, actor, company, before, source="import", calendar=Calendar())
        by_form = [one for one in given if _is_asked(habit, one)]
        record(session, actor, company, by_form, source="form", calendar=Calendar())
        by_file = [one for one in given if not _is_asked(habit, one)]
        plans = _plans(habit, told, np.random.default_rng([seed, 8, number]))
        record(session, actor, company, [*by_file, *plans], source="import", calendar=Calendar())
        asked.append(asking.Asked(company, habit.newest, habit.monthly, habit.sent_back))
    asking.ask(session, actor, asked, _period(QUARTERS - 1))


def _period(at: int) -> Period:
    """The quarter by its number: the last one that is over is ``QUARTERS - 1``."""
    return Period(LAST - 3 * (QUARTERS - 1 - at), "quarter")


def _actuals(habit: Habit, told: Sequence[Quarter]) -> Iterator[Given]:
    for at, quarter in enumerate(told):
        status = habit.newest if at == QUARTERS - 1 else "approved"
        figures = _as_typed(habit, dict(quarter), at)
        if habit.monthly and at >= QUARTERS - 4:
            yield from _months(at, told[at - 1], quarter, status)
        else:
            for metric, value in figures.items():
                back = metric == habit.sent_back and at == QUARTERS - 1
                yield _given(metric, _period(at), value, status="draft" if back else status)


def _as_typed(habit: Habit, figures: dict[str, Decimal], at: int) -> dict[str, Decimal]:
    """The quarter with what this company gets wrong."""
    if habit.untied and at == QUARTERS - 3:  # the cost of support was left in the gross profit
        figures["gross_profit"] += _cents(float(figures["cost_of_revenue"]) * 0.2)
    if habit.burn_typed_negative and at == QUARTERS - 1:
        figures["cash_burn"] = -figures["cash_burn"]
    return figures


def _is_asked(habit: Habit, one: Given) -> bool:
    """Whether the company sent the figure by its form."""
    if habit.newest == "draft":
        return False
    lately = one.period.end > LAST - 2 if habit.monthly else one.period == _period(QUARTERS - 1)
    return lately and one.metric in (asking.MONTHLY if habit.monthly else asking.QUARTERLY)


def _is_restated(one: Given) -> bool:
    return one.period == _period(QUARTERS - 2) and one.metric in (
        "revenue",
        "recurring_revenue",
        "gross_profit",
        "ebitda",
    )


def _misread(one: Given) -> Given:
    """The figure as it was before a contract was moved into the quarter."""
    return replace(one, value=_cents(float(one.value) * (1.05 if one.metric == "ebitda" else 0.96)), status="submitted")


def _months(at: int, before: Quarter, quarter: Quarter, status: str) -> Iterator[Given]:
    """The same quarter by its months: flows in parts that add up to it, stocks on their way from the one before."""
    end = _period(at).end
    for metric, value in quarter.items():
        whole = metric in _COUNTS
        if metric in _STOCKS:
            start = before[metric]
            steps = [start + (value - start) * part / 3 for part in (1, 2)] + [value]
        else:
            early = [value * part for part in _PARTS[:2]]
            early = [_rounded(one, whole) for one in early]
            steps = [*early, value - sum(early)]
        for month, one in zip((end - 2, end - 1, end), steps, strict=True):
            yield _given(metric, Period(month, "month"), _rounded(one, whole), status=status)


def _plans(habit: Habit, told: Sequence[Quarter], chance: np.random.Generator) -> Iterator[Given]:
    """A budget that the company beats or misses by its habit, and a forecast of the quarters to come."""
    for at in range(QUARTERS - BUDGETED, QUARTERS + AHEAD):
        off = 1 / (1 + habit.beats + float(chance.normal(0, 0.03)))
        for metric in PLANNED:
            planned = float(told[at][metric]) * off
            yield _given(metric, _period(at), _rounded(Decimal(planned), metric in _COUNTS), scenario="budget")
            if at >= QUARTERS:
                yield _given(metric, _period(at), told[at][metric], scenario="forecast")


def _given(metric: str, period: Period, value: Decimal, *, scenario: str = "actual", status: str = "approved") -> Given:
    return Given(f"{metric} {period.ends_on} {scenario}", metric, period, value, scenario, status=status)


def _rounded(value: Decimal, whole: bool) -> Decimal:
    return Decimal(round(value)) if whole else value.quantize(Decimal("0.01"))


def _cents(value: float) -> Decimal:
    return Decimal(round(value)).quantize(Decimal("0.01"))


_COUNTS: Final = frozenset({"employees", "customers", "new_customers", "churned_customers"})
_STOCKS: Final = frozenset(
    {
        "cash_balance", "accounts_receivable", "current_assets", "fixed_assets", "total_assets", "accounts_payable",
        "deferred_revenue", "current_liabilities", "total_liabilities", "share_capital", "retained_earnings", "equity",
        "debt_outstanding", "employees", "customers", "mrr",
    }
)  # fmt: skip
