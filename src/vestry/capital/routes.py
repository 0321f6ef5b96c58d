"""Commitments, calls, distributions and vehicle entries over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Response

from vestry.capital import calls, distributions, past, queries, schemas, service
from vestry.capital.models import CapitalCall, Commitment, Distribution, VehicleEntry
from vestry.capital.queries import Filters
from vestry.core.fields import Day, Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import without_hidden
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Ask, Work, asks, may

router = make_router("capital")

Read = Annotated[Work, may("capital.read")]
Lists = Annotated[Ask, asks("capital.read")]
Change = Annotated[Work, may("capital.change")]


def filters(
    fund_id: Annotated[Id | None, Query()] = None,
    vehicle_id: Annotated[Id | None, Query()] = None,
    investor_id: Annotated[Id | None, Query()] = None,
    since: Annotated[Day | None, Query(description="from this day on")] = None,
    until: Annotated[Day | None, Query(description="up to this day")] = None,
) -> Filters:
    """The filters every list of capital activity takes."""
    since_day: date | None = since
    return Filters(fund_id, vehicle_id, investor_id, since_day, until)


def entry_filters(
    fund_id: Annotated[Id | None, Query()] = None,
    vehicle_id: Annotated[Id | None, Query()] = None,
    since: Annotated[Day | None, Query(description="from this day on")] = None,
    until: Annotated[Day | None, Query(description="up to this day")] = None,
) -> Filters:
    """The filters of vehicle entries, which are no investor's."""
    return filters(fund_id, vehicle_id, None, since, until)


Versions = list[dict[str, Any]]
Asked = Annotated[Filters, Depends(filters)]


@router.get("/commitments", operation_id="list_commitments", response_model=schemas.CommitmentPage)
async def list_commitments(ask: Lists, page: Paged, asked: Asked) -> Response:
    """The commitments you may see."""
    return await ask.list(page, lambda actor: queries.list_commitments(actor, asked))


@router.post("/commitments", operation_id="record_commitment", status_code=201)
def record_commitment(body: schemas.CommitmentIn, work: Change) -> schemas.CommitmentOut:
    """Record what an investor promises to a vehicle at a closing."""
    made = service.record_commitment(work.session, work.actor, **body.model_dump())
    return _commitment(work, made.id)


@router.get("/commitments/{commitment_id}", operation_id="get_commitment")
def get_commitment(commitment_id: Id, work: Read) -> schemas.CommitmentOut:
    """One commitment."""
    return _commitment(work, commitment_id)


@router.put("/commitments/{commitment_id}", operation_id="change_commitment")
def change_commitment(
    commitment_id: Id, body: schemas.CommitmentChange, work: Change, version: Seen
) -> schemas.CommitmentOut:
    """Supersede a commitment."""
    service.change_commitment(work.session, work.actor, commitment_id, version=version, **body.model_dump())
    return _commitment(work, commitment_id)


@router.post("/commitments/{commitment_id}/void", operation_id="void_commitment", status_code=204)
def void_commitment(commitment_id: Id, body: Reason, work: Change) -> None:
    """Take a commitment back."""
    service.void_commitment(work.session, work.actor, commitment_id, body.reason)


