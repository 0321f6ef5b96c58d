"""The audit trail's tables. Rows may be added and read; the database refuses to change or delete one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned
from vestry.core.trail import ACTIONS
from vestry.core.types import UtcDateTime


class AuditRow(Base, Owned):
    """One thing that happened in a firm. ``sequence`` counts from 1 in each firm without a gap.

    ``before`` and ``after`` are canonical JSON texts of the columns that changed, so that the bytes that were hashed
    are the bytes that are kept. ``actor_id`` is a user's or a token's id, by ``actor_kind``.
    """

    __tablename__ = "audit_row"
    AUDITED = False
    __table_args__ = (
        Index("uq_audit_row_firm_id_sequence", "firm_id", "sequence", unique=True),
        Index("ix_audit_row_firm_id_noun_record_id", "firm_id", "noun", "record_id"),
        Index("ix_audit_row_firm_id_actor_kind_actor_id", "firm_id", "actor_kind", "actor_id"),
        CheckConstraint(f"action IN ({', '.join(map(repr, ACTIONS))})", name="action"),
    )

    firm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("firm.id"), sort_order=-99)  # indexed above
    sequence: Mapped[int] = mapped_column(BigInteger)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str | None] = mapped_column(String(80))
    door: Mapped[str] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(String(80))
    request_id: Mapped[str | None] = mapped_column(String(64))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(200))
    actor_role: Mapped[str] = mapped_column(String(20))
    on_behalf_of: Mapped[int | None] = mapped_column(BigInteger)
    noun: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(String(16))
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base, Owned):
    """How far a firm's chain has come; its row is what writers of one firm wait for, at the end of their work."""

    __tablename__ = "audit_head"
    AUDITED = False
    __table_args__ = (Index("uq_audit_head_firm_id", "firm_id", unique=True),)

    firm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("firm.id"), sort_order=-99)
    chain: Mapped[str] = mapped_column(String(32), unique=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
