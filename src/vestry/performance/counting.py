"""All funds' figures from their facts: the general way, for any day and anything known at any instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.performance import books as bookkeeping
from vestry.performance import deals as dealing
from vestry.performance.books import Books
from vestry.performance.cuts import Cut
from vestry.performance.deals import Deals, Part, Scope
from vestry.performance.figures import Gross, Net, gross, net
from vestry.performance.vehicle_navs import carry_free_funds, vehicle_navs

FUNDS_AT_ONCE = 500  # the facts of that many funds lie in memory together


@dataclass(frozen=True, slots=True)
class Counted:
    """A fund's figures as of its day, and the first later day of which any fact is recorded."""

    fund_id: int
    as_of: date
    next_on: date | None
    net: Net
    gross: Gross


def count(
    session: Session, actor: Actor, fund_ids: Sequence[int], asked: Cut, *, rate: bool = True
) -> Iterator[Counted]:
    """Each fund's figures, in the order asked for; a constant number of queries for some hundred funds at a time.
    Without ``rate`` the IRRs are left out, for whoever keeps the flows instead."""
    for start in range(0, len(fund_ids), FUNDS_AT_ONCE):
        yield from _count(session, actor, fund_ids[start : start + FUNDS_AT_ONCE], asked, rate)


def _count(session: Session, actor: Actor, fund_ids: Sequence[int], asked: Cut, rate: bool) -> Iterator[Counted]:
    books = bookkeeping.load(session, actor, known_at=asked.known_at, fund_ids=fund_ids)
    by_fund: dict[int, list[Books]] = {fund_id: [] for fund_id in fund_ids}
    for one in books.values():
        by_fund[one.vehicle.fund_id].append(one)
    cuts = {fund_id: asked.over(group) for fund_id, group in by_fund.items()}
    days = {at.as_of for at in cuts.values()}
    deals = dealing.load(session, actor, Scope(fund_id=fund_ids), days, known_at=asked.known_at)
    parts = deals.of_funds()
    free = carry_free_funds(session, actor, books.values(), asked.known_at)
    for fund_id in fund_ids:
        day, its = cuts[fund_id].as_of, parts.get(fund_id) or Deals({}, [], {at: [] for at in days})
        navs = vehicle_navs(by_fund[fund_id], its, day, free)
        figures = net(by_fund[fund_id], day, lambda one, navs=navs: navs[one.vehicle.id], rate=rate)  # type: ignore[misc]
        deals_in = gross(its.all(day), day, rate=rate)
        yield Counted(fund_id, day, _next(by_fund[fund_id], its.all(day), day), figures, deals_in)


def _next(books: Sequence[Books], part: Part, day: date) -> date | None:
    later = [entry.transacted_on for entry in part.entries if entry.transacted_on > day]
    later += [known for one in books for known in one.days() if known > day]
    return min(later, default=None)
