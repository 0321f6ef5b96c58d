"""A job while it runs: what its code is given, and the one way to end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Conflict, Unavailable
from vestry.core.outbox import CANCELLED, DONE, RUNNING, Job

PROGRESS_SECONDS = 0.5
DELAY_MAX = timedelta(hours=2)


class TryAgain(Unavailable):
    """What the job needs does not answer now; it is tried again later."""


class JobStopped(Conflict):
    """Somebody asked for the job to end."""


class Superseded(Exception):
    """Another try of the same job has begun: what this one did is rolled back."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. ``operation``: the permission its asker must still have when it runs (None: it acts for the
    system). ``tries``: how often it may fail before a person must look; the pause after the first failure is
    ``delay_seconds`` and doubles each time. ``failed`` records a failure where the job keeps a record of its own."""

    name: str
    run: Callable[[Running], None]
    operation: str | None = None
    tries: int = 6
    delay_seconds: float = 20.0
    failed: Callable[[Session, Mapping[str, Any], str, bool], None] | None = None

    def pause(self, failures: int) -> timedelta:
        """How long to wait after that many failures."""
        return min(timedelta(seconds=self.delay_seconds * 2.0 ** min(failures - 1, 20)), DELAY_MAX)


# Progress of the jobs that run in this process: on SQLite nobody else could be writing it down.
LIVE: dict[int, tuple[int, int, str]] = {}


@dataclass(slots=True)
class Running:
    """One try of a job. Its code reads by ``reading``, tells how far it is, and changes things inside ``finish``."""

    database: Database
    actor: Actor
    job_id: int
    uid: str
    number: int
    payload: Mapping[str, Any]
    started: float = field(default_factory=time.monotonic)
    told: float = 0.0
    ended: bool = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that cannot write, of the job's actor."""
        with self.database.reading(self.actor) as session:
            yield session

    @contextmanager
    def finish(self, result: dict[str, Any] | None = None) -> Iterator[Session]:
        """The transaction that changes things and ends the job, both or neither. What is put into ``result`` inside
        the block is kept with the job. Raises :class:`Superseded` when this try is no longer the current one."""
        kept = result if result is not None else {}
        with self.database.transaction(self.actor) as session:
            yield session
            session.flush()
            self._end(session, kept)
        self.ended = True

    def progress(self, note: str, done: int, total: int) -> None:
        """Tell how far the job is; raises :class:`JobStopped` when somebody asked for it to end."""
        LIVE[self.job_id] = (done, total, note[:200])
        now = time.monotonic()
        if now - self.told < PROGRESS_SECONDS:
            return
        self.told = now
        if self._is_to_stop():
            raise JobStopped("Somebody stopped the job.", mend="Start it again if that was a mistake.")
        if not self.database.is_sqlite:  # there another writer would wait for the very transaction that tells this
            self._write_down(note, done, total)

    def _is_to_stop(self) -> bool:
        with self.database.reading(self.actor) as session:
            row = session.execute(select(Job.tries, Job.cancel_asked_at).where(Job.id == self.job_id)).one()
        if row.tries != self.number:
            raise Superseded
        return row.cancel_asked_at is not None

    def _write_down(self, note: str, done: int, total: int) -> None:
        with self.database.transaction(self.actor) as session:
            session.execute(
                update(Job)
                .where(Job.id == self.job_id, Job.tries == self.number, Job.state == RUNNING)
                .values(progress_done=done, progress_total=total, progress_note=note[:200], moved_at=clock.now())
            )

    def _end(self, session: Session, result: dict[str, Any]) -> None:
        now = clock.now()
        ended = session.execute(
            update(Job)
            .where(
                Job.id == self.job_id,
                Job.tries == self.number,
                Job.state == RUNNING,
                Job.cancel_asked_at.is_(None),
            )
            .values(state=DONE, payload=None, result=result, error=None, error_code=None, ended_at=now, moved_at=now)
        )
        if ended.rowcount:  # type: ignore[attr-defined]
            return
        row = session.execute(select(Job.tries, Job.cancel_asked_at).where(Job.id == self.job_id)).one()
        if row.tries == self.number and row.cancel_asked_at is not None:
            raise JobStopped("Somebody stopped the job.", mend="Start it again if that was a mistake.")
        raise Superseded


def cancelled(now: Any) -> dict[str, Any]:
    """The columns of a job that was stopped."""
    return {"state": CANCELLED, "payload": None, "ended_at": now, "moved_at": now}
