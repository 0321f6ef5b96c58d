"""Causes of alerts: every kind there is, and what each looks at. Another kind is one more row of :data:`KINDS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from vestry.alerts.causes import cohorts, rules
from vestry.alerts.causes.looking import DEFAULTS, Cause, Limits, Look
from vestry.companies.models import Company
from vestry.core.actor import Actor

__all__ = ["DEFAULTS", "KINDS", "AlertKind", "Cause", "Limits", "Look", "found"]


@dataclass(frozen=True, slots=True)
class AlertKind:
    """A kind of alert: what it is called on the screen, and what finds its causes in a company's books."""

    name: str
    says: str
    causes: Callable[[Look], list[Cause]]


KINDS: Final[dict[str, AlertKind]] = {
    kind.name: kind
    for kind in (
        AlertKind("cohort_breach", "Threshold breached", cohorts.breaches),
        AlertKind("cohort_drift", "Payments off their forecast", cohorts.drift),
        AlertKind("cohort_payments_missing", "Payments missing", cohorts.missing_payments),
        AlertKind("cohort_round_overdue", "Statement not settled", cohorts.overdue_rounds),
        AlertKind("metric", "Metric", rules.causes),
    )
}


def found(session: Session, actor: Actor, company: Company) -> dict[str, list[Cause]]:
    """Kind → its causes in a company as the books are now."""
    look = Look.at(session, actor, company)
    return {kind.name: kind.causes(look) for kind in KINDS.values()}
