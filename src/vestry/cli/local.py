"""What commands work with: the configured database, and the firm on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry import all_models
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Conflict
from vestry.core.settings import settings
from vestry.identity import queries, service
from vestry.identity.door import UNKNOWN
from vestry.identity.models import User
from vestry.migrations import revisions

FIRM_NAME, DEMO_NAME, FIRM_CURRENCY = "My firm", "Demo Capital", "USD"
ADMINISTRATOR = "administrator@vestry.local"


class DatabaseNotReady(Conflict):
    """The database is not at the revision this version needs."""


@contextmanager
def opened(*, migrated: bool = True) -> Iterator[Database]:
    """The configured database; refuses one at another revision unless told not to look."""
    assert all_models.metadata.tables  # rows may refer to any table
    chosen = settings()
    if not chosen.database_url:
        chosen.home.mkdir(parents=True, exist_ok=True)
    database = Database(chosen.url, pool_size=chosen.pool_size)
    try:
        if migrated:
            with database.reader.connect() as connection:
                at = revisions.current_revision(connection)
            if at != revisions.newest_revision():
                raise DatabaseNotReady(
                    f"The database is at revision {at or 'none'}, this version needs {revisions.newest_revision()}.",
                    mend="Run: vestry db upgrade",
                )
        yield database
    finally:
        database.close()


def local_actor(database: Database, *, demo: bool = False) -> Actor:
    """The command line acts as an administrator of the oldest firm; an empty database gets one."""
    name = DEMO_NAME if demo else FIRM_NAME
    with database.transaction(UNKNOWN) as session:
        firm = queries.first_firm(session) or service.create_firm(
            session, name=name, currency=FIRM_CURRENCY, is_demo=demo
        )
        return Actor("cli", firm.id, "administrator", name="command line")


def is_empty(database: Database) -> bool:
    """Whether no firm has been made yet."""
    with database.reading(UNKNOWN) as session:
        return queries.first_firm(session) is None


def administrator(session: Session, actor: Actor) -> User:
    """The firm's first active administrator, made when there is none."""
    found = session.scalars(
        select(User)
        .where(User.firm_id == actor.firm_id, User.role == "administrator", User.deactivated_at.is_(None))
        .order_by(User.id)
        .limit(1)
    ).one_or_none()
    return found or service.create_user(session, actor, email=ADMINISTRATOR, name="Administrator", role="administrator")


def link_address(secret: str) -> str:
    """The page that spends a sign-in link."""
    return settings().address_of(f"sign-in?token={secret}")
