"""What all companies reported, side by side in one currency: a constant number of statements whatever their number.

Companies are compared by the calendar: a fiscal quarter or year stands in the calendar quarter or year that most of it
lies in. Lines that were reported for the periods asked for are read straight from their rows; what is made of shorter
periods, and every derived metric, goes through the companies' books, all at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Final

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.model import Base
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE
from vestry.funds.models import Fund
from vestry.identity.access import find, theirs, visible
from vestry.kernel import money
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics.formula import parse
from vestry.kernel.metrics.together import MISSING, Block, Flags, is_missing
from vestry.market.queries import fx_rates
from vestry.market.rates import FxRates
from vestry.metrics import columns, queries, reading, together, views
from vestry.metrics.columns import Figures
from vestry.metrics.conversion import HISTORICAL, Conversion
from vestry.metrics.periods import MONTHS, Calendar, Kind, Period

THREADS: Final = 2  # that write texts
TEXTS_AT_ONCE: Final = 100_000
_FULL: Final = Context(prec=34)
_How = tuple[int | None, int]
Table = dict[str, list[str | None]]  # metric → its figure in each period


@dataclass(frozen=True, slots=True)
class Report:
    """The report before it is JSON: a table a company, its columns the periods."""

    currency: str | None
    periods: tuple[Period, ...]
    companies: tuple[Mapping[str, Any], ...]
    tables: Mapping[int, Table]


def aligned(kind: Kind, end: int) -> int:
    """The last month of the calendar period in which most of a fiscal one lies; half and half belongs to the later."""
    length = MONTHS[kind]
    if kind in ("month", "ltm"):
        return end
    ahead = (end + 1) % length
    return end if ahead == 0 else end - ahead if ahead * 2 < length else end + length - ahead


def report(
    session: Session,
    actor: Actor,
    *,
    currency: str | None,
    period: str | None,
    first: str | None = None,
    last: str | None = None,
    fund_id: int | None = None,
    keys: Sequence[str] | None = None,
    derived: bool = False,
    scenario: str = "actual",
    known_at: datetime | None = None,
) -> Report:
    """Every visible company that reported anything, or those of a fund; ``currency`` None: each in its own."""
    asked = reading.asked(Calendar(), period, first, last)
    companies = _companies(session, actor, fund_id)
    definitions = queries.definitions(session, actor, known_at)
    wanted = reading.known_keys({one.key for one in definitions}, keys)
    ids = [one["id"] for one in companies]
    figures = columns.read(session, actor, ids, asked.kind, scenario, known_at)
    if wanted is not None:
        read = set(wanted) if not derived else _behind(definitions, wanted)
        figures = figures.where(figures.is_word("metric", read))
    rates = fx_rates(session, actor, known_at=known_at)
    calendars = queries.calendars(session, actor, ids, known_at)
    # A reported metric of a company depends on no other: with all its rows of the periods asked for, they are its line.
    by_book = ~figures.is_word("kind", {asked.kind}) | figures.is_word("metric", HISTORICAL)
    pairs = figures.company * len(figures.words["metric"]) + figures.metric
    booked = (np.bincount(pairs[by_book], minlength=int(pairs.max(initial=0)) + 1) > 0)[pairs]
    of_book = figures.is_word("metric", {one.key for one in definitions if one.kind != "derived"}) & (booked | derived)
    quick = figures.where(~booked if wanted is None else ~booked & figures.is_word("metric", wanted))
    given = together.Given({one.key: one for one in definitions}, calendars, rates, companies, currency)
    parts = [_quick(quick, companies, definitions, rates, currency, asked)]
    parts += [
        _of_books(block, given, asked, _lines(figures.where(booked)), wanted, derived)
        for block in together.blocks(figures.where(of_book))
    ]
    ends, tables = _beside(parts, [one.key for one in definitions])
    reporting = tuple(one for one in companies if tables.get(one["id"]))
    return Report(currency, tuple(Period(end, asked.kind) for end in ends), reporting, tables)


def shown(found: Report) -> dict[str, Any]:
    """The report as it goes out."""
    calendar = Calendar()
    return {
        "currency": found.currency,
        "periods": [views.period_out(calendar, one) for one in found.periods],
        "companies": [
            {
                "company_id": one["id"],
                "name": one["name"],
                "currency": found.currency or one["currency"],
                "metrics": found.tables[one["id"]],
            }
            for one in found.companies
        ],
        "total": len(found.companies),
    }


def _companies(session: Session, actor: Actor, fund_id: int | None) -> list[dict[str, Any]]:
    query = visible(actor, Company)
    if fund_id is not None:
        find(session, actor, Fund, fund_id, noun="fund")
        # Deals lie above metrics: their tables are asked by name, as those who reach rows by way of them do.
        deal, vehicle = (Base.metadata.tables[name] for name in ("investment", "vehicle"))
        of_fund = (
            select(deal.c.company_id)
            .join(vehicle, vehicle.c.id == deal.c.vehicle_id)
            .where(theirs(actor, deal), vehicle.c.fund_id == fund_id)
        )
        query = query.where(Company.id.in_(of_fund))
    shown = (Company.id, Company.name, Company.currency)
    rows = session.execute(query.with_only_columns(*shown).order_by(Company.name_key)).mappings()
    return [dict(row) for row in rows]


def _behind(definitions: Sequence[Definition], keys: Collection[str]) -> set[str]:
    """The metrics that these are, or are computed from."""
    formulas = {one.key: parse(one.formula).names for one in definitions if one.formula is not None}
    found, waiting = set(keys), list(keys)
    while waiting:
        new = set(formulas.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _quick(
    figures: Figures,
    companies: Sequence[Mapping[str, Any]],
    definitions: Sequence[Definition],
    rates: FxRates,
    currency: str | None,
    asked: reading.Asked,
) -> tuple[list[int], dict[int, Table]]:
    """The figures of rows that are of the periods asked for, each converted by its rule; with the ends there are."""
    factors = _Factors(rates, definitions, asked.kind, currency, companies)
    which, found = factors.of(figures)
    ends = np.array([one.end for one in found], dtype=np.int64)
    within = np.isin(ends, asked.among(set(ends.tolist())))[which] if len(ends) else np.zeros(0, dtype=np.bool_)
    if not within.all():
        figures, which = figures.where(within), which[within]
    parts = list(_alike(found, which))
    with ThreadPoolExecutor(THREADS) as pool:  # numpy and polars let go of the interpreter
        texts = list(pool.map(lambda part: _texts(figures.units[part[1]], which[part[1]], found, part[0]), parts))
    shown = [(rows, made) for (_, rows), made in zip(parts, texts, strict=True)]
    return columns.spread(figures, ends[which], shown)


def _alike(found: Sequence[_Factor], which: columns.Int64s) -> Iterator[tuple[_How, columns.Int64s]]:
    """The rows that are written in the same way, not too many at once."""
    for how in sorted({one.how for one in found if one.how is not None}, key=str):
        rows = np.flatnonzero(np.array([one.how == how for one in found], dtype=np.bool_)[which])
        for first in range(0, len(rows), TEXTS_AT_ONCE):
            yield how, rows[first : first + TEXTS_AT_ONCE]


def _texts(units: columns.Int64s, which: columns.Int64s, found: Sequence[_Factor], how: _How) -> pl.Series:
    scale, places = how
    if scale is not None:
        return columns.texts(units, scale, places)
    return columns.converted(units, which, [one.rate if one.how == how else Decimal(1) for one in found], places)


@dataclass(frozen=True, slots=True)
class _Factor:
    """What turns units into a figure of the period ``end``. ``how``: (None, places) for a conversion at ``rate``, which
    has the scale of the units in it; (scale, least places) for what is shown as it is; None where there is no rate."""

    end: int
    rate: Decimal = Decimal(1)
    how: _How | None = None


class _Factors:
    """(rule, currency given, currency wanted, end) → the factor, made once for all figures it turns."""

    def __init__(
        self,
        rates: FxRates,
        definitions: Sequence[Definition],
        kind: Kind,
        currency: str | None,
        companies: Sequence[Mapping[str, Any]],
    ) -> None:
        self.kind = kind
        self.into = {one["id"]: currency or one["currency"] for one in companies}
        self.wanted = sorted(set(self.into.values()))
        self.conversions = {to: Conversion(rates, to) for to in self.wanted}
        self.rules = {
            one.key: one.conversion if one.unit == "money" else "ratio" if one.unit == "ratio" else "unit"
            for one in definitions
        }

    def of(self, figures: Figures) -> tuple[columns.Int64s, list[_Factor]]:
        """For each row the place of its factor, and the factors."""
        rules = sorted({*self.rules.values(), "unit"})
        rule = [rules.index(self.rules.get(key, "unit")) for key in figures.words["metric"]]
        given = figures.words["currency"]
        base = int(figures.end.min()) if len(figures.end) else 0
        span = int(figures.end.max(initial=0)) - base + 1
        key = np.array(rule, dtype=np.int64)[figures.metric] * len(given) + figures.currency
        # Companies whose rows were read along but are not asked for have no row left, whatever stands here for them.
        place = {code: at for at, code in enumerate(self.wanted)}
        into = np.array([place.get(self.into.get(one, ""), 0) for one in figures.ids], dtype=np.int64)
        key = key * len(self.wanted) + into[figures.company]

        def make(number: int) -> _Factor:
            number, month = divmod(number, span)
            number, to = divmod(number, len(self.wanted))
            place, code = divmod(number, len(given))
            return self._made(rules[place], given[code], self.wanted[to], month + base)

        return columns.grouped(key * span + figures.end - base, make)

    def _made(self, rule: str, given: str, to: str, end: int) -> _Factor:
        shown = aligned(self.kind, end)
        if rule in ("unit", "ratio"):
            return _Factor(shown, how=(FRACTION_SCALE if rule == "ratio" else MONEY_SCALE, 0))
        places = money.decimals(to)
        if given in (columns.NO_CURRENCY, to):
            return _Factor(shown, how=(MONEY_SCALE, places))
        own = Period(end, self.kind)
        quoted = self.conversions[to].quoted(given, rule, own.starts_on, own.ends_on)
        if isinstance(quoted, str):
            return _Factor(shown)
        return _Factor(shown, _FULL.scaleb(quoted.rate.value, -MONEY_SCALE), (None, places))


def _lines(figures: Figures) -> set[tuple[int, str]]:
    """The companies and metrics that there are rows of."""
    keys = figures.words["metric"]
    pairs = np.unique(figures.company * len(keys) + figures.metric).tolist()
    return {(figures.ids[pair // len(keys)], keys[pair % len(keys)]) for pair in pairs}


def _of_books(
    figures: Figures,
    given: together.Given,
    asked: reading.Asked,
    lines: Collection[tuple[int, str]],
    wanted: Collection[str] | None,
    derived: bool,
) -> tuple[list[int], dict[int, Table]]:
    """Figures by way of the companies' books: of these ``lines``, made of shorter periods, and derived ones. Ratios
    and months among these are of the companies' own currencies."""
    books = together.Books(figures, given, given.into)
    known = books.ends(asked.kind)
    among = [books.base + at for at in range(books.months)]
    known &= np.array([bool(asked.among([aligned(asked.kind, end)])) for end in among], dtype=np.bool_)
    months = np.flatnonzero(known.any(axis=0))
    ends = sorted({aligned(asked.kind, books.base + at) for at in months.tolist()})
    places = [ends.index(aligned(asked.kind, books.base + at)) for at in months.tolist()]
    tables: dict[int, Table] = {}

    def show(key: str, block: Block, computed: Flags | None = None) -> None:
        line = _aligned(block, known[:, months], places, len(ends))
        flags = None if computed is None else _aligned(computed, known[:, months], places, len(ends))
        for at in np.flatnonzero(~is_missing(line).all(axis=1)).tolist():
            company = figures.ids[at]
            if computed is None or (company, key) in lines:
                texts = given.texts(key, company, line[at], None if flags is None else flags[at])
                tables.setdefault(company, {})[key] = texts

    shown = [one for key, one in given.definitions.items() if wanted is None or key in wanted]
    for key in {key for _, key in lines} & {one.key for one in shown if one.kind != "derived"}:
        show(key, *books.cells(asked.kind, key, months + books.base))
    computed_ones = [one for one in shown if derived and one.kind == "derived"]
    money_ones = [one.key for one in computed_ones if one.unit == "money" or given.own == given.into]
    own_ones = [one.key for one in computed_ones if one.key not in money_ones]
    for into, keys in ((given.into, money_ones), (given.own, own_ones)):
        if keys:
            of = books if into is given.into else together.Books(figures, given, into)
            for key, block in of.derived(asked.kind, keys, known).items():
                show(key, block[:, months])
    return ends, tables


