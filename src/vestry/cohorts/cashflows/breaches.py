"""Which months of which cohorts missed their minimum, and what that brings the fund: as things stand, had no breach
been set aside, and had every one been."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.cashflows.tables import RATIO_PLACES
from vestry.cohorts.months import first_day
from vestry.core.fields import decimal_text
from vestry.kernel.cohorts import CohortCashflows, compute
from vestry.kernel.cohorts.months import Floats, money


def breaches(books: Books) -> dict[str, Any]:
    """Every breach of the known months, by cohort and period, with what is collected of the month in the three ways.

    A cap binds over all months of a cohort: so the ways differ in other months too, and the sums are of all of them.
    """
    stands = figures.computed(books)
    ways = {
        "collected": stands,
        "collected_in_full": _with(books, stands, None),
        "collected_at_share": _with(books, stands, stands.failed),
    }
    found = [
        _breach(books, ways, row, period)
        for row, period in zip(*(one.tolist() for one in np.nonzero(stands.failed)), strict=True)
    ]
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "as_of": books.as_of,
        "known_at": books.known_at,
        **{name: _amount(books, _whole(way.collected)) for name, way in ways.items()},
        "breaches": found,
    }


def _with(books: Books, stands: CohortCashflows, restored: Any) -> CohortCashflows:
    """The same books with other breaches set aside: none, or those of a mask like ``failed``."""
    return compute(stands.matrix, replace(stands.book, restored=restored), None, books.timing)


def _breach(books: Books, ways: dict[str, CohortCashflows], row: int, period: int) -> dict[str, Any]:
    stands = ways["collected"]
    month = int(stands.matrix.months[row])
    spend = books.spends[month]["spend"]
    paid = money(round(float(stands.payment[row, period])), books.digits)
    trade, override = books.trades.get(month), books.overrides.get((month, period))
    share = Decimal(0) if trade is None else Decimal(1)
    if trade is not None and not stands.full_share[row, period]:
        share = trade["sharing_percentage"]
    return {
        "cohort_month": first_day(month),
        "period": period,
        "month": first_day(month + period),
        "trade_id": None if trade is None else trade["id"],
        "spend": spend,
        "payment": decimal_text(paid, 2),
        "payment_to_spend": decimal_text((paid / spend).quantize(RATIO_PLACES)),
        "minimum_payment_percent": decimal_text(books.thresholds[period]["minimum_payment_percent"]),
        "override": None if override is None else figures.override_shown(override),
        "share_applied": decimal_text(share),
        **{name: _amount(books, float(way.collected[row, period])) for name, way in ways.items()},
    }


def _whole(cells: Floats) -> float:
    return float(cells.sum())


def _amount(books: Books, units: float) -> str:
    return decimal_text(money(round(units), books.digits), 2)
