"""Firm, User and the ways to prove who one is. Secrets are kept only as hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Identified, Owned, Versioned, name_column
from vestry.core.types import UtcDateTime
from vestry.identity.policy import ROLES

_ROLE_CHECK = f"role IN ({', '.join(repr(role) for role in ROLES)})"


class Firm(Base, Identified, Versioned):
    """The tenant: everything else belongs to one firm."""

    __tablename__ = "firm"

    name: Mapped[str] = name_column()
    currency: Mapped[str] = mapped_column(String(3))
    is_demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class User(Base, Owned, Versioned):
    """A person who signs in. An empty password hash means: only by a one-use link."""

    __tablename__ = "user"
    __table_args__ = (
        Index("uq_user_email_key", "email_key", unique=True),
        CheckConstraint(_ROLE_CHECK, name="role"),
    )

    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = name_column()
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UserSession(Base, Owned):
    """A sign-in: the cookie's hash, until it ends or is revoked."""

    __tablename__ = "user_session"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base, Owned):
    """A bearer token for programs, with a role of its own."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint(_ROLE_CHECK, name="role"),)

    name: Mapped[str] = name_column()
    role: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInLink(Base, Owned):
    """A link that signs one person in, once."""

    __tablename__ = "sign_in_link"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
