"""What single facts add to a fund's tally, so that recording one does not count the thousands beside it.

The session notes each fact of capital that a flush writes: the version that comes, and the one that goes. Before the
commit they are added to the tally that is kept. Where a fact does more than add (openings, balances, a header's day, a
day still to come that is taken away), there is no short way, and the fund is counted again: what is kept is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from vestry.capital.models import (
    ENTRY_SIGN,
    CapitalCall,
    CapitalCallLine,
    Commitment,
    Distribution,
    DistributionLine,
    VehicleEntry,
)
from vestry.core import changes
from vestry.core.actor import Actor
from vestry.core.model import Base, Fact
from vestry.core.types import exact_sum
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs
from vestry.performance import deals as dealing
from vestry.performance.deals import Scope
from vestry.performance.figures import gross
from vestry.performance.tallies import Tally, of_deals, repacked, units
from vestry.valuations.models import ReportedNav

# Fact → the columns that say what it adds.
READ: Final[dict[type[Base], tuple[str, ...]]] = {
    Commitment: ("vehicle_id", "committed_on", "amount", "voided_at"),
    CapitalCallLine: ("vehicle_id", "capital_call_id", "paid_on", "amount", "outside_commitment", "voided_at"),
    DistributionLine: ("vehicle_id", "distribution_id", "paid_on", "amount", "recallable", "voided_at"),
    VehicleEntry: ("vehicle_id", "kind", "entered_on", "amount", "voided_at"),
    ReportedNav: ("vehicle_id", "investor_id", "reported_on", "amount", "voided_at"),
}
# Header of lines → what in it says how its lines count.
HEADERS: Final[dict[type[Base], tuple[str, ...]]] = {
    CapitalCall: ("vehicle_id", "called_on", "kind", "voided_at"),
    Distribution: ("vehicle_id", "kind", "voided_at"),
}
STEPS_MAX = 5_000  # more than that are counted as quickly as added
_NOTED = "tally_steps"


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a fact that came (``sign`` 1) or went (−1)."""

    model: type[Base]
    sign: int
    values: Mapping[str, Any]


def note(session: Session, thing: object, *, new: bool) -> bool:
    """Note what the flush of a fact adds and takes away; False where only counting again tells."""
    model: Any = type(thing)
    if model in HEADERS:
        return new or not any(inspect(thing).attrs[name].history.has_changes() for name in HEADERS[model])
    if model not in READ:
        return False
    values = {name: getattr(thing, name) for name in READ[model]}
    before = None if new else _before(thing, values)
    steps = session.info.setdefault(_NOTED, [])
    if (before is None and not new) or len(steps) >= STEPS_MAX:
        return False
    if before != values:
        gone = [Step(model, -1, before)] if before is not None and before["voided_at"] is None else []
        steps += gone + ([Step(model, 1, values)] if values["voided_at"] is None else [])
    return True


