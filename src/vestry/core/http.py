"""Strict JSON in, problems out, and the route class every router uses."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, get_origin
from urllib.parse import unquote_to_bytes

import anyio
from fastapi import APIRouter, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.types import Message, Receive, Scope, Send

from vestry.core import encoding
from vestry.core.db import RETRIES, asks_again
from vestry.core.errors import Fault, Invalid, Malformed, UnsupportedMedia

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
DEPTH_MAX = 32
LEFT_TO_THE_ROUTE = "vestry.left_to_the_route"
REPLAY_BYTES_MAX = 1_048_576
KEYS_MAX = 10_000


def strict_json(body: bytes) -> Any:
    """Parse JSON and refuse what two readers could understand differently."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8 (byte {error.start}).") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    except ValueError as error:
        raise Malformed(f"The body is not acceptable JSON: {error}") from None
    _shallow(value, DEPTH_MAX)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed("The body names a key twice.", field=twice, mend="Send each key once.")
    if len(found) > KEYS_MAX:
        raise Malformed(f"An object of the body has more than {KEYS_MAX:,} keys.")
    return found


def _no_constant(token: str) -> Any:
    raise Malformed(f"{token} is not a number in JSON.", mend="Leave the field out, or send null where it may be null.")


def _finite(token: str) -> float:
    value = float(token)
    if not math.isfinite(value):
        raise Malformed(f"{token[:40]} is too large for a JSON number.")
    return value


def _shallow(value: Any, depth: int) -> None:
    if depth < 0:
        raise Malformed(f"The body is nested more than {DEPTH_MAX} levels deep.")
    if isinstance(value, dict):
        for item in value.values():
            _shallow(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                _shallow(item, depth - 1)


def is_left_to_the_route(scope: Scope, error: DBAPIError) -> bool:
    """Whether the request's work will be run again after this error, so that nobody should answer it yet."""
    return asks_again(error) and LEFT_TO_THE_ROUTE in scope and bool(scope[LEFT_TO_THE_ROUTE]())


class StrictRoute(APIRoute):
    """Reads strictly, and runs the work again when the database asks for it (deadlock, serialization failure)."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        reads_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        known = _query_names(self.dependant)

        async def strict(request: Request) -> Response:
            _refuse_odd_query(request, known)
            _refuse_packed(request)
            if reads_json:
                await _read_strictly(request)
            return await handle(request)

        return strict

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
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


def _query_names(dependant: Dependant) -> dict[str, bool]:
    """What an operation reads from the query, its dependencies too, and whether it may be given more than once."""
    names = {field.alias: get_origin(field.field_info.annotation) is list for field in dependant.query_params}
    for inner in dependant.dependencies:
        names |= _query_names(inner)
    return names


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


def _refuse_packed(request: Request) -> None:
    """A packed body could be of any size once unpacked."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia(f"The body is encoded ({encoding[:40]}).", mend="Send it as it is.")


async def _read_strictly(request: Request) -> None:
    body = await request.body()
    if not body:
        return
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json":
        raise UnsupportedMedia(
            f"The body is {media or 'of no stated type'}; this operation reads application/json.",
            mend="Send the header Content-Type: application/json.",
        )
    request._json = strict_json(body)


def router(tag: str) -> APIRouter:
    """A router of one noun; all routers read strictly."""
    return APIRouter(route_class=StrictRoute, tags=[tag])


class Json(Response):
    """An answer encoded once, without validating again what we computed ourselves."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encoding.dumps(content)


class Csv(Response):
    """A table as text."""

    media_type = "text/csv"


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    request_id: str | None,
    mend: str | None = None,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """An RFC 9457 problem: what happened, where, how to mend it, and the request's id."""
    content: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": f"urn:request:{request_id}" if request_id else None,
        "mend": mend,
        "errors": [_fault(fault) for fault in faults],
    }
    return Response(encoding.dumps(content), status, media_type="application/problem+json", headers=headers)


def _fault(fault: Fault) -> dict[str, Any]:
    plain: dict[str, Any] = {"path": fault.path, "message": fault.message, "code": fault.code}
    if fault.row is not None:
        plain |= {"row": fault.row, "column": fault.column, "value": fault.value}
    return plain


MEANINGS = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "The role does not allow it",
    404: "Not there, or not yours",
    409: "Contradicts what is recorded",
    412: "The row is no longer at the version named by If-Match",
    413: "More bytes than this operation accepts",
    415: "A body of a kind this operation does not read",
    422: "Readable, but its meaning is refused; nothing is stored",
}
EVERYWHERE = (400, 401, 403, 404, 409, 422)


def problem_responses(statuses: Iterable[int] = EVERYWHERE) -> dict[int | str, dict[str, Any]]:
    """What operations may answer besides their results, for the API's description."""
    example = {
        "type": "/problems/invalid",
        "title": "Invalid",
        "status": 422,
        "detail": 'amount: must be a string such as "1250000.00": a JSON number would lose digits',
        "code": "invalid",
        "instance": "urn:request:5f0c9a1d2b3e4f60",
        "mend": "Correct the fields named under errors; nothing was stored.",
        "errors": [{"path": "amount", "message": "must be a string", "code": "value_error"}],
    }
    return {
        status: {
            "description": MEANINGS[status],
            "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA, "example": example}},
        }
        for status in statuses
    }


PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance", "mend", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": ["string", "null"]},
        "mend": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message", "code"],
                "properties": {
                    "path": {"type": "string"},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "row": {"type": "integer"},
                    "column": {"type": ["string", "null"]},
                    "value": {"type": ["string", "null"]},
                },
            },
        },
    },
}
