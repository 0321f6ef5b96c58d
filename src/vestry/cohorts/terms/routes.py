"""The terms of trades over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from vestry.cohorts import facts
from vestry.cohorts.asking import Asked, ChangingTerms, KnownAt, PastReading, Reading, Seen
from vestry.cohorts.models import TradeTerms
from vestry.cohorts.terms import schemas, service
from vestry.cohorts.terms.service import TERMS
from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.identity.corrections import Reason

router = make_router("cohorts")


@router.get(
    "/companies/{company_id}/trades",
    operation_id="list_trades",
    response_model=schemas.TradePage,
    responses=FILES,
)
def list_trades(
    company_id: Id, work: Reading, page: Asked, form: Format = "json", known_at: KnownAt = None
) -> Response:
    """The trades on a company's cohorts."""
    found = facts.listing(work.session, work.actor, TERMS, company_id, "cohort_month", known_at)
    return listed(work.session, found, page, form, schemas.TradeOut, f"trades-{company_id}")


@router.post("/companies/{company_id}/trades", operation_id="create_trade", status_code=201)
def create_trade(company_id: Id, body: schemas.TradeIn, work: ChangingTerms) -> schemas.TradeOut:
    """Record a trade on a cohort; a second one on the month is refused (409)."""
    return _trade(service.agree(work.session, work.actor, company_id, **body.model_dump()))


@router.get("/companies/{company_id}/trades/{trade_id}", operation_id="get_trade")
def get_trade(company_id: Id, trade_id: Id, work: Reading) -> schemas.TradeOut:
    """One trade."""
    return _trade(facts.one(work.session, work.actor, TERMS, company_id, trade_id))


@router.put("/companies/{company_id}/trades/{trade_id}", operation_id="update_trade")
def update_trade(
    company_id: Id, trade_id: Id, body: schemas.TradeIn, work: ChangingTerms, version: Seen
) -> schemas.TradeOut:
    """Supersede a trade; what was known before stays known."""
    return _trade(service.amend(work.session, work.actor, company_id, trade_id, version=version, **body.model_dump()))


@router.post("/companies/{company_id}/trades/{trade_id}/void", operation_id="void_trade", status_code=204)
def void_trade(company_id: Id, trade_id: Id, body: Reason, work: ChangingTerms) -> None:
    """Take a trade back."""
    facts.void(work.session, work.actor, TERMS, company_id, trade_id, body.reason)


@router.get(
    "/companies/{company_id}/trades/{trade_id}/versions",
    operation_id="list_trade_versions",
    response_model=list[dict[str, Any]],
)
def list_trade_versions(company_id: Id, trade_id: Id, work: PastReading) -> Json:
    """What was recorded of a trade over time, the oldest first."""
    return Json(facts.versions(work.session, work.actor, TERMS, company_id, trade_id))


def _trade(row: TradeTerms) -> schemas.TradeOut:
    return schemas.TradeOut.model_validate(row, from_attributes=True)
