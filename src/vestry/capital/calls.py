"""Issuing, paying, correcting and voiding capital calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.lines import InLines
from vestry.capital.models import CapitalCall, CapitalCallLine
from vestry.capital.service import books
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault
from vestry.core.fields import decimal_text
from vestry.core.four_eyes import waits_for_approval
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.identity.access import require

CALLS = InLines(
    CapitalCall,
    CapitalCallLine,
    key="capital_call_id",
    noun="capital call",
    day="called_on",
    parts=("investments", "fees", "expenses"),
    header=("kind", "called_on", "due_on", "purpose"),
)


class CallExceedsUnfunded(Conflict):
    """More is called than an investor has left to pay."""


@waits_for_approval("issue_capital_call", "capital_call")
def issue_call(
    session: Session,
    actor: Actor,
    *,
    fund_id: int | None,
    vehicle_id: int | None,
    currency: str | None,
    **body: Any,
) -> CapitalCall:
    """Ask the investors for money; the lines sum to the call to the last cent."""
    require(actor, "capital.change")
    vehicle = books(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, currency=currency)
    lines = _wanted(session, actor, vehicle, body)
    call = CALLS.make(session, actor, vehicle, body, lines)
    _refuse_over_unfunded(session, actor, vehicle, lines)
    return call


@waits_for_approval("change_capital_call", "capital_call")
def change_call(session: Session, actor: Actor, call_id: int, *, version: int | None, **body: Any) -> CapitalCall:
    """Supersede a call and its lines; lines that are no longer wanted are voided."""
    require(actor, "capital.change")
    call, vehicle = CALLS.locked(session, actor, call_id)
    expect_version(call, version)
    lines = _wanted(session, actor, vehicle, body)
    CALLS.supersede(session, actor, call, body, lines)
    _refuse_over_unfunded(session, actor, vehicle, lines)
    return call


@waits_for_approval("receive_capital_call", "payment")
def receive(
    session: Session, actor: Actor, call_id: int, *, paid_on: date | None, investor_ids: Iterable[int] | None
) -> None:
    """Record when lines were paid, or take that back."""
    require(actor, "capital.change")
    CALLS.pay(session, actor, call_id, paid_on, investor_ids)


@waits_for_approval("void_capital_call", "capital_call")
def void_call(session: Session, actor: Actor, call_id: int, reason: str) -> None:
    """Take a call back with all its lines."""
    require(actor, "capital.change")
    CALLS.void(session, actor, call_id, reason)


def _wanted(session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any]) -> list[dict[str, Any]]:
    lines = CALLS.wanted(session, actor, vehicle, body)
    return [{"outside_commitment": False} | line for line in lines]


def _refuse_over_unfunded(session: Session, actor: Actor, vehicle: Vehicle, lines: list[dict[str, Any]]) -> None:
    left = queries.unfunded_by_investor(session, actor, vehicle.id)
    over = [
        (position, line, left.get(line["investor_id"], Decimal(0)))
        for position, line in enumerate(lines)
        if line["amount"] > 0 and not line["outside_commitment"] and left.get(line["investor_id"], Decimal(0)) < 0
    ]
    if over:
        raise CallExceedsUnfunded(
            f"{len(over)} of {len(lines)} investors would be called beyond their unfunded commitment.",
            mend="Call less, record the missing commitments, or mark the lines outside_commitment.",
            faults=[
                Fault(
                    f"lines.{position}.amount",
                    f"investor {line['investor_id']}: {decimal_text(line['amount'], 2)} called, "
                    f"{decimal_text(line['amount'] + short, 2)} unfunded",
                    "exceeds_unfunded",
                )
                for position, line, short in over
            ],
        )
