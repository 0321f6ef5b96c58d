"""Every SELECT about capital, limited to what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from vestry.capital.models import (
    CapitalCall,
    CapitalCallLine,
    Commitment,
    Distribution,
    DistributionLine,
    VehicleEntry,
)
from vestry.core import asking
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.model import Fact
from vestry.core.paging import Column
from vestry.core.types import exact_sum
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs, visible
from vestry.identity.hidden import hiding
from vestry.investors.models import Investor

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the capital activity is asked for."""

    fund_id: int | None = None
    vehicle_id: int | None = None
    investor_id: int | None = None
    since: date | None = None
    until: date | None = None


def _live(query: Query, actor: Actor, model: type[Any], asked: Filters, day: Column) -> Query:
    query = query.join(Vehicle, Vehicle.id == model.vehicle_id).where(theirs(actor, model), model.voided_at.is_(None))
    if asked.fund_id:
        query = query.where(Vehicle.fund_id == asked.fund_id)
    if asked.vehicle_id:
        query = query.where(model.vehicle_id == asked.vehicle_id)
    if asked.since:
        query = query.where(day >= asked.since)
    if asked.until:
        query = query.where(day <= asked.until)
    return query


def commitments(actor: Actor, asked: Filters) -> Query:
    """Commitments with their investor's name."""
    query: Query = select(
        Commitment.id,
        Vehicle.fund_id,
        Commitment.vehicle_id,
        Commitment.investor_id,
        Investor.name.label("investor"),
        Commitment.committed_on,
        Commitment.amount,
        Vehicle.currency,
        Commitment.version,
        Commitment.recorded_at,
    ).join(Investor, Investor.id == Commitment.investor_id)
    if asked.investor_id:
        query = query.where(Commitment.investor_id == asked.investor_id)
    return _live(query, actor, Commitment, asked, Commitment.committed_on)


def list_commitments(actor: Actor, asked: Filters) -> Listing:
    """Commitments, the latest first."""
    sorts = {"committed_on": Commitment.committed_on, "amount": Commitment.amount, "investor": Investor.name_key}
    return Listing(commitments(actor, asked), sorts, Commitment.id, "-committed_on")


def _sums(line: type[CapitalCallLine] | type[DistributionLine]) -> list[Any]:
    paid = case((line.paid_on.is_not(None), line.amount), else_=None)
    paid.type = line.amount.type  # an Exact column stays one inside CASE
    return [
        exact_sum(line.amount).label("amount"),
        exact_sum(paid).label("paid"),
        func.count().label("line_count"),
        func.count(case((line.paid_on.is_(None), 1))).label("unpaid_count"),
    ]


def calls(actor: Actor, asked: Filters) -> Query:
    """Calls with the sums of their lines (of one investor's lines, when asked for)."""
    lines = select(CapitalCallLine.capital_call_id, *_sums(CapitalCallLine)).where(
        theirs(actor, CapitalCallLine), CapitalCallLine.voided_at.is_(None)
    )
    if asked.investor_id:
        lines = lines.where(CapitalCallLine.investor_id == asked.investor_id)
    sums = lines.group_by(CapitalCallLine.capital_call_id).subquery("sums")
    query: Query = select(
        CapitalCall.id,
        Vehicle.fund_id,
        CapitalCall.vehicle_id,
        CapitalCall.kind,
        CapitalCall.called_on,
        CapitalCall.due_on,
        CapitalCall.purpose,
        Vehicle.currency,
        sums.c.amount,
        sums.c.paid,
        sums.c.line_count,
        sums.c.unpaid_count,
        CapitalCall.version,
        CapitalCall.recorded_at,
    ).join(sums, sums.c.capital_call_id == CapitalCall.id)
    return _live(query, actor, CapitalCall, asked, CapitalCall.called_on)


def list_calls(actor: Actor, asked: Filters) -> Listing:
    """Calls, the latest first."""
    sorts = {"called_on": CapitalCall.called_on, "due_on": CapitalCall.due_on, "kind": CapitalCall.kind}
    return Listing(calls(actor, asked), sorts, CapitalCall.id, "-called_on", finish=_none_is_zero)


def get_call(session: Session, actor: Actor, call_id: int) -> dict[str, Any]:
    """One call with its lines."""
    row = one(session, calls(actor, Filters()), CapitalCall, call_id, "capital call")
    lines = _lines(session, actor, CapitalCallLine, "capital_call_id", call_id)
    return {**_none_is_zero(row), **_by_part(lines, "investments", "fees", "expenses"), "lines": lines}


def distributions(actor: Actor, asked: Filters) -> Query:
    """Distributions with the sums of their lines (of one investor's lines, when asked for)."""
    lines = select(
        DistributionLine.distribution_id,
        *_sums(DistributionLine),
        exact_sum(DistributionLine.recallable).label("recallable"),
    ).where(theirs(actor, DistributionLine), DistributionLine.voided_at.is_(None))
    if asked.investor_id:
        lines = lines.where(DistributionLine.investor_id == asked.investor_id)
    sums = lines.group_by(DistributionLine.distribution_id).subquery("sums")
    query: Query = select(
        Distribution.id,
        Vehicle.fund_id,
        Distribution.vehicle_id,
        Distribution.kind,
        Distribution.declared_on,
        Distribution.due_on,
        Distribution.purpose,
        Vehicle.currency,
        sums.c.amount,
        sums.c.paid,
        sums.c.recallable,
        sums.c.line_count,
        sums.c.unpaid_count,
        Distribution.version,
        Distribution.recorded_at,
    ).join(sums, sums.c.distribution_id == Distribution.id)
    return _live(query, actor, Distribution, asked, Distribution.declared_on)


