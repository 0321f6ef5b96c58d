"""Marks, reported NAVs and valued positions over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from vestry.core.asking import day_seen
from vestry.core.errors import Invalid
from vestry.core.fields import Day, Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Ask, Work, asks, may
from vestry.valuations import queries, schemas, service
from vestry.valuations.fair_values import fair_values
from vestry.valuations.models import ReportedNav, ValuationMark

router = make_router("valuations")

UpTo = Annotated[Day | None, Query(description="only up to this day")]
KnownAt = Annotated[Instant | None, Query(description="as the books were known then; now when left out")]
Filter = Annotated[Id | None, Query()]
Reading = Annotated[Work, may("valuation.read")]
Asking = Annotated[Ask, asks("valuation.read")]
Changing = Annotated[Work, may("valuation.change")]
ReadingNavs = Annotated[Work, may("reported_nav.read")]
ChangingNavs = Annotated[Work, may("reported_nav.change")]


class ScopeNeeded(Invalid):
    """Positions are computed together, so the question must name of what."""


@router.get("/positions", operation_id="list_positions", response_model=schemas.Positions)
def list_positions(
    work: Reading,
    as_of: Annotated[Day | None, Query(description="the day it is seen from; today when left out")] = None,
    known_at: KnownAt = None,
    fund_id: Filter = None,
    vehicle_id: Filter = None,
    company_id: Filter = None,
    investment_id: Filter = None,
    holding_id: Filter = None,
) -> Json:
    """All positions of a fund, vehicle, company, investment or holding, with fair values and how they came about."""
    scope = {
        "fund_id": fund_id,
        "vehicle_id": vehicle_id,
        "company_id": company_id,
        "investment_id": investment_id,
        "holding_id": holding_id,
    }
    if not any(scope.values()):
        raise ScopeNeeded("Positions of what?", field="fund_id", mend=f"Name one of {', '.join(scope)}.")
    day = day_seen(work.session, work.actor, as_of)
    found = fair_values(work.session, work.actor, as_of=day, known_at=known_at, **scope)
    return Json({"as_of": day, "known_at": known_at, "items": [queries.shown(one) for one in found]})


@router.get("/marks", operation_id="list_marks", response_model=schemas.MarkPage)
async def list_marks(
    ask: Asking,
    page: Paged,
    holding_id: Filter = None,
    company_id: Filter = None,
    investment_id: Filter = None,
    within_company_id: Annotated[Id | None, Query(description="of its equity and of every holding in it")] = None,
    as_of: UpTo = None,
    known_at: KnownAt = None,
) -> Response:
    """The marks you may see, the latest first."""
    return await ask.list(
        page,
        lambda actor: queries.list_marks(
            actor,
            page.q,
            as_of=as_of,
            known_at=known_at,
            holding_id=holding_id,
            company_id=company_id,
            investment_id=investment_id,
            within_company_id=within_company_id,
        ),
    )


@router.post("/marks", operation_id="create_mark", status_code=201)
def create_mark(body: schemas.MarkIn, work: Changing) -> schemas.MarkOut:
    """Record a fair value; a second one of the same thing and day is refused (409)."""
    return _mark(service.record_mark(work.session, work.actor, **body.model_dump()))


@router.get("/marks/{mark_id}", operation_id="get_mark")
def get_mark(mark_id: Id, work: Reading) -> schemas.MarkOut:
    """One mark."""
    return _mark(find(work.session, work.actor, ValuationMark, mark_id, noun="mark"))


@router.put("/marks/{mark_id}", operation_id="update_mark")
def update_mark(mark_id: Id, body: schemas.MarkFields, work: Changing, version: Seen) -> schemas.MarkOut:
    """Supersede a mark; what was known before stays known."""
    return _mark(service.update_mark(work.session, work.actor, mark_id, version=version, **body.model_dump()))


@router.post("/marks/{mark_id}/void", operation_id="void_mark", status_code=204)
def void_mark(mark_id: Id, body: Reason, work: Changing) -> None:
    """Take a mark back."""
    service.void_mark(work.session, work.actor, mark_id, reason=body.reason)


@router.get("/marks/{mark_id}/versions", operation_id="list_mark_versions", response_model=list[dict[str, Any]])
def list_mark_versions(mark_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded of a mark over time, the oldest first."""
    return Json([dict(row) for row in versions_of(work.session, work.actor, ValuationMark, mark_id, noun="mark")])


@router.get("/reported-navs", operation_id="list_reported_navs", response_model=schemas.NavPage)
async def list_navs(
    ask: Annotated[Ask, asks("reported_nav.read")],
    page: Paged,
    fund_id: Filter = None,
    vehicle_id: Filter = None,
    investor_id: Filter = None,
    as_of: UpTo = None,
    known_at: KnownAt = None,
) -> Response:
    """The reported NAVs you may see, the latest first."""
    return await ask.list(
        page,
        lambda actor: queries.list_navs(
            actor,
            page.q,
            as_of=as_of,
            known_at=known_at,
            fund_id=fund_id,
            vehicle_id=vehicle_id,
            investor_id=investor_id,
        ),
    )


@router.post("/reported-navs", operation_id="create_reported_nav", status_code=201)
def create_nav(body: schemas.NavIn, work: ChangingNavs) -> schemas.NavOut:
    """Record a NAV as its administrator reported it; a second one of the same day is refused (409)."""
    return _nav(work, service.record_nav(work.session, work.actor, **body.model_dump()).id)


@router.get("/reported-navs/{nav_id}", operation_id="get_reported_nav")
def get_nav(nav_id: Id, work: ReadingNavs) -> schemas.NavOut:
    """One reported NAV."""
    return _nav(work, nav_id)


@router.put("/reported-navs/{nav_id}", operation_id="update_reported_nav")
def update_nav(nav_id: Id, body: schemas.NavFields, work: ChangingNavs, version: Seen) -> schemas.NavOut:
    """Supersede a reported NAV; what was known before stays known."""
    service.update_nav(work.session, work.actor, nav_id, version=version, **body.model_dump())
    return _nav(work, nav_id)


@router.post("/reported-navs/{nav_id}/void", operation_id="void_reported_nav", status_code=204)
def void_nav(nav_id: Id, body: Reason, work: ChangingNavs) -> None:
    """Take a reported NAV back."""
    service.void_nav(work.session, work.actor, nav_id, reason=body.reason)


@router.get(
    "/reported-navs/{nav_id}/versions", operation_id="list_reported_nav_versions", response_model=list[dict[str, Any]]
)
def list_nav_versions(nav_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded of a reported NAV over time, the oldest first."""
    return Json([dict(row) for row in versions_of(work.session, work.actor, ReportedNav, nav_id, noun="reported NAV")])


def _mark(row: ValuationMark) -> schemas.MarkOut:
    return schemas.MarkOut.model_validate({name: getattr(row, name) for name in schemas.MarkOut.model_fields})


def _nav(work: Work, nav_id: int) -> schemas.NavOut:
    return schemas.NavOut(**queries.get_nav(work.session, work.actor, nav_id))
