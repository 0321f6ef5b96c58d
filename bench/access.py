"""What asking "who may see this?" costs a request, against the same request without asking.

A list of 100 joined rows over HTTP is read in this process; CPU seconds a request, on PostgreSQL with those of the
backends. ``ours`` has the lock on, ``peer`` has it off, ``ratio`` is ours ÷ peer, and at most ``reach``.

- the policy: role, operation, scope; for an analyst who sees the whole firm, and for one with a grant on every fund,
  who sees the same rows by way of a narrower scope (peer: the analyst of the whole firm);
- row-level security on PostgreSQL, for both of them.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from bench import harness
from bench.lists import REQUESTS, Caller, _bearer, filled, measured
from vestry.all_models import metadata
from vestry.api import create_app
from vestry.core import postgres
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.funds.models import Fund
from vestry.identity import door
from vestry.identity import service as identity
from vestry.identity.grants import Wanted
from vestry.migrations import rls

ROUNDS = 5
Switch = Callable[[], AbstractContextManager[Any]]


def rows() -> Iterator[harness.Row]:
    """SQLite, and PostgreSQL where the test suite finds a server."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _policy("SQLite", f"sqlite:///{folder}/access.sqlite3")
    from tests.databases import PostgresSource

    source = PostgresSource()
    try:
        yield from _policy("PostgreSQL", source.new())
        yield from _second_lock(source.new())
    finally:
        source.stop()


def _policy(database_name: str, url: str) -> Iterator[harness.Row]:
    with filled(url) as (database, whole):
        narrow = _narrow(database)
        calls = _callers(database, whole, narrow)
        name = f"policy, CPU s per request, {database_name}"
        yield _row(f"{name}, whole firm", database, calls[0], calls[0], _nobody_asks, 1.15)
        yield _row(f"{name}, {narrow[1]} fund grants", database, calls[1], calls[0], nullcontext, 4.0)


def _second_lock(url: str) -> Iterator[harness.Row]:
    with filled(url) as (database, whole):
        narrow = _narrow(database)
        calls = _callers(database, whole, narrow)
        name = "row-level security, CPU s per request, PostgreSQL"
        for said, caller, reach in (("whole firm", calls[0], 1.5), (f"{narrow[1]} fund grants", calls[1], 3.0)):
            yield _row(f"{name}, {said}", database, caller, caller, lambda: _unlocked(database), reach)


def _row(name: str, database: Database, ours: Caller, peer: Caller, off: Switch, reach: float) -> harness.Row:
    series: tuple[list[float], list[float]] = ([], [])
    for one in (ours, peer):
        measured(database, one, REQUESTS // 4)  # what is made once is no request's cost
    for _ in range(ROUNDS):
        with off():
            asyncio.run(peer.get())
            series[1].append(measured(database, peer, REQUESTS))
        asyncio.run(ours.get())
        series[0].append(measured(database, ours, REQUESTS))
    return harness.row(name, *series, [statistics.median(series[1])], reach=reach, at_most=True)


def _narrow(database: Database) -> tuple[str, int]:
    """The secret of an analyst with a grant on each fund, and how many there are."""
    actor = Actor("cli", 1, "administrator")
    with database.transaction(actor) as session:
        funds = session.scalars(select(Fund.id)).all()
        grants = [Wanted("fund", fund_id) for fund_id in funds]
        _, secret = identity.create_token(session, actor, name="narrow", role="analyst", grants=grants)
    return secret, len(funds)


def _callers(database: Database, whole: str, narrow: tuple[str, int]) -> tuple[Caller, Caller]:
    app = create_app(Settings(environment="test", log_level="WARNING"), database)
    return Caller(app, _bearer(whole)), Caller(app, _bearer(narrow[0]))


@contextmanager
def _nobody_asks() -> Iterator[None]:
    with patch.object(door, "require", lambda *_: None):
        yield


@contextmanager
def _unlocked(database: Database) -> Iterator[None]:
    """Row-level security off on every table, and nobody told to it."""
    _switch(database, "DISABLE")
    try:
        with patch.object(postgres, "entering", lambda _: "SELECT 1"):
            yield
    finally:
        _switch(database, "ENABLE")


def _switch(database: Database, how: str) -> None:
    with database.as_owner() as connection:
        for table in rls.tables_of_firms(connection):
            assert table in metadata.tables
            connection.exec_driver_sql(f'ALTER TABLE "{table}" {how} ROW LEVEL SECURITY')


if __name__ == "__main__":
    harness.main(rows)
