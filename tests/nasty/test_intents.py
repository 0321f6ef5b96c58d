"""A change sent again with its Idempotency-Key is done once, whatever the network and however many at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from tests.nasty.network import run
from tests.nasty.world import API, World
from vestry.capital.models import CapitalCall
from vestry.identity.intents import KEPT_FOR, KeptAnswer

SEED = 20240630


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    return new_world()


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def fund(name: str) -> dict[str, str]:
    return {"name": name, "currency": "USD"}


def kept(world: World) -> int:
    with world.database.reading(world.actor) as session:
        return session.scalar(select(func.count()).where(KeptAnswer.firm_id == world.actor.firm_id)) or 0


def test_the_same_request_gets_the_same_bytes_and_is_done_once(world: World) -> None:
    first = world.client.post(f"{API}/funds", json=fund("Once"), headers=keyed("once"))
    again = world.client.post(f"{API}/funds", json=fund("Once"), headers=keyed("once"))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["content-type"] == again.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    without = world.client.post(f"{API}/funds", json=fund("Once"))
    assert without.json()["code"] == "fund_name_taken"


def test_an_answer_without_a_body_is_given_again(world: World) -> None:
    entry = world.post(
        "vehicle-entries", fund_id=world.ids["fund_id"], kind="income", entered_on="2024-01-01", amount="1"
    )
    path = f"{API}/vehicle-entries/{entry['id']}/void"
    answers = [world.client.post(path, json={"reason": "twice"}, headers=keyed("void")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert world.client.post(path, json={"reason": "twice"}).status_code == 404


@pytest.mark.parametrize("key", ["", " ", "a b", "é".encode(), "x" * 256, "tab\t", "\x7f"])
def test_a_key_that_is_none_is_malformed(world: World, key: Any) -> None:
    headers = {"Idempotency-Key": key if isinstance(key, bytes) else key.encode()}
    answer = world.client.post(f"{API}/funds", json=fund("Malformed"), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), answer.text


def test_a_key_of_255_signs_is_one(world: World) -> None:
    assert world.client.post(f"{API}/funds", json=fund("Long"), headers=keyed("!" * 255)).status_code == 201


@pytest.mark.parametrize("change", ["body", "path", "query", "method"])
def test_a_key_of_another_request_is_refused(world: World, change: str) -> None:
    key = f"reused {change}".replace(" ", "-")
    assert world.client.post(f"{API}/funds", json=fund(key), headers=keyed(key)).status_code == 201
    path = {"path": f"{API}/investors", "query": f"{API}/funds?", "method": f"{API}/funds/{world.ids['fund_id']}"}
    body = fund("Other") if change == "body" else {"name": key} if change == "path" else fund(key)
    method = "PUT" if change == "method" else "POST"
    answer = world.client.request(
        method, path.get(change, f"{API}/funds"), json=body, headers=keyed(key) | {"If-Match": "*"}
    )
    if change == "query":  # an empty query is none
        assert answer.status_code in (201, 422)
        return
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused"), answer.text


def test_a_refusal_is_not_kept_so_that_it_can_be_corrected(world: World) -> None:
    before = kept(world)
    wrong = world.client.post(f"{API}/funds", json=fund("World Fund"), headers=keyed("corrected"))
    assert wrong.status_code == 409
    invalid = world.client.post(f"{API}/funds", json={"name": 5}, headers=keyed("corrected"))
    assert invalid.status_code == 422
    assert kept(world) == before
    assert world.client.post(f"{API}/funds", json=fund("Corrected"), headers=keyed("corrected")).status_code == 201


def test_a_key_is_the_askers_own(world: World, new_world: Callable[..., World]) -> None:
    other, colleague = new_world(), world.client_as("manager")
    answers = [
        client.post(f"{API}/investors", json={"name": name}, headers=keyed("own"))
        for client, name in ((world.client, "Mine"), (colleague, "Colleague's"), (other.client, "Foreign"))
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 3
    assert not any("idempotent-replayed" in answer.headers for answer in answers)


def test_a_secret_is_shown_once_and_kept_nowhere(world: World) -> None:
    body = {"name": "keyed", "role": "auditor"}
    first = world.client.post(f"{API}/tokens", json=body, headers=keyed("token"))
    again = world.client.post(f"{API}/tokens", json=body, headers=keyed("token"))
    assert (again.status_code, again.json()["code"]) == (409, "answer_shown_once")
    with world.database.reading(world.actor) as session:
        bodies = session.scalars(select(KeptAnswer.body).where(KeptAnswer.body.is_not(None))).all()
    assert not any(first.json()["secret"].encode() in body for body in bodies if body)


def test_a_file_sent_again_is_received_once_whatever_marks_its_borders(world: World) -> None:
    def upload(content: bytes) -> Any:
        files = {"file": ("again.csv", content)}
        return world.client.post(f"{API}/imports", files=files, data={"kind": "flows"}, headers=keyed("file"))

    content = b"fund,date,kind,amount\nKeyed,2024-01-01,contribution,5\n"
    first, again = upload(content), upload(content)
    assert first.status_code == 201, first.text
    assert first.content == again.content
    assert upload(content + b"Keyed,2024-01-02,contribution,5\n").json()["code"] == "key_reused"


def test_kept_answers_are_swept_after_two_days(world: World) -> None:
    old = None
    for number in range(130):
        with world.database.transaction(world.actor) as session:
            if old is None:
                answers = select(KeptAnswer.id).where(KeptAnswer.firm_id == world.actor.firm_id)
                old = session.scalars(answers.order_by(KeptAnswer.id).limit(1)).one()
                past = session.info["now"] - KEPT_FOR - timedelta(minutes=1)
                session.execute(update(KeptAnswer).where(KeptAnswer.id == old).values(created_at=past))
        world.client.post(f"{API}/investors", json={"name": f"Swept {number}"}, headers=keyed(f"swept-{number}"))
        with world.database.reading(world.actor) as session:
            if session.get(KeptAnswer, old) is None:
                return
    pytest.fail("the old answer is still there after 130 new ones")


def test_32_at_once_with_one_key_issue_one_call(world: World) -> None:
    clients = [TestClient(world.app, base_url="http://localhost", headers=world.client.headers) for _ in range(32)]
    start = threading.Barrier(32)
    line = {"investor_id": world.ids["investor_id"], "investments": "3"}
    body = {"fund_id": world.ids["fund_id"], "called_on": "2024-07-01", "due_on": "2024-07-01", "lines": [line]}

    def calls() -> int:
        with world.database.reading(world.actor) as session:
            return session.scalar(select(func.count()).where(CapitalCall.firm_id == world.actor.firm_id)) or 0

    def send(client: TestClient) -> Any:
        start.wait()
        return client.post(f"{API}/capital-calls", json=body, headers=keyed("raced"))

    before = calls()
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(send, clients))
    found = Counter(answer.status_code for answer in answers)
    assert set(found) <= {201, 409}, found
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request_in_flight"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert calls() == before + 1
    assert world.client.post(f"{API}/capital-calls", json=body, headers=keyed("raced")).status_code == 201
    assert calls() == before + 1


def test_150_intents_over_a_bad_network_are_done_exactly_once(world: World) -> None:
    outcome = run(world, 150, SEED)
    assert outcome.intents == outcome.answered == outcome.done, (SEED, outcome)
    assert outcome.replayed > 5, outcome  # answers were lost, and given again
    assert min(outcome.faults[name] for name in ("reset", "cut", "lost_answer")) > 5, outcome


def test_without_keys_the_same_network_does_some_of_them_twice(world: World) -> None:
    outcome = run(world, 40, SEED, keyed=False)
    assert outcome.done > outcome.answered == 40, outcome
