"""The route class of every router: it reads strictly, runs work again, tags versions, tells of files that leave."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_origin
from urllib.parse import unquote_to_bytes

import anyio
import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.types import Message, Receive, Scope, Send

from vestry.core import trail
from vestry.core.db import RETRIES, asks_again
from vestry.core.errors import Invalid, Malformed, UnsupportedMedia
from vestry.core.http.bodies import ELEMENTS_MAX, strict_json
from vestry.core.versions import etag

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ACTOR = "vestry.actor"  # where the scope of a request keeps who asks, once that is known
KEEP = "vestry.keep"  # where it keeps what remembers its answer, in the transaction of its work
LEFT_TO_THE_ROUTE = "vestry.left_to_the_route"
REPLAY_BYTES_MAX = 1_048_576


def is_left_to_the_route(scope: Scope, error: DBAPIError) -> bool:
    """Whether the request's work will be run again after this error, so that nobody should answer it yet."""
    return asks_again(error) and LEFT_TO_THE_ROUTE in scope and bool(scope[LEFT_TO_THE_ROUTE]())


class StrictRoute(APIRoute):
    """Reads strictly, and runs the work again when the database asks for it (deadlock, serialization failure)."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        reads_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        body = self.body_field.field_info.annotation if self.body_field is not None else None
        most = getattr(body, "elements_max", ELEMENTS_MAX)

        known = _query_names(self.dependant)
        versioned = "version" in getattr(self.response_model, "model_fields", ())

        async def strict(request: Request) -> Response:
            _refuse_odd_query(request, known)
            if reads_json:
                await _read_strictly(request, most)
            elif self.body_field is not None:
                await _refuse_twice(request)
            response = await handle(request)
            if versioned:
                _tag(response)
            await _note_export(request, response)
            keep = request.scope.get(KEEP)
            if keep is not None:
                await run_sync(keep, response)
            return response

        return strict

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        trail.came_from(operation=self.operation_id)
        heard = _Replay(receive)
        for attempt in range(RETRIES):
            # What answers a failed database leaves those to us that the same work may survive.
            scope[LEFT_TO_THE_ROUTE] = lambda attempt=attempt: attempt < RETRIES - 1 and heard.complete
            try:
                await super().handle(scope, heard.play(), send)
                return
            except DBAPIError as error:
                if not is_left_to_the_route(scope, error):
                    raise
                await anyio.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)  # noqa: S311 - not a secret


def _tag(response: Response) -> None:
    """The version of the row that is shown, for whoever will change it."""
    if response.status_code in (200, 201) and response.body:
        version = orjson.loads(response.body).get("version")
        if version is not None:
            response.headers["ETag"] = etag(version)


async def _note_export(request: Request, response: Response) -> None:
    """A file that leaves is told of before it leaves."""
    actor = request.scope.get(ACTOR)
    if actor is None or not response.headers.get("content-disposition", "").startswith("attachment"):
        return
    query = request.scope["query_string"].decode("ascii", "backslashreplace")
    event = trail.Event("export", "file", note=f"{request.scope['path']}{'?' if query else ''}{query}"[:500])
    await run_sync(request.app.state.database.witness, actor, event)


def _query_names(dependant: Dependant) -> dict[str, bool]:
    """What an operation reads from the query, its dependencies too, and whether it may be given more than once."""
    names = {field.alias: _is_list(field.field_info.annotation) for field in dependant.query_params}
    for inner in dependant.dependencies:
        names |= _query_names(inner)
    return names


def _is_list(annotation: Any) -> bool:
    """A list, or one that may be left out."""
    return list in {get_origin(annotation), *map(get_origin, get_args(annotation))}


def _refuse_odd_query(request: Request, known: dict[str, bool]) -> None:
    """A filter that is misspelt, garbled or given twice would answer another question than the one asked."""
    text = unquote_to_bytes(request.scope["query_string"])
    try:
        if "\0" in text.decode("utf-8"):
            raise Malformed("The query contains a character that cannot be kept (U+0000).", mend="Take it out.")
    except UnicodeDecodeError as error:
        raise Malformed(f"The query is not UTF-8 (byte {error.start}).", mend="Encode it as UTF-8.") from None
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            raise Invalid(
                f"{name[:60]!r} is not a parameter of this operation.",
                field=name[:60],
                mend=f"It takes: {', '.join(sorted(known)) or 'none'}.",
            )
        if given.count(name) > 1 and not known[name]:
            raise Invalid(f"{name} is given more than once.", field=name, mend="Give it once.")


async def _refuse_twice(request: Request) -> None:
    """Of a form's two values of a name one would win unseen."""
    form = await request.form()
    given = [name for name, _ in form.multi_items()]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        await form.close()
        raise Invalid(f"{twice[:60]} is given more than once.", field=twice[:60], mend="Give it once.")


class _Replay:
    """Keeps a request's messages, up to a size, so that its work can be run again."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.messages: list[Message] = []
        self.complete = True
        self._size = 0

    def play(self) -> Receive:
        """What the application hears: first what was heard before, then what comes."""
        position = 0

        async def hear() -> Message:
            nonlocal position
            if position < len(self.messages):
                position += 1
                return self.messages[position - 1]
            message = await self.receive()
            self._size += len(message.get("body", b""))
            if self._size > REPLAY_BYTES_MAX:
                self.complete = False
                self.messages.clear()
            elif self.complete:
                self.messages.append(message)
                position += 1
            return message

        return hear


async def _read_strictly(request: Request, elements_max: int) -> None:
    body = await request.body()
    if not body:
        return
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json":
        raise UnsupportedMedia(
            f"The body is {media or 'of no stated type'}; this operation reads application/json.",
            mend="Send the header Content-Type: application/json.",
        )
    request._json = strict_json(body, elements_max)


def router(tag: str) -> APIRouter:
    """A router of one noun; all routers read strictly."""
    return APIRouter(route_class=StrictRoute, tags=[tag])
