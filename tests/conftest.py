"""Fixtures every test may use: a fresh database on each of the two engines, a firm, actors, an HTTP client."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import settings as properties

from tests.databases import PostgresSource, SqliteSource
from vestry.api import create_app
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN

# A busy machine is not a wrong result, so properties have no deadline. Everybody's run tries the same examples;
# `--hypothesis-profile=search` looks for new ones.
properties.register_profile("search", deadline=None)
properties.register_profile("steady", deadline=None, derandomize=True)
properties.load_profile("steady")


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


@pytest.fixture(scope="session")
def sqlite_source(tmp_path_factory: pytest.TempPathFactory) -> SqliteSource:
    return SqliteSource(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_source() -> Iterator[PostgresSource]:
    source = PostgresSource()
    yield source
    source.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated, empty database; the test runs once on each engine."""
    source = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    opened = Database(url)
    yield opened
    opened.close()
    source.drop(url)


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
    app = create_app(Settings(environment="test"), database)
    opened: list[TestClient] = []

    def make(role: str = "administrator", actor: Actor | None = None) -> TestClient:
        with database.transaction(actor or administrator) as session:
            _, secret = identity.create_token(session, actor or administrator, name=role, role=role)
        client = TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"})
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(client_as: Callable[..., TestClient]) -> TestClient:
    """An administrator's HTTP client."""
    return client_as()
