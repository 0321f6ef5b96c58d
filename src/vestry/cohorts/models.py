"""What is agreed and declared about a company's cohorts. The payments themselves: ``payments/models``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact
from vestry.core.types import Fraction, Money

TIMINGS = ("end_of_month", "same_month")
SCENARIOS = ("worst", "average", "best")
_LIVE = text("voided_at IS NULL")


def _one_live(name: str, *columns: str) -> Index:
    """One live row for these columns; also the way to all rows of a company."""
    return Index(f"uq_{name}", *columns, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)


class CohortFact(Base, Fact):
    """A fact about the cohorts of a company."""

    __abstract__ = True

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"), sort_order=-98)


class AcquisitionSpend(CohortFact):
    """What a company spent to win the customers of one month, in its currency; not negative, and 0 is an answer."""

    __tablename__ = "acquisition_spend"
    __table_args__ = (
        CheckConstraint("spend >= 0", name="spend"),
        _one_live("acquisition_spend_month", "company_id", "cohort_month"),
    )

    cohort_month: Mapped[date] = mapped_column(Date)
    spend: Mapped[Decimal] = mapped_column(Money)


class TradeTerms(CohortFact):
    """The trade on one cohort: the fund pays ``sharing_percentage`` × spend and collects that part of the payments.

    ``cash_cap``: the most that is collected (none: no cap), agreed for ``planned_spend`` (none: for the spend itself).
    ``target_irr``: the annual rate at which collecting ends. ``allowed_deviation``: how far the actual spend may lie
    from the planned one, a fraction of it. ``timing``: when its collections count, if not as the company's books say.
    ``vehicle_id``: whose books the trade is in, if said.
    """

    __tablename__ = "trade_terms"
    __table_args__ = (
        CheckConstraint("sharing_percentage > 0", name="sharing_percentage"),
        CheckConstraint("cash_cap > 0", name="cash_cap"),
        CheckConstraint("planned_spend > 0", name="planned_spend"),
        CheckConstraint("allowed_deviation >= 0", name="allowed_deviation"),
        CheckConstraint(f"timing IN ({', '.join(map(repr, TIMINGS))})", name="timing"),
        _one_live("trade_terms_month", "company_id", "cohort_month"),
    )

    vehicle_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("vehicle.id"), index=True)
    cohort_month: Mapped[date] = mapped_column(Date)
    sharing_percentage: Mapped[Decimal] = mapped_column(Fraction)
    cash_cap: Mapped[Decimal | None] = mapped_column(Money)
    planned_spend: Mapped[Decimal | None] = mapped_column(Money)
    target_irr: Mapped[Decimal | None] = mapped_column(Fraction)
    allowed_deviation: Mapped[Decimal | None] = mapped_column(Fraction)
    timing: Mapped[str | None] = mapped_column(String(12))


class PaymentThreshold(CohortFact):
    """The least payment ÷ spend expected in one period of every cohort of a company; equality is met."""

    __tablename__ = "payment_threshold"
    __table_args__ = (
        CheckConstraint("minimum_payment_percent >= 0", name="minimum_payment_percent"),
        _one_live("payment_threshold_period", "company_id", "payment_period_month"),
    )

    payment_period_month: Mapped[int] = mapped_column(BigInteger)
    minimum_payment_percent: Mapped[Decimal] = mapped_column(Fraction)


class ThresholdOverride(CohortFact):
    """A breach that was set aside: the normal share applies in that period, and the breach stays shown."""

    __tablename__ = "threshold_override"
    __table_args__ = (_one_live("threshold_override_cell", "company_id", "cohort_month", "payment_period_month"),)

    cohort_month: Mapped[date] = mapped_column(Date)
    payment_period_month: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[str] = mapped_column(String(200))


class PredictionScenario(CohortFact):
    """What is assumed of a company's months to come: the first month as a fraction of spend, and churn a month.

    Its name is one of worst, average and best, or whatever it was saved as.
    """

    __tablename__ = "prediction_scenario"
    __table_args__ = (
        CheckConstraint("m0 >= 0", name="m0"),
        CheckConstraint("churn >= 0", name="churn"),
        _one_live("prediction_scenario_name", "company_id", "name"),
    )

    name: Mapped[str] = mapped_column(String(100))
    m0: Mapped[Decimal] = mapped_column(Fraction)
    churn: Mapped[Decimal] = mapped_column(Fraction)


class CohortBook(CohortFact):
    """What a company declares about its payments as a whole, and how its trades count time.

    ``complete_through``: the last month known in full; without it the months after a cohort's last payment are unknown.
    """

    __tablename__ = "cohort_book"
    __table_args__ = (
        CheckConstraint(f"timing IN ({', '.join(map(repr, TIMINGS))})", name="timing"),
        _one_live("cohort_book_company", "company_id"),
    )

    complete_through: Mapped[date | None] = mapped_column(Date)
    timing: Mapped[str] = mapped_column(String(12))
