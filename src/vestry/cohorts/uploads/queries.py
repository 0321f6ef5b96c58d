"""Every SELECT of uploads, limited to what the actor may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vestry.cohorts.payments.models import PaymentEntry
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.identity.access import find, theirs

_SORTS = {"id": PaymentEntry.id, "recorded_at": PaymentEntry.recorded_at, "row_count": PaymentEntry.row_count}


def list_uploads(session: Session, actor: Actor, company_id: int) -> Listing:
    """The files of payments that were recorded for a company."""
    find(session, actor, Company, company_id, noun="company")
    return Listing(_uploads(actor, company_id), _SORTS, PaymentEntry.id, "-id")


def get_upload(session: Session, actor: Actor, company_id: int, upload_id: int) -> dict[str, Any]:
    """One of them."""
    query = _uploads(actor, company_id).where(PaymentEntry.id == upload_id)
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("upload")
    return dict(row)


def _uploads(actor: Actor, company_id: int) -> Select[*tuple[Any, ...]]:
    return select(
        PaymentEntry.id,
        PaymentEntry.company_id,
        PaymentEntry.filename,
        PaymentEntry.content_sha256,
        PaymentEntry.byte_count,
        PaymentEntry.row_count,
        PaymentEntry.mapping,
        PaymentEntry.receipt,
        PaymentEntry.recorded_at,
        PaymentEntry.recorded_by,
        PaymentEntry.undone_by,
    ).where(
        theirs(actor, PaymentEntry),
        PaymentEntry.company_id == company_id,
        PaymentEntry.kind == "upload",
    )
