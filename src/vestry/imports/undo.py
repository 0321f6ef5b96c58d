"""Undoing an import: its facts are voided, the master data it made goes where nobody else uses it.

Refused, by name, where later records build on its facts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from vestry.batches.models import ImportBatch
from vestry.capital import queries as capital
from vestry.capital.models import (
    CapitalCall,
    CapitalCallLine,
    Commitment,
    Distribution,
    DistributionLine,
    VehicleEntry,
)
from vestry.companies.models import Company, Round, Security
from vestry.core import changes
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault
from vestry.core.four_eyes import waits_for_approval
from vestry.core.history import supersede_where
from vestry.core.model import Fact, Kept
from vestry.core.references import IDS_AT_ONCE, in_use
from vestry.funds.models import Fund, FundTerms, Vehicle
from vestry.identity.access import find, require
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.positions import entries, scope
from vestry.investments.walk import check as walk_through
from vestry.investors.models import Investor
from vestry.valuations.models import ReportedNav, ValuationMark

# Children before their parents.
FACTS: tuple[type[Fact], ...] = (
    ReportedNav,
    VehicleEntry,
    ValuationMark,
    DistributionLine,
    Distribution,
    CapitalCallLine,
    CapitalCall,
    Commitment,
    Transaction,
    Round,
    FundTerms,
)
MASTERS: tuple[tuple[type[Kept], tuple[str, ...]], ...] = (
    (Holding, ("holding_id", "into_holding_id")),
    (Investment, ("investment_id",)),
    (Security, ("security_id",)),
    (Company, ("company_id",)),
    (Investor, ("investor_id",)),
)


class ImportNotCommitted(Conflict):
    """Only what was committed, and not undone since, can be undone."""


class LaterRecordsDepend(Conflict):
    """Records made after the import would contradict themselves without it."""


@waits_for_approval("undo_import", "capital_call", "distribution", "mark")
def undo(session: Session, actor: Actor, batch_id: int) -> ImportBatch:
    """Take everything a committed import brought in out of the books again; what was known before stays known."""
    require(actor, "import.change")
    batch = find(session, actor, ImportBatch, batch_id, noun="import", lock=True)
    if batch.status != "committed":
        raise ImportNotCommitted(f"The import is {batch.status}.", mend="Only a committed import can be undone.")
    vehicles = _touched(session, batch_id, CapitalCallLine, DistributionLine, Commitment)
    holdings = _touched_holdings(session, batch_id)
    short_before = _short(session, actor, vehicles)
    voided = {"voided_at": session.info["now"], "void_reason": f"Undone: import {batch_id}, {batch.filename}"}
    for model in FACTS:
        supersede_where(session, model, and_(_of(model).batch_id == batch_id, _of(model).voided_at.is_(None)), voided)
    _refuse_orphans(session, batch_id)
    _refuse_short(session, actor, vehicles, short_before)
    _refuse_impossible(session, actor, holdings)
    kept = _archive(session, batch_id)
    batch.status = "undone"
    batch.undone_at = session.info["now"]
    if kept:
        batch.receipt = batch.receipt | {"kept_in_use": kept}
    session.flush()
    return batch


def _of(model: type[Any]) -> Any:
    return model.__table__.c


def _touched(session: Session, batch_id: int, *models: type[Fact]) -> list[int]:
    found: set[int] = set()
    for model in models:
        found.update(session.scalars(select(_of(model).vehicle_id).where(_of(model).batch_id == batch_id).distinct()))
    return sorted(found)


def _touched_holdings(session: Session, batch_id: int) -> list[int]:
    columns = _of(Transaction)
    return list(session.scalars(select(columns.holding_id).where(columns.batch_id == batch_id).distinct()))


def _short(session: Session, actor: Actor, vehicles: list[int]) -> set[tuple[int, int]]:
    """(vehicle, investor) called beyond a commitment that is recorded."""
    short: set[tuple[int, int]] = set()
    for vehicle in vehicles:
        committed = capital.committed_by_investor(session, actor, vehicle)
        if committed:
            left = capital.unfunded_by_investor(session, actor, vehicle)
            short.update((vehicle, investor) for investor in left if left[investor] < 0)
    return short


def _refuse_short(session: Session, actor: Actor, vehicles: list[int], before: set[tuple[int, int]]) -> None:
    worse = _short(session, actor, vehicles) - before
    remaining = [place for place in sorted(worse) if _still_called(session, *place)]
    if remaining:
        raise LaterRecordsDepend(
            f"Without this import {len(remaining)} investors would have been called beyond their commitments.",
            mend="Void the later calls first.",
            faults=[
                Fault(f"vehicle {vehicle}", f"investor {investor} has later calls") for vehicle, investor in remaining
            ],
        )


def _still_called(session: Session, vehicle_id: int, investor_id: int) -> bool:
    line = _of(CapitalCallLine)
    query = select(line.id).where(
        line.vehicle_id == vehicle_id, line.investor_id == investor_id, line.voided_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def _refuse_orphans(session: Session, batch_id: int) -> None:
    """A live line whose call or distribution came with the import."""
    for line, parent, key in (
        (CapitalCallLine, CapitalCall, "capital_call_id"),
        (DistributionLine, Distribution, "distribution_id"),
    ):
        query = (
            select(_of(line).id)
            .join(_of(parent).id.table, _of(parent).id == _of(line)[key])
            .where(_of(parent).batch_id == batch_id, _of(line).voided_at.is_(None))
        )
        found = list(session.scalars(query.limit(10)))
        if found:
            raise LaterRecordsDepend(
                f"Lines were added later to what this import brought in: {', '.join(map(str, found))}.",
                mend="Void them first.",
            )


def _refuse_impossible(session: Session, actor: Actor, holdings: list[int]) -> None:
    """What is left of the touched investments must still make sense, each on its own."""
    for start in range(0, len(holdings), 500):
        part = holdings[start : start + 500]
        found = entries(session, scope(actor, holding_id=part), as_of=None)
        try:
            walk_through(found)
        except Conflict as error:
            raise LaterRecordsDepend(
                f"Later transactions build on this import: {error.message}",
                mend="Void the later transactions first.",
            ) from None


def _archive(session: Session, batch_id: int) -> int:
    """Archive the master data of the batch, from the leaves up; returns how many stay because others use them."""
    kept = 0
    for model, columns in MASTERS:
        ids = _made(session, model, batch_id)
        used = set[int]().union(*(in_use(session, column, ids) for column in columns))
        _put_away(session, model, [one for one in ids if one not in used])
        kept += len(used)
    return kept + _archive_funds(session, batch_id)


def _archive_funds(session: Session, batch_id: int) -> int:
    """A fund and its main vehicle go together or stay together."""
    funds, vehicles = _made(session, Fund, batch_id), _made(session, Vehicle, batch_id)
    used_vehicles = in_use(session, "vehicle_id", vehicles)
    columns = _of(Vehicle)
    live = {
        row.id: row.fund_id
        for row in session.execute(select(columns.id, columns.fund_id).where(columns.archived_at.is_(None)))
    }
    staying = {fund for vehicle, fund in live.items() if vehicle in used_vehicles or vehicle not in set(vehicles)}
    staying |= in_use(session, "fund_id", funds, but=["vehicle"])
    gone = [one for one in vehicles if one not in used_vehicles and live[one] not in staying]
    changes.tell(session, "vehicle_id", gone)
    _put_away(session, Vehicle, gone)
    _put_away(session, Fund, [one for one in funds if one not in staying])
    return len(staying & set(funds))


def _made(session: Session, model: type[Kept], batch_id: int) -> list[int]:
    columns = _of(model)
    return list(session.scalars(select(columns.id).where(columns.batch_id == batch_id, columns.archived_at.is_(None))))


def _put_away(session: Session, model: type[Kept], ids: list[int]) -> None:
    columns, now = _of(model), session.info["now"]
    for start in range(0, len(ids), IDS_AT_ONCE):
        session.execute(
            update(columns.id.table)
            .where(columns.id.in_(ids[start : start + IDS_AT_ONCE]))
            .values(archived_at=now, updated_at=now, version=columns.version + 1),
            execution_options={changes.TOLD: True},
        )
    session.expire_all()
