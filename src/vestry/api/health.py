"""Is the process alive, and may it be sent requests."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text

from vestry import __version__
from vestry.core.db import Database
from vestry.core.disk import is_full
from vestry.core.errors import Unavailable
from vestry.identity.door import UNKNOWN
from vestry.migrations.revisions import current_revision, newest_revision

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """Alive or ready, and which version."""

    status: str
    version: str


@router.get("/live", operation_id="health_live")
def live() -> Health:
    """The process answers. Public."""
    return Health(status="live", version=__version__)


@router.get("/ready", operation_id="health_ready")
def ready(request: Request) -> Health:
    """The database answers and has the tables this version needs, and there is room to write. Public."""
    database: Database = request.app.state.database
    with database.reading(UNKNOWN) as session:
        session.execute(text("SELECT 1"))
        at = current_revision(session.connection())
    if at != newest_revision():
        raise Unavailable("The database is not at this version's revision.", mend="Run: vestry db upgrade")
    if database.is_sqlite and is_full(Path(database.url.database or ".")):
        raise Unavailable("The disk is nearly full.", mend="Free some space.")
    return Health(status="ready", version=__version__)
