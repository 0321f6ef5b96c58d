"""Performance over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.background import BackgroundTask

from vestry.core.actor import Actor
from vestry.core.asking import day_asked
from vestry.core.db import Database
from vestry.core.fields import CurrencyCode, Day, Id, Instant, decimal_text
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Page, page
from vestry.identity.door import Work, may
from vestry.performance import ledger, queries, schemas, upkeep
from vestry.performance.cuts import Cut, cut
from vestry.performance.deals import Scope
from vestry.performance.explain import explain as explained
from vestry.performance.holdings import HeldFigures, held
from vestry.performance.measured import Performance, Series
from vestry.performance.overview import Filters, FundFigures, Total, chosen_funds, overview
from vestry.performance.shown import shown

router = make_router("performance")

Read = Annotated[Work, may("performance.read")]
ReadAll = Annotated[Work, may("overview.read")]
Explain = Annotated[bool, Query(description="add how each figure was made, with every flow and its row id")]
Filter = Annotated[Id | None, Query()]


def asked(
    as_of: Annotated[Day | None, Query(description="figures as of this day; default: today")] = None,
    known_at: Annotated[Instant | None, Query(description="as known at this instant; default: now")] = None,
) -> Callable[[Work], Cut]:
    """The cut a request asks for, made once its session is open."""
    instant: datetime | None = known_at
    return lambda work: cut(work.session, work.actor, as_of, instant)


AsOf = Annotated[Callable[[Work], Cut], Depends(asked)]


@router.get("/funds/{fund_id}/performance", operation_id="get_fund_performance", response_model=schemas.PerformanceOut)
def get_fund_performance(fund_id: Id, work: Read, at: AsOf, explain: Explain = False) -> Json:
    """A fund's net and gross figures."""
    subject = queries.fund(work.session, work.actor, fund_id)
    return _answer(queries.between_investors(work.session, work.actor, subject, at(work)), explain)


@router.get(
    "/vehicles/{vehicle_id}/performance",
    operation_id="get_vehicle_performance",
    response_model=schemas.PerformanceOut,
)
def get_vehicle_performance(vehicle_id: Id, work: Read, at: AsOf, explain: Explain = False) -> Json:
    """A vehicle's net and gross figures."""
    subject = queries.vehicle(work.session, work.actor, vehicle_id)
    return _answer(queries.between_investors(work.session, work.actor, subject, at(work)), explain)


@router.get(
    "/companies/{company_id}/performance",
    operation_id="get_company_performance",
    response_model=schemas.PerformanceOut,
)
def get_company_performance(company_id: Id, work: Read, at: AsOf, explain: Explain = False) -> Json:
    """What all vehicles' investments in a company came to, gross."""
    subject = queries.company(work.session, work.actor, company_id)
    return _answer(queries.with_companies(work.session, work.actor, subject, at(work)), explain)


@router.get(
    "/investments/{investment_id}/performance",
    operation_id="get_investment_performance",
    response_model=schemas.PerformanceOut,
)
def get_investment_performance(investment_id: Id, work: Read, at: AsOf, explain: Explain = False) -> Json:
    """What one investment came to, gross."""
    subject = queries.investment(work.session, work.actor, investment_id)
    return _answer(queries.with_companies(work.session, work.actor, subject, at(work)), explain)


@router.get(
    "/investors/{investor_id}/performance",
    operation_id="get_investor_performance",
    response_model=schemas.PerformanceOut,
)
def get_investor_performance(
    investor_id: Id,
    work: Read,
    at: AsOf,
    explain: Explain = False,
    fund_id: Annotated[Id | None, Query(description="in this fund only")] = None,
) -> Json:
    """One investor's net figures, in one fund or over all that share a currency."""
    found = queries.of_investor(work.session, work.actor, investor_id, at(work), fund_id=fund_id)
    return _answer(found, explain)


@router.get(
    "/funds/{fund_id}/performance/series",
    operation_id="get_fund_performance_series",
    response_model=schemas.SeriesOut,
)
def get_fund_series(fund_id: Id, work: Read, at: AsOf) -> Json:
    """A fund quarter by quarter."""
    subject = queries.fund(work.session, work.actor, fund_id)
    return _series(queries.quarters_between_investors(work.session, work.actor, subject, at(work)))


@router.get(
    "/vehicles/{vehicle_id}/performance/series",
    operation_id="get_vehicle_performance_series",
    response_model=schemas.SeriesOut,
)
def get_vehicle_series(vehicle_id: Id, work: Read, at: AsOf) -> Json:
    """A vehicle quarter by quarter."""
    subject = queries.vehicle(work.session, work.actor, vehicle_id)
    return _series(queries.quarters_between_investors(work.session, work.actor, subject, at(work)))


@router.get(
    "/companies/{company_id}/performance/series",
    operation_id="get_company_performance_series",
    response_model=schemas.SeriesOut,
)
def get_company_series(company_id: Id, work: Read, at: AsOf) -> Json:
    """A company quarter by quarter: what was put into it, came back, and is still worth."""
    subject = queries.company(work.session, work.actor, company_id)
    return _series(queries.quarters_with_companies(work.session, work.actor, subject, at(work)))


