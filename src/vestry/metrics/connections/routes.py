"""Connections over HTTP: set them, and have figures fetched."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends

from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.listing import paginate
from vestry.core.paging import Page, page
from vestry.core.versions import Seen
from vestry.identity.door import Work, may
from vestry.metrics.connections import queries, schemas, service, views

router = make_router("metrics")
CONNECTIONS = "/companies/{company_id}/metrics/connections"
ONE = CONNECTIONS + "/{connection_id}"
PLAINLY = schemas.ConnectionFetchIn()
Reading = Annotated[Work, may("metric_connection.read")]
Setting = Annotated[Work, may("metric_connection.change")]


@router.get(CONNECTIONS, operation_id="list_metric_connections", response_model=schemas.ConnectionPage)
def list_metric_connections(company_id: Id, work: Reading, page: Annotated[Page, Depends(page)]) -> Json:
    """Where figures of a company are fetched, and how the latest fetch of each went."""
    listing = queries.list_connections(work.session, work.actor, company_id)
    stopped = queries.stopped(work.session, work.actor, company_id)
    return Json(paginate(work.session, replace(listing, finish=partial(views.out, stopped=stopped)), page))


@router.post(
    CONNECTIONS, operation_id="create_metric_connection", status_code=201, response_model=schemas.ConnectionOut
)
def create_metric_connection(company_id: Id, body: schemas.ConnectionIn, work: Setting) -> Json:
    """Name a source that feeds a company's figures; the key is kept sealed. Nothing is fetched yet."""
    made = service.create(work.session, work.actor, company_id, **body.model_dump())
    return Json(views.shown(made), status_code=201)


@router.get(ONE, operation_id="get_metric_connection", response_model=schemas.ConnectionOut)
def get_metric_connection(company_id: Id, connection_id: Id, work: Reading) -> Json:
    """One of them."""
    found = queries.find_connection(work.session, work.actor, company_id, connection_id)
    return Json(views.shown(found, queries.stopped(work.session, work.actor, company_id)))


@router.put(ONE, operation_id="update_metric_connection", response_model=schemas.ConnectionOut)
def update_metric_connection(
    company_id: Id, connection_id: Id, body: schemas.ConnectionIn, work: Setting, version: Seen
) -> Json:
    """Change a connection; without `key` the kept one stays, unless the address is of another origin."""
    made = service.change(work.session, work.actor, company_id, connection_id, version=version, **body.model_dump())
    return Json(views.shown(made))


@router.delete(ONE, operation_id="archive_metric_connection", status_code=204)
def archive_metric_connection(company_id: Id, connection_id: Id, work: Setting) -> None:
    """Fetch by it no more, and forget its key; what it brought stays."""
    service.archive(work.session, work.actor, company_id, connection_id)


@router.post(ONE + "/fetch", operation_id="fetch_metric_connection", status_code=202)
def fetch_metric_connection(
    company_id: Id,
    connection_id: Id,
    work: Annotated[Work, may("metric.change")],
    body: schemas.ConnectionFetchIn = PLAINLY,
) -> schemas.ConnectionFetchAsked:
    """Ask the source for figures; the answer names the job that does it."""
    job = service.ask(work.session, work.actor, company_id, connection_id, **body.model_dump())
    return schemas.ConnectionFetchAsked(job_id=job.id)
