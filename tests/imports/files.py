"""Files for the tests of imports, and short ways to bring them in."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.imports import service
from vestry.imports.kinds import Options

# Calls, distributions and adjustments of a published sample fund report; paid-in 11.05M after adjustments, DPI 0.3891.
FUND_REPORT = b"""fund,date,kind,amount,recallable
Report Fund,2023-01-15,contribution,5000000.00,
Report Fund,2023-06-20,contribution,3000000.00,
Report Fund,2024-03-10,contribution,2000000.00,
Report Fund,2024-09-15,contribution,1500000.00,
Report Fund,2023-12-15,distribution,1500000.00,no
Report Fund,2024-06-20,distribution,500000.00,no
Report Fund,2024-09-10,distribution,2000000.00,yes
Report Fund,2024-12-20,distribution,300000.00,no
Report Fund,2024-01-15,adjustment,-500000.00,
Report Fund,2024-03-20,adjustment,100000.00,
Report Fund,2024-07-10,adjustment,-50000.00,
"""


def bring_in(
    database: Database,
    actor: Actor,
    content: bytes,
    *,
    kind: str = "flows",
    filename: str = "file.csv",
    options: Options | None = None,
    again: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Receive and commit a file; the batch's id and its receipt."""
    with database.transaction(actor) as session:
        batch = service.receive(
            session, actor, kind=kind, filename=filename, content=content, options=options, again=again
        )
        done = service.commit(session, actor, batch.id)
        return done.id, done.receipt


def upload(client: TestClient, content: bytes, *, name: str = "flows.csv", kind: str = "flows", **form: str) -> Any:
    """POST a file."""
    return client.post("/api/v1/imports", files={"file": (name, content)}, data={"kind": kind, **form})


def count(database: Database, actor: Actor, model: Any) -> int:
    """How many live rows there are."""
    with database.reading(actor) as session:
        live = model.voided_at if hasattr(model, "voided_at") else model.archived_at
        return session.scalar(select(func.count()).select_from(model).where(live.is_(None))) or 0
