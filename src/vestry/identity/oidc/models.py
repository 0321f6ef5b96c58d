"""Directories of firms, and who people are in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Kept, Owned, name_column
from vestry.core.secretbox import sealed_column
from vestry.core.types import Json, UtcDateTime


class IdentityProvider(Base, Kept):
    """A directory that signs people of the firm in. ``role_by_group``: pairs of a group and the role it gives, the
    first that fits counts; without pairs roles are kept by hand. ``second_factor_done``: it asks for one itself."""

    __tablename__ = "identity_provider"

    name: Mapped[str] = name_column()
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(200))
    secret_sealed: Mapped[bytes | None] = sealed_column("id", nullable=True)
    scopes: Mapped[str] = mapped_column(String(200))
    groups_claim: Mapped[str] = mapped_column(String(100))
    role_by_group: Mapped[list[list[str]]] = mapped_column(Json)
    second_factor_done: Mapped[bool] = mapped_column(Boolean)
    is_listed: Mapped[bool] = mapped_column(Boolean)


class ExternalIdentity(Base, Owned):
    """Who a user is in a directory: the pair of issuer and subject, which never changes, unlike addresses."""

    __tablename__ = "external_identity"
    __table_args__ = (
        UniqueConstraint("provider_id", "issuer", "subject"),
        Index("ix_external_identity_user_id", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    provider_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("identity_provider.id"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"audited": False})
