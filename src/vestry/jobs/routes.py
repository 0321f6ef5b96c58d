"""Jobs and the mail log over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Page, page
from vestry.identity.door import Work, may
from vestry.jobs import queries, schemas, service

router = make_router("jobs")

Kind = Annotated[str | None, Query(max_length=60, pattern="^[a-z_.]+$")]


@router.get("/jobs", operation_id="list_jobs", response_model=schemas.JobPage)
def list_jobs(
    work: Annotated[Work, may("job.read")],
    page: Annotated[Page, Depends(page)],
    kind: Kind = None,
    state: Annotated[schemas.JobState | None, Query()] = None,
) -> Json:
    """The jobs you asked for, the newest first; an administrator sees the firm's. `state=failed`: those given up."""
    return Json(queries.list_jobs(work.session, work.actor, page, kind=kind, state=state))


@router.get("/jobs/{job_id}", operation_id="get_job", response_model=schemas.JobOut)
def get_job(job_id: Id, work: Annotated[Work, may("job.read")]) -> Json:
    """One job, with how far it is."""
    return Json(queries.get_job(work.session, work.actor, job_id))


@router.post("/jobs/{job_id}/retry", operation_id="retry_job", response_model=schemas.JobOut)
def retry_job(job_id: Id, work: Annotated[Work, may("job.change")]) -> Json:
    """Have a job that was given up tried again, with the rights of whoever asked for it."""
    service.retry_job(work.session, work.actor, job_id)
    return Json(queries.get_job(work.session, work.actor, job_id))


@router.post("/jobs/{job_id}/cancel", operation_id="cancel_job", response_model=schemas.JobOut)
def cancel_job(job_id: Id, work: Annotated[Work, may("job.change")]) -> Json:
    """Stop a job: at once where it waits, at its next step where it runs; nothing of it is kept."""
    service.cancel_job(work.session, work.actor, job_id)
    return Json(queries.get_job(work.session, work.actor, job_id))


@router.get("/mails", operation_id="list_mails", response_model=schemas.MailPage)
def list_mails(
    work: Annotated[Work, may("mail.read")],
    page: Annotated[Page, Depends(page)],
    template: Kind = None,
    state: Annotated[schemas.MailState | None, Query()] = None,
) -> Json:
    """Which messages were sent to whom, and which could not be."""
    return Json(queries.list_mails(work.session, work.actor, page, template=template, state=state))
