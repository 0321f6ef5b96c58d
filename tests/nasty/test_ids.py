"""Ids: odd ones are never an error of ours, and another firm's are as if they were not there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.nasty.bodies import NOBODYS_IDS, Operation, operations, with_bodies, with_value
from tests.nasty.world import World

ODD = (
    "0",
    "-1",
    "9223372036854775808",
    "99999999999999999999",
    "1e3",
    "1.0",
    "true",
    "１",
    "01",
    "+1",
    " 1",
    "1 ",
    "a",
)


def path_names(operation: Operation) -> list[str]:
    named = [one["name"] for one in operation.description.get("parameters", []) if one["in"] == "path"]
    return [name for name in named if name.endswith("_id")]


def without_request(text: str) -> str:
    """A problem without the id of its request."""
    before, _, after = text.partition('"instance":"urn:request:')
    return before + after.partition('"')[2]


@pytest.mark.parametrize("odd", [*ODD, "\0", "%00", "../1", "1;2"], ids=ascii)
def test_an_odd_id_in_a_path_is_not_found_or_refused(world: World, odd: str) -> None:
    before = world.state()
    for operation in world.share(operations(), odd):
        for name in path_names(operation):
            answer = world.send(operation, world.body(operation), **{name: quote(odd, safe="")})
            assert answer.status_code in (404, 405, 422), (operation.name, odd, answer.status_code, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    assert world.state() == before


def test_an_id_of_another_firm_reads_the_same_as_one_that_is_not_there(
    world: World, new_world: Callable[[], World]
) -> None:
    other = new_world()
    before, asked = world.state(), 0
    for operation in operations():
        # A token has no account, nor passkeys; the directories of a firm are offered to everybody.
        if "/auth/passkeys/" in operation.path or operation.name == "begin_directory_sign_in":
            continue
        if "multipart/form-data" in operation.description.get("requestBody", {}).get("content", {}):
            continue  # the matrix of access asks them, with files
        for name in path_names(operation):
            if other.ids[name] == world.ids[name]:
                continue  # numbered within its company: here it is one's own
            body = world.body(operation)
            foreign = world.send(operation, body, **{name: other.ids[name]})
            missing = [world.send(operation, body, **{name: number}) for number in NOBODYS_IDS]
            assert {foreign.status_code, *(one.status_code for one in missing)} == {404}, (operation.name, foreign.text)
            assert {without_request(one.text) for one in missing} == {without_request(foreign.text)}
            asked += 1
    assert asked > 50
    assert world.state() == before


def test_an_id_of_another_firm_in_a_body_reads_the_same_as_one_that_is_not_there(
    world: World, new_world: Callable[[], World]
) -> None:
    other = new_world()
    before, asked = world.state(), 0
    for operation in with_bodies():
        body = world.body(operation)
        for field in operation.fields():
            if field.kind != "id":
                continue
            last = field.path.removesuffix(".0").rsplit(".")[-1].removesuffix("s").removeprefix("into_")
            last = {"break_glas": "user_id", "id": "value_id"}.get(last, last)  # the one record named by no more
            cleared = {key: value for key, value in body.items() if not key.startswith(("company", "investments"))}
            base = cleared if field.path.startswith(("company_id", "lines")) else body
            base = {key: value for key, value in base.items() if (key, last) not in EXCLUDING}
            foreign, *missing = (
                world.send(operation, with_value(base, field.path, number))
                for number in (other.ids[last], *NOBODYS_IDS)
            )
            said = f"{operation.name} {field.path}: {foreign.status_code} {foreign.text}"
            assert foreign.status_code in (404, 422), said
            assert {without_request(one.text) for one in missing} == {without_request(foreign.text)}, said
            asked += foreign.status_code == 404
    assert asked > 20
    assert world.state() == before


# A field that would have to go for the other to be read.
EXCLUDING = {
    ("fund_id", "vehicle_id"),
    ("investment_id", "holding_id"),
    ("investment_id", "company_id"),
    ("user_id", "token_id"),
}


def test_a_filter_by_an_id_of_another_firm_finds_nothing(world: World, new_world: Callable[[], World]) -> None:
    other = new_world()
    for operation in operations():
        for one in operation.description.get("parameters", []):
            if (
                one["in"] == "query" and one["name"].endswith("_id") and one["name"] != "customer_id"
            ):  # the company's own text
                noun = one["name"].removeprefix("within_")  # a payment's entry is that of its upload
                asked = {one["name"]: other.ids["upload_id" if noun == "entry_id" else noun]}
                answer = world.client.get(world.address(operation), params=world.query(operation) | asked)
                assert answer.status_code in (200, 404), (operation.name, asked, answer.text)
                if answer.status_code == 200 and "items" in answer.json():
                    assert answer.json()["items"] == [], (operation.name, asked)
