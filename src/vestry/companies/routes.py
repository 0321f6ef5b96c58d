"""Companies, rounds and securities over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Response

from vestry.companies import queries, schemas, service
from vestry.companies.models import Company, Round, Security
from vestry.core import clock
from vestry.core.fields import Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.listing import paginate
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find, without_hidden
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Ask, Work, asks, may
from vestry.market.reference import STALE_AFTER

router = make_router("companies")
PLAINLY = schemas.FetchIn()


@router.get("/companies", operation_id="list_companies", response_model=schemas.CompanyPage)
async def list_companies(
    ask: Annotated[Ask, asks("company.read")],
    page: Paged,
    industry: Annotated[str | None, Query(max_length=100)] = None,
    country: Annotated[str | None, Query(max_length=100)] = None,
    is_public: Annotated[bool | None, Query()] = None,
) -> Response:
    """The companies you may see."""
    return await ask.list(
        page,
        lambda actor: queries.list_companies(actor, page.q, industry=industry, country=country, is_public=is_public),
    )


@router.post("/companies", operation_id="create_company", status_code=201)
def create_company(body: schemas.CompanyIn, work: Annotated[Work, may("company.create")]) -> schemas.CompanyOut:
    """Add a company."""
    company = service.create_company(work.session, work.actor, **body.model_dump())
    return schemas.CompanyOut.of(company)


@router.get("/companies/{company_id}", operation_id="get_company")
def get_company(company_id: Id, work: Annotated[Work, may("company.read")]) -> schemas.CompanyOut:
    """One company."""
    company = find(work.session, work.actor, Company, company_id, noun="company")
    seen = {name: getattr(company, name) for name in schemas.CompanyOut.model_fields}
    return schemas.CompanyOut.model_validate(without_hidden(work.actor, "company", seen))


@router.put("/companies/{company_id}", operation_id="update_company")
def update_company(
    company_id: Id,
    body: schemas.CompanyIn,
    work: Annotated[Work, may("company.change")],
    version: Seen,
) -> schemas.CompanyOut:
    """Replace a company's fields."""
    company = service.update_company(work.session, work.actor, company_id, version=version, **body.model_dump())
    return schemas.CompanyOut.of(company)


@router.delete("/companies/{company_id}", operation_id="archive_company", status_code=204)
def archive_company(company_id: Id, work: Annotated[Work, may("company.change")]) -> None:
    """Take away a company about which nothing is recorded (409 otherwise)."""
    service.archive_company(work.session, work.actor, company_id)


@router.get(
    "/companies/{company_id}/financial-data",
    operation_id="list_market_prices",
    response_model=schemas.MarketPricePage,
)
def list_market_prices(
    company_id: Id,
    page: Paged,
    work: Annotated[Work, may("company.read")],
    known_at: Annotated[Instant | None, Query(description="as they were known then; now when left out")] = None,
) -> Json:
    """The market prices of a listed company, the latest first."""
    find(work.session, work.actor, Company, company_id, noun="company")
    found = paginate(work.session, queries.list_prices(work.actor, company_id, known_at=known_at), page)
    newest = queries.newest_price_on(work.session, work.actor, company_id, known_at=known_at)
    days = None if newest is None else (clock.today(work.session) - newest).days
    return Json(found | {"newest_on": newest, "stale": None if days is None else days > STALE_AFTER})


@router.post("/companies/{company_id}/financial-data/fetch", operation_id="fetch_market_prices", status_code=202)
def fetch_market_prices(
    company_id: Id, work: Annotated[Work, may("company.change")], body: schemas.FetchIn = PLAINLY
) -> schemas.FetchOut:
    """Ask the market-data provider for a listed company's newest prices; the answer names the job that does it."""
    return schemas.FetchOut(job_id=service.ask_for_prices(work.session, work.actor, company_id, again=body.again).id)


@router.get("/rounds", operation_id="list_rounds", response_model=schemas.RoundPage)
async def list_rounds(
    ask: Annotated[Ask, asks("company.read")],
    page: Paged,
    company_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """The rounds you may see, the latest first."""
    return await ask.list(page, lambda actor: queries.list_rounds(actor, page.q, company_id=company_id))


@router.post("/rounds", operation_id="create_round", status_code=201)
def create_round(body: schemas.RoundIn, work: Annotated[Work, may("company.change")]) -> schemas.RoundOut:
    """Record a financing of a company."""
    return _round(service.record_round(work.session, work.actor, **body.model_dump()))


@router.get("/rounds/{round_id}", operation_id="get_round")
def get_round(round_id: Id, work: Annotated[Work, may("company.read")]) -> schemas.RoundOut:
    """One round."""
    return _round(find(work.session, work.actor, Round, round_id, noun="round"))


@router.put("/rounds/{round_id}", operation_id="update_round")
def update_round(
    round_id: Id,
    body: schemas.RoundFields,
    work: Annotated[Work, may("company.change")],
    version: Seen,
) -> schemas.RoundOut:
    """Supersede what was recorded of a round."""
    return _round(service.update_round(work.session, work.actor, round_id, version=version, **body.model_dump()))


@router.post("/rounds/{round_id}/void", operation_id="void_round", status_code=204)
def void_round(round_id: Id, body: Reason, work: Annotated[Work, may("company.change")]) -> None:
    """Take back a round recorded by mistake."""
    service.void_round(work.session, work.actor, round_id, reason=body.reason)


@router.get("/rounds/{round_id}/versions", operation_id="list_round_versions", response_model=list[dict[str, Any]])
def list_round_versions(round_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded of a round over time, the oldest first."""
    found: list[Mapping[str, Any]] = versions_of(work.session, work.actor, Round, round_id, noun="round")
    return Json([dict(row) for row in found])


@router.get("/securities", operation_id="list_securities", response_model=schemas.SecurityPage)
async def list_securities(
    ask: Annotated[Ask, asks("company.read")],
    page: Paged,
    company_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """The securities you may see."""
    return await ask.list(page, lambda actor: queries.list_securities(actor, page.q, company_id=company_id))


@router.post("/securities", operation_id="create_security", status_code=201)
def create_security(body: schemas.SecurityIn, work: Annotated[Work, may("company.change")]) -> schemas.SecurityOut:
    """Add what a company issued."""
    return _security(service.create_security(work.session, work.actor, **body.model_dump()))


@router.get("/securities/{security_id}", operation_id="get_security")
def get_security(security_id: Id, work: Annotated[Work, may("company.read")]) -> schemas.SecurityOut:
    """One security."""
    return _security(find(work.session, work.actor, Security, security_id, noun="security"))


@router.put("/securities/{security_id}", operation_id="update_security")
def update_security(
    security_id: Id,
    body: schemas.SecurityFields,
    work: Annotated[Work, may("company.change")],
    version: Seen,
) -> schemas.SecurityOut:
    """Replace a security's fields."""
    found = service.update_security(work.session, work.actor, security_id, version=version, **body.model_dump())
    return _security(found)


@router.delete("/securities/{security_id}", operation_id="archive_security", status_code=204)
def archive_security(security_id: Id, work: Annotated[Work, may("company.change")]) -> None:
    """Take away a security nobody holds (409 otherwise)."""
    service.archive_security(work.session, work.actor, security_id)


def _round(row: Round) -> schemas.RoundOut:
    return schemas.RoundOut.of(row)


def _security(row: Security) -> schemas.SecurityOut:
    return schemas.SecurityOut.of(row)
