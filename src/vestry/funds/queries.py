"""Every SELECT about funds, limited to what the actor may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import name_key
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.funds.models import Fund, FundTerms, Vehicle
from vestry.identity.access import theirs, visible, without_hidden
from vestry.identity.hidden import hiding

FUND_SORTS = {
    "id": Fund.id,
    "name": Fund.name_key,
    "vintage_year": Fund.vintage_year,
    "currency": Fund.currency,
    "strategy": Fund.strategy,
    "target_size": Fund.target_size,
    "created_at": Fund.created_at,
}
VEHICLE_SORTS = {"id": Vehicle.id, "name": Vehicle.name, "kind": Vehicle.kind}


def _funds(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Fund.id,
            Fund.name,
            Fund.currency,
            Fund.strategy,
            Fund.vintage_year,
            Fund.target_size,
            Fund.started_on,
            Fund.description,
            Vehicle.id.label("main_vehicle_id"),
            Vehicle.books,
            Fund.version,
            Fund.created_at,
            Fund.updated_at,
        )
        .join(Vehicle, (Vehicle.fund_id == Fund.id) & (Vehicle.kind == "main"))
        .where(theirs(actor, Fund), Fund.archived_at.is_(None))
    )


def list_funds(
    actor: Actor, q: str | None, *, strategy: str | None, vintage_year: int | None, currency: str | None
) -> Listing:
    """Funds."""
    query = _funds(actor)
    if q:
        query = query.where(contains(Fund.name_key, name_key(q)))
    if strategy:
        query = query.where(Fund.strategy == strategy)
    if vintage_year:
        query = query.where(Fund.vintage_year == vintage_year)
    if currency:
        query = query.where(Fund.currency == currency)
    return Listing(query, FUND_SORTS, Fund.id, "name", finish=hiding(actor, "fund"))


def get_fund(session: Session, actor: Actor, fund_id: int) -> dict[str, Any]:
    """One fund with its main vehicle."""
    row = session.execute(_funds(actor).where(Fund.id == fund_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("fund")
    return without_hidden(actor, "fund", dict(row))


def list_vehicles(actor: Actor, q: str | None, *, fund_id: int | None) -> Listing:
    """Vehicles."""
    query = select(
        Vehicle.id, Vehicle.fund_id, Vehicle.name, Vehicle.kind, Vehicle.books, Vehicle.currency, Vehicle.version
    ).where(theirs(actor, Vehicle), Vehicle.archived_at.is_(None))
    if fund_id:
        query = query.where(Vehicle.fund_id == fund_id)
    if q:
        query = query.where(contains(Vehicle.name, q))
    return Listing(query, VEHICLE_SORTS, Vehicle.id, "id")


def main_vehicle(session: Session, actor: Actor, fund_id: int) -> Vehicle:
    """The vehicle that was made with the fund."""
    vehicle = session.scalars(
        visible(actor, Vehicle).where(Vehicle.fund_id == fund_id, Vehicle.kind == "main")
    ).one_or_none()
    if vehicle is None:
        raise NotFound("fund")
    return vehicle


def terms_of(session: Session, actor: Actor, fund_id: int) -> list[FundTerms]:
    """The fund's terms, the earliest first."""
    return list(
        session.scalars(visible(actor, FundTerms).where(FundTerms.fund_id == fund_id).order_by(FundTerms.effective_on))
    )
