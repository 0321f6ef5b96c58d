"""Declaring, paying, correcting and voiding distributions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.calls import CallExceedsUnfunded
from vestry.capital.lines import check_lines, merge_lines, set_paid, split
from vestry.capital.models import Distribution, DistributionLine
from vestry.capital.service import books, not_in_the_future
from vestry.core.actor import Actor
from vestry.core.model import Fact
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.identity import corrections
from vestry.identity.access import find, require, visible

PARTS = ("return_of_capital", "gains", "income")
AMOUNTS = (*PARTS, "recallable")


def declare_distribution(
    session: Session,
    actor: Actor,
    *,
    fund_id: int | None,
    vehicle_id: int | None,
    currency: str | None,
    **body: Any,
) -> Distribution:
    """Pay money out to the investors; the lines sum to the distribution to the last cent."""
    require(actor, "capital.change")
    vehicle = books(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, currency=currency)
    lines = _wanted_lines(session, actor, vehicle, body)
    distribution = Distribution(firm_id=actor.firm_id, vehicle_id=vehicle.id, kind="distribution", **_header(body))
    session.add(distribution)
    session.flush()
    for line in lines:
        session.add(_new_line(actor, distribution, line, body["due_on"]))
    session.flush()
    return distribution


def change_distribution(
    session: Session, actor: Actor, distribution_id: int, *, version: int | None, **body: Any
) -> Distribution:
    """Supersede a distribution and its lines; lines that are no longer wanted are voided."""
    require(actor, "capital.change")
    distribution, vehicle = _distribution(session, actor, distribution_id)
    expect_version(distribution, version)
    lines = _wanted_lines(session, actor, vehicle, body)
    for name, value in _header(body).items():
        setattr(distribution, name, value)
    for line in merge_lines(session, _lines(session, actor, distribution_id), lines, body["due_on"]):
        session.add(_new_line(actor, distribution, line, body["due_on"]))
    session.flush()
    _refuse_recalled(session, actor, vehicle)
    return distribution


def pay(
    session: Session,
    actor: Actor,
    distribution_id: int,
    *,
    paid_on: date | None,
    investor_ids: Iterable[int] | None,
) -> None:
    """Record when lines were paid, or take that back."""
    require(actor, "capital.change")
    _distribution(session, actor, distribution_id)
    not_in_the_future(paid_on, "paid_on")
    set_paid(_lines(session, actor, distribution_id), paid_on, investor_ids, noun="line of this distribution")
    session.flush()


def void_distribution(session: Session, actor: Actor, distribution_id: int, reason: str) -> None:
    """Take a distribution back with all its lines, unless its recallable part was called again."""
    require(actor, "capital.change")
    distribution, vehicle = _distribution(session, actor, distribution_id)
    facts: list[Fact] = [*_lines(session, actor, distribution_id), distribution]
    for fact in facts:
        corrections.void(session, fact, reason)
    _refuse_recalled(session, actor, vehicle)


def _wanted_lines(session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any]) -> list[dict[str, Any]]:
    not_in_the_future(body["paid_on"], "paid_on")
    if body["lines"] is None:
        lines = split(session, actor, vehicle, {name: body[name] for name in AMOUNTS}, on=body["declared_on"])
        lines = [line | {"paid_on": None} for line in lines]
    else:
        lines = body["lines"]
        check_lines(session, actor, vehicle, lines, AMOUNTS)
    return [_with_amount(line, body["paid_on"]) for line in lines]


def _with_amount(line: dict[str, Any], paid_on: date | None) -> dict[str, Any]:
    amount = sum((line[name] for name in PARTS), Decimal(0))
    # Rounding the parts one by one can leave a line's recallable a cent above its amount.
    return line | {
        "amount": amount,
        "recallable": min(line["recallable"], amount),
        "paid_on": line["paid_on"] or paid_on,
    }


def _header(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("declared_on", "due_on", "purpose")}


def _new_line(actor: Actor, distribution: Distribution, line: dict[str, Any], due_on: date) -> DistributionLine:
    return DistributionLine(
        firm_id=actor.firm_id,
        distribution_id=distribution.id,
        vehicle_id=distribution.vehicle_id,
        due_on=due_on,
        **line,
    )


def _distribution(session: Session, actor: Actor, distribution_id: int) -> tuple[Distribution, Vehicle]:
    found = find(session, actor, Distribution, distribution_id, noun="distribution", lock=True)
    return found, find(session, actor, Vehicle, found.vehicle_id, noun="vehicle", lock=True)


def _lines(session: Session, actor: Actor, distribution_id: int) -> list[DistributionLine]:
    query = visible(actor, DistributionLine).where(DistributionLine.distribution_id == distribution_id)
    return list(session.scalars(query))


def _refuse_recalled(session: Session, actor: Actor, vehicle: Vehicle) -> None:
    short = {
        investor: left
        for investor, left in queries.unfunded_by_investor(session, actor, vehicle.id).items()
        if left < 0 and investor in queries.committed_by_investor(session, actor, vehicle.id)
    }
    if short:
        raise CallExceedsUnfunded(
            f"What was recallable was called again from {len(short)} investors.",
            mend="Void the later call first.",
        )