def _before(thing: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The columns as they were before this flush; None where one was changed without having been read."""
    before = dict(values)
    for name in values:
        history = inspect(thing).attrs[name].history
        if history.has_changes():
            if not history.deleted:
                return None
            before[name] = history.deleted[0]
    return before


def taken(session: Session) -> dict[int, list[Step]]:
    """Vehicle id → its steps noted since they were last taken."""
    found: dict[int, list[Step]] = {}
    for step in session.info.pop(_NOTED, ()):
        found.setdefault(step.values["vehicle_id"], []).append(step)
    return found


def spoil(session: Session) -> None:
    """A savepoint was rolled back, and with it an unknown part of the steps: count all they are about again."""
    changes.tell(session, "vehicle_id", taken(session))


def advanced(session: Session, actor: Actor, tally: Tally, today: date, steps: Sequence[Step]) -> Tally | None:
    """A fund's tally with the steps added, as of today; None where only counting again tells."""
    if not tally.answers(today):
        return None
    query = select(Vehicle.id, Vehicle.books).where(theirs(actor, Vehicle), Vehicle.fund_id == tally.id)
    books: dict[int, str] = dict(session.execute(query.where(Vehicle.archived_at.is_(None))).all())
    sums = _Sums(session, today, books, tally.next_on)
    if not all(step.values["vehicle_id"] in books and _ADD[step.model](sums, step) for step in steps):
        return None
    if sums.cash:
        if tally.nav is None:
            return None
        sums.flow(0, sums.cash)
        sums.columns |= {"nav": sums.cash, "cash": sums.cash}
    changed: dict[str, Any] = {
        name: value + sums.columns[name]
        for name in sums.columns
        if (value := getattr(tally, name)) is not None  # cash is unknown where a vehicle's books are kept elsewhere
    }
    if sums.rolled:
        if len(books) > 1:
            return None
        changed |= _reported(session, actor, tally, today, sums)
    if sums.flows:
        changed["net_flows"] = repacked(tally.net_flows, sums.flows)
    after = tally._replace(counted_on=today, next_on=sums.next_on, **changed)
    return after if after.fits() else None


def with_deals(session: Session, actor: Actor, tally: Tally, today: date) -> Tally | None:
    """A fund's tally with its deals counted again and its capital left as it is; None where that is no short way: books
    kept in both places, something still to come, a value that is or was unknown."""
    query = select(Vehicle.books, Vehicle.archived_at).where(theirs(actor, Vehicle), Vehicle.fund_id == tally.id)
    kept = {("archived" if archived_at else books) for books, archived_at in session.execute(query)}
    if not tally.answers(today) or tally.next_on is not None or len(kept) != 1 or "archived" in kept:
        return None
    part = dealing.load(session, actor, Scope(fund_id=[tally.id]), [today], known_at=None).all(today)
    changed = of_deals(gross(part, today, rate=False))
    if kept == {"here"}:
        before = (tally.nav, tally.cash, tally.fair_value, tally.held_value)
        if None in before or changed["held_value"] is None:
            return None
        nav, cash, fair_value, held = (amount or 0 for amount in before)
        more = changed["held_value"] - held
        paid = changed["realised"] - changed["invested"] - (tally.realised - tally.invested)
        changed |= {"nav": nav + more + paid, "cash": cash + paid, "fair_value": fair_value + more}
        changed["net_flows"] = repacked(tally.net_flows, {0: more + paid})
    later = [entry.transacted_on for entry in part.entries if entry.transacted_on > today]
    after = tally._replace(counted_on=today, next_on=min(later, default=None), **changed)
    return after if after.fits() else None


@dataclass(slots=True)
class _Sums:
    """What steps come to. ``cash`` is that of books kept here; ``rolled`` says that a reported NAV may have moved."""

    session: Session
    today: date
    books: Mapping[int, str]
    next_on: date | None
    columns: dict[str, int] = field(default_factory=dict)
    flows: dict[int, int] = field(default_factory=dict)
    cash: int = 0
    rolled: bool = False

    def add(self, column: str, amount: int) -> None:
        """Add to a column."""
        self.columns[column] = self.columns.get(column, 0) + amount

    def flow(self, day: int, amount: int) -> None:
        """Add to the flows of a day."""
        self.flows[day] = self.flows.get(day, 0) + amount

    def later(self, on: date, sign: int) -> bool:
        """A day still to come: the next one that is recorded, perhaps. One that went may have been that."""
        self.next_on = on if self.next_on is None else min(self.next_on, on)
        return sign > 0

    def header(self, model: type[Fact], step: Step, name: str) -> Any:
        """The header of a line: if it had changed, the fund would be counted again."""
        return self.session.get(model, step.values[name])


def _commitment(sums: _Sums, step: Step) -> bool:
    on = step.values["committed_on"]
    if on > sums.today:
        return sums.later(on, step.sign)
    sums.add("committed", step.sign * units(Decimal(step.values["amount"])))
    return True


def _call_line(sums: _Sums, step: Step) -> bool:
    call = sums.header(CapitalCall, step, "capital_call_id")
    if call is None or call.kind == "opening":
        return False
    amount = step.sign * units(Decimal(step.values["amount"]))
    if call.called_on <= sums.today:
        sums.add("called", amount)
        sums.add("called_inside", 0 if step.values["outside_commitment"] else amount)
    elif not sums.later(call.called_on, step.sign):
        return False
    return _paid(sums, step, "paid_in", amount, -1)


def _distribution_line(sums: _Sums, step: Step) -> bool:
    distribution = sums.header(Distribution, step, "distribution_id")
    if distribution is None or distribution.kind == "opening":
        return False
    paid_on = step.values["paid_on"]
    if paid_on is not None and paid_on <= sums.today:
        sums.add("recallable", step.sign * units(Decimal(step.values["recallable"])))
    return _paid(sums, step, "distributed", step.sign * units(Decimal(step.values["amount"])), 1)


def _paid(sums: _Sums, step: Step, column: str, amount: int, direction: int) -> bool:
    """Money between investors and the vehicle: ``direction`` is the owner's."""
    paid_on, books = step.values["paid_on"], sums.books[step.values["vehicle_id"]]
    if paid_on is None:
        return True
    if paid_on > sums.today:  # a plan kept elsewhere is counted to its end
        return books == "here" and sums.later(paid_on, step.sign)
    sums.add(column, amount)
    sums.flow(paid_on.toordinal(), direction * amount)
    if books == "here":
        sums.cash -= direction * amount
    else:
        sums.rolled = True
    return True


def _entry(sums: _Sums, step: Step) -> bool:
    values = step.values
    if values["kind"] not in ENTRY_SIGN:
        return False
    if values["entered_on"] > sums.today:
        return sums.later(values["entered_on"], step.sign)
    if sums.books[values["vehicle_id"]] == "here":
        sums.cash += step.sign * ENTRY_SIGN[values["kind"]] * units(Decimal(values["amount"]))
    return True


def _nav(sums: _Sums, step: Step) -> bool:
    values = step.values
    if values["reported_on"] > sums.today:
        return sums.later(values["reported_on"], step.sign)
    sums.rolled = sums.rolled or sums.books[values["vehicle_id"]] != "here"
    return True


_ADD: Final[dict[type[Base], Callable[[_Sums, Step], bool]]] = {
    Commitment: _commitment,
    CapitalCallLine: _call_line,
    DistributionLine: _distribution_line,
    VehicleEntry: _entry,
    ReportedNav: _nav,
}


def _reported(session: Session, actor: Actor, tally: Tally, today: date, sums: _Sums) -> dict[str, Any]:
    """The columns of the NAV of a fund whose one vehicle is kept elsewhere; its terminal flow moves with it."""
    (vehicle_id,) = sums.books
    table: Any = ReportedNav.__table__
    reported = (theirs(actor, table), table.c.vehicle_id == vehicle_id, table.c.voided_at.is_(None))
    query = select(table.c.reported_on, table.c.amount).where(*reported, table.c.reported_on <= today)
    of_whole = query.where(table.c.investor_id.is_(None)).order_by(table.c.reported_on.desc(), table.c.id.desc())
    latest = session.execute(of_whole.limit(1)).first()
    if tally.nav is not None and tally.valued_on is not None:
        sums.flow(tally.valued_on.toordinal(), -tally.nav)
    if latest is None:
        known = _flows(session, actor, vehicle_id, date.min, today)[0] or session.execute(query.limit(1)).first()
        reason = "no_nav_reported" if known else "nothing_recorded"
        return {"nav": None, "nav_basis": "none", "nav_reason": reason, "valued_on": None}
    last_on, moved = _flows(session, actor, vehicle_id, latest[0], today)
    nav = units(latest[1] + moved)
    sums.flow((last_on or latest[0]).toordinal(), nav)
    return {
        "nav": nav,
        "nav_basis": "rolled_forward" if last_on else "reported",
        "nav_reason": None,
        "valued_on": last_on or latest[0],
    }


def _flows(session: Session, actor: Actor, vehicle_id: int, after: date, until: date) -> tuple[date | None, Decimal]:
    """The last day after one day and up to another on which money moved, and what went in, net."""
    last: list[date] = []
    net = Decimal(0)
    for model, sign in ((CapitalCallLine, 1), (DistributionLine, -1)):
        table: Any = model.__table__
        query = select(func.max(table.c.paid_on), exact_sum(table.c.amount)).where(
            theirs(actor, table),
            table.c.vehicle_id == vehicle_id,
            table.c.voided_at.is_(None),
            table.c.paid_on > after,
            table.c.paid_on <= until,
        )
        day, amount = session.execute(query).one()
        if day is not None:
            last.append(day)
            net += sign * amount
    return max(last, default=None), net
