"""Grants: what they open, that they are kept, and that a revoked one is refused on the next request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from tests.conftest import make_firm
from vestry.core.actor import WHOLE, Actor
from vestry.core.db import Database
from vestry.core.errors import Invalid
from vestry.funds import service as funds
from vestry.identity import queries, service
from vestry.identity.grants import Wanted, wanted
from vestry.identity.models import ApiToken, Grant
from vestry.migrations import revisions

API = "/api/v1"
Clients = Callable[..., TestClient]


@pytest.fixture
def token_as(client: TestClient, client_as: Clients) -> Callable[..., tuple[int, TestClient]]:
    """Makes a token of a role with grants by the API; its id and a client that uses it."""

    def make(role: str, **grants: int) -> tuple[int, TestClient]:
        asked = [{"scope_kind": kind, "scope_id": scope_id} for kind, scope_id in grants.items()]
        answer = client.post(f"{API}/tokens", json={"name": role, "role": role, "grants": asked})
        assert answer.status_code == 201, answer.text
        other = client_as()
        other.headers["Authorization"] = f"Bearer {answer.json()['secret']}"
        return answer.json()["id"], other

    return make


def fund(client: TestClient, name: str) -> dict[str, Any]:
    answer = client.post(f"{API}/funds", json={"name": name, "currency": "USD"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def names(client: TestClient) -> list[str]:
    return [one["name"] for one in client.get(f"{API}/funds").json()["items"]]


def test_staff_without_grants_hold_one_on_the_firm_and_others_hold_none(client: TestClient) -> None:
    for role in ("manager", "accountant", "auditor", "investor", "client", "company_contact"):
        body = {"email": f"{role}@firm.com", "name": role, "role": role}
        made = client.post(f"{API}/users", json=body).json()
        staff = role in ("manager", "accountant", "auditor")
        assert [one["scope_kind"] for one in made["grants"]] == (["firm"] if staff else [])


def test_a_grant_on_a_fund_opens_that_fund_and_no_other(client: TestClient, token_as: Any) -> None:
    north, south = fund(client, "North"), fund(client, "South")
    _, analyst = token_as("analyst", fund=north["id"])
    assert names(analyst) == ["North"]
    foreign = analyst.get(f"{API}/funds/{south['id']}")
    missing = analyst.get(f"{API}/funds/{2**40}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() | {"instance": None} == missing.json() | {"instance": None}


def test_a_right_that_is_revoked_is_refused_on_the_next_request_and_stays_on_record(
    client: TestClient, token_as: Any
) -> None:
    north = fund(client, "North")
    token_id, analyst = token_as("analyst", fund=north["id"])
    assert analyst.get(f"{API}/funds/{north['id']}").status_code == 200
    [grant] = client.get(f"{API}/grants", params={"token_id": token_id}).json()
    assert client.delete(f"{API}/grants/{grant['id']}").status_code == 204
    assert analyst.get(f"{API}/funds/{north['id']}").status_code == 404
    assert names(analyst) == []
    [kept] = client.get(f"{API}/grants", params={"token_id": token_id}).json()
    assert kept["revoked_at"] is not None
    assert client.delete(f"{API}/grants/{grant['id']}").status_code == 404
    again = client.post(f"{API}/grants", json={"token_id": token_id, "scope_kind": "fund", "scope_id": north["id"]})
    assert again.status_code == 201
    assert names(analyst) == ["North"]


def test_what_a_program_lost_since_its_last_list_is_lost_on_the_next(
    client: TestClient, database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction(administrator) as session:
        token, secret = service.create_token(session, administrator, name="lists", role="analyst")
        funds.create_fund(session, administrator, name="North", currency="EUR", strategy="venture")
        token_id, now = token.id, session.info["now"]
    headers = {"Authorization": f"Bearer {secret}"}

    def asked() -> tuple[int, Any]:
        answer = client.get("/api/v1/funds", headers=headers)
        return answer.status_code, answer.json().get("total")

    def changed(statement: Any) -> None:
        with database.transaction(administrator) as session:
            session.execute(statement)

    assert asked() == (200, 1)
    with monkeypatch.context() as patch:
        if not database.is_sqlite:  # recognised: it is not looked up in a message of its own
            patch.setattr(queries, "token_actor", None)
        assert asked() == (200, 1)
    mine = update(Grant).where(Grant.token_id == token_id)
    token_row = update(ApiToken).where(ApiToken.id == token_id)
    for lost, found, expected in (
        (mine.values(revoked_at=now), mine.values(revoked_at=None), (200, 0)),
        (token_row.values(networks="203.0.113.7/32"), token_row.values(networks=None), (401, None)),
        (token_row.values(expires_at=now), token_row.values(expires_at=None), (401, None)),
        (token_row.values(revoked_at=now), token_row.values(revoked_at=None), (401, None)),
    ):
        changed(lost)
        assert asked() == expected
        assert asked() == expected
        changed(found)
        assert asked() == (200, 1)


def test_only_administrators_give_grants_and_only_on_what_is_there(
    client: TestClient, token_as: Any, database: Database
) -> None:
    token_id, manager = token_as("manager")
    north = fund(client, "North")
    body = {"token_id": token_id, "scope_kind": "fund", "scope_id": north["id"]}
    assert manager.post(f"{API}/grants", json=body).status_code == 403
    assert client.post(f"{API}/grants", json=body).status_code == 201
    assert client.post(f"{API}/grants", json=body).json()["code"] == "grant_exists"
    assert client.post(f"{API}/grants", json=body | {"scope_id": 2**40}).status_code == 404
    assert client.post(f"{API}/grants", json=body | {"token_id": 2**40}).status_code == 404
    assert client.post(f"{API}/grants", json=body | {"scope_kind": "firm"}).status_code == 422
    other = make_firm(database, "Other", "EUR")
    with database.transaction(other) as session:
        foreign, _ = service.create_token(session, other, name="theirs", role="analyst")
    assert client.post(f"{API}/grants", json=body | {"token_id": foreign.id}).status_code == 404


def test_a_grant_that_opens_nothing_to_the_role_is_refused(client: TestClient) -> None:
    body = {"name": "lp", "role": "investor", "grants": [{"scope_kind": "firm"}]}
    answer = client.post(f"{API}/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "grant_opens_nothing")


def test_a_narrow_manager_changes_only_what_is_granted_itself(client: TestClient, token_as: Any) -> None:
    north, south = fund(client, "North"), fund(client, "South")
    _, by_fund = token_as("manager", fund=north["id"])
    _, by_vehicle = token_as("manager", vehicle=south["main_vehicle_id"])
    body = {"name": "Renamed", "currency": "USD"}
    assert by_fund.put(f"{API}/funds/{north['id']}", json=body).status_code == 200
    assert by_vehicle.get(f"{API}/funds/{south['id']}").status_code == 200
    assert by_vehicle.put(f"{API}/funds/{south['id']}", json=body | {"name": "Mine"}).status_code == 404
    for path in ("funds", "investors", "companies"):
        made = by_fund.post(
            f"{API}/{path}", json={"name": "New"} | ({} if path == "investors" else {"currency": "USD"})
        )
        assert made.status_code == 403, path


def test_an_administrator_learns_why_somebody_sees_a_record(client: TestClient) -> None:
    north, south = fund(client, "North"), fund(client, "South")
    grants = [{"scope_kind": "fund", "scope_id": north["id"]}]
    user = client.post(
        f"{API}/users", json={"email": "a@firm.com", "name": "Ada", "role": "analyst", "grants": grants}
    ).json()
    told = client.get(f"{API}/users/{user['id']}/access", params={"record": f"fund:{north['id']}"}).json()
    assert told["sees"] is True
    assert [one["scope_id"] for one in told["grants"]] == [north["id"]]
    assert told["operation"]["row"] == "fund.read"
    told = client.get(f"{API}/users/{user['id']}/access", params={"record": f"fund:{south['id']}"}).json()
    assert told["sees"] is False
    assert told["grants"] == []
    assert "No live grant of Ada" in told["missing"]
    for record, status in ((f"fund:{2**40}", 404), ("fund:x", 422), ("king:1", 422), ("fund:007", 422)):
        answer = client.get(f"{API}/users/{user['id']}/access", params={"record": record})
        assert answer.status_code == status, record


def test_an_administrator_reads_as_somebody_else_and_never_writes_as_them(client: TestClient, token_as: Any) -> None:
    north, _ = fund(client, "North"), fund(client, "South")
    grants = [{"scope_kind": "fund", "scope_id": north["id"]}]
    body = {"email": "a@firm.com", "name": "Ada", "role": "manager", "grants": grants}
    user = client.post(f"{API}/users", json=body).json()
    seen_as = {"X-View-As": str(user["id"])}
    listed = client.get(f"{API}/funds", headers=seen_as).json()["items"]
    assert [one["name"] for one in listed] == ["North"]
    assert client.get(f"{API}/auth/me", headers=seen_as).json()["role"] == "manager"
    refused = client.put(f"{API}/funds/{north['id']}", json={"name": "X", "currency": "USD"}, headers=seen_as)
    assert refused.status_code == 403
    for other in ("0", "x", "999999", "-1", str(2**70)):
        assert client.get(f"{API}/funds", headers={"X-View-As": other}).status_code == 404, other
    _, manager = token_as("manager")
    assert manager.get(f"{API}/funds", headers=seen_as).status_code == 403


def test_what_is_not_a_grant_is_refused() -> None:
    assert wanted("firm") == Wanted("firm")
    assert wanted("fund:12") == Wanted("fund", 12)
    for text_ in ("", "fund", "fund:", "fund:0", "fund:-1", "fund:x", "firm:1", "king:1", "fund:1:2", "fund:١"):
        with pytest.raises(Invalid):
            wanted(text_)


def test_whoever_came_before_grants_existed_still_sees_the_firm_and_narrow_rights_do_not_widen_on_the_way_back(
    database: Database, administrator: Actor
) -> None:
    with database.transaction(administrator) as session:
        service.create_token(session, administrator, name="old", role="auditor")
        _, secret = service.create_token(session, administrator, name="admin", role="administrator")
        _, narrow = service.create_token(
            session, administrator, name="narrow", role="investor", grants=[Wanted("investor", _investor(session))]
        )
    revisions.downgrade(database.writer, "0001")
    with database.as_owner() as connection:
        rows = connection.execute(text("SELECT name, role, revoked_at IS NULL FROM api_token ORDER BY id")).all()
    assert [(name, role, bool(live)) for name, role, live in rows] == [
        ("old", "auditor", True),
        ("admin", "administrator", True),
        ("narrow", "auditor", False),
    ]
    revisions.upgrade(database.writer)
    with database.looking() as reader:
        found = queries.token_actor(reader, secret)
        assert found is not None
        assert found.sees == WHOLE
        assert queries.token_actor(reader, narrow) is None
    with database.reading(administrator) as session:
        kinds = session.scalars(select(Grant.scope_kind)).all()
    assert kinds == ["firm", "firm", "firm"]


def _investor(session: Any) -> int:
    from vestry.investors.models import Investor

    investor = Investor(firm_id=session.info["actor"].firm_id, name="LP", name_key="lp", kind="lp")
    session.add(investor)
    session.flush()
    return investor.id
