"""What was sent to whom, with the hash of its secret. Each is good once, until it expires."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned, name_column
from vestry.core.types import Json, UtcDateTime


class Invitation(Base, Owned):
    """Somebody asked to join the firm at an address, with a role and grants that are given on acceptance."""

    __tablename__ = "invitation"

    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = name_column()
    role: Mapped[str] = mapped_column(String(20))
    grants: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    invited_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))


class PasswordReset(Base, Owned):
    """A way to a new password for a user, at the address they had when it was asked for."""

    __tablename__ = "password_reset"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    email_key: Mapped[str] = mapped_column(String(254))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
