"""Every SELECT about files of figures, limited to what the actor may see."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.model import table_of
from vestry.identity.access import find, theirs, visible
from vestry.metrics.imports.mapping import Percent, Told
from vestry.metrics.imports.models import MetricImport, MetricImportCell, MetricLabel

CELL = table_of(MetricImportCell)
_SORTS = {"id": MetricImport.id, "recorded_at": MetricImport.recorded_at, "filename": MetricImport.filename}


def list_imports(session: Session, actor: Actor, company_id: int) -> Listing:
    """The files of figures that were recorded for a company."""
    find(session, actor, Company, company_id, noun="company")
    return Listing(_imports(actor, company_id), _SORTS, MetricImport.id, "-id")


def get_import(session: Session, actor: Actor, company_id: int, import_id: int) -> dict[str, Any]:
    """One of them."""
    row = session.execute(_imports(actor, company_id).where(MetricImport.id == import_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("import of figures")
    return dict(row)


def _imports(actor: Actor, company_id: int) -> Select[*tuple[Any, ...]]:
    return select(
        MetricImport.id,
        MetricImport.company_id,
        MetricImport.connection_id,
        MetricImport.filename,
        MetricImport.content_sha256,
        MetricImport.byte_count,
        MetricImport.row_count,
        MetricImport.mapping,
        MetricImport.options,
        MetricImport.receipt,
        MetricImport.recorded_at,
        MetricImport.recorded_by,
        MetricImport.undone_at,
        MetricImport.undone_by,
        MetricImport.undo_reason,
    ).where(theirs(actor, MetricImport), MetricImport.company_id == company_id)


def labels(session: Session, actor: Actor, company_id: int) -> list[MetricLabel]:
    """What a company's files taught, by label."""
    query = visible(actor, MetricLabel).where(MetricLabel.company_id == company_id).order_by(MetricLabel.label_key)
    return list(session.scalars(query))


def remembered(session: Session, actor: Actor, company_id: int) -> dict[str, Told]:
    """Folded label → what it stood for the last time."""
    found = {}
    for row in labels(session, actor, company_id):
        percent: Percent | None = "percent" if row.percent == "percent" else "fraction" if row.percent else None
        found[row.label_key] = Told(row.metric, row.scale, row.sign, percent, row.currency, row.said_scale)
    return found


def cells_of(session: Session, actor: Actor, value_ids: Collection[int]) -> list[dict[str, Any]]:
    """The cells that versions of these values came from, each with its import and whether a connection fetched it, the
    earliest version first."""
    query = (
        select(
            CELL.c.value_id,
            CELL.c.version,
            CELL.c.import_id,
            CELL.c.sheet,
            CELL.c.cell,
            MetricImport.filename,
            MetricImport.connection_id,
            MetricImport.undone_at,
        )
        .join(MetricImport, MetricImport.id == CELL.c.import_id)
        .where(theirs(actor, MetricImport), CELL.c.value_id.in_(sorted(value_ids)))
        .order_by(CELL.c.value_id, CELL.c.version)
    )
    return [dict(row) for row in session.execute(query).mappings()]
