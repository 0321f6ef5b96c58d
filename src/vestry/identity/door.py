"""How a request becomes an actor with a session: the dependency every operation declares with its permission."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol, TypeVar

import structlog
from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vestry.core.actor import UNKNOWN as UNKNOWN
from vestry.core.actor import Actor
from vestry.core.db import Database, Reader, act_as
from vestry.core.errors import Forbidden, NotFound, Unauthenticated, VestryError
from vestry.core.http import ACTOR, Encoded, Json
from vestry.core.http.files import Form, listed
from vestry.core.listing import Listing, Ready, ready
from vestry.core.paging import Page
from vestry.core.settings import settings
from vestry.core.statements import Bound
from vestry.identity import grants, intents, queries, seen
from vestry.identity.access import require
from vestry.identity.known import stopped
from vestry.identity.models import User
from vestry.identity.sessions.visits import Visit, visit
from vestry.identity.tokens import signed

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

COOKIE = "vestry_session"
SECURE_COOKIE = "__Host-vestry_session"  # over https: the browser takes it from this very host only
VIEW_AS = "x-view-as"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="names what you want done, so that sending it again does it once: the first answer is kept for a "
        "day at least and given again, with the header Idempotent-Replayed",
        json_schema_extra={"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    ),
]


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation works with: who asks, and a session that commits before the answer is sent."""

    session: Session
    actor: Actor


def may(operation: str) -> Any:
    """Declares the permission of an operation: ``work: Annotated[Work, may("fund.read")]``.

    Operations named ``….read`` or ``….predict`` get a session that cannot write.
    """

    def look(request: Request) -> Iterator[Work]:
        database: Database = request.app.state.database
        actor = authenticate(request, database)
        require(actor, operation)
        with settled(database, actor), database.reading(actor) as session:
            yield Work(session, actor)

    def change(request: Request, idempotency_key: IdempotencyKey = None) -> Iterator[Work]:
        database: Database = request.app.state.database
        actor = authenticate(request, database)
        require(actor, operation)
        intent = intents.intent_of(request, actor, idempotency_key)
        with settled(database, actor, intent), intents.alone(intent), database.transaction(actor) as session:
            intents.begin(session, request, intent)
            yield Work(session, actor)

    enter = look if operation.endswith((".read", ".predict")) else change
    enter.__vestry_operation__ = operation  # type: ignore[attr-defined]
    return Depends(enter, scope="function")


@contextmanager
def settled(database: Database, actor: Actor, intent: intents.Intent | None = None) -> Iterator[None]:
    """What a refusal asks to have written although the work was rolled back."""
    try:
        yield
    except VestryError as error:
        if error.afterwards is not None:
            with database.transaction(actor) as session:
                error.afterwards(session)
                if error.answer is not None and intent is not None:
                    intents.keep(session, intent, Json(error.answer, 202))
        raise


class Asked(Protocol):
    """A question that was read and found good."""

    async def answer(self, request: Request) -> Response: ...


@dataclass(slots=True)
class Question:
    """A list that was asked for, read and found good: who may ask it, and how it is built for whoever does."""

    operation: str
    page: Page
    listing: Callable[[Actor], Listing]
    took_s: float = math.inf

    async def answer(self, request: Request) -> Response:
        """Sign in, check the permission, and read, each time anew; only understanding the question is not repeated."""
        database: Database = request.app.state.database
        if database.is_sqlite and self.took_s < INLINE_S:  # it is read sooner than a thread is woken
            return self._read(database, request)
        return await asyncio.to_thread(self._read, database, request)  # the loop must not wait

    def _read(self, database: Database, request: Request) -> Response:
        started = time.perf_counter()
        with database.looking() as reader:
            found = signed_in(
                reader,
                request,
                self.operation,
                lambda actor, provided: self._ready(reader, actor, request).page(reader, provided),
            )
        self.took_s = time.perf_counter() - started
        return Encoded(found)

    def _ready(self, reader: Reader, actor: Actor, request: Request) -> Ready:
        key = (reader.dialect.name, request.scope["path"], request.scope["query_string"], actor)
        known = READY.get(key)
        if known is None:
            known = ready(reader.dialect, actor, self.listing(actor), self.page)
            remember(READY, key, known)
        return known


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a list: sign-in and rows take two statements, and neither session nor transaction."""

    request: Request
    operation: str

    async def list(self, page: Page, listing: Callable[[Actor], Listing]) -> Response:
        """A page of the listing, which depends on the actor and the question (path and query) and on nothing else:
        not on the time, not on what is stored."""
        question = Question(self.operation, page, listing)
        response = await question.answer(self.request)
        understood(self.request, question)
        return response

    async def table(
        self, page: Page, form: Form, shape: type[BaseModel], name: str, listing: Callable[[Actor], Listing]
    ) -> Response:
        """The list, or all of it as a file of this name where one is asked for; ``shape``: of one row."""
        if form == "json":
            return await self.list(page, listing)
        return await asyncio.to_thread(self._filed, page, form, shape, name, listing)

    def _filed(
        self, page: Page, form: Form, shape: type[BaseModel], name: str, listing: Callable[[Actor], Listing]
    ) -> Response:
        database: Database = self.request.app.state.database
        actor = authenticate(self.request, database)
        require(actor, self.operation)
        with database.reading(actor) as session:
            return listed(session, listing(actor), page, form, shape, name)


def signed_in(
    reader: Reader, request: Request, operation: str, read: Callable[[Actor, Bound | None], Result]
) -> Result:
    """What is read for whoever asks, once they are known and may. ``read`` gets the actor and what it must have asked
    before, in the same message (``Reader.all``)."""
    found = None if reader.dialect.name == "sqlite" else _read_as_known(reader, request, operation, read)
    if found is not None:
        return found
    actor = _identified(reader, request)
    require(actor, operation)
    act_as(reader, actor)
    return read(actor, None)


def _read_as_known(
    reader: Reader, request: Request, operation: str, read: Callable[[Actor, Bound | None], Result]
) -> Result | None:
    """Sign-in and reading in one message, for a program that was recognised before and sees the whole firm; None when
    it was not, or is not as it was."""
    secret = _api_token(request)
    known = secret and queries.known_token(reader, secret, request.client.host if request.client else None)
    if not secret or not known or VIEW_AS in request.headers:
        return None
    actor, still = known
    reader.acting = actor
    try:
        require(actor, operation)
        found = read(actor, still)
    except VestryError:  # refused by what may not be so any more: first find out who asks
        reader.acting = UNKNOWN
        return None
    except DBAPIError as error:
        if not stopped(error):
            raise
        reader.acting = UNKNOWN
        queries.forget_token(secret)
        return None
    request.scope[ACTOR] = actor
    seen.note_token(request.app.state.database, actor, secret)
    return found


def understood(request: Request, asked: Asked) -> None:
    """The same path and query are this question, the next time too."""
    remember(ASKED, (request.scope["path"], request.scope["query_string"]), asked)


def remember(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep a bounded number; beginning anew is cheap and rare."""
    if len(kept) >= KEPT_MAX:
        kept.clear()
    kept[key] = value


