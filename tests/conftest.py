"""Fixtures every test may use: a fresh database on each of the two engines, a firm, actors, an HTTP client."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient
from hypothesis import settings as properties
from starlette import testclient

from tests.clients import Transport, application
from tests.commands import Vestry, commands
from tests.databases import PostgresSource, SqliteSource
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN

# A busy machine is not a wrong result, so properties have no deadline. Everybody's run tries the same examples;
# `--hypothesis-profile=search` looks for new ones.
properties.register_profile("search", deadline=None)
properties.register_profile("steady", deadline=None, derandomize=True)
properties.load_profile("steady")

# The files that take longest, begun first, so that no process is left with one of them while the others are done.
LONG = ("access/test_matrix.py", "nasty/test_contract.py", "reliability/", "e2e/", "cli/", "nasty/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, each as a whole; within a file nothing moves."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix().partition("/tests/")[2]
        return next((number for number, start in enumerate(LONG) if path.startswith(start)), len(LONG))

    items.sort(key=place)
    # What is imported by now stays: looking through it for garbage took a tenth of the time of the tests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_the_test_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from vestry.core import settings as module

    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("VESTRY_HOME", str(home))
    patch.setenv("VESTRY_ENVIRONMENT", "test")
    patch.delenv("VESTRY_DATABASE_URL", raising=False)
    module.settings.cache_clear()
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _one_loop_for_all_clients() -> Iterator[None]:
    """The framework's client makes an event loop and a thread per request, which cost more than most requests do; so
    did the line of the log that it writes for each."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(testclient, "_TestClientTransport", Transport)
        patch.setattr("httpx2._transports.asgi.is_running_trio", lambda: False)  # looked for on disk at every request
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture(scope="session")
def vestry() -> Iterator[Vestry]:
    """Runs a command of the command line in an environment."""
    with commands() as command:
        yield command


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has just installed it: nothing is there yet."""
    return {"PATH": os.environ["PATH"], "VESTRY_HOME": str(tmp_path / "home"), "VESTRY_ENVIRONMENT": "test"}


@pytest.fixture
def home(bare: dict[str, str], sqlite_source: SqliteSource) -> dict[str, str]:
    """The environment of somebody whose database has its tables."""
    folder = Path(bare["VESTRY_HOME"])
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_source.template, folder / "vestry.sqlite3")
    return bare


@pytest.fixture(scope="session")
def sqlite_source() -> Iterator[SqliteSource]:
    source = SqliteSource()
    yield source
    source.stop()


@pytest.fixture(scope="session")
def postgres_source() -> Iterator[PostgresSource]:
    source = PostgresSource()
    yield source
    source.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated, empty database; the test runs once on each engine."""
    with request.getfixturevalue(f"{request.param}_source").fresh() as opened:
        yield opened


@pytest.fixture
def administrator(database: Database) -> Actor:
    """The administrator of a new firm that keeps its books in dollars."""
    return make_firm(database, "Example Capital", "USD")


def make_firm(database: Database, name: str, currency: str) -> Actor:
    """Another firm in the same database, and its administrator."""
    with database.transaction(UNKNOWN) as session:
        firm = identity.create_firm(session, name=name, currency=currency)
        return Actor("cli", firm.id, "administrator", name="test")


@pytest.fixture
def client_as(database: Database, administrator: Actor) -> Iterator[Callable[..., TestClient]]:
    """Makes an HTTP client of a role (in the firm of ``administrator``, or of another actor's firm)."""
    app = application(database)
    opened: list[TestClient] = []

    def make(role: str = "administrator", actor: Actor | None = None) -> TestClient:
        with database.transaction(actor or administrator) as session:
            _, secret = identity.create_token(session, actor or administrator, name=role, role=role)
        client = TestClient(
            app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}", "If-Match": "*"}
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(client_as: Callable[..., TestClient]) -> TestClient:
    """An administrator's HTTP client."""
    return client_as()
