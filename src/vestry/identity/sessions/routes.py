"""Where I am signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request

from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity.door import Work, cookie_of, may
from vestry.identity.sessions import queries, schemas, service

router = make_router("identity")


@router.get("/auth/sessions", operation_id="list_sessions")
def list_sessions(work: Annotated[Work, may("account.read")], request: Request) -> list[schemas.SessionOut]:
    """Where I am signed in, the latest used first; ``seen_at`` is exact to a minute. Empty for tokens."""
    found = queries.mine(work.session, work.actor, cookie_of(request))
    fields = [name for name in schemas.SessionOut.model_fields if name != "is_this"]
    return [
        schemas.SessionOut(is_this=is_this, **{name: getattr(one, name) for name in fields}) for one, is_this in found
    ]


@router.delete("/auth/sessions", operation_id="end_other_sessions", status_code=204)
def end_other_sessions(work: Annotated[Work, may("account.change")], request: Request) -> None:
    """Sign me out everywhere but here, from the next request on."""
    if work.actor.user_id is not None:
        service.end_sessions(work.session, work.actor.user_id, but=cookie_of(request))


@router.delete("/auth/sessions/{session_id}", operation_id="end_session", status_code=204)
def end_session(session_id: Id, work: Annotated[Work, may("account.change")]) -> None:
    """Sign me out at one place, from its next request on."""
    service.end_session(work.session, work.actor, session_id)
