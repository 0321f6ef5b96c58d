"""Connections as they go out: without their keys, and with all that a fetch can tell."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from vestry.metrics.connections.models import MetricConnection
from vestry.metrics.connections.queries import SHOWN
from vestry.metrics.connections.schemas import ConnectionFetchOut

_LISTED: Final = ("labels", "errors", "notes")
_COUNTED: Final = ("label_count", "error_count")


def shown(connection: MetricConnection, stopped: Collection[int] = ()) -> dict[str, Any]:
    """One connection."""
    told = {name: getattr(connection, name) for name in SHOWN}
    return out(told | {"has_key": connection.secret_sealed is not None}, stopped)


def out(row: dict[str, Any], stopped: Collection[int] = ()) -> dict[str, Any]:
    """A connection's row with its latest fetch, of which only what happened was kept. A job that somebody stopped
    (its id is among ``stopped``) could not tell."""
    told = row["last_fetch"]
    if told is None:
        return row
    if told["job_id"] in stopped:
        told = told | {"state": "failed", "error": "Somebody stopped it."}
    nothing: dict[str, Any] = {name: [] for name in _LISTED} | dict.fromkeys(_COUNTED, 0)
    return row | {"last_fetch": {name: told.get(name, nothing.get(name)) for name in ConnectionFetchOut.model_fields}}
