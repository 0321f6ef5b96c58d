"""Sessions: what they show, how they end, and that what ended is refused on the next request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from vestry.core.db import Database
from vestry.identity import seen, service
from vestry.identity.door import COOKIE, SECURE_COOKIE
from vestry.identity.models import ApiToken, User, UserSession
from vestry.identity.signin.service import create_sign_in_link


def sessions(client: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/auth/sessions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_one_sees_where_one_is_signed_in_and_nobody_elses(firm: Firm) -> None:
    person, other = firm.hire(), firm.hire()
    here, phone = firm.browser(), firm.browser()
    here.headers["User-Agent"] = "Desk\x07 browser/1"
    phone.headers["User-Agent"] = "Phone " + "x" * 400
    assert enter(here, person.email).status_code == enter(phone, person.email).status_code == 204
    firm.signed_in(other)
    found = sessions(here)
    assert len(found) == 2
    mine = next(one for one in found if one["is_this"])
    assert mine["device"] == "Desk browser/1"
    assert mine["address"].startswith("10.")
    assert mine["proof"] == "password"
    elsewhere = next(one for one in found if not one["is_this"])
    assert len(elsewhere["device"]) == 200


def test_one_session_is_ended_and_then_all_others(firm: Firm) -> None:
    person = firm.hire()
    here, phone, tablet = (firm.signed_in(person) for _ in range(3))
    phone_id = next(one["id"] for one in sessions(phone) if one["is_this"])
    assert here.delete(f"{API}/auth/sessions/{phone_id}").status_code == 204
    assert [me(one) for one in (here, phone, tablet)] == [200, 401, 200]
    assert here.delete(f"{API}/auth/sessions/{phone_id}").status_code == 404
    assert here.delete(f"{API}/auth/sessions").status_code == 204
    assert [me(one) for one in (here, phone, tablet)] == [200, 401, 401]


def test_nobody_ends_the_session_of_another(firm: Firm) -> None:
    mine, theirs = firm.signed_in(firm.hire("administrator")), firm.signed_in(firm.hire())
    theirs_id = sessions(theirs)[0]["id"]
    missing = mine.delete(f"{API}/auth/sessions/{2**40}")
    foreign = mine.delete(f"{API}/auth/sessions/{theirs_id}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() | {"instance": 0} == missing.json() | {"instance": 0}
    assert me(theirs) == 200


def test_a_changed_password_gives_this_session_a_new_cookie_and_ends_the_others(firm: Firm) -> None:
    person = firm.hire()
    here, elsewhere = firm.signed_in(person), firm.signed_in(person)
    before = here.cookies[COOKIE]
    changed = here.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "another horse battery"})
    assert changed.status_code == 204
    assert here.cookies[COOKIE] != before
    assert [me(here), me(elsewhere)] == [200, 401]
    stolen = firm.browser()
    stolen.cookies.set(COOKIE, before)
    assert me(stolen) == 401


@pytest.mark.parametrize("ends", ["idle", "absolute"])
def test_a_session_ends_when_left_idle_and_at_its_absolute_end(firm: Firm, ends: str) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    with firm.database.transaction(firm.actor) as session:
        past = session.info["now"] - timedelta(hours=3)
        changed = {"seen_at": past} if ends == "idle" else {"expires_at": past}
        session.execute(update(UserSession).where(UserSession.user_id == person.id).values(**changed))
    assert me(client) == 401


def test_over_https_only_the_host_bound_cookie_counts(firm: Firm) -> None:
    person = firm.hire()
    client = firm.browser("https://localhost")
    assert enter(client, person.email).status_code == 204
    secret = client.cookies[SECURE_COOKIE]
    assert me(client) == 200
    planted = firm.browser("https://localhost")
    planted.cookies.set(COOKIE, secret)
    assert me(planted) == 401


def test_deactivating_ends_everything_at_once_and_reactivating_needs_a_new_sign_in(firm: Firm) -> None:
    boss, person = firm.signed_in(firm.hire("administrator")), firm.hire()
    clients = [firm.signed_in(person) for _ in range(3)]
    with firm.database.transaction(firm.actor) as session:
        link = create_sign_in_link(session, session.get_one(User, person.id))
    answer = boss.post(f"{API}/users/{person.id}/deactivate")
    assert answer.status_code == 200, answer.text
    assert answer.json()["deactivated_at"]
    assert [me(client) for client in clients] == [401, 401, 401]
    assert enter(firm.browser(), person.email).status_code == 401
    assert firm.browser().post(f"{API}/auth/sign-in-link", json={"token": link}).status_code == 401
    assert boss.post(f"{API}/users/{person.id}/reactivate").json()["deactivated_at"] is None
    assert [me(client) for client in clients] == [401, 401, 401]
    assert me(firm.signed_in(person)) == 200


def test_a_new_role_ends_the_sessions_that_had_the_old_one(firm: Firm) -> None:
    boss, person = firm.signed_in(firm.hire("administrator")), firm.hire("manager")
    client = firm.signed_in(person)
    renamed = boss.put(f"{API}/users/{person.id}", json={"name": "Renamed", "role": "manager"})
    assert (renamed.status_code, me(client)) == (200, 200)
    version = renamed.json()["version"]
    body = {"name": "Renamed", "role": "analyst"}
    stale = boss.put(f"{API}/users/{person.id}", json=body, headers={"If-Match": f'"{version - 1}"'})
    assert stale.status_code == 412
    assert boss.put(f"{API}/users/{person.id}", json=body).status_code == 200
    assert me(client) == 401
    assert firm.signed_in(person).get(f"{API}/auth/me").json()["role"] == "analyst"


def test_the_last_administrator_stays(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    one, two = firm.hire("administrator"), firm.hire("administrator")
    client = firm.signed_in(one)
    assert client.post(f"{API}/users/{two.id}/deactivate").status_code == 200
    for answer in (
        client.post(f"{API}/users/{one.id}/deactivate"),
        client.put(f"{API}/users/{one.id}", json={"name": "One", "role": "analyst"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    assert me(client) == 200


def test_a_person_of_another_firm_is_not_there(new_firm: Callable[[], Firm]) -> None:
    ours, theirs = new_firm(), new_firm()
    boss, stranger = ours.signed_in(ours.hire("administrator")), theirs.hire()
    there = theirs.signed_in(stranger)
    for row_id in (stranger.id, 2**40):
        assert boss.post(f"{API}/users/{row_id}/deactivate").status_code == 404
        assert boss.put(f"{API}/users/{row_id}", json={"name": "X", "role": "auditor"}).status_code == 404
    assert me(there) == 200


def drained(database: Database) -> None:
    """Wait until what was written behind the requests is written."""
    done = threading.Event()
    database._behind.submit(done.set)
    assert done.wait(30)


def test_last_use_is_written_behind_the_requests_once_a_minute(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    with firm.database.transaction(firm.actor) as session:
        token, secret = service.create_token(session, firm.actor, name="robot", role="auditor")
        old = session.info["now"] - timedelta(minutes=30)
        session.execute(update(UserSession).where(UserSession.user_id == person.id).values(seen_at=old))
    monkeypatch.setattr(seen, "_NOTED", {})
    written: list[Any] = []
    real = firm.database.behind
    monkeypatch.setattr(firm.database, "behind", lambda *given: (written.append(given), real(*given)))
    for _ in range(5):
        assert me(client) == 200
        robot = firm.browser()
        assert robot.get(f"{API}/funds", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    drained(firm.database)
    assert len(written) == 2
    with firm.database.reading(firm.actor) as session:
        (seen_at,) = session.scalars(select(UserSession.seen_at).where(UserSession.user_id == person.id))
        assert seen_at > old
        assert session.get_one(ApiToken, token.id).used_at is not None
