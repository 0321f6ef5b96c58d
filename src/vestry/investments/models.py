"""Investment: one vehicle's involvement in one company. Holding: one security in it. Transaction: a dated fact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Fact, Kept, name_column
from vestry.core.types import Fraction, Money, Quantity

# kind → what the amount does to the vehicle's cash (−1 out, +1 in, 0 nothing); amounts themselves are never negative.
CASH_SIGN = {
    "purchase": -1,
    "follow_on": -1,
    "fee": -1,
    "proceeds": 1,
    "dividend": 1,
    "interest": 1,
    "write_off": 0,
    "conversion": 0,
}
TRANSACTION_KINDS = tuple(CASH_SIGN)


class Investment(Base, Kept):
    """One vehicle in one company; status, cost and value follow from its transactions and marks."""

    __tablename__ = "investment"
    __table_args__ = (
        Index(
            "uq_investment_vehicle_id_company_id",
            "vehicle_id",
            "company_id",
            unique=True,
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
    )

    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vehicle.id"))
    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"), index=True)
    thesis: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)


class Holding(Base, Kept):
    """One security in one investment."""

    __tablename__ = "holding"

    investment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("investment.id"), index=True)
    security_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("security.id"), index=True)
    name: Mapped[str] = name_column()
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)


class Transaction(Base, Fact):
    """A dated fact about a holding, in its vehicle's currency.

    ``quantity`` and ``ownership`` are what this transaction adds (purchase, follow-on) or takes away (proceeds,
    write-off), never negative. ``disposed_share`` is the fraction of the holding that proceeds or a write-off end
    (1 = a full exit); where it is empty it follows from quantity or ownership. A conversion moves the holding's whole
    cost into ``into_holding_id``.
    """

    __tablename__ = "transaction"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(map(repr, TRANSACTION_KINDS))})", name="kind"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("(kind = 'conversion') = (into_holding_id IS NOT NULL)", name="conversion"),
        Index("ix_transaction_holding_id_transacted_on", "holding_id", "transacted_on"),
    )

    holding_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("holding.id"))
    kind: Mapped[str] = mapped_column(String(12))
    transacted_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    ownership: Mapped[Decimal | None] = mapped_column(Fraction)
    disposed_share: Mapped[Decimal | None] = mapped_column(Fraction)
    into_holding_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("holding.id"), index=True)
    memo: Mapped[str | None] = mapped_column(Text)


# As the list shows them: those that stand, the latest first. Counting them needs nothing else.
Index(
    "ix_transaction_firm_id_transacted_on",
    Transaction.firm_id,
    Transaction.transacted_on.desc(),
    Transaction.id,
    sqlite_where=text("voided_at IS NULL"),
    postgresql_where=text("voided_at IS NULL"),
)
