"""Companies down, metrics across: each figure with its trend, how it moved and how it stands against the plan.

Figures are those of the portfolio's report, by calendar periods and in one currency or each company's own; a constant
number of statements whatever the number of companies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.fields import decimal_text
from vestry.core.history import as_known
from vestry.core.http.files import Row
from vestry.identity.access import theirs
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics import dependents
from vestry.metrics import portfolio, queries, reading, views
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import MONTHS, Calendar, Kind, Period, month_of
from vestry.metrics.registry import statement_of

DEFAULT: Final = (
    "revenue", "revenue_growth_year", "gross_margin", "ebitda_margin", "arr", "cash_balance", "runway_months",
    "employees",
)  # fmt: skip
TREND: Final = 8
ON_PLAN: Final = Decimal("0.02")  # so far from the plan is on it
PLACES: Final = Decimal("0.000001")
# More of these is worse.
COSTS: Final = frozenset(
    {
        "cost_of_revenue", "sales_marketing_expense", "research_development_expense", "general_administrative_expense",
        "other_operating_expense", "total_operating_expense", "interest_expense", "tax_expense", "cash_burn",
        "monthly_cash_burn", "capital_expenditure", "total_liabilities", "debt_outstanding", "net_debt",
        "debt_to_ltm_ebitda", "debt_to_equity", "sales_marketing_share", "operating_expense_share",
        "operating_expense_per_employee", "churned_customers", "churned_arr", "contraction_arr", "customer_churn",
        "revenue_churn", "reported_churn", "burn_multiple", "cac", "cac_payback_months",
    }
)  # fmt: skip
FILE: Final = [
    "company", "sector", "metric", "label", "unit", "currency", "period", "value", "plan", "against_plan", "status",
    "before", "change", "year_before", "change_on_year",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lines:
    """The figures of a company by metric and period end."""

    tables: Mapping[int, portfolio.Table]
    places: Mapping[int, int]

    def at(self, company_id: int, metric: str, end: int) -> str | None:
        """The figure of a period; None where there is none."""
        line = self.tables.get(company_id, {}).get(metric)
        place = self.places.get(end)
        return None if line is None or place is None else line[place]


def matrix(
    session: Session,
    actor: Actor,
    *,
    period: str,
    fund_id: int | None,
    currency: str | None,
    keys: Sequence[str] | None,
    known_at: datetime | None,
) -> dict[str, Any]:
    """``period`` is a kind, then the newest period that half of the companies reported is shown, or a label."""
    asked = reading.asked(Calendar(), period, None, None)
    if asked.kind == "ltm" and asked.last is not None:
        raise Invalid("Name a month, quarter or year, or ltm alone.", field="period")
    definitions = {one.key: one for one in queries.definitions(session, actor, known_at)}
    wanted = reading.known_keys(definitions, keys) or [key for key in DEFAULT if key in definitions]
    lines = {}
    for scenario in ("actual", "budget"):
        found = portfolio.report(
            session,
            actor,
            currency=currency,
            period=asked.kind,
            fund_id=fund_id,
            keys=wanted,
            derived=True,
            scenario=scenario,
            known_at=known_at,
        )
        lines[scenario] = _Lines(found.tables, {one.end: at for at, one in enumerate(found.periods)})
        if scenario == "actual":
            companies, periods = found.companies, found.periods
    end = asked.last if asked.last is not None else _newest(lines["actual"], len(companies), wanted)
    return {
        "currency": currency,
        "period_kind": asked.kind,
        "period": None if end is None else views.period_out(Calendar(), Period(end, asked.kind)),
        "periods": [views.period_out(Calendar(), one) for one in periods],
        "metrics": [_metric_out(definitions[key]) for key in wanted],
        "companies": _companies(
            session, actor, companies, lines, definitions, wanted, asked.kind, end, currency, known_at
        ),
        "total": len(companies),
    }


def _newest(actual: _Lines, companies: int, wanted: Sequence[str]) -> int | None:
    """The newest period of which at least half of the companies have a figure."""
    for end in sorted(actual.places, reverse=True):
        there = sum(any(actual.at(one, key, end) is not None for key in wanted) for one in actual.tables)
        if there * 2 >= companies:
            return end
    return max(actual.places, default=None)


def _metric_out(definition: Definition) -> dict[str, Any]:
    return {
        "metric": definition.key,
        "label": definition.label,
        "unit": definition.unit,
        "statement": statement_of(definition.key),
        "less_is_better": definition.key in COSTS,
    }


def _companies(
    session: Session,
    actor: Actor,
    companies: Sequence[Mapping[str, Any]],
    lines: Mapping[str, _Lines],
    definitions: Mapping[str, Definition],
    wanted: Sequence[str],
    kind: Kind,
    end: int | None,
    currency: str | None,
    known_at: datetime | None,
) -> list[dict[str, Any]]:
    ids = [one["id"] for one in companies]
    query = select(Company.id, Company.sector).where(theirs(actor, Company), Company.id.in_(ids))
    sectors: dict[int, str | None] = {row.id: row.sector for row in session.execute(query)}
    calendars = queries.calendars(session, actor, ids, known_at)
    ends = [] if end is None else [end]
    drafts = drafts_among(session, actor, ids, definitions, kind, ends, known_at)
    return [
        {
            "company_id": one["id"],
            "name": one["name"],
            "sector": sectors.get(one["id"]),
            "currency": currency or one["currency"],
            "period": None if end is None else own_label(calendars.get(one["id"]) or Calendar(), kind, end),
            "cells": {}
            if end is None
            else {
                key: _cell(lines, one["id"], definitions[key], kind, end)
                | {"is_draft": key in drafts.get((one["id"], end), ())}
                for key in wanted
            },
        }
        for one in companies
    ]


def drafts_among(
    session: Session,
    actor: Actor,
    ids: Sequence[int],
    definitions: Mapping[str, Definition],
    kind: Kind,
    ends: Sequence[int],
    known_at: datetime | None,
) -> dict[tuple[int, int], set[str]]:
    """Company and period → the metrics whose figure of the period is a draft, or is made of one."""
    known = as_known(MetricValue, known_at)
    columns = (known.c.company_id, known.c.metric, known.c.period_kind, known.c.ends_on)
    query = select(*columns).where(
        theirs(actor, known),
        known.c.company_id.in_(ids),
        known.c.scenario == "actual",
        known.c.status == "draft",
        known.c.voided_at.is_(None),
    )
    direct: dict[tuple[int, int], set[str]] = {}
    for company_id, metric, length, ends_on in session.execute(query) if ends else ():
        month = month_of(ends_on)
        last = month if length == "month" else portfolio.aligned(length, month)
        for end in ends:
            if end - MONTHS[kind] < last <= end:
                direct.setdefault((company_id, end), set()).add(metric)
    moved = {
        found: found | set(dependents(tuple(definitions.values()), found)) for found in map(frozenset, direct.values())
    }
    return {place: set(moved[frozenset(found)]) for place, found in direct.items()}


def own_label(calendar: Calendar, kind: Kind, end: int) -> str:
    """What the company itself calls the period that stands in a calendar one."""
    around = range(end - MONTHS[kind] // 2, end + MONTHS[kind] // 2 + 1) if kind in ("quarter", "year") else (end,)
    own = (one for one in around if calendar.is_end(kind, one) and portfolio.aligned(kind, one) == end)
    return calendar.label(Period(next(own, end), kind))


def _cell(lines: Mapping[str, _Lines], company_id: int, definition: Definition, kind: Kind, end: int) -> dict[str, Any]:
    actual, step = lines["actual"], 1 if kind == "month" else 12 if kind == "year" else 3
    key = definition.key
    trend = [actual.at(company_id, key, end - step * back) for back in reversed(range(TREND))]
    value, plan = trend[-1], lines["budget"].at(company_id, key, end)
    before, year_before = actual.at(company_id, key, end - step), actual.at(company_id, key, end - 12)
    against = _change(value, plan, definition)
    return {
        "value": value,
        "trend": trend,
        "before": before,
        "change": _text(_change(value, before, definition)),
        "year_before": year_before,
        "change_on_year": _text(_change(value, year_before, definition)),
        "plan": plan,
        "against_plan": _text(against),
        "status": _status(value, against, key),
    }


def _change(value: str | None, other: str | None, definition: Definition) -> Decimal | None:
    """From the other figure to this one: a fraction of its size, or for a ratio the difference itself."""
    if value is None or other is None:
        return None
    now, then = Decimal(value), Decimal(other)
    if definition.unit == "ratio":
        return now - then
    return None if not then else ((now - then) / abs(then)).quantize(PLACES, ROUND_HALF_EVEN)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _status(value: str | None, against: Decimal | None, key: str) -> str:
    if value is None:
        return "missing"
    if against is None:
        return "no_plan"
    if abs(against) <= ON_PLAN:
        return "on_plan"
    return "ahead" if (against > 0) != (key in COSTS) else "behind"


def rows_of(found: Mapping[str, Any]) -> list[Row]:
    """The matrix as a file: a row a company and metric."""
    rows: list[Row] = []
    for company in found["companies"]:
        for metric in found["metrics"]:
            cell = company["cells"].get(metric["metric"])
            if cell is None:
                continue
            currency = company["currency"] if metric["unit"] == "money" else None
            named = (company["name"], company["sector"], metric["metric"], metric["label"], metric["unit"], currency)
            figures = [
                None if cell[name] is None else Decimal(cell[name]) for name in ("value", "plan", "against_plan")
            ]
            moved = ("before", "change", "year_before", "change_on_year")
            later = [None if cell[name] is None else Decimal(cell[name]) for name in moved]
            rows.append((*named, company["period"], *figures, cell["status"], *later))
    return rows
