"""Every change to commitments and vehicle entries; calls and distributions have files of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.models import Commitment, VehicleEntry
from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.core.fields import decimal_text, happened, payable, same_currency
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.funds.service import vehicle_for
from vestry.identity import corrections
from vestry.identity.access import find, require
from vestry.investors.models import Investor


class CommitmentBelowCalled(Conflict):
    """The commitment would be less than what was already called on it."""


def books(
    session: Session, actor: Actor, *, fund_id: int | None, vehicle_id: int | None, currency: str | None
) -> Vehicle:
    """The vehicle named, locked, so that limits hold while this transaction checks them."""
    vehicle = vehicle_for(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, lock=True)
    same_currency(currency, vehicle.currency)
    return vehicle


def not_in_the_future(session: Session, day: date | None, field: str) -> None:
    """Refuse a day after today (UTC), where there is one."""
    if day is not None:
        happened(session, day, field=field)


def record_commitment(
    session: Session,
    actor: Actor,
    *,
    fund_id: int | None,
    vehicle_id: int | None,
    currency: str | None,
    investor_id: int,
    committed_on: date,
    amount: Decimal,
) -> Commitment:
    """What an investor promises; several closings add up."""
    require(actor, "capital.change")
    vehicle = books(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, currency=currency)
    investor = find(session, actor, Investor, investor_id, noun="investor")
    not_in_the_future(session, committed_on, "committed_on")
    commitment = Commitment(
        firm_id=actor.firm_id,
        vehicle_id=vehicle.id,
        investor_id=investor.id,
        committed_on=committed_on,
        amount=payable(amount, vehicle.currency),
    )
    session.add(commitment)
    session.flush()
    return commitment


def change_commitment(
    session: Session, actor: Actor, commitment_id: int, *, version: int | None, committed_on: date, amount: Decimal
) -> Commitment:
    """Supersede a commitment; it cannot fall below what was called."""
    require(actor, "capital.change")
    commitment, vehicle = _commitment(session, actor, commitment_id)
    expect_version(commitment, version)
    not_in_the_future(session, committed_on, "committed_on")
    _refuse_below_called(session, actor, commitment, payable(amount, vehicle.currency))
    commitment.committed_on, commitment.amount = committed_on, amount
    session.flush()
    return commitment


def void_commitment(session: Session, actor: Actor, commitment_id: int, reason: str) -> None:
    """Take a commitment back, unless it was called on."""
    require(actor, "capital.change")
    commitment, _ = _commitment(session, actor, commitment_id)
    _refuse_below_called(session, actor, commitment, Decimal(0))
    corrections.void(session, commitment, reason)


def record_entry(
    session: Session,
    actor: Actor,
    *,
    fund_id: int | None,
    vehicle_id: int | None,
    currency: str | None,
    **values: Any,
) -> VehicleEntry:
    """A fee, an expense, income, or the balance of a liability or of accrued carry."""
    require(actor, "capital.change")
    vehicle = books(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, currency=currency)
    not_in_the_future(session, values["entered_on"], "entered_on")
    payable(values["amount"], vehicle.currency)
    entry = VehicleEntry(firm_id=actor.firm_id, vehicle_id=vehicle.id, **values)
    session.add(entry)
    session.flush()
    return entry


def change_entry(session: Session, actor: Actor, entry_id: int, *, version: int | None, **values: Any) -> VehicleEntry:
    """Supersede an entry."""
    require(actor, "capital.change")
    entry = find(session, actor, VehicleEntry, entry_id, noun="vehicle entry", lock=True)
    expect_version(entry, version)
    not_in_the_future(session, values["entered_on"], "entered_on")
    payable(values["amount"], find(session, actor, Vehicle, entry.vehicle_id, noun="vehicle").currency)
    for name, value in values.items():
        setattr(entry, name, value)
    session.flush()
    return entry


def void_entry(session: Session, actor: Actor, entry_id: int, reason: str) -> None:
    """Take an entry back."""
    require(actor, "capital.change")
    entry = find(session, actor, VehicleEntry, entry_id, noun="vehicle entry", lock=True)
    corrections.void(session, entry, reason)


def _commitment(session: Session, actor: Actor, commitment_id: int) -> tuple[Commitment, Vehicle]:
    commitment = find(session, actor, Commitment, commitment_id, noun="commitment", lock=True)
    return commitment, find(session, actor, Vehicle, commitment.vehicle_id, noun="vehicle", lock=True)


def _refuse_below_called(session: Session, actor: Actor, commitment: Commitment, amount: Decimal) -> None:
    left = queries.unfunded_by_investor(session, actor, commitment.vehicle_id)[commitment.investor_id]
    if left - commitment.amount + amount < 0 and amount < commitment.amount:
        called = commitment.amount - left
        raise CommitmentBelowCalled(
            f"{decimal_text(called, 2)} was already called on this investor's commitments; "
            f"{decimal_text(amount, 2)} would be less.",
            field="amount",
            mend="Void the calls first, or give at least what was called.",
        )
