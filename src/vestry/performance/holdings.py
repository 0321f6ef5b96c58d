"""Each holding as of a day, with what it cost, returned and is worth, and the sums of them all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.identity.access import theirs
from vestry.performance import deals as dealing
from vestry.performance.cuts import Cut
from vestry.performance.deals import Part, Scope
from vestry.performance.figures import Gross, gross
from vestry.valuations.fair_values import FairValue


@dataclass(frozen=True, slots=True)
class HeldFigures:
    """A holding: where it stands, its company's name, and its figures."""

    value: FairValue
    company: str
    figures: Gross


def held(session: Session, actor: Actor, scope: Scope, asked: Cut) -> tuple[list[HeldFigures], Gross | None]:
    """The holdings in scope, the largest fair value first, and their sums (None over several currencies)."""
    day = asked.as_of
    deals = dealing.load(session, actor, scope, [day], known_at=asked.known_at)
    names = _company_names(session, actor, {place.company_id for place in deals.places.values()})
    rows = [
        HeldFigures(value, names[value.position.place.company_id], gross(Part(entries, [value]), day))
        for value, entries in deals.by_holding(day)
    ]
    rows.sort(key=lambda row: (-(row.value.value or 0), row.company, row.value.position.place.holding_id))
    one_currency = len(deals.currencies()) == 1
    return rows, gross(deals.all(day), day) if one_currency else None


def _company_names(session: Session, actor: Actor, ids: set[int]) -> dict[int, str]:
    query = select(Company.id, Company.name).where(theirs(actor, Company), Company.id.in_(ids))
    return {row.id: row.name for row in session.execute(query)} if ids else {}
