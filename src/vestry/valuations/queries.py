"""Every SELECT about marks and reported NAVs, limited to what the actor may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import FromClause, Select, false, or_, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.history import as_known
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs, without_hidden
from vestry.identity.hidden import hiding
from vestry.identity.policy import hides
from vestry.investments.models import Holding, Investment
from vestry.valuations.fair_values import FairValue
from vestry.valuations.models import ReportedNav, ValuationMark

MARK_FIELDS = (
    "id",
    "holding_id",
    "company_id",
    "measured_on",
    "fair_value",
    "currency",
    "method",
    "memo",
    "version",
    "recorded_at",
)


def list_marks(
    actor: Actor,
    q: str | None,
    *,
    as_of: date | None,
    known_at: datetime | None,
    holding_id: int | None,
    company_id: int | None,
    investment_id: int | None,
    within_company_id: int | None = None,
) -> Listing:
    """Marks as they were known; a company's are those of its equity, an investment's of its holdings, and those within
    a company both: of its equity and of every holding in it."""
    known = as_known(ValuationMark, known_at)
    query = select(*(known.c[name] for name in MARK_FIELDS)).where(theirs(actor, known))
    if holding_id:
        query = query.where(known.c.holding_id == holding_id)
    if company_id:
        query = query.where(known.c.company_id == company_id)
    holdings = select(Holding.id).join(Investment, Investment.id == Holding.investment_id)
    if investment_id:
        query = query.where(known.c.holding_id.in_(holdings.where(Investment.id == investment_id)))
    if within_company_id:
        inside = known.c.holding_id.in_(holdings.where(Investment.company_id == within_company_id))
        query = query.where(or_(known.c.company_id == within_company_id, inside))
    if as_of:
        query = query.where(known.c.measured_on <= as_of)
    if q:
        query = query.where(contains(known.c.memo, q))
    sorts = {name: known.c[name] for name in ("id", "measured_on", "fair_value", "method", "recorded_at")}
    return Listing(query, sorts, known.c.id, "-measured_on")


def _navs(actor: Actor, known: FromClause) -> Select[*tuple[Any, ...]]:
    return (
        select(
            known.c.id,
            known.c.vehicle_id,
            Vehicle.fund_id,
            known.c.investor_id,
            known.c.reported_on,
            known.c.amount,
            Vehicle.currency,
            known.c.source,
            known.c.version,
            known.c.recorded_at,
        )
        .join(Vehicle, Vehicle.id == known.c.vehicle_id)
        .where(theirs(actor, known))
    )


def list_navs(
    actor: Actor,
    q: str | None,
    *,
    as_of: date | None,
    known_at: datetime | None,
    fund_id: int | None,
    vehicle_id: int | None,
    investor_id: int | None,
) -> Listing:
    """Reported NAVs as they were known."""
    known = as_known(ReportedNav, known_at)
    query = _navs(actor, known)
    wanted = ((Vehicle.fund_id, fund_id), (known.c.vehicle_id, vehicle_id), (known.c.investor_id, investor_id))
    for column, value in wanted:
        if value:
            query = query.where(column == value)
    if as_of:
        query = query.where(known.c.reported_on <= as_of)
    if q:
        query = query.where(false() if hides(actor.role, "reported_nav", "source") else contains(known.c.source, q))
    sorts = {name: known.c[name] for name in ("id", "reported_on", "amount", "recorded_at")}
    return Listing(query, sorts, known.c.id, "-reported_on", finish=hiding(actor, "reported_nav"))


def get_nav(session: Session, actor: Actor, nav_id: int) -> dict[str, Any]:
    """One live reported NAV."""
    known = as_known(ReportedNav)
    row = session.execute(_navs(actor, known).where(known.c.id == nav_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("reported NAV")
    return without_hidden(actor, "reported_nav", dict(row))


def shown(found: FairValue) -> dict[str, Any]:
    """A valued position as it goes out."""
    held, place = found.position, found.position.place
    return {
        **{name: getattr(place, name) for name in place.__slots__},
        **{name: getattr(held, name) for name in held.__slots__ if name != "place"},
        "fair_value": found.value,
        "basis": found.basis,
        "reason": found.reason,
        "finding": found.finding,
        "mark_id": found.mark_id,
        "mark_value": found.mark_value,
        "mark_currency": found.mark_currency,
        "measured_on": found.measured_on,
        "staleness_days": found.staleness_days,
        "mark_ownership": found.ownership,
        "base": found.base,
        "kept_share": found.kept_share,
        "added": found.added,
    }
