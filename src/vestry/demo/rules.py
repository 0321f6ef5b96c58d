"""When the demo firm wants to be told about what its companies report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.alerts import rules
from vestry.core.actor import Actor

_ALL: Final[dict[str, Any]] = {"period_kind": "quarter", "against": None, "currency": None, "due_days": None}
RULES: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Runway", "metric": "runway_months", "comparison": "below", "threshold": Decimal(18)},
    {
        "name": "Revenue falls",
        "metric": "revenue",
        "comparison": "falls_by",
        "against": "previous",
        "threshold": Decimal("0.1"),
        "severity": "critical",
    },
)


def load_rules(session: Session, actor: Actor) -> None:
    """Record the rules; the first one finds a company."""
    for rule in RULES:
        rules.create(session, actor, _ALL | {"severity": "warning", "company_ids": []} | rule)
