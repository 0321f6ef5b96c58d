"""MetricDefinition: a metric a firm defined itself. MetricValue: what a company reported for a period. FiscalCalendar:
in which month a company's fiscal years end, from a day on. ReportingSettings: the currencies a firm reads them in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Owned, Versioned, name_column
from vestry.core.types import Fraction, Json, Money, UtcDateTime

SCENARIOS = ("actual", "budget", "forecast")
PERIOD_KINDS = ("month", "quarter", "year", "ltm")
SOURCES = ("form", "import", "document", "api", "integration")
STATUSES = ("draft", "submitted", "approved")
UNITS = ("money", "count", "ratio", "multiple", "months")
KINDS = ("flow", "stock", "derived")
_LIVE = text("voided_at IS NULL")


def _among(column: str, names: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, names))})", name=column)


class MetricDefinition(Base, Fact):
    """A metric of the firm's own, beside those that ship. Its earlier versions tell what a figure meant back then."""

    __tablename__ = "metric_definition"
    __table_args__ = (
        _among("unit", UNITS),
        _among("kind", KINDS),
        CheckConstraint("(kind = 'derived') = (formula IS NOT NULL)", name="formula"),
        Index(
            "uq_metric_definition_firm_id_key",
            "firm_id",
            "key",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    key: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = name_column()
    unit: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    sign: Mapped[str] = mapped_column(String(8))
    aggregation: Mapped[str | None] = mapped_column(String(10))
    fx: Mapped[str | None] = mapped_column(String(10))
    formula: Mapped[str | None] = mapped_column(String(1000))
    description: Mapped[str | None] = mapped_column(Text)


class MetricValue(Base, Fact):
    """One figure: company × metric × period × scenario. ``value`` holds money (in ``currency``), counts and months;
    ``fraction`` ratios, 0.25 for 25 %. Flows and stocks are positive as a statement shows them."""

    __tablename__ = "metric_value"
    __table_args__ = (
        _among("period_kind", PERIOD_KINDS),
        _among("scenario", SCENARIOS),
        _among("source", SOURCES),
        _among("status", STATUSES),
        CheckConstraint("(value IS NULL) <> (fraction IS NULL)", name="figure"),
        CheckConstraint("starts_on <= ends_on", name="period"),
        Index(
            "uq_metric_value_natural_key",
            "company_id",
            "scenario",
            "period_kind",
            "ends_on",
            "metric",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    metric: Mapped[str] = mapped_column(String(64))
    scenario: Mapped[str] = mapped_column(String(8))
    period_kind: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    value: Mapped[Decimal | None] = mapped_column(Money)
    fraction: Mapped[Decimal | None] = mapped_column(Fraction)
    currency: Mapped[str | None] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10))
    verified_by: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)


class FiscalCalendar(Base, Fact):
    """From ``starts_on``, the first day of a fiscal year, the company's years end with the month ``year_ends_in``.
    Without one they are calendar years."""

    __tablename__ = "fiscal_calendar"
    __table_args__ = (
        CheckConstraint("year_ends_in BETWEEN 1 AND 12", name="month"),
        Index(
            "uq_fiscal_calendar_company_day",
            "company_id",
            "starts_on",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    year_ends_in: Mapped[int] = mapped_column(BigInteger)


class ReportingSettings(Base, Owned, Versioned):
    """The currencies a firm reads figures in beside each company's own, in its order; without a row its own currency
    and the usual ones."""

    __tablename__ = "reporting_settings"
    __table_args__ = (Index("uq_reporting_settings_firm_id", "firm_id", unique=True),)

    currencies: Mapped[list[str]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
