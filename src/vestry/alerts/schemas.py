"""Alerts, rules and settings as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from vestry.core.fields import Amount, CurrencyCode, Id, Input, Name, Output, Prose, Rate, example, text_schema

State = Literal["open", "acknowledged", "closed"]
Severity = Literal["critical", "warning", "info"]
Kind = Literal["cohort_breach", "cohort_drift", "cohort_payments_missing", "cohort_round_overdue", "metric"]
PeriodKind = Literal["month", "quarter", "year"]
Comparison = Literal["below", "above", "falls_by", "rises_by", "missing"]
Against = Literal["previous", "year_before"]
Note = Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]
MetricKey = Annotated[Name, Field(max_length=64), text_schema(1, 64)]
Days = Annotated[int, Field(ge=0, le=1000)]


class AlertOut(Output):
    """Something about a company that somebody should look at. ``subject`` names the cause within company and kind,
    ``says`` it with its ``figures``, ``link`` is the page that shows it. ``decided_by`` acknowledged or closed it; a
    closed one nobody decided closed because its cause was gone."""

    id: int
    company_id: int
    company: str
    kind: str
    subject: str
    rule_id: int | None
    severity: Severity
    state: State
    says: str
    figures: dict[str, Any]
    link: str
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    version: int


class AlertPage(Output):
    """A page of alerts."""

    items: list[AlertOut]
    next: str | None
    total: int


class AcknowledgedIn(Input):
    """What whoever has seen an alert says of it."""

    model_config = example({"note": "Talked to the founder"})

    note: Note | None = None


class ClosedIn(Input):
    """Why an alert is closed; kept with it."""

    model_config = example({"note": "A one-off"})

    note: Note


class AlertRuleIn(Input):
    """When a metric raises an alert. ``below`` and ``above`` compare with ``threshold``, in ``currency`` or each
    company's own; ``falls_by`` and ``rises_by`` a change ``against`` the period before or a year before, ``threshold``
    a fraction (0.2 = 20 %); ``missing`` wants ``due_days`` after a period's end instead."""

    model_config = example(
        {"name": "Runway", "metric": "revenue", "period_kind": "quarter", "comparison": "below", "threshold": "100000"}
    )

    name: Name
    metric: MetricKey
    period_kind: PeriodKind
    comparison: Comparison
    against: Against | None = None
    threshold: Amount | None = None
    currency: CurrencyCode | None = None
    due_days: Days | None = None
    severity: Severity = "warning"
    company_ids: list[Id] = Field(default_factory=list, max_length=1000, description="empty: all companies")


class AlertRuleOut(Output):
    """A rule on a metric."""

    id: int
    name: str
    metric: str
    period_kind: PeriodKind
    comparison: Comparison
    against: Against | None
    threshold: Amount | None
    currency: str | None
    due_days: int | None
    severity: Severity
    company_ids: list[int]
    version: int
    recorded_at: datetime


class AlertRulePage(Output):
    """A page of rules."""

    items: list[AlertRuleOut]
    next: str | None
    total: int


class FiredPeriod(Output):
    """A period in which a rule would have fired, and why."""

    period: str
    ends_on: date
    value: str | None
    compared_with: str | None
    change: Rate | None
    says: str


class FiredCompany(Output):
    """A company and the newest of the periods in which a rule would have fired for it."""

    company_id: int
    company: str
    looked_at: int
    times: int
    periods: list[FiredPeriod]


class AlertRulePreviewOut(Output):
    """How often a rule would have fired, of how many periods there are figures for, or were due."""

    times: int
    looked_at: int
    companies: list[FiredCompany]


class AlertSettingsIn(Input):
    """What the firm bears before it is told."""

    model_config = example({"drift_tolerance": "0.2", "upload_days": 10, "settle_days": 30, "mail_digest": True})

    drift_tolerance: Annotated[Rate, Field(gt=Decimal(0), le=Decimal(10))] | None = Field(
        description="how far a month may lie from its forecast, as a fraction; null: the forecast's own band"
    )
    upload_days: Days = Field(description="days after a month's end until its payments are missing")
    settle_days: Days = Field(30, description="days after a month's statement was issued until it is overdue")
    mail_digest: bool = Field(description="whether administrators and managers get a mail a day")


class AlertSettingsOut(Output):
    """What the firm bears before it is told; version 0 while nobody said."""

    drift_tolerance: Rate | None
    upload_days: int
    settle_days: int
    mail_digest: bool
    version: int
