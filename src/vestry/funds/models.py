"""Fund: the product. Vehicle: a pocket of it with its own books. FundTerms: what the agreement says, from a date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Kept, name_column, unique_name
from vestry.core.types import Fraction, Money

STRATEGIES = ("venture", "growth", "buyout", "credit", "real_assets", "fund_of_funds", "cohort", "other")
VEHICLE_KINDS = ("main", "parallel", "feeder", "spv", "co_investment", "managed_account")
BOOKS = ("here", "elsewhere")
FEE_BASES = ("committed", "invested", "nav")
CARRY_SCHEMES = ("european", "american")


class Fund(Base, Kept):
    """A fund; its totals are computed from the ledger, never stored."""

    __tablename__ = "fund"
    __table_args__ = (
        unique_name("fund"),
        CheckConstraint(f"strategy IN ({', '.join(map(repr, STRATEGIES))})", name="strategy"),
    )

    name: Mapped[str] = name_column()
    name_key: Mapped[str] = mapped_column(String(400))
    strategy: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    vintage_year: Mapped[int | None] = mapped_column(Integer)
    target_size: Mapped[Decimal | None] = mapped_column(Money)
    started_on: Mapped[date | None] = mapped_column(Date)
    description: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)


class Vehicle(Base, Kept):
    """A legal or accounting pocket of a fund. Every fund has one main vehicle, made with it.

    ``books``: ``here`` = NAV is computed from the ledger; ``elsewhere`` = NAV is what was reported to us.
    """

    __tablename__ = "vehicle"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(map(repr, VEHICLE_KINDS))})", name="kind"),
        CheckConstraint(f"books IN ({', '.join(map(repr, BOOKS))})", name="books"),
        Index(
            "uq_vehicle_main",
            "fund_id",
            unique=True,
            sqlite_where=text("kind = 'main'"),
            postgresql_where=text("kind = 'main'"),
        ),
    )

    fund_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("fund.id"), index=True)
    name: Mapped[str] = name_column()
    kind: Mapped[str] = mapped_column(String(16))
    books: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)


class FundTerms(Base, Fact):
    """Fees, hurdle and carry of a fund from a date on; rates are fractions."""

    __tablename__ = "fund_terms"
    __table_args__ = (
        CheckConstraint(f"fee_basis IN ({', '.join(map(repr, FEE_BASES))})", name="fee_basis"),
        CheckConstraint(f"carry_scheme IN ({', '.join(map(repr, CARRY_SCHEMES))})", name="carry_scheme"),
        Index(
            "uq_fund_terms_effective",
            "fund_id",
            "effective_on",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    fund_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("fund.id"), index=True)
    effective_on: Mapped[date] = mapped_column(Date)
    management_fee_rate: Mapped[Decimal | None] = mapped_column(Fraction)
    fee_basis: Mapped[str | None] = mapped_column(String(12))
    carry_rate: Mapped[Decimal | None] = mapped_column(Fraction)
    hurdle_rate: Mapped[Decimal | None] = mapped_column(Fraction)
    catch_up_rate: Mapped[Decimal | None] = mapped_column(Fraction)
    carry_scheme: Mapped[str | None] = mapped_column(String(12))
    term_years: Mapped[int | None] = mapped_column(Integer)
    investment_period_years: Mapped[int | None] = mapped_column(Integer)
