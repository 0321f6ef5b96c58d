"""Funds, vehicles and terms over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from vestry.core.fields import CurrencyCode, Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Page, page
from vestry.core.versions import if_match
from vestry.funds import queries, schemas, service
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import find
from vestry.identity.door import Work, may

router = make_router("funds")


@router.get("/funds", operation_id="list_funds", response_model=schemas.FundPage)
def list_funds(
    work: Annotated[Work, may("fund.read")],
    page: Annotated[Page, Depends(page)],
    strategy: Annotated[schemas.Strategy | None, Query()] = None,
    vintage_year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
    currency: Annotated[CurrencyCode | None, Query()] = None,
) -> Json:
    """The funds you may see; totals and figures of each are under /performance/funds."""
    found = queries.list_funds(
        work.session, work.actor, page, strategy=strategy, vintage_year=vintage_year, currency=currency
    )
    return Json(found)


@router.post("/funds", operation_id="create_fund", status_code=201)
def create_fund(body: schemas.FundIn, work: Annotated[Work, may("fund.change")]) -> schemas.FundOut:
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
    version: Annotated[int | None, Depends(if_match)],
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
    return [schemas.TermsOut.model_validate(terms, from_attributes=True) for terms in found]


@router.put("/funds/{fund_id}/terms", operation_id="set_fund_terms")
def set_terms(fund_id: Id, body: schemas.TermsIn, work: Annotated[Work, may("fund.change")]) -> schemas.TermsOut:
    """Record the terms from a day on; the same day again supersedes what was recorded for it."""
    terms = service.set_terms(work.session, work.actor, fund_id, **body.model_dump())
    return schemas.TermsOut.model_validate(terms, from_attributes=True)


@router.get("/vehicles", operation_id="list_vehicles", response_model=schemas.VehiclePage)
def list_vehicles(
    work: Annotated[Work, may("fund.read")],
    page: Annotated[Page, Depends(page)],
    fund_id: Annotated[Id | None, Query()] = None,
) -> Json:
    """The vehicles you may see."""
    return Json(queries.list_vehicles(work.session, work.actor, page, fund_id=fund_id))


@router.post("/vehicles", operation_id="create_vehicle", status_code=201)
def create_vehicle(body: schemas.VehicleIn, work: Annotated[Work, may("fund.change")]) -> schemas.VehicleOut:
    """Add a vehicle to a fund."""
    vehicle = service.create_vehicle(work.session, work.actor, **body.model_dump())
    return schemas.VehicleOut.model_validate(vehicle, from_attributes=True)


@router.get("/vehicles/{vehicle_id}", operation_id="get_vehicle")
def get_vehicle(vehicle_id: Id, work: Annotated[Work, may("fund.read")]) -> schemas.VehicleOut:
    """One vehicle."""
    vehicle = find(work.session, work.actor, Vehicle, vehicle_id, noun="vehicle")
    return schemas.VehicleOut.model_validate(vehicle, from_attributes=True)
