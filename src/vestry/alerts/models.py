"""Alert: something about a company that somebody should look at. AlertRule: when a metric raises one. AlertSettings:
what the firm bears before it is told."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Owned, Versioned, name_column
from vestry.core.types import Fraction, Json, Money, UtcDateTime

OPEN, ACKNOWLEDGED, CLOSED = STATES = ("open", "acknowledged", "closed")
SEVERITIES = ("critical", "warning", "info")
COMPARISONS = ("below", "above", "falls_by", "rises_by", "missing")
AGAINST = ("previous", "year_before")
PERIOD_KINDS = ("month", "quarter", "year")


def _among(column: str, names: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, names))})", name=column)


class AlertRule(Base, Fact):
    """A metric's floor, ceiling, change or missing period that raises an alert.

    ``threshold``: an amount (in ``currency``, or in each company's own), a count or ratio; of a change a fraction, 0.2
    for 20 %. ``against``: what a change is measured from. ``due_days``: days after a period's end until it is missing.
    ``company_ids``: empty for all companies.
    """

    __tablename__ = "alert_rule"
    __table_args__ = (
        _among("period_kind", PERIOD_KINDS),
        _among("comparison", COMPARISONS),
        _among("against", AGAINST),
        _among("severity", SEVERITIES),
        CheckConstraint("(comparison = 'missing') = (threshold IS NULL)", name="threshold"),
        CheckConstraint("(comparison = 'missing') = (due_days IS NOT NULL)", name="due_days"),
        CheckConstraint("(comparison IN ('falls_by', 'rises_by')) = (against IS NOT NULL)", name="change"),
        Index("ix_alert_rule_firm_id", "firm_id"),
    )

    name: Mapped[str] = name_column()
    metric: Mapped[str] = mapped_column(String(64))
    period_kind: Mapped[str] = mapped_column(String(8))
    comparison: Mapped[str] = mapped_column(String(10))
    against: Mapped[str | None] = mapped_column(String(12))
    threshold: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    due_days: Mapped[int | None] = mapped_column(BigInteger)
    severity: Mapped[str] = mapped_column(String(10))
    company_ids: Mapped[list[int]] = mapped_column(Json)


class Alert(Base, Fact):
    """One cause, told once: ``kind`` and ``subject`` name it within the company. Its earlier states are its versions.

    ``holds``: whether the cause was there when it was last looked for; an alert that somebody closed stays closed while
    it does. ``decided_by``: the user who acknowledged or closed it; nobody where it closed because its cause was gone.
    """

    __tablename__ = "alert"
    __table_args__ = (
        _among("state", STATES),
        _among("severity", SEVERITIES),
        Index("uq_alert_cause", "company_id", "kind", "subject", unique=True),
        Index("ix_alert_firm_id_state", "firm_id", "state"),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))
    rule_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("alert_rule.id"))
    severity: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    holds: Mapped[bool] = mapped_column(Boolean)
    says: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    link: Mapped[str] = mapped_column(String(300))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)


class AlertSettings(Base, Owned, Versioned):
    """What a firm bears before it is told; without a row :data:`vestry.alerts.causes.DEFAULTS`.

    ``drift_tolerance``: how far a month may lie from its forecast, as a fraction (none: the forecast's own band).
    ``upload_days``: days after a month's end until its payments are missing. ``settle_days``: days after a month's
    statement was issued until what is open of it is overdue. ``mail_digest``: whether the firm's managers get a mail a
    day.
    """

    __tablename__ = "alert_settings"
    __table_args__ = (
        Index("uq_alert_settings_firm_id", "firm_id", unique=True),
        CheckConstraint("upload_days >= 0", name="upload_days"),
        CheckConstraint("settle_days >= 0", name="settle_days"),
        CheckConstraint("drift_tolerance > 0", name="drift_tolerance"),
    )

    drift_tolerance: Mapped[Decimal | None] = mapped_column(Fraction)
    upload_days: Mapped[int] = mapped_column(BigInteger)
    settle_days: Mapped[int] = mapped_column(BigInteger, server_default="30")
    mail_digest: Mapped[bool] = mapped_column(Boolean)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
