"""What every request passes: an id, safe headers, one log line, and an answer when something unexpected happens."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestry.api.errors import outage_answer, unexpected
from vestry.core import trail
from vestry.core.errors import VestryError
from vestry.identity.door import ASKED

log = structlog.get_logger()

# Scripts and styles come from our own files only; the client's shell lets in the style elements its library makes, by
# a nonce of that answer.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'none'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def policy_with(nonce: str) -> str:
    """The policy of a page whose style elements carry the nonce."""
    return POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'", 1)


HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
SECURED = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_SECURED = (SECURED[0].lower().encode(), SECURED[1].encode())
_NO_STORE = (b"cache-control", b"no-store")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Envelope:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given_id(scope) or secrets.token_hex(8)
        scope["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _enveloped(scope, message, request_id)
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        address = scope["client"][0] if scope.get("client") else None
        trail.came_from(door="api", address=address, operation=None, request_id=request_id)
        try:
            await self.app(scope, receive, enveloped)
        except ClientDisconnect:  # nobody is there to be answered, and nothing of ours failed
            log.info("request.abandoned", method=scope["method"], path=scope["path"])
        except Exception as error:
            answer = outage_answer(request_id, error)
            if answer is None:
                log.exception("request.failed", method=scope["method"], path=scope["path"])
            if status:
                raise
            await (answer or unexpected(request_id))(scope, receive, enveloped)
        finally:
            seconds = time.perf_counter() - started
            if metrics := getattr(scope["app"].state, "metrics", None):
                operation = getattr(scope.get("route"), "operation_id", None) or "other"
                metrics.observe(scope["method"], operation, status, seconds)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _enveloped(scope: Scope, message: Message, request_id: str) -> list[tuple[bytes, bytes]]:
    """The answer's headers with ours, where it has none of that name itself."""
    headers = [*message.get("headers", ())]
    present = {name for name, _ in headers}
    headers += [pair for pair in _RAW if pair[0] not in present]
    if scope["scheme"] == "https":
        headers.append(_SECURED)
    # What is not said to be kept is not: data, problems, the API's description.
    if _NO_STORE[0] not in present:
        headers.append(_NO_STORE)
    headers.append((b"x-request-id", request_id.encode()))
    return headers


class AskedBefore:
    """Answers a question that was understood before without routing and reading it again. Whatever is refused goes the
    ordinary way, which says why."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = ASKED.get((scope["path"], scope["query_string"])) if scope.get("method") == "GET" else None
        if asked is not None:
            try:
                response = await asked.answer(Request(scope))
            except (VestryError, SQLAlchemyError):
                pass
            else:
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None
