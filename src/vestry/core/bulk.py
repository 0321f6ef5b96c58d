"""Many rows at once: a frame goes into a temporary table (executemany on SQLite, COPY on PostgreSQL), and from there
into one or several tables by INSERT … SELECT.

Rows written here pass the database's own constraints and nothing else, so the caller has checked them. A frame's
columns hold what the tables keep: exact decimals as whole units of their last place (``Int64``), days as ``Date``,
text as ``String``, flags as ``Boolean``; what is the same in every row comes as constants.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    MetaData,
    Numeric,
    Table,
    Text,
    cast,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

from vestry.core import changes, history
from vestry.core.model import Base, Fact
from vestry.core.types import Exact

CHUNK_ROWS = 50_000
DERIVED_AT_ONCE = 2_000  # what is derived from more rows than these is brought up to date after the transaction
Progress = Callable[[int], None]
_KINDS: dict[Any, Any] = {pl.Int64: BigInteger, pl.String: Text, pl.Date: Date, pl.Boolean: Boolean}
_numbers = itertools.count()


def new_ids(session: Session, model: type[Base], count: int) -> pl.Series:
    """``count`` fresh ids of a table, this transaction's own (a SQLite writer is alone; PostgreSQL has sequences)."""
    table = _table(model)
    if count == 0:
        return pl.Series("id", [], pl.Int64)
    if _is_sqlite(session):
        last = session.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        return pl.int_range(last + 1, last + count + 1, eager=True).alias("id")
    # Another session may draw from the sequence meanwhile; what we got comes back as runs of neighbours.
    runs = text(
        "SELECT min(v), max(v) FROM (SELECT v, v - row_number() OVER (ORDER BY v) AS run FROM "
        "(SELECT nextval(CAST(:sequence AS regclass)) AS v FROM generate_series(1, :count)) drawn) numbered "
        "GROUP BY run ORDER BY 1"
    )
    sequence = session.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', "id")))
    found = session.execute(runs, {"sequence": sequence, "count": count}).all()
    return pl.concat([pl.int_range(first, last + 1, eager=True) for first, last in found]).alias("id")


def write(
    session: Session,
    model: type[Base],
    frame: pl.DataFrame,
    constants: Mapping[str, Any],
    progress: Progress | None = None,
) -> None:
    """Insert the frame's rows, its columns named as the table's, each with the constants and the model's stamps."""
    with staged(session, frame, progress) as stage:
        stage.into(model, dict(zip(frame.columns, frame.columns, strict=True)), constants)


@contextmanager
def staged(session: Session, frame: pl.DataFrame, progress: Progress | None = None) -> Iterator[Stage]:
    """The frame as a temporary table of this transaction; ``progress`` hears how many rows went in."""
    session.flush()
    table = Table(
        f"stage_{next(_numbers)}",
        MetaData(),
        *(Column(name, _KINDS[kind]) for name, kind in frame.schema.items()),
        prefixes=["TEMPORARY"],
    )
    if frame.is_empty():
        yield Stage(session, table, frame)
        return
    table.create(session.connection())
    load = _execute_many if _is_sqlite(session) else _copy
    for chunk in frame.iter_slices(CHUNK_ROWS):
        load(session, table, chunk)
        if progress:
            progress(chunk.height)
    yield Stage(session, table, frame)
    table.drop(session.connection())


