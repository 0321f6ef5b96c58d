"""Four eyes: what waits counts nowhere, somebody else decides, and what was approved is what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.clients import application
from tests.nasty.world import API, World
from vestry.audit.models import AuditRow
from vestry.core.db import Database
from vestry.identity import service as identity


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def new_world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    source = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    database = Database(url)
    app = application(database)
    yield lambda currency="USD": World(app, database, currency)
    database.close()
    source.drop(url)


class Two:
    """A world, and two people of its firm with a token each."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, []
        self.maker, self.checker = (self._person(name) for name in ("maker", "checker"))

    def _person(self, name: str, role: str = "manager") -> TestClient:
        world = self.world
        with world.database.transaction(world.actor) as session:
            address = f"{name}{world.actor.firm_id}@firm.com"
            user = identity.create_user(session, world.actor, email=address, name=name, role=role)
            token, secret = identity.create_token(session, world.actor, name=name, role=role)
            token.created_by = user.id
            self.people.append(user.id)
        headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
        return TestClient(world.app, base_url="http://localhost", headers=headers)

    def administrator(self) -> TestClient:
        """One more person, who may give grants."""
        return self._person("administrator", "administrator")

    def require(self, *kinds: str) -> None:
        for kind in kinds:
            answer = self.world.client.put(f"{API}/approval-rules/{kind}", json={"required": True})
            assert (answer.status_code, answer.json()) == (200, {"kind": kind, "required": True}), answer.text

    def asked_for(self) -> int:
        """How many requests the firm has; its world begins with one."""
        return int(self.world.client.get(f"{API}/approvals").json()["total"])

    def decide(self, request_id: int, decision: str = "approve", who: TestClient | None = None, **body: Any) -> Any:
        path = f"{API}/approvals/{request_id}/{decision}"
        return (who or self.checker).post(path, json=body) if body else (who or self.checker).post(path)


@pytest.fixture
def two(new_world: Callable[..., World]) -> Two:
    return Two(new_world())


def call(two: Two, amount: str = "1000") -> dict[str, Any]:
    line = {"investor_id": two.world.ids["investor_id"], "investments": amount}
    days = {"called_on": "2024-01-01", "due_on": "2024-01-01", "paid_on": "2024-01-01"}
    return {"fund_id": two.world.ids["fund_id"], "lines": [line]} | days


def paid_in(two: Two) -> str:
    figures = two.world.client.get(f"{API}/funds/{two.world.ids['fund_id']}/performance").json()
    return str(figures["net"]["paid_in"])


