"""The application over a test's database, and the framework's test client with a shorter way into it."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI
from starlette import testclient
from starlette.datastructures import State

from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.kept import Kept
from vestry.core.settings import Settings

Proper = testclient._TestClientTransport


@cache
def _made() -> FastAPI:
    nowhere = Database("sqlite:///never-opened.sqlite3")
    app = create_app(Settings(environment="test", log_level="ERROR"), nowhere)
    app.middleware_stack = app.build_middleware_stack()
    return app


def application(database: Database) -> FastAPI:
    """The API over a database, with the routes that were made for another one: what FastAPI prepares when a route is
    first asked is prepared once, not for every test."""
    app = copy.copy(_made())
    app.state = State({"addresses": app.state.addresses, "database": database, "kept": Kept()})
    return app


class Transport(Proper):
    """Hands a request to the loop's thread once, and takes the whole answer. The proper way wakes that thread eight
    times for a request, which takes longer than most requests."""

    def __init__(self, app: Any, *given: Any, **named: Any) -> None:
        super().__init__(app, *given, **named)
        self._within = httpx.ASGITransport(
            app, raise_app_exceptions=self.raise_server_exceptions, root_path=self.root_path, client=self.client
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What the application answers."""
        if not isinstance(request.stream, httpx.AsyncByteStream):  # a body that is made while it is sent
            return super().handle_request(request)
        with self.portal_factory() as portal:
            return portal.call(self._ask, request)

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._within.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        content = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(content))
