"""Whether anything recorded refers to a row: asked of every table that can, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from vestry.core.model import Base


def referenced(session: Session, column: str, ids: Collection[int], *, but: Collection[str] = ()) -> bool:
    """Whether a live row of any table (except ``but``) holds one of ``ids`` in its ``column``, such as vehicle_id."""
    for table in Base.metadata.tables.values():
        found = table.c.get(column)
        if found is None or table.name.endswith("_history") or table.name in but:
            continue
        live = table.c.archived_at.is_(None) if "archived_at" in table.c else table.c.voided_at.is_(None)
        if session.scalar(select(exists().where(found.in_(ids), live))):
            return True
    return False