def test_what_waits_is_in_no_figure_until_somebody_else_approves_it(two: Two) -> None:
    two.require("capital_call")
    before, state = paid_in(two), two.world.state()
    asked = two.maker.post(f"{API}/capital-calls", json=call(two))
    assert asked.status_code == 202, asked.text
    request = asked.json()
    assert (request["state"], request["operation"], request["maker"]) == (
        "pending",
        "issue_capital_call",
        f"user:{two.people[0]}",
    )
    assert request["payload"]["lines"][0]["investments"] in ("1000", "1000.0000")
    assert (request["amount"], request["currency"]) == ("1000.00", "USD")
    detail = two.checker.get(f"{API}/approvals/{request['id']}").json()
    line = next(row for row in detail["effect"] if row["noun"] == "capital_call_line")
    assert (line["action"], line["before"], line["after"]["amount"]) == ("create", None, "1000.0000")
    assert line["refs"] == {"vehicle_id": two.world.ids["vehicle_id"], "investor_id": two.world.ids["investor_id"]}
    after = two.world.state()
    assert {name for name in after if after[name] != state[name]} == {"approval_request"}
    assert paid_in(two) == before
    own = two.decide(request["id"], who=two.maker)
    assert (own.status_code, own.json()["code"]) == (403, "maker_is_checker")
    approved = two.decide(request["id"])
    assert approved.status_code == 200, approved.text
    assert (approved.json()["state"], approved.json()["checker"]) == ("approved", f"user:{two.people[1]}")
    made = two.world.client.get(f"{API}/capital-calls/{approved.json()['record_id']}").json()
    assert made["lines"][0]["investments"] == "1000.00"
    assert float(paid_in(two)) == float(before) + 1000
    again = two.decide(request["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_a_change_of_what_was_approved_waits_again(two: Two) -> None:
    two.require("mark")
    path = f"{API}/marks/{two.world.ids['mark_id']}"
    old = two.maker.get(path).json()
    asked = two.maker.put(path, json={"measured_on": "2024-06-30", "fair_value": "9"})
    assert asked.status_code == 202, asked.text
    assert two.maker.get(path).json() == old
    assert asked.json()["about"] == two.world.ids["mark_id"]
    detail = two.checker.get(f"{API}/approvals/{asked.json()['id']}").json()
    change = {name: (detail["effect"][0][name] or {}).get("fair_value") for name in ("before", "after")}
    assert (change, detail["effect_count"]) == ({"before": "1.0000", "after": "9.0000"}, 1)
    assert (detail["amount"], detail["currency"]) == ("9.00", "USD")
    assert two.decide(asked.json()["id"]).status_code == 200
    assert two.maker.get(path).json()["fair_value"] == "9.00"
    voided = two.maker.post(f"{path}/void", json={"reason": "wrong"})
    assert voided.status_code == 202
    assert two.maker.get(path).status_code == 200


def test_an_approval_is_of_the_version_that_was_seen(two: Two) -> None:
    two.require("mark")
    path, body = f"{API}/marks/{two.world.ids['mark_id']}", {"measured_on": "2024-06-30"}
    seen = {"If-Match": two.maker.get(path).headers["etag"]}
    first, second = (two.maker.put(path, json=body | {"fair_value": one}, headers=seen).json() for one in ("2", "3"))
    assert two.decide(first["id"]).status_code == 200
    late = two.decide(second["id"])
    assert late.status_code == 412, late.text
    assert two.maker.get(path).json()["fair_value"] == "2.00"
    assert two.decide(second["id"], "refuse", reason="stale").json()["state"] == "refused"


def test_a_refusal_tells_why_and_a_maker_withdraws(two: Two) -> None:
    two.require("distribution")
    line = {"investor_id": two.world.ids["investor_id"], "gains": "5"}
    body = {"fund_id": two.world.ids["fund_id"], "declared_on": "2024-01-01", "due_on": "2024-01-01", "lines": [line]}
    first, second = (two.maker.post(f"{API}/distributions", json=body).json() for _ in range(2))
    refused = two.decide(first["id"], "refuse", reason="twice").json()
    assert (refused["state"], refused["reason"], refused["record_id"]) == ("refused", "twice", None)
    assert two.decide(second["id"], "withdraw").status_code == 403
    assert two.decide(second["id"], "withdraw", who=two.maker).json()["state"] == "withdrawn"


def test_what_cannot_be_done_is_refused_at_once(two: Two) -> None:
    two.require("capital_call")
    before = two.asked_for()
    answer = two.maker.post(f"{API}/capital-calls", json=call(two, "999999999"))
    assert (answer.status_code, answer.json()["code"]) == (409, "call_exceeds_unfunded")
    assert two.asked_for() == before


def test_a_payment_waits_where_payments_do(two: Two) -> None:
    two.require("payment")
    ids = two.world.ids
    call, payout = (f"{API}/capital-calls/{ids['call_id']}", f"{API}/distributions/{ids['distribution_id']}")
    for path, word in ((call, "receipts"), (payout, "payments")):
        asked = two.maker.post(f"{path}/{word}", json={"paid_on": "2024-03-01"})
        assert asked.status_code == 202, asked.text
        assert two.maker.get(path).json()["lines"][0]["paid_on"] is None
        assert two.decide(asked.json()["id"]).status_code == 200
        assert two.maker.get(path).json()["lines"][0]["paid_on"] == "2024-03-01"


def test_an_import_waits_too_and_so_does_undoing_it(two: Two) -> None:
    two.require("distribution")
    path = f"{API}/imports/{two.world.ids['import_id']}"
    asked = two.maker.post(f"{path}/commit")
    assert asked.status_code == 202, asked.text
    assert two.maker.get(path).json()["status"] == "uploaded"
    assert two.decide(asked.json()["id"]).status_code == 200
    assert two.maker.get(path).json()["status"] == "committed"
    undone = two.maker.post(f"{path}/undo")
    assert undone.status_code == 202, undone.text
    assert two.decide(undone.json()["id"]).status_code == 200
    assert two.maker.get(path).json()["status"] == "undone"


def test_a_grant_waits_and_the_list_shows_what_waits_for_me(two: Two) -> None:
    two.require("grant")
    body = {"user_id": two.people[1], "scope_kind": "fund", "scope_id": two.world.ids["fund_id"]}
    asked = two.world.client.post(f"{API}/grants", json=body)
    assert asked.status_code == 202, asked.text
    waiting = two.checker.get(f"{API}/approvals", params={"mine": True}).json()
    assert asked.json()["id"] in [item["id"] for item in waiting["items"]]
    for_its_maker = two.world.client.get(f"{API}/approvals", params={"mine": True}).json()
    assert asked.json()["id"] not in [item["id"] for item in for_its_maker["items"]]
    assert two.world.client.get(f"{API}/approvals", params={"state": "approved"}).json()["total"] == 0


@pytest.mark.parametrize(("path", "extra"), [("invitations", {}), ("users", {"password": "osprey-velvet-lantern"})])
def test_somebody_new_waits_where_grants_do(two: Two, path: str, extra: dict[str, str]) -> None:
    two.require("grant")
    scope = {"scope_kind": "fund", "scope_id": two.world.ids["fund_id"]}
    email = f"{path}{two.world.actor.firm_id}@firm.com"
    body = {"email": email, "name": "New", "role": "analyst", "grants": [scope], **extra}
    asked = two.world.client.post(f"{API}/{path}", json=body)
    assert asked.status_code == 202, asked.text
    assert "osprey" not in asked.text
    assert email not in two.world.client.get(f"{API}/{path}").text
    approved = two.decide(asked.json()["id"], who=two.administrator())
    assert approved.status_code == 200, approved.text
    [made] = [one for one in two.world.client.get(f"{API}/{path}").json() if one["email"] == email]
    assert made["role"] == "analyst"
    assert "grants" not in made or [one["scope_id"] for one in made["grants"]] == [scope["scope_id"]]


def test_a_role_waits_where_grants_do_and_a_name_does_not(two: Two) -> None:
    two.require("grant")
    path = f"{API}/users/{two.people[1]}"
    send = {"headers": {"If-Match": "*"}}
    assert two.world.client.put(path, json={"name": "Other", "role": "manager"}, **send).status_code == 200
    asked = two.world.client.put(path, json={"name": "Other", "role": "administrator"}, **send)
    assert asked.status_code == 202, asked.text
    assert two.decide(asked.json()["id"], who=two.administrator()).status_code == 200
    roles = {one["id"]: one["role"] for one in two.world.client.get(f"{API}/users").json()}
    assert roles[two.people[1]] == "administrator"


def test_taking_the_rule_off_waits_for_somebody_else(two: Two) -> None:
    two.require("mark")
    asked = two.world.client.put(f"{API}/approval-rules/mark", json={"required": False})
    assert asked.status_code == 202, asked.text
    answer = two.world.client.get(f"{API}/approval-rules")
    assert answer.status_code == 200, answer.text
    assert {"kind": "mark", "required": True} in answer.json()
    assert two.decide(asked.json()["id"]).status_code == 403  # only administrators change rules
    other = two.world.client_as("administrator")
    assert two.decide(asked.json()["id"], who=other).status_code == 200
    assert {"kind": "mark", "required": False} in two.world.client.get(f"{API}/approval-rules").json()


def test_one_person_alone_cannot_ask_for_four_eyes(new_world: Callable[..., World]) -> None:
    answer = new_world().client.put(f"{API}/approval-rules/mark", json={"required": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_approve")


def test_two_tokens_of_one_person_are_not_four_eyes(two: Two) -> None:
    two.require("capital_call")
    world = two.world
    with world.database.transaction(world.actor) as session:
        token, secret = identity.create_token(session, world.actor, name="second", role="manager")
        token.created_by = two.people[0]
    second = TestClient(world.app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"})
    asked = two.maker.post(f"{API}/capital-calls", json=call(two)).json()
    assert two.decide(asked["id"], who=second).json()["code"] == "maker_is_checker"


def test_asking_twice_with_one_key_asks_once(two: Two) -> None:
    two.require("capital_call")
    key = {"Idempotency-Key": "asked-once"}
    before = two.asked_for()
    answers = [two.maker.post(f"{API}/capital-calls", json=call(two), headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert two.asked_for() == before + 1


def test_asking_and_deciding_are_in_the_trail(two: Two) -> None:
    two.require("capital_call")
    asked = two.maker.post(f"{API}/capital-calls", json=call(two)).json()
    two.decide(asked["id"])
    with two.world.database.reading(two.world.actor) as session:
        rows = session.execute(
            select(AuditRow.noun, AuditRow.action, AuditRow.actor_name, AuditRow.operation)
            .where(AuditRow.firm_id == two.world.actor.firm_id)
            .order_by(AuditRow.sequence.desc())
            .limit(4)
        ).all()
    assert {(row.noun, row.action, row.actor_name) for row in rows} == {
        ("approval_request", "create", "maker"),
        ("approval_request", "change", "checker"),
        ("capital_call", "create", "checker"),
        ("capital_call_line", "create", "checker"),
    }
