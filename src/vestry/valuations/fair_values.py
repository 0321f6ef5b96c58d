"""What a holding is worth as of a day: the one rule every figure builds on.

The latest mark up to the day decides: the holding's own, or the company's equity value times the ownership held on the
day of that mark; of two on one day the holding's own. From there it is rolled forward: a later purchase adds its cost,
a later disposal takes its share away, a conversion carries the value into the other holding. A mark dated D includes
what happened on D. Without a mark a holding is worth the cost of what remains (``at_cost``); what has ended is worth 0.
A company mark dated before the holding existed says nothing about it, for the price paid is the later evidence.

Formula: value = base × kept_share + added, to the fourth decimal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.types import MONEY_SCALE
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs
from vestry.investments.models import Holding, Investment
from vestry.investments.positions import Ids, Place, Position, entries, places, position, scope
from vestry.investments.walk import NO_MONEY, ONE, Book, Effect, Entry, Walk, order
from vestry.valuations.models import ValuationMark

_MONEY = Decimal(1).scaleb(-MONEY_SCALE)


class Mark(NamedTuple):
    """A valuation mark, as the rule needs it."""

    id: int
    holding_id: int | None
    company_id: int | None
    measured_on: date
    fair_value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class FairValue:
    """What a position is worth, in its vehicle's currency, and how that came about.

    ``value`` is None only with a ``reason`` (no_fx_rate: the company's mark is in another currency). ``basis``: mark,
    company_mark, at_cost, exited (also written off and converted). ``finding``: ownership_unknown where a later
    company mark could not be used. With a mark: value = ``base`` × ``kept_share`` + ``added``, where ``base`` is the
    mark, times ``ownership`` for a company mark; ``staleness_days`` counts from ``measured_on`` to the day asked for.
    """

    position: Position
    value: Decimal | None
    basis: str
    reason: str | None = None
    finding: str | None = None
    mark_id: int | None = None
    mark_value: Decimal | None = None
    mark_currency: str | None = None
    measured_on: date | None = None
    staleness_days: int | None = None
    ownership: Decimal | None = None
    base: Decimal | None = None
    kept_share: Decimal | None = None
    added: Decimal | None = None


@dataclass(slots=True)
class _Carry:
    """The value a holding is carried at since its last mark; no mark = at cost."""

    mark: Mark | None = None
    base: Decimal | None = None
    ownership: Decimal | None = None
    kept: Decimal = ONE
    added: Decimal = NO_MONEY
    finding: str | None = None

    def value(self, book: Book) -> Decimal | None:
        if self.mark is None:
            return book.remaining_cost
        return None if self.base is None else (self.base * self.kept + self.added).quantize(_MONEY)


def fair_values(
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
) -> list[FairValue]:
    """Every position as of a day with its fair value; four queries, however many holdings there are."""
    found = fair_values_on(
        session,
        actor,
        [as_of],
        known_at=known_at,
        fund_id=fund_id,
        vehicle_id=vehicle_id,
        company_id=company_id,
        investment_id=investment_id,
        holding_id=holding_id,
    )
    return found[as_of]


def fair_values_on(
    session: Session,
    actor: Actor,
    days: Sequence[date],
    *,
    known_at: datetime | None = None,
    fund_id: Ids = None,
    vehicle_id: Ids = None,
    company_id: Ids = None,
    investment_id: Ids = None,
    holding_id: Ids = None,
) -> dict[date, list[FairValue]]:
    """The same as of each of several days, from the same four queries."""
    shots: dict[date, list[FairValue]] = {day: [] for day in sorted(days)}
    if not shots:
        return shots
    within = scope(
        actor,
        fund_id=fund_id,
        vehicle_id=vehicle_id,
        company_id=company_id,
        investment_id=investment_id,
        holding_id=holding_id,
    )
    last = max(shots)
    placed: dict[int, list[Place]] = {}
    for place in places(session, within):
        placed.setdefault(place.investment_id, []).append(place)
    facts = _by(entries(session, within, as_of=last, known_at=known_at), "holding_id")
    own, companies = _marks(session, actor, within, last, known_at)
    wanted = None if holding_id is None else {holding_id} if isinstance(holding_id, int) else set(holding_id)
    for group in placed.values():
        roll = _Roll(group, wanted)
        history = [entry for place in group for entry in facts.get(place.holding_id, ())]
        marks = [mark for place in group for mark in own.get(place.holding_id, ())]
        roll.through(history, companies.get(group[0].company_id, ()), marks, shots)
    return shots


class _Roll:
    """Takes one investment through its transactions and marks in order of time."""

    def __init__(self, group: Sequence[Place], wanted: Collection[int] | None) -> None:
        self.group = group
        self.wanted = wanted
        self.walk = Walk()
        self.carries = {place.holding_id: _Carry() for place in group}
        self.currency = group[0].currency

    def through(
        self,
        history: Iterable[Entry],
        company_marks: Iterable[Mark],
        own_marks: Iterable[Mark],
        shots: dict[date, list[FairValue]],
    ) -> None:
        events: list[tuple[date, int, Any]] = [
            *((entry.transacted_on, 0, entry) for entry in sorted(history, key=order)),
            *((mark.measured_on, 1, mark) for mark in company_marks),
            *((mark.measured_on, 2, mark) for mark in own_marks),
            *((day, 3, None) for day in shots),
        ]
        for day, kind, event in sorted(events, key=lambda one: one[:2]):
            if kind == 0:
                self.transact(event)
            elif kind == 1:
                self.mark_company(event)
            elif kind == 2:
                self.mark_holding(event)
            else:
                shots[day] += self.shown(day)

    def transact(self, entry: Entry) -> None:
        source = self._value(entry.holding_id)
        target = None if entry.into_holding_id is None else self._value(entry.into_holding_id)
        effect = self.walk.apply(entry)
        if effect.into is not None:
            self._carry_over(effect, source, target)
            return
        carry = self.carries[entry.holding_id]
        carry.kept *= ONE - effect.share
        carry.added = carry.added * (ONE - effect.share) + effect.added

    def mark_holding(self, mark: Mark) -> None:
        if mark.holding_id in self.walk.books:
            self.carries[mark.holding_id] = _Carry(mark, mark.fair_value)

    def mark_company(self, mark: Mark) -> None:
        for holding_id, book in self.walk.books.items():
            if book.status != "active":
                continue
            if book.ownership is None:
                self.carries[holding_id].finding = "ownership_unknown"
                continue
            convertible = mark.currency == self.currency
            base = mark.fair_value * book.ownership if convertible else None
            self.carries[holding_id] = _Carry(mark, base, book.ownership)

    def shown(self, day: date) -> list[FairValue]:
        return [
            _shown(position(place, self.walk.books[place.holding_id]), self.carries[place.holding_id], day)
            for place in self.group
            if place.holding_id in self.walk.books and (self.wanted is None or place.holding_id in self.wanted)
        ]

    def _value(self, holding_id: int) -> Decimal | None:
        return self.carries[holding_id].value(self.walk.book(holding_id))

    def _carry_over(self, effect: Effect, source: Decimal | None, target: Decimal | None) -> None:
        assert effect.into is not None
        given, taken = self.carries[effect.holding_id], self.carries[effect.into]
        mark = taken.mark or given.mark
        if mark is None:
            return  # both at cost, and cost moved with the conversion
        together = None if source is None or target is None else source + target
        ownership = (taken if taken.mark else given).ownership
        self.carries[effect.into] = _Carry(mark, together, ownership, finding=given.finding or taken.finding)


def _shown(held: Position, carry: _Carry, day: date) -> FairValue:
    if held.status != "active":
        return FairValue(held, NO_MONEY, "exited")
    mark = carry.mark
    if mark is None:
        return FairValue(held, held.remaining_cost, "at_cost", finding=carry.finding)
    return FairValue(
        held,
        None if carry.base is None else (carry.base * carry.kept + carry.added).quantize(_MONEY),
        "mark" if mark.company_id is None else "company_mark",
        "no_fx_rate" if carry.base is None else None,
        carry.finding,
        mark.id,
        mark.fair_value,
        mark.currency,
        mark.measured_on,
        (day - mark.measured_on).days,
        carry.ownership,
        carry.base,
        carry.kept,
        carry.added,
    )


def _marks(
    session: Session, actor: Actor, within: Sequence[ColumnElement[bool]], last: date, known_at: datetime | None
) -> tuple[dict[int, list[Mark]], dict[int, list[Mark]]]:
    """The marks up to ``last`` by holding and by company. All of them: which one decides depends on what was held
    on its day, and on what a conversion carried along."""
    known = as_known(ValuationMark, known_at)
    in_scope = (
        select(Holding.id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
        .where(*within)
    )
    chosen = select(*(known.c[name] for name in Mark._fields)).where(theirs(actor, known), known.c.measured_on <= last)
    of_holdings = chosen.where(known.c.holding_id.in_(in_scope))
    of_companies = chosen.where(known.c.company_id.in_(in_scope.with_only_columns(Investment.company_id)))
    own, companies = ([Mark._make(row) for row in session.execute(query)] for query in (of_holdings, of_companies))
    return _by(own, "holding_id"), _by(companies, "company_id")


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(getattr(row, name), []).append(row)
    return grouped
