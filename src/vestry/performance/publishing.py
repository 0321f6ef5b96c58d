"""What is told of a fund's figures to those who merely take part in it, and who reads the facts for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.funds.models import Vehicle
from vestry.identity.access import visible, whole_firm
from vestry.identity.policy import PUBLISHED_AMONG, UNPUBLISHED
from vestry.performance.books import Books
from vestry.performance.measured import Performance, Subject
from vestry.performance.series import Point

NAV_PARTS = ("fair_value", "cash", "liabilities", "accrued_carry")
TOO_FEW = {"net": "too_few_investors"}
NOT_PUBLISHED = {"gross": "not_published"}


@contextmanager
def reading_for(session: Session, actor: Actor, subject: Subject) -> Iterator[tuple[Actor, list[int] | None]]:
    """Who reads the facts of a fund or vehicle. What is merely published to the actor is computed from everybody's
    lines, so the firm reads; then the vehicles that it may be computed of come with it."""
    if actor.sees.whole:
        yield actor, None
        return
    own = visible(actor, Vehicle).where((Vehicle.fund_id if subject.kind == "fund" else Vehicle.id) == subject.id)
    ids = list(session.scalars(own.with_only_columns(Vehicle.id)))
    if actor.sees.vehicles.issuperset(ids):
        yield actor, None
        return
    with whole_firm(session, actor) as firm:
        yield firm, ids


def published(found: Performance) -> Performance:
    """What is told to those who take part: no deals, not what the NAV is made of, nor how it was made."""
    parts: dict[str, Any] = {name: None for name in NAV_PARTS if is_kept(name)}
    kept_gross: dict[str, Any] = {"gross": None, "reasons": found.reasons | NOT_PUBLISHED} if is_kept("gross") else {}
    net_figures = found.net and replace(found.net, **parts)
    return replace(found, net=net_figures, explained=not is_kept("explain"), **kept_gross)


def too_few(books: Iterable[Books]) -> bool:
    """Whether so few take part that the sums of all would tell each of them what the others have."""
    investors: set[int] = set()
    for one in books:
        investors.update(row.investor_id for row in one.commitments)
        investors.update(line.investor_id for line in one.calls)
        investors.update(line.investor_id for line in one.distributions)
    return len(investors) < PUBLISHED_AMONG


def is_kept(name: str) -> bool:
    """Whether this part of the figures is kept from those who take part."""
    return name in UNPUBLISHED


def published_points(points: list[Point]) -> list[Point]:
    """The quarters as they are told to those who take part."""
    if not is_kept("gross"):
        return points
    return [replace(point, invested=None, fair_value=None, moic=None) for point in points]


def withheld(found: Performance) -> Performance:
    """The answer where too few take part for any figure to be told."""
    return replace(found, net=None, gross=None, reasons=TOO_FEW | NOT_PUBLISHED, explained=False)
