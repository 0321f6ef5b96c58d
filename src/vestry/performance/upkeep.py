"""Keeps every fund's tally in step with its facts, inside the transaction that changes them.

The session notes which facts a flush writes; before the commit the funds they belong to are locked, and what a single
fact adds is added (:mod:`vestry.performance.increments`), or the fund is counted again from its facts. Rows written
past the ORM are told of (:mod:`vestry.core.changes`); a statement that changes facts without telling takes the firm's
tallies away, and what has no tally is computed from its facts. So a tally that is
there is right, and one that is missing costs time, never truth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, event, insert, select, update
from sqlalchemy.orm import ORMExecuteState, Session

from vestry.capital.models import CapitalCall, CapitalCallLine, Commitment, Distribution, DistributionLine, VehicleEntry
from vestry.core import changes, clock
from vestry.core.actor import Actor
from vestry.core.db import LedgerSession
from vestry.core.model import Base, table_of
from vestry.funds.models import Fund, FundTerms, Vehicle
from vestry.identity.access import theirs, whole_firm
from vestry.investments.models import Holding, Investment, Transaction
from vestry.performance import increments, tallies
from vestry.performance.counting import Counted, count
from vestry.performance.cuts import Cut
from vestry.performance.increments import Step
from vestry.performance.models import FundTally
from vestry.performance.tallies import Tally
from vestry.valuations.models import ReportedNav, ValuationMark

# What a tally is made of → the columns that lead to its fund.
SOURCES: dict[type[Base], tuple[str, ...]] = {
    Vehicle: ("fund_id",),
    FundTerms: ("fund_id",),
    Commitment: ("vehicle_id",),
    CapitalCall: ("vehicle_id",),
    CapitalCallLine: ("vehicle_id",),
    Distribution: ("vehicle_id",),
    DistributionLine: ("vehicle_id",),
    VehicleEntry: ("vehicle_id",),
    ReportedNav: ("vehicle_id",),
    Transaction: ("holding_id",),
    ValuationMark: ("holding_id", "company_id"),
}
_TABLES = {model.__table__ for model in SOURCES}
_ALL = "tallies_to_forget"
IDS_AT_ONCE = 10_000


def refresh(session: Session, actor: Actor, fund_ids: Collection[int]) -> None:
    """Count these funds again; other writers of them wait, so that nobody counts without the other's facts."""
    for part in _parts(fund_ids):
        _locked(session, part)
        session.execute(delete(FundTally).where(FundTally.id.in_(part), theirs(actor, FundTally)))
        rows = [_row(actor, one) for one in _counted(session, actor, part)]
        if rows:
            session.execute(insert(FundTally.__table__), rows)  # type: ignore[arg-type]


def refresh_missing(session: Session, actor: Actor) -> int:
    """Count the funds that have no tally, as after a large import; returns how many there were."""
    query = (
        select(Fund.id)
        .outerjoin(FundTally, FundTally.id == Fund.id)
        .where(theirs(actor, Fund), Fund.archived_at.is_(None), FundTally.id.is_(None))
    )
    missing = list(session.scalars(query))
    refresh(session, actor, missing)
    return len(missing)


def forget(session: Session, actor: Actor, fund_ids: Collection[int] | None = None) -> None:
    """Take the tallies of some funds (None: all) away; they are computed from their facts until counted again."""
    for part in _parts(fund_ids) if fund_ids is not None else [None]:
        own = theirs(actor, FundTally)
        session.execute(delete(FundTally).where(own if part is None else and_(own, FundTally.id.in_(part))))


def verify(session: Session, actor: Actor) -> list[str]:
    """Count every fund that has a tally again, and say which tallies differ from their facts; empty = all are right."""
    kept = read(session, actor, None)
    today = clock.today(session)
    wrong = []
    answering = sorted(key for key, one in kept.items() if one.answers(today))
    for one in count(session, actor, answering, Cut(today, None, open=True), rate=False):
        tally = kept[one.fund_id]
        again = _tally(one)._replace(counted_on=tally.counted_on)
        if again != tally:
            names = [name for name in Tally._fields if getattr(again, name) != getattr(tally, name)]
            wrong.append(f"fund {one.fund_id}: the tally's {', '.join(names)} differ from the facts")
    return wrong


def read(session: Session, actor: Actor, fund_ids: Collection[int] | None) -> dict[int, Tally]:
    """Fund id → its tally, for the funds named or all of the firm."""
    table = table_of(FundTally)
    query = select(*(table.c[name] for name in Tally._fields)).where(theirs(actor, table))
    if fund_ids is not None:
        query = query.where(table.c.id.in_(fund_ids))
    return {row[0]: Tally._make(row) for row in session.execute(query)}


