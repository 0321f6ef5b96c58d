"""What a change that waits would do: the rows it wrote when it was tried, before that was undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.model import Base
from vestry.core.trail import Event

SHOWN_MAX: Final = 500  # rows; a request with more says how many there are
# What a row belongs to, by which people know it.
REFS: Final = ("vehicle_id", "investor_id", "fund_id", "holding_id", "company_id", "user_id", "token_id")
# The rows whose amounts a change of a kind comes to.
_LINES: Final = {"capital_call": "capital_call_line", "distribution": "distribution_line"}


@dataclass(frozen=True, slots=True)
class Effect:
    """The rows as JSON text, and in which currency they come to what."""

    text: str
    amount: Decimal | None
    currency: str | None


def of(session: Session, kind: str, events: Sequence[Event]) -> Effect:
    """What these events come to, read while their rows are still there."""
    rows = [_row(session, event) for event in events[:SHOWN_MAX]]
    text = json.dumps({"rows": rows, "count": len(events)}, default=str, ensure_ascii=False)
    return Effect(text, _amount(kind, events), _currency(session, rows))


def told(text: str | None) -> dict[str, Any]:
    """The rows of an effect and their number, as a request shows them."""
    found = json.loads(text) if text else {"rows": [], "count": 0}
    return {"effect": found["rows"], "effect_count": found["count"]}


def _row(session: Session, event: Event) -> dict[str, Any]:
    new = event.action == "create"
    after = {name: value for name, value in (event.after or {}).items() if not (new and name == "id")}
    return {
        "action": event.action,
        "noun": event.noun,
        "record_id": None if new else event.record_id,
        "before": None if event.before is None else dict(event.before),
        "after": None if event.after is None else after,
        "refs": _refs(session, event, after),
        "rows": event.rows,
    }


def _refs(session: Session, event: Event, after: Mapping[str, Any]) -> dict[str, int]:
    """Which records the row belongs to: as it says itself, or as its unchanged columns do."""
    table = Base.metadata.tables.get(event.noun)
    if table is None or event.record_id is None:
        return {}
    names = [name for name in REFS if name in table.c]
    known: Mapping[str, Any] = {**(event.before or {}), **after}
    if event.action == "change" and names:
        found = session.execute(select(*(table.c[name] for name in names)).where(table.c.id == event.record_id))
        known = {**known, **(found.mappings().one_or_none() or {})}
    return {name: known[name] for name in names if known.get(name) is not None}


def _amount(kind: str, events: Iterable[Event]) -> Decimal | None:
    """What new lines sum to, or a mark's value; None for what has no amount of its own."""
    if kind == "mark":
        values = [(one.after or {}).get("fair_value") for one in events if one.noun == "valuation_mark"]
        return Decimal(values[0]) if len(values) == 1 and values[0] is not None else None
    lines = [one for one in events if one.noun == _LINES.get(kind)]
    if not lines or any(one.action != "create" or one.after is None for one in lines):
        return None
    return sum((Decimal(one.after["amount"]) for one in lines if one.after), Decimal(0))


def _currency(session: Session, rows: Iterable[Mapping[str, Any]]) -> str | None:
    """The currency of the one vehicle these rows are in the books of."""
    tables = Base.metadata.tables
    vehicle, holding, investment = tables["vehicle"], tables["holding"], tables["investment"]
    ids = {row["refs"]["vehicle_id"] for row in rows if "vehicle_id" in row["refs"]}
    held = {row["refs"]["holding_id"] for row in rows if "holding_id" in row["refs"]}
    if held:
        through = select(investment.c.vehicle_id).join(holding, holding.c.investment_id == investment.c.id)
        ids |= set(session.scalars(through.where(holding.c.id.in_(held))))
    found = set(session.scalars(select(vehicle.c.currency).where(vehicle.c.id.in_(ids)))) if ids else set()
    return found.pop() if len(found) == 1 else None
