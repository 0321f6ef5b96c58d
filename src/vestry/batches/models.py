"""ImportBatch: a file on its way into the ledger, committed as a whole and undone as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned, Versioned
from vestry.core.types import Json, UtcDateTime

STATUSES = ("uploaded", "committed", "undone", "discarded")


class ImportBatch(Base, Owned, Versioned):
    """One file: its hash (the same file again is recognised), mapping, state and receipt."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        Index("ix_import_batch_firm_id_content_sha256", "firm_id", "content_sha256"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    content_sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(12))
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    receipt: Mapped[dict[str, Any]] = mapped_column(Json)
    row_count: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportFile(Base, Owned):
    """The bytes as uploaded, where every worker can read them, until the import is committed or discarded: from then
    on the batch has the file's name, size and hash, and the ledger its rows."""

    __tablename__ = "import_file"

    batch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_batch.id"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
