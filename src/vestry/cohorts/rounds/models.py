"""MonthlyRound, RoundTransfer, RoundStatement: one month between a fund and a company, and the money that moved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.cohorts.models import CohortFact
from vestry.core.types import Fraction, Money

STATES = ("planned", "declined", "approved", "funded", "spent", "stated", "settled")
STEPS = ("plan", "approve", "decline", "fund", "report", "issue", "settle", "carry", "take_back", "step_back")
SIDES = ("fund", "company")
TRANSFERS = ("funding", "settlement")
_LIVE = text("voided_at IS NULL")


def _among(name: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(map(repr, values))})", name=name)


class MonthlyRound(CohortFact):
    """One calendar month between the fund and a company: the cohort that is paid for, and what all cohorts bring.

    Each version is a step: ``step`` says what was done last, ``done_by`` and ``side`` by whom, ``step_on``,
    ``step_amount`` and ``reason`` about what. ``sharing_percentage`` and ``funding_due`` (sharing × planned spend) are
    what was approved; ``plan_in_terms`` whether approving wrote the planned spend into the trade's terms.
    """

    __tablename__ = "monthly_round"
    __table_args__ = (
        _among("state", STATES),
        _among("step", STEPS),
        _among("side", SIDES),
        CheckConstraint("planned_spend >= 0", name="planned_spend"),
        Index(
            "uq_monthly_round_month",
            "company_id",
            "month",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    month: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    planned_spend: Mapped[Decimal] = mapped_column(Money)
    sharing_percentage: Mapped[Decimal | None] = mapped_column(Fraction)
    funding_due: Mapped[Decimal | None] = mapped_column(Money)
    plan_in_terms: Mapped[bool] = mapped_column(Boolean)
    step: Mapped[str] = mapped_column(String(10))
    step_on: Mapped[date | None] = mapped_column(Date)
    step_amount: Mapped[Decimal | None] = mapped_column(Money)
    reason: Mapped[str | None] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(200))
    side: Mapped[str] = mapped_column(String(8))


class RoundTransfer(CohortFact):
    """Money that moved on a day: ``funding`` from the fund to the company, ``settlement`` the other way; below 0: back.

    It counts for its round, and what a round has too much or too little is carried to the next one.
    """

    __tablename__ = "round_transfer"
    __table_args__ = (
        _among("kind", TRANSFERS),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_round_transfer_company_id", "company_id"),
    )

    monthly_round_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("monthly_round.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    paid_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    done_by: Mapped[str] = mapped_column(String(200))


class RoundStatement(CohortFact):
    """What was stated to be owed for a month: the engine's figures as known when it was issued (``recorded_at``).

    ``total`` is their sum, ``carried`` what was open from earlier months, ``lines`` the cohorts as JSON.
    """

    __tablename__ = "round_statement"
    __table_args__ = (
        Index(
            "uq_round_statement_round",
            "company_id",
            "monthly_round_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    monthly_round_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("monthly_round.id"), index=True)
    total: Mapped[Decimal] = mapped_column(Money)
    carried: Mapped[Decimal] = mapped_column(Money)
    lines: Mapped[str] = mapped_column(Text, info={"audited": False})