@router.get("/funds/{fund_id}/metrics", operation_id="get_fund_metrics", response_model=schemas.FundMetrics)
def get_fund_metrics(fund_id: Id, work: ReadAll, at: AsOf) -> Json:
    """The gross multiples under their short names; the same figures as ``gross`` under /performance."""
    subject = queries.fund(work.session, work.actor, fund_id)
    found = shown(queries.between_investors(work.session, work.actor, subject, at(work)).gross)
    names = {"tvpi": "moic", "dpi": "dpi", "rvpi": "rvpi", "moic": "moic"}
    return Json({short: found[name] for short, name in names.items()} | {"irr": found["irr"]["rate"]})


@router.get("/performance/funds", operation_id="list_fund_performance", response_model=schemas.FundRows)
def list_fund_performance(
    request: Request,
    work: ReadAll,
    at: AsOf,
    page: Annotated[Page, Depends(page)],
    strategy: Annotated[str | None, Query(max_length=20)] = None,
    vintage_year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
    currency: Annotated[CurrencyCode | None, Query()] = None,
) -> Json:
    """The funds with their figures, sortable by any (``sort=-tvpi``), and the totals of the filtered set."""
    cut = at(work)
    filters = Filters(page.q, strategy, vintage_year, currency)
    funds = chosen_funds(work.session, work.actor, filters)
    found = overview(work.session, work.actor, funds, cut)
    items, cursor = found.page(work.session, page, filters, cut)
    keep = BackgroundTask(_keep, request.app.state.database, work.actor, found.to_keep)
    return Json(
        {
            "as_of": cut.as_of,
            "known_at": cut.known_at,
            "items": [_row(row) for row in items],
            "totals": [_row(total) for total in found.totals()],
            "next": cursor,
            "total": len(found),
        },
        background=keep if found.to_keep else None,
    )


@router.get(
    "/performance/holdings", operation_id="list_holding_performance", response_model=schemas.HoldingPerformances
)
def list_holding_performance(
    work: Read,
    at: AsOf,
    fund_id: Filter = None,
    vehicle_id: Filter = None,
    company_id: Filter = None,
    investment_id: Filter = None,
) -> Json:
    """The holdings of a fund, vehicle, company or investment (of all, where none is named) with their figures."""
    cut = at(work)
    scope = Scope(*([one] if one else None for one in (fund_id, vehicle_id, company_id, investment_id)))
    rows, total = held(work.session, work.actor, scope, cut)
    items = [_position(row) for row in rows]
    return Json({"as_of": cut.as_of, "known_at": cut.known_at, "items": items, "total": shown(total)})


@router.get("/funds/{fund_id}/ledger", operation_id="list_fund_ledger", response_model=schemas.LedgerPage)
def list_fund_ledger(
    fund_id: Id,
    work: Read,
    page: Annotated[Page, Depends(page)],
    record: Annotated[schemas.LedgerRecord | None, Query(description="only this table's facts")] = None,
    as_of: Annotated[Day | None, Query(description="only up to this day")] = None,
    known_at: Annotated[Instant | None, Query(description="as known at this instant; default: now")] = None,
    include_voided: Annotated[bool, Query(description="also what was taken back, with its reason")] = False,
) -> Json:
    """Every dated fact of a fund in one list, the latest first. Sorts: on, kind, amount, cash, recorded_at."""
    found = ledger.list_ledger(
        work.session,
        work.actor,
        page,
        fund_id,
        as_of=day_asked(work.session, work.actor, as_of),
        known_at=known_at,
        record=record,
        include_voided=include_voided,
    )
    return Json(found)


def _keep(database: Database, actor: Actor, fund_ids: Sequence[int]) -> None:
    """After the answer: count the funds a large import has left without a tally, so that the next answer is quick."""
    with database.transaction(actor) as session:
        upkeep.refresh(session, actor, fund_ids)


def _answer(found: Performance, explain: bool) -> Json:
    return Json(
        {
            "scope": asdict(found.subject),
            "as_of": found.cut.as_of,
            "known_at": found.cut.known_at,
            "currency": found.currency,
            "net": shown(found.net),
            "gross": shown(found.gross),
            "reasons": found.reasons,
            "explain": explained(found.net, found.gross) if explain and found.explained else None,
        }
    )


def _row(row: FundFigures | Total) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in row.__slots__ if name not in ("net", "gross")}
    return plain | {"net": shown(row.net), "gross": shown(row.gross)}


def _position(row: HeldFigures) -> dict[str, Any]:
    value, position, figures = row.value, row.value.position, shown(row.figures)
    place = position.place
    ids = ("holding_id", "investment_id", "company_id", "fund_id", "vehicle_id", "name", "currency")
    return {name: getattr(place, name) for name in ids} | {
        "company": row.company,
        "status": position.status,
        "first_on": position.first_on,
        "ended_on": position.ended_on,
        "quantity": None if position.quantity is None else decimal_text(position.quantity),
        "ownership": None if position.ownership is None else decimal_text(position.ownership),
        "cost": figures["invested"],
        "remaining_cost": position.remaining_cost,
        "realised": figures["realised"],
        "fair_value": value.value,
        "basis": value.basis,
        "measured_on": value.measured_on,
        "moic": figures["moic"],
        "irr": figures["irr"],
        "reasons": figures["reasons"],
    }


def _series(found: Series) -> Json:
    return Json(
        {
            "scope": asdict(found.subject),
            "as_of": found.cut.as_of,
            "known_at": found.cut.known_at,
            "currency": found.currency,
            "items": [shown(point) for point in found.points],
        }
    )
