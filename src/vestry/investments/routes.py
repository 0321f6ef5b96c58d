"""Investments, holdings and transactions over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query, Response

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.asking import day_seen
from vestry.core.fields import Day, Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.listing import Listing
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Ask, Work, asks, may
from vestry.investments import holdings, queries, schemas, service, transactions
from vestry.investments.models import Holding, Transaction

router = make_router("investments")

AsOf = Annotated[Day | None, Query(description="the day it is seen from; today when left out")]
KnownAt = Annotated[Instant | None, Query(description="as the books were known then; now when left out")]
Filter = Annotated[Id | None, Query()]
Reading = Annotated[Work, may("investment.read")]
Asking = Annotated[Ask, asks("investment.read")]
Changing = Annotated[Work, may("investment.change")]


@router.get("/investments", operation_id="list_investments", response_model=schemas.InvestmentPage)
def list_investments(
    work: Reading,
    page: Paged,
    fund_id: Filter = None,
    vehicle_id: Filter = None,
    company_id: Filter = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Json:
    """The investments you may see, with what they come to as of a day."""
    found = queries.list_investments(
        work.session,
        work.actor,
        page,
        as_of=day_seen(work.session, work.actor, as_of),
        known_at=known_at,
        fund_id=fund_id,
        vehicle_id=vehicle_id,
        company_id=company_id,
    )
    return Json(found)


@router.post("/investments", operation_id="create_investment", status_code=201)
def create_investment(body: schemas.InvestmentIn, work: Changing) -> schemas.InvestmentMade:
    """Record an investment in one call: a new company, the holding, the purchase, the end if there is one."""
    investment, holding, findings = service.make_investment(work.session, work.actor, **body.model_dump())
    shown = queries.get_investment(work.session, work.actor, investment.id, as_of=clock.today(work.session))
    return schemas.InvestmentMade(
        **shown, holding_id=holding.id, findings=[schemas.Finding(**finding) for finding in findings]
    )


@router.get("/investments/{investment_id}", operation_id="get_investment")
def get_investment(
    investment_id: Id, work: Reading, as_of: AsOf = None, known_at: KnownAt = None
) -> schemas.InvestmentOut:
    """One investment with what it comes to as of a day."""
    return _investment(work, investment_id, day_seen(work.session, work.actor, as_of), known_at)


@router.put("/investments/{investment_id}", operation_id="update_investment")
def update_investment(
    investment_id: Id,
    body: schemas.InvestmentChange,
    work: Changing,
    version: Seen,
) -> schemas.InvestmentOut:
    """Edit the thesis; the figures follow from the transactions."""
    service.update_investment(work.session, work.actor, investment_id, version=version, **body.model_dump())
    return _investment(work, investment_id, clock.today(work.session))


@router.delete("/investments/{investment_id}", operation_id="archive_investment", status_code=204)
def archive_investment(investment_id: Id, work: Changing) -> None:
    """Take away an investment in which nothing is recorded (409 otherwise)."""
    service.archive_investment(work.session, work.actor, investment_id)


@router.post("/investments/{investment_id}/exit", operation_id="exit_investment")
def exit_investment(investment_id: Id, body: schemas.ExitIn, work: Changing) -> schemas.InvestmentOut:
    """Record a full exit and its proceeds."""
    service.exit_investment(work.session, work.actor, investment_id, **body.model_dump())
    return _investment(work, investment_id, clock.today(work.session))


@router.post("/investments/{investment_id}/write-off", operation_id="write_off_investment")
def write_off_investment(investment_id: Id, body: schemas.WriteOffIn, work: Changing) -> schemas.InvestmentOut:
    """Write the investment off."""
    service.write_off_investment(work.session, work.actor, investment_id, **body.model_dump())
    return _investment(work, investment_id, clock.today(work.session))


@router.get("/holdings", operation_id="list_holdings", response_model=schemas.HoldingPage)
async def list_holdings(ask: Asking, page: Paged, investment_id: Filter = None) -> Response:
    """The holdings you may see."""
    return await ask.list(page, lambda actor: queries.list_holdings(actor, page.q, investment_id=investment_id))


@router.post("/holdings", operation_id="create_holding", status_code=201)
def create_holding(body: schemas.HoldingIn, work: Changing) -> schemas.HoldingOut:
    """Add another security to an investment."""
    return _holding(holdings.add_holding(work.session, work.actor, **body.model_dump()))


@router.get("/holdings/{holding_id}", operation_id="get_holding")
def get_holding(holding_id: Id, work: Reading) -> schemas.HoldingOut:
    """One holding."""
    return _holding(find(work.session, work.actor, Holding, holding_id, noun="holding"))


@router.put("/holdings/{holding_id}", operation_id="update_holding")
def update_holding(
    holding_id: Id,
    body: schemas.HoldingChange,
    work: Changing,
    version: Seen,
) -> schemas.HoldingOut:
    """Replace a holding's own fields."""
    return _holding(holdings.update_holding(work.session, work.actor, holding_id, version=version, **body.model_dump()))


