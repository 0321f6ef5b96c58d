"""Issuing, paying, correcting and voiding capital calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.lines import check_lines, merge_lines, set_paid, split
from vestry.capital.models import CapitalCall, CapitalCallLine
from vestry.capital.service import books, not_in_the_future
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault
from vestry.core.fields import decimal_text
from vestry.core.model import Fact
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.identity import corrections
from vestry.identity.access import find, require, visible

PARTS = ("investments", "fees", "expenses")


class CallExceedsUnfunded(Conflict):
    """More is called than an investor has left to pay."""


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
    lines = _wanted_lines(session, actor, vehicle, body)
    call = CapitalCall(firm_id=actor.firm_id, vehicle_id=vehicle.id, **_header(body))
    session.add(call)
    session.flush()
    for line in lines:
        session.add(_new_line(actor, call, line, body["due_on"]))
    session.flush()
    _refuse_over_unfunded(session, actor, vehicle, lines)
    return call


def change_call(session: Session, actor: Actor, call_id: int, *, version: int | None, **body: Any) -> CapitalCall:
    """Supersede a call and its lines; lines that are no longer wanted are voided."""
    require(actor, "capital.change")
    call, vehicle = _call(session, actor, call_id)
    expect_version(call, version)
    lines = _wanted_lines(session, actor, vehicle, body)
    for name, value in _header(body).items():
        setattr(call, name, value)
    for line in merge_lines(session, _lines(session, actor, call_id), lines, body["due_on"]):
        session.add(_new_line(actor, call, line, body["due_on"]))
    session.flush()
    _refuse_over_unfunded(session, actor, vehicle, lines)
    return call


def receive(
    session: Session, actor: Actor, call_id: int, *, paid_on: date | None, investor_ids: Iterable[int] | None
) -> None:
    """Record when lines were paid, or take that back."""
    require(actor, "capital.change")
    _call(session, actor, call_id)
    not_in_the_future(paid_on, "paid_on")
    set_paid(_lines(session, actor, call_id), paid_on, investor_ids, noun="line of this call")
    session.flush()


def void_call(session: Session, actor: Actor, call_id: int, reason: str) -> None:
    """Take a call back with all its lines."""
    require(actor, "capital.change")
    call, _ = _call(session, actor, call_id)
    facts: list[Fact] = [*_lines(session, actor, call_id), call]
    for fact in facts:
        corrections.void(session, fact, reason)


def _wanted_lines(session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any]) -> list[dict[str, Any]]:
    not_in_the_future(body["paid_on"], "paid_on")
    if body["lines"] is None:
        lines = split(session, actor, vehicle, {name: body[name] for name in PARTS}, on=body["called_on"])
        lines = [line | {"outside_commitment": False, "paid_on": None} for line in lines]
    else:
        lines = body["lines"]
        check_lines(session, actor, vehicle, lines, PARTS)
    return [
        line
        | {
            "amount": sum((line[name] for name in PARTS), Decimal(0)),
            "paid_on": line["paid_on"] or body["paid_on"],
        }
        for line in lines
    ]


def _header(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("kind", "called_on", "due_on", "purpose")}


def _new_line(actor: Actor, call: CapitalCall, line: dict[str, Any], due_on: date) -> CapitalCallLine:
    return CapitalCallLine(
        firm_id=actor.firm_id, capital_call_id=call.id, vehicle_id=call.vehicle_id, due_on=due_on, **line
    )


def _call(session: Session, actor: Actor, call_id: int) -> tuple[CapitalCall, Vehicle]:
    call = find(session, actor, CapitalCall, call_id, noun="capital call", lock=True)
    return call, find(session, actor, Vehicle, call.vehicle_id, noun="vehicle", lock=True)


def _lines(session: Session, actor: Actor, call_id: int) -> list[CapitalCallLine]:
    return list(session.scalars(visible(actor, CapitalCallLine).where(CapitalCallLine.capital_call_id == call_id)))


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
