"""Requests straight into the application, without a client's machinery: thousands of cells are asked in a minute."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import FastAPI


@contextmanager
def without_threads() -> Iterator[None]:
    """Where one request is asked after another, what the application hands to threads of its own is done on the spot:
    waking a thread several times for each of ten thousand requests takes longer than the requests."""

    async def run_sync(work: Callable[..., Any], *given: Any, **_: Any) -> Any:
        return work(*given)

    async def to_thread(work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return work(*given, **named)

    proper = anyio.to_thread.run_sync
    with ExitStack() as patches:
        for module in list(sys.modules.values()):
            if getattr(module, "run_sync", None) is proper:
                patches.enter_context(mock.patch.object(module, "run_sync", run_sync))
        patches.enter_context(mock.patch.object(asyncio, "to_thread", to_thread))
        yield


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and body as text."""

    status: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)

    def told(self) -> str:
        """The body without the id of the request, so that two refusals can be compared byte for byte."""
        if self.status < 400:
            return self.text
        return json.dumps(self.json() | {"instance": None}, sort_keys=True)


class Caller:
    """Asks one application; close it when done. ``here``: without a thread, where no browser's event loop runs."""

    def __init__(self, app: FastAPI, *, here: bool = False) -> None:
        self.app, self.loop = app, asyncio.new_event_loop()
        self.thread = None if here else ThreadPoolExecutor(1)

    def close(self) -> None:
        self._run(self.loop.shutdown_default_executor())
        if self.thread:
            self.thread.shutdown()
        self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        run = self.loop.run_until_complete
        return self.thread.submit(run, work).result() if self.thread else run(work)

    def __call__(
        self,
        method: str,
        path: str,
        secret: str | None = None,
        body: Any = None,
        query: dict[str, Any] | bytes | None = None,
        content: tuple[str, bytes] | None = None,
        **more: str,
    ) -> Answer:
        headers = [(b"host", b"localhost")]
        if secret:
            headers.append((b"authorization", f"Bearer {secret}".encode()))
        headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
        sent = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            headers.append((b"content-type", b"application/json"))
        if content is not None:
            headers.append((b"content-type", content[0].encode()))
            sent = content[1]
        headers.append((b"content-length", str(len(sent)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query if isinstance(query, bytes) else urlencode(query or {}).encode(),
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "root_path": "",
        }
        answer: Answer = self._run(self._ask(scope, sent))
        return answer

    async def _ask(self, scope: dict[str, Any], sent: bytes) -> Answer:
        status, parts, done = 0, [], False

        async def receive() -> dict[str, Any]:
            nonlocal done
            if done:
                await asyncio.sleep(3600)
            done = True
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Headers may tell as much as a body.
                parts.append(b"".join(value for name, value in message["headers"] if name != b"content-type") + b"\0")
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        whole = b"".join(parts).partition(b"\0")[2]
        return Answer(status, whole.decode("utf-8", "replace"))
