"""Lines per investor, the same for calls and distributions: splitting, checking, replacing, paying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.capital import queries
from vestry.capital.models import CapitalCallLine, DistributionLine
from vestry.capital.service import not_in_the_future
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.core.fields import payable
from vestry.funds.models import Vehicle
from vestry.identity import corrections
from vestry.identity.access import visible
from vestry.investors.models import Investor
from vestry.kernel import money


class NoCommitments(Conflict):
    """There is nothing to split an amount by."""


def split(
    session: Session, actor: Actor, vehicle: Vehicle, amounts: dict[str, Decimal], *, on: date
) -> list[dict[str, Any]]:
    """A line per investor, each amount split by commitment as of a day (largest remainder)."""
    weights = queries.committed_by_investor(session, actor, vehicle.id, on=on)
    if not any(weights.values()):
        raise NoCommitments(
            f"Nobody has committed to {vehicle.name} by {on}, so there is nothing to split by.",
            mend="Record commitments first, or give the lines yourself.",
        )
    places = money.decimals(vehicle.currency)
    shares = {
        name: money.allocate(payable(total, vehicle.currency, field=name), list(weights.values()), places)
        for name, total in amounts.items()
    }
    return [
        {"investor_id": investor_id, **{name: parts[position] for name, parts in shares.items()}}
        for position, investor_id in enumerate(weights)
    ]


def check_lines(
    session: Session, actor: Actor, vehicle: Vehicle, lines: list[dict[str, Any]], parts: tuple[str, ...]
) -> None:
    """Each line's investor is one the actor may see, its amounts payable, its payment not in the future."""
    known = set(session.scalars(visible(actor, Investor).with_only_columns(Investor.id)))
    for position, line in enumerate(lines):
        if line["investor_id"] not in known:
            raise NotFound("investor")
        for name in parts:
            payable(line[name], vehicle.currency, field=f"lines.{position}.{name}")
        not_in_the_future(line.get("paid_on"), f"lines.{position}.paid_on")


def set_paid(lines: list[Any], paid_on: date | None, investor_ids: Iterable[int] | None, *, noun: str) -> None:
    """Set the payment day on the lines of the investors named, or on all."""
    wanted = None if investor_ids is None else set(investor_ids)
    if wanted is not None and wanted - {line.investor_id for line in lines}:
        raise NotFound(noun)
    for line in lines:
        if wanted is None or line.investor_id in wanted:
            line.paid_on = paid_on


def merge_lines(
    session: Session,
    existing: Iterable[CapitalCallLine | DistributionLine],
    wanted: Iterable[dict[str, Any]],
    due_on: date,
) -> Iterator[dict[str, Any]]:
    """Supersede the lines that stay, void those no longer wanted, and yield what is new."""
    old = {line.investor_id: line for line in existing}
    for values in wanted:
        line = old.pop(values["investor_id"], None)
        if line is None:
            yield values
            continue
        for name, value in (values | {"due_on": due_on}).items():
            setattr(line, name, value)
    for line in old.values():
        corrections.void(session, line, "no longer part of it")
