"""Which workers are alive, on PostgreSQL: each holds an advisory lock that its server gives up when it dies.

A worker that finds another's lock free takes over what that one had begun. On SQLite there is one process, whose
successor has the same name and finds its own work.
"""

from __future__ import annotations

import psycopg
import structlog
from sqlalchemy import make_url

from vestry.worker.queue import Queue

log = structlog.get_logger()

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


class Liveness:
    """This worker's lock, and a look at the others'. Used by one thread."""

    def __init__(self, url: str, executor: str) -> None:
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._own = _name(executor)
        self._connection: psycopg.Connection[tuple[bool]] | None = None

    def hold(self) -> None:
        """Take our own lock, again after the connection was lost."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
                return
            except psycopg.Error:
                self.let_go()
        connection = psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=10,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
        connection.execute(_LOCK, [self._own])
        self._connection = connection

    def take_over_from_the_dead(self, queue: Queue) -> int:
        """Take over what workers had begun whose lock is free; how many jobs."""
        assert self._connection is not None
        count = 0
        for executor, workflow_ids in queue.begun_by_others().items():
            row = self._connection.execute(_LOCK, [_name(executor)]).fetchone()
            if not (row and row[0]):
                continue
            try:
                # Asked again with the lock in hand: its own successor may have taken them meanwhile.
                still = set(queue.begun_by_others().get(executor, ()))
                queue.take_over(one for one in workflow_ids if one in still)
                count += len(still)
                log.warning("worker.taken_over", executor=executor, jobs=len(still))
            finally:
                self._connection.execute(_UNLOCK, [_name(executor)])
        return count

    def let_go(self) -> None:
        """Give the lock up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _name(executor: str) -> str:
    return f"vestry worker {executor}"
