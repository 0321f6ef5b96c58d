"""Every answer about one row names its version, and no row is replaced without naming the version seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.clients import application
from tests.nasty.bodies import operations
from tests.nasty.world import World
from vestry.core.db import Database


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    source = request.getfixturevalue("sqlite_source")
    url = source.new()
    database = Database(url)
    yield World(application(database), database)
    database.close()
    source.drop(url)


def has_if_match(operation: object) -> bool:
    description = operation.description  # type: ignore[attr-defined]
    return any(one["name"] == "if-match" for one in description.get("parameters", []))


def test_a_row_is_not_replaced_without_the_version_seen(world: World) -> None:
    bare = TestClient(
        world.app, base_url="http://localhost", headers={"Authorization": world.client.headers["authorization"]}
    )
    replacing = [operation for operation in operations() if has_if_match(operation)]
    assert len(replacing) >= 12
    for operation in replacing:
        before = world.state()
        answer = world.send(operation, world.body(operation), client=bare)
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required"), operation.name
        stale = world.send(operation, world.body(operation), headers={"If-Match": '"999"'})
        assert stale.status_code == 412, (operation.name, stale.text)
        assert world.state() == before, operation.name


def test_every_answer_about_a_row_with_a_version_names_it(world: World) -> None:
    named = set()
    for operation in sorted(operations(), key=lambda one: (one.method != "GET", one.method != "PUT")):
        if operation.method == "DELETE" or operation.path.endswith(("/void", "/undo", "/exit", "/write-off")):
            continue
        answer = world.send(operation, world.body(operation))
        if answer.status_code not in (200, 201) or "json" not in answer.headers["content-type"]:
            continue
        body = answer.json()
        if isinstance(body, dict) and "version" in body:
            assert answer.headers["etag"] == f'"{body["version"]}"', operation.name
            named.add(operation.name)
        else:
            assert "etag" not in answer.headers, operation.name
    assert len(named) > 30, named


def test_what_is_upserted_by_a_natural_key_needs_no_version() -> None:
    (terms,) = [operation for operation in operations() if operation.name == "set_fund_terms"]
    assert not has_if_match(terms)
