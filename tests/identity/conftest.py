"""People who sign in, over HTTP, to one firm per engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from tests.clients import application
from tests.conftest import make_firm
from vestry.audit.models import AuditRow
from vestry.core.actor import UNKNOWN, Actor
from vestry.core.db import Database
from vestry.identity import service
from vestry.identity.models import User

API = "/api/v1"
_networks = count(1)
PASSWORD = "correct horse battery"


@dataclass
class Firm:
    """A firm, its application, and people of it with a browser each."""

    app: FastAPI
    database: Database
    actor: Actor
    hired: int = 0

    def hire(self, role: str = "manager", password: str | None = PASSWORD) -> User:
        """A new person of the firm."""
        self.hired += 1
        with self.database.transaction(self.actor) as session:
            email = f"person{self.hired}.{self.actor.firm_id}@firm.com"
            return service.create_user(session, self.actor, email=email, name="P", role=role, password=password)

    def browser(self, base: str = "http://localhost") -> TestClient:
        """Somebody from a network of their own, whom nobody knows yet."""
        number = next(_networks)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return TestClient(self.app, base_url=base, client=(address, 50_000), headers={"If-Match": "*"})

    def signed_in(self, person: User, password: str = PASSWORD) -> TestClient:
        """The person's browser after signing in by password."""
        client = self.browser()
        answer = enter(client, person.email, password)
        assert answer.status_code == 204, answer.text
        return client

    def failures(self) -> list[str | None]:
        """By what people failed to sign in so far, in any firm of the database: whose door it was may be unknown."""
        with self.database.reading(UNKNOWN) as session:
            failed = select(AuditRow.note).where(AuditRow.action == "sign_in_failed").order_by(AuditRow.id)
            return list(session.scalars(failed))

    def get(self, kind: type[Any], row_id: int) -> Any:
        """A row as it is now."""
        with self.database.reading(self.actor) as session:
            return session.get_one(kind, row_id)


def enter(client: TestClient, email: str, password: str = PASSWORD) -> Response:
    answer: Response = client.post(f"{API}/auth/sign-in", json={"email": email, "password": password})
    return answer


def me(client: TestClient) -> int:
    """The status of asking who one is: 200 or 401."""
    return int(client.get(f"{API}/auth/me").status_code)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def new_firm(request: pytest.FixtureRequest) -> Iterator[Callable[[], Firm]]:
    """Makes another firm in the engine's database."""
    source = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    database = Database(url)
    app = application(database)
    yield lambda: Firm(app, database, make_firm(database, "Example Capital", "USD"))
    database.close()
    source.drop(url)


@pytest.fixture(scope="module")
def firm(new_firm: Callable[[], Firm]) -> Firm:
    """A firm that the tests of a file share."""
    return new_firm()
