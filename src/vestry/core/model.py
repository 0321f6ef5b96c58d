"""The base of every table: names, ids, versions, and which rows are facts that keep their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, ForeignKey, Index, MetaData, String, Table, Text, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, declared_attr, mapped_column

from vestry.core.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table is STRICT on SQLite and follows one naming convention, which batch migrations rely on."""

    metadata = MetaData(naming_convention=NAMING)
    # Whether the audit trail tells of the table's rows; False for what is derived, or kept for machines only. A column
    # that changes with every use says ``info={"audited": False}``.
    AUDITED: ClassVar[bool] = True


@event.listens_for(Mapper, "after_mapper_constructed")
def _strict(mapper: Mapper[Any], _: type) -> None:
    for table in mapper.tables:
        table.dialect_options["sqlite"]["strict"] = True  # type: ignore[attr-defined]


def table_of(model: type[Any]) -> Table:
    """The table a model is mapped to; the mapper's own word for it says only that it can be selected from."""
    table: Table = model.__table__
    return table


class Identified:
    """A 64-bit id given by the database."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-100)


class Owned(Identified):
    """A row of one firm. Every read begins from the firm the actor belongs to."""

    @declared_attr
    def firm_id(cls) -> Mapped[int]:  # noqa: N805
        # Facts are reached through what they are about, which has the index.
        return mapped_column(
            BigInteger, ForeignKey("firm.id"), index=not issubclass(cast(type, cls), Fact), sort_order=-99
        )


class Versioned:
    """A version that each UPDATE raises and checks, so that no write overwrites one it has not seen."""

    version: Mapped[int] = mapped_column(BigInteger, sort_order=100)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__dict__.get("version", cls.version)}


class Kept(Owned, Versioned):
    """Master data: changed in place, archived rather than deleted."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=101)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=102)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=103)


class Fact(Owned, Versioned):
    """A financial fact: never overwritten. A change supersedes the row (its earlier versions lie in the history twin),
    a mistake is voided with a reason. ``recorded_at`` is when this version became known to us."""

    HISTORY: ClassVar[bool] = True

    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=101)
    recorded_by: Mapped[int | None] = mapped_column(BigInteger, sort_order=102)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=103)
    void_reason: Mapped[str | None] = mapped_column(Text, sort_order=104)

    @declared_attr
    def batch_id(self) -> Mapped[int | None]:
        return mapped_column(BigInteger, ForeignKey("import_batch.id"), index=True, sort_order=105)


def name_column() -> Mapped[str]:
    """A name people read, as typed (NFC)."""
    return mapped_column(String(200))


def unique_name(table: str) -> Index:
    """One live row of a name per firm, compared by its key (case-folded, spaces collapsed)."""
    live = text("archived_at IS NULL")
    return Index(
        f"uq_{table}_firm_id_name_key", "firm_id", "name_key", unique=True, sqlite_where=live, postgresql_where=live
    )
