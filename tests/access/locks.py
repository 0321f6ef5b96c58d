"""A world to ask in, and each of its two locks taken off."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from sqlalchemy import create_engine, text, true

from tests.access.caller import without_threads
from tests.access.world import World, build
from tests.databases import PostgresSource, SqliteSource
from vestry.all_models import metadata
from vestry.core.db import Database
from vestry.identity import access, door


@contextmanager
def standing(source: SqliteSource | PostgresSource) -> Iterator[World]:
    """A world in a fresh database, asked without threads and without a line of the log for each request."""
    url = source.new()
    database = Database(url)
    logging.disable()
    try:
        with without_threads():
            world = build(database)
            yield world
            world.close()
    finally:
        logging.disable(logging.NOTSET)
        database.close()
        source.drop(url)


@contextmanager
def opened(*, postgres: bool) -> Iterator[World]:
    """The same with a source of its own, for commands."""
    with tempfile.TemporaryDirectory() as folder:
        source = PostgresSource() if postgres else SqliteSource(Path(folder))
        try:
            with standing(source) as world:
                yield world
        finally:
            source.stop()


@contextmanager
def application_off() -> Iterator[None]:
    """Whatever the application asks for, it asks for all of it: the database alone keeps what is not theirs."""

    def everything(*_: object, **__: object) -> object:
        return true()

    with ExitStack() as patches:
        for name, module in list(sys.modules.items()):
            if name.startswith("vestry.") and getattr(module, "theirs", None) is access.theirs and module is not access:
                patches.enter_context(mock.patch.object(module, "theirs", everything))
        patches.enter_context(mock.patch.object(access, "theirs", everything))
        door.READY.clear()  # statements that were made with the lock on
        yield
    door.READY.clear()


@contextmanager
def rows_off(world: World) -> Iterator[None]:
    """Row-level security off: the application alone keeps what is not theirs."""
    _rows(world, "DISABLE")
    try:
        yield
    finally:
        _rows(world, "ENABLE")


def _rows(world: World, how: str) -> None:
    owner = create_engine(world.database.url)
    with owner.begin() as connection:
        for table in metadata.tables.values():
            if "firm_id" in table.c:
                connection.execute(text(f'ALTER TABLE "{table.name}" {how} ROW LEVEL SECURITY'))
    owner.dispose()