class Stage:
    """Rows on their way into tables."""

    def __init__(self, session: Session, table: Table, frame: pl.DataFrame) -> None:
        self.session, self.table, self.frame, self.height = session, table, frame, frame.height
        self._sound: set[tuple[str, Table]] = set()  # columns whose values are known to be ids of a table

    def into(self, model: type[Base], columns: Mapping[str, str], constants: Mapping[str, Any]) -> None:
        """Insert every row: ``columns`` names where each of the model's columns comes from."""
        if not self.height:
            return
        target = _table(model)
        self._tell(columns, constants)
        if "id" in columns:
            self._sound.add((columns["id"], target))
        same = {**_stamps(self.session, model), **constants}
        values = [
            *(self._value(self.table.c[origin], target.c[name]) for name, origin in columns.items()),
            *(literal(value, target.c[name].type) for name, value in same.items()),
        ]
        statement = insert(target).from_select([*columns, *same], select(*values))
        told = {changes.TOLD: True}
        if _is_sqlite(self.session):
            self.session.execute(statement, execution_options=told)
            return
        with _keys_checked_together(self.session) as together:
            self.session.execute(statement, execution_options=told)
        if together:
            self._refuse_dangling(target, columns, same)

    def _tell(self, columns: Mapping[str, str], constants: Mapping[str, Any]) -> None:
        """Say what the new rows are about, to whatever is derived from it."""
        for name in changes.SUBJECTS:
            about = self.frame[columns[name]].unique() if name in columns else [constants.get(name)]
            found = [one for one in about if one is not None]
            changes.tell(self.session, name, found, later=self.height > DERIVED_AT_ONCE)

    def _value(self, origin: Column[Any], target: Column[Any]) -> ColumnElement[Any]:
        if isinstance(target.type, Exact) and not _is_sqlite(self.session):
            return cast(origin, Numeric) * literal_column(f"1e-{target.type.scale}")  # a numeric product is exact
        return origin

    def _refuse_dangling(self, target: Table, columns: Mapping[str, str], same: Mapping[str, Any]) -> None:
        """What the keys' own triggers would have checked row by row."""
        for key in target.foreign_keys:
            name, parent = key.parent.name, key.column
            if name in columns:
                origin = self.table.c[columns[name]]
                if (columns[name], parent.table) in self._sound:
                    continue
                self._sound.add((columns[name], parent.table))
                lost = select(origin).where(origin.is_not(None), ~exists().where(parent == origin)).limit(1)
            elif same.get(name) is not None:
                lost = select(literal(1)).where(~exists().where(parent == same[name]))
            else:
                continue
            if self.session.scalar(lost) is not None:
                raise DanglingKeyError(f"{target.name}.{name} refers to a row of {parent.table.name} that is not there")


class DanglingKeyError(RuntimeError):
    """Code tried to write rows that refer to nothing."""


@contextmanager
def _keys_checked_together(session: Session) -> Iterator[bool]:
    """Switch PostgreSQL's row-by-row checks of foreign keys off for one statement, where our role may; the caller
    then checks all rows in one query. They are most of the cost of a large load, and rows are never deleted."""
    may = session.scalar(_MAY_SWITCH)
    if may:
        session.execute(text("SET LOCAL session_replication_role = replica"))
    yield bool(may)
    if may:
        session.execute(text("SET LOCAL session_replication_role = origin"))


_MAY_SWITCH = text(
    "SELECT CASE WHEN current_setting('server_version_num')::int >= 150000 "
    "THEN has_parameter_privilege(current_user, 'session_replication_role', 'SET') "
    "ELSE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) END"
)


def _execute_many(session: Session, table: Table, chunk: pl.DataFrame) -> None:
    places = ", ".join(["?"] * chunk.width)
    plain = chunk.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"), pl.selectors.boolean().cast(pl.Int64))
    connection: Any = session.connection().connection.driver_connection
    columns = [column.to_list() for column in plain.get_columns()]
    connection.executemany(
        f"INSERT INTO {table.name} VALUES ({places})",  # noqa: S608 - our own table
        zip(*columns, strict=True),
    )


def _copy(session: Session, table: Table, chunk: pl.DataFrame) -> None:
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT csv)") as copy:
        copy.write(chunk.write_csv(include_header=False).encode())


def _stamps(session: Session, model: type[Base]) -> dict[str, Any]:
    """What every new row of the model carries besides its own columns."""
    if issubclass(model, Fact):
        return history.stamp(session)
    now = session.info["now"]
    return {"version": 1, "created_at": now, "updated_at": now}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _table(model: type[Base]) -> Table:
    table: Table = model.__table__  # type: ignore[assignment]
    return table
