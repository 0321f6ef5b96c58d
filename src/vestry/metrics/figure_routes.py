"""Single figures over HTTP: what was reported of one, and taking back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.identity.door import Work, may
from vestry.metrics import figures, schemas

router = make_router("metrics")


@router.get(
    "/companies/{company_id}/metrics/reports", operation_id="list_metric_reports", response_model=schemas.ReportsOut
)
def list_metric_reports(
    company_id: Id,
    work: Annotated[Work, may("metric.read")],
    metric: Annotated[str, Query(min_length=1, max_length=64)],
    period: Annotated[str, Query(min_length=1, max_length=20, description="one period such as 2022-Q4")],
    scenario: Annotated[schemas.Scenario, Query()] = "actual",
) -> Json:
    """What was reported of a figure over time, by which source; of the shorter periods it may be made of too."""
    found = figures.reports(work.session, work.actor, company_id, metric=metric, period=period, scenario=scenario)
    return Json(found)


@router.post(
    "/companies/{company_id}/metrics/take-back",
    operation_id="take_back_company_metrics",
    response_model=schemas.FiguresDone,
)
def take_back_company_metrics(
    company_id: Id, body: schemas.FiguresBackIn, work: Annotated[Work, may("metric.change")]
) -> Json:
    """Take reported figures back: they count no longer, and what was known before stays known."""
    asked = body.model_dump()
    changed = figures.take_back(work.session, work.actor, company_id, asked["figures"], asked["reason"])
    return Json({"changed": changed})
