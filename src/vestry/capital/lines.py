"""What is kept in lines per investor, calls and distributions: splitting, checking, replacing, paying, voiding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.capital.service import not_in_the_future
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.core.fields import payable
from vestry.core.history import touch
from vestry.core.model import Fact
from vestry.funds.models import Vehicle
from vestry.identity import corrections
from vestry.identity.access import find, visible
from vestry.investors.models import Investor
from vestry.kernel import money

Whole = TypeVar("Whole", CapitalCall, Distribution)
Line = TypeVar("Line", CapitalCallLine, DistributionLine)


class NoCommitments(Conflict):
    """There is nothing to split an amount by."""


@dataclass(frozen=True, slots=True)
class InLines(Generic[Whole, Line]):
    """A kind of whole whose amounts lie in lines. ``key``: the lines' column that names it; ``day``: when it is split
    by commitment; ``parts`` sum to a line's amount, ``besides`` is split too; ``header``: its own columns."""

    model: type[Whole]
    line: type[Line]
    key: str
    noun: str
    day: str
    parts: tuple[str, ...]
    header: tuple[str, ...]
    besides: tuple[str, ...] = ()

    def locked(self, session: Session, actor: Actor, whole_id: int) -> tuple[Whole, Vehicle]:
        """The whole and its vehicle, nobody else's to change while this transaction lasts."""
        whole = find(session, actor, self.model, whole_id, noun=self.noun, lock=True)
        return whole, find(session, actor, Vehicle, whole.vehicle_id, noun="vehicle", lock=True)

    def lines(self, session: Session, actor: Actor, whole_id: int) -> list[Line]:
        """Its live lines."""
        return list(session.scalars(visible(actor, self.line).where(getattr(self.line, self.key) == whole_id)))

    def wanted(self, session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The lines given, or the amounts split into lines; each with its amount and day of payment."""
        not_in_the_future(session, body["paid_on"], "paid_on")
        amounts = self.parts + self.besides
        if body["lines"] is None:
            lines = _split(session, actor, vehicle, {name: body[name] for name in amounts}, on=body[self.day])
        else:
            lines = body["lines"]
            _check_lines(session, actor, vehicle, lines, amounts)
        return [
            line
            | {
                "amount": sum((line[name] for name in self.parts), Decimal(0)),
                "paid_on": line.get("paid_on") or body["paid_on"],
            }
            for line in lines
        ]

    def make(
        self, session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any], lines: Iterable[dict[str, Any]]
    ) -> Whole:
        """A new whole with its lines."""
        whole = self.model(firm_id=actor.firm_id, vehicle_id=vehicle.id, **{name: body[name] for name in self.header})
        session.add(whole)
        session.flush()
        self._add(session, actor, whole, lines, body["due_on"])
        return whole

    def supersede(
        self, session: Session, actor: Actor, whole: Whole, body: dict[str, Any], lines: Iterable[dict[str, Any]]
    ) -> None:
        """Supersede the whole and the lines that stay, add the new ones, void those no longer wanted."""
        for name in self.header:
            setattr(whole, name, body[name])
        touch(whole)
        fresh = _merge_lines(session, self.lines(session, actor, whole.id), lines, body["due_on"])
        self._add(session, actor, whole, fresh, body["due_on"])

    def pay(
        self, session: Session, actor: Actor, whole_id: int, paid_on: date | None, investor_ids: Iterable[int] | None
    ) -> None:
        """Record when the lines of the investors named, or all, were paid, or take that back."""
        whole, _ = self.locked(session, actor, whole_id)
        touch(whole)
        not_in_the_future(session, paid_on, "paid_on")
        lines = self.lines(session, actor, whole_id)
        wanted = None if investor_ids is None else set(investor_ids)
        if wanted is not None and wanted - {line.investor_id for line in lines}:
            raise NotFound(f"line of this {self.noun.removeprefix('capital ')}")
        for line in lines:
            if wanted is None or line.investor_id in wanted:
                line.paid_on = paid_on
        session.flush()

    def void(self, session: Session, actor: Actor, whole_id: int, reason: str) -> Vehicle:
        """Take the whole back with all its lines."""
        whole, vehicle = self.locked(session, actor, whole_id)
        facts: list[Fact] = [*self.lines(session, actor, whole_id), whole]
        for fact in facts:
            corrections.void(session, fact, reason)
        return vehicle

    def _add(self, session: Session, actor: Actor, whole: Whole, lines: Iterable[dict[str, Any]], due_on: date) -> None:
        same = {"firm_id": actor.firm_id, self.key: whole.id, "vehicle_id": whole.vehicle_id, "due_on": due_on}
        session.add_all([self.line(**same, **line) for line in lines])
        session.flush()


def _split(
    session: Session, actor: Actor, vehicle: Vehicle, amounts: dict[str, Decimal], *, on: date
) -> list[dict[str, Any]]:
    """A line per investor, each amount split by commitment as of a day (largest remainder)."""
    weights = queries.committed_by_investor(session, actor, vehicle.id, on=on)
    if not any(weights.values()):
        raise NoCommitments(
            f"Nobody has committed to {vehicle.name} by {on}, so there is nothing to split by.",
            mend="Record commitments first, or give the lines yourself.",
        )
    places = money.decimals(vehicle.currency)
    shares = {
        name: money.allocate(payable(total, vehicle.currency, field=name), list(weights.values()), places)
        for name, total in amounts.items()
    }
    return [
        {"investor_id": investor_id, **{name: parts[position] for name, parts in shares.items()}}
        for position, investor_id in enumerate(weights)
    ]


def _check_lines(
    session: Session, actor: Actor, vehicle: Vehicle, lines: list[dict[str, Any]], parts: tuple[str, ...]
) -> None:
    """Each line's investor is one the actor may see, its amounts payable, its payment not in the future."""
    known = set(session.scalars(visible(actor, Investor).with_only_columns(Investor.id)))
    for position, line in enumerate(lines):
        if line["investor_id"] not in known:
            raise NotFound("investor")
        for name in parts:
            payable(line[name], vehicle.currency, field=f"lines.{position}.{name}")
        not_in_the_future(session, line.get("paid_on"), f"lines.{position}.paid_on")


def _merge_lines(
    session: Session,
    existing: Iterable[CapitalCallLine | DistributionLine],
    wanted: Iterable[dict[str, Any]],
    due_on: date,
) -> Iterator[dict[str, Any]]:
    """Supersede the lines that stay, void those no longer wanted, and yield what is new."""
    old = {line.investor_id: line for line in existing}
    for values in wanted:
        line = old.pop(values["investor_id"], None)
        if line is None:
            yield values
            continue
        for name, value in (values | {"due_on": due_on}).items():
            setattr(line, name, value)
    for line in old.values():
        corrections.void(session, line, "no longer part of it")
