"""An application of each test file's own, on SQLite: what is refused at the edge never reaches the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi import FastAPI

from tests.databases import SqliteSource
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings

AppMaker = Callable[..., FastAPI]


@pytest.fixture(scope="module")
def make_app(sqlite_source: SqliteSource) -> Iterator[AppMaker]:
    """Makes the whole application with settings of one's own."""
    with ExitStack() as stack:

        def make(**chosen: Any) -> FastAPI:
            database = Database(sqlite_source.new())
            stack.callback(database.close)
            return create_app(Settings(**({"environment": "test", "log_level": "ERROR"} | chosen)), database)

        yield make
