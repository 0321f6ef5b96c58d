"""Many rows at once: a frame goes into a temporary table (executemany on SQLite, COPY on PostgreSQL), and from there
into one or several tables by INSERT … SELECT.

Rows written here pass the database's own constraints and nothing else, so the caller has checked them. A frame's
columns hold what the tables keep: exact decimals as whole units of their last place (``Int64``), days as ``Date``,
text as ``String``, flags as ``Boolean``; what is the same in every row comes as constants.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Numeric,
    Select,
    Table,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy import column as lightweight_column
from sqlalchemy import table as lightweight
from sqlalchemy.orm import Session

from vestry.core import changes, history, packing, trail
from vestry.core.model import Base, Fact, table_of
from vestry.core.packing import Packed
from vestry.core.types import Exact

CHUNK_ROWS = 50_000
ROWS_A_STATEMENT = 100  # SQLite takes many rows in one statement at half the cost of one row each
DIGEST_BEHIND = 5_000  # a frame of more rows than these is digested beside the loading
DERIVED_AT_ONCE = 2_000  # what is derived from more rows than these is brought up to date after the transaction
KEYS_NAMED = 1_000  # a foreign key with more different values than these is checked by a join
Progress = Callable[[int], None]
_numbers = itertools.count()


_DRAWN = "(SELECT nextval(CAST(:sequence AS regclass)) AS v FROM generate_series(1, :count)) drawn"
_ENDS = text(f"SELECT min(v), max(v) FROM {_DRAWN}")  # noqa: S608 - our own words
_RUNS = text(  # of neighbours, in our own words
    f"SELECT min(v), max(v) FROM (SELECT v, v - row_number() OVER (ORDER BY v) AS run FROM {_DRAWN}) numbered "  # noqa: S608
    "GROUP BY run ORDER BY 1"
)


def new_ids(session: Session, model: type[Base], count: int) -> pl.Series:
    """``count`` fresh ids of a table, this transaction's own (a SQLite writer is alone; PostgreSQL has sequences)."""
    table = table_of(model)
    if count == 0:
        return pl.Series("id", [], pl.Int64)
    if _is_sqlite(session):
        last = session.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        return pl.int_range(last + 1, last + count + 1, eager=True).alias("id")
    sequence = session.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', "id")))
    drawn = {"sequence": sequence, "count": count}
    first, last = session.execute(_ENDS, drawn).one()
    if last - first + 1 == count:
        return pl.int_range(first, last + 1, eager=True).alias("id")
    # Another session drew from the sequence meanwhile: leave these unused, and take the next with their gaps.
    found = session.execute(_RUNS, drawn).all()
    return pl.concat([pl.int_range(first, last + 1, eager=True) for first, last in found]).alias("id")


def write(
    session: Session,
    model: type[Base],
    frame: pl.DataFrame,
    constants: Mapping[str, Any],
    progress: Progress | None = None,
) -> None:
    """Insert the frame's rows, its columns named as the table's, each with the constants and the model's stamps."""
    with staged(session, frame, progress, packed=True) as stage:
        stage.into(model, dict(zip(frame.columns, frame.columns, strict=True)), constants)


@contextmanager
def staged(
    session: Session, frame: pl.DataFrame, progress: Progress | None = None, *, packed: bool = False
) -> Iterator[Stage]:
    """The frame as a temporary table of this transaction; ``progress`` hears how many rows went in.

    ``packed``: what many rows share does not travel with each (see :mod:`vestry.core.packing`); such columns are not
    the table's own, and only :meth:`Stage.into` knows them.
    """
    session.flush()
    load = packing.packed(frame, coded=_is_sqlite(session)) if packed else Packed(frame)
    name = f"stage_{next(_numbers)}"
    columns = (Column(column, packing.KINDS[kind]) for column, kind in load.frame.schema.items())
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])
    if frame.is_empty():
        yield Stage(session, table, frame, load)
        return
    table.create(session.connection())
    with _words_beside(session, name, load), _digested(frame) as digest:
        for chunk in load.frame.iter_slices(CHUNK_ROWS):
            _load(session, table, chunk)
            if progress:
                progress(chunk.height)
        stage = Stage(session, table, frame, load)
        yield stage
        stage.tell_trail(digest)
    table.drop(session.connection())