@router.get(
    "/commitments/{commitment_id}/versions",
    operation_id="list_commitment_versions",
    response_model=list[dict[str, Any]],
)
def list_commitment_versions(commitment_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded when."""
    return _versions(work, Commitment, commitment_id, "commitment")


@router.get("/capital-calls", operation_id="list_capital_calls", response_model=schemas.CallPage)
async def list_calls(ask: Lists, page: Paged, asked: Asked) -> Response:
    """The calls you may see, each with the sums of its lines."""
    return await ask.list(page, lambda actor: queries.list_calls(actor, asked))


@router.post("/capital-calls", operation_id="issue_capital_call", status_code=201)
def issue_call(body: schemas.CallIn, work: Change) -> schemas.CallOut:
    """Ask the investors of a vehicle for money: amounts to split by commitment, or the lines."""
    made = calls.issue_call(work.session, work.actor, **body.model_dump())
    return _call(work, made.id)


@router.get("/capital-calls/{call_id}", operation_id="get_capital_call")
def get_call(call_id: Id, work: Read) -> schemas.CallOut:
    """One call with its lines."""
    return _call(work, call_id)


@router.put("/capital-calls/{call_id}", operation_id="change_capital_call")
def change_call(call_id: Id, body: schemas.CallBody, work: Change, version: Seen) -> schemas.CallOut:
    """Supersede a call and its lines."""
    calls.change_call(work.session, work.actor, call_id, version=version, **body.model_dump())
    return _call(work, call_id)


@router.post("/capital-calls/{call_id}/receipts", operation_id="receive_capital_call")
def receive_call(call_id: Id, body: schemas.Receipts, work: Change) -> schemas.CallOut:
    """Record when lines were paid."""
    calls.receive(work.session, work.actor, call_id, **body.model_dump())
    return _call(work, call_id)


@router.post("/capital-calls/{call_id}/void", operation_id="void_capital_call", status_code=204)
def void_call(call_id: Id, body: Reason, work: Change) -> None:
    """Take a call back with all its lines."""
    calls.void_call(work.session, work.actor, call_id, body.reason)


@router.get(
    "/capital-calls/{call_id}/versions", operation_id="list_capital_call_versions", response_model=list[dict[str, Any]]
)
def list_call_versions(call_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded when."""
    return Json(past.versions(work.session, work.actor, CapitalCall, call_id, noun="capital call"))


@router.get("/distributions", operation_id="list_distributions", response_model=schemas.DistributionPage)
async def list_distributions(ask: Lists, page: Paged, asked: Asked) -> Response:
    """The distributions you may see, each with the sums of its lines."""
    return await ask.list(page, lambda actor: queries.list_distributions(actor, asked))


@router.post("/distributions", operation_id="declare_distribution", status_code=201)
def declare_distribution(body: schemas.DistributionIn, work: Change) -> schemas.DistributionOut:
    """Pay money out to the investors of a vehicle: amounts to split by commitment, or the lines."""
    made = distributions.declare_distribution(work.session, work.actor, **body.model_dump())
    return _distribution(work, made.id)


@router.get("/distributions/{distribution_id}", operation_id="get_distribution")
def get_distribution(distribution_id: Id, work: Read) -> schemas.DistributionOut:
    """One distribution with its lines."""
    return _distribution(work, distribution_id)


@router.put("/distributions/{distribution_id}", operation_id="change_distribution")
def change_distribution(
    distribution_id: Id, body: schemas.DistributionBody, work: Change, version: Seen
) -> schemas.DistributionOut:
    """Supersede a distribution and its lines."""
    distributions.change_distribution(work.session, work.actor, distribution_id, version=version, **body.model_dump())
    return _distribution(work, distribution_id)


@router.post("/distributions/{distribution_id}/payments", operation_id="pay_distribution")
def pay_distribution(distribution_id: Id, body: schemas.Receipts, work: Change) -> schemas.DistributionOut:
    """Record when lines were paid."""
    distributions.pay(work.session, work.actor, distribution_id, **body.model_dump())
    return _distribution(work, distribution_id)


@router.post("/distributions/{distribution_id}/void", operation_id="void_distribution", status_code=204)
def void_distribution(distribution_id: Id, body: Reason, work: Change) -> None:
    """Take a distribution back with all its lines."""
    distributions.void_distribution(work.session, work.actor, distribution_id, body.reason)


@router.get(
    "/distributions/{distribution_id}/versions",
    operation_id="list_distribution_versions",
    response_model=list[dict[str, Any]],
)
def list_distribution_versions(distribution_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded when."""
    return Json(past.versions(work.session, work.actor, Distribution, distribution_id, noun="distribution"))


@router.get("/vehicle-entries", operation_id="list_vehicle_entries", response_model=schemas.EntryPage)
async def list_entries(
    ask: Lists,
    page: Paged,
    asked: Annotated[Filters, Depends(entry_filters)],
    kind: Annotated[schemas.EntryKind | None, Query()] = None,
) -> Response:
    """The entries you may see."""
    return await ask.list(page, lambda actor: queries.list_entries(actor, asked, kind))


@router.post("/vehicle-entries", operation_id="record_vehicle_entry", status_code=201)
def record_entry(body: schemas.EntryIn, work: Change) -> schemas.EntryOut:
    """Record a fee, an expense, income, or the balance of a liability or of accrued carry."""
    made = service.record_entry(work.session, work.actor, **body.model_dump())
    return _entry(work, made.id)


@router.get("/vehicle-entries/{entry_id}", operation_id="get_vehicle_entry")
def get_entry(entry_id: Id, work: Read) -> schemas.EntryOut:
    """One entry."""
    return _entry(work, entry_id)


@router.put("/vehicle-entries/{entry_id}", operation_id="change_vehicle_entry")
def change_entry(entry_id: Id, body: schemas.EntryChange, work: Change, version: Seen) -> schemas.EntryOut:
    """Supersede an entry."""
    service.change_entry(work.session, work.actor, entry_id, version=version, **body.model_dump())
    return _entry(work, entry_id)


@router.post("/vehicle-entries/{entry_id}/void", operation_id="void_vehicle_entry", status_code=204)
def void_entry(entry_id: Id, body: Reason, work: Change) -> None:
    """Take an entry back."""
    service.void_entry(work.session, work.actor, entry_id, body.reason)


@router.get(
    "/vehicle-entries/{entry_id}/versions",
    operation_id="list_vehicle_entry_versions",
    response_model=list[dict[str, Any]],
)
def list_entry_versions(entry_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded when."""
    return _versions(work, VehicleEntry, entry_id, "vehicle entry")


def _commitment(work: Work, commitment_id: int) -> schemas.CommitmentOut:
    query = queries.commitments(work.actor, Filters())
    return schemas.CommitmentOut(**queries.one(work.session, query, Commitment, commitment_id, "commitment"))


def _call(work: Work, call_id: int) -> schemas.CallOut:
    return schemas.CallOut(**queries.get_call(work.session, work.actor, call_id))


def _distribution(work: Work, distribution_id: int) -> schemas.DistributionOut:
    return schemas.DistributionOut(**queries.get_distribution(work.session, work.actor, distribution_id))


def _entry(work: Work, entry_id: int) -> schemas.EntryOut:
    query = queries.entries(work.actor, Filters())
    row = queries.one(work.session, query, VehicleEntry, entry_id, "vehicle entry")
    return schemas.EntryOut(**without_hidden(work.actor, "vehicle_entry", row))


def _versions(work: Work, model: type[Any], fact_id: int, noun: str) -> Json:
    return Json([dict(row) for row in versions_of(work.session, work.actor, model, fact_id, noun=noun)])
