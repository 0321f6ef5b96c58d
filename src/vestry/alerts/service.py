"""Every change to alerts: raised and closed as their causes come and go, acknowledged and closed by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.alerts.causes import Cause
from vestry.alerts.causes.looking import DEFAULTS, limits_of
from vestry.alerts.models import ACKNOWLEDGED, CLOSED, OPEN, Alert, AlertSettings
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, visible


class AlertClosed(Conflict):
    """The alert was closed before."""


def settle(session: Session, actor: Actor, company_id: int, found: Mapping[str, Sequence[Cause]]) -> dict[str, int]:
    """Bring a company's alerts in line with the causes that were found, kind by kind; how many were opened (or opened
    again), closed and changed."""
    find(session, actor, Company, company_id, noun="company", lock=True)
    known = {
        (alert.kind, alert.subject): alert
        for alert in session.scalars(visible(actor, Alert).where(Alert.company_id == company_id))
    }
    counts = {"opened": 0, "closed": 0, "changed": 0}
    causes = {(kind, cause.subject): cause for kind, every in found.items() for cause in every}
    for (kind, subject), cause in causes.items():
        alert = known.get((kind, subject))
        if alert is None:
            alert = Alert(firm_id=actor.firm_id, company_id=company_id, kind=kind, subject=subject)
            session.add(alert)
            _open(session, alert)
            counts["opened"] += 1
        elif not alert.holds:
            _open(session, alert)
            counts["opened"] += 1
        elif _tell(alert, cause):
            counts["changed"] += 1
        _tell(alert, cause)
    for (kind, subject), alert in known.items():
        if kind in found and (kind, subject) not in causes and alert.holds:
            alert.holds = False
            if alert.state != CLOSED:
                alert.state, alert.decided_at = CLOSED, session.info["now"]
                alert.decided_by = alert.note = None
                counts["closed"] += 1
    session.flush()
    return counts


def _open(session: Session, alert: Alert) -> None:
    alert.state, alert.holds, alert.opened_at = OPEN, True, session.info["now"]
    alert.decided_at = alert.decided_by = alert.note = None


def _tell(alert: Alert, cause: Cause) -> bool:
    """What the cause says now; whether that is another thing than before."""
    said: dict[str, Any] = {
        "severity": cause.severity,
        "says": cause.says,
        "link": cause.link,
        "figures": cause.figures,
        "rule_id": cause.rule_id,
    }
    moved = {name: value for name, value in said.items() if getattr(alert, name) != value}
    for name, value in moved.items():
        setattr(alert, name, value)
    return bool(moved)


def acknowledge(session: Session, actor: Actor, alert_id: int, *, note: str | None) -> Alert:
    """Somebody has seen it; it closes by itself once its cause is gone."""
    return _decide(session, actor, alert_id, ACKNOWLEDGED, note)


def close(session: Session, actor: Actor, alert_id: int, *, note: str) -> Alert:
    """Somebody is done with it, and says why; it opens again only when its cause was gone and returns."""
    return _decide(session, actor, alert_id, CLOSED, note)


def _decide(session: Session, actor: Actor, alert_id: int, state: str, note: str | None) -> Alert:
    require(actor, "alert.change")
    alert = find(session, actor, Alert, alert_id, noun="alert", lock=True)
    if alert.state == CLOSED:
        raise AlertClosed("The alert is closed.", mend="There is nothing to do.")
    alert.state, alert.note = state, note
    alert.decided_at, alert.decided_by = session.info["now"], actor.user_id
    session.flush()
    return alert


def settings_of(session: Session, actor: Actor) -> dict[str, Any]:
    """What the firm bears, at version 0 while nobody said."""
    row = session.scalars(select(AlertSettings).where(AlertSettings.firm_id == actor.firm_id)).one_or_none()
    limits = limits_of(session, actor)
    return {
        "drift_tolerance": limits.drift_tolerance,
        "upload_days": limits.upload_days,
        "settle_days": limits.settle_days,
        "mail_digest": limits.mail_digest,
        "version": 0 if row is None else row.version,
    }


def set_settings(session: Session, actor: Actor, *, version: int | None, **values: Any) -> dict[str, Any]:
    """Say what the firm bears."""
    require(actor, "alert_rule.change")
    mine = select(AlertSettings).where(AlertSettings.firm_id == actor.firm_id)
    row = session.scalars(mine.with_for_update()).one_or_none()
    expect_version(row, version)
    if row is None:
        row = AlertSettings(firm_id=actor.firm_id, upload_days=DEFAULTS.upload_days, settle_days=DEFAULTS.settle_days)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = session.info["now"]
    session.flush()
    return settings_of(session, actor)
