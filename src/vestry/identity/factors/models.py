"""What proves somebody a second time, and what the firm asks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned, Versioned
from vestry.core.secretbox import sealed_column
from vestry.core.types import Json, UtcDateTime


class TotpFactor(Base, Owned):
    """A user's authenticator application: the shared secret, sealed, and the last time step whose code was used."""

    __tablename__ = "totp_factor"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), unique=True)
    secret_sealed: Mapped[bytes] = sealed_column("user_id")
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base, Owned):
    """A code on paper that stands for the second factor once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInRules(Base, Owned, Versioned):
    """What a firm asks of its people when they sign in; a firm without a row asks for a password only.

    ``second_factor_roles``: roles that must show a second factor. ``password_sign_in`` off: only the
    administrators of ``break_glass`` (user ids) sign in by password, everybody else by a directory or a passkey.
    """

    __tablename__ = "sign_in_rules"
    __table_args__ = (UniqueConstraint("firm_id"),)

    second_factor_roles: Mapped[list[str]] = mapped_column(Json)
    password_sign_in: Mapped[bool] = mapped_column(Boolean)
    break_glass: Mapped[list[int]] = mapped_column(Json, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
