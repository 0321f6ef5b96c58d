"""Two or eight at once: limits hold, nothing is lost, nothing happens twice; on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from tests.clients import application
from tests.nasty.world import API, World
from vestry.core.http import router as make_router
from vestry.funds import service as funds
from vestry.funds.models import Fund
from vestry.identity.door import Work, may

ROUNDS = 3


def at_once(world: World, count: int, work: Callable[[TestClient, int], Any]) -> list[Any]:
    """The answers of ``count`` threads that start together, each with a client of its own."""
    clients = [world.client_as("administrator") for _ in range(count)]
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        return work(clients[number], number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def statuses(answers: list[Any]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def test_calls_raced_by_eight_never_pass_the_unfunded_commitment(new_world: Callable[..., World]) -> None:
    for _ in range(ROUNDS):
        world = new_world()
        investor = world.post("investors", name="Raced")["id"]
        promised = {"fund_id": world.ids["fund_id"], "investor_id": investor, "committed_on": "2023-01-01"}
        world.post("commitments", amount="100", **promised)
        line = {"investor_id": investor, "investments": "30"}
        body = {"fund_id": world.ids["fund_id"], "called_on": "2024-01-01", "due_on": "2024-01-01", "lines": [line]}
        answers = at_once(world, 8, lambda client, _, body=body: client.post(f"{API}/capital-calls", json=body))
        assert statuses(answers) == {201: 3, 409: 5}
        assert {answer.json().get("code") for answer in answers} == {None, "call_exceeds_unfunded"}
        listed = world.client.get(f"{API}/capital-calls", params={"investor_id": investor}).json()
        assert listed["total"] == 3


def test_a_fact_voided_by_eight_at_once_is_voided_once(new_world: Callable[..., World]) -> None:
    world = new_world()
    for noun, name in (
        *(("capital-calls", "call_id"), ("distributions", "distribution_id"), ("vehicle-entries", "entry_id")),
        *(
            ("transactions", "transaction_id"),
            ("marks", "mark_id"),
            ("reported-navs", "nav_id"),
            ("rounds", "round_id"),
        ),
        ("commitments", "commitment_id"),
    ):
        path = f"{API}/{noun}/{world.ids[name]}"
        answers = at_once(
            world, 8, lambda client, number, path=path: client.post(f"{path}/void", json={"reason": f"{number}"})
        )
        assert statuses(answers) == {204: 1, 404: 7}, (noun, answers[0].text)
        winner = next(number for number, answer in enumerate(answers) if answer.status_code == 204)
        versions = world.client.get(f"{path}/versions").json()
        assert [version["void_reason"] for version in versions] == [None, str(winner)], noun


def test_of_eight_changes_from_one_version_one_is_made(new_world: Callable[..., World]) -> None:
    world = new_world()
    changes: dict[str, Callable[[int], dict[str, Any]]] = {
        f"funds/{world.ids['fund_id']}": lambda n: {"name": f"Fund {n}", "currency": "USD"},
        f"companies/{world.ids['company_id']}": lambda n: {"name": f"Company {n}", "currency": "USD"},
        f"investors/{world.ids['investor_id']}": lambda n: {"name": f"Investor {n}"},
        f"vehicle-entries/{world.ids['entry_id']}": lambda n: {
            "kind": "income",
            "entered_on": "2024-01-01",
            "amount": f"{n + 10}.00",
        },
        f"transactions/{world.ids['transaction_id']}": lambda n: {
            "kind": "dividend",
            "transacted_on": "2024-10-01",
            "amount": f"{n + 10}.00",
        },
        f"marks/{world.ids['mark_id']}": lambda n: {"measured_on": "2024-06-30", "fair_value": f"{n + 10}.00"},
        f"reported-navs/{world.ids['nav_id']}": lambda n: {"reported_on": "2024-06-30", "amount": f"{n + 10}.00"},
        f"commitments/{world.ids['commitment_id']}": lambda n: {"committed_on": "2024-06-30", "amount": f"{n + 10}.00"},
    }
    for path, body in changes.items():
        seen = {"If-Match": f'"{world.client.get(f"{API}/{path}").json()["version"]}"'}
        answers = at_once(
            world,
            8,
            lambda client, number, path=path, body=body, seen=seen: client.put(
                f"{API}/{path}", json=body(number), headers=seen
            ),
        )
        assert statuses(answers) == {200: 1, 412: 7}, path
        winner = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
        now = world.client.get(f"{API}/{path}").json()
        assert {name: now[name] for name in body(winner)} == body(winner)


def test_names_marks_and_investments_raced_by_eight_are_made_once(new_world: Callable[..., World]) -> None:
    world = new_world()
    fund, holding = world.ids["fund_id"], world.ids["holding_id"]
    deal = {"fund_id": fund, "company_name": "Raced", "invested_on": "2024-01-01", "amount": "5"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("funds", {"name": "Raced", "currency": "USD"}),
        ("companies", {"name": "Raced Company", "currency": "USD"}),
        ("investors", {"name": "Raced"}),
        ("users", {"email": f"raced{fund}@firm.com", "name": "Raced", "role": "auditor"}),
        ("investments", deal),
        ("marks", {"holding_id": holding, "measured_on": "2024-09-30", "fair_value": "5"}),
        ("marks", {"company_id": world.ids["company_id"], "measured_on": "2024-09-30", "fair_value": "5"}),
        ("reported-navs", {"fund_id": fund, "reported_on": "2024-09-30", "amount": "5"}),
    ]
    for path, body in bodies:
        answers = at_once(world, 8, lambda client, _, path=path, body=body: client.post(f"{API}/{path}", json=body))
        assert statuses(answers) == {201: 1, 409: 7}, (path, [answer.text for answer in answers])


def test_terms_of_one_day_set_by_eight_are_one_row(new_world: Callable[..., World]) -> None:
    world = new_world()
    path = f"{API}/funds/{world.ids['fund_id']}/terms"
    body = {"effective_on": "2024-01-01"}
    answers = at_once(world, 8, lambda client, number: client.put(path, json=body | {"carry_rate": f"0.{number + 1}"}))
    assert statuses(answers) == {200: 8}
    assert len(world.client.get(path).json()) == 1


def test_a_holding_sold_by_eight_at_once_is_sold_once(new_world: Callable[..., World]) -> None:
    for _ in range(ROUNDS):
        world = new_world()
        path = f"{API}/investments/{world.ids['investment_id']}/exit"
        body = {"exited_on": "2025-01-01", "amount": "100"}
        answers = at_once(world, 8, lambda client, _, path=path, body=body: client.post(path, json=body))
        assert statuses(answers) == {200: 1, 409: 7}
        shown = world.client.get(f"{API}/investments/{world.ids['investment_id']}").json()
        assert (shown["status"], shown["exit_amount"]) == ("exited", "100.00")


def test_parts_sold_at_once_never_sum_to_more_than_is_held(new_world: Callable[..., World]) -> None:
    world = new_world()
    deal = {"company_name": "Parts", "invested_on": "2024-01-01", "amount": "100", "quantity": "10"}
    made = world.post("investments", fund_id=world.ids["fund_id"], **deal)
    body = {"holding_id": made["holding_id"], "kind": "proceeds", "transacted_on": "2024-06-01", "amount": "50"}
    answers = at_once(world, 8, lambda client, _: client.post(f"{API}/transactions", json=body | {"quantity": "3"}))
    assert statuses(answers) == {201: 3, 409: 5}
    shown = world.client.get(f"{API}/investments/{made['id']}").json()
    assert Decimal(shown["remaining_cost"]) == Decimal(10)


def test_a_commitment_cannot_fall_while_it_is_called(new_world: Callable[..., World]) -> None:
    for _ in range(ROUNDS):
        world = new_world()
        investor = world.post("investors", name="Raced")["id"]
        promised = {"fund_id": world.ids["fund_id"], "investor_id": investor, "committed_on": "2023-01-01"}
        commitment = world.post("commitments", amount="100", **promised)["id"]
        line = {"investor_id": investor, "investments": "100"}
        call = {"fund_id": world.ids["fund_id"], "called_on": "2024-01-01", "due_on": "2024-01-01", "lines": [line]}

        def either(client: TestClient, number: int, call: Any = call, commitment: int = commitment) -> Any:
            if number % 2:
                return client.post(f"{API}/capital-calls", json=call)
            return client.post(f"{API}/commitments/{commitment}/void", json={"reason": "raced"})

        answers = at_once(world, 2, either)
        assert sorted(statuses(answers)) in ([201, 409], [204, 409]), [answer.text for answer in answers]


def test_a_link_spent_by_eight_at_once_opens_one_session(new_world: Callable[..., World]) -> None:
    from vestry.identity import service
    from vestry.identity.signin.service import create_sign_in_link

    world = new_world()
    with world.database.transaction(world.actor) as session:
        user = service.create_user(
            session, world.actor, email=f"link{world.actor.firm_id}@firm.com", name="L", role="auditor"
        )
        secret = create_sign_in_link(session, user)
    answers = at_once(world, 8, lambda client, _: client.post(f"{API}/auth/sign-in-link", json={"token": secret}))
    assert statuses(answers) == {204: 1, 401: 7}


def test_a_change_under_anothers_feet_is_a_conflict(
    new_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that forgot to lock still overwrites nothing it has not seen."""
    world = new_world()
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: nothing changes under its feet")
    found = funds.find

    def find_and_let_another_write(session: Any, actor: Any, model: Any, row_id: int, **more: Any) -> Any:
        row = found(session, actor, model, row_id, noun=more["noun"])
        with world.database.transaction(world.actor) as other:
            other.execute(update(Fund).where(Fund.id == row_id).values(version=Fund.version + 1, description="first"))
        return row

    monkeypatch.setattr(funds, "find", find_and_let_another_write)
    path = f"{API}/funds/{world.ids['fund_id']}"
    answer = world.client.put(path, json={"name": "Second", "currency": "USD"})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert world.client.get(path).json()["description"] == "first"


