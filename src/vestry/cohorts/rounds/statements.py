"""What a statement says of each cohort, taken from the one place where what is owed is computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from vestry.cohorts.cashflows import cells, figures
from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.months import index_of
from vestry.core.fields import decimal_text
from vestry.kernel.cohorts.months import money
from vestry.kernel.cohorts.terms import NO_CAP

NOTHING: Final = Decimal(0)


def lines_of(books: Books, month: date) -> list[dict[str, Any]]:
    """A line for each funded cohort that has begun: spend, sharing, cap, payments of the month, the share and why,
    collected, in all, and what remains to the cap. Amounts are texts; null where the month is not known."""
    result = figures.computed(books)
    rows = {cohort: row for row, cohort in enumerate(result.matrix.months.tolist())}
    found = []
    for owed in cells.owed(books, month)["cohorts"]:
        cohort = index_of(owed["cohort_month"])
        cap, outlay = int(result.book.cap[rows[cohort]]), int(result.outlay[rows[cohort]])
        most = None if cap == NO_CAP else money(cap, books.digits)
        spend = books.spends.get(cohort)
        found.append(
            {
                "cohort_month": owed["cohort_month"].isoformat(),
                "trade_id": owed["trade_id"],
                "period": owed["period"],
                "spend": None if spend is None else decimal_text(spend["spend"], 2),
                "sharing_percentage": decimal_text(books.trades[cohort]["sharing_percentage"]),
                "effective_cap": None if most is None else decimal_text(most, 2),
                "payment": owed["payment"],
                "share_applied": owed["share_applied"],
                "reasons": _reasons(owed),
                "collected": owed["collected"],
                "cumulative_collected": owed["cumulative_collected"],
                "remaining_to_cap": _remaining(owed, most),
                "outlay": decimal_text(money(outlay, books.digits), 2),
            }
        )
    return found


def total_of(lines: list[dict[str, Any]]) -> Decimal:
    """What the lines come to."""
    return sum((Decimal(line["collected"]) for line in lines if line["collected"] is not None), NOTHING)


def _remaining(owed: dict[str, Any], cap: Decimal | None) -> str | None:
    if cap is None or owed["cumulative_collected"] is None:
        return None
    left = NOTHING if owed["capped"] else cap - Decimal(owed["cumulative_collected"])
    return decimal_text(left, 2)


def _reasons(owed: dict[str, Any]) -> list[str]:
    """Why this share, and why not all of it: ``normal``, or what made the difference."""
    if owed["reason"] is not None:
        return [str(owed["reason"])]
    said = []
    if owed["overridden"]:
        said.append("override")
    elif owed["threshold_failed"]:
        said.append("breach")
    collected, paid = Decimal(owed["collected"]), Decimal(owed["payment"])
    if owed["capped"] and collected < Decimal(owed["share_applied"]) * paid:
        said.append("cap_remainder" if collected else "capped")
    return said or ["normal"]
