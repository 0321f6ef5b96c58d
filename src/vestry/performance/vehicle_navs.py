"""The NAV of each vehicle, with what its fund's terms say of carry."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.funds.models import FundTerms
from vestry.identity.access import theirs
from vestry.performance.books import Books
from vestry.performance.deals import NOTHING, Deals
from vestry.performance.figures import gross, vehicle_nav
from vestry.performance.nav import Nav


def vehicle_navs(books: Iterable[Books], deals: Deals, as_of: date, carry_free: Collection[int]) -> dict[int, Nav]:
    """Vehicle id → its NAV; ``carry_free`` are the funds that take no carry."""
    parts = deals.of_vehicles(as_of)
    return {
        one.vehicle.id: vehicle_nav(
            one,
            as_of,
            gross(parts.get(one.vehicle.id, NOTHING), as_of, rate=False),
            carry_free=one.vehicle.fund_id in carry_free,
        )
        for one in books
    }


def carry_free_funds(session: Session, actor: Actor, books: Iterable[Books], known_at: datetime | None) -> set[int]:
    """The funds whose terms say that no carry is taken."""
    fund_ids = {one.vehicle.fund_id for one in books}
    known = as_known(FundTerms, known_at)
    query = select(known.c.fund_id, known.c.carry_rate).where(theirs(actor, known), known.c.fund_id.in_(fund_ids))
    rates: dict[int, set[bool]] = {}
    for fund_id, rate in session.execute(query):
        rates.setdefault(fund_id, set()).add(rate == 0)
    return {fund_id for fund_id, free in rates.items() if free == {True}}
