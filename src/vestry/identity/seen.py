"""When a session or token was last used: written at most once a minute for each, and no request waits for it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute, Session

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity.models import ApiToken, UserSession
from vestry.identity.secrets import digest

EVERY_SECONDS: Final = 60
NOTED_MAX: Final = 100_000
# Hash of the secret → when this process last wrote it, by a clock that never goes back.
_NOTED: dict[bytes, float] = {}


def note_session(database: Database, actor: Actor, secret: str) -> None:
    """The session of that cookie is being used."""
    _note(database, actor, secret, UserSession, UserSession.seen_at)


def note_token(database: Database, actor: Actor, secret: str) -> None:
    """The token is being used."""
    _note(database, actor, secret, ApiToken, ApiToken.used_at)


def _note(
    database: Database,
    actor: Actor,
    secret: str,
    model: type[UserSession] | type[ApiToken],
    column: InstrumentedAttribute[object],
) -> None:
    key, now = digest(secret), time.monotonic()
    if now - _NOTED.get(key, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    if len(_NOTED) >= NOTED_MAX:
        _NOTED.clear()
    _NOTED[key] = now

    def write(session: Session) -> None:
        before = session.info["now"] - timedelta(seconds=EVERY_SECONDS)  # another process may have written it
        stale = column.is_(None) | (column < before)
        session.execute(update(model).where(model.secret_hash == key, stale).values({column: session.info["now"]}))

    database.behind(actor, write)