def list_distributions(actor: Actor, asked: Filters) -> Listing:
    """Distributions, the latest first."""
    sorts = {"declared_on": Distribution.declared_on, "due_on": Distribution.due_on, "kind": Distribution.kind}
    return Listing(distributions(actor, asked), sorts, Distribution.id, "-declared_on", finish=_none_is_zero)


def get_distribution(session: Session, actor: Actor, distribution_id: int) -> dict[str, Any]:
    """One distribution with its lines."""
    row = one(session, distributions(actor, Filters()), Distribution, distribution_id, "distribution")
    lines = _lines(session, actor, DistributionLine, "distribution_id", distribution_id)
    return {**_none_is_zero(row), **_by_part(lines, "return_of_capital", "gains", "income"), "lines": lines}


def entries(actor: Actor, asked: Filters, kind: str | None = None) -> Query:
    """Vehicle entries."""
    query: Query = select(
        VehicleEntry.id,
        Vehicle.fund_id,
        VehicleEntry.vehicle_id,
        VehicleEntry.kind,
        VehicleEntry.entered_on,
        VehicleEntry.amount,
        Vehicle.currency,
        VehicleEntry.memo,
        VehicleEntry.version,
        VehicleEntry.recorded_at,
    )
    if kind:
        query = query.where(VehicleEntry.kind == kind)
    return _live(query, actor, VehicleEntry, asked, VehicleEntry.entered_on)


def list_entries(actor: Actor, asked: Filters, kind: str | None) -> Listing:
    """Entries, the latest first."""
    sorts = {"entered_on": VehicleEntry.entered_on, "amount": VehicleEntry.amount, "kind": VehicleEntry.kind}
    finish = hiding(actor, "vehicle_entry")
    return Listing(entries(actor, asked, kind), sorts, VehicleEntry.id, "-entered_on", finish=finish)


def one(session: Session, query: Query, model: type[Fact], fact_id: int, noun: str) -> dict[str, Any]:
    """The one row of a list's query with that id."""
    row = session.execute(query.where(model.id == fact_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(noun)
    return dict(row)


def committed_by_investor(
    session: Session, actor: Actor, vehicle_id: int, *, on: date | None = None
) -> dict[int, Decimal]:
    """Investor → what they have committed to the vehicle, up to a day."""
    rows = visible(actor, Commitment).where(Commitment.vehicle_id == vehicle_id)
    if on:
        rows = rows.where(Commitment.committed_on <= on)
    totals: dict[int, Decimal] = {}
    for row in session.scalars(rows.order_by(Commitment.investor_id)):
        totals[row.investor_id] = totals.get(row.investor_id, Decimal(0)) + row.amount
    return totals


def unfunded_by_investor(session: Session, actor: Actor, vehicle_id: int) -> dict[int, Decimal]:
    """Investor → commitment − called inside it + what was distributed recallable."""
    left = committed_by_investor(session, actor, vehicle_id)
    called = (
        select(CapitalCallLine.investor_id, exact_sum(CapitalCallLine.amount))
        .where(
            theirs(actor, CapitalCallLine),
            CapitalCallLine.voided_at.is_(None),
            CapitalCallLine.vehicle_id == vehicle_id,
            CapitalCallLine.outside_commitment.is_(False),
        )
        .group_by(CapitalCallLine.investor_id)
    )
    for investor_id, amount in session.execute(called):
        left[investor_id] = left.get(investor_id, Decimal(0)) - amount
    recallable = (
        select(DistributionLine.investor_id, exact_sum(DistributionLine.recallable))
        .where(
            theirs(actor, DistributionLine),
            DistributionLine.voided_at.is_(None),
            DistributionLine.vehicle_id == vehicle_id,
        )
        .group_by(DistributionLine.investor_id)
    )
    for investor_id, amount in session.execute(recallable):
        left[investor_id] = left.get(investor_id, Decimal(0)) + amount
    return left


def _lines(session: Session, actor: Actor, model: Any, parent: str, parent_id: int) -> list[dict[str, Any]]:
    shown = ("id", "investor_id", "due_on", "paid_on", "amount", "version")
    split = {
        CapitalCallLine: ("investments", "fees", "expenses", "outside_commitment"),
        DistributionLine: ("return_of_capital", "gains", "income", "recallable"),
    }[model]
    query = (
        select(*(getattr(model, name) for name in (*shown, *split)), Investor.name.label("investor"))
        .join(Investor, Investor.id == model.investor_id)
        .where(theirs(actor, model), getattr(model, parent) == parent_id, model.voided_at.is_(None))
        .order_by(Investor.name_key, model.id)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _by_part(lines: list[dict[str, Any]], *parts: str) -> dict[str, Decimal]:
    return {name: sum((line[name] for line in lines), Decimal("0.0000")) for name in parts}


def _none_is_zero(row: dict[str, Any]) -> dict[str, Any]:
    # SUM over no rows is NULL in SQL; here it is a sum of nothing, which is zero.
    return row | {"paid": row["paid"] if row["paid"] is not None else Decimal("0.0000")}


def last_flow(session: Session, actor: Actor) -> date | None:
    """The last day of a flow; imported plans may reach beyond today."""
    days = [
        session.scalar(select(func.max(model.paid_on)).where(theirs(actor, model), model.voided_at.is_(None)))
        for model in (CapitalCallLine, DistributionLine)
    ]
    return max((day for day in days if day), default=None)


asking.PLANNED_UNTIL.append(last_flow)
