"""ApprovalRule, ApprovalRequest: what needs a second person, and what was asked of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.four_eyes import KINDS
from vestry.core.model import Base, Owned, Versioned
from vestry.core.types import Money, UtcDateTime

STATES = ("pending", "approved", "refused", "withdrawn")


class ApprovalRule(Base, Owned, Versioned):
    """Whether a kind of change waits for somebody else in a firm; without a rule it does not."""

    __tablename__ = "approval_rule"
    __table_args__ = (
        Index("uq_approval_rule_firm_id_kind", "firm_id", "kind", unique=True),
        CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="kind"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    required: Mapped[bool] = mapped_column(Boolean)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApprovalRequest(Base, Owned, Versioned):
    """A change that waits. ``payload`` is what its operation is run with, never changed: another change is another
    request. ``effect`` is what it did to which rows when it was tried, and ``amount`` what that comes to. ``maker`` and
    ``checker`` name the person (``user:3``) whoever's token was used, else the token."""

    __tablename__ = "approval_request"
    __table_args__ = (
        Index("ix_approval_request_firm_id_state", "firm_id", "state"),
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
        CheckConstraint("checker IS NULL OR checker <> maker OR state = 'withdrawn'", name="four_eyes"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(Text)
    effect: Mapped[str | None] = mapped_column(Text, info={"audited": False})
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(12))
    maker: Mapped[str] = mapped_column(String(40))
    maker_name: Mapped[str] = mapped_column(String(200))
    maker_user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checker: Mapped[str | None] = mapped_column(String(40))
    checker_name: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
    record_id: Mapped[int | None] = mapped_column(BigInteger)
