"""Every SELECT of alerts and rules, limited to what the actor may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, select
from sqlalchemy.orm import Session

from vestry.alerts.models import SEVERITIES, Alert, AlertRule
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.paging import Column, contains
from vestry.identity.access import theirs
from vestry.identity.models import User

RULE_FIELDS = (
    "id", "name", "metric", "period_kind", "comparison", "against", "threshold", "currency", "due_days", "severity",
    "company_ids", "version", "recorded_at",
)  # fmt: skip
_WEIGHT = case({name: place for place, name in enumerate(SEVERITIES)}, value=Alert.severity)
_SORTS: dict[str, Column] = {"id": Alert.id, "opened_at": Alert.opened_at, "severity": _WEIGHT, "company": Company.name}


def list_alerts(
    actor: Actor,
    q: str | None,
    *,
    state: str | None,
    kind: str | None,
    severity: str | None,
    company_id: int | None,
    since: datetime | None,
) -> Listing:
    """Alerts about companies the actor sees, the newest first. ``since``: opened then or later."""
    query = _alerts(actor)
    for column, wanted in (
        (Alert.state, state),
        (Alert.kind, kind),
        (Alert.severity, severity),
        (Alert.company_id, company_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(Alert.opened_at >= since)
    if q:
        query = query.where(contains(Alert.says, q) | contains(Company.name, q))
    return Listing(query, _SORTS, Alert.id, "-opened_at")


def get_alert(session: Session, actor: Actor, alert_id: int) -> dict[str, Any]:
    """One alert as it goes out."""
    row = session.execute(_alerts(actor).where(Alert.id == alert_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("alert")
    return dict(row)


def _alerts(actor: Actor) -> Select[*tuple[Any, ...]]:
    names = (
        "id", "company_id", "kind", "subject", "rule_id", "severity", "state", "says", "figures", "link", "opened_at",
        "decided_at", "note", "version",
    )  # fmt: skip
    return (
        select(*(getattr(Alert, name) for name in names), Company.name.label("company"), User.name.label("decided_by"))
        .join(Company, Company.id == Alert.company_id)
        .outerjoin(User, and_(User.id == Alert.decided_by, theirs(actor, User)))
        .where(theirs(actor, Alert), Alert.voided_at.is_(None))
    )


def list_rules(actor: Actor, q: str | None) -> Listing:
    """The live rules of the firm."""
    query = select(*(getattr(AlertRule, name) for name in RULE_FIELDS)).where(
        theirs(actor, AlertRule), AlertRule.voided_at.is_(None)
    )
    if q:
        query = query.where(contains(AlertRule.name, q))
    sorts = {"id": AlertRule.id, "name": AlertRule.name, "recorded_at": AlertRule.recorded_at}
    return Listing(query, sorts, AlertRule.id, "id")
