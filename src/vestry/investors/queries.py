"""Every SELECT about investors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.paging import Page, contains, paginate
from vestry.identity.access import theirs
from vestry.investors.models import Investor

SORTS = {"id": Investor.id, "name": Investor.name_key, "kind": Investor.kind, "created_at": Investor.created_at}


def list_investors(session: Session, actor: Actor, page: Page, *, kind: str | None) -> dict[str, Any]:
    """A page of investors."""
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
    if page.q:
        query = query.where(contains(Investor.name_key, name_key(page.q)))
    if kind:
        query = query.where(Investor.kind == kind)
    return paginate(session, query, page, columns=SORTS, key=Investor.id, default="name")
