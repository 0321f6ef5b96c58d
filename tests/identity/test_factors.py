"""Second factors: asked for, spent once, not skipped by a reset, lost and replaced."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from tests.identity.test_passwords import Clock
from vestry.all_models import metadata
from vestry.core import secretbox
from vestry.core.settings import settings
from vestry.identity import service
from vestry.identity.door import COOKIE, UNKNOWN
from vestry.identity.factors.models import RecoveryCode, TotpFactor
from vestry.identity.models import User
from vestry.identity.signin.service import create_sign_in_link


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class App:
    """An authenticator application."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self.totp, self.clock = pyotp.TOTP(secret), clock

    def code(self, steps: int = 0) -> str:
        return self.totp.at(int(self.clock.at.timestamp()) + 30 * steps)


def set_up(client: TestClient, clock: Clock) -> tuple[App, list[str]]:
    begun = client.post(f"{API}/auth/totp", json={"password": PASSWORD})
    assert begun.status_code == 200, begun.text
    app = App(begun.json()["secret"], clock)
    done = client.post(f"{API}/auth/totp/confirm", json={"code": app.code()})
    assert done.status_code == 200, done.text
    clock.forward(seconds=60)
    codes: list[str] = done.json()["recovery_codes"]
    return app, codes


def half(firm: Firm, person: User, next_step: str = "second_step") -> TestClient:
    """A browser that has shown the password only."""
    client = firm.browser()
    answer = enter(client, person.email)
    assert (answer.status_code, answer.json()["next"]) == (200, next_step), answer.text
    assert me(client) == 401
    return client


def show(client: TestClient, kind: str, code: str) -> Any:
    return client.post(f"{API}/auth/second-step/{kind}", json={"code": code})


