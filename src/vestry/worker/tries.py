"""One try of a job: begin it, do it with its asker's rights of now, and record how it ended.

Knows nothing of queues: whoever calls this twice for the same handing does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from vestry.core import clock, tagged, trail
from vestry.core.actor import Actor
from vestry.core.db import Database, retrying
from vestry.core.errors import Unavailable, VestryError
from vestry.core.outbox import ENDED, FAILED, RUNNING, WAITING, Job
from vestry.core.running import LIVE, JobStopped, Kind, Running, Superseded, cancelled
from vestry.identity.access import require
from vestry.identity.acting import asker_of

log = structlog.get_logger()

INTERRUPTIONS_MAX = 100  # a job that ends its worker each time must not do so for ever
REASON_CHARACTERS_MAX = 1_000


def attempt(database: Database, kinds: Mapping[str, Kind], firm_id: int, uid: str, handed: int) -> str:
    """Do a job that was handed over for the ``handed``-th time; returns what became of it.

    Raises only when the database cannot record the end: then whoever called tries again.
    """
    running = retrying(lambda: _begin(database, firm_id, uid, handed))
    if running is None:
        return "nothing to do"
    kind = kinds.get(running.kind)
    try:
        if kind is None:
            raise UnknownKind(f"This version knows no job {running.kind!r}.", mend="Update the workers, then retry.")
        with trail.coming_from(door="job", address=None, operation=running.kind, request_id=running.request_id):
            _do(database, kind, running)
        ended = "done"
    except Superseded:
        ended = "superseded"
    except JobStopped:
        ended = retrying(lambda: _stop(database, running))
    except Exception as error:
        ended = _fail_surely(database, kind, running, error)
    finally:
        LIVE.pop(running.job.job_id, None)
    # What went as it should is on the page of jobs and in the metrics; a line each would hide what did not.
    tell = log.debug if ended == "done" and running.job.number == 1 else log.info
    tell("job", kind=running.kind, job=running.job.job_id, attempt=running.job.number, ended=ended)
    return ended


class UnknownKind(Unavailable):
    """No worker of this version knows what to do."""


class _Begun:
    """A try that was begun, with what is needed to find its rights and to end it."""

    def __init__(self, job: Running, kind: str, request_id: str | None) -> None:
        self.job, self.kind, self.request_id = job, kind, request_id


def _begin(database: Database, firm_id: int, uid: str, handed: int) -> _Begun | None:
    """Count the try and take the job; None when it has ended, or was handed over again since."""
    worker = Actor("job", firm_id, "", name="worker")
    with database.transaction(worker) as session:
        job = _locked(session, firm_id, uid)
        stale = job is not None and (handed < job.handed or (handed == job.handed and job.state == WAITING))
        if job is None or job.state in ENDED or stale:
            return None
        now = clock.now()
        job.interruptions += job.state == RUNNING
        job.handed = handed
        job.tries += 1
        job.moved_at = now
        if job.interruptions > INTERRUPTIONS_MAX:
            _end(job, FAILED, now, "interrupted", f"The worker was stopped {job.interruptions} times while it ran.")
            return None
        job.state = RUNNING
        job.started_at = now
        payload = tagged.loads(job.payload or "{}")
        return _Begun(Running(database, worker, job.id, uid, job.tries, payload), job.kind, job.request_id)


def _do(database: Database, kind: Kind, begun: _Begun) -> None:
    running = begun.job
    if kind.operation is not None:
        with database.reading(running.actor) as session:
            asker = asker_of(session, session.get_one(Job, running.job_id))
        require(asker, kind.operation)
        running.actor = asker
    kind.run(running)
    if not running.ended:
        with running.finish():
            pass


def _fail_surely(database: Database, kind: Kind | None, begun: _Begun, error: Exception) -> str:
    try:
        return retrying(lambda: _fail(database, kind, begun, error))
    except DBAPIError:
        log.warning("job.unrecorded", job=begun.job.job_id, error=type(error).__name__)
        raise


def _fail(database: Database, kind: Kind | None, begun: _Begun, error: Exception) -> str:
    """Record a failure: to be tried again later, or given up for a person to look at."""
    running = begun.job
    code, reason = _told(error)
    if not isinstance(error, VestryError):
        log.error("job.failed", kind=begun.kind, job=running.job_id, exc_info=error)
    with database.transaction(Actor("job", running.actor.firm_id, "", name="worker")) as session:
        job = _locked(session, running.actor.firm_id, running.uid)
        if job is None or job.state != RUNNING or job.tries != running.number:
            return "superseded"
        if isinstance(error, VestryError) and error.afterwards is not None:
            error.afterwards(session)
        now = clock.now()
        job.failures += 1
        final = kind is None or _is_final(error) or job.failures >= kind.tries
        if final:
            _end(job, FAILED, now, code, reason)
        else:
            assert kind is not None
            pause = max(kind.pause(job.failures), timedelta(seconds=_asked_to_wait(error)))
            job.state, job.due_at, job.moved_at = WAITING, now + _spread(pause, job.id), now
            job.error_code, job.error = code, reason
        if kind is not None and kind.failed is not None:
            kind.failed(session, running.payload, reason, final)
        return "failed" if final else "to be tried again"


def _stop(database: Database, begun: _Begun) -> str:
    running = begun.job
    with database.transaction(Actor("job", running.actor.firm_id, "", name="worker")) as session:
        job = _locked(session, running.actor.firm_id, running.uid)
        if job is None or job.state != RUNNING or job.tries != running.number:
            return "superseded"
        for name, value in cancelled(clock.now()).items():
            setattr(job, name, value)
    return "cancelled"


def _locked(session: Session, firm_id: int, uid: str) -> Job | None:
    query = select(Job).where(Job.uid == uid, Job.firm_id == firm_id).with_for_update()
    return session.scalars(query).one_or_none()


def _end(job: Job, state: str, now: Any, code: str, reason: str) -> None:
    # The payload stays: a person may have the job tried again.
    job.state, job.ended_at, job.moved_at, job.error_code, job.error = state, now, now, code, reason


def _is_final(error: Exception) -> bool:
    """Whether trying again would give the same: a refusal is one, a service that is away is not."""
    return isinstance(error, VestryError) and not isinstance(error, Unavailable)


def _asked_to_wait(error: Exception) -> int:
    """How many seconds whoever did not answer asked us to wait (Retry-After)."""
    return (error.retry_after or 0) if isinstance(error, VestryError) else 0


def _told(error: Exception) -> tuple[str, str]:
    """The code and the words a person is shown; of an unexpected error no more than its name."""
    if isinstance(error, VestryError):
        return error.code(), error.message[:REASON_CHARACTERS_MAX]
    if isinstance(error, OperationalError):
        return "unavailable", "The database did not answer."
    return "unexpected", f"Something went wrong on our side ({type(error).__name__}); the log has the rest."


def _spread(pause: timedelta, job_id: int) -> timedelta:
    """Up to a tenth longer, differently for each job: what failed together need not come back together."""
    return pause * (1 + (job_id * 7919 % 97) / 970)
