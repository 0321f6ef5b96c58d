"""Causes in what companies report: a metric below or above a limit, a change, a period without a figure; and the same
rule tried on the whole history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from vestry.alerts.causes.looking import Cause, Look
from vestry.core.fields import decimal_text
from vestry.core.names import period_text
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics.book import Book
from vestry.metrics.periods import MONTHS, Kind, Period, month_of
from vestry.metrics.registry import statement_of

PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule asks, stored or only tried; the fields are those of :class:`~vestry.alerts.models.AlertRule`."""

    metric: str
    period_kind: Kind
    comparison: str
    against: str | None
    threshold: Decimal | None
    currency: str | None
    due_days: int | None
    is_named: bool  # whether the company is named by the rule, so that it must report at all


@dataclass(frozen=True, slots=True)
class Reading:
    """A period as the rule sees it. ``change``: from ``compared``, as a fraction of its size."""

    period: Period
    value: Decimal | None
    compared: Decimal | None
    change: Decimal | None
    fires: bool


def causes(look: Look) -> list[Cause]:
    """Every rule whose newest period is beyond its limit."""
    found = []
    for rule in look.rules:
        wanted = wanted_of(rule, look.company.id)
        book = look.metrics(wanted.currency)
        definition = book.definitions.get(wanted.metric)
        newest = max(readings(book, wanted, look.today), key=lambda one: one.period.end, default=None)
        if definition is None or newest is None or not newest.fires:
            continue
        found.append(
            Cause(
                f"rule:{rule.id}",
                rule.severity,
                f"{rule.name}: {says(look, book, definition, wanted, newest)}",
                page_of(look.company.id, wanted, book.calendar.label(newest.period)),
                {"metric": wanted.metric, **shown(book, newest)},
                rule.id,
            )
        )
    return found


def page_of(company_id: int, wanted: Wanted, period: str) -> str:
    """The page on which the figure opens: the company's statements, or its key figures."""
    view = "kpis" if statement_of(wanted.metric) == "kpi" else "financials"
    length = "" if wanted.period_kind == "quarter" else f"period={wanted.period_kind}&"
    return f"/companies/{company_id}/{view}?{length}cell={wanted.metric}@{period}"


def wanted_of(rule: Any, company_id: int) -> Wanted:
    """What a rule asks of a company."""
    names = ("metric", "period_kind", "comparison", "against", "threshold", "currency", "due_days")
    return Wanted(**{name: getattr(rule, name) for name in names}, is_named=company_id in (rule.company_ids or ()))


def readings(book: Book, wanted: Wanted, today: date) -> list[Reading]:
    """Every period that is over, oldest first: those with a figure, or for a missing one those that were due."""
    if wanted.metric not in book.definitions:
        return []
    kind = wanted.period_kind
    cells = book.table(kind, [wanted.metric])[wanted.metric]
    known = {end: cell.value for end, cell in cells.items() if cell.value is not None}
    if wanted.comparison == "missing":
        return list(_missing(book, wanted, known, today))
    back = 12 if wanted.against == "year_before" else MONTHS[kind]
    over = {end: value for end, value in known.items() if Period(end, kind).ends_on < today}
    return [
        _compared(wanted, Period(end, kind), value, known.get(end - back) if wanted.against else None)
        for end, value in sorted(over.items())
    ]


def _compared(wanted: Wanted, period: Period, value: Decimal, before: Decimal | None) -> Reading:
    limit, change = wanted.threshold, None
    assert limit is not None
    if before:  # a change from nothing, or from what is not known, is none
        change = ((value - before) / abs(before)).quantize(PLACES)
    fires = {
        "below": value < limit,
        "above": value > limit,
        "falls_by": change is not None and -change > limit,
        "rises_by": change is not None and change > limit,
    }[wanted.comparison]
    return Reading(period, value, before, change, fires)


def _missing(book: Book, wanted: Wanted, known: dict[int, Decimal], today: date) -> Iterator[Reading]:
    """Periods from the first with a figure to the last that was due; a company that never reported the metric owes
    its newest period where the rule names it, and nothing where the rule is for all."""
    assert wanted.due_days is not None
    kind = wanted.period_kind
    last = month_of(today)
    due = (
        month
        for month in range(last, last - 36, -1)
        if book.calendar.is_end(kind, month) and Period(month, kind).ends_on + timedelta(days=wanted.due_days) < today
    )
    newest = next(due, None)
    if newest is None or not (known or wanted.is_named):
        return
    for month in range(min(known, default=newest), newest + 1):
        if book.calendar.is_end(kind, month):
            yield Reading(Period(month, kind), known.get(month), None, None, month not in known)


def shown(book: Book, one: Reading) -> dict[str, Any]:
    """A reading as it goes out."""
    return {
        "period": book.calendar.label(one.period),
        "ends_on": str(one.period.ends_on),
        "value": None if one.value is None else decimal_text(one.value),
        "compared_with": None if one.compared is None else decimal_text(one.compared),
        "change": None if one.change is None else decimal_text(one.change),
    }


def says(look: Look, book: Book, definition: Definition, wanted: Wanted, one: Reading) -> str:
    """A reading in words."""
    label, period = definition.label, period_text(book.calendar.label(one.period))
    if one.value is None:
        return f"{label} of {period} is not reported; it was due {wanted.due_days} days after the period's end."
    currency = wanted.currency or look.company.currency

    def figure(value: Decimal) -> str:
        if definition.unit == "ratio":
            return f"{value:.1%}"
        if definition.unit == "multiple":
            return f"{value:.2f}x"
        if definition.unit == "money":
            return f"{value:,.2f} {currency}"
        return f"{decimal_text(round(value, 2))}{' months' if definition.unit == 'months' else ''}"

    assert wanted.threshold is not None
    if one.change is not None and one.compared is not None and wanted.against:
        than = "a year before" if wanted.against == "year_before" else f"the {wanted.period_kind} before"
        moved = "fell" if one.change < 0 else "rose"
        return (
            f"{label} {moved} by {abs(one.change):.1%} in {period}, from {figure(one.compared)} {than} to "
            f"{figure(one.value)}; the limit is {wanted.threshold:.1%}."
        )
    return f"{label} of {period} is {figure(one.value)}, {wanted.comparison} the limit of {figure(wanted.threshold)}."
