"""The delivery log: which message to whom, and what became of it. Never what it says: links in it let people in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned
from vestry.core.types import UtcDateTime

QUEUED, SENT, FAILED = STATES = ("queued", "sent", "failed")


class MailDelivery(Base, Owned):
    """One message to one address. ``detail`` is the server's last word, or the file it was written to."""

    __tablename__ = "mail_delivery"
    AUDITED = False  # a log of its own; its text may hold a one-use link
    __table_args__ = (CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),)

    job_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("job.id"), index=True)
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(BigInteger)
    detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
