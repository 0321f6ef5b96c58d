"""What was recorded of a call or a distribution over time: its own versions, each with the sums of the lines then."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import and_, case, select, type_coerce
from sqlalchemy.orm import Session

from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.types import Money, exact_sum
from vestry.identity.access import theirs
from vestry.identity.corrections import versions_of

Whole = type[CapitalCall] | type[Distribution]
PARTS: Final[dict[Any, tuple[Any, str, tuple[str, ...]]]] = {
    CapitalCall: (CapitalCallLine, "capital_call_id", ("investments", "fees", "expenses")),
    Distribution: (DistributionLine, "distribution_id", ("return_of_capital", "gains", "income", "recallable")),
}
NOTHING = Decimal("0.0000")


def versions(session: Session, actor: Actor, model: Whole, whole_id: int, *, noun: str) -> list[dict[str, Any]]:
    """Every version, oldest first, with the sums of its lines as they were known when it was recorded: ``amount`` and
    its parts, and ``paid``, of the lines the actor may see. Whoever changes lines records a version of their whole, so
    none is missed."""
    found = versions_of(session, actor, model, whole_id, noun=noun)
    return [dict(row) | _sums(session, actor, model, whole_id, row["recorded_at"], row["voided_at"]) for row in found]


def _sums(
    session: Session, actor: Actor, model: Whole, whole_id: int, known_at: datetime, voided_at: datetime | None
) -> dict[str, Decimal]:
    line, parent, parts = PARTS[model]
    known = as_known(line, known_at, voided=True)
    # A voided whole is shown with the lines that were taken back with it.
    mine = and_(theirs(actor, known), known.c[parent] == whole_id, known.c.voided_at.is_not_distinct_from(voided_at))
    paid = type_coerce(case((known.c.paid_on.is_not(None), known.c.amount)), Money)
    sums = {name: exact_sum(known.c[name]) for name in ("amount", *parts)} | {"paid": exact_sum(paid)}
    row = session.execute(select(*(total.label(name) for name, total in sums.items())).where(mine)).mappings().one()
    return {name: NOTHING if value is None else value for name, value in row.items()}
