"""Lists that are asked for all day: each shape of their statement is built and compiled once, its rows go from the
driver straight to JSON values.

A :class:`Listing` builds its SELECT from the names of the filters that are given, with a bound parameter for each, so
that two requests of one shape differ only in values. The answer is the same as :func:`vestry.core.paging.paginate`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Boolean, Select, and_, bindparam, or_
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from vestry.core import paging
from vestry.core.paging import Column, Page
from vestry.core.types import MONEY_SCALE, Exact, UtcDateTime

Reader = Callable[[Any], Any]
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """What a list is made of: its rows, its count, the columns it may be sorted by, and its unique key."""

    rows: Query
    count: Query
    columns: Mapping[str, Column]
    key: Column


class Sql:
    """A compiled SELECT, run with values by parameter name."""

    def __init__(self, query: Query, dialect: Dialect) -> None:
        compiled: Any = query.compile(dialect=dialect)
        self.text: str = str(compiled)
        self.order: list[str] | None = compiled.positiontup
        self.fixed: dict[str, Any] = compiled.params
        binders = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in compiled.binds.items()}
        self.binders = {name: binder for name, binder in binders.items() if binder is not None}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The driver's cursor."""
        given = self.fixed | {name: value for name, value in values.items() if name in self.fixed}
        for name, binder in self.binders.items():
            given[name] = binder(given[name])
        bound: Any = given if self.order is None else tuple(given[name] for name in self.order)
        return connection.exec_driver_sql(self.text, bound).cursor


class Prepared:
    """A SELECT with bound parameters that is compiled once for each database."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.made: dict[str, Sql] = {}

    def first(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The driver's first row: on SQLite exact decimals are units and instants are text."""
        connection = session.connection()
        dialect = connection.dialect
        sql = self.made.get(dialect.name)
        if sql is None:
            sql = self.made[dialect.name] = Sql(self.query, dialect)
        row: tuple[Any, ...] | None = sql.run(connection, values).fetchone()
        return row


@dataclass(frozen=True, slots=True)
class _Statement:
    rows: Sql
    count: Sql
    names: tuple[str, ...]
    readers: tuple[tuple[int, Reader], ...]
    sort_reader: Reader  # the driver's value of the sort column as Python knows it

    def items(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The driver's rows as they go out."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for position, reader in self.readers if rows else ():
            columns[position] = [None if value is None else reader(value) for value in columns[position]]
        return [dict(zip(self.names, row, strict=False)) for row in zip(*columns, strict=True)]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list by name. ``build`` makes its source from the filters given (name → bound parameter)."""

    name: str
    build: Callable[[Mapping[str, Any]], Source]
    default: str
    made: dict[tuple[Any, ...], _Statement] = field(default_factory=dict, repr=False)

    def page(
        self, session: Session, page: Page, sorts: Mapping[str, Column], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """``{"items", "next", "total"}`` for the filters' values; ``given`` has no None in it."""
        wanted = page.sort or self.default
        descending, name = paging.sort_of(wanted, sorts)
        question = paging.asked(session, f"{self.name}|{wanted}|{sorted(given.items())}")
        after = paging.opened_after(page.cursor, question) if page.cursor else None
        values = dict(given)
        if after is not None:
            values |= {"after_key": after[1]} | ({"after_value": after[0]} if after[0] is not None else {})
        connection = session.connection()
        shape = (connection.dialect.name, *sorted(values), name, descending)
        statement = self.made.get(shape)
        if statement is None:
            statement = self.made[shape] = self._made(connection.dialect, values, name, descending)
        found = statement.rows.run(connection, values | {"limit": page.limit + 1}).fetchall()
        total = statement.count.run(connection, given).fetchone()[0]
        more = len(found) > page.limit
        items = statement.items(found[: page.limit])
        last = found[page.limit - 1] if more else None
        return {
            "items": items,
            "next": paging.cursor(question, statement.sort_reader(last[-2]), last[-1]) if last is not None else None,
            "total": total,
        }

    def _made(self, dialect: Dialect, values: Mapping[str, Any], name: str, descending: bool) -> _Statement:
        filters: dict[str, Any] = {key: bindparam(key) for key in values if not key.startswith("after_")}
        source = self.build(filters)
        rows, count, column, key = source.rows, source.count, source.columns[name], source.key
        if "after_key" in values:
            last = key > bindparam("after_key")
            if "after_value" in values:
                start: Any = bindparam("after_value")
                beyond = column < start if descending else column > start
                rows = rows.where(or_(beyond, and_(column == start, last), *_nulls(column)))
            else:
                rows = rows.where(and_(column.is_(None), last))
        shown = rows.add_columns(column.label("_sort"), key.label("_key"))
        ordered = shown.order_by(*_nulls(column), column.desc() if descending else column.asc(), key.asc())
        readers = [
            (position, reader)
            for position, one in enumerate(rows.selected_columns)
            if (reader := _reader(one.type, dialect)) is not None
        ]
        names = tuple(one.key for one in rows.selected_columns if one.key is not None)
        return _Statement(
            Sql(ordered.limit(bindparam("limit")), dialect),
            Sql(count, dialect),
            names,
            tuple(readers),
            _sort_reader(column.type, dialect),
        )


def _sort_reader(kind: TypeEngine[Any], dialect: Dialect) -> Reader:
    if dialect.name != "sqlite":
        return _same
    return kind.dialect_impl(dialect).result_processor(dialect, None) or _same


def _same(value: Any) -> Any:
    return value


def _nulls(column: Column) -> list[Any]:
    return [column.is_(None)] if getattr(column, "nullable", True) else []


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Reader | None:
    if dialect.name != "sqlite":
        return None
    if isinstance(kind, Exact):
        return _units_reader(kind.scale)
    if isinstance(kind, UtcDateTime):
        return lambda text: text.replace(".000000Z", "Z")
    return bool if isinstance(kind, Boolean) else None


@cache
def _units_reader(scale: int) -> Reader:
    places_min = 2 if scale == MONEY_SCALE else 0
    return lru_cache(maxsize=20_000)(lambda units: units_text(units, scale, places_min))


def units_text(units: int, scale: int, places_min: int) -> str:
    """Whole units of the last place as :func:`vestry.core.fields.decimal_text` writes their decimal."""
    digits = str(abs(units)).rjust(scale + 1, "0")
    whole, places = digits[:-scale], digits[-scale:].rstrip("0").ljust(places_min, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{places}" if places else f"{sign}{whole}"
