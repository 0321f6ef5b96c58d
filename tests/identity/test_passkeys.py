"""Passkeys: both factors in one, a second factor after the password, and nothing that is not exactly ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.identity.authenticator import Authenticator, b64, unb64
from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from tests.identity.test_passwords import Clock
from vestry.identity.models import User
from vestry.identity.passkeys.models import Passkey


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def registration(client: TestClient) -> dict[str, Any]:
    answer = client.post(f"{API}/auth/passkey-options", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.json()["options"]
    return options


def register(client: TestClient, device: Authenticator, name: str = "laptop") -> Any:
    return client.post(f"{API}/auth/passkeys", json={"name": name, "credential": device.create(registration(client))})


def question(client: TestClient, path: str = "passkey") -> dict[str, Any]:
    answer = client.post(f"{API}/auth/{path}/options")
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.json()["options"]
    return options


def show(client: TestClient, credential: str, path: str = "passkey") -> Any:
    return client.post(f"{API}/auth/{path}", json={"credential": credential})


def owner_of(firm: Firm, **device: Any) -> tuple[User, TestClient, Authenticator]:
    person, made = firm.hire(), Authenticator(**device)
    client = firm.signed_in(person)
    assert register(client, made).status_code == 201
    return person, client, made


def test_a_passkey_signs_its_owner_in_without_any_name(firm: Firm) -> None:
    person, _, device = owner_of(firm)
    client = firm.browser()
    options = question(client)
    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"
    answer = show(client, device.get(options))
    assert answer.status_code == 204, answer.text
    assert client.get(f"{API}/auth/me").json()["user"]["id"] == person.id
    (session,) = [one for one in client.get(f"{API}/auth/sessions").json() if one["is_this"]]
    assert session["proof"] == "passkey"


def test_a_passkey_is_the_second_factor_after_the_password(firm: Firm) -> None:
    person, _, device = owner_of(firm, verifies=True)
    client = firm.browser()
    answer = enter(client, person.email)
    assert (answer.status_code, answer.json()) == (200, {"next": "second_step", "factors": ["passkey"]})
    options = question(client, "second-step/passkey")
    assert [one["id"] for one in options["allowCredentials"]] == [b64(device.id)]
    device.verifies = False  # the password has proved the person already
    assert show(client, device.get(options), "second-step/passkey").status_code == 204
    assert me(client) == 200
    stranger, _, other = owner_of(firm)
    half = firm.browser()
    enter(half, person.email)
    refused = show(half, other.get(question(half, "second-step/passkey")), "second-step/passkey")
    assert (refused.status_code, me(half), stranger.id != person.id) == (401, 401, True)


def test_an_answer_counts_once_and_for_five_minutes(firm: Firm, moved: Clock) -> None:
    _, _, device = owner_of(firm)
    client = firm.browser()
    answer = device.get(question(client))
    before = firm.failures()
    assert [show(client, answer).status_code for _ in range(2)] == [204, 401]
    assert firm.failures() == [*before, "passkey"]
    late = device.get(question(client))
    moved.forward(minutes=6)
    assert show(client, late).status_code == 401


def test_what_is_not_exactly_for_us_is_refused(firm: Firm) -> None:
    _, mine, device = owner_of(firm)
    client = firm.browser()

    def tampered(change: Any) -> str:
        sent = json.loads(device.get(question(client)))
        change(sent)
        return json.dumps(sent)

    def flip(sent: Any) -> None:
        raw = bytearray(unb64(sent["response"]["signature"]))
        raw[-1] ^= 1
        sent["response"]["signature"] = b64(bytes(raw))

    def unverified() -> str:
        device.verifies = False
        made = device.get(question(client))
        device.verifies = True
        return made

    def elsewhere() -> str:
        device.site = "evil.example"
        made = device.get(question(client))
        device.site = "localhost"
        return made

    def earlier_count() -> str:
        now, device.count = device.count, 0
        made = device.get(question(client))
        device.count = now
        return made

    assert show(client, device.get(question(client))).status_code == 204
    assert show(client, device.get(question(client))).status_code == 204
    wrong = {
        "another origin": device.get(question(client), origin="https://evil.example"),
        "a port of ours": device.get(question(client), origin="http://localhost:8001"),
        "https": device.get(question(client), origin="https://localhost"),
        "another site": elsewhere(),
        "a registration": device.get(question(client), type="webauthn.create"),
        "a challenge of nobody": device.get({"challenge": b64(b"x" * 32)}),
        "a challenge to register": device.get(registration_of(mine)),
        "the owner not checked": unverified(),
        "a copied key, by its count": earlier_count(),
        "a flipped signature": tampered(flip),
        "another handle": tampered(lambda sent: sent["response"].update(userHandle=b64(b"vestry-user-999999999"))),
        "no handle": tampered(lambda sent: sent["response"].pop("userHandle")),
        "an unknown key": Authenticator(handle=device.handle).get(question(client)),
        "another id": tampered(lambda sent: sent.update(id=b64(b"other"), rawId=b64(b"other"))),
        "no response": tampered(lambda sent: sent.pop("response")),
        "response a list": tampered(lambda sent: sent.update(response=[])),
        "no JSON": "{ ",
        "a list": "[]",
        "a number": "17",
        "very deep": "[" * 60 + "]" * 60,
    }
    taken = {name for name, one in wrong.items() if show(firm.browser(), one).status_code != 401}
    assert taken == set()
    bodies = {str(show(firm.browser(), one).json() | {"instance": 0}) for one in wrong.values()}
    assert len(bodies) == 1


def registration_of(client: TestClient) -> dict[str, Any]:
    return registration(client)


def test_only_its_owner_registers_a_passkey_here_and_once(firm: Firm) -> None:
    client, other = firm.signed_in(firm.hire()), firm.signed_in(firm.hire())
    device = Authenticator()
    foreign = device.create(registration(client))
    assert other.post(f"{API}/auth/passkeys", json={"name": "x", "credential": foreign}).status_code == 422
    assert client.post(f"{API}/auth/passkey-options", json={}).status_code == 403
    elsewhere = Authenticator(origin="https://evil.example")
    unverified = Authenticator(verifies=False)
    for wrong in (elsewhere, unverified, Authenticator(site="evil.example")):
        assert register(client, wrong).json()["code"] == "passkey_not_taken"
    assert register(client, device).status_code == 201
    assert register(other, device).json()["code"] == "passkey_not_taken"
    assert [one["id"] for one in registration(client)["excludeCredentials"]] == [b64(device.id)]


def test_passkeys_are_listed_renamed_and_removed_by_their_owner(firm: Firm) -> None:
    person, client, device = owner_of(firm)
    stranger = firm.signed_in(firm.hire())
    (mine,) = client.get(f"{API}/auth/passkeys").json()
    assert (mine["name"], stranger.get(f"{API}/auth/passkeys").json()) == ("laptop", [])
    path = f"{API}/auth/passkeys/{mine['id']}"
    assert client.put(path, json={"name": "old laptop"}).json()["name"] == "old laptop"
    assert stranger.put(path, json={"name": "mine"}).status_code == 404
    assert stranger.post(f"{path}/remove", json={"password": PASSWORD}).status_code == 404
    assert client.post(f"{path}/remove", json={"password": "wrong horse"}).status_code == 403
    assert client.post(f"{path}/remove", json={"password": PASSWORD}).status_code == 204
    visitor = firm.browser()
    assert show(visitor, device.get(question(visitor))).status_code == 401
    assert enter(firm.browser(), person.email).status_code == 204


def test_the_last_second_factor_stays_where_one_is_asked_for_and_the_gone_are_out(new_firm: Any) -> None:
    firm = new_firm()
    boss = firm.signed_in(firm.hire("administrator"))
    person, client, device = owner_of(firm)
    assert boss.put(f"{API}/sign-in-rules", json={"second_factor_roles": ["manager"]}).status_code == 200
    (mine,) = client.get(f"{API}/auth/passkeys").json()
    refused = client.post(f"{API}/auth/passkeys/{mine['id']}/remove", json={"password": PASSWORD})
    assert refused.json()["code"] == "second_factor_required"
    visitor = firm.browser()
    assert boss.post(f"{API}/users/{person.id}/deactivate").status_code == 200
    assert show(visitor, device.get(question(visitor))).status_code == 401
    boss.post(f"{API}/users/{person.id}/reactivate")
    assert boss.post(f"{API}/users/{person.id}/reset-factors").status_code == 204
    assert show(visitor, device.get(question(visitor))).status_code == 401
    with firm.database.reading(firm.actor) as session:
        assert session.scalars(select(Passkey).where(Passkey.user_id == person.id)).all() == []
