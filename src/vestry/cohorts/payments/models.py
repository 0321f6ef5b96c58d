"""Payments by the million, kept lean: no entity per row, whole units instead of decimals, one index (the key).

Rows of a company lie together (the key begins with the company). Who recorded a payment and when is said once per act
(:class:`PaymentEntry`), whether it brought one payment or ten million. A payment that was taken back keeps its row and
names the act that ended it; a correction leaves the earlier version in ``replaced_payment``. So what was known at any
instant can be recounted, and :class:`CohortRollup` answers for now. On PostgreSQL payments stand in parts by company
(docs/decisions/0024).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned
from vestry.core.types import Json, UtcDateTime

ENTRY_KINDS = ("payment", "upload", "correction", "void", "undo")
REFERENCE_MAX = 200
_CLUSTERED = {"sqlite_with_rowid": False}


class PaymentEntry(Base, Owned):
    """One act that recorded, corrected or took back payments of a company: a single one, or a whole file.

    ``first_id`` to ``last_id`` are the payments it brought. ``undone_by``: the act that took all of them back.
    """

    __tablename__ = "payment_entry"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(map(repr, ENTRY_KINDS))})", name="kind"),
        Index("ix_payment_entry_company_id", "company_id", "id"),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    kind: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    first_id: Mapped[int | None] = mapped_column(BigInteger)
    last_id: Mapped[int | None] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger)
    filename: Mapped[str | None] = mapped_column(String(255))
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    receipt: Mapped[dict[str, Any]] = mapped_column(Json)
    undone_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("payment_entry.id"))


class CohortCustomer(Base):
    """A company's customer, by the company's own id of it. ``first_month``: the cohort, as year × 12 + month − 1; none
    when every payment was taken back."""

    __tablename__ = "cohort_customer"
    __table_args__ = (
        PrimaryKeyConstraint("company_id", "id"),
        Index("uq_cohort_customer_reference", "company_id", "reference", unique=True),
        _CLUSTERED,
    )
    AUDITED = False

    firm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("firm.id"))
    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    reference: Mapped[str] = mapped_column(String(REFERENCE_MAX))
    first_month: Mapped[int | None] = mapped_column(BigInteger)


class CustomerPayment(Base):
    """What a customer paid on a day; a refund is negative. ``units``: ten-thousandths of the company's currency.
    ``ended_by``: the act that took it back."""

    __tablename__ = "customer_payment"
    __table_args__ = (
        PrimaryKeyConstraint("company_id", "id"),
        Index(
            "uq_customer_payment_reference",
            "company_id",
            "reference",
            unique=True,
            sqlite_where=text("reference IS NOT NULL AND ended_by IS NULL"),
            postgresql_where=text("reference IS NOT NULL AND ended_by IS NULL"),
        ),
        _CLUSTERED | {"postgresql_partition_by": "HASH (company_id)"},
    )
    AUDITED = False  # told by whoever writes: one event an act

    firm_id: Mapped[int] = mapped_column(BigInteger)
    company_id: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    units: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    reference: Mapped[str | None] = mapped_column(String(REFERENCE_MAX))


class ReplacedPayment(Base):
    """An earlier version of a corrected payment: recorded by ``entry_id``, replaced by ``ended_by``."""

    __tablename__ = "replaced_payment"
    __table_args__ = (
        PrimaryKeyConstraint("company_id", "id", "version"),
        ForeignKeyConstraint(["company_id"], ["company.id"]),
        _CLUSTERED,
    )
    AUDITED = False

    firm_id: Mapped[int] = mapped_column(BigInteger)
    company_id: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    units: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    ended_by: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str | None] = mapped_column(String(REFERENCE_MAX))


class PaymentFilePart(Base, Owned):
    """A piece of a large file on its way to the job that records it, where every worker can read it until that ends."""

    __tablename__ = "payment_file_part"
    __table_args__ = (Index("uq_payment_file_part_job_id", "job_id", "place", unique=True),)
    AUDITED = False

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"), index=True)
    job_id: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CustomerMove(Base, Owned):
    """A customer changed cohorts: an earlier payment was recorded, or the first one taken back. Months as in
    :class:`CohortCustomer`; ``to_month`` none: no payment is left."""

    __tablename__ = "customer_move"
    __table_args__ = (Index("ix_customer_move_company_id_customer_id", "company_id", "customer_id"),)
    AUDITED = False

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment_entry.id"))
    from_month: Mapped[int | None] = mapped_column(BigInteger)
    to_month: Mapped[int | None] = mapped_column(BigInteger)


class CohortRollup(Base):
    """What the payments of now come to: sum and count by cohort month and period; ``customers`` of the cohort stand in
    its period 0. Written in the transaction that changes payments, and equal to a recount."""

    __tablename__ = "cohort_rollup"
    __table_args__ = (PrimaryKeyConstraint("company_id", "cohort_month", "period"), _CLUSTERED)
    AUDITED = False

    firm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("firm.id"))
    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    cohort_month: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    period: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    units: Mapped[int] = mapped_column(BigInteger)
    payments: Mapped[int] = mapped_column(BigInteger)
    customers: Mapped[int] = mapped_column(BigInteger)
