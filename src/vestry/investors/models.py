"""Investor: a limited partner, the general partner's own commitment, or a client."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Kept, name_column, unique_name

INVESTOR_KINDS = ("lp", "gp", "client", "all_investors")


class Investor(Base, Kept):
    """Who provides capital. The kind ``all_investors`` stands for all of a fund's investors together, where a source
    knows only the total."""

    __tablename__ = "investor"
    __table_args__ = (
        unique_name("investor"),
        CheckConstraint(f"kind IN ({', '.join(map(repr, INVESTOR_KINDS))})", name="kind"),
    )

    name: Mapped[str] = name_column()
    name_key: Mapped[str] = mapped_column(String(400))
    kind: Mapped[str] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True)
