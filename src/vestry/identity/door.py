"""How a request becomes an actor with a session: the dependency every operation declares with its permission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Forbidden, Unauthenticated
from vestry.identity import queries
from vestry.identity.access import require

COOKIE = "vestry_session"
UNKNOWN = Actor("job", firm_id=0, role="", name="nobody yet")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation works with: who asks, and a session that commits before the answer is sent."""

    session: Session
    actor: Actor


def may(operation: str) -> Any:
    """Declares the permission of an operation: ``work: Annotated[Work, may("fund.read")]``.

    Operations named ``….read`` get a session that cannot write.
    """
    writes = not operation.endswith(".read")

    def enter(request: Request) -> Iterator[Work]:
        database: Database = request.app.state.database
        actor = authenticate(request, database)
        require(actor, operation)
        opened = database.transaction(actor) if writes else database.reading(actor)
        with opened as session:
            yield Work(session, actor)

    enter.__vestry_operation__ = operation  # type: ignore[attr-defined]
    return Depends(enter, scope="function")


def authenticate(request: Request, database: Database) -> Actor:
    """The actor of a bearer token or a session cookie; a cookie may change things from our own pages only."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    cookie = request.cookies.get(COOKIE)
    with database.reading(UNKNOWN) as session:
        now = clock.now()
        if scheme.lower() == "bearer" and credentials:
            actor = queries.token_actor(session, credentials.strip(), now)
        elif cookie:
            refuse_cross_site(request)
            actor = queries.session_actor(session, cookie, now)
        else:
            actor = None
    if actor is None:
        raise Unauthenticated("Sign in first.", mend="Sign in, or send Authorization: Bearer with a token.")
    return replace(actor, request_id=request.scope.get("request_id"))


def refuse_cross_site(request: Request) -> None:
    """A cookie travels with requests other sites cause; those may not change anything (CSRF)."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in (None, "same-origin", "none") or (origin is not None and origin != ours):
        raise Forbidden("This request came from another site.", mend="Use Vestry's own pages, or a bearer token.")
