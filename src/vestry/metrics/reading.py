"""A company's book as the actor may see it, and which of its periods a question is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.identity.access import find
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics import dependents
from vestry.market.queries import fx_rates
from vestry.market.rates import FxRates
from vestry.metrics import queries, views
from vestry.metrics.book import Book, Reported
from vestry.metrics.conversion import Conversion
from vestry.metrics.currencies import currencies_of
from vestry.metrics.imports.origins import add_origins
from vestry.metrics.periods import Calendar, Kind, Period, kind_of
from vestry.metrics.values import Written

RECALCULATED_MAX = 100  # values at once; beyond them the metrics are named and the figures are read


class UnknownMetric(Invalid):
    """A metric that nobody defined."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which periods are wanted: all of a kind, one, or those that end between two months (counted)."""

    kind: Kind
    first: int | None = None
    last: int | None = None

    def among(self, ends: Iterable[int]) -> list[int]:
        """Those of these period ends that are wanted."""
        return [
            end for end in ends if (self.first is None or end >= self.first) and (self.last is None or end <= self.last)
        ]


def asked(calendar: Calendar, period: str | None, first: str | None, last: str | None) -> Asked:
    """``period`` is a kind (``quarter``, ``monthly``, ``LTM`` …) or a label (``2022-Q4``); ``first`` and ``last`` are
    labels, and the periods wanted end within what they span."""
    kind = kind_of(period) if period else None
    start = calendar.named(first) if first else None
    end = calendar.named(last) if last else None
    if period and kind is None:
        one = calendar.named(period)
        if start or end:
            raise Invalid("Name one period, or a range of a kind.", field="period", mend="Leave from and to out.")
        return Asked(one.kind, one.end, one.end)
    if start and end and start.start > end.end:
        said = f"{first} lies after {last}."
        raise Invalid(said, field="from", mend="Name the earlier period in from, the later in to.")
    kind = kind or (start or end or Period(0, "quarter")).kind
    return Asked(kind, start.start if start else None, end.end if end else None)


