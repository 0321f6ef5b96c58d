"""Investors over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find
from vestry.identity.door import Ask, Work, asks, may
from vestry.investors import queries, schemas, service
from vestry.investors.models import Investor

router = make_router("investors")


@router.get("/investors", operation_id="list_investors", response_model=schemas.InvestorPage)
async def list_investors(
    ask: Annotated[Ask, asks("investor.read")],
    page: Paged,
    kind: Annotated[schemas.InvestorKind | None, Query()] = None,
) -> Response:
    """The investors you may see."""
    return await ask.list(page, lambda actor: queries.list_investors(actor, page.q, kind=kind))


@router.post("/investors", operation_id="create_investor", status_code=201)
def create_investor(body: schemas.InvestorIn, work: Annotated[Work, may("investor.create")]) -> schemas.InvestorOut:
    """Add an investor."""
    investor = service.create_investor(work.session, work.actor, **body.model_dump())
    return schemas.InvestorOut.of(investor)


@router.get("/investors/{investor_id}", operation_id="get_investor")
def get_investor(investor_id: Id, work: Annotated[Work, may("investor.read")]) -> schemas.InvestorOut:
    """One investor."""
    investor = find(work.session, work.actor, Investor, investor_id, noun="investor")
    return schemas.InvestorOut.of(investor)


@router.put("/investors/{investor_id}", operation_id="update_investor")
def update_investor(
    investor_id: Id,
    body: schemas.InvestorIn,
    work: Annotated[Work, may("investor.change")],
    version: Seen,
) -> schemas.InvestorOut:
    """Replace an investor's fields."""
    investor = service.update_investor(work.session, work.actor, investor_id, version=version, **body.model_dump())
    return schemas.InvestorOut.of(investor)


@router.delete("/investors/{investor_id}", operation_id="archive_investor", status_code=204)
def archive_investor(investor_id: Id, work: Annotated[Work, may("investor.change")]) -> None:
    """Take away an investor for whom nothing is recorded (409 otherwise)."""
    service.archive_investor(work.session, work.actor, investor_id)
