"""The portfolio of trades over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from vestry.cohorts.portfolio import schemas, service
from vestry.core.fields import Day, Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Form, filed
from vestry.identity.door import Work, may

router = make_router("cohorts")


@router.get(
    "/cohorts/portfolio",
    operation_id="get_cohort_portfolio",
    response_model=schemas.Portfolio,
    responses=FILES,
)
def get_cohort_portfolio(
    work: Annotated[Work, may("cohort_portfolio.read")],
    fund_id: Annotated[Id | None, Query()] = None,
    vehicle_id: Annotated[Id | None, Query()] = None,
    company_id: Annotated[list[Id] | None, Query(max_length=200, description="only these companies")] = None,
    state: Annotated[list[schemas.State] | None, Query(max_length=3, description="only trades in these states")] = None,
    q: Annotated[str | None, Query(max_length=200, description="text to find in the company's name")] = None,
    sort: Annotated[schemas.Sort, Query(description="column; `-column` for descending")] = "company",
    form: Annotated[Form, Query(alias="format", description="a file has a row a trade")] = "json",
    as_of: Annotated[Day | None, Query(description="only what was paid up to this day")] = None,
    known_at: Annotated[Instant | None, Query(description="as the books were known then")] = None,
) -> Response:
    """Every trade you may see: exposure, collected, caps, breaches, returns, vintages and concentration.

    The totals are of the trades that are shown. As a file: one row a trade.
    """
    chosen = service.Chosen(q, company_id or (), state or (), sort)
    made = service.portfolio(
        work.session,
        work.actor,
        fund_id=fund_id,
        vehicle_id=vehicle_id,
        as_of=as_of,
        known_at=known_at,
        chosen=chosen,
    )
    if form == "json":
        return Json(made)
    return filed(form, schemas.TradeShown, "trades", made["trades"])