@router.delete("/holdings/{holding_id}", operation_id="archive_holding", status_code=204)
def archive_holding(holding_id: Id, work: Changing) -> None:
    """Take away a holding in which nothing is recorded (409 otherwise)."""
    holdings.archive_holding(work.session, work.actor, holding_id)


@router.get("/transactions", operation_id="list_transactions", response_model=schemas.TransactionPage)
async def list_transactions(
    ask: Asking,
    page: Paged,
    fund_id: Filter = None,
    vehicle_id: Filter = None,
    company_id: Filter = None,
    investment_id: Filter = None,
    holding_id: Filter = None,
    kind: Annotated[schemas.TransactionKind | None, Query()] = None,
    as_of: Annotated[Day | None, Query(description="only up to this day")] = None,
    known_at: KnownAt = None,
) -> Response:
    """The transactions you may see, the latest first."""
    filters = {
        "fund_id": fund_id,
        "vehicle_id": vehicle_id,
        "company_id": company_id,
        "investment_id": investment_id,
        "holding_id": holding_id,
    }

    def listing(actor: Actor) -> Listing:
        return queries.list_transactions(actor, page.q, as_of=as_of, known_at=known_at, kind=kind, **filters)

    return await ask.list(page, listing)


@router.post("/transactions", operation_id="create_transaction", status_code=201)
def create_transaction(body: schemas.TransactionIn, work: Changing) -> schemas.TransactionOut:
    """Record a purchase, follow-on, proceeds, dividend, interest, fee, write-off or conversion."""
    row = transactions.record_transaction(work.session, work.actor, **body.model_dump())
    return _transaction(work, row.id)


@router.get("/transactions/{transaction_id}", operation_id="get_transaction")
def get_transaction(transaction_id: Id, work: Reading) -> schemas.TransactionOut:
    """One transaction."""
    return _transaction(work, transaction_id)


@router.put("/transactions/{transaction_id}", operation_id="update_transaction")
def update_transaction(
    transaction_id: Id,
    body: schemas.TransactionFields,
    work: Changing,
    version: Seen,
) -> schemas.TransactionOut:
    """Supersede a transaction; what was known before stays known."""
    transactions.update_transaction(work.session, work.actor, transaction_id, version=version, **body.model_dump())
    return _transaction(work, transaction_id)


@router.post("/transactions/{transaction_id}/void", operation_id="void_transaction", status_code=204)
def void_transaction(transaction_id: Id, body: Reason, work: Changing) -> None:
    """Take a transaction back, unless later ones build on it (409)."""
    transactions.void_transaction(work.session, work.actor, transaction_id, reason=body.reason)


@router.get(
    "/transactions/{transaction_id}/versions",
    operation_id="list_transaction_versions",
    response_model=list[dict[str, Any]],
)
def list_transaction_versions(transaction_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded of a transaction over time, the oldest first."""
    found = versions_of(work.session, work.actor, Transaction, transaction_id, noun="transaction")
    return Json([dict(row) for row in found])


def _investment(work: Work, investment_id: int, as_of: date, known_at: Any = None) -> schemas.InvestmentOut:
    return schemas.InvestmentOut(
        **queries.get_investment(work.session, work.actor, investment_id, as_of=as_of, known_at=known_at)
    )


def _holding(row: Holding) -> schemas.HoldingOut:
    return schemas.HoldingOut.of(row)


def _transaction(work: Work, transaction_id: int) -> schemas.TransactionOut:
    return schemas.TransactionOut(**queries.get_transaction(work.session, work.actor, transaction_id))
