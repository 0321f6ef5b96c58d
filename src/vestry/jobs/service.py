"""What a person may do to a job: have it tried again, or stop it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core import outbox, trail
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.core.outbox import ENDED, FAILED, RUNNING, Job
from vestry.core.running import cancelled
from vestry.identity.access import require
from vestry.jobs.queries import jobs_of


class JobNotFailed(Conflict):
    """Only a job that was given up can be tried again."""


class JobEnded(Conflict):
    """The job is over already."""


def retry_job(session: Session, actor: Actor, job_id: int) -> None:
    """Have a job that failed tried again; it still runs with the rights of whoever asked for it first."""
    require(actor, "job.change")
    job = _locked(session, actor, job_id)
    if job.state != FAILED:
        raise JobNotFailed(f"The job is {job.state}.", mend="Only jobs that failed can be tried again.")
    trail.tell(session, trail.Event("change", "job", job.id, {"state": job.state}, None, note="retry"))
    outbox.try_again(session, job)


def cancel_job(session: Session, actor: Actor, job_id: int) -> None:
    """Stop a job: at once where it waits, at its next step where it runs; what it did so far is rolled back."""
    require(actor, "job.change")
    job = _locked(session, actor, job_id)
    if job.state in ENDED and job.state != FAILED:
        raise JobEnded(f"The job is {job.state}.", mend="There is nothing to stop.")
    trail.tell(session, trail.Event("change", "job", job.id, {"state": job.state}, None, note="cancel"))
    now = session.info["now"]
    if job.state == RUNNING:
        job.cancel_asked_at = now
    else:
        for name, value in cancelled(now).items():
            setattr(job, name, value)
    session.flush()


def _locked(session: Session, actor: Actor, job_id: int) -> Job:
    query = select(Job).where(jobs_of(actor), Job.id == job_id).with_for_update()
    job = session.scalars(query).one_or_none()
    if job is None:
        raise NotFound("job")
    return job
