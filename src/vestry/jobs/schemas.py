"""Jobs and mail as they go out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from vestry.core.fields import Output

JobState = Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
MailState = Literal["queued", "sent", "failed"]


class ProgressOut(Output):
    """How far a job is: what it does, and how much of how much is done."""

    done: int
    total: int
    note: str


class JobOut(Output):
    """A piece of work. ``failed`` ones were given up and can be tried again; ``due_at`` is when it runs, or is tried
    next. ``tries`` counts beginnings, ``failures`` failures since a person last had it tried again."""

    id: int
    kind: str
    title: str
    state: JobState
    user_id: int | None
    tries: int
    failures: int
    progress: ProgressOut | None
    result: dict[str, Any]
    error_code: str | None
    error: str | None
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel_asked_at: datetime | None


class JobPage(Output):
    """A page of jobs."""

    items: list[JobOut]
    next: str | None
    total: int


class MailOut(Output):
    """A message of the delivery log: to whom, which template, what became of it. What it said is not kept."""

    id: int
    job_id: int | None
    template: str
    recipient: str
    state: MailState
    attempts: int
    detail: str | None
    created_at: datetime
    sent_at: datetime | None


class MailPage(Output):
    """A page of the delivery log."""

    items: list[MailOut]
    next: str | None
    total: int
