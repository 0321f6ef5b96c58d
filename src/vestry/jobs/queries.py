"""Every SELECT about jobs and mail. An administrator sees the firm's; everybody else what they asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing, paginate
from vestry.core.outbox import RUNNING, Job
from vestry.core.paging import Page, contains
from vestry.core.running import LIVE
from vestry.identity.access import theirs
from vestry.integrations.mail.models import MailDelivery

JOB_SORTS = {
    "id": Job.id,
    "created_at": Job.created_at,
    "due_at": Job.due_at,
    "ended_at": Job.ended_at,
    "kind": Job.kind,
    "state": Job.state,
}
MAIL_SORTS = {
    "id": MailDelivery.id,
    "created_at": MailDelivery.created_at,
    "sent_at": MailDelivery.sent_at,
    "state": MailDelivery.state,
    "recipient": MailDelivery.recipient,
}


def jobs_of(actor: Actor) -> ColumnElement[bool]:
    """The condition that a job is the actor's to see."""
    firm = theirs(actor, Job)
    if actor.role == "administrator":
        return firm
    own = Job.user_id == actor.user_id if actor.user_id else Job.token_id == actor.token_id
    return and_(firm, own)


def _jobs(actor: Actor) -> Select[*tuple[Any, ...]]:
    return select(
        Job.id,
        Job.kind,
        Job.title,
        Job.state,
        Job.user_id,
        Job.tries,
        Job.failures,
        Job.progress_done,
        Job.progress_total,
        Job.progress_note,
        Job.result,
        Job.error_code,
        Job.error,
        Job.created_at,
        Job.due_at,
        Job.started_at,
        Job.ended_at,
        Job.cancel_asked_at,
    ).where(jobs_of(actor))


def list_jobs(session: Session, actor: Actor, page: Page, *, kind: str | None, state: str | None) -> dict[str, Any]:
    """A page of jobs."""
    query = _jobs(actor)
    if kind:
        query = query.where(Job.kind == kind)
    if state:
        query = query.where(Job.state == state)
    if page.q:
        query = query.where(contains(Job.title, page.q))
    return paginate(session, Listing(query, JOB_SORTS, Job.id, "-created_at", finish=_shown), page)


def get_job(session: Session, actor: Actor, job_id: int) -> dict[str, Any]:
    """One job, with how far it is."""
    row = session.execute(_jobs(actor).where(Job.id == job_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("job")
    return _shown(dict(row))


def list_mails(
    session: Session, actor: Actor, page: Page, *, template: str | None, state: str | None
) -> dict[str, Any]:
    """A page of the delivery log."""
    query = select(
        MailDelivery.id,
        MailDelivery.job_id,
        MailDelivery.template,
        MailDelivery.recipient,
        MailDelivery.state,
        MailDelivery.attempts,
        MailDelivery.detail,
        MailDelivery.created_at,
        MailDelivery.sent_at,
    ).where(theirs(actor, MailDelivery))
    if template:
        query = query.where(MailDelivery.template == template)
    if state:
        query = query.where(MailDelivery.state == state)
    if page.q:
        query = query.where(contains(MailDelivery.recipient, page.q))
    return paginate(session, Listing(query, MAIL_SORTS, MailDelivery.id, "-created_at"), page)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    done, total, note = row.pop("progress_done"), row.pop("progress_total"), row.pop("progress_note")
    live = LIVE.get(row["id"]) if row["state"] == RUNNING else None
    if live is not None:
        done, total, note = live
    return row | {"progress": None if note is None else {"done": done, "total": total, "note": note}}
