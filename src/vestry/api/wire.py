"""How requests are read off a connection: uvicorn's protocol with what it has no limits for."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vestry.core.http import problem

HEAD_SECONDS = 10.0
HEAD_BYTES_MAX = 32_768  # request line and headers, unfinished; what is complete is judged by the guard
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Wire(HttpToolsProtocol):
    """A connection whose requests must begin in time, with headers of a bounded size, and among a bounded number."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.most, self.limit_concurrency = self.limit_concurrency, None  # refused below, saying when to come again
        self._head: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    # The base class names the transport more widely than the loop ever hands one over.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._begin_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._end_head()
        full = self.most is not None and (len(self.connections) > self.most or len(self.tasks) >= self.most)
        self.app = busy if full else self.config.loaded_app
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is None or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX:
            self._close(_LARGE)

    def _begin_head(self) -> None:
        if self._head is None:
            self._head_bytes = 0
            self._head = self.loop.call_later(HEAD_SECONDS, self._late)

    def _end_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self._close(_LATE if self._head_bytes else b"")

    def _close(self, words: bytes) -> None:
        self._end_head()
        if words:
            self.transport.write(words)
        self.transport.close()


async def busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there are too many connections or requests already."""
    answer = problem(
        503,
        "busy",
        "Too many requests are being answered at this moment.",
        request_id=None,
        mend="Try again in a few seconds.",
        headers={"Retry-After": "2", "Connection": "close"},
    )
    await answer(scope, receive, send)
