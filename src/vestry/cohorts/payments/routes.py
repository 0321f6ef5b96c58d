"""Payments and customers over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from vestry.cohorts.asking import Asked, ChangingData, KnownAt, PastReading, Reading, Seen
from vestry.cohorts.months import PERIOD_MAX, Month, index_of
from vestry.cohorts.payments import queries, schemas, service
from vestry.core.fields import Day, Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.identity.corrections import Reason
from vestry.identity.door import Work

router = make_router("cohorts")
Cohort = Annotated[Month | None, Query(description="of the customers who first paid in this month")]


@router.get(
    "/companies/{company_id}/payments",
    operation_id="list_payments",
    response_model=schemas.PaymentPage,
    responses=FILES,
)
def list_payments(
    company_id: Id,
    work: Reading,
    page: Asked,
    customer_id: Annotated[str | None, Query(max_length=200)] = None,
    cohort_month: Cohort = None,
    period: Annotated[int | None, Query(ge=0, le=PERIOD_MAX, description="of the cohort; with cohort_month")] = None,
    entry_id: Annotated[Id | None, Query(description="of one upload")] = None,
    since: Annotated[Day | None, Query(description="paid on this day or later")] = None,
    until: Annotated[Day | None, Query(description="paid on this day or earlier")] = None,
    form: Format = "json",
    known_at: KnownAt = None,
) -> Response:
    """The payments of a company's customers, the latest recorded first."""
    found = queries.list_payments(
        work.session,
        work.actor,
        company_id,
        customer=customer_id,
        cohort=index_of(cohort_month) if cohort_month else None,
        period=period,
        entry_id=entry_id,
        days=(since, until),
        known_at=known_at,
    )
    return listed(work.session, found, page, form, schemas.PaymentRow, f"payments-{company_id}")


@router.post("/companies/{company_id}/payments", operation_id="create_payment", status_code=201)
def create_payment(company_id: Id, body: schemas.PaymentIn, work: ChangingData) -> schemas.PaymentOut:
    """Record a payment; a second one with the same reference id is refused (409)."""
    made = service.record(work.session, work.actor, company_id, **body.model_dump())
    return _payment(work, company_id, made)


@router.get("/companies/{company_id}/payments/{payment_id}", operation_id="get_payment")
def get_payment(company_id: Id, payment_id: Id, work: Reading) -> schemas.PaymentOut:
    """One payment."""
    return _payment(work, company_id, payment_id)


@router.put("/companies/{company_id}/payments/{payment_id}", operation_id="update_payment")
def update_payment(
    company_id: Id, payment_id: Id, body: schemas.PaymentIn, work: ChangingData, version: Seen
) -> schemas.PaymentOut:
    """Supersede a payment; what was known before stays known."""
    service.correct(work.session, work.actor, company_id, payment_id, version=version, **body.model_dump())
    return _payment(work, company_id, payment_id)


@router.post("/companies/{company_id}/payments/{payment_id}/void", operation_id="void_payment", status_code=204)
def void_payment(company_id: Id, payment_id: Id, body: Reason, work: ChangingData) -> None:
    """Take a payment back."""
    service.void(work.session, work.actor, company_id, payment_id, reason=body.reason)


@router.get(
    "/companies/{company_id}/payments/{payment_id}/versions",
    operation_id="list_payment_versions",
    response_model=list[schemas.PaymentVersion],
)
def list_payment_versions(company_id: Id, payment_id: Id, work: PastReading) -> Json:
    """What was recorded of a payment over time, the oldest first."""
    return Json(queries.payment_versions(work.session, work.actor, company_id, payment_id))


@router.get(
    "/companies/{company_id}/customers",
    operation_id="list_customers",
    response_model=schemas.CustomerPage,
    responses=FILES,
)
def list_customers(
    company_id: Id,
    work: Reading,
    page: Asked,
    cohort_month: Cohort = None,
    form: Format = "json",
    as_of: Annotated[Day | None, Query(description="who had paid by this day")] = None,
    known_at: KnownAt = None,
) -> Response:
    """The customers of a company, or those of one cohort."""
    cohort = index_of(cohort_month) if cohort_month else None
    found = queries.list_customers(
        work.session, work.actor, company_id, page.q, cohort=cohort, as_of=as_of, known_at=known_at
    )
    return listed(work.session, found, page, form, schemas.CustomerRow, f"customers-{company_id}")


@router.get(
    "/companies/{company_id}/customers/{customer_number}",
    operation_id="get_customer",
    response_model=schemas.CustomerOut,
)
def get_customer(company_id: Id, customer_number: Id, work: Reading) -> Json:
    """One customer: what was paid in all, and the moves between cohorts."""
    return Json(queries.get_customer(work.session, work.actor, company_id, customer_number))


def _payment(work: Work, company_id: int, payment_id: int) -> schemas.PaymentOut:
    return schemas.PaymentOut.model_validate(queries.get_payment(work.session, work.actor, company_id, payment_id))
