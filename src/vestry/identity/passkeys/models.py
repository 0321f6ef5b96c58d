"""Passkeys of people, and ceremonies that have begun."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Identified, Owned, name_column
from vestry.core.types import Json, UtcDateTime


class Passkey(Base, Owned):
    """The public half of a key on a user's device."""

    __tablename__ = "passkey"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    name: Mapped[str] = name_column()
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, info={"audited": False})
    transports: Mapped[list[str]] = mapped_column(Json)
    is_synced: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"audited": False})


class Ceremony(Base, Identified):
    """Something begun with a browser that it must finish once and soon: a challenge, or a way to another site and back.
    Of no firm: who finishes it is not known yet. ``user_id`` where only that user may."""

    __tablename__ = "ceremony"

    kind: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
