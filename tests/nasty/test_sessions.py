"""Signing in and out, sessions, links, tokens, and requests that other sites cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from tests.nasty.bodies import operations
from tests.nasty.world import API, World
from vestry.api.description import PUBLIC
from vestry.identity import service
from vestry.identity.door import COOKIE, SECURE_COOKIE, UNKNOWN
from vestry.identity.models import User
from vestry.identity.signin.service import create_sign_in_link

PASSWORD = "correct horse battery"
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def person(world: World) -> User:
    """A manager of the firm with a password."""
    return hire(world, "manager")


_hired = 0


def hire(world: World, role: str) -> User:
    global _hired
    _hired += 1
    with world.database.transaction(world.actor) as session:
        email = f"person{_hired}@firm.com"
        return service.create_user(session, world.actor, email=email, name="P", role=role, password=PASSWORD)


def visitor(world: World) -> TestClient:
    return TestClient(world.app, base_url="http://localhost")


def enter(client: TestClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(f"{API}/auth/sign-in", json={"email": email, "password": password}, **more)


def signed_in(world: World, person: User) -> TestClient:
    client = visitor(world)
    assert enter(client, person.email).status_code == 204
    assert client.get(f"{API}/auth/me").json()["user"]["id"] == person.id
    return client


def test_the_cookie_is_for_our_pages_only_and_out_of_reach_of_scripts(world: World, person: User) -> None:
    for base, name in (("http://localhost", COOKIE), ("https://localhost", SECURE_COOKIE)):
        client = TestClient(world.app, base_url=base)
        answer = enter(client, person.email)
        cookie = SimpleCookie(answer.headers["set-cookie"])[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
        assert bool(cookie["secure"]) == name.startswith("__Host-")
        assert not cookie["domain"]
        assert len(cookie.value) > 40
        assert answer.content == b""


def test_signing_in_gives_a_new_session_whatever_cookie_came_along(world: World, person: User) -> None:
    client = visitor(world)
    client.cookies.set(COOKIE, "vs_fixed-by-somebody-else")
    enter(client, person.email)
    first = [cookie.value for cookie in client.cookies.jar if cookie.domain != ""][-1]
    assert first != "vs_fixed-by-somebody-else"
    again = visitor(world)
    again.cookies.set(COOKIE, first)
    answer = enter(again, person.email)
    assert SimpleCookie(answer.headers["set-cookie"])[COOKIE].value != first
    fixed = visitor(world)
    fixed.cookies.set(COOKIE, "vs_fixed-by-somebody-else")
    assert fixed.get(f"{API}/auth/me").status_code == 401


def test_after_signing_out_the_cookie_opens_nothing(world: World, person: User) -> None:
    client = signed_in(world, person)
    secret = client.cookies[COOKIE]
    assert client.post(f"{API}/auth/sign-out").status_code == 204
    assert COOKIE not in client.cookies
    stolen = visitor(world)
    stolen.cookies.set(COOKIE, secret)
    assert stolen.get(f"{API}/auth/me").status_code == 401
    assert stolen.post(f"{API}/funds", json={"name": "X", "currency": "USD"}).status_code == 401


def test_signing_out_ends_only_ones_own_session(world: World, person: User) -> None:
    one, other = signed_in(world, person), signed_in(world, person)
    one.post(f"{API}/auth/sign-out")
    assert other.get(f"{API}/auth/me").status_code == 200
    assert visitor(world).post(f"{API}/auth/sign-out").status_code == 204


def test_a_deactivated_person_is_out_at_once(world: World, person: User) -> None:
    client = signed_in(world, person)
    with world.database.transaction(world.actor) as session:
        link = create_sign_in_link(session, person)
        session.execute(update(User).where(User.id == person.id).values(deactivated_at=session.info["now"]))
    assert client.get(f"{API}/auth/me").status_code == 401
    assert enter(visitor(world), person.email).status_code == 401
    assert visitor(world).post(f"{API}/auth/sign-in-link", json={"token": link}).status_code == 401


def test_a_role_taken_away_is_gone_at_the_next_request(world: World, person: User) -> None:
    client = signed_in(world, person)
    with world.database.transaction(world.actor) as session:
        session.execute(update(User).where(User.id == person.id).values(role="auditor"))
    assert client.post(f"{API}/funds", json={"name": "X", "currency": "USD"}).status_code == 403


def test_a_link_works_once(world: World, person: User) -> None:
    with world.database.transaction(UNKNOWN) as session:
        secret = create_sign_in_link(session, person)
    first, second = visitor(world), visitor(world)
    assert first.post(f"{API}/auth/sign-in-link", json={"token": secret}).status_code == 204
    assert first.get(f"{API}/auth/me").json()["user"]["id"] == person.id
    answers = [second.post(f"{API}/auth/sign-in-link", json={"token": token}) for token in (secret, "vl_never", "\0")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({said(answer) for answer in answers}) == 1


def test_a_revoked_token_is_refused_at_the_next_request(new_world: Callable[[], World]) -> None:
    world = new_world()
    made = world.post("tokens", name="robot", role="manager")
    robot = TestClient(world.app, base_url="http://localhost", headers={"Authorization": f"Bearer {made['secret']}"})
    assert robot.get(f"{API}/funds").status_code == 200
    assert world.client.delete(f"{API}/tokens/{made['id']}").status_code == 204
    assert robot.get(f"{API}/funds").status_code == 401
    assert world.client.delete(f"{API}/tokens/{made['id']}").status_code == 404
    assert made["secret"] not in world.client.get(f"{API}/tokens").text


def said(answer: Any) -> tuple[int, str]:
    """Status and text of an answer without the id of its request."""
    content = answer.json()
    return answer.status_code, str(content | {"instance": None})


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(world: World, person: User) -> None:
    without = hire(world, "analyst")
    with world.database.transaction(world.actor) as session:
        session.execute(update(User).where(User.id == without.id).values(password_hash=None))
    tries = [
        (person.email, "wrong horse battery"),
        ("nobody@firm.com", PASSWORD),
        (without.email, PASSWORD),
        (without.email, "x"),
        ("not an address", PASSWORD),
        (person.email, PASSWORD + "\0"),
        (person.email, "\0"),
    ]
    answers = [enter(visitor(world), *one) for one in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({said(answer) for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert len({len(answer.content) for answer in answers}) == 1
    for email in ("a\0b@firm.com", "\u202e" + person.email, person.email + "\0", "\ud800"):
        content = json.dumps({"email": email, "password": PASSWORD})
        answer = visitor(world).post(
            f"{API}/auth/sign-in", content=content, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "email")


def test_a_password_of_megabytes_is_refused_before_it_is_hashed(world: World, person: User) -> None:
    assert enter(visitor(world), person.email, "x" * 257).status_code == 422
    assert enter(visitor(world), person.email, "x" * 10_000_000).status_code == 413
    assert PASSWORD not in enter(visitor(world), "", PASSWORD).text


def test_a_refused_password_is_not_repeated_in_the_answer(world: World, person: User) -> None:
    client = signed_in(world, person)
    answers = [
        enter(visitor(world), "", "hush hush hush hush"),
        client.put(f"{API}/auth/password", json={"current": "hush hush hush hush", "new": "x"}),
        client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "hush hush", "more": "hush"}),
        client.put(f"{API}/auth/password", json={"current": "hush hush hush hush", "new": "long enough, surely"}),
    ]
    assert all(answer.status_code == 422 and "hush" not in answer.text for answer in answers)


def test_a_new_password_ends_the_other_sessions(world: World, person: User) -> None:
    here, elsewhere = signed_in(world, person), signed_in(world, person)
    changed = here.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "another horse battery"})
    assert changed.status_code == 204
    assert here.get(f"{API}/auth/me").status_code == 200
    assert elsewhere.get(f"{API}/auth/me").status_code == 401
    assert enter(visitor(world), person.email).status_code == 401
    assert enter(visitor(world), person.email, "another horse battery").status_code == 204


CROSS_SITE = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "https://localhost"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
def test_what_another_site_sends_with_the_cookie_changes_nothing(
    world: World, person: User, headers: dict[str, str]
) -> None:
    client = signed_in(world, hire(world, "administrator"))
    before, tried = world.state(), 0
    for operation in operations():
        if operation.method == "GET":
            continue
        if operation.name == "attach_to_form":  # known by what it is sent, which is no JSON
            sent: dict[str, Any] = {"data": {"token": world.ids["token"]}, "files": {"file": ("f.pdf", b"%PDF-1.7")}}
            answer = client.post(world.address(operation), headers=headers, **sent)
        else:
            answer = world.send(operation, world.body(operation), client=client, headers=headers)
        if operation.name == "revoke_refresh_token":  # RFC 7009: a token that is not there is revoked
            continue
        refused = (401, 403, 415) if operation.name in PUBLIC else (403, 415)  # without its letter nobody is let in
        assert answer.status_code in refused, (operation.name, answer.status_code, answer.text)
        tried += 1
    assert tried > 40
    assert world.state() == before
    assert client.get(f"{API}/auth/me").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_form_of_another_site_is_refused_even_without_an_origin(world: World, person: User, kind: str) -> None:
    client, before = signed_in(world, person), world.state()
    body = b'{"name": "Smuggled", "currency": "USD"}'
    assert client.post(f"{API}/funds", content=body, headers={"Content-Type": kind}).status_code == 415
    assert world.state() | {"user_session": (0, 0)} == before | {"user_session": (0, 0)}


def test_our_own_pages_and_programs_with_a_cookie_may_change_things(world: World, person: User) -> None:
    for number, headers in enumerate(({}, OURS, OURS | {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"})):
        body = {"name": f"Ours {number} {person.id}"}
        answer = signed_in(world, person).post(f"{API}/investors", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
