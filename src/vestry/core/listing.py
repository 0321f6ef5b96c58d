"""The house's one way of listing: a SELECT, what it may be sorted by, and its unique key.

A :class:`Listing` is built for an actor, as any other query is, so what it shows begins from what the actor may see.
It is run in one of three ways. :func:`paginate` gives Python values inside a session, for lists to which more is added.
:func:`ready` makes a statement of it that needs no session: rows and total come in one round trip from the driver and
go out as JSON values, without entities and without validating what we stored ourselves. Both give the same answer.
:func:`every` gives all rows, for files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Date, Select, Text, and_, cast, func, or_, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from vestry.core import encoding, paging
from vestry.core.actor import Actor
from vestry.core.db import Reader
from vestry.core.fields import exact_text, units_text
from vestry.core.json_rows import json_row
from vestry.core.paging import Column, Page
from vestry.core.statements import Bound, bound, written_out
from vestry.core.types import MONEY_SCALE, Exact, UtcDateTime

Query = Select[*tuple[Any, ...]]
Item = dict[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is made of.

    ``rows``: a SELECT with labelled columns. ``sorts``: name → column it may be sorted by; ``default``: the sort when
    none is asked for (``-name`` descends). ``key`` is unique and breaks ties. ``count``: the number of the same rows,
    where it can be had without joins that change nothing. ``finish``: the last touch to each item.
    """

    rows: Query
    sorts: Mapping[str, Column]
    key: Column
    default: str
    count: Query | None = None
    finish: Callable[[Item], Item] | None = None

    def counted(self) -> Query:
        """A SELECT of the number of rows."""
        if self.count is not None:
            return self.count
        return select(func.count()).select_from(self.rows.order_by(None).subquery())


@dataclass(frozen=True, slots=True)
class _Cut:
    """One page of a listing: its question, the sort column, and the rows in order, one more than are shown."""

    question: str
    column: Column
    query: Query


def _cut(actor: Actor, listing: Listing, page: Page) -> _Cut:
    wanted = page.sort or listing.default
    descending, name = paging.sort_of(wanted, listing.sorts)
    column, key = listing.sorts[name], listing.key
    question = paging.asked(actor, f"{wanted}|{paging.shape_of(listing.rows)}")
    query = listing.rows
    if page.cursor:
        query = query.where(_after(*paging.opened_after(page.cursor, question), column, key, descending))
    query = query.add_columns(column.label("_sort"), key.label("_key"))
    # Rows with no value in the sort column come last, whichever the direction.
    nulls = [column.is_(None)] if getattr(column, "nullable", True) else []
    ordered = query.order_by(*nulls, column.desc() if descending else column.asc(), key.asc())
    return _Cut(question, column, ordered.limit(page.limit + 1))


def _after(value: Any, last: Any, column: Column, key: Column, descending: bool) -> Any:
    if value is None:
        return and_(column.is_(None), key > last)
    beyond = column < value if descending else column > value
    return or_(beyond, and_(column == value, key > last), column.is_(None))


def paginate(session: Session, listing: Listing, page: Page) -> dict[str, Any]:
    """``{"items", "next", "total"}`` as Python values."""
    cut = _cut(session.info["actor"], listing, page)
    rows = session.execute(cut.query).mappings().all()
    shown = rows[: page.limit]
    items = [{name: value for name, value in row.items() if name not in ("_sort", "_key")} for row in shown]
    last = shown[-1] if len(rows) > page.limit else None
    return {
        "items": items if listing.finish is None else [listing.finish(item) for item in items],
        "next": None if last is None else paging.cursor(cut.question, last["_sort"], last["_key"]),
        "total": session.scalar(listing.counted()),
    }


def every(session: Session, listing: Listing, page: Page) -> Iterator[Item]:
    """All rows of the listing in the order asked for, whatever the page's limit and cursor, a batch at a time."""
    cut = _cut(session.info["actor"], listing, replace(page, cursor=None))
    rows = session.execute(cut.query.limit(None).execution_options(yield_per=BATCH)).mappings()
    for row in rows:
        item = {name: value for name, value in row.items() if name not in ("_sort", "_key")}
        yield item if listing.finish is None else listing.finish(item)


BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Ready:
    """A page of a listing as a statement with its values; running it reads the books as they are then.

    Each row of the statement ends with the value it is sorted by, its key, and the number of all rows. ``shown`` makes
    the JSON of the items from what comes before.
    """

    rows: Bound
    count: Bound
    question: str
    limit: int
    is_first: bool
    shown: Callable[[Sequence[tuple[Any, ...]]], bytes]
    sorted_by: Convert | None

    def page(self, reader: Reader, provided: Bound | None = None) -> bytes:
        """The JSON of ``{"items", "next", "total"}``; rows and total are of one moment."""
        found = reader.all(self.rows, provided)
        # Each row brings the total; without any there is nothing at all, or nothing beyond the cursor.
        (*_, total), *_ = found or ([(0,)] if self.is_first else reader.all(self.count))
        last = found[self.limit - 1] if len(found) > self.limit else None
        following = None if last is None else paging.cursor(self.question, self._sort_value(last[-3]), last[-2])
        items = self.shown(found[: self.limit])
        return b'{"items":%b,"next":%b,"total":%d}' % (items, encoding.dumps(following), total)

    def _sort_value(self, value: Any) -> Any:
        return value if value is None or self.sorted_by is None else self.sorted_by(value)


def ready(dialect: Dialect, actor: Actor, listing: Listing, page: Page) -> Ready:
    """The statement of a page of the listing, which must have been built for the same actor."""
    cut = _cut(actor, listing, page)
    columns = list(listing.rows.selected_columns)
    *_, sort, key = cut.query.selected_columns
    total = listing.counted().correlate(None).scalar_subquery().label("_total")
    written = json_row(columns, dialect) if listing.finish is None else None
    outgoing = [_outgoing(column, dialect) for column in columns] if written is None else [written]
    query = cut.query.with_only_columns(*outgoing, sort, key, total, maintain_column_froms=True)
    rows = bound(query, dialect)
    return Ready(
        written_out(rows) if dialect.name == "sqlite" else rows,
        bound(listing.counted(), dialect),
        cut.question,
        page.limit,
        page.cursor is None,
        _joined if written is not None else _Items.of(columns, dialect, listing.finish).encoded,
        _value(cut.column.type, dialect),
    )


def _joined(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Items that the database has written."""
    return f"[{','.join([row[0] for row in rows])}]".encode()


@dataclass(frozen=True, slots=True)
class _Items:
    """How the driver's rows become JSON: the names of their columns, and what turns the values of some into JSON's."""

    names: tuple[str, ...]
    converts: tuple[tuple[int, Convert], ...]
    finish: Callable[[Item], Item] | None

    @classmethod
    def of(cls, columns: Sequence[Any], dialect: Dialect, finish: Callable[[Item], Item] | None) -> _Items:
        converts = [(place, _convert(column.type, dialect)) for place, column in enumerate(columns)]
        names = tuple(str(column.key) for column in columns)
        return cls(names, tuple((place, one) for place, one in converts if one is not None), finish)

    def encoded(self, rows: Sequence[tuple[Any, ...]]) -> bytes:
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, convert in self.converts if rows else ():
            columns[place] = [None if value is None else convert(value) for value in columns[place]]
        items = [dict(zip(self.names, row, strict=False)) for row in zip(*columns[: len(self.names)], strict=True)]
        return encoding.dumps(items if self.finish is None else [self.finish(item) for item in items])


def _outgoing(column: Any, dialect: Dialect) -> Any:
    """On PostgreSQL exact decimals and instants leave as text: the driver would make objects only to be written out."""
    if dialect.name == "postgresql" and isinstance(column.type, Exact | UtcDateTime):
        return cast(column, Text).label(column.key)
    return column


def _convert(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What the driver gives for a column → its JSON value; None where they are the same."""
    is_sqlite = dialect.name == "sqlite"
    if isinstance(kind, Exact):
        return _exact(kind.scale, is_units=is_sqlite)
    if isinstance(kind, UtcDateTime):
        return _sqlite_instant if is_sqlite else _postgres_instant
    return None if isinstance(kind, Date) else _value(kind, dialect)


def _value(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What the driver gives for a column → its Python value; PostgreSQL's driver knows all our types itself."""
    if dialect.name == "postgresql":
        return None
    found: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def _sqlite_instant(text: str) -> str:
    return text.replace(".000000Z", "Z")


def _postgres_instant(text: str) -> str:
    """``2024-01-15 10:00:00.5+00`` (sessions are in UTC) → ``2024-01-15T10:00:00.500000Z``."""
    whole, _, places = text.removesuffix("+00").replace(" ", "T").partition(".")
    return f"{whole}.{places:0<6}Z" if places else f"{whole}Z"


@cache
def _exact(scale: int, *, is_units: bool) -> Convert:
    """The text of a kept decimal; amounts repeat, so they are remembered."""
    places_min = 2 if scale == MONEY_SCALE else 0
    if is_units:
        return lru_cache(maxsize=20_000)(lambda units: units_text(units, scale, places_min))
    return lru_cache(maxsize=20_000)(lambda text: exact_text(text, places_min))
