"""Forgetting jobs that ended and messages that went out long ago: logs of work, never what the work changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, select

from vestry.core import clock
from vestry.core.outbox import ENDED, Job
from vestry.core.running import Kind, Running
from vestry.core.settings import settings
from vestry.integrations.mail.models import MailDelivery

FORGET: Final = "jobs.forget"
TITLE: Final = "Forgetting jobs and messages of long ago"
AT_ONCE = 20_000  # rows of each a night: the books wait for whoever writes


def _forget(running: Running) -> None:
    """Nothing while VESTRY_JOBS_KEPT_DAYS is 0. What waits, is under way or has a message that is kept, stays."""
    days, firm = settings().jobs_kept_days, running.actor.firm_id
    counts: dict[str, Any] = {}
    with running.finish(counts) as session:
        if not days:
            return
        before = clock.now() - timedelta(days=days)
        sent = select(MailDelivery.id).where(
            MailDelivery.firm_id == firm, MailDelivery.state != "queued", MailDelivery.created_at < before
        )
        ended = select(Job.id).where(
            Job.firm_id == firm,
            Job.state.in_(ENDED),
            Job.ended_at < before,
            ~exists().where(MailDelivery.job_id == Job.id),
        )
        for name, model, found in (("messages", MailDelivery, sent), ("jobs", Job, ended)):
            done = session.execute(delete(model).where(model.id.in_(found.order_by(model.id).limit(AT_ONCE))))
            counts[name] = done.rowcount  # type: ignore[attr-defined]


KINDS = (Kind(FORGET, _forget),)
