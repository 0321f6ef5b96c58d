"""Work to be done after a commit, asked for by a row of the same transaction.

A service calls :func:`ask`; if its transaction is rolled back, nothing was asked. A worker takes the row up, does the
work and records the end in one transaction with what the work changed, so a job is neither lost nor done twice.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from vestry.core import tagged
from vestry.core.actor import Actor
from vestry.core.model import Base, Owned
from vestry.core.types import Json, UtcDateTime

WAITING, QUEUED, RUNNING, DONE, FAILED, CANCELLED = STATES = (
    "waiting",
    "queued",
    "running",
    "done",
    "failed",
    "cancelled",
)
OPEN, ENDED = (WAITING, QUEUED, RUNNING), (DONE, FAILED, CANCELLED)
_STATES = ", ".join(repr(state) for state in STATES)
_OPEN = text("state IN ('waiting', 'queued', 'running')")

# Set after the commit of a transaction that asked for a job, so that a worker in this process need not look for it.
asked = threading.Event()


class Job(Base, Owned):
    """One piece of work: who asked for what, how far it is, how it ended.

    ``uid`` names it in the workers' own tables; ``handed`` counts how often it was given to them, ``tries`` how often
    it was begun, ``failures`` how often it failed. A try may end only while ``tries`` is still its own number.
    """

    __tablename__ = "job"
    AUDITED = False  # what a job does is told as it does it; what people do to a job is told by them
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("uq_job_uid", "uid", unique=True),
        Index("uq_job_firm_id_key", "firm_id", "key", unique=True),
        Index("ix_job_firm_id_due_at", "firm_id", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_firm_id_state", "firm_id", "state"),
    )

    uid: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    asked_as: Mapped[str] = mapped_column(String(12))
    asked_role: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    token_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("api_token.id"))
    request_id: Mapped[str | None] = mapped_column(String(64))
    handed: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(BigInteger)
    interruptions: Mapped[int] = mapped_column(BigInteger)
    progress_done: Mapped[int | None] = mapped_column(BigInteger)
    progress_total: Mapped[int | None] = mapped_column(BigInteger)
    progress_note: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    error_code: Mapped[str | None] = mapped_column(String(80))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def ask(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    title: str,
    firm_id: int | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
    asker: Actor | None = None,
) -> Job:
    """Ask for a job in the caller's transaction; it runs after the commit, not before ``due_at``.

    It runs with the rights its asker has then: the session's actor, or ``asker``, on whose behalf it is asked for.
    ``firm_id`` is for callers who act for nobody yet.
    ``key``: the same wish of a firm is kept once; asking again gives the job there is.
    """
    actor: Actor = asker or session.info["actor"]
    firm = firm_id or actor.firm_id
    if key is not None:
        known = session.scalars(select(Job).where(Job.firm_id == firm, Job.key == key)).one_or_none()
        if known is not None:
            return known
    now = session.info["now"]
    job = Job(
        firm_id=firm,
        uid=secrets.token_hex(16),
        kind=kind,
        key=key,
        title=title[:200],
        payload=tagged.dumps(dict(payload)),
        state=WAITING,
        asked_as=actor.kind,
        asked_role=actor.role,
        user_id=actor.user_id,
        token_id=actor.token_id,
        request_id=actor.request_id,
        handed=0,
        tries=0,
        failures=0,
        interruptions=0,
        result={},
        created_at=now,
        due_at=due_at or now,
        moved_at=now,
    )
    session.add(job)
    session.flush()
    wake_after_commit(session)
    return job


def try_again(session: Session, job: Job) -> None:
    """Give a job that failed back to the workers, with all its tries; call with the row locked."""
    now = session.info["now"]
    job.state, job.due_at, job.moved_at, job.ended_at = WAITING, now, now, None
    job.failures = job.interruptions = 0
    job.error = job.error_code = job.cancel_asked_at = None
    session.flush()
    wake_after_commit(session)


def wake_after_commit(session: Session) -> None:
    """Tell this process's worker, once the session has committed, that there is something to do."""
    event.listen(session, "after_commit", lambda _: asked.set(), once=True)
