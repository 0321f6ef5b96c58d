"""From a figure back to the cell of the file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.metrics.imports.models import FILED
from vestry.metrics.imports.queries import cells_of


def add_origins(session: Session, actor: Actor, cells: Sequence[Mapping[str, Any]]) -> None:
    """Put ``origin`` (import, connection, file, sheet, cell) beside each row that an explained figure is of, null where
    it came another way. One statement, however many figures."""
    rows = [row for cell in cells if cell.get("explain") for row in cell["explain"]["rows"]]
    if not rows:
        return
    known: dict[int, list[dict[str, Any]]] = {}
    for one in cells_of(session, actor, {row["id"] for row in rows}):
        known.setdefault(one["value_id"], []).append(one)
    for row in rows:
        before = [one for one in known.get(row["id"], ()) if one["version"] <= row["version"]]
        imported = row["source"] in FILED and before
        row["origin"] = _told(before[-1]) if imported else None


def _told(cell: Mapping[str, Any]) -> dict[str, Any]:
    undone: datetime | None = cell["undone_at"]
    return {
        "import_id": cell["import_id"],
        "connection_id": cell["connection_id"],
        "file": cell["filename"],
        "sheet": cell["sheet"],
        "cell": cell["cell"],
        "undone": undone is not None,
    }
