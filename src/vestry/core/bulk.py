"""Many rows at once: columns of a frame into a table, by executemany on SQLite and COPY on PostgreSQL.

Rows written here pass the database's own constraints and nothing else, so the caller has checked them. A frame's
columns hold what the table keeps: exact decimals as whole units of their last place (``Int64``), days as ``Date``,
text as ``String``, flags as ``Boolean``; columns that are the same in every row come as constants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from vestry.core import changes, history
from vestry.core.model import Base, Fact
from vestry.core.types import Exact

CHUNK_ROWS = 50_000
DERIVED_AT_ONCE = 2_000  # what is derived from more rows than these is brought up to date after the transaction
Progress = Callable[[int], None]


def new_ids(session: Session, model: type[Base], count: int) -> pl.Series:
    """``count`` fresh ids of a table, this transaction's own (a SQLite writer is alone; PostgreSQL has sequences)."""
    table = _table(model)
    if count == 0:
        return pl.Series("id", [], pl.Int64)
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        return pl.int_range(last + 1, last + count + 1, eager=True).alias("id")
    sequence = select(func.nextval(func.pg_get_serial_sequence(f'"{table.name}"', "id"))).select_from(
        func.generate_series(1, count)
    )
    return pl.Series("id", session.scalars(sequence).all(), pl.Int64)


def stamps(session: Session, model: type[Base]) -> dict[str, Any]:
    """What every new row of the model carries besides its own columns."""
    if issubclass(model, Fact):
        return history.stamp(session)
    now = session.info["now"]
    return {"version": 1, "created_at": now, "updated_at": now}


def insert(
    session: Session,
    model: type[Base],
    frame: pl.DataFrame,
    constants: Mapping[str, Any],
    progress: Progress | None = None,
) -> None:
    """Insert the frame's rows, each with the constants and the model's stamps; ``progress`` hears of each chunk."""
    if frame.is_empty():
        return
    session.flush()
    for name in changes.SUBJECTS:
        ids = frame[name].drop_nulls().unique() if name in frame.columns else [constants.get(name)]
        changes.tell(session, name, [one for one in ids if one], later=frame.height > DERIVED_AT_ONCE)
    same = {**stamps(session, model), **constants}
    write = _execute_many if session.get_bind().dialect.name == "sqlite" else _copy
    write(session, _table(model), frame, same, progress or (lambda _: None))


def _execute_many(
    session: Session, table: Table, frame: pl.DataFrame, constants: Mapping[str, Any], progress: Progress
) -> None:
    names = ", ".join(f'"{name}"' for name in (*frame.columns, *constants))
    values = ", ".join(["?"] * frame.width + [_literal(value) for value in constants.values()])
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'  # noqa: S608 - names are the table's own
    plain = frame.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"), pl.selectors.boolean().cast(pl.Int64))
    connection: Any = session.connection().connection.driver_connection
    for chunk in plain.iter_slices(CHUNK_ROWS):
        columns = [column.to_list() for column in chunk.get_columns()]
        connection.executemany(statement, zip(*columns, strict=True))
        progress(chunk.height)


def _copy(
    session: Session, table: Table, frame: pl.DataFrame, constants: Mapping[str, Any], progress: Progress
) -> None:
    exact = [
        (pl.col(name).cast(pl.String) + f"e-{kind.scale}").alias(name)
        for name in frame.columns
        if isinstance(kind := table.c[name].type, Exact)
    ]
    same = [pl.lit(_text(value), pl.String).alias(name) for name, value in constants.items()]
    names = ", ".join(f'"{name}"' for name in (*frame.columns, *constants))
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT csv)') as copy:
        for chunk in frame.iter_slices(CHUNK_ROWS):
            copy.write(chunk.with_columns(*exact, *same).write_csv(include_header=False).encode())
            progress(chunk.height)


def _table(model: type[Base]) -> Table:
    table: Table = model.__table__  # type: ignore[assignment]
    return table


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        value = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'"
    return str(int(value))


def analyze(session: Session, *models: type[Base]) -> None:
    """Let the planner see what a large load brought in."""
    for model in models:
        session.execute(text(f'ANALYZE "{_table(model).name}"'))