def _aligned(block: Any, known: Flags, places: Sequence[int], width: int) -> Any:
    """Company × month as company × calendar period: what is known of each; the later one where two fall together."""
    found = np.full((len(block), width), MISSING if block.dtype == object else False, dtype=block.dtype)
    for at, place in enumerate(places):
        rows = known[:, at]
        found[rows, place] = block[rows, at]
    return found


def _beside(
    parts: Sequence[tuple[list[int], dict[int, Table]]], order: Sequence[str]
) -> tuple[list[int], dict[int, Table]]:
    """Tables of the same companies over different periods as one, the metrics in their order."""
    parts = [(ends, tables) for ends, tables in parts if tables]
    if len(parts) < 2:
        return parts[0] if parts else ([], {})
    there = sorted({end for ends, _ in parts for end in ends})
    together: dict[int, Table] = {}
    for ends, tables in parts:
        places = [there.index(end) for end in ends]
        for company, table in tables.items():
            together.setdefault(company, {}).update(table if ends == there else _moved(table, places, len(there)))
    return there, {
        company: {key: table[key] for key in (*order, *table) if key in table} for company, table in together.items()
    }


def _moved(table: Table, places: Sequence[int], width: int) -> Table:
    """The lists with their texts at other places, among more periods."""
    found: Table = {}
    for key, cells in table.items():
        line = found[key] = [None] * width
        for place, text in zip(places, cells, strict=True):
            line[place] = text
    return found
