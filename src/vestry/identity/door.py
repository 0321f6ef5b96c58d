"""How a request becomes an actor with a session: the dependency every operation declares with its permission."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session

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


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that only reads a bounded list: who asks and what is read come from one snapshot, in one turn."""

    request: Request
    operation: str

    async def read(self, answer: Callable[[Work], Response]) -> Response:
        """Sign in, check the permission, answer; and remember what was asked, for :meth:`Asked.again`.

        ``answer`` may depend on the work it is given and on the question (path and query), and on nothing else.
        """
        response = await self._read(answer)
        if len(ASKED) >= ASKED_MAX:
            ASKED.clear()
        ASKED[self.request.scope["path"], self.request.scope["query_string"]] = Asked(self.operation, answer)
        return response

    async def _read(self, answer: Callable[[Work], Response]) -> Response:
        database: Database = self.request.app.state.database
        if database.is_sqlite:  # a page is read sooner than a thread is woken
            return self._work(database, answer)
        return await run_sync(self._work, database, answer)  # the loop must not wait for the network

    def _work(self, database: Database, answer: Callable[[Work], Response]) -> Response:
        with database.reading(UNKNOWN) as session:
            actor = _identified(session, self.request)
            require(actor, self.operation)
            session.info["actor"] = actor
            return answer(Work(session, actor))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was read and found good: how it is answered, to whoever asks it and may."""

    operation: str
    answer: Callable[[Work], Response]

    async def again(self, request: Request) -> Response:
        """Sign in, check the permission, answer: all of it anew, except understanding the question."""
        return await Ask(request, self.operation)._read(self.answer)


# (path, query) → what was understood. Answers are never kept: who may see what is decided on each request.
ASKED: dict[tuple[str, bytes], Asked] = {}
ASKED_MAX = 1_000


def asks(operation: str) -> Any:
    """Declares the permission of a bounded read: ``ask: Annotated[Ask, asks("investment.read")]``."""

    async def enter(request: Request) -> Ask:
        return Ask(request, operation)

    enter.__vestry_operation__ = operation  # type: ignore[attr-defined]
    return Depends(enter)


def authenticate(request: Request, database: Database) -> Actor:
    """The actor of a bearer token or a session cookie; a cookie may change things from our own pages only."""
    with database.reading(UNKNOWN) as session:
        return _identified(session, request)


def _identified(session: Session, request: Request) -> Actor:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    now = session.info["now"]
    if scheme.lower() == "bearer" and credentials:
        actor = queries.token_actor(session, credentials.strip(), now)
    elif cookie := request.cookies.get(COOKIE):
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
