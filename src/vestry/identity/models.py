"""Firm, User and the ways to prove who one is. Secrets are kept only as hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Identified, Owned, Versioned, name_column
from vestry.core.types import UtcDateTime
from vestry.identity.policy import GRANT_KINDS, ROLES

# "second_step": a second factor has to be shown. "enrol": one has to be set up first.
STAGES = ("full", "second_step", "enrol")
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
    """A sign-in: the cookie's hash, until it ends, is left idle or is revoked.

    ``stage`` is "full", or says what is still asked for before the session opens anything.
    """

    __tablename__ = "user_session"
    __table_args__ = (CheckConstraint(f"stage IN ({', '.join(repr(stage) for stage in STAGES)})", name="stage"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    stage: Mapped[str] = mapped_column(String(12), server_default="full")
    proof: Mapped[str] = mapped_column(String(40), server_default="password")
    address: Mapped[str] = mapped_column(String(64), server_default="")
    device: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, info={"audited": False})
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base, Owned):
    """A bearer token for programs, with a role of its own."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint(_ROLE_CHECK, name="role"),)

    name: Mapped[str] = name_column()
    role: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    networks: Mapped[str | None] = mapped_column(String(1000))
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"audited": False})
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInLink(Base, Owned):
    """A link that signs one person in, once."""

    __tablename__ = "sign_in_link"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Grant(Base, Owned):
    """What part of the firm a user or an API token may see. Never deleted: a right that was taken back stays on record.

    ``scope_id`` is the id of the fund, vehicle, company or investor, and 0 for the whole firm.
    """

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint(f"scope_kind IN ({', '.join(map(repr, GRANT_KINDS))})", name="scope_kind"),
        CheckConstraint("(scope_kind = 'firm') = (scope_id = 0)", name="scope_id"),
        CheckConstraint("(user_id IS NULL) <> (token_id IS NULL)", name="holder"),
        *(
            Index(
                f"uq_access_grant_{holder}",
                f"{holder}_id",
                "scope_kind",
                "scope_id",
                unique=True,
                sqlite_where=text("revoked_at IS NULL"),
                postgresql_where=text("revoked_at IS NULL"),
            )
            for holder in ("user", "token")
        ),
    )

    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    token_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("api_token.id"), index=True)
    scope_kind: Mapped[str] = mapped_column(String(10))
    scope_id: Mapped[int] = mapped_column(BigInteger)
    granted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
