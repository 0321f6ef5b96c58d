"""The computed view of what is held as of a day: positions of holdings, and what they come to per investment.

Two queries and one pass over the transactions, however many holdings there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.walk import NO_MONEY, ZERO, Book, Entry, Walk, order

Ids = int | Collection[int] | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a holding belongs; ``currency`` is its vehicle's."""

    holding_id: int
    investment_id: int
    vehicle_id: int
    fund_id: int
    company_id: int
    security_id: int | None
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Position:
    """A holding as of a day, in its vehicle's currency.

    ``cost``: all that was invested (what was converted away went with the conversion); ``remaining_cost``: that of
    what is still held. ``quantity`` and ``ownership`` are None where they are not known. ``proceeds`` are from
    disposals, ``income`` dividends and interest, ``fees`` transaction costs. ``status``: active, exited, written_off
    or converted; ``ended_on`` is the day it stopped being active.
    """

    place: Place
    quantity: Decimal | None
    ownership: Decimal | None
    cost: Decimal
    remaining_cost: Decimal
    proceeds: Decimal
    income: Decimal
    fees: Decimal
    status: str
    first_on: date
    last_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an investment's holdings come to. ``status`` is active while any holding is, written_off when all that
    ended were written off, else exited."""

    status: str
    first_on: date
    ended_on: date | None
    cost: Decimal
    remaining_cost: Decimal
    proceeds: Decimal
    income: Decimal
    fees: Decimal
    ownership: Decimal | None


def positions(
    session: Session,
    actor: Actor,
    *,
    as_of: date,
    known_at: datetime | None = None,
    fund_id: Ids = None,
    vehicle_id: Ids = None,
    company_id: Ids = None,
    investment_id: Ids = None,
    holding_id: Ids = None,
) -> list[Position]:
    """Every holding with a transaction up to ``as_of``, as the books were known at ``known_at`` (None: now)."""
    within = scope(
        actor,
        fund_id=fund_id,
        vehicle_id=vehicle_id,
        company_id=company_id,
        investment_id=investment_id,
        holding_id=holding_id,
    )
    found = places(session, within)
    walk = Walk()
    for entry in sorted(entries(session, within, as_of=as_of, known_at=known_at), key=order):
        walk.apply(entry)
    wanted = None if holding_id is None else set(_listed(holding_id))
    return [
        position(place, walk.books[place.holding_id])
        for place in found
        if place.holding_id in walk.books and (wanted is None or place.holding_id in wanted)
    ]


def scope(
    actor: Actor,
    *,
    fund_id: Ids = None,
    vehicle_id: Ids = None,
    company_id: Ids = None,
    investment_id: Ids = None,
    holding_id: Ids = None,
) -> list[ColumnElement[bool]]:
    """The conditions on holding ⋈ investment ⋈ vehicle. A holding is read with its whole investment, because a
    conversion moves cost between holdings."""
    conditions = [theirs(actor, Investment)]
    wanted = ((Vehicle.fund_id, fund_id), (Investment.vehicle_id, vehicle_id), (Investment.company_id, company_id))
    for column, ids in (*wanted, (Investment.id, investment_id)):
        if ids is not None:
            conditions.append(column.in_(_listed(ids)))
    if holding_id is not None:
        conditions.append(Investment.id.in_(select(Holding.investment_id).where(Holding.id.in_(_listed(holding_id)))))
    return conditions


def places(session: Session, within: Sequence[ColumnElement[bool]]) -> list[Place]:
    """The holdings in scope, by id. Archived ones too: they were known once."""
    query = (
        select(
            Holding.id,
            Holding.investment_id,
            Investment.vehicle_id,
            Vehicle.fund_id,
            Investment.company_id,
            Holding.security_id,
            Holding.name,
            Vehicle.currency,
        )
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
        .where(*within)
        .order_by(Holding.id)
    )
    return [Place(*row) for row in session.execute(query)]


def entries(
    session: Session, within: Sequence[ColumnElement[bool]], *, as_of: date | None, known_at: datetime | None = None
) -> list[Entry]:
    """The live transactions in scope up to ``as_of`` (None: all), in no order."""
    known = as_known(Transaction, known_at)
    query = (
        select(*(known.c[name] for name in Entry._fields))
        .join(Holding, Holding.id == known.c.holding_id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
        .where(*within)
    )
    if as_of is not None:
        query = query.where(known.c.transacted_on <= as_of)
    return [Entry._make(row) for row in session.execute(query)]


def position(place: Place, book: Book) -> Position:
    """The position a walked-through book stands for."""
    assert book.first_on is not None or book.last_on is not None
    first = book.first_on or book.last_on
    last = book.last_on or book.first_on
    assert first is not None
    assert last is not None
    return Position(
        place,
        book.quantity,
        book.ownership,
        book.cost,
        book.remaining_cost,
        book.proceeds,
        book.income,
        book.fees,
        book.status,
        first,
        last,
        book.ended_on,
    )


def standings(found: Iterable[Position]) -> Mapping[int, Standing]:
    """What each investment's positions come to, by investment id."""
    grouped: dict[int, list[Position]] = {}
    for one in found:
        grouped.setdefault(one.place.investment_id, []).append(one)
    return {investment_id: standing(group) for investment_id, group in grouped.items()}


def standing(group: Sequence[Position]) -> Standing:
    """What the positions of one investment come to; there is at least one."""
    held = [one for one in group if one.status == "active"]
    ended = [one for one in group if one.status in ("exited", "written_off")]
    written_off = bool(ended) and all(one.status == "written_off" for one in ended)
    known = [one.ownership for one in held if one.ownership is not None]
    return Standing(
        status="active" if held else "written_off" if written_off else "exited",
        first_on=min(one.first_on for one in group),
        ended_on=None if held else max((one.ended_on for one in group if one.ended_on), default=None),
        cost=sum((one.cost for one in group), NO_MONEY),
        remaining_cost=sum((one.remaining_cost for one in group), NO_MONEY),
        proceeds=sum((one.proceeds for one in group), NO_MONEY),
        income=sum((one.income for one in group), NO_MONEY),
        fees=sum((one.fees for one in group), NO_MONEY),
        ownership=None if held and not known else sum(known, ZERO),
    )


def _listed(ids: int | Collection[int]) -> Collection[int]:
    return [ids] if isinstance(ids, int) else ids
