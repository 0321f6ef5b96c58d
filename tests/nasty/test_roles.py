"""Every operation by every role that may not: it is refused, changes nothing, and says the same to all firms."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.completeness.test_completeness import operations as routes
from tests.completeness.test_completeness import permissions
from tests.nasty.bodies import operations
from tests.nasty.world import World
from vestry.api.description import PUBLIC
from vestry.identity.policy import POLICY, ROLES

# What they ask for besides depends on the kind of what waits.
DECIDING = {"approve"}


def asked_by() -> dict[str, str]:
    """Operation → the permission it asks for."""
    return {name: next(iter(permissions(route.dependant))) for name, route in routes().items() if name not in PUBLIC}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_what_the_policy_does_not_allow_it_and_nothing_changes(world: World, role: str) -> None:
    """What it is allowed is asked for, cell by cell, by the matrix of access."""
    client, asks, before = world.client_as(role), asked_by(), world.state()
    for operation in world.share(operations(), role):
        if operation.name in PUBLIC | DECIDING or role in POLICY[asks[operation.name]]:
            continue
        answer = world.send(operation, world.body(operation), client=client)
        said = (operation.name, role, answer.status_code, answer.text)
        assert answer.status_code == 403, said
        assert answer.json()["code"] == "forbidden", said
    assert world.state() == before


def test_without_credentials_every_operation_says_only_that(world: World) -> None:
    client, before = TestClient(world.app, base_url="http://localhost"), world.state()
    answers = set()
    for operation in operations():
        if operation.name in PUBLIC:
            continue
        answer = world.send(operation, world.body(operation), client=client)
        assert answer.status_code == 401, (operation.name, answer.text)
        assert answer.headers["www-authenticate"] == "Bearer"
        answers.add(str(answer.json() | {"instance": None}))
    assert len(answers) == 1
    assert world.state() == before


def test_a_role_that_may_not_change_a_thing_cannot_tell_whether_it_exists(world: World) -> None:
    client, asks = world.client_as("auditor"), asked_by()
    for operation in operations():
        if operation.name in PUBLIC or "auditor" in POLICY[asks[operation.name]]:
            continue
        there = world.send(operation, world.body(operation), client=client)
        missing = world.send(operation, world.body(operation), client=client, **dict.fromkeys(world.ids, 2**40))
        assert there.status_code == missing.status_code == 403, operation.name
        assert there.json() | {"instance": None} == missing.json() | {"instance": None}
