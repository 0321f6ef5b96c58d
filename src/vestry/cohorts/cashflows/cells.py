"""One cell opened: which payments, which share and why; and what a company owes in one calendar month."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.payments import queries
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import decimal_text
from vestry.core.listing import paginate
from vestry.core.paging import Page
from vestry.kernel.cohorts import CohortMonth, explain

PAYMENTS_SHOWN = 100


def cell(session: Session, actor: Actor, books: Books, cohort_month: date, period: int) -> dict[str, Any]:
    """A known month of a cohort with its steps, and the first payments it is made of."""
    cohort, result = index_of(cohort_month), figures.computed(books)
    if cohort not in books.matrix.months or not _is_known(books, cohort, period):
        raise NotFound("known month of that cohort")
    listing = queries.list_payments(
        session,
        actor,
        books.company.id,
        cohort=cohort,
        period=period,
        days=(None, books.as_of),
        known_at=books.known_at,
    )
    found = paginate(session, listing, Page(PAYMENTS_SHOWN, None, "payment_date", None))
    override = books.overrides.get((cohort, period))
    told = shown(explain(result, cohort, period))
    del told["collected_exact"]
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "cohort_month": cohort_month,
        **told,
        "override": None if override is None else figures.override_shown(override),
        "payments": found["items"],
        "payment_count": found["total"],
    }


def owed(books: Books, month: date) -> dict[str, Any]:
    """What the fund collects for one calendar month, cohort by cohort, with the steps. A month of which a cohort has
    no payment yet owes nothing that is known."""
    result, at = figures.computed(books), index_of(month)
    cohorts = []
    for cohort, trade in sorted(books.trades.items()):
        period = at - cohort
        if period < 0:
            continue
        about = {"cohort_month": first_day(cohort), "trade_id": trade["id"]}
        if not _is_known(books, cohort, period):
            cohorts.append(about | dict.fromkeys(CELL_FIELDS) | {"period": period, "steps": [], "reason": "not_known"})
            continue
        cohorts.append(about | shown(explain(result, cohort, period)) | {"reason": None})
    known = [one["collected_exact"] for one in cohorts if one.get("collected_exact") is not None]
    for one in cohorts:
        one.pop("collected_exact", None)
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "month": month,
        "as_of": books.as_of,
        "known_at": books.known_at,
        "total": decimal_text(sum(known, start=figures.NOTHING), 2),
        "cohorts": cohorts,
    }


CELL_FIELDS = (
    "month",
    "payment",
    "cumulative_payment",
    "minimum_payment",
    "threshold_failed",
    "overridden",
    "share_applied",
    "collected",
    "cumulative_collected",
    "capped",
)


def shown(found: CohortMonth) -> dict[str, Any]:
    """A month of a cohort as it goes out."""
    amounts = ("payment", "cumulative_payment", "minimum_payment", "collected", "cumulative_collected")
    told = {name: value for name, value in asdict(found).items() if name in (*CELL_FIELDS, "period", "steps")}
    for name in amounts:
        told[name] = None if told[name] is None else decimal_text(told[name], 2)
    told["share_applied"] = decimal_text(found.share_applied)
    return told | {"steps": list(found.steps), "collected_exact": found.collected}


def _is_known(books: Books, cohort: int, period: int) -> bool:
    rows = books.matrix.months.tolist()
    return cohort in rows and period < int(books.matrix.known[rows.index(cohort)])
