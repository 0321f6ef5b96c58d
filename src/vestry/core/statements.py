"""SELECTs for the driver itself: compiled once for each shape, then only given other values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from vestry.core.types import Exact

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement in the driver's words, and its values in the driver's types."""

    text: str
    values: Any


class _Shape:
    """A compiled SELECT, to be given values."""

    def __init__(self, query: Query, dialect: Dialect, **options: Any) -> None:
        compiled = query.compile(dialect=dialect, **options)
        assert isinstance(compiled, SQLCompiler)
        self.compiled = compiled
        self.binders = {
            name: binder
            for name, one in compiled.binds.items()
            if (binder := one.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }

    def given(self, values: Any) -> Bound:
        """The statement with its values; IN (…) is written out for as many as there are."""
        state = self.compiled.construct_expanded_state(dict(values), escape_names=False)
        given = dict(state.parameters)
        for name, binder in {**self.binders, **state.processors}.items():
            if name in given:
                given[name] = binder(given[name])
        if state.positiontup is None:
            return Bound(state.statement, given)
        return Bound(state.statement, tuple(given[name] for name in state.positiontup))


class Prepared:
    """A SELECT with named parameters (``bindparam``), compiled once for each database."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._shapes: dict[str, _Shape] = {}
        self._again: dict[tuple[Any, ...], Bound] = {}

    def given(self, dialect: Dialect, **values: Any) -> Bound:
        """The statement with these values."""
        shape = self._shapes.get(dialect.name)
        if shape is None:
            shape = self._shapes[dialect.name] = _Shape(self.query, dialect)
        return shape.given(shape.compiled.construct_params(values))

    def again(self, dialect: Dialect, **values: int) -> Bound:
        """The same for values that come again and again, such as a company's id: made once (see ``written_out``)."""
        key = (dialect.name, *values.items())
        found = self._again.get(key)
        if found is None:
            if len(self._again) >= SHAPES_MAX:
                self._again.clear()
            found = self.given(dialect, **values)
            self._again[key] = found = written_out(found) if dialect.name == "sqlite" else found
        return found


class Rows(Prepared):
    """A SELECT for a session: rows as plain tuples, with neither entities nor SQLAlchemy's rows around them."""

    def __init__(self, query: Query) -> None:
        super().__init__(query)
        self._reads: dict[str, list[Callable[[Any], Any] | None]] = {}

    def of(self, session: Session, **values: int) -> list[tuple[Any, ...]]:
        """The rows in the session's own state of the books; each value as its column's type has it."""
        if session.autoflush:
            session.flush()  # as any other query would
        connection = session.connection()
        dialect = connection.dialect
        given = self.again(dialect, **values)
        driver: Any = connection.connection.driver_connection
        try:
            rows: list[tuple[Any, ...]] = driver.execute(given.text, given.values).fetchall()
        except dialect.loaded_dbapi.Error as error:
            raise named(error, given, dialect, driver) from error
        reads = self._reads_of(dialect)
        if not rows or not any(reads):
            return rows
        columns = (_read(column, read) for column, read in zip(zip(*rows, strict=True), reads, strict=True))
        return list(zip(*columns, strict=True))

    def _reads_of(self, dialect: Dialect) -> list[Callable[[Any], Any] | None]:
        known = self._reads.get(dialect.name)
        if known is None:
            known = self._reads[dialect.name] = [_reader(column, dialect) for column in self.query.selected_columns]
        return known


def _reader(column: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """How what the driver gives becomes the column's type; None where it is that already."""
    if dialect.name == "sqlite" and isinstance(column.type, Date):
        return date.fromisoformat
    if isinstance(column.type, Exact):
        return _exact(-column.type.scale) if dialect.name == "sqlite" else None
    found: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return found


def _exact(places: int) -> Callable[[int], Decimal]:
    return lambda units: Decimal(units).scaleb(places)


def _read(column: tuple[Any, ...], read: Callable[[Any], Any] | None) -> Iterable[Any]:
    return column if read is None else [None if one is None else read(one) for one in column]


def named(error: Any, statement: Bound, dialect: Dialect, driver: Any) -> DBAPIError:
    """A driver's error as SQLAlchemy names it, so that it is answered as any other."""
    found = DBAPIError.instance(
        statement.text,
        None,  # values may be secrets
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=dialect.is_disconnect(error, driver, None),
        dialect=dialect,
    )
    assert isinstance(found, DBAPIError)
    return found


def bound(query: Query, dialect: Dialect) -> Bound:
    """A SELECT that carries its values; compiling is left out when one of its shape was seen before."""
    key = query._generate_cache_key()
    if key is None:
        shape = _Shape(query, dialect)
        return shape.given(shape.compiled.construct_params())
    known = _SHAPES.get((dialect.name, key.key))
    if known is None:
        if len(_SHAPES) >= SHAPES_MAX:
            _SHAPES.clear()
        known = _SHAPES[dialect.name, key.key] = _Shape(query, dialect, cache_key=key)
    return known.given(known.compiled.construct_params(extracted_parameters=key.bindparams))


def written_out(statement: Bound) -> Bound:
    """The same for SQLite with its whole numbers in the text: it plans a statement again at each run when a value is
    bound that a plan could depend on (a LIMIT, the first column of an index), which takes longer than a page of rows.
    Only worth it for a statement that is run again and again with the same values."""
    parts = statement.text.split("?")
    if len(parts) != len(statement.values) + 1:  # a question mark of another meaning
        return statement
    marks = [str(value) if type(value) is int else "?" for value in statement.values]
    text = "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True))
    return Bound(text, tuple(value for value in statement.values if type(value) is not int))


_SHAPES: dict[tuple[str, Any], _Shape] = {}
SHAPES_MAX = 500
