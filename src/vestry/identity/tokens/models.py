"""Keys that sign access tokens, and families of refresh tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Identified, Owned, name_column
from vestry.core.secretbox import sealed_column
from vestry.core.types import UtcDateTime


class SigningKey(Base, Identified):
    """An Ed25519 key. Of no firm: whose a token is, is not known before it was verified."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(32), unique=True)
    private_sealed: Mapped[bytes] = sealed_column("kid")
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenFamily(Base, Owned):
    """A program that works for a user: all refresh tokens that came from one sign-in of it."""

    __tablename__ = "token_family"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    name: Mapped[str] = name_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"audited": False})
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_why: Mapped[str | None] = mapped_column(String(20))


class RefreshToken(Base, Owned):
    """One refresh token. ``spent_at``: it was exchanged for the next one; ``repeated_at``: and once more, because the
    answer was lost on the way; ``voided_at``: the token of that lost answer."""

    __tablename__ = "refresh_token"
    AUDITED = False  # the family is the record; its tokens come and go every few minutes

    family_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("token_family.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    repeated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_id: Mapped[int | None] = mapped_column(BigInteger)
