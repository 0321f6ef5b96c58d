"""Funds over HTTP, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from vestry.core.db import Database


def fund(**changed: Any) -> dict[str, Any]:
    return {"name": "North I", "currency": "EUR", "vintage_year": 2020} | changed


def test_a_fund_is_made_with_its_main_vehicle(client: TestClient) -> None:
    answer = client.post("/api/v1/funds", json=fund(target_size="99999999999999.99"))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["target_size"] == "99999999999999.99"
    vehicles = client.get("/api/v1/vehicles", params={"fund_id": made["id"]}).json()["items"]
    assert [(vehicle["id"], vehicle["kind"]) for vehicle in vehicles] == [(made["main_vehicle_id"], "main")]
    assert client.get(f"/api/v1/funds/{made['id']}").json() == made


def test_a_name_is_taken_whatever_its_letter_case_and_spaces(client: TestClient) -> None:
    client.post("/api/v1/funds", json=fund())
    for same in ("north i", "North  I", "ＮＯＲＴＨ I"):
        answer = client.post("/api/v1/funds", json=fund(name=same))
        assert answer.status_code == 409
        assert answer.json()["code"] == "fund_name_taken"
    assert client.get("/api/v1/funds").json()["total"] == 1


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"target_size": 123456789012345678.91}, "target_size"),
        ({"target_size": "NaN"}, "target_size"),
        ({"target_size": "1e5"}, "target_size"),
        ({"target_size": " 5 "}, "target_size"),
        ({"target_size": "-0.00"}, "target_size"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"vintage_year": "2020"}, "vintage_year"),
        ({"vintage_year": True}, "vintage_year"),
        ({"started_on": "2023-02-29"}, "started_on"),
        ({"started_on": 1577836800}, "started_on"),
        ({"started_on": "2020-01-01T00:00:00"}, "started_on"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "\u202eevil"}, "name"),
        ({"name": "\u200d"}, "name"),
        ({"firm_id": 2}, "firm_id"),
    ],
)
def test_what_is_not_exact_is_refused_and_nothing_is_stored(
    client: TestClient, changed: dict[str, Any], path: str
) -> None:
    answer = client.post("/api/v1/funds", json=fund(**changed))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert client.get("/api/v1/funds").json()["total"] == 0


def test_another_firm_sees_nothing_and_gets_the_same_answer_as_for_a_missing_id(
    client: TestClient, client_as: Callable[..., TestClient], database: Database
) -> None:
    made = client.post("/api/v1/funds", json=fund()).json()
    stranger = client_as(actor=make_firm(database, "Other", "USD"))
    assert stranger.get("/api/v1/funds").json()["total"] == 0
    fixed = {"X-Request-ID": "same-id-for-both"}
    theirs = stranger.get(f"/api/v1/funds/{made['id']}", headers=fixed)
    missing = stranger.get("/api/v1/funds/999999", headers=fixed)
    assert (theirs.status_code, theirs.content) == (404, missing.content)


def test_a_change_from_an_old_version_is_refused(client: TestClient) -> None:
    made = client.post("/api/v1/funds", json=fund()).json()
    address = f"/api/v1/funds/{made['id']}"
    first = client.put(address, json=fund(name="North One"), headers={"If-Match": '"1"'})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    second = client.put(address, json=fund(name="North Two"), headers={"If-Match": '"1"'})
    assert second.status_code == 412
    assert client.get(address).json()["name"] == "North One"


def test_an_empty_fund_can_be_taken_away_and_its_name_used_again(client: TestClient) -> None:
    made = client.post("/api/v1/funds", json=fund()).json()
    assert client.delete(f"/api/v1/funds/{made['id']}").status_code == 204
    assert client.get(f"/api/v1/funds/{made['id']}").status_code == 404
    assert client.post("/api/v1/funds", json=fund()).status_code == 201


def test_pages_follow_each_other_without_gap_or_repeat(client: TestClient) -> None:
    for number in range(7):
        client.post("/api/v1/funds", json=fund(name=f"Fund {number}", vintage_year=2010 + number % 2))
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get("/api/v1/funds", params={"limit": 3, "sort": "-vintage_year", "cursor": cursor}).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert page["total"] == 7
    assert sorted(seen) == [f"Fund {number}" for number in range(7)]
    assert [int(name[-1]) % 2 for name in seen] == [1, 1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("query", ["limit=-1", "limit=0", "limit=1000000000", "sort=password_hash", "sort=name;drop"])
def test_a_list_refuses_what_it_does_not_know(client: TestClient, query: str) -> None:
    assert client.get(f"/api/v1/funds?{query}").status_code == 422


def test_an_altered_or_foreign_cursor_is_refused(client: TestClient) -> None:
    for number in range(3):
        client.post("/api/v1/funds", json=fund(name=f"Fund {number}"))
    cursor = client.get("/api/v1/funds", params={"limit": 1}).json()["next"]
    altered = cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]
    assert client.get("/api/v1/funds", params={"limit": 1, "cursor": altered}).status_code == 400
    assert client.get("/api/v1/funds", params={"sort": "-name", "cursor": cursor}).status_code == 400


def test_a_search_reads_signs_literally(client: TestClient) -> None:
    client.post("/api/v1/funds", json=fund(name="100% Fund"))
    client.post("/api/v1/funds", json=fund(name="Other"))
    for text, found in (("%", 1), ("_", 0), ("' OR 1=1--", 0), ("100%", 1)):
        assert client.get("/api/v1/funds", params={"q": text}).json()["total"] == found


def test_terms_of_the_same_day_supersede_each_other(client: TestClient) -> None:
    made = client.post("/api/v1/funds", json=fund()).json()
    address = f"/api/v1/funds/{made['id']}/terms"
    client.put(address, json={"effective_on": "2020-01-01", "carry_rate": "0.2", "hurdle_rate": "0.08"})
    answer = client.put(address, json={"effective_on": "2020-01-01", "carry_rate": "0.25"})
    assert (answer.json()["carry_rate"], answer.json()["version"]) == ("0.25", 2)
    assert len(client.get(address).json()) == 1
