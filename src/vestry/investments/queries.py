"""Every SELECT about investments, holdings and transactions, limited to what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import FromClause, Select, false, func, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company, Round, Security
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import name_key
from vestry.core.history import as_known
from vestry.core.listing import Listing, Query, paginate
from vestry.core.paging import Column, Page, contains
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import theirs, without_hidden
from vestry.identity.hidden import hiding
from vestry.identity.policy import hides
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.positions import Standing, positions, standings

INVESTMENT_SORTS: dict[str, Column] = {
    "id": Investment.id,
    "company": Company.name_key,
    "fund": Fund.name_key,
    "created_at": Investment.created_at,
}
HOLDING_SORTS = {"id": Holding.id, "name": Holding.name}
EIGHT_PLACES = Decimal("1e-8")


def _investments(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Investment.id,
            Investment.vehicle_id,
            Fund.id.label("fund_id"),
            Fund.name.label("fund_name"),
            Company.id.label("company_id"),
            Company.name.label("company_name"),
            Company.ticker_symbol,
            Investment.thesis,
            Vehicle.currency,
            Investment.version,
            Investment.created_at,
            Investment.updated_at,
        )
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
        .join(Fund, Fund.id == Vehicle.fund_id)
        .join(Company, Company.id == Investment.company_id)
        .where(theirs(actor, Investment), Investment.archived_at.is_(None))
    )


def list_investments(
    session: Session,
    actor: Actor,
    page: Page,
    *,
    as_of: date,
    known_at: datetime | None,
    fund_id: int | None,
    vehicle_id: int | None,
    company_id: int | None,
) -> dict[str, Any]:
    """A page of investments with what they come to as of a day; four queries whatever its length."""
    query = _investments(actor)
    if page.q:
        query = query.where(contains(Company.name_key, name_key(page.q)))
    for column, wanted in ((Fund.id, fund_id), (Investment.vehicle_id, vehicle_id), (Company.id, company_id)):
        if wanted:
            query = query.where(column == wanted)
    found = paginate(session, Listing(query, INVESTMENT_SORTS, Investment.id, "company"), page)
    found["items"] = _with_figures(session, actor, found["items"], as_of=as_of, known_at=known_at)
    return found


def get_investment(
    session: Session, actor: Actor, investment_id: int, *, as_of: date, known_at: datetime | None = None
) -> dict[str, Any]:
    """One investment with what it comes to as of a day."""
    row = session.execute(_investments(actor).where(Investment.id == investment_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("investment")
    return _with_figures(session, actor, [dict(row)], as_of=as_of, known_at=known_at)[0]


def _with_figures(
    session: Session, actor: Actor, rows: list[dict[str, Any]], *, as_of: date, known_at: datetime | None
) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    figures = standings(positions(session, actor, as_of=as_of, known_at=known_at, investment_id=ids))
    entry_values = _entry_values(session, ids)
    shown = (_shown(row, as_of, figures.get(row["id"]), entry_values.get(row["id"])) for row in rows)
    return [without_hidden(actor, "investment", one) for one in shown]


def _shown(row: Mapping[str, Any], as_of: date, now: Standing | None, entry_value: Decimal | None) -> dict[str, Any]:
    ended = now is not None and now.status != "active"
    percent = None if now is None or now.ownership is None else (now.ownership * 100).quantize(EIGHT_PLACES)
    return {
        "id": row["id"],
        "vehicle_id": row["vehicle_id"],
        "fund": {"id": row["fund_id"], "name": row["fund_name"]},
        "company": {
            "id": row["company_id"],
            "name": row["company_name"],
            "ticker_symbol": row["ticker_symbol"],
        },
        "thesis": row["thesis"],
        "currency": row["currency"],
        "as_of": as_of,
        "status": now and now.status,
        "investment_date": now and now.first_on,
        "amount_invested": now and now.cost,
        "remaining_cost": now and now.remaining_cost,
        "proceeds": now and now.proceeds,
        "income": now and now.income,
        "fees": now and now.fees,
        "ownership": now and now.ownership,
        "equity_percentage": percent,
        "valuation_at_investment": entry_value,
        "exit_date": now and now.ended_on,
        "exit_amount": now.proceeds if now and ended else None,
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _entry_values(session: Session, investment_ids: Collection[int]) -> dict[int, Decimal]:
    """The post-money value of the earliest round each investment holds a security of."""
    query = (
        select(Holding.investment_id, Round.post_money)
        .join(Security, Security.id == Holding.security_id)
        .join(Round, Round.id == Security.round_id)
        .where(Holding.investment_id.in_(investment_ids), Round.voided_at.is_(None), Round.post_money.is_not(None))
        .order_by(Round.closed_on.desc(), Round.id.desc())
    )
    return {row.investment_id: row.post_money for row in session.execute(query)}  # the earliest comes last and stays


def list_holdings(actor: Actor, q: str | None, *, investment_id: int | None) -> Listing:
    """Holdings."""
    query = select(
        Holding.id,
        Holding.investment_id,
        Holding.security_id,
        Holding.name,
        Holding.version,
        Holding.created_at,
        Holding.updated_at,
    ).where(theirs(actor, Holding), Holding.archived_at.is_(None))
    if investment_id:
        query = query.where(Holding.investment_id == investment_id)
    if q:
        query = query.where(contains(Holding.name, q))
    return Listing(query, HOLDING_SORTS, Holding.id, "id")


def _transactions(known: FromClause) -> Select[*tuple[Any, ...]]:
    own = ("kind", "transacted_on", "amount", "quantity", "ownership", "disposed_share", "into_holding_id", "memo")
    return (
        select(
            known.c.id,
            known.c.holding_id,
            Holding.investment_id,
            Investment.vehicle_id,
            Investment.company_id,
            *(known.c[name] for name in own),
            Vehicle.currency,
            known.c.version,
            known.c.recorded_at,
        )
        .join(Holding, Holding.id == known.c.holding_id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
    )


TRANSACTION_SORTS = ("id", "transacted_on", "amount", "kind", "recorded_at")


def list_transactions(
    actor: Actor,
    q: str | None,
    *,
    as_of: date | None,
    known_at: datetime | None,
    kind: str | None,
    **wanted: int | None,
) -> Listing:
    """Transactions as they were known, the latest first; ``wanted``: ids to filter by (fund_id, holding_id, …)."""
    known = as_known(Transaction, known_at)
    own = [theirs(actor, known)]
    if as_of:
        own.append(known.c.transacted_on <= as_of)
    if kind:
        own.append(known.c.kind == kind)
    if wanted.get("holding_id"):
        own.append(known.c.holding_id == wanted["holding_id"])
    if q:
        own.append(false() if hides(actor.role, "transaction", "memo") else contains(known.c.memo, q))
    places = {
        "fund_id": Vehicle.fund_id,
        "vehicle_id": Investment.vehicle_id,
        "company_id": Investment.company_id,
        "investment_id": Holding.investment_id,
    }
    beyond = [column == wanted[name] for name, column in places.items() if wanted.get(name)]
    # Each transaction has one holding in one investment in one vehicle: only filters on those need them to count.
    count: Query | None = None if beyond else select(func.count()).select_from(known).where(*own)
    rows = _transactions(known).where(*own, *beyond)
    sorts = {name: known.c[name] for name in TRANSACTION_SORTS}
    return Listing(rows, sorts, known.c.id, "-transacted_on", count, hiding(actor, "transaction"))


def get_transaction(session: Session, actor: Actor, transaction_id: int) -> dict[str, Any]:
    """One live transaction."""
    known = as_known(Transaction)
    query = _transactions(known).where(theirs(actor, known), known.c.id == transaction_id)
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("transaction")
    return without_hidden(actor, "transaction", dict(row))
