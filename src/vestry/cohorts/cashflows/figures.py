"""The kernel's arrays as the answer's fields: amounts as text, unknown months left out, undefined rates as null."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.cashflows.periods import Periods
from vestry.cohorts.months import first_day
from vestry.cohorts.rounds.dated import Moved, settled_rate
from vestry.core.fields import decimal_text, units_text
from vestry.core.types import MONEY_SCALE
from vestry.kernel.cohorts import CohortCashflows, Prediction, compute
from vestry.kernel.cohorts.terms import NO_CAP

NOTHING = Decimal(0)


def computed(books: Books, prediction: Prediction | None = None) -> CohortCashflows:
    """What every cohort paid, is expected to pay, and brings the fund."""
    return compute(books.matrix, books.terms, prediction, books.timing)


def shown(books: Books, result: CohortCashflows, moved: Mapping[int, Moved]) -> dict[str, Any]:
    """The whole answer: what it was asked about, and every cohort with its periods; ``moved``: counted cohort month →
    the money that moved for it."""
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "as_of": books.as_of,
        "known_at": books.known_at,
        "complete_through": books.complete_through,
        "timing": books.timing,
        "prediction": _assumed(result.prediction),
        "cohorts": _cohorts(books, result, moved),
    }


def _cohorts(books: Books, result: CohortCashflows, moved: Mapping[int, Moved]) -> list[dict[str, Any]]:
    rows = _Rows(books, result, moved)
    return [rows.cohort(row, int(month)) for row, month in enumerate(result.matrix.months.tolist())]


class _Rows:
    """What all rows need, made once."""

    def __init__(self, books: Books, result: CohortCashflows, moved: Mapping[int, Moved]) -> None:
        self.books, self.result, self.moved = books, result, moved
        self.unit = 10 ** (MONEY_SCALE - books.digits)
        self.periods = Periods(result, [self._share(month) for month in result.matrix.months.tolist()])
        self.counts = self.periods.counts
        self.breaches = result.failed.sum(axis=1).tolist()
        self.monthly, self.annual = result.monthly_irr, result.annual_irr
        self.company_irr = result.cohort_payment_irr()
        self.outlay = result.outlay.tolist()
        self.customers = books.customers()

    def _share(self, month: int) -> str:
        trade = self.books.trades.get(month)
        return (_rate(trade["sharing_percentage"]) if trade else None) or "0"

    def cohort(self, row: int, month: int) -> dict[str, Any]:
        """One cohort with its periods, up to the last known or predicted one."""
        count, spend = self.counts[row], self.books.spends.get(month)
        return {
            "cohort_month": first_day(month),
            "spend": _amount(spend["spend"]) if spend else None,
            "spend_id": spend["id"] if spend else None,
            "customers": self.customers.get(month, 0),
            "cumulative_payment": self.periods.paid[row],
            "cohort_payment_irr": self.company_irr[row] if spend else None,
            **self._trade(row, month, count),
            "periods": self.periods.json(row),
        }

    def _trade(self, row: int, month: int, count: int) -> dict[str, Any]:
        trade = self.books.trades.get(month)
        if trade is None:
            return dict.fromkeys(TRADE_FIELDS) | {"irr_status": "unfunded", "settled_irr_status": "unfunded"}
        cap = int(self.result.book.cap[row])
        settled_irr, settled_irr_status = settled_rate([self.moved[month]] if month in self.moved else [])
        return {
            "trade_id": trade["id"],
            "vehicle_id": trade["vehicle_id"],
            "sharing_percentage": _rate(trade["sharing_percentage"]),
            "cash_cap": _amount(trade["cash_cap"]),
            "planned_spend": _amount(trade["planned_spend"]),
            "effective_cap": None if cap == NO_CAP else _money(cap * self.unit),
            "timing": self.books.timing_of(month),
            "target_irr": _rate(trade["target_irr"]),
            "outlay": _money(self.outlay[row] * self.unit),
            "cumulative_collected": self.periods.collected[row],
            "capped": self.periods.capped[row],
            "breaches": self.breaches[row],
            "monthly_irr": self.monthly[row],
            "annual_irr": self.annual[row],
            "irr_status": self.result.statuses[row],
            "settled_irr": settled_irr,
            "settled_irr_status": settled_irr_status,
        }


TRADE_FIELDS = (
    "trade_id",
    "vehicle_id",
    "sharing_percentage",
    "cash_cap",
    "planned_spend",
    "effective_cap",
    "timing",
    "target_irr",
    "outlay",
    "cumulative_collected",
    "capped",
    "breaches",
    "monthly_irr",
    "annual_irr",
    "settled_irr",
)


def override_shown(override: dict[str, Any]) -> dict[str, Any]:
    """Why a breach was set aside, as it goes out."""
    return {name: override[name] for name in ("id", "reason", "approved_by", "recorded_at")}


def _assumed(prediction: Prediction | None) -> dict[str, Any] | None:
    if prediction is None:
        return None
    return {
        "churn": None if prediction.course is not None else prediction.rates().tolist(),
        "m0": None if prediction.m0 is None else str(prediction.m0),
        "horizon": prediction.horizon,
        "last_month_partial": prediction.last_month_partial,
    }


@lru_cache(maxsize=10_000)
def _amount(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value, 2)


@lru_cache(maxsize=1_000)
def _rate(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


@lru_cache(maxsize=10_000)
def _money(units: int) -> str:
    return units_text(units, MONEY_SCALE, 2)
