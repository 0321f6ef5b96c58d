"""Causes in cohort financing: a breached threshold, a month off its forecast, payments that were not
uploaded, a statement that was not settled."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from vestry.alerts.causes.looking import Cause, Look
from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts.fits import NotFittable, fitted, history_of
from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.rounds import queries
from vestry.core.fields import decimal_text
from vestry.core.names import month_text
from vestry.core.types import MONEY_SCALE
from vestry.kernel import churn
from vestry.kernel.cohorts import explain
from vestry.kernel.cohorts.months import money

CHANCE: Final = 0.95  # of the band: one month in twenty lies outside by chance alone
PATHS: Final = 500


def breaches(look: Look) -> list[Cause]:
    """A funded cohort paid less than its threshold asks in a month that is over, and nobody set it aside."""
    books = look.books
    if books is None:
        return []
    result, found = look.cashflows, []
    for row, period in np.argwhere(result.failed & result.valid).tolist():
        cohort = int(result.matrix.months[row])
        if cohort not in books.trades or (cohort, period) in books.overrides:
            continue
        told = explain(result, cohort, period)
        assert told.minimum_payment is not None
        found.append(_breach(look, cohort, period, told.payment, told.minimum_payment))
    return found


def _breach(look: Look, cohort: int, period: int, paid: Decimal, least: Decimal) -> Cause:
    name, currency = first_day(cohort), look.company.currency
    return Cause(
        f"{name}@{period}",
        "critical",
        f"The cohort of {month_text(name)} paid {_amount(paid, currency)} in month {period} "
        f"({month_text(first_day(cohort + period))}), below the {_amount(least, currency)} its threshold asks. "
        f"The fund collects all of that month, and may stop funding cohorts after {month_text(name)}.",
        f"/companies/{look.company.id}/cohorts?measure=minimum&cell={name}@{period}",
        {
            "cohort_month": str(name),
            "period": period,
            "payment": decimal_text(paid, 2),
            "minimum_payment": decimal_text(least, 2),
            "currency": currency,
            "may_stop_funding_after": str(name),
        },
    )


def drift(look: Look) -> list[Cause]:
    """The newest full month of payments lies outside what was expected of it one month earlier: by more than the
    firm's tolerance, or where none is set outside the forecast's band."""
    books = look.books
    if books is None or not books.cells:
        return []
    month = min(_last_paid(books), index_of(look.today) - 1)
    before = look.books_up_to(first_day(month) - timedelta(days=1))
    expected = _expected(look, before, month)
    if expected is None:
        return []
    middle, low, high = expected
    known = {int(one) for one in before.matrix.months}
    cells = (cell for cell in books.cells if cell.cohort_month in known and cell.cohort_month + cell.period == month)
    actual = float(sum(cell.units for cell in cells)) / 10 ** (MONEY_SCALE - books.digits)
    tolerance = look.limits.drift_tolerance
    is_off = not low <= actual <= high if tolerance is None else abs(actual - middle) > float(tolerance) * middle
    return [_drift(look, books, month, actual, middle, low, high)] if is_off else []


def _expected(look: Look, before: Books, month: int) -> tuple[float, float, float] | None:
    """What the cohorts known until then were expected to pay in a month, with the band, in minor units."""
    try:
        fit = fitted(look.session, before, None)
    except NotFittable:
        return None
    history = history_of(before)
    if fit.spread is None or month <= history.last_month:
        return None
    horizon = max(month - first + 1 for first in history.months)
    rng = np.random.default_rng(month)
    foretold = churn.forecast(
        history, rng=rng, horizon=horizon, model=fit.name, chance=CHANCE, paths=PATHS, fitted=fit.model
    )
    at = np.flatnonzero(foretold.ahead == month)
    if not len(at) or foretold.total[at[0]] <= 0:
        return None
    place = int(at[0])
    return float(foretold.total[place]), float(foretold.total_low[place]), float(foretold.total_high[place])


def _drift(look: Look, books: Books, month: int, actual: float, middle: float, low: float, high: float) -> Cause:
    paid, expected, least, most = (money(round(one), books.digits) for one in (actual, middle, low, high))
    currency, off = look.company.currency, actual / middle - 1
    return Cause(
        "total",
        "warning" if off < 0 else "info",
        f"Earlier cohorts paid {_amount(paid, currency)} in {month_text(first_day(month))}, {abs(off):.0%} "
        f"{'less' if off < 0 else 'more'} than the {_amount(expected, currency)} that was expected a month before "
        f"(between {_amount(least, currency)} and {_amount(most, currency)}).",
        f"/companies/{look.company.id}/cohorts/projections",
        {
            "month": str(first_day(month)),
            "payment": decimal_text(paid, 2),
            "expected": decimal_text(expected, 2),
            "low": decimal_text(least, 2),
            "high": decimal_text(most, 2),
            "currency": currency,
        },
    )


def missing_payments(look: Look) -> list[Cause]:
    """A month that is over for longer than the firm waits has no payments, while a trade still collects."""
    books = look.books
    if books is None or not _collects(look, books):
        return []
    month = index_of(look.today - timedelta(days=look.limits.upload_days)) - 1
    first = min(books.trades)
    known = max(_last_paid(books) if books.cells else first - 1, first - 1)
    if books.complete_through is not None:
        known = max(known, index_of(books.complete_through))
    if month <= known:
        return []
    missing = month_text(first_day(known + 1))
    if month > known + 1:
        missing += f" to {month_text(first_day(month))}"
    since = first_day(month + 1) + timedelta(days=look.limits.upload_days)
    return [
        Cause(
            "payments",
            "warning",
            f"No payments of {missing} were uploaded; they were due by {since}.",
            f"/companies/{look.company.id}/cohorts/payments",
            {"from": str(first_day(known + 1)), "to": str(first_day(month)), "due_on": str(since)},
        )
    ]


def overdue_rounds(look: Look) -> list[Cause]:
    """A month was stated, and what it states is still open longer than the firm gives a company to settle it."""
    stated = queries.stated_rounds(look.session, look.actor, look.company.id)
    paid = queries.settled_in_all(look.session, look.actor, look.company.id) if stated else Decimal(0)
    found = []
    for row, statement in stated:
        # Money settles the oldest month first, whichever round it was recorded with.
        settled = min(max(paid, Decimal(0)), max(statement.total, Decimal(0)))
        paid -= statement.total if statement.total < 0 else settled
        due = statement.recorded_at.date() + timedelta(days=look.limits.settle_days)
        if statement.total > settled and look.today > due:
            found.append(_overdue(look, row.month, statement.total, settled, due))
    return found


def _overdue(look: Look, month: date, stated: Decimal, settled: Decimal, due: date) -> Cause:
    currency, left = look.company.currency, stated - settled
    return Cause(
        str(month),
        "critical",
        f"Of the {_amount(stated, currency)} stated for {month_text(month)}, {_amount(left, currency)} is not settled; "
        f"it was due by {due}.",
        f"/companies/{look.company.id}/cohorts/rounds",
        {
            "month": str(month),
            "stated": decimal_text(stated, 2),
            "settled": decimal_text(settled, 2),
            "open": decimal_text(left, 2),
            "due_on": str(due),
            "currency": currency,
        },
    )


def _collects(look: Look, books: Books) -> bool:
    """Whether any trade has not reached its cap."""
    result = look.cashflows
    months = result.matrix.months.tolist()
    capped = {int(month) for row, month in enumerate(months) if result.capped[row].any()}
    return bool(set(books.trades) - capped)


def _last_paid(books: Books) -> int:
    return max((cell.cohort_month + cell.period for cell in books.cells), default=0)


def _amount(value: Decimal, currency: str) -> str:
    return f"{value:,.2f} {currency}"