@contextmanager
def _words_beside(session: Session, name: str, load: Packed) -> Iterator[None]:
    """The words of the code in a table of their own (SQLite)."""
    if not load.digits:
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    driver.execute(f"CREATE TEMPORARY TABLE {name}_words (place INTEGER PRIMARY KEY, word)")
    # The name is the caller's own word, never a user's.
    driver.executemany(f"INSERT INTO {name}_words VALUES (?, ?)", enumerate(map(packing.day_text, load.words)))  # noqa: S608
    yield
    driver.execute(f"DROP TABLE {name}_words")


def _load(session: Session, table: Table, chunk: pl.DataFrame) -> None:
    driver: Any = session.connection().connection.driver_connection
    if _is_sqlite(session):
        execute_many(driver, f"INSERT INTO {table.name}", chunk)
        return
    copy_rows(driver, table.name, chunk)


@contextmanager
def _digested(frame: pl.DataFrame) -> Iterator[Callable[[], str]]:
    """The frame's digest, made while its rows go in where they are many."""
    if frame.height < DIGEST_BEHIND:
        yield lambda: digest_of(frame)
        return
    with ThreadPoolExecutor(1, "digest") as beside:
        found: Future[str] = beside.submit(digest_of, frame)
        yield found.result


class Stage:
    """Rows on their way into tables."""

    def __init__(
        self,
        session: Session,
        table: Table,
        frame: pl.DataFrame,
        load: Packed,
    ) -> None:
        self.session, self.table, self.frame, self.height = session, table, frame, frame.height
        self._load = load
        self._rows, self._words = _with_words(table, load)
        self._sound: set[tuple[str, Table]] = set()  # columns whose values are known to be ids of a table
        self._parts: list[tuple[Table, Mapping[str, Any]]] = []  # what went in so far: the table, and its constants

    def into(
        self, model: type[Base], columns: Mapping[str, str], constants: Mapping[str, Any], *, subjects: bool = True
    ) -> None:
        """Insert every row: ``columns`` names where each of the model's columns comes from. ``subjects=False``: nothing
        is derived from such rows that would have to be told what they are about."""
        if not self.height:
            return
        target = table_of(model)
        if subjects:
            self._tell(columns, constants)
        if "id" in columns:
            self._sound.add((columns["id"], target))
        same = {**_stamps(self.session, model), **constants}
        values = [
            *(self.value(self._column(origin), target.c[name]) for name, origin in columns.items()),
            *(literal(value, target.c[name].type) for name, value in same.items()),
        ]
        rows = select(*values).select_from(self._rows)
        statement = insert(target).from_select([*columns, *same], rows)
        self._parts.append((target, constants))
        told = {changes.TOLD: True, trail.TOLD: True}
        if _is_sqlite(self.session):
            with _rules_checked_together(self.session, target, [*columns, *same], rows, self.height):
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

    def tell_trail(self, digest: Callable[[], str]) -> None:
        """One event a batch: what went into which table, how many rows, and their digest."""
        for target, constants in self._parts:
            same = {name: str(value) for name, value in constants.items() if value is not None}
            part = {"rows": self.height, "columns": self.frame.columns, "sha256": digest(), "same": same}
            trail.tell_batch(self.session, constants.get("batch_id"), target.name, part, self.height)

    def _column(self, name: str) -> ColumnElement[Any]:
        """A column of the frame, whether it was packed or not."""
        load, kind = self._load, packing.KINDS[self.frame.schema[name]]()
        if name in load.same:
            same = literal(load.same[name], kind)
            return same if _is_sqlite(self.session) else cast(same, kind)  # SQLite makes a number of a day cast to one
        if name in load.digits:
            return self._words[name]
        if name not in load.few:
            return self.table.c[name]
        return case(*((self.table.c[name] == place, literal(one, kind)) for place, one in enumerate(load.few[name])))

    def value(self, origin: ColumnElement[Any], target: Column[Any]) -> ColumnElement[Any]:
        """A staged column as the target's column keeps it."""
        if isinstance(target.type, Exact) and not _is_sqlite(self.session):
            return cast(origin, Numeric) * literal_column(f"1e-{target.type.scale}")  # a numeric product is exact
        return origin

    def _refuse_dangling(self, target: Table, columns: Mapping[str, str], same: Mapping[str, Any]) -> None:
        """What the keys' own triggers would have checked row by row."""
        for key in target.foreign_keys:
            name, parent = key.parent.name, key.column
            if name in columns:
                origin = self._column(columns[name])
                if (columns[name], parent.table) in self._sound:
                    continue
                self._sound.add((columns[name], parent.table))
                if self._all_there(columns[name], parent):
                    continue
                lost = (
                    select(origin)
                    .select_from(self.table)
                    .where(origin.is_not(None), ~exists().where(parent == origin))
                    .limit(1)
                )
            elif same.get(name) is not None:
                lost = select(literal(1)).where(~exists().where(parent == same[name]))
            else:
                continue
            if self.session.scalar(lost) is not None:
                raise DanglingKeyError(f"{target.name}.{name} refers to a row of {parent.table.name} that is not there")

    def _all_there(self, column: str, parent: Column[Any]) -> bool:
        """Whether the column has so few values that they can be named in a query, and each is there."""
        values = self.frame[column].drop_nulls().unique()
        if values.len() > KEYS_NAMED:
            return False
        there = select(func.count()).select_from(parent.table).where(parent.in_(values.to_list()))
        return self.session.scalar(there) == values.len()


