"""One database per engine for a whole file: what is refused leaves it as it was; each world is a firm of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.clients import application
from tests.nasty.world import World
from vestry.core.db import Database


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def new_world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    """Makes another firm with one of everything in the engine's database."""
    source = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    database = Database(url)
    app = application(database)
    yield lambda currency="USD", **more: World(app, database, currency, **more)
    database.close()
    source.drop(url)


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    """A firm whose books no test of the file changes."""
    return new_world()
