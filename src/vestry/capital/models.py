"""Commitment, CapitalCall and Distribution with a line per investor, and the vehicle's fees, expenses and income.

Signs: amounts on calls and distributions are positive in the direction of their name; an ``adjustment`` call may be
negative (capital returned as excess, a true-up). Everything is in the vehicle's currency.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact
from vestry.core.types import Money

# ``opening`` = a total up to a date, from a source that knows no single flows; no IRR can be computed over it.
CALL_KINDS = ("call", "adjustment", "opening")
DISTRIBUTION_KINDS = ("distribution", "opening")
# ``balance`` kinds state an amount as of their date and replace the earlier one; the others are flows.
ENTRY_SIGN = {"management_fee": -1, "expense": -1, "income": 1}
BALANCE_KINDS = ("liability", "accrued_carry")
ENTRY_KINDS = (*ENTRY_SIGN, *BALANCE_KINDS)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=column)


class Commitment(Base, Fact):
    """What an investor promised to a vehicle at a closing; several closings add up. 0 is allowed (a side pocket)."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_commitment_vehicle_id_investor_id", "vehicle_id", "investor_id"),
    )

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    investor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("investor.id"), index=True)
    committed_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)


class CapitalCall(Base, Fact):
    """Money asked from the investors of a vehicle; the amounts lie in its lines."""

    __tablename__ = "capital_call"
    __table_args__ = (_one_of("kind", CALL_KINDS),)

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    called_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str | None] = mapped_column(Text)


class CapitalCallLine(Base, Fact):
    """One investor's share of a call: for investments, fees, expenses; paid-in from ``paid_on`` on.

    ``outside_commitment`` counts as paid-in but does not use up the commitment.
    """

    __tablename__ = "capital_call_line"
    __table_args__ = (
        CheckConstraint("amount = investments + fees + expenses", name="split"),
        Index("ix_capital_call_line_vehicle_id_paid_on", "vehicle_id", "paid_on"),
    )

    capital_call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("capital_call.id"), index=True)
    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    investor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("investor.id"), index=True)
    due_on: Mapped[date] = mapped_column(Date)
    paid_on: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    investments: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[Decimal] = mapped_column(Money)
    expenses: Mapped[Decimal] = mapped_column(Money)
    outside_commitment: Mapped[bool]


class Distribution(Base, Fact):
    """Money paid out to the investors of a vehicle; the amounts lie in its lines."""

    __tablename__ = "distribution"
    __table_args__ = (_one_of("kind", DISTRIBUTION_KINDS),)

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    declared_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str | None] = mapped_column(Text)


class DistributionLine(Base, Fact):
    """One investor's share of a distribution; ``recallable`` is the part of it that may be called again."""

    __tablename__ = "distribution_line"
    __table_args__ = (
        CheckConstraint("amount = return_of_capital + gains + income", name="split"),
        CheckConstraint("amount >= 0 AND recallable >= 0 AND recallable <= amount", name="recallable"),
        Index("ix_distribution_line_vehicle_id_paid_on", "vehicle_id", "paid_on"),
    )

    distribution_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("distribution.id"), index=True)
    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    investor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("investor.id"), index=True)
    due_on: Mapped[date] = mapped_column(Date)
    paid_on: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    return_of_capital: Mapped[Decimal] = mapped_column(Money)
    gains: Mapped[Decimal] = mapped_column(Money)
    income: Mapped[Decimal] = mapped_column(Money)
    recallable: Mapped[Decimal] = mapped_column(Money)


class VehicleEntry(Base, Fact):
    """A vehicle's own money: management fees, expenses, income (flows); liabilities and accrued carry (balances)."""

    __tablename__ = "vehicle_entry"
    __table_args__ = (
        _one_of("kind", ENTRY_KINDS),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_vehicle_entry_vehicle_id_entered_on", "vehicle_id", "entered_on"),
    )

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    kind: Mapped[str] = mapped_column(String(16))
    entered_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    memo: Mapped[str | None] = mapped_column(Text)
