"""The database: two engines and the one place that commits.

``transaction(actor)`` is the only writer; it commits when its block ends without an error. ``reading(actor)`` cannot
write. On SQLite a writer starts with BEGIN IMMEDIATE (a read that turns into a write fails at once under WAL), waits
its turn, and is durable at a power cut (synchronous=FULL).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vestry.core import clock, history
from vestry.core.actor import Actor

Result = TypeVar("Result")
log = logging.getLogger(__name__)

SQLITE_VERSION_MIN = (3, 51, 3)  # earlier ones can corrupt a WAL database with two connections (WAL-reset bug)
BUSY_MS = 10_000
RETRIED_STATES = {"40001", "40P01"}  # serialization failure, deadlock: the same work may succeed when run again
RETRIES = 5
PRAGMAS = {"journal_mode": "WAL", "busy_timeout": str(BUSY_MS), "foreign_keys": "ON", "synchronous": "FULL"}


class LedgerSession(Session):
    """A session that keeps the history of the facts it changes."""


event.listen(LedgerSession, "before_flush", history.supersede)


class Database:
    """A pool for writers and one for readers of the same database."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer, self.reader = (_sqlite_engine(url, pool_size, writes=writes) for writes in (True, False))
        else:
            self.writer, self.reader = (_postgres_engine(url, pool_size, writes=writes) for writes in (True, False))

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Session]:
        """A session whose work is committed when the block ends, or rolled back when it raises."""
        with LedgerSession(self.writer, expire_on_commit=False) as session, session.begin():
            session.info.update(actor=actor, now=clock.now())
            yield session

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Session]:
        """A session that sees one consistent state and cannot write."""
        with LedgerSession(self.reader, expire_on_commit=False, autoflush=False) as session:
            session.info.update(actor=actor, now=clock.now())
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()


def retrying(work: Callable[[], Result]) -> Result:
    """Run ``work`` again, with a growing pause, when the database asks for it (40001, 40P01)."""
    for attempt in range(RETRIES):
        try:
            return work()
        except DBAPIError as error:
            if attempt == RETRIES - 1 or not asks_again(error):
                raise
            pause(attempt)
    raise AssertionError("unreachable")


def asks_again(error: DBAPIError) -> bool:
    """Whether the database refused only because of another transaction's timing."""
    return getattr(error.orig, "sqlstate", None) in RETRIED_STATES


def pause(attempt: int) -> None:
    """Wait a little before trying again, longer each time, at random so that two rivals part."""
    time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)  # noqa: S311 - not a secret


def _sqlite_engine(url: str, pool_size: int, *, writes: bool) -> Engine:
    if sqlite.sqlite_version_info < SQLITE_VERSION_MIN:
        raise RuntimeError(
            f"SQLite {sqlite.sqlite_version} can corrupt a WAL database; Vestry needs "
            f"{'.'.join(map(str, SQLITE_VERSION_MIN))} or later (the pysqlite3 package brings it)"
        )
    # A waiting writer waits in the pool, in turn; readers never wait for it.
    size = 1 if writes else pool_size
    engine = create_engine(
        url, module=sqlite, pool_size=size, max_overflow=0 if writes else pool_size, pool_timeout=BUSY_MS / 1000
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: str, pool_size: int, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 10,
            "options": "-c statement_timeout=60000 -c lock_timeout=10000 "
            "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        },
    )
    # One answer is computed from one state of the books, so readers see a snapshot.
    return engine if writes else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
