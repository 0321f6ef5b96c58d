"""The portfolio's metrics side by side over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from vestry.core.fields import CurrencyCode, Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Form, file
from vestry.identity.door import Work, may
from vestry.metrics import comparison, matrix, portfolio_schemas

router = make_router("metrics")


@router.get(
    "/reporting/matrix",
    operation_id="get_metric_matrix",
    response_model=portfolio_schemas.MetricMatrixOut,
    responses=FILES,
)
def get_metric_matrix(
    work: Annotated[Work, may("metric.read")],
    fund: Annotated[Id | None, Query(description="only companies this fund holds or held")] = None,
    period: Annotated[str, Query(max_length=20, description="a kind, or one period such as 2022-Q4")] = "quarter",
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one; empty = each its own")] = None,
    metric: Annotated[list[str] | None, Query(max_length=40, description="only these, in this order")] = None,
    known_at: Annotated[Instant | None, Query(description="what was reported by then")] = None,
    form: Annotated[Form, Query(alias="format", description="a file has a row a company and metric")] = "json",
) -> Response:
    """Every company's figures of one period: trend, change, and how they stand against the plan.

    Without a period the newest one that at least half of the companies reported. Within 2 % of the plan is on it.
    """
    found = matrix.matrix(
        work.session, work.actor, period=period, fund_id=fund, currency=currency, keys=metric, known_at=known_at
    )
    if form == "json":
        return Json(found)
    return file(form, "kpi-matrix", matrix.FILE, matrix.rows_of(found))


@router.get("/reporting/comparison", operation_id="compare_companies", response_model=portfolio_schemas.SideBySideOut)
def compare_companies(
    work: Annotated[Work, may("metric.read")],
    metric: Annotated[str, Query(max_length=64, description="which one")] = "revenue",
    company: Annotated[list[Id] | None, Query(max_length=6, description="these; all for sectors when left out")] = None,
    period: Annotated[str, Query(max_length=20, description="a kind, or one period such as 2022-Q4")] = "quarter",
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one")] = None,
    by: Annotated[Literal["company", "sector"], Query(description="companies, or the sectors they are in")] = "company",
    known_at: Annotated[Instant | None, Query(description="what was reported by then")] = None,
) -> Json:
    """One metric of companies or sectors over time, as it is and against the first period that all of them have."""
    found = comparison.compare(
        work.session,
        work.actor,
        metric=metric,
        company_ids=company or (),
        period=period,
        currency=currency,
        by=by,
        known_at=known_at,
    )
    return Json(found)
