"""Company: one row per business, ever, invested or not. Round: a financing of it. Security: what it issued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Kept, name_column, unique_name
from vestry.core.types import Money, Price, Quantity

SECURITY_KINDS = (
    "common",
    "preferred",
    "safe",
    "note",
    "option",
    "warrant",
    "loan",
    "fund_interest",
    "listed",
    "other",
)


class Company(Base, Kept):
    """A business. "Portfolio company" is a status that follows from its investments, not a table."""

    __tablename__ = "company"
    __table_args__ = (unique_name("company"),)

    name: Mapped[str] = name_column()
    name_key: Mapped[str] = mapped_column(String(400))
    currency: Mapped[str] = mapped_column(String(3))
    industry: Mapped[str | None] = mapped_column(String(100))
    sector: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(100))
    website: Mapped[str | None] = mapped_column(String(400))
    is_public: Mapped[bool]
    ticker_symbol: Mapped[str | None] = mapped_column(String(20))
    description: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)


class MarketPrice(Base, Fact):
    """What one share of a listed company cost at the end of a day, by a provider; one live row a day and provider."""

    __tablename__ = "market_price"
    __table_args__ = (
        CheckConstraint("close > 0", name="close"),
        Index(
            "uq_market_price_day",
            "company_id",
            "provider",
            "priced_on",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    provider: Mapped[str] = mapped_column(String(20))
    symbol: Mapped[str] = mapped_column(String(20))
    priced_on: Mapped[date] = mapped_column(Date)
    close: Mapped[Decimal] = mapped_column(Price)
    currency: Mapped[str] = mapped_column(String(3))


class Round(Base, Fact):
    """A company's financing, whether or not we joined; post-money − pre-money = raised when all three are known."""

    __tablename__ = "round"

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"), index=True)
    name: Mapped[str] = name_column()
    closed_on: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    raised: Mapped[Decimal | None] = mapped_column(Money)
    pre_money: Mapped[Decimal | None] = mapped_column(Money)
    post_money: Mapped[Decimal | None] = mapped_column(Money)
    price_per_share: Mapped[Decimal | None] = mapped_column(Price)


class Security(Base, Kept):
    """What a company issued: preferred A, a SAFE, a note, a listed share."""

    __tablename__ = "security"
    __table_args__ = (CheckConstraint(f"kind IN ({', '.join(map(repr, SECURITY_KINDS))})", name="kind"),)

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("round.id"), index=True)
    name: Mapped[str] = name_column()
    kind: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    shares_outstanding: Mapped[Decimal | None] = mapped_column(Quantity)
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)
