"""Every SELECT about imports, limited to what the actor may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vestry.batches.models import ImportBatch
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.identity.access import theirs

SORTS = {
    "id": ImportBatch.id,
    "created_at": ImportBatch.created_at,
    "filename": ImportBatch.filename,
    "kind": ImportBatch.kind,
    "status": ImportBatch.status,
    "row_count": ImportBatch.row_count,
}


def _batches(actor: Actor) -> Select[*tuple[Any, ...]]:
    return select(
        ImportBatch.id,
        ImportBatch.kind,
        ImportBatch.filename,
        ImportBatch.content_sha256,
        ImportBatch.byte_count,
        ImportBatch.status,
        ImportBatch.mapping,
        ImportBatch.receipt,
        ImportBatch.row_count,
        ImportBatch.created_by,
        ImportBatch.created_at,
        ImportBatch.committed_at,
        ImportBatch.undone_at,
        ImportBatch.version,
    ).where(theirs(actor, ImportBatch))


def list_batches(actor: Actor, q: str | None, *, kind: str | None, status: str | None) -> Listing:
    """Imports."""
    query = _batches(actor)
    if kind:
        query = query.where(ImportBatch.kind == kind)
    if status:
        query = query.where(ImportBatch.status == status)
    if q:
        query = query.where(contains(ImportBatch.filename, q))
    return Listing(query, SORTS, ImportBatch.id, "-created_at")


def get_batch(session: Session, actor: Actor, batch_id: int) -> dict[str, Any]:
    """One import."""
    row = session.execute(_batches(actor).where(ImportBatch.id == batch_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("import")
    return dict(row)


def same_files(session: Session, actor: Actor, digests: list[str]) -> dict[str, list[int]]:
    """Hash → the committed imports of a file with it, by id."""
    query = select(ImportBatch.content_sha256, ImportBatch.id).where(
        theirs(actor, ImportBatch), ImportBatch.status == "committed", ImportBatch.content_sha256.in_(digests)
    )
    found: dict[str, list[int]] = {}
    for digest, batch_id in session.execute(query.order_by(ImportBatch.id)):
        found.setdefault(digest, []).append(batch_id)
    return found
