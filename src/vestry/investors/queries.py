"""Every SELECT about investors."""

from __future__ import annotations

from sqlalchemy import select

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.identity.access import theirs
from vestry.investors.models import Investor

SORTS = {"id": Investor.id, "name": Investor.name_key, "kind": Investor.kind, "created_at": Investor.created_at}


def list_investors(actor: Actor, q: str | None, *, kind: str | None) -> Listing:
    """Investors."""
    query = select(
        Investor.id,
        Investor.name,
        Investor.kind,
        Investor.country,
        Investor.email,
        Investor.version,
        Investor.created_at,
        Investor.updated_at,
    ).where(theirs(actor, Investor), Investor.archived_at.is_(None))
    if q:
        query = query.where(contains(Investor.name_key, name_key(q)))
    if kind:
        query = query.where(Investor.kind == kind)
    return Listing(query, SORTS, Investor.id, "name")
