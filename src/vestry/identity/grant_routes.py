"""Grants over HTTP: who sees what, since when, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity import grants, schemas
from vestry.identity.access import visible
from vestry.identity.door import Work, may
from vestry.identity.models import Grant

router = make_router("access")


@router.get("/grants", operation_id="list_grants")
def list_grants(
    work: Annotated[Work, may("grant.read")],
    user_id: Annotated[Id | None, Query()] = None,
    token_id: Annotated[Id | None, Query()] = None,
    live: Annotated[bool, Query(description="only those that hold now")] = False,
) -> list[schemas.GrantOut]:
    """Every grant that was ever given, with who gave it and when it was taken back."""
    query = visible(work.actor, Grant).order_by(Grant.id)
    if user_id:
        query = query.where(Grant.user_id == user_id)
    if token_id:
        query = query.where(Grant.token_id == token_id)
    if live:
        query = query.where(Grant.revoked_at.is_(None))
    return [schemas.GrantOut(**grants.shown(grant)) for grant in work.session.scalars(query)]


@router.post("/grants", operation_id="create_grant", status_code=201)
def create_grant(body: schemas.NewGrant, work: Annotated[Work, may("grant.change")]) -> schemas.GrantOut:
    """Let a user or a token see a part of the firm, from the next request on."""
    return schemas.GrantOut(**grants.shown(grants.give(work.session, work.actor, **body.model_dump())))


@router.delete("/grants/{grant_id}", operation_id="revoke_grant", status_code=204)
def revoke_grant(grant_id: Id, work: Annotated[Work, may("grant.change")]) -> None:
    """Take a grant back: what it opened is refused on the next request. The grant stays on record."""
    grants.revoke(work.session, work.actor, grant_id)


@router.get("/users/{user_id}/access", operation_id="explain_access")
def explain_access(
    user_id: Id,
    work: Annotated[Work, may("grant.read")],
    record: Annotated[str, Query(max_length=60, description="a kind and an id, such as fund:12")],
) -> schemas.AccessOut:
    """Why a user sees a record: the grant and the policy row that let them, or what is missing."""
    return schemas.AccessOut.model_validate(grants.explain(work.session, work.actor, user_id, record))