def book_of(
    session: Session,
    actor: Actor,
    company: Company,
    *,
    scenario: str = "actual",
    currency: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Book:
    """A company's values as they were known, in its own currency or another."""
    rows = queries.values(session, actor, company.id, scenario=scenario, as_of=as_of, known_at=known_at)
    definitions = queries.definitions(session, actor, known_at)
    calendar = queries.calendar_of(session, actor, company.id, known_at)
    rates = fx_rates(session, actor, known_at=known_at)
    return converted(rows, definitions, calendar, rates, company.currency, currency)


def converted(
    rows: Sequence[Reported],
    definitions: Sequence[Definition],
    calendar: Calendar,
    rates: FxRates,
    own: str,
    currency: str | None,
    *,
    told: bool = True,
    derived: bool = True,
) -> Book:
    """The book of these rows in the company's own currency, or in another with the own one beside it, from which
    ``derived`` ratios are taken. ``told``: with the ladder of every conversion."""
    here = currency in (None, own)
    local = None
    if here or derived:
        local = Book(rows, definitions, calendar, Conversion(rates, own, told=told).prepare(rows))
    if here and local is not None:
        return local
    return Book(rows, definitions, calendar, Conversion(rates, str(currency), told=told).prepare(rows), local)


def metrics(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    period: str | None,
    first: str | None,
    last: str | None,
    keys: Sequence[str] | None,
    derived: bool,
    layout: str,
    scenario: str,
    currency: str | None,
    as_of: date | None,
    known_at: datetime | None,
    explain: bool,
) -> dict[str, Any]:
    """A company's figures, wide or long."""
    company = find(session, actor, Company, company_id, noun="company")
    book = book_of(session, actor, company, scenario=scenario, currency=currency, as_of=as_of, known_at=known_at)
    wanted = asked(book.calendar, period, first, last)
    shown = views.keys_of(book, derived=derived, wanted=known_keys(book.definitions, keys))
    grid = book.table(wanted.kind, shown, ends=wanted.among(book.ends(wanted.kind)), explain=explain)
    ends = sorted({end for cells in grid.values() for end in cells})
    periods = [Period(end, wanted.kind) for end in ends]
    money = currency or company.currency
    made = views.long if layout == "long" else views.wide
    items = made(book, grid, periods, money, explain=explain)
    if explain:
        wide: list[dict[str, Any]] = [] if layout == "long" else items
        cells = [cell for one in wide for cell in one["cells"].values()]
        add_origins(session, actor, cells or items)
    return {
        "company_id": company.id,
        "currency": money,
        "scenario": scenario,
        "period_kind": wanted.kind,
        "as_of": as_of,
        "known_at": known_at,
        "periods": [views.period_out(book.calendar, one) for one in periods],
        "values": items if layout == "long" else None,
        "metrics": items if layout == "wide" else None,
    }


def known_keys(defined: Collection[str], keys: Sequence[str] | None) -> list[str] | None:
    """The metrics that were asked for, each once; refuses one that nobody defined. None: all."""
    for key in keys or ():
        if key not in defined:
            raise UnknownMetric(f"{key[:64]!r} is not a metric.", field="metric", mend="See /metrics/definitions.")
    return list(dict.fromkeys(keys)) if keys else None


def recalculated(
    session: Session, actor: Actor, company_id: int, written: Written, given: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The derived figures that depend on what was just written, and no others: in the periods it is of, and those up
    to a year later that look back to it. ``converted``: the amounts among both, in each other currency of the firm."""
    company = find(session, actor, Company, company_id, noun="company")
    definitions = queries.definitions(session, actor)
    moved = dependents(definitions, written.metrics) if written.metrics else []
    others = [code for code in currencies_of(session, actor) if code != company.currency]
    shown: list[dict[str, Any]] = []
    converted_to: dict[str, list[dict[str, Any]]] = {code: [] for code in others}
    if written.metrics and len(given) <= RECALCULATED_MAX:
        calendar = queries.calendar_of(session, actor, company_id)
        rates = fx_rates(session, actor)
        amounts = {one.key for one in definitions if one.unit == "money"}
        reported = [one.key for one in definitions if one.key in written.metrics & amounts]
        for scenario in _of(given, "scenario"):
            rows = queries.values(session, actor, company_id, scenario=scenario)
            touched = {calendar.named(one["period"]) for one in given if one["scenario"] == scenario}
            for code in (None, *others):
                book = converted(rows, definitions, calendar, rates, company.currency, code)
                keys = moved if code is None else [*reported, *(key for key in moved if key in amounts)]
                into = shown if code is None else converted_to[code]
                into += _touched(book, keys, touched, written, code or company.currency)
    return {
        "created": written.created,
        "superseded": written.superseded,
        "unchanged": written.unchanged,
        "recalculated": shown,
        "recalculated_metrics": moved,
        "converted": converted_to,
    }


def _touched(
    book: Book, keys: Sequence[str], touched: Collection[Period], written: Written, currency: str
) -> list[dict[str, Any]]:
    """The figures of these metrics, for each kind of period among those touched. A derived one that cannot be had is
    left out; a reported one that cannot be converted says why."""
    found: list[dict[str, Any]] = []
    derived = {key for key in keys if book.definitions[key].kind == "derived"}
    for kind in sorted({one.kind for one in touched}):
        ends = Asked(kind, min(written.ends), max(written.ends) + 12).among(book.ends(kind))
        within = {one.end for one in touched if one.kind == kind}
        grid = {
            key: {end: cell for end, cell in cells.items() if key in derived or end in within}
            for key, cells in book.table(kind, keys, ends=ends).items()
        }
        items = views.long(book, grid, [Period(end, kind) for end in ends], currency, explain=False)
        found += [one for one in items if one["value"] is not None or one["metric"] not in derived]
    return found


def _of(given: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return list(dict.fromkeys(one[name] for one in given))