def test_a_deadlock_is_resolved_by_doing_the_work_again(new_world: Callable[..., World]) -> None:
    world = new_world()
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: two never wait for each other")
    other = world.post("funds", name="Other", currency="USD")["id"]
    first = world.ids["fund_id"]
    both_hold_one, tries = threading.Barrier(2), Counter[int]()
    router = make_router("test")

    @router.put("/test/{number}", operation_id="cross")
    def cross(number: int, work: Annotated[Work, may("fund.change")]) -> dict[str, int]:
        tries[number] += 1
        for fund_id in (first, other) if number else (other, first):
            work.session.scalars(select(Fund).where(Fund.id == fund_id).with_for_update()).one()
            if tries[number] == 1 and both_hold_one.n_waiting < 2 and fund_id == (first if number else other):
                both_hold_one.wait(5)
        fund = work.session.get_one(Fund, first)
        fund.description = (fund.description or "") + str(number)
        return {"number": number}

    app = application(world.database)
    app.router.routes.insert(0, router.routes[0])
    world.app = app
    answers = at_once(world, 2, lambda client, number: client.put(f"/test/{number}"))
    assert statuses(answers) == {200: 2}, [answer.text for answer in answers]
    assert sum(tries.values()) >= 3  # one of them was the victim, and began again
    shown = world.client.get(f"{API}/funds/{first}").json()
    assert sorted(shown["description"]) == ["0", "1"]


def test_of_sixteen_changes_made_from_one_version_one_holds(new_world: Callable[..., World]) -> None:
    world = new_world()
    path = f"{API}/funds/{world.ids['fund_id']}"
    for number in range(ROUNDS):
        seen = world.client.get(path)
        headers = {"If-Match": seen.headers["etag"]}
        assert headers["If-Match"] == f'"{seen.json()["version"]}"'

        def change(client: TestClient, writer: int, number: int = number, headers: Any = headers) -> Any:
            return client.put(path, json={"name": f"Round {number} {writer}", "currency": "USD"}, headers=headers)

        answers = at_once(world, 16, change)
        assert statuses(answers) == {200: 1, 412: 15}, [answer.text for answer in answers]
        (held,) = [answer for answer in answers if answer.status_code == 200]
        assert world.client.get(path).json()["name"] == held.json()["name"]
