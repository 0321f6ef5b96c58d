"""Filters, sorts, pages and text to find: read literally or refused, never wider than asked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.nasty.bodies import DAYS, IDS, Operation, operations
from tests.nasty.world import API, World

LIKE = ("' OR 1=1--", "%", "_", "\\", "name;drop", "a%' ESCAPE '\\", "*", "[a-z]", '"', "World%")


def parameters(operation: Operation) -> dict[str, dict[str, Any]]:
    """Name → schema of what the operation reads from the query."""
    found = {one["name"]: one for one in operation.description.get("parameters", []) if one["in"] == "query"}
    return {name: inner(one["schema"]) for name, one in found.items()}


def inner(schema: dict[str, Any]) -> dict[str, Any]:
    choices = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    assert len(choices) == 1
    return dict(choices[0])


def reads() -> list[Operation]:
    """All but where a directory sends a browser back to: it may say more than we asked, and ends on a page."""
    return [one for one in operations() if one.method == "GET" and one.name != "finish_directory_sign_in"]


def lists() -> list[Operation]:
    return [operation for operation in reads() if {"sort", "cursor"} <= set(parameters(operation))]


def asked(world: World, operation: Operation, query: str) -> Any:
    return world.client.get(f"{world.address(operation)}?{query}")


def refused(answer: Any, *statuses: int) -> bool:
    return answer.status_code in statuses and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["a%00b", "%ff", "%ed%a0%80", "%c0%af"])
def test_text_that_no_database_keeps_is_refused_in_every_query(world: World, text: str) -> None:
    tried = 0
    for operation in world.share(reads(), text):
        for name, schema in parameters(operation).items():
            answer = asked(world, operation, f"{name}={text}")
            assert refused(answer, 400, 422), (operation.name, name, schema, answer.status_code, answer.text)
            tried += 1
    assert tried > 50


def test_days_instants_ids_and_numbers_of_a_query_are_read_as_strictly_as_in_a_body(world: World) -> None:
    bad = {
        "date": [value for value in DAYS if isinstance(value, str)],
        "int64": [value for value in IDS if isinstance(value, str) and value != " 1"] + ["0", "-1"],
        "date-time": [
            *("2024-06-30T23:59:60Z", "2026-03-29T02:30:00", "2024-06-30T12:00:00+99:99", "2024-06-30", "now", ""),
            *("2024-06-30T24:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1719748800"),
        ],
    }
    tried = 0
    for operation in reads():
        for name, schema in parameters(operation).items():
            for value in bad.get(schema.get("format", ""), []):
                answer = asked(world, operation, f"{name}={quote(value, safe='')}")
                assert refused(answer, 400, 422), (operation.name, name, value, answer.status_code, answer.text)
                tried += 1
    assert tried > 300


@pytest.mark.parametrize("text", LIKE)
def test_text_to_find_is_literal(world: World, text: str) -> None:
    for operation in lists():
        if "q" in parameters(operation):
            answer = world.client.get(world.address(operation), params={"q": text})
            assert answer.status_code == 200, (operation.name, answer.text)
            if operation.name in ("list_funds", "list_companies", "list_investors"):
                assert answer.json()["total"] == 0, operation.name


def test_the_sign_that_stands_in_a_name_is_found(new_world: Callable[[], World]) -> None:
    world = new_world()
    world.post("companies", name="100% Pure_Water\\Ltd", currency="USD")
    for text, count in (
        ("100%", 1),
        ("0%P", 0),
        ("_Water", 1),
        ("Pure?Water", 0),
        ("\\", 1),
        ("PURE_", 1),
        ("1_0%", 0),
    ):
        found = world.client.get(f"{API}/companies", params={"q": text}).json()
        assert found["total"] == count, text


@pytest.mark.parametrize(
    "sort",
    ["password_hash", "name,(select 1)", "name; DROP TABLE fund", "--name", "Name", "", "-", "name desc", "firm_id"],
)
def test_a_list_sorts_by_its_own_columns_only(world: World, sort: str) -> None:
    for operation in world.share(lists(), sort):
        answer = world.client.get(world.address(operation), params={"sort": sort})
        if sort:
            assert refused(answer, 422), (operation.name, answer.status_code, answer.text)
            assert answer.json()["errors"][0]["path"] == "sort"
        else:
            assert answer.status_code in (200, 422), (operation.name, answer.text)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "limit=-1",
            "limit=0",
            "limit=1000000000",
            f"limit=1{'0' * 30}",
            "limit=1.5",
            "limit=1e3",
            "limit=",
            "limit=x",
        ),
        *("limit=1&limit=1000", "limit=true", "limit=０１", "cursor=a&cursor=b", "sort=id&sort=-id", "limit=1;limit=2"),
    ],
)
def test_a_page_has_one_limit_from_1_to_1000(world: World, query: str) -> None:
    for operation in world.share(lists(), query):
        assert refused(asked(world, operation, query), 422), (operation.name, query)


def test_a_parameter_nobody_offered_is_refused(world: World) -> None:
    for operation in operations():
        if operation.name == "finish_directory_sign_in":  # RFC 6749: what a directory adds is ignored
            continue
        answer = world.client.request(operation.method, f"{world.address(operation)}?firm_id=1", json={})
        assert refused(answer, 422, 415), (operation.name, answer.status_code, answer.text)


def cursor_of(world: World) -> str:
    for name in ("A", "B", "C"):
        world.client.post(f"{API}/investors", json={"name": name})
    cursor: str = world.client.get(f"{API}/investors", params={"limit": 2}).json()["next"]
    assert cursor
    return cursor


def test_a_cursor_with_any_bit_changed_is_refused(new_world: Callable[[], World]) -> None:
    world = new_world()
    cursor = cursor_of(world)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(0, len(raw) * 8, 7):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        forged = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert refused(world.client.get(f"{API}/investors", params={"limit": 2, "cursor": forged}), 400, 422)
    for forged in ("", "x", cursor[:-1], cursor + "A", cursor + "=", "....", "A" * 2001, cursor.swapcase()):
        answer = world.client.get(f"{API}/investors", params={"limit": 2, "cursor": forged})
        assert refused(answer, 400, 422) or (forged == "" and answer.status_code == 200), forged


def test_a_cursor_fits_only_the_question_and_the_person_it_was_given_to(new_world: Callable[[], World]) -> None:
    world, other = new_world(), new_world()
    cursor = cursor_of(world)
    path = f"{API}/investors"
    assert world.client.get(path, params={"limit": 2, "cursor": cursor}).status_code == 200
    assert refused(other.client.get(path, params={"limit": 2, "cursor": cursor}), 400)
    assert refused(world.client_as("auditor").get(path, params={"limit": 2, "cursor": cursor}), 400)
    assert refused(world.client.get(path, params={"limit": 2, "cursor": cursor, "sort": "-name"}), 400)
    assert refused(world.client.get(path, params={"limit": 2, "cursor": cursor, "q": "a"}), 400)
    assert refused(world.client.get(f"{API}/companies", params={"limit": 2, "cursor": cursor}), 400)


def test_a_sort_by_any_offered_column_pages_through_every_row_once(new_world: Callable[[], World]) -> None:
    world = new_world()
    for name in ("a", "B", "ä", "", "z"):
        world.post("companies", name=f"Ö{name}", currency="USD", **({"country": "DE"} if name == "a" else {}))
    for operation in lists():
        if operation.name == "list_fx_rates":  # the published ones since 1999: tests of the market page through them
            continue
        first = world.client.get(world.address(operation), params={"sort": "no such"}).json()
        for column in first["mend"].removeprefix("Sort by one of: ").rstrip(".").split(", "):
            for sort in (column, f"-{column}"):
                seen, cursor, rows = [], None, 0
                while True:
                    asked_for = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
                    page = world.client.get(world.address(operation), params=asked_for).json()
                    assert "items" in page, (operation.name, sort, page)
                    seen += [str(item) for item in page["items"]]
                    rows, cursor = page["total"], page["next"]
                    if not cursor:
                        break
                assert len(seen) == len(set(seen)) == rows, (operation.name, sort)