def digest_of(frame: pl.DataFrame) -> str:
    """SHA-256 of the frame's rows as CSV, without headings."""
    digest = hashlib.sha256()
    for part in frame.iter_slices(CHUNK_ROWS):
        digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()


def _with_words(table: Table, load: Packed) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """The staged rows with the words of their code, and the column of each."""
    rows: FromClause = table
    found: dict[str, ColumnElement[Any]] = {}
    for name, digit in load.digits.items():
        beside = lightweight(f"{table.name}_words", lightweight_column("place"), lightweight_column("word")).alias()
        code = table.c[packing.CODE]
        worth, count, first = (literal_column(str(one), BigInteger) for one in (digit.worth, digit.count, digit.first))
        rows = rows.outerjoin(beside, beside.c.place == first + code.op("/")(worth).op("%")(count))
        found[name] = beside.c.word
    return rows, found


@contextmanager
def _rules_checked_together(
    session: Session, target: Table, names: Sequence[str], rows: Select[Any], height: int
) -> Iterator[None]:
    """Have SQLite check the table's CHECK constraints for all new rows in one query rather than row by row, which takes
    as long as writing them. Where one is broken they stay on, and say which."""
    rules = [one for one in target.constraints if isinstance(one, CheckConstraint)]
    if height < packing.PACKED_ROWS or not rules or _breaks(session, names, rows, rules):
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def _breaks(session: Session, names: Sequence[str], rows: Select[Any], rules: Sequence[CheckConstraint]) -> bool:
    given = rows.with_only_columns(
        *(value.label(name) for name, value in zip(names, rows.selected_columns, strict=True))
    ).subquery()
    broken = [text(f"NOT ({rule.sqltext})") for rule in rules]
    return session.scalar(select(literal(1)).select_from(given).where(or_(*broken)).limit(1)) is not None


class DanglingKeyError(RuntimeError):
    """Code tried to write rows that refer to nothing."""


@contextmanager
def _keys_checked_together(session: Session) -> Iterator[bool]:
    """Switch PostgreSQL's row-by-row checks of foreign keys off for one statement, where our role or the one that
    logged in may; the caller then checks all rows in one query. They are most of the cost of a large load, and rows are
    never deleted. What is written is written as our role, under its policies."""
    leave = session.execute(_LEAVE).one()
    may = bool(leave.ours or leave.login)

    def switch(to: str) -> None:
        if not may:
            return
        setting = f"SET LOCAL session_replication_role = {to}"
        if not leave.ours:
            setting = f"SET LOCAL ROLE NONE; {setting}; SET LOCAL ROLE {leave.role}"
        session.connection().exec_driver_sql(setting)

    switch("replica")
    yield may
    switch("origin")


