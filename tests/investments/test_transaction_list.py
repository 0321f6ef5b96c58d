"""The list of transactions is asked for all day: quick, and the same as the statement of the moment gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.fields import decimal_text, units_text
from vestry.demo import load_demo
from vestry.identity import service as identity
from vestry.identity.door import ASKED

PATH = "/api/v1/transactions"


@pytest.fixture
def funded(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        load_demo(session, administrator)


def walked(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    answer = client.get(PATH, params=params).json()
    while True:
        items += answer["items"]
        assert len(answer["items"]) <= params.get("limit", 100)
        if answer["next"] is None:
            assert len(items) == answer["total"]
            return items
        answer = client.get(PATH, params=params | {"cursor": answer["next"]}).json()


QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"sort": "amount", "limit": 7},
    {"sort": "-amount", "limit": 17},
    {"sort": "recorded_at", "limit": 50},
    {"fund_id": 1, "sort": "-kind", "limit": 11},
    {"kind": "proceeds", "as_of": "2022-06-30", "limit": 3},
    {"holding_id": 1, "company_id": 1, "vehicle_id": 1, "investment_id": 1, "limit": 2},
    {"fund_id": 999},
)


@pytest.mark.usefixtures("funded")
def test_a_prepared_list_is_the_list_of_the_moment(client: TestClient) -> None:
    for params in QUESTIONS:
        quick = walked(client, **params)
        known = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
        assert quick == walked(client, **params, known_at=known), params
        assert quick or params == {"fund_id": 999}, params


@pytest.mark.usefixtures("funded")
def test_a_cursor_of_another_question_is_refused(client: TestClient) -> None:
    cursor = client.get(PATH, params={"limit": 5}).json()["next"]
    for other in ({"limit": 5, "sort": "amount"}, {"limit": 5, "fund_id": 1}):
        refused = client.get(PATH, params=other | {"cursor": cursor})
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


@pytest.mark.usefixtures("funded")
def test_a_question_understood_before_is_still_answered_by_right(
    client: TestClient, client_as: Callable[..., TestClient], database: Database, administrator: Actor
) -> None:
    ASKED.clear()
    first = client.get(PATH, params={"limit": 5})
    assert list(ASKED) == [(PATH, b"limit=5")]
    again = client.get(PATH, params={"limit": 5})
    assert again.json() == first.json()
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other = client_as(actor=make_firm(database, "Other", "USD"))
    assert other.get(PATH, params={"limit": 5}).json() == {"items": [], "next": None, "total": 0}
    anonymous = TestClient(client.app, base_url="http://localhost")
    refused = anonymous.get(PATH, params={"limit": 5})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    with database.transaction(administrator) as session:
        identity.revoke_token(session, administrator, 1)
    assert client.get(PATH, params={"limit": 5}).status_code == 401


@pytest.mark.usefixtures("funded")
def test_a_question_understood_before_sees_what_was_written_since(client: TestClient) -> None:
    total = client.get(PATH, params={"limit": 1}).json()["total"]
    bought = {"fund_id": 1, "company_name": "Just now", "invested_on": "2024-01-15", "amount": "12.50"}
    made = client.post("/api/v1/investments", json=bought)
    assert made.status_code == 201, made.text
    assert client.get(PATH, params={"limit": 1}).json()["total"] == total + 1
    latest = client.get(PATH, params={"investment_id": made.json()["id"]}).json()["items"][0]
    client.post(f"{PATH}/{latest['id']}/void", json={"reason": "twice"})
    assert client.get(PATH, params={"limit": 1}).json()["total"] == total


@pytest.mark.parametrize("units", [0, 1, -1, 10, 12_345, -12_300, 10**4, 9_223_372_036_854_775_807])
@pytest.mark.parametrize(("scale", "places"), [(4, 2), (6, 0), (10, 0)])
def test_units_read_as_their_decimal(units: int, scale: int, places: int) -> None:
    assert units_text(units, scale, places) == decimal_text(Decimal(units).scaleb(-scale), places)
