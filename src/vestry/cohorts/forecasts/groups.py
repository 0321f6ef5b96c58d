"""A company's cohorts that behave alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts.figures import about
from vestry.cohorts.forecasts.fits import history_of
from vestry.cohorts.months import first_day
from vestry.core.fields import decimal_text
from vestry.kernel.churn import CohortGroup, group_cohorts


def grouped(books: Books) -> dict[str, Any]:
    """The groups, the one worth most first, with what was spent on each; which cohorts are in none, and why."""
    history = history_of(books)
    found = group_cohorts(history)
    sizes = books.customers()
    return about(books) | {
        "periods": found.periods,
        "silhouette": found.silhouette,
        "reason": found.reason,
        "groups": [_group(books, group, history.months, sizes) for group in found.groups],
        "left_out": [first_day(history.months[place]) for place in found.left_out],
    }


def _group(books: Books, group: CohortGroup, months: tuple[int, ...], sizes: dict[int, int]) -> dict[str, Any]:
    members = [months[place] for place in group.cohorts]
    spends = [books.spends[month]["spend"] for month in members if month in books.spends]
    return {
        "cohort_months": list(map(first_day, members)),
        "customers": sum(sizes.get(month, 0) for month in members),
        "spend": decimal_text(sum(spends, Decimal(0)), 2) if len(spends) == len(members) else None,
        "course": list(group.course),
        "worth": group.worth,
    }
