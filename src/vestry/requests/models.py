"""RequestTemplate: what companies are asked for, and when. CompanyRecipient: whom of a company. DataRequest: one
company, one period. FormLink: the way in without an account. SubmittedValue: one answer, and what became of it.
RequestAttachment: a file sent beside the answers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Kept, Owned, Versioned, name_column
from vestry.core.types import Fraction, Json, UtcDateTime
from vestry.metrics.periods import Kind

ASKED, DRAFT, SUBMITTED, RETURNED, APPROVED, CANCELLED = STATES = (
    "asked",
    "draft",
    "submitted",
    "returned",
    "approved",
    "cancelled",
)
WITH_COMPANY = (ASKED, DRAFT, RETURNED)  # somebody there has still to send it
DECISIONS = ("submitted", "approved", "rejected")
PERIOD_KINDS = ("month", "quarter", "year")
_LIVE = text("state <> 'cancelled'")


def _among(column: str, names: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, names))})", name=column)


class RequestTemplate(Base, Kept):
    """What companies are asked for after each period, and when.

    ``metrics``: keys in the order of the form. ``due_days``: days after the period's end. ``reminder_days``: when
    somebody who has not answered is reminded, in days from the due date (−7: a week before). ``deviation``: from which
    change against the period before a company is asked why (0.4 = 40 %). ``company_ids``: empty for every company with
    recipients. ``is_scheduled``: asked for by itself, for periods that end on ``starts_on`` or later.
    """

    __tablename__ = "request_template"
    __table_args__ = (
        _among("period_kind", PERIOD_KINDS),
        CheckConstraint("due_days BETWEEN 0 AND 365", name="due_days"),
        CheckConstraint("deviation > 0", name="deviation"),
    )

    name: Mapped[str] = name_column()
    period_kind: Mapped[Kind] = mapped_column(String(8))
    metrics: Mapped[list[str]] = mapped_column(Json)
    questions: Mapped[list[str]] = mapped_column(Json)
    message: Mapped[str | None] = mapped_column(Text)
    due_days: Mapped[int] = mapped_column(BigInteger)
    reminder_days: Mapped[list[int]] = mapped_column(Json)
    deviation: Mapped[Decimal] = mapped_column(Fraction)
    company_ids: Mapped[list[int]] = mapped_column(Json)
    is_scheduled: Mapped[bool] = mapped_column(Boolean)
    starts_on: Mapped[date] = mapped_column(Date)


class CompanyRecipient(Base, Owned):
    """Who of a company is asked, by mail. They need no account."""

    __tablename__ = "company_recipient"
    __table_args__ = (UniqueConstraint("company_id", "email_key"),)

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DataRequest(Base, Owned, Versioned):
    """A company is asked for a period's figures, as the template was when it was asked.

    ``draft`` holds what was typed and not sent: texts, as they were typed. ``reminded_step``: the last of
    ``reminder_days`` that was done, so that none is done twice.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        _among("state", STATES),
        _among("period_kind", PERIOD_KINDS),
        CheckConstraint("starts_on <= ends_on", name="period"),
        Index(
            "uq_data_request_period",
            "request_template_id",
            "company_id",
            "ends_on",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_data_request_company_id", "company_id"),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    request_template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("request_template.id"))
    name: Mapped[str] = name_column()
    period: Mapped[str] = mapped_column(String(20))
    period_kind: Mapped[Kind] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    metrics: Mapped[list[str]] = mapped_column(Json)
    questions: Mapped[list[str]] = mapped_column(Json)
    message: Mapped[str | None] = mapped_column(Text)
    deviation: Mapped[Decimal] = mapped_column(Fraction)
    reminder_days: Mapped[list[int]] = mapped_column(Json)
    reminded_step: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    draft: Mapped[dict[str, Any]] = mapped_column(Json, info={"audited": False})
    answers: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str | None] = mapped_column(String(254))
    receipt: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FormLink(Base, Owned):
    """A link to one request's form, mailed to one address; good until the form is sent, replaced or expired.

    The secret itself is kept nowhere. ``spent_at``: from when it opens no more than the receipt.
    """

    __tablename__ = "form_link"

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    data_request_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("data_request.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[str] = mapped_column(String(10))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SubmittedValue(Base, Owned, Versioned):
    """One metric as a company sent it, and what was decided. The latest of a request and metric counts.

    ``figures``: what whoever decides looks at, as texts: the value as it was read, the one before, the change.
    ``metric_value_id`` at ``metric_value_version`` is the recorded figure; nothing where the company says why it has
    none.
    """

    __tablename__ = "submitted_value"
    __table_args__ = (
        _among("state", DECISIONS),
        Index("ix_submitted_value_company_id", "company_id"),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    data_request_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("data_request.id"), index=True)
    metric: Mapped[str] = mapped_column(String(64))
    metric_value_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("metric_value.id"))
    metric_value_version: Mapped[int | None] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(200))


class RequestAttachment(Base, Owned):
    """A file a company sends beside its figures, bytes and all, so that the database's backup, its transactions and
    its row-level security hold for it and every worker can read it.

    ``sent_at`` empty: attached to the form that is being filled in, and whoever fills it in may take it away again.
    ``media_type`` is what the bytes are, ``name`` cleaned and with the ending of that type. The same bytes stand once
    in a request. ``removed_at``: the firm removed it after it was sent; its bytes are gone, the rest stays.
    """

    __tablename__ = "request_attachment"
    __table_args__ = (
        UniqueConstraint("data_request_id", "content_sha256"),
        CheckConstraint(
            "(content IS NULL) = (removed_at IS NOT NULL) AND (removed_by IS NULL) = (removed_at IS NULL) "
            "AND (removal_reason IS NULL) = (removed_at IS NULL)",
            name="removal",
        ),
        Index("ix_request_attachment_company_id", "company_id"),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    data_request_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("data_request.id"))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    byte_count: Mapped[int] = mapped_column(BigInteger)
    content_sha256: Mapped[str] = mapped_column(String(64))
    attached_by: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(200))
    removal_reason: Mapped[str | None] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
