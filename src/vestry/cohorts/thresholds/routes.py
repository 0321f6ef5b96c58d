"""Thresholds and overrides over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from vestry.cohorts import facts
from vestry.cohorts.asking import Asked, ChangingTerms, KnownAt, PastReading, Reading, Seen
from vestry.cohorts.models import PaymentThreshold, ThresholdOverride
from vestry.cohorts.thresholds import schemas
from vestry.cohorts.thresholds.service import OVERRIDE, THRESHOLD
from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.identity.corrections import Reason

router = make_router("cohorts")


@router.get(
    "/companies/{company_id}/thresholds",
    operation_id="list_thresholds",
    response_model=schemas.ThresholdPage,
    responses=FILES,
)
def list_thresholds(
    company_id: Id, work: Reading, page: Asked, form: Format = "json", known_at: KnownAt = None
) -> Response:
    """The least payments expected, period by period."""
    found = facts.listing(work.session, work.actor, THRESHOLD, company_id, "payment_period_month", known_at)
    return listed(work.session, found, page, form, schemas.ThresholdOut, f"thresholds-{company_id}")


@router.post("/companies/{company_id}/thresholds", operation_id="create_threshold", status_code=201)
def create_threshold(company_id: Id, body: schemas.ThresholdIn, work: ChangingTerms) -> schemas.ThresholdOut:
    """Record a threshold; a second one of the period is refused (409)."""
    return _threshold(facts.record(work.session, work.actor, THRESHOLD, company_id, body.model_dump()))


@router.get("/companies/{company_id}/thresholds/{threshold_id}", operation_id="get_threshold")
def get_threshold(company_id: Id, threshold_id: Id, work: Reading) -> schemas.ThresholdOut:
    """One threshold."""
    return _threshold(facts.one(work.session, work.actor, THRESHOLD, company_id, threshold_id))


@router.put("/companies/{company_id}/thresholds/{threshold_id}", operation_id="update_threshold")
def update_threshold(
    company_id: Id, threshold_id: Id, body: schemas.ThresholdIn, work: ChangingTerms, version: Seen
) -> schemas.ThresholdOut:
    """Supersede a threshold; what was known before stays known."""
    return _threshold(
        facts.replace(work.session, work.actor, THRESHOLD, company_id, threshold_id, version, body.model_dump())
    )


@router.post("/companies/{company_id}/thresholds/{threshold_id}/void", operation_id="void_threshold", status_code=204)
def void_threshold(company_id: Id, threshold_id: Id, body: Reason, work: ChangingTerms) -> None:
    """Take a threshold back."""
    facts.void(work.session, work.actor, THRESHOLD, company_id, threshold_id, body.reason)


@router.get(
    "/companies/{company_id}/thresholds/{threshold_id}/versions",
    operation_id="list_threshold_versions",
    response_model=list[dict[str, Any]],
)
def list_threshold_versions(company_id: Id, threshold_id: Id, work: PastReading) -> Json:
    """What was recorded of a threshold over time, the oldest first."""
    return Json(facts.versions(work.session, work.actor, THRESHOLD, company_id, threshold_id))


def _threshold(row: PaymentThreshold) -> schemas.ThresholdOut:
    return schemas.ThresholdOut.model_validate(row, from_attributes=True)


@router.get(
    "/companies/{company_id}/threshold-overrides",
    operation_id="list_threshold_overrides",
    response_model=schemas.OverridePage,
    responses=FILES,
)
def list_threshold_overrides(
    company_id: Id, work: Reading, page: Asked, form: Format = "json", known_at: KnownAt = None
) -> Response:
    """The breaches that were set aside."""
    found = facts.listing(work.session, work.actor, OVERRIDE, company_id, "cohort_month", known_at)
    return listed(work.session, found, page, form, schemas.OverrideOut, f"threshold-overrides-{company_id}")


@router.post("/companies/{company_id}/threshold-overrides", operation_id="create_threshold_override", status_code=201)
def create_threshold_override(company_id: Id, body: schemas.OverrideIn, work: ChangingTerms) -> schemas.OverrideOut:
    """Set a breach aside, with a reason and who approved it; once for a cohort and period (409)."""
    return _threshold_override(facts.record(work.session, work.actor, OVERRIDE, company_id, body.model_dump()))


@router.get("/companies/{company_id}/threshold-overrides/{override_id}", operation_id="get_threshold_override")
def get_threshold_override(company_id: Id, override_id: Id, work: Reading) -> schemas.OverrideOut:
    """One threshold override."""
    return _threshold_override(facts.one(work.session, work.actor, OVERRIDE, company_id, override_id))


@router.put("/companies/{company_id}/threshold-overrides/{override_id}", operation_id="update_threshold_override")
def update_threshold_override(
    company_id: Id, override_id: Id, body: schemas.OverrideIn, work: ChangingTerms, version: Seen
) -> schemas.OverrideOut:
    """Supersede a threshold override; what was known before stays known."""
    return _threshold_override(
        facts.replace(work.session, work.actor, OVERRIDE, company_id, override_id, version, body.model_dump())
    )


@router.post(
    "/companies/{company_id}/threshold-overrides/{override_id}/void",
    operation_id="void_threshold_override",
    status_code=204,
)
def void_threshold_override(company_id: Id, override_id: Id, body: Reason, work: ChangingTerms) -> None:
    """Take a threshold override back."""
    facts.void(work.session, work.actor, OVERRIDE, company_id, override_id, body.reason)


@router.get(
    "/companies/{company_id}/threshold-overrides/{override_id}/versions",
    operation_id="list_threshold_override_versions",
    response_model=list[dict[str, Any]],
)
def list_threshold_override_versions(company_id: Id, override_id: Id, work: PastReading) -> Json:
    """What was recorded of a threshold override over time, the oldest first."""
    return Json(facts.versions(work.session, work.actor, OVERRIDE, company_id, override_id))


def _threshold_override(row: ThresholdOverride) -> schemas.OverrideOut:
    return schemas.OverrideOut.model_validate(row, from_attributes=True)
