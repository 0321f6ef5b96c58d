"""All dated facts of some vehicles, read once, as they were known at an instant; figures are made from these alone.

A constant number of queries, however many vehicles, investors and holdings there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, select
from sqlalchemy.orm import Session

from vestry.capital.models import CapitalCall, CapitalCallLine, Commitment, Distribution, DistributionLine, VehicleEntry
from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.model import Fact
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import theirs
from vestry.valuations.models import ReportedNav


class VehicleRow(NamedTuple):
    """A vehicle and its fund."""

    id: int
    fund_id: int
    fund: str
    name: str
    books: str
    currency: str


class CommitmentRow(NamedTuple):
    """A promise."""

    id: int
    vehicle_id: int
    investor_id: int
    on: date
    amount: Decimal


class CallRow(NamedTuple):
    """A line of a call; ``paid_on`` None while it is due."""

    id: int
    vehicle_id: int
    investor_id: int
    called_on: date
    paid_on: date | None
    amount: Decimal
    kind: str
    outside: bool


class DistributionRow(NamedTuple):
    """A line of a distribution; ``paid_on`` None while it is due."""

    id: int
    vehicle_id: int
    investor_id: int
    paid_on: date | None
    amount: Decimal
    recallable: Decimal
    kind: str


class EntryRow(NamedTuple):
    """A fee, expense, income or balance of the vehicle itself."""

    id: int
    vehicle_id: int
    kind: str
    on: date
    amount: Decimal


class NavRow(NamedTuple):
    """A NAV reported by whoever keeps the books."""

    id: int
    vehicle_id: int
    investor_id: int | None
    on: date
    amount: Decimal


@dataclass(slots=True)
class Books:
    """The facts of one vehicle, each kind by day and id."""

    vehicle: VehicleRow
    commitments: list[CommitmentRow] = field(default_factory=list)
    calls: list[CallRow] = field(default_factory=list)
    distributions: list[DistributionRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    navs: list[NavRow] = field(default_factory=list)

    def last_paid_on(self) -> date | None:
        """The day of the last flow between investors and the vehicle."""
        return max(self.paid_days(), default=None)

    def paid_days(self) -> list[date]:
        """The days on which money moved between investors and the vehicle."""
        days = [line.paid_on for line in self.calls] + [line.paid_on for line in self.distributions]
        return [day for day in days if day is not None]

    def nav_days(self) -> list[date]:
        """The days of which a NAV of the whole vehicle was reported."""
        return [nav.on for nav in self.navs if nav.investor_id is None]

    def days(self) -> Iterator[date]:
        """Every day of which a fact is recorded."""
        yield from self.paid_days()
        yield from (row.on for row in self.commitments)
        yield from (line.called_on for line in self.calls)
        yield from (entry.on for entry in self.entries)
        yield from (nav.on for nav in self.navs)

    def concerns(self, investor_id: int) -> bool:
        """Whether anything is recorded for the investor."""
        ids = [row.investor_id for row in self.commitments] + [row.investor_id for row in self.calls]
        ids += [row.investor_id for row in self.distributions]
        return investor_id in ids or any(nav.investor_id == investor_id for nav in self.navs)


def load(
    session: Session,
    actor: Actor,
    *,
    known_at: datetime | None = None,
    fund_ids: Collection[int] | None = None,
    vehicle_ids: Collection[int] | None = None,
) -> dict[int, Books]:
    """Vehicle id → its books, for the funds or vehicles named (None: all the actor may see)."""
    within: list[ColumnElement[bool]] = [theirs(actor, Vehicle)]
    if fund_ids is not None:
        within.append(Vehicle.fund_id.in_(fund_ids))
    if vehicle_ids is not None:
        within.append(Vehicle.id.in_(vehicle_ids))
    rows = session.execute(
        select(Vehicle.id, Vehicle.fund_id, Fund.name, Vehicle.name, Vehicle.books, Vehicle.currency)
        .join(Fund, Fund.id == Vehicle.fund_id)
        .where(*within, Vehicle.archived_at.is_(None))
        .order_by(Vehicle.id)
    )
    books = {row.id: Books(VehicleRow._make(row)) for row in rows}
    _read(session, actor, books, within, known_at)
    return books


def _read(
    session: Session,
    actor: Actor,
    books: dict[int, Books],
    within: Sequence[ColumnElement[bool]],
    known_at: datetime | None,
) -> None:
    commitment, line, back, entry, nav = (
        as_known(model, known_at)
        for model in (Commitment, CapitalCallLine, DistributionLine, VehicleEntry, ReportedNav)
    )
    columns = commitment.c
    for row in _rows(session, actor, commitment, within, columns.investor_id, columns.committed_on, columns.amount):
        books[row[1]].commitments.append(CommitmentRow._make(row))
    call = _header(CapitalCall, known_at)
    columns = line.c
    selected = (
        columns.investor_id, call.c.called_on, columns.paid_on, columns.amount, call.c.kind, columns.outside_commitment,
    )  # fmt: skip
    for row in _rows(session, actor, line, within, *selected, parent=(call, columns.capital_call_id == call.c.id)):
        books[row[1]].calls.append(CallRow._make(row))
    declared = _header(Distribution, known_at)
    columns = back.c
    returned = (columns.investor_id, columns.paid_on, columns.amount, columns.recallable, declared.c.kind)
    for row in _rows(
        session, actor, back, within, *returned, parent=(declared, columns.distribution_id == declared.c.id)
    ):
        books[row[1]].distributions.append(DistributionRow._make(row))
    columns = entry.c
    for row in _rows(session, actor, entry, within, columns.kind, columns.entered_on, columns.amount):
        books[row[1]].entries.append(EntryRow._make(row))
    columns = nav.c
    for row in _rows(session, actor, nav, within, columns.investor_id, columns.reported_on, columns.amount):
        books[row[1]].navs.append(NavRow._make(row))


def _header(model: type[Fact], known_at: datetime | None) -> FromClause:
    return as_known(model, known_at).alias("header")


def _rows(
    session: Session,
    actor: Actor,
    facts: FromClause,
    within: Sequence[ColumnElement[bool]],
    *columns: ColumnElement[Any],
    parent: tuple[FromClause, ColumnElement[bool]] | None = None,
) -> Any:
    query = select(facts.c.id, facts.c.vehicle_id, *columns).join(Vehicle, Vehicle.id == facts.c.vehicle_id)
    if parent is not None:
        query = query.join(parent[0], parent[1])
    if not actor.sees.whole:  # the vehicle's firm is the fact's, its books need not be
        query = query.where(theirs(actor, facts))
    return session.execute(query.where(*within, Vehicle.archived_at.is_(None)).order_by(facts.c.id))
