"""The database: two engines and the one place that commits.

``transaction(actor)`` is the only writer; it commits when its block ends without an error. ``reading(actor)`` cannot
write. On SQLite a writer starts with BEGIN IMMEDIATE (a read that turns into a write fails at once under WAL), waits
its turn, and is durable at a power cut (synchronous=FULL).
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Connection, Engine, PoolProxiedConnection, Select, create_engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.orm import Session

from vestry.core import clock, history, trail
from vestry.core.actor import UNKNOWN, Actor
from vestry.core.errors import VestryError
from vestry.core.kept import Kept
from vestry.core.statements import Bound, bound, named

Result = TypeVar("Result")
log = logging.getLogger(__name__)

SQLITE_VERSION_MIN = (3, 51, 3)  # earlier ones can corrupt a WAL database with two connections (WAL-reset bug)
BUSY_MS = 10_000
RETRIED_STATES = {"40001", "40P01"}  # serialization failure, deadlock: the same work may succeed when run again
RETRIES = 5
IDLE_S = 1.0
PRAGMAS = {"journal_mode": "WAL", "busy_timeout": str(BUSY_MS), "foreign_keys": "ON", "synchronous": "FULL"}


class LedgerSession(Session):
    """A session that keeps the history of the facts it changes."""


event.listen(LedgerSession, "before_flush", history.supersede)


@event.listens_for(LedgerSession, "after_begin")
def _begin_as_the_actor(session: Session, _: Any, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        from vestry.core import postgres  # its driver is not asked for where SQLite will do

        postgres.begin(connection, session.info["actor"])


@dataclass(slots=True)
class Reader:
    """Runs single SELECTs by the driver itself. Each sees one state of the books, its own, as ``acting`` sees it."""

    ask: Callable[[Actor, Bound, Bound | None], list[tuple[Any, ...]]]
    driver: Any
    dialect: Dialect
    now: datetime
    acting: Actor = UNKNOWN

    def all(self, statement: Bound, provided: Bound | None = None) -> list[tuple[Any, ...]]:
        """The driver's rows: on SQLite exact decimals are units, days and instants are text.

        ``provided``: on PostgreSQL, asked before in the same message as nobody; when that fails nothing is read.
        """
        try:
            return self.ask(self.acting, statement, provided)
        except self.dialect.loaded_dbapi.Error as error:
            raise named(error, statement, self.dialect, self.driver) from error

    def execute(self, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The same for a SELECT that carries its values."""
        return self.all(bound(query, self.dialect))


def act_as(session: Session | Reader, actor: Actor) -> None:
    """Have the database show what this actor may see; a session goes on recording the one who asked."""
    if isinstance(session, Reader):
        session.acting = actor
    elif session.get_bind().dialect.name == "postgresql":
        from vestry.core import postgres

        session.connection().exec_driver_sql(postgres.entering(actor))


class Database:
    """A pool for writers and one for readers of the same database."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer, self.reader = (_sqlite_engine(url, pool_size, writes=writes) for writes in (True, False))
        else:
            self.writer, self.reader = (_postgres_engine(url, pool_size, writes=writes) for writes in (True, False))
        self.sums = Kept()  # that were read of what is committed, for whoever sees the whole firm
        self._behind = ThreadPoolExecutor(1, "behind")  # its thread starts with the first work

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Session]:
        """A session whose work is committed when the block ends, or rolled back when it raises."""
        with LedgerSession(self.writer, expire_on_commit=False) as session, session.begin():
            session.info.update(actor=actor, now=clock.now())
            yield session

    def witness(self, actor: Actor, event: trail.Event) -> None:
        """Write an event down in a transaction of its own: a refusal, or something that changed nothing."""
        with self.transaction(actor) as session:
            trail.tell(session, event)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Session]:
        """A session that sees one consistent state and cannot write."""
        with LedgerSession(self.reader, expire_on_commit=False, autoflush=False) as session:
            session.info.update(actor=actor, now=clock.now(), sums=self.sums)
            yield session

    def behind(self, actor: Actor, work: Callable[[Session], object]) -> None:
        """Write something small that no request waits for and that may be lost: when a session was last used."""

        def run() -> None:
            try:
                with self.transaction(actor) as session:
                    work(session)
            except (SQLAlchemyError, VestryError) as error:
                log.info("not written behind a request: %s", error)

        try:
            self._behind.submit(run)
        except RuntimeError:  # the database is being closed
            log.info("not written behind a request: the database is closed")

    @contextmanager
    def looking(self) -> Iterator[Reader]:
        """For a few single statements: no session, and no transaction around them to begin and end."""
        with closing(self._borrowed()) as borrowed:
            try:
                yield Reader(self._asking(borrowed), borrowed.driver_connection, self.reader.dialect, clock.now())
            except DBAPIError as error:
                if error.connection_invalidated:
                    borrowed.invalidate(error)
                raise

    def _asking(self, borrowed: PoolProxiedConnection) -> Callable[[Actor, Bound, Bound | None], list[tuple[Any, ...]]]:
        driver: Any = borrowed.driver_connection
        if self.is_sqlite:
            return lambda _, statement, __: driver.execute(statement.text, statement.values).fetchall()
        from vestry.core import postgres

        return postgres.Statements.of(borrowed.info, driver).rows

    def _borrowed(self) -> PoolProxiedConnection:
        """A connection of the readers' pool; what the driver says where there is none, SQLAlchemy says too."""
        dialect = self.reader.dialect
        try:
            return self.reader.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            named = DBAPIError.instance(
                None, None, error, dialect.loaded_dbapi.Error, connection_invalidated=True, dialect=dialect
            )
            raise named from error

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """Work of the database user itself, committed at the end: statistics, repairs; what the application may not."""
        with self.writer.connect() as connection:
            if self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            connection.exec_driver_sql("RESET ROLE")
            try:
                yield connection
                connection.commit()
            finally:
                connection.invalidate()  # whoever borrowed it next would be the owner too

    def close(self) -> None:
        """Give all connections back."""
        self._behind.shutdown(cancel_futures=True)
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
        url,
        module=sqlite,
        pool_size=size,
        max_overflow=0 if writes else pool_size,
        pool_timeout=BUSY_MS / 1000,
        hide_parameters=True,  # an error's text goes to the log; what was being stored does not
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
    options = {
        "statement_timeout": "60000",
        "lock_timeout": "10000",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
    }
    if not writes:
        # One answer is computed from one state of the books, so readers see a snapshot.
        options |= {"default_transaction_isolation": r"repeatable\ read", "default_transaction_read_only": "on"}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        hide_parameters=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 10,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    _ask_idle_ones(engine)

    @event.listens_for(engine, "connect")
    def _take_role(connection: Any, _: Any) -> None:
        from vestry.core import postgres

        postgres.take_role(connection)

    return engine


def _ask_idle_ones(engine: Engine) -> None:
    """Whether a connection still stands is asked when it has lain idle; in a busy pool that would double the trips."""

    @event.listens_for(engine, "checkin")
    def _note(_: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("used", math.inf) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
