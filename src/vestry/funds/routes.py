"""Funds, vehicles and terms over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from vestry.core.fields import CurrencyCode, Id
from vestry.core.http import router as make_router
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.funds import queries, schemas, service
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import find
from vestry.identity.door import Ask, Work, asks, may

router = make_router("funds")


@router.get("/funds", operation_id="list_funds", response_model=schemas.FundPage)
async def list_funds(
    ask: Annotated[Ask, asks("fund.read")],
    page: Paged,
    strategy: Annotated[schemas.Strategy | None, Query()] = None,
    vintage_year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
    currency: Annotated[CurrencyCode | None, Query()] = None,
) -> Response:
    """The funds you may see; totals and figures of each are under /performance/funds."""
    return await ask.list(
        page,
        lambda actor: queries.list_funds(
            actor, page.q, strategy=strategy, vintage_year=vintage_year, currency=currency
        ),
    )


@router.post("/funds", operation_id="create_fund", status_code=201)
def create_fund(body: schemas.FundIn, work: Annotated[Work, may("fund.create")]) -> schemas.FundOut:
    """Make a fund, with its main vehicle."""
    fund = service.create_fund(work.session, work.actor, **body.model_dump())
    return schemas.FundOut(**queries.get_fund(work.session, work.actor, fund.id))


@router.get("/funds/{fund_id}", operation_id="get_fund")
def get_fund(fund_id: Id, work: Annotated[Work, may("fund.read")]) -> schemas.FundOut:
    """One fund."""
    return schemas.FundOut(**queries.get_fund(work.session, work.actor, fund_id))


@router.put("/funds/{fund_id}", operation_id="update_fund")
def update_fund(
    fund_id: Id,
    body: schemas.FundIn,
    work: Annotated[Work, may("fund.change")],
    version: Seen,
) -> schemas.FundOut:
    """Replace a fund's own fields."""
    service.update_fund(work.session, work.actor, fund_id, version=version, **body.model_dump())
    return schemas.FundOut(**queries.get_fund(work.session, work.actor, fund_id))


@router.delete("/funds/{fund_id}", operation_id="archive_fund", status_code=204)
def archive_fund(fund_id: Id, work: Annotated[Work, may("fund.change")]) -> None:
    """Take an empty fund away; one with recorded facts is refused (409)."""
    service.archive_fund(work.session, work.actor, fund_id)


@router.get("/funds/{fund_id}/terms", operation_id="list_fund_terms")
def list_terms(fund_id: Id, work: Annotated[Work, may("fund.read")]) -> list[schemas.TermsOut]:
    """The fund's terms, the earliest first."""
    find(work.session, work.actor, Fund, fund_id, noun="fund")
    found = queries.terms_of(work.session, work.actor, fund_id)
    return [schemas.TermsOut.of(terms) for terms in found]


@router.put("/funds/{fund_id}/terms", operation_id="set_fund_terms")
def set_terms(fund_id: Id, body: schemas.TermsIn, work: Annotated[Work, may("fund.change")]) -> schemas.TermsOut:
    """Record the terms from a day on; the same day again supersedes what was recorded for it."""
    terms = service.set_terms(work.session, work.actor, fund_id, **body.model_dump())
    return schemas.TermsOut.of(terms)


@router.get("/vehicles", operation_id="list_vehicles", response_model=schemas.VehiclePage)
async def list_vehicles(
    ask: Annotated[Ask, asks("fund.read")],
    page: Paged,
    fund_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """The vehicles you may see."""
    return await ask.list(page, lambda actor: queries.list_vehicles(actor, page.q, fund_id=fund_id))


@router.post("/vehicles", operation_id="create_vehicle", status_code=201)
def create_vehicle(body: schemas.VehicleIn, work: Annotated[Work, may("fund.change")]) -> schemas.VehicleOut:
    """Add a vehicle to a fund."""
    vehicle = service.create_vehicle(work.session, work.actor, **body.model_dump())
    return schemas.VehicleOut.of(vehicle)


@router.get("/vehicles/{vehicle_id}", operation_id="get_vehicle")
def get_vehicle(vehicle_id: Id, work: Annotated[Work, may("fund.read")]) -> schemas.VehicleOut:
    """One vehicle."""
    vehicle = find(work.session, work.actor, Vehicle, vehicle_id, noun="vehicle")
    return schemas.VehicleOut.of(vehicle)
