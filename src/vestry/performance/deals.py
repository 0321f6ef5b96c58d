"""What some vehicles' or companies' deals come to on some days: transactions and fair values, read once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.investments import positions
from vestry.investments.positions import Ids, Place
from vestry.investments.walk import Entry
from vestry.valuations.fair_values import FairValue, fair_values_on


@dataclass(frozen=True, slots=True)
class Part:
    """Some holdings' transactions (on any day), and their fair values on one."""

    entries: list[Entry]
    values: list[FairValue]


NOTHING = Part([], [])


@dataclass(frozen=True, slots=True)
class Deals:
    """All transactions in scope, and the fair values on each day that was asked for."""

    places: dict[int, Place]
    entries: list[Entry]
    values: Mapping[date, list[FairValue]]

    def all(self, day: date) -> Part:
        """Everything in scope."""
        return Part(self.entries, self.values[day])

    def of_vehicles(self, day: date) -> dict[int, Part]:
        """Vehicle id → its part, for those that have any."""
        parts = {place.vehicle_id: Part([], []) for place in self.places.values()}
        for entry in self.entries:
            parts[self.places[entry.holding_id].vehicle_id].entries.append(entry)
        for value in self.values[day]:
            parts[value.position.place.vehicle_id].values.append(value)
        return parts

    def of_funds(self) -> dict[int, Deals]:
        """Fund id → its part, on the same days, for those that have any."""
        found: dict[int, Deals] = {}
        for place in self.places.values():
            if place.fund_id not in found:
                found[place.fund_id] = Deals({}, [], {day: [] for day in self.values})
            found[place.fund_id].places[place.holding_id] = place
        for entry in self.entries:
            found[self.places[entry.holding_id].fund_id].entries.append(entry)
        for day, values in self.values.items():
            for value in values:
                found[value.position.place.fund_id].values[day].append(value)
        return found

    def by_holding(self, day: date) -> list[tuple[FairValue, list[Entry]]]:
        """Each holding's fair value with its transactions."""
        grouped: dict[int, list[Entry]] = {}
        for entry in self.entries:
            grouped.setdefault(entry.holding_id, []).append(entry)
        return [(value, grouped.get(value.position.place.holding_id, [])) for value in self.values[day]]

    def currencies(self) -> set[str]:
        """The currencies of the books in scope."""
        return {place.currency for place in self.places.values()}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which deals: of funds, vehicles, companies or investments."""

    fund_id: Ids = None
    vehicle_id: Ids = None
    company_id: Ids = None
    investment_id: Ids = None


def transactions(
    session: Session, actor: Actor, scope: Scope, *, known_at: datetime | None
) -> tuple[dict[int, Place], list[Entry]]:
    """The holdings in scope by id, and their transactions."""
    within = positions.scope(
        actor,
        fund_id=scope.fund_id,
        vehicle_id=scope.vehicle_id,
        company_id=scope.company_id,
        investment_id=scope.investment_id,
    )
    places = {place.holding_id: place for place in positions.places(session, within)}
    return places, positions.entries(session, within, as_of=None, known_at=known_at)


def load(
    session: Session,
    actor: Actor,
    scope: Scope,
    days: Collection[date],
    *,
    known_at: datetime | None,
    read: tuple[dict[int, Place], list[Entry]] | None = None,
) -> Deals:
    """The deals in scope, valued on each of the days; a constant number of queries."""
    places, entries = read or transactions(session, actor, scope, known_at=known_at)
    values = fair_values_on(
        session,
        actor,
        list(days),
        known_at=known_at,
        fund_id=scope.fund_id,
        vehicle_id=scope.vehicle_id,
        company_id=scope.company_id,
        investment_id=scope.investment_id,
    )
    return Deals(places, entries, values)


def days_of(entries: Iterable[Entry]) -> list[date]:
    """The days on which something was transacted."""
    return [entry.transacted_on for entry in entries]