def _counted(session: Session, actor: Actor, fund_ids: Sequence[int]) -> Iterable[Tally]:
    today = clock.today(session)
    counted = (
        one for one in count(session, actor, fund_ids, Cut(today, None, open=True), rate=False) if one.as_of == today
    )
    return (tally for one in counted if (tally := _tally(one)).fits())


def _tally(one: Counted) -> Tally:
    return tallies.tally(one.fund_id, one.as_of, one.next_on, one.net, one.gross)


def _row(actor: Actor, one: Tally) -> dict[str, Any]:
    return {"firm_id": actor.firm_id, **one._asdict()}


def _note(session: Session, _: object) -> None:
    for thing, new in (*((one, True) for one in session.new), *((one, False) for one in session.dirty)):
        if type(thing) not in SOURCES or increments.note(session, thing, new=new):
            continue
        for column in SOURCES[type(thing)]:
            key = getattr(thing, column)
            if key is not None:
                changes.tell(session, column, [key])


def _rolled_back(session: Session, _: object) -> None:
    increments.spoil(session)


def _watch(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete) or state.execution_options.get(changes.TOLD):
        return
    if getattr(state.statement, "table", None) in _TABLES:
        state.session.info[_ALL] = True


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    steps = increments.taken(session)
    now, later = changes.taken(session)
    actor: Actor = session.info["actor"]
    with whole_firm(session, actor) as firm:  # a tally is of everything, whoever changed a part of it
        if session.info.pop(_ALL, False):
            forget(session, firm)
        capital = {name: now[name] for name in ("fund_id", "vehicle_id") if name in now}
        deals = {name: now[name] for name in ("holding_id", "company_id") if name in now}
        again, gone = _funds(session, firm, capital), _funds(session, firm, later)
        again |= _advance(session, firm, steps, _funds(session, firm, deals), again | gone)
        if again:
            refresh(session, firm, again)
        if gone:
            forget(session, firm, gone)


def _advance(
    session: Session, actor: Actor, steps: Mapping[int, list[Step]], deals: Collection[int], done: Collection[int]
) -> set[int]:
    """Add single facts to the tallies of their funds, and count only the deals of those where nothing but ``deals``
    changed; returns the funds that must be counted again instead."""
    by_fund: dict[int, list[Step]] = {}
    for part in _parts(steps):
        query = select(Vehicle.id, Vehicle.fund_id).where(theirs(actor, Vehicle), Vehicle.id.in_(part))
        for vehicle_id, fund_id in session.execute(query):
            by_fund.setdefault(fund_id, []).extend(steps[vehicle_id])
    left = (by_fund.keys() | set(deals)) - set(done)
    if not left:
        return left
    for part in _parts(left | set(done)):  # in one order: those who take them in turn could wait for each other
        _locked(session, part)
    today, table = clock.today(session), FundTally.__table__
    for part in _parts(left):
        for fund_id, kept in read(session, actor, part).items():
            if fund_id not in by_fund:
                after = increments.with_deals(session, actor, kept, today)
            else:
                after = None if fund_id in deals else increments.advanced(session, actor, kept, today, by_fund[fund_id])
            if after is not None:
                own = (table.c.id == fund_id, theirs(actor, FundTally))
                session.execute(update(FundTally).where(*own).values(after._asdict()))
                left.discard(fund_id)
    return left


def _locked(session: Session, fund_ids: Collection[int]) -> None:
    session.execute(
        select(Fund.id).where(Fund.id.in_(fund_ids)).order_by(Fund.id).with_for_update(key_share=True)
    ).all()


def _funds(session: Session, actor: Actor, noted: Mapping[str, Collection[int]]) -> set[int]:
    """The funds that the noted funds, vehicles, holdings and companies lead to."""
    found = set(noted.get("fund_id", ()))
    query = select(Vehicle.fund_id).where(theirs(actor, Vehicle)).distinct()
    deals = query.join(Investment, Investment.vehicle_id == Vehicle.id)
    ways: dict[str, tuple[Any, ColumnElement[Any]]] = {
        "vehicle_id": (query, Vehicle.id),  # type: ignore[dict-item]
        "company_id": (deals, Investment.company_id),  # type: ignore[dict-item]
        "holding_id": (deals.join(Holding, Holding.investment_id == Investment.id), Holding.id),  # type: ignore[dict-item]
    }
    for column, (way, key) in ways.items():
        for part in _parts(noted.get(column, ())):
            found.update(session.scalars(way.where(key.in_(part))))
    return found


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), IDS_AT_ONCE):
        yield ordered[start : start + IDS_AT_ONCE]


event.listen(LedgerSession, "after_flush", _note)
event.listen(LedgerSession, "do_orm_execute", _watch)
event.listen(LedgerSession, "after_soft_rollback", _rolled_back)
event.listen(LedgerSession, "before_commit", _before_commit)
