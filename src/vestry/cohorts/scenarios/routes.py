"""Scenarios and declarations over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Response

from vestry.cohorts import facts
from vestry.cohorts.asking import Asked, ChangingData, ChangingTerms, KnownAt, PastReading, Reading, Seen
from vestry.cohorts.models import CohortBook, PredictionScenario
from vestry.cohorts.scenarios import schemas, service
from vestry.cohorts.scenarios.service import SCENARIO
from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may

router = make_router("cohorts")
Forecasting = Annotated[Work, may("cohort_forecast.read")]  # what the firm assumes of a company is not for it


@router.get(
    "/companies/{company_id}/scenarios",
    operation_id="list_scenarios",
    response_model=schemas.ScenarioPage,
    responses=FILES,
)
def list_scenarios(
    company_id: Id, work: Forecasting, page: Asked, form: Format = "json", known_at: KnownAt = None
) -> Response:
    """What is assumed of a company's months to come."""
    found = facts.listing(work.session, work.actor, SCENARIO, company_id, "name", known_at)
    return listed(work.session, found, page, form, schemas.ScenarioOut, f"scenarios-{company_id}")


@router.post("/companies/{company_id}/scenarios", operation_id="create_scenario", status_code=201)
def create_scenario(company_id: Id, body: schemas.ScenarioIn, work: ChangingTerms) -> schemas.ScenarioOut:
    """Record a scenario; a second one of its name is refused (409)."""
    return _scenario(facts.record(work.session, work.actor, SCENARIO, company_id, body.model_dump()))


@router.get("/companies/{company_id}/scenarios/{scenario_id}", operation_id="get_scenario")
def get_scenario(company_id: Id, scenario_id: Id, work: Forecasting) -> schemas.ScenarioOut:
    """One scenario."""
    return _scenario(facts.one(work.session, work.actor, SCENARIO, company_id, scenario_id))


@router.put("/companies/{company_id}/scenarios/{scenario_id}", operation_id="update_scenario")
def update_scenario(
    company_id: Id, scenario_id: Id, body: schemas.ScenarioIn, work: ChangingTerms, version: Seen
) -> schemas.ScenarioOut:
    """Supersede a scenario; what was known before stays known."""
    return _scenario(
        facts.replace(work.session, work.actor, SCENARIO, company_id, scenario_id, version, body.model_dump())
    )


@router.post("/companies/{company_id}/scenarios/{scenario_id}/void", operation_id="void_scenario", status_code=204)
def void_scenario(company_id: Id, scenario_id: Id, body: Reason, work: ChangingTerms) -> None:
    """Take a scenario back."""
    facts.void(work.session, work.actor, SCENARIO, company_id, scenario_id, body.reason)


@router.get(
    "/companies/{company_id}/scenarios/{scenario_id}/versions",
    operation_id="list_scenario_versions",
    response_model=list[dict[str, Any]],
)
def list_scenario_versions(company_id: Id, scenario_id: Id, work: PastReading) -> Json:
    """What was recorded of a scenario over time, the oldest first."""
    return Json(facts.versions(work.session, work.actor, SCENARIO, company_id, scenario_id))


def _scenario(row: PredictionScenario) -> schemas.ScenarioOut:
    return schemas.ScenarioOut.model_validate(row, from_attributes=True)


@router.get("/companies/{company_id}/cohort-book", operation_id="get_cohort_book")
def get_cohort_book(company_id: Id, work: Reading) -> schemas.CohortBookOut:
    """Until when a company's payments are complete, and how its trades count time."""
    return _book(company_id, service.declared(work.session, work.actor, company_id))


@router.put("/companies/{company_id}/cohort-book", operation_id="update_cohort_book")
def update_cohort_book(
    company_id: Id, body: schemas.CohortBookIn, work: ChangingData, version: Seen
) -> schemas.CohortBookOut:
    """Declare it; If-Match: * where nothing was declared yet."""
    found = service.declare(work.session, work.actor, company_id, version=version, **body.model_dump())
    return _book(company_id, found)


def _book(company_id: int, row: CohortBook | None) -> schemas.CohortBookOut:
    if row is not None:
        return schemas.CohortBookOut.of(row)
    return schemas.CohortBookOut(
        company_id=company_id, complete_through=None, timing="end_of_month", version=0, recorded_at=None
    )
