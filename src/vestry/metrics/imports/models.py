"""MetricImport: a file of figures that was recorded. MetricImportCell: the cell a version of a figure came from.
MetricLabel: which metric a company means by a label, so that its next file maps itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Owned, Versioned
from vestry.core.types import Json, UtcDateTime

LABEL_MAX = 200
SHEET_MAX = 100
SCALES = (1, 1_000, 1_000_000, 1_000_000_000)
# The sources of values that came by an import: from a file, or from a connection.
FILED = ("import", "integration")
_CLUSTERED = {"sqlite_with_rowid": False}


class MetricImport(Base, Owned):
    """A file of a company's figures: its hash (the same file again is recognised), how it was mapped, and what it
    brought; or what a connection fetched (``connection_id``). Undone, its figures are voided or say again what they
    said before."""

    __tablename__ = "metric_import"
    __table_args__ = (Index("ix_metric_import_company_id_content_sha256", "company_id", "content_sha256"),)

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    connection_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("metric_connection.id"))
    filename: Mapped[str] = mapped_column(String(255))
    content_sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger)
    mapping: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    receipt: Mapped[dict[str, Any]] = mapped_column(Json)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(BigInteger)
    undo_reason: Mapped[str | None] = mapped_column(Text)


class MetricImportCell(Base):
    """``version`` of a value says what stands in a cell of a file. Told by the import's own event."""

    __tablename__ = "metric_import_cell"
    __table_args__ = (
        PrimaryKeyConstraint("value_id", "version"),
        Index("ix_metric_import_cell_import_id", "import_id"),
        _CLUSTERED,
    )
    AUDITED = False

    firm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("firm.id"))
    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("metric_import.id"))
    value_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("metric_value.id"), autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    sheet: Mapped[str | None] = mapped_column(String(SHEET_MAX))
    cell: Mapped[str] = mapped_column(String(20))


class MetricLabel(Base, Owned, Versioned):
    """A label as a company writes it (``label_key``: without case, punctuation and unit), and what it stands for.

    ``metric`` None: the line is left out. A figure is the number × ``scale`` × ``sign``; ``said_scale`` is the scale
    that the file itself stated when this was learnt. ``percent``: ratios are written as percent (93) or fraction."""

    __tablename__ = "metric_label"
    __table_args__ = (
        CheckConstraint(f"scale IN ({', '.join(map(str, SCALES))})", name="scale"),
        CheckConstraint("sign IN (-1, 1)", name="sign"),
        Index("uq_metric_label_company_id_label_key", "company_id", "label_key", unique=True),
    )

    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company.id"))
    label: Mapped[str] = mapped_column(String(LABEL_MAX))
    label_key: Mapped[str] = mapped_column(String(LABEL_MAX))
    metric: Mapped[str | None] = mapped_column(String(64))
    scale: Mapped[int] = mapped_column(BigInteger)
    said_scale: Mapped[int | None] = mapped_column(BigInteger)
    sign: Mapped[int] = mapped_column(BigInteger)
    percent: Mapped[str | None] = mapped_column(String(8))
    currency: Mapped[str | None] = mapped_column(String(3))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