def test_signing_in_takes_a_code_after_the_password(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    before = client.cookies[COOKIE]
    app, codes = set_up(client, moved)
    assert client.cookies[COOKIE] != before  # more rights, new secret
    assert len(set(codes)) == 10
    assert client.get(f"{API}/auth/factors").json()["recovery_codes_left"] == 10
    later = half(firm, person)
    half_secret = later.cookies[COOKIE]
    assert later.get(f"{API}/auth/second-step").json() == {"next": "second_step", "factors": ["totp", "recovery_code"]}
    assert show(later, "totp", app.code()).status_code == 204
    assert me(later) == 200
    assert later.cookies[COOKIE] != half_secret
    old = firm.browser()
    old.cookies.set(COOKIE, half_secret)
    assert (me(old), old.get(f"{API}/auth/second-step").status_code) == (401, 401)


def test_an_unfinished_session_opens_nothing(firm: Firm, moved: Clock) -> None:
    person = firm.hire("administrator")
    set_up(firm.signed_in(person), moved)
    client = half(firm, person)
    for path in ("funds", "users", "auth/sessions", "auth/factors", "sign-in-rules"):
        assert client.get(f"{API}/{path}").status_code == 401
    assert client.post(f"{API}/auth/totp/remove", json={"password": PASSWORD}).status_code == 401
    assert client.post(f"{API}/auth/second-step/enrol").status_code == 401
    moved.forward(minutes=16)
    assert client.get(f"{API}/auth/second-step").status_code == 401


def test_a_code_counts_once_and_one_step_around_now(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    app, _ = set_up(firm.signed_in(person), moved)
    code = app.code()
    assert show(half(firm, person), "totp", code).status_code == 204
    assert show(half(firm, person), "totp", code).status_code == 422
    moved.forward(seconds=120)
    assert show(half(firm, person), "totp", app.code(-2)).status_code == 422
    assert show(half(firm, person), "totp", app.code(2)).status_code == 422
    assert show(half(firm, person), "totp", app.code(-1)).status_code == 204
    assert show(half(firm, person), "totp", app.code(1)).status_code == 204
    assert show(half(firm, person), "totp", app.code(0)).status_code == 422  # an earlier step than the last one used


def test_two_requests_with_one_code_open_one_session(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    app, _ = set_up(firm.signed_in(person), moved)
    clients = [half(firm, person) for _ in range(4)]
    code = app.code()
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda client: show(client, "totp", code).status_code, clients))
    assert statuses == [204, 422, 422, 422]


def test_codes_are_not_guessed(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    app, _ = set_up(firm.signed_in(person), moved)
    wrong = str((int(app.code()) + 500_000) % 1_000_000).zfill(6)
    statuses = [show(half(firm, person), "totp", wrong).status_code for _ in range(9)]  # each from another network
    assert statuses == [422] * 5 + [429] * 4
    moved.forward(seconds=2)
    assert show(half(firm, person), "totp", app.code()).status_code == 204


def test_a_recovery_code_stands_for_the_second_factor_once(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    app, codes = set_up(client, moved)
    assert show(half(firm, person), "recovery-code", codes[0].upper().replace("-", " ")).status_code == 204
    assert show(half(firm, person), "recovery-code", codes[0]).status_code == 422
    other = firm.hire()
    set_up(firm.signed_in(other), moved)
    assert show(half(firm, other), "recovery-code", codes[1]).status_code == 422  # not theirs
    assert client.get(f"{API}/auth/factors").json()["recovery_codes_left"] == 9
    renewed = client.post(f"{API}/auth/recovery-codes", json={"code": app.code()}).json()["recovery_codes"]
    assert not set(renewed) & set(codes)
    assert show(half(firm, person), "recovery-code", codes[1]).status_code == 422
    with firm.database.reading(firm.actor) as session:
        kept = session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.user_id == person.id)).all()
    assert all(len(one) == 32 for one in kept)


def test_neither_a_reset_nor_a_link_skips_the_second_factor(firm: Firm, moved: Clock) -> None:
    from vestry.identity.invitations import service as letters

    person = firm.hire()
    app, _ = set_up(firm.signed_in(person), moved)
    with firm.database.transaction(firm.actor) as session:
        user = session.get_one(User, person.id)
        link, _ = letters.create_reset(session, user)
        signs_in = create_sign_in_link(session, user)
    client = firm.browser()
    by_link = client.post(f"{API}/auth/sign-in-link", json={"token": signs_in})
    assert (by_link.status_code, by_link.json()["next"], me(client)) == (200, "second_step", 401)
    body = {"token": link.partition("token=")[2], "password": "another horse battery"}
    reset = client.post(f"{API}/auth/new-password", json=body)
    assert (reset.status_code, "set-cookie" in reset.headers) == (204, False)
    answer = enter(client, person.email, "another horse battery")
    assert (answer.status_code, me(client)) == (200, 401)
    assert show(client, "totp", app.code()).status_code == 204


def test_who_may_change_the_second_factor_proves_it_again(firm: Firm, moved: Clock) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    assert client.post(f"{API}/auth/totp", json={}).status_code == 403
    assert client.post(f"{API}/auth/totp", json={"password": "wrong horse"}).status_code == 403
    set_up(client, moved)
    assert client.post(f"{API}/auth/totp", json={"password": PASSWORD}).status_code == 409
    statuses = [client.post(f"{API}/auth/totp/remove", json={"password": "wrong horse"}).status_code for _ in range(8)]
    assert statuses == [403] * 5 + [429] * 3  # a stolen session does not guess the password
    moved.forward(minutes=20)
    assert client.post(f"{API}/auth/totp/remove", json={"password": PASSWORD}).status_code == 204
    assert enter(firm.browser(), person.email).status_code == 204
    # Somebody without a password has signed in freshly instead.
    nobody = firm.hire(password=None)
    with firm.database.transaction(firm.actor) as session:
        link = create_sign_in_link(session, session.get_one(User, nobody.id))
    fresh = firm.browser()
    fresh.post(f"{API}/auth/sign-in-link", json={"token": link})
    assert fresh.post(f"{API}/auth/totp", json={}).status_code == 200
    moved.forward(minutes=16)
    assert fresh.post(f"{API}/auth/totp", json={}).json()["code"] == "prove_again"


def test_roles_that_must_have_a_second_factor_set_it_up_when_they_sign_in(
    new_firm: Callable[[], Firm], moved: Clock
) -> None:
    firm = new_firm()
    boss = firm.signed_in(firm.hire("administrator"))
    person, auditor = firm.hire("manager"), firm.hire("auditor")
    working = firm.signed_in(person)
    assert boss.put(f"{API}/sign-in-rules", json={"second_factor_roles": ["manager"]}).status_code == 200
    assert boss.get(f"{API}/sign-in-rules").json()["second_factor_roles"] == ["manager"]
    assert working.put(f"{API}/sign-in-rules", json={"second_factor_roles": []}).status_code == 403
    assert me(working) == 200
    assert me(firm.signed_in(auditor)) == 200
    client = half(firm, person, "enrol")
    assert show(client, "totp", "000000").status_code == 401
    begun = client.post(f"{API}/auth/second-step/enrol").json()
    assert begun["address"].startswith("otpauth://totp/")
    app = App(begun["secret"], moved)
    before = firm.failures()
    wrong = client.post(f"{API}/auth/second-step/enrol/confirm", json={"code": "000000"})
    assert (wrong.status_code, me(client)) == (422, 401)
    assert firm.failures() == [*before, "totp"]
    done = client.post(f"{API}/auth/second-step/enrol/confirm", json={"code": app.code()})
    assert (done.status_code, len(done.json()["recovery_codes"]), me(client)) == (200, 10, 200)
    refused = client.post(f"{API}/auth/totp/remove", json={"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_required")
    moved.forward(seconds=60)
    assert show(half(firm, person), "totp", app.code()).status_code == 204
    with firm.database.transaction(firm.actor) as session:  # programs have no second factor
        _, secret = service.create_token(session, firm.actor, name="robot", role="manager")
    assert firm.browser().get(f"{API}/funds", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_an_administrator_resets_the_lost_factor_of_another_not_their_own(firm: Firm, moved: Clock) -> None:
    chief = firm.hire("administrator")
    boss, person = firm.signed_in(chief), firm.hire()
    client = firm.signed_in(person)
    set_up(client, moved)
    assert boss.post(f"{API}/users/{chief.id}/reset-factors").status_code == 403
    assert client.post(f"{API}/users/{person.id}/reset-factors").status_code == 403
    assert boss.post(f"{API}/users/{person.id}/reset-factors").status_code == 204
    assert me(client) == 401
    assert enter(firm.browser(), person.email).status_code == 204


def test_the_secret_lies_sealed_and_is_sealed_again_under_a_new_key(
    new_firm: Callable[[], Firm], moved: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = new_firm()
    person = firm.hire()
    app, _ = set_up(firm.signed_in(person), moved)

    def kept() -> bytes:
        with firm.database.reading(firm.actor) as session:
            return session.scalars(select(TotpFactor.secret_sealed).where(TotpFactor.user_id == person.id)).one()

    assert app.totp.secret.encode() not in kept()
    mine = settings().model_copy(update={"encryption_keys": SecretStr(secretbox.new_key())})
    monkeypatch.setattr(secretbox, "settings", lambda: mine)
    with firm.database.transaction(UNKNOWN) as session:
        assert secretbox.under_other_keys(session, metadata) >= 1
        done = secretbox.rewrap(session, metadata)
        assert done["totp_factor.secret_sealed"] >= 1
        assert secretbox.under_other_keys(session, metadata) == 0
        assert sum(secretbox.rewrap(session, metadata).values()) == 0
    assert secretbox.key_id_of(kept()) == secretbox.current_key_id()
    assert show(half(firm, person), "totp", app.code()).status_code == 204