def _leave_of(role: str) -> str:
    return (
        "CASE WHEN current_setting('server_version_num')::int >= 150000 "  # noqa: S608 - our own words
        f"THEN has_parameter_privilege({role}, 'session_replication_role', 'SET') "
        f"ELSE (SELECT rolsuper FROM pg_roles WHERE rolname = {role}) END"
    )


def checks_keys_together(connection: Connection) -> bool:
    """Whether large loads may: the role that works or the one that logged in has leave to set
    ``session_replication_role`` (superusers do; from PostgreSQL 15 on it is granted)."""
    leave = connection.execute(_LEAVE).one()
    return bool(leave.ours or leave.login)


_LEAVE = text(
    f"SELECT {_leave_of('current_user')} AS ours, {_leave_of('session_user')} AS login, "
    "quote_ident(current_user) AS role"
)


def execute_many(driver: Any, into: str, frame: pl.DataFrame, same: str = "") -> None:
    """Rows into SQLite. ``into``: the statement up to its values; ``same``: values before those of the frame."""
    plain = frame.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"), pl.selectors.boolean().cast(pl.Int64))
    for start, rows in ((0, ROWS_A_STATEMENT), (plain.height // ROWS_A_STATEMENT * ROWS_A_STATEMENT, 1)):
        part = plain[start:] if rows == 1 else plain[: plain.height // rows * rows]
        columns = [column.to_list() for column in part.get_columns()]
        # Column after column: ?1 … ?100 are the first column of a hundred rows, so that lists are cut, not woven.
        marks = (", ".join(f"?{1 + row + rows * place}" for place in range(plain.width)) for row in range(rows))
        driver.executemany(
            f"{into} VALUES {', '.join(f'({same}{one})' for one in marks)}",
            (
                list(itertools.chain.from_iterable(column[at : at + rows] for column in columns))
                for at in range(0, part.height, rows)
            ),
        )


_POSTGRES_EPOCH = 10_957  # days from 1970 to 2000
_BINARY: dict[Any, str] = {pl.Int64: ">i8", pl.Date: ">i4", pl.Boolean: "u1"}


def copy_rows(driver: Any, into: str, frame: pl.DataFrame) -> None:
    """Rows into PostgreSQL; ``into``: the table, with its columns where they are not all of it."""
    fixed = all(kind in _BINARY for kind in frame.dtypes) and not any(frame.null_count().row(0))
    form = "binary" if fixed else "csv"
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN (FORMAT {form})") as copy:
        if not fixed:
            copy.write(frame.write_csv(include_header=False).encode())
            return
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(_binary(frame))
        copy.write(b"\xff\xff")


def _binary(frame: pl.DataFrame) -> bytes:
    """Rows as PostgreSQL's binary COPY has them: big-endian, each field behind its length."""
    sizes = [(f"size {name}", ">i4") for name in frame.columns]
    values = [(name, _BINARY[kind]) for name, kind in frame.schema.items()]
    fields = itertools.chain.from_iterable(zip(sizes, values, strict=True))
    rows = np.empty(frame.height, dtype=np.dtype([("fields", ">i2"), *fields]))
    rows["fields"] = frame.width
    for name, column in zip(frame.columns, frame.get_columns(), strict=True):
        rows[f"size {name}"] = rows.dtype[name].itemsize
        if column.dtype == pl.Date:
            rows[name] = column.cast(pl.Int32).to_numpy() - _POSTGRES_EPOCH
        else:
            rows[name] = column.cast(pl.Int64).to_numpy()
    return rows.tobytes()


def _stamps(session: Session, model: type[Base]) -> dict[str, Any]:
    """What every new row of the model carries besides its own columns."""
    if issubclass(model, Fact):
        return history.stamp(session)
    now = session.info["now"]
    return {"version": 1, "created_at": now, "updated_at": now}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
