"""What a database holds, counted and checked: the same before a backup and after it was restored, or it is not one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from vestry.all_models import metadata
from vestry.audit import verifying
from vestry.audit.models import AuditHead
from vestry.capital.models import CapitalCallLine, Commitment, DistributionLine
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.fields import decimal_text
from vestry.core.types import exact_sum
from vestry.funds.models import Fund, Vehicle
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm
from vestry.migrations import revisions
from vestry.performance import upkeep

AMOUNTS: Final[dict[str, Any]] = {"committed": Commitment, "called": CapitalCallLine, "distributed": DistributionLine}


@dataclass(slots=True)
class Holdings:
    """What a database holds. ``balances``: firm and currency → sums of live lines. ``chains``: firm → audited rows.
    ``faults`` are sentences; none means that everything agrees with itself."""

    revision: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    balances: dict[str, dict[str, str]] = field(default_factory=dict)
    chains: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What a manifest keeps of it."""
        return {
            "revision": self.revision,
            "rows": self.rows,
            "balances": self.balances,
            "chains": self.chains,
        }


def holdings(database: Database) -> Holdings:
    """Count every table, sum every firm's capital, count the tallies again, and walk the audit chains."""
    found = Holdings()
    with database.reader.connect() as connection:
        found.revision = revisions.current_revision(connection)
        if database.is_sqlite:
            found.faults += _sqlite_faults(connection)
    with database.reading(UNKNOWN) as session:
        firms = list(session.scalars(select(Firm.id).order_by(Firm.id)))
    found.rows["firm"] = len(firms)
    heads = verifying.kept_heads()
    for firm_id in firms:
        actor = Actor("cli", firm_id, "administrator", name="command line")
        with database.reading(actor) as session:
            for name, table in metadata.tables.items():
                if "firm_id" in table.c:
                    count = session.scalar(select(func.count()).select_from(table).where(table.c.firm_id == firm_id))
                    found.rows[name] = found.rows.get(name, 0) + (count or 0)
            found.balances |= _balances(session, actor)
            found.faults += [f"firm {firm_id}: {wrong}" for wrong in upkeep.verify(session, actor)]
            verdict = verifying.verify(session, firm_id, _up_to(session, firm_id, heads))
            found.chains[str(firm_id)] = verdict.rows
            found.faults += [f"firm {firm_id}, audit: {fault}" for fault in verdict.faults]
    found.rows = {name: count for name, count in sorted(found.rows.items()) if count}
    return found


def differences(before: dict[str, Any], after: Holdings) -> Iterator[str]:
    """Where a restored database is not what the manifest says it was."""
    for part, then in before.items():
        now = after.told().get(part)
        if then == now:
            continue
        if not isinstance(then, dict) or not isinstance(now, dict):
            yield f"{part}: was {then}, is {now}"
            continue
        for name in sorted(set(then) | set(now)):
            if then.get(name) != now.get(name):
                yield f"{part} of {name}: was {then.get(name)}, is {now.get(name)}"


def _up_to(session: Session, firm_id: int, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kept heads that a copy of some moment can know of; that nothing was cut off, its manifest says."""
    last = session.scalar(select(AuditHead.sequence).where(AuditHead.firm_id == firm_id)) or 0
    return [head for head in heads if head["sequence"] <= last]


def _balances(session: Session, actor: Actor) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for word, model in AMOUNTS.items():
        query = (
            select(Fund.currency, exact_sum(model.amount))
            .select_from(model)
            .join(Vehicle, Vehicle.id == model.vehicle_id)
            .join(Fund, Fund.id == Vehicle.fund_id)
            .where(model.firm_id == actor.firm_id, model.voided_at.is_(None))
            .group_by(Fund.currency)
        )
        for currency, total in session.execute(query):
            shown = decimal_text(total if total is not None else Decimal(0), 2)
            found.setdefault(f"firm {actor.firm_id} {currency}", {})[word] = shown
    return found


def _sqlite_faults(connection: Any) -> list[str]:
    verdict = connection.execute(text("PRAGMA integrity_check")).scalar()
    orphans = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    faults = [] if verdict == "ok" else [f"integrity check: {verdict}"]
    return faults + ([f"{len(orphans)} rows refer to nothing"] if orphans else [])
