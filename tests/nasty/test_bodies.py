"""Every field of every body, broken in every way its kind can be: refused by name, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.nasty import bodies
from tests.nasty.bodies import Operation, with_bodies, with_value
from tests.nasty.world import World

# Proved with people of their own under sessions: they answer to a password or a link, not to a token.
OF_PEOPLE = {"sign_in", "sign_in_by_link", "change_password"}
# Read as it is typed, so that a wrong one is simply wrong: any text up to its length is well formed.
# Networks are named by their list.
TYPED = {("sign_in", "email"), ("create_token", "networks.0")}


def short(value: Any) -> str:
    return ascii(value)[:60]


def refusal(operation: Operation, path: str, value: Any, answer: Any) -> str | None:
    """What is wrong with the answer to a bad value, or nothing."""
    said = f"{operation.name} {path} = {short(value)}: {answer.status_code} {answer.text[:200]}"
    if answer.status_code != 422 or answer.headers["content-type"] != "application/problem+json":
        return said
    named = [fault["path"] for fault in answer.json()["errors"]]
    return None if path in named else f"{said} names {named}"


def test_every_example_of_the_description_is_accepted(new_world: Callable[[], World]) -> None:
    wrong, world = [], new_world()
    for operation in with_bodies():
        if operation.name in OF_PEOPLE or operation.name == "set_approval_rule":  # which takes two people
            continue
        answer = world.send(operation, world.body(operation))
        if answer.status_code not in (200, 201, 202, 204):  # what stood in its way may be what others told before
            world = new_world()
            answer = world.send(operation, world.body(operation))
        if answer.status_code not in (200, 201, 202, 204):
            wrong.append(f"{operation.name}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["decimal", "day", "id", "integer", "boolean", "word", "line", "prose", "secret"])
def test_a_bad_value_is_refused_with_its_path_and_nothing_is_stored(world: World, kind: str) -> None:
    before, wrong, tried = world.state(), [], 0
    for operation in with_bodies():
        good = world.body(operation)
        for field in operation.fields():
            if field.kind != kind or (operation.name, field.path) in TYPED:
                continue
            for value in world.share(field.bad_values(), f"{operation.name} {field.path}"):
                tried += 1
                answer = world.send(operation, with_value(good, field.path, value))
                wrong.append(refusal(operation, field.path, value, answer))
    assert tried > 5
    assert not any(wrong), "\n".join(list(filter(None, wrong))[:20])
    assert world.state() == before


def test_fields_nobody_offered_are_refused(world: World) -> None:
    before, wrong = world.state(), []
    for operation in world.share(with_bodies(), "taken"):
        good = world.body(operation)
        taken = {field.path for field in operation.fields()}
        for place in operation.objects():
            for name, value in bodies.SMUGGLED.items():
                path = f"{place}.{name}" if place else name
                if path not in taken:
                    answer = world.send(operation, with_value(good, path, value))
                    wrong.append(refusal(operation, path, value, answer))
    assert not any(wrong), "\n".join(list(filter(None, wrong))[:20])
    assert world.state() == before


@pytest.mark.parametrize("body", [[], "x", 5, None, True, {}, [{}]], ids=short)
def test_a_body_of_another_shape_is_refused(world: World, body: Any) -> None:
    before = world.state()
    for operation in with_bodies():
        if body == {} and not operation.schema.get("required"):
            continue
        answer = world.send(operation, [] if body is None else body)
        assert answer.status_code == 422, (operation.name, answer.text)
        assert answer.json()["errors"]
    assert world.state() == before


@pytest.mark.parametrize("token", [float("nan"), float("inf"), float("-inf")], ids=str)
def test_a_bare_token_that_is_no_number_is_refused(world: World, token: float) -> None:
    before = world.state()
    for operation in with_bodies():
        for field in operation.fields():
            if field.kind in ("decimal", "integer", "id"):
                answer = world.send(operation, with_value(world.body(operation), field.path, token))
                assert answer.status_code == 400, (operation.name, field.path, answer.text)
                assert answer.headers["content-type"] == "application/problem+json"
    assert world.state() == before