# (path, query) → the question it is. Who may see what is decided on each request.
ASKED: dict[tuple[str, bytes], Asked] = {}
# What one actor's question comes to in SQL. The actor is part of the key with all that decides what they see.
READY: dict[tuple[str, str, bytes, Actor], Ready] = {}
KEPT_MAX = 1_000
INLINE_S = 0.02


def asks(operation: str) -> Any:
    """Declares the permission of a list: ``ask: Annotated[Ask, asks("investment.read")]``."""

    async def enter(request: Request) -> Ask:
        return Ask(request, operation)

    enter.__vestry_operation__ = operation  # type: ignore[attr-defined]
    return Depends(enter)


def authenticate(request: Request, database: Database) -> Actor:
    """The actor of a bearer token or a session cookie; a cookie may change things from our own pages only."""
    with database.looking() as reader:
        actor = _identified(reader, request)
    return replace(actor, request_id=request.scope.get("request_id"))


def _api_token(request: Request) -> str | None:
    """The secret of the API token that came along; None for any other way of signing in."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials or signed.looks_signed(credentials):
        return None
    return credentials.strip()


def _identified(reader: Reader, request: Request) -> Actor:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    database: Database = request.app.state.database
    if scheme.lower() == "bearer" and credentials:
        address = request.client.host if request.client else None
        if signed.looks_signed(credentials):
            actor = queries.bearer_actor(reader, credentials.strip())
        else:
            actor = queries.token_actor(reader, credentials.strip(), address)
        if actor is not None and actor.token_id is not None:
            seen.note_token(database, actor, credentials.strip())
    elif cookie := cookie_of(request):
        refuse_cross_site(request)
        actor = queries.session_actor(reader, cookie)
        if actor is not None:
            seen.note_session(database, actor, cookie)
    else:
        actor = None
    if actor is None:
        raise nobody()
    request.scope[ACTOR] = actor
    seen_as = request.headers.get(VIEW_AS)
    actor = actor if seen_as is None else _viewing(actor, seen_as, request)
    request.scope[ACTOR] = actor
    return actor


def _viewing(actor: Actor, seen_as: str, request: Request) -> Actor:
    """The user whom an administrator looks as: their role and scope, never a change, recorded with both names."""
    if actor.role != "administrator" or request.method not in SAFE_METHODS:
        raise Forbidden(
            "Only administrators may look as somebody else, and nobody may change anything as somebody else.",
            mend=f"Leave the header {VIEW_AS} out.",
        )
    database: Database = request.app.state.database
    with database.reading(UNKNOWN) as session:
        user = session.get(User, int(seen_as)) if grants.is_id(seen_as) else None
        if user is None or user.firm_id != actor.firm_id or user.deactivated_at is not None:
            raise NotFound("user")
        seen = grants.actor_of(session, user)
    log.info("access.viewed_as", administrator_id=actor.user_id, token_id=actor.token_id, user_id=user.id)
    return replace(seen, name=f"{actor.name} as {user.name}", viewed_by=actor.user_id or -1)


def nobody() -> Unauthenticated:
    """What is said to whoever did not prove who they are."""
    return Unauthenticated("Sign in first.", mend="Sign in, or send Authorization: Bearer with a token.")


def cookie_name(request: Request) -> str:
    """What the session's cookie is called: over https with the prefix that keeps other hosts from setting it."""
    return SECURE_COOKIE if request.scope["scheme"] == "https" else COOKIE


def cookie_of(request: Request) -> str | None:
    """The secret of the session cookie that came along."""
    return request.cookies.get(cookie_name(request))


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Have the browser send this session's secret with each request, out of reach of scripts and other sites."""
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=settings().session_hours * 3600,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.scope["scheme"] == "https",
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Have the browser forget the session."""
    secure = request.scope["scheme"] == "https"
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="lax", secure=secure)


def visit_of(request: Request) -> Visit:
    """From where a request comes."""
    return visit(request.client.host if request.client else None, request.headers.get("user-agent"))


def refuse_cross_site(request: Request) -> None:
    """A cookie travels with requests other sites cause; those may not change anything (CSRF)."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    if site not in (None, "same-origin", "none") or (origin is not None and origin != ours):
        raise Forbidden("This request came from another site.", mend="Use Vestry's own pages, or a bearer token.")
