"""What a request must look like before anything of it is understood: size and number of its headers, the host it is
meant for, how its body is encoded, how many bytes of it arrive and how fast."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestry.core.http import problem
from vestry.core.settings import Settings

log = structlog.get_logger()

HEADER_BYTES_MAX = 16_384
HEADER_FIELDS_MAX = 100
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HOSTS_REMEMBERED = 1_000
FLOOR_BYTES_PER_SECOND = 16_384  # a body that arrives at this rate or faster is never late
# A form's boundaries and other fields, beside its file.
ROOM_BESIDE_FILE = 1_048_576
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
_IDENTITY = (b"", b"identity")


class Hosts:
    """The names this server answers to, without ports. ``*.example.com`` stands for all names below it, ``*`` for
    any."""

    def __init__(self, names: Iterable[str]) -> None:
        lowered = {name.strip().lower() for name in names} - {""}
        self.any = "*" in lowered
        self.names = frozenset(lowered)
        self.below = tuple(name[1:] for name in lowered if name.startswith("*."))
        self._known: dict[bytes, bool] = {}

    @classmethod
    def of(cls, chosen: Settings) -> Hosts:
        """Loopback's names, the address people type, the one we listen on, and those the setting names."""
        public = urlsplit(chosen.public_url).hostname if chosen.public_url else None
        # Programs that call the application without a network name it so.
        inner = ("testserver",) if chosen.environment == "test" else ()
        return cls([*LOOPBACK, *inner, public or "", chosen.host, *chosen.allowed_hosts.split(",")])

    def allow(self, given: bytes) -> bool:
        """Whether a ``Host`` header names this server."""
        known = self._known.get(given)
        if known is None:
            known = self._allow(given.decode("latin-1").lower())
            if len(self._known) >= HOSTS_REMEMBERED:
                self._known.clear()
            self._known[given] = known
        return known

    def _allow(self, given: str) -> bool:
        found = _HOST.fullmatch(given)
        if found is None:
            return False
        name = found[1].rstrip(".")
        return self.any or name in self.names or name.endswith(self.below or ("\0",))


class Guard:
    """Refuses what no operation would take, without reading more of it than needed."""

    def __init__(self, app: ASGIApp, chosen: Settings) -> None:
        self.app = app
        self.hosts = Hosts.of(chosen)
        self.bytes_max = max(chosen.body_bytes_max, chosen.upload_bytes_max + ROOM_BESIDE_FILE)
        self.seconds = chosen.body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size, hosts, packed, has_body = 0, [], None, False
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"host":
                hosts.append(value)
            elif name in (b"content-length", b"transfer-encoding"):
                has_body = has_body or value != b"0"
            elif name == b"content-encoding":
                packed = value
        if size > HEADER_BYTES_MAX or len(scope["headers"]) > HEADER_FIELDS_MAX:
            await _refuse(scope, receive, send, 431, "headers_too_large", *HEADERS_TOO_LARGE)
        elif len(hosts) != 1 or not self.hosts.allow(hosts[0]):
            await _refuse(scope, receive, send, 400, "unknown_host", *UNKNOWN_HOST)
        elif packed is not None and packed.strip().lower() not in _IDENTITY:
            detail = f"The body is encoded ({packed[:40].decode('latin-1')})."
            await _refuse(scope, receive, send, 415, "unsupported_media", detail, "Send it as it is.")
        elif has_body:
            await Body(self, scope, receive, send).pass_on()
        else:
            await self.app(scope, receive, send)


HEADERS_TOO_LARGE = (
    f"The headers are more than {HEADER_FIELDS_MAX} fields or {HEADER_BYTES_MAX:,} bytes.",
    "Send fewer or shorter headers; cookies of other sites on this host are often the cause.",
)
UNKNOWN_HOST = (
    "This server does not answer to the host that was asked for.",
    "Use its own address; an administrator adds names with VESTRY_ALLOWED_HOSTS or VESTRY_PUBLIC_URL.",
)
TOO_LARGE = "The body is larger than this operation accepts."
LATE = ("The body did not arrive in time.", "Send it again over a connection that is not stalled.")


class Body:
    """A request's body on its way in: counted as it is received, whatever its length was said to be, and timed."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self.guard, self.scope, self.receive, self.send = guard, scope, receive, send
        self.loop = asyncio.get_running_loop()
        self.until = self.loop.time() + guard.seconds
        self.received = 0
        self.complete = self.started = False
        self.refusal: tuple[int, str, str, str] | None = None

    async def pass_on(self) -> None:
        """Have the application read it; what it answers counts only while the body is acceptable."""
        with contextlib.suppress(_Refused):
            await self.guard.app(self.scope, self._hear, self._say)
        if self.refusal is not None and not self.started:
            log.info("request.body_refused", status=self.refusal[0], received=self.received)
            await _refuse(self.scope, self.receive, self.send, *self.refusal)

    async def _hear(self) -> Message:
        if self.complete:
            return await self.receive()
        if self.refusal is not None:
            raise _Refused
        allowed = self.until + self.received / FLOOR_BYTES_PER_SECOND - self.loop.time()
        try:
            async with asyncio.timeout(max(allowed, 0)):
                message = await self.receive()
        except TimeoutError:
            self.refusal = (408, "body_too_late", *LATE)
            raise _Refused from None
        self.received += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        if self.received > self.guard.bytes_max:
            most = f"The body is larger than the {self.guard.bytes_max:,} bytes any operation accepts."
            self.refusal = (413, "too_large", most, "Send less at once.")
            raise _Refused
        return message

    async def _say(self, message: Message) -> None:
        if self.refusal is not None and not self.started:
            return  # the application speaks of a body it did not get
        if not self.started and _is_two_words(message):
            limit = self.scope.get(MAX_BODY_SIZE_SCOPE_KEY)
            most = f"The body is larger than the {limit:,} bytes this operation accepts." if limit else TOO_LARGE
            self.refusal = (413, "too_large", most, "Send less at once.")
            return
        self.started = True
        await self.send(message)


def _is_two_words(message: Message) -> bool:
    """The router's own answer, in plain text, where the length that was announced is beyond an operation's limit."""
    headers = dict(message.get("headers", ()))
    return message.get("status") == 413 and headers.get(b"content-type", b"").startswith(b"text/plain")


class _Refused(Exception):
    """The application is not to go on with this body."""


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, detail: str, mend: str) -> None:
    # The rest of what the client sends is not read, so nothing else can come on this connection.
    answer = problem(
        status, code, detail, request_id=scope.get("request_id"), mend=mend, headers={"Connection": "close"}
    )
    await answer(scope, receive, send)
