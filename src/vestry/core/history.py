"""What was known when. The table of a :class:`~vestry.core.model.Fact` holds its current versions; a twin
``<table>_history`` holds the earlier ones with ``superseded_at``, so ids, foreign keys and unique rules stay simple.

Write: one listener copies the row into the twin before any UPDATE of it. Read: :func:`as_known`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Table,
    and_,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from vestry.core import changes, trail
from vestry.core.model import Base, Fact, table_of
from vestry.core.types import UtcDateTime

SHOWN_MAX = 100  # a statement that changes more facts is told as a whole


class FactsAreNeverDeletedError(RuntimeError):
    """Code tried to delete a financial fact: void it instead."""


def twin(model: type[Fact]) -> Table:
    """The history table of a fact's table, made on first use: the same columns, key (id, version), superseded_at."""
    table = table_of(model)
    name = f"{table.name}_history"
    if name in Base.metadata.tables:
        return Base.metadata.tables[name]
    columns = [
        Column(
            column.name,
            column.type,
            primary_key=column.name in ("id", "version"),
            nullable=column.nullable,
            autoincrement=False,
        )
        for column in table.columns
    ]
    return Table(
        name,
        Base.metadata,
        *columns,
        Column("superseded_at", UtcDateTime, nullable=False),
        sqlite_strict=True,
    )


def as_known(model: type[Fact], known_at: datetime | None = None, *, voided: bool = False) -> FromClause:
    """The facts as they were known at an instant (None: now), as a subquery with the table's columns.

    A version is known from its ``recorded_at`` until its ``superseded_at``. Voided facts are left out unless asked for.
    """
    table = table_of(model)
    if known_at is None:
        if voided:
            return table
        return select(table).where(table.c.voided_at.is_(None)).subquery(table.name)
    past = twin(model)
    current_rows = select(table).where(table.c.recorded_at <= known_at)
    past_rows = select(*(past.c[column.name] for column in table.columns)).where(
        past.c.recorded_at <= known_at, past.c.superseded_at > known_at
    )
    if not voided:
        current_rows = current_rows.where(table.c.voided_at.is_(None))
        past_rows = past_rows.where(past.c.voided_at.is_(None))
    return union_all(current_rows, past_rows).subquery(table.name)


def versions(session: Session, model: type[Fact], fact_id: int) -> list[Mapping[str, Any]]:
    """Every version of one fact, oldest first, each with ``superseded_at`` (None for the current one)."""
    table = table_of(model)
    past = twin(model)
    nothing = literal(None, UtcDateTime).label("superseded_at")
    rows = [
        *session.execute(select(past).where(past.c.id == fact_id)).mappings(),
        *session.execute(select(table, nothing).where(table.c.id == fact_id)).mappings(),
    ]
    return sorted(rows, key=lambda row: row["version"])


def stamp(session: Session) -> dict[str, Any]:
    """The columns of a new fact for bulk inserts: who recorded it and when; one instant per transaction."""
    return {"recorded_at": session.info["now"], "recorded_by": session.info["actor"].user_id, "version": 1}


def supersede_where(
    session: Session, model: type[Fact], condition: ColumnElement[bool], values: Mapping[str, Any]
) -> int:
    """Change many facts at once (an import's undo), keeping each earlier version; returns how many."""
    table = table_of(model)
    _keep(session, model, condition)
    for name in changes.SUBJECTS:
        if name in table.c:
            about = select(table.c[name]).where(condition, table.c[name].is_not(None)).distinct()
            changes.tell(session, name, session.scalars(about))
    options: dict[str, Any] = {changes.TOLD: True}
    ids = list(session.scalars(select(table.c.id).where(condition).order_by(table.c.id)))
    if len(ids) > SHOWN_MAX:  # fewer are told one by one, by who listens to statements
        digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()
        told = {name: str(value) for name, value in values.items()} | {"ids_sha256": digest}
        trail.tell(session, trail.Event("bulk", table.name, after=told, rows=len(ids)))
        options[trail.TOLD] = True
    done = session.execute(
        update(table).where(condition).values(**values, **(stamp(session) | {"version": table.c.version + 1})),
        execution_options=options,
    )
    session.expire_all()
    return int(done.rowcount)  # type: ignore[attr-defined]


def _keep(session: Session, model: type[Fact], condition: ColumnElement[bool]) -> None:
    table = table_of(model)
    names = [column.name for column in table.columns]
    moment = literal(session.info["now"], UtcDateTime)
    session.connection().execute(
        insert(twin(model)).from_select([*names, "superseded_at"], select(*table.columns, moment).where(condition))
    )


def touch(fact: Fact) -> None:
    """Record a new version of a fact whose own columns stay: its lines changed, and they are part of what it says."""
    flag_modified(fact, "firm_id")


def supersede(session: Session, *_: object) -> None:
    """Before a flush: stamp new facts, copy changed ones into their twin, refuse deletes."""
    now = session.info.get("now")
    for thing in session.deleted:
        if isinstance(thing, Fact):
            raise FactsAreNeverDeletedError(f"{type(thing).__name__} {thing.id}")
    for thing in session.new:
        if isinstance(thing, Fact):
            _mark(session, thing)
        elif now is not None and hasattr(thing, "created_at"):
            thing.created_at = thing.created_at or now
            if hasattr(thing, "updated_at"):
                thing.updated_at = now
    for thing in session.dirty:
        if not session.is_modified(thing):
            continue
        if isinstance(thing, Fact):
            table = table_of(type(thing))
            _keep(session, type(thing), and_(table.c.id == thing.id))
            _mark(session, thing)
        elif hasattr(thing, "updated_at"):
            thing.updated_at = now


def _mark(session: Session, fact: Fact) -> None:
    fact.recorded_at = session.info["now"]
    fact.recorded_by = session.info["actor"].user_id
