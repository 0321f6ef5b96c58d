"""Whether anything recorded refers to a row: asked of every table that can, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, exists, select, true
from sqlalchemy.orm import Session

from vestry.core.model import Base

IDS_AT_ONCE = 1_000  # parameters of one query are limited


def referenced(session: Session, column: str, ids: Collection[int], *, but: Collection[str] = ()) -> bool:
    """Whether a live row of any table (except ``but``) holds one of ``ids`` in its ``column``, such as vehicle_id."""
    return any(session.scalar(select(exists().where(found.in_(ids), live))) for found, live in _places(column, but))


def in_use(session: Session, column: str, ids: Collection[int], *, but: Collection[str] = ()) -> set[int]:
    """Those of ``ids`` that a live row of any table (except ``but``) holds in its ``column``."""
    listed = list(ids)
    return {
        used
        for found, live in _places(column, but)
        for start in range(0, len(listed), IDS_AT_ONCE)
        for used in session.scalars(
            select(found).where(found.in_(listed[start : start + IDS_AT_ONCE]), live).distinct()
        )
    }


def _places(column: str, but: Collection[str]) -> Iterator[tuple[Column[Any], ColumnElement[bool]]]:
    for table in Base.metadata.tables.values():
        found = table.c.get(column)
        if found is None or table.name.endswith("_history") or table.name in but:
            continue
        yield found, _live(table)


def _live(table: Table) -> ColumnElement[bool]:
    for name in ("archived_at", "voided_at"):
        if name in table.c:
            return table.c[name].is_(None)
    return true()  # a row that is never taken away counts as long as it is there
