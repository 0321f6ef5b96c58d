"""MetricConnection: where figures of a company are fetched, and with which key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Kept, name_column
from vestry.core.secretbox import sealed_column
from vestry.core.types import Json

_LIVE = text("archived_at IS NULL")


class MetricConnection(Base, Kept):
    """A source of a company's figures. ``account``: which of several sets of books the source keeps. ``nightly``: asked
    by itself, as whoever set the connection last (``user_id`` or ``token_id``). ``last_fetch``: how the latest fetch
    went, for people to read."""

    __tablename__ = "metric_connection"
    __table_args__ = (
        Index(
            "uq_metric_connection_company_id_name_key",
            "company_id",
            "name_key",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    name: Mapped[str] = name_column()
    name_key: Mapped[str] = mapped_column(String(400))
    provider: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(500))
    account: Mapped[str | None] = mapped_column(String(200))
    secret_sealed: Mapped[bytes | None] = sealed_column("id", nullable=True)
    nightly: Mapped[bool] = mapped_column(Boolean)
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    token_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("api_token.id"))
    last_fetch: Mapped[dict[str, Any] | None] = mapped_column(Json, info={"audited": False})
