"""ValuationMark: the fair value of a holding, or of all of a company's equity, on a day. ReportedNav: a NAV kept
elsewhere, for a vehicle or for one investor in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact
from vestry.core.types import Money

METHODS = ("cost", "last_round", "multiples", "dcf", "opm", "market_price", "net_assets", "offer", "other")
_LIVE = text("voided_at IS NULL")


class ValuationMark(Base, Fact):
    """Either ``holding_id`` (the holding's fair value, vehicle currency) or ``company_id`` (equity value, the
    company's currency, multiplied by the ownership held). One live mark per thing and day."""

    __tablename__ = "valuation_mark"
    __table_args__ = (
        CheckConstraint("(holding_id IS NULL) <> (company_id IS NULL)", name="subject"),
        CheckConstraint("fair_value >= 0", name="fair_value"),
        CheckConstraint(f"method IN ({', '.join(map(repr, METHODS))})", name="method"),
        Index(
            "uq_valuation_mark_holding_day",
            "holding_id",
            "measured_on",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "uq_valuation_mark_company_day",
            "company_id",
            "measured_on",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    holding_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("holding.id"))
    company_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("company.id"))
    measured_on: Mapped[date] = mapped_column(Date)
    fair_value: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(16))
    memo: Mapped[str | None] = mapped_column(Text)


class ReportedNav(Base, Fact):
    """A NAV as its administrator reported it; ``investor_id`` empty = the whole vehicle. One live row per day."""

    __tablename__ = "reported_nav"
    __table_args__ = (
        Index("ix_reported_nav_vehicle_id_reported_on", "vehicle_id", "reported_on"),
        Index(
            "uq_reported_nav_vehicle_day",
            "vehicle_id",
            "reported_on",
            unique=True,
            sqlite_where=text("voided_at IS NULL AND investor_id IS NULL"),
            postgresql_where=text("voided_at IS NULL AND investor_id IS NULL"),
        ),
        Index(
            "uq_reported_nav_investor_day",
            "vehicle_id",
            "investor_id",
            "reported_on",
            unique=True,
            sqlite_where=text("voided_at IS NULL AND investor_id IS NOT NULL"),
            postgresql_where=text("voided_at IS NULL AND investor_id IS NOT NULL"),
        ),
    )

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    investor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("investor.id"), index=True)
    reported_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    source: Mapped[str | None] = mapped_column(Text)
