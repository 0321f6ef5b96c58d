"""Acquisition spend over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from vestry.cohorts import facts
from vestry.cohorts.asking import Asked, ChangingData, KnownAt, PastReading, Reading, Seen
from vestry.cohorts.models import AcquisitionSpend
from vestry.cohorts.spends import schemas
from vestry.cohorts.spends.service import SPEND
from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.identity.corrections import Reason

router = make_router("cohorts")


@router.get(
    "/companies/{company_id}/spends",
    operation_id="list_spends",
    response_model=schemas.SpendPage,
    responses=FILES,
)
def list_spends(
    company_id: Id, work: Reading, page: Asked, form: Format = "json", known_at: KnownAt = None
) -> Response:
    """What a company spent to win customers, month by month."""
    found = facts.listing(work.session, work.actor, SPEND, company_id, "cohort_month", known_at)
    return listed(work.session, found, page, form, schemas.SpendOut, f"spends-{company_id}")


@router.post("/companies/{company_id}/spends", operation_id="create_spend", status_code=201)
def create_spend(company_id: Id, body: schemas.SpendIn, work: ChangingData) -> schemas.SpendOut:
    """Record what was spent in a month; a second spend of the month is refused (409)."""
    return _spend(facts.record(work.session, work.actor, SPEND, company_id, body.model_dump()))


@router.get("/companies/{company_id}/spends/{spend_id}", operation_id="get_spend")
def get_spend(company_id: Id, spend_id: Id, work: Reading) -> schemas.SpendOut:
    """One spend."""
    return _spend(facts.one(work.session, work.actor, SPEND, company_id, spend_id))


@router.put("/companies/{company_id}/spends/{spend_id}", operation_id="update_spend")
def update_spend(
    company_id: Id, spend_id: Id, body: schemas.SpendIn, work: ChangingData, version: Seen
) -> schemas.SpendOut:
    """Supersede a spend; what was known before stays known."""
    return _spend(facts.replace(work.session, work.actor, SPEND, company_id, spend_id, version, body.model_dump()))


@router.post("/companies/{company_id}/spends/{spend_id}/void", operation_id="void_spend", status_code=204)
def void_spend(company_id: Id, spend_id: Id, body: Reason, work: ChangingData) -> None:
    """Take a spend back."""
    facts.void(work.session, work.actor, SPEND, company_id, spend_id, body.reason)


@router.get(
    "/companies/{company_id}/spends/{spend_id}/versions",
    operation_id="list_spend_versions",
    response_model=list[dict[str, Any]],
)
def list_spend_versions(company_id: Id, spend_id: Id, work: PastReading) -> Json:
    """What was recorded of a spend over time, the oldest first."""
    return Json(facts.versions(work.session, work.actor, SPEND, company_id, spend_id))


def _spend(row: AcquisitionSpend) -> schemas.SpendOut:
    return schemas.SpendOut.model_validate(row, from_attributes=True)
