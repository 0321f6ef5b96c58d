"""Declaring, paying, correcting and voiding distributions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.calls import CallExceedsUnfunded
from vestry.capital.lines import InLines
from vestry.capital.models import Distribution, DistributionLine
from vestry.capital.service import books
from vestry.core.actor import Actor
from vestry.core.four_eyes import waits_for_approval
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.identity.access import require

DISTRIBUTIONS = InLines(
    Distribution,
    DistributionLine,
    key="distribution_id",
    noun="distribution",
    day="declared_on",
    parts=("return_of_capital", "gains", "income"),
    header=("kind", "declared_on", "due_on", "purpose"),
    besides=("recallable",),
)


@waits_for_approval("declare_distribution", "distribution")
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
    return DISTRIBUTIONS.make(
        session, actor, vehicle, body | {"kind": "distribution"}, _wanted(session, actor, vehicle, body)
    )


@waits_for_approval("change_distribution", "distribution")
def change_distribution(
    session: Session, actor: Actor, distribution_id: int, *, version: int | None, **body: Any
) -> Distribution:
    """Supersede a distribution and its lines; lines that are no longer wanted are voided."""
    require(actor, "capital.change")
    distribution, vehicle = DISTRIBUTIONS.locked(session, actor, distribution_id)
    expect_version(distribution, version)
    lines = _wanted(session, actor, vehicle, body)
    DISTRIBUTIONS.supersede(session, actor, distribution, body | {"kind": distribution.kind}, lines)
    _refuse_recalled(session, actor, vehicle)
    return distribution


@waits_for_approval("pay_distribution", "payment")
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
    DISTRIBUTIONS.pay(session, actor, distribution_id, paid_on, investor_ids)


@waits_for_approval("void_distribution", "distribution")
def void_distribution(session: Session, actor: Actor, distribution_id: int, reason: str) -> None:
    """Take a distribution back with all its lines, unless its recallable part was called again."""
    require(actor, "capital.change")
    vehicle = DISTRIBUTIONS.void(session, actor, distribution_id, reason)
    _refuse_recalled(session, actor, vehicle)


def _wanted(session: Session, actor: Actor, vehicle: Vehicle, body: dict[str, Any]) -> list[dict[str, Any]]:
    lines = DISTRIBUTIONS.wanted(session, actor, vehicle, body)
    # Rounding the parts one by one can leave a line's recallable a cent above its amount.
    return [line | {"recallable": min(line["recallable"], line["amount"])} for line in lines]


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
