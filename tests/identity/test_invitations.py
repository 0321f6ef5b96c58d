"""Invitations and new passwords: good once, for one address of one firm, and silent about who is known."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from tests.identity.test_passwords import Clock
from tests.identity.test_sessions import drained
from vestry.core import secretbox, tagged
from vestry.core.outbox import Job
from vestry.identity.door import UNKNOWN
from vestry.identity.invitations import service as letters
from vestry.identity.invitations.models import Invitation, PasswordReset
from vestry.identity.models import User
from vestry.integrations.mail.models import MailDelivery


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def mails(firm: Firm) -> list[dict[str, str]]:
    """The values of the mails that were asked for, the earliest first."""
    with firm.database.reading(firm.actor) as session:
        query = select(Job, MailDelivery).join(MailDelivery, MailDelivery.job_id == Job.id)
        found = session.execute(query.where(Job.firm_id == firm.actor.firm_id).order_by(Job.id)).all()
    sealed = [(bytes.fromhex(tagged.loads(job.payload or "{}")["sealed"]), one.message_id) for job, one in found]
    return [json.loads(secretbox.unseal(text, f"job.payload:mail:{number}")) for text, number in sealed]


def token_of(link: str) -> str:
    return html.unescape(link).partition("token=")[2]


def invite(boss: Any, email: str, role: str = "analyst", **more: Any) -> Any:
    return boss.post(f"{API}/invitations", json={"email": email, "name": "Ada", "role": role, **more})


def accept(firm: Firm, token: str, password: str = PASSWORD) -> tuple[Any, Any]:
    client = firm.browser()
    body = {"token": token, "name": "Ada Lovelace", "password": password}
    return client, client.post(f"{API}/auth/invitation/accept", json=body)


def test_an_invited_person_joins_with_the_role_and_grants_of_the_invitation(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    boss = firm.signed_in(firm.hire("administrator"))
    fund = boss.post(f"{API}/funds", json={"name": "Alder", "currency": "USD"}).json()["id"]
    email = f"ada{firm.actor.firm_id}@elsewhere.com"
    made = invite(boss, email, grants=[{"scope_kind": "fund", "scope_id": fund}])
    assert made.status_code == 201, made.text
    token = token_of(made.json()["link"])
    assert mails(firm)[-1]["link"] == made.json()["link"]
    assert [one["email"] for one in boss.get(f"{API}/invitations").json()] == [email]
    shown = firm.browser().post(f"{API}/auth/invitation", json={"token": token}).json()
    assert (shown["firm"], shown["email"], shown["role"]) == ("Example Capital", email, "analyst")
    client, accepted = accept(firm, token)
    assert accepted.status_code == 204, accepted.text
    who = client.get(f"{API}/auth/me").json()
    assert (who["user"]["name"], who["role"]) == ("Ada Lovelace", "analyst")
    assert [one["id"] for one in client.get(f"{API}/funds").json()["items"]] == [fund]
    assert boss.get(f"{API}/invitations").json() == []
    assert enter(firm.browser(), email).status_code == 204
    for again in (accept(firm, token)[1], firm.browser().post(f"{API}/auth/invitation", json={"token": token})):
        assert (again.status_code, again.json()["code"]) == (401, "letter_spent")
    assert invite(boss, email).status_code == 409


def test_a_revoked_an_expired_and_a_replaced_invitation_open_nothing(firm: Firm, moved: Clock) -> None:
    boss = firm.signed_in(firm.hire("administrator"))
    revoked = invite(boss, "one@elsewhere.com").json()
    assert boss.delete(f"{API}/invitations/{revoked['id']}").status_code == 204
    assert boss.delete(f"{API}/invitations/{revoked['id']}").status_code == 404
    replaced = invite(boss, "two@elsewhere.com").json()
    fresh = invite(boss, "TWO@elsewhere.com").json()
    answers = [accept(firm, token_of(one["link"]))[1] for one in (revoked, replaced)]
    answers.append(accept(firm, "vi_never")[1])
    assert {answer.status_code for answer in answers} == {401}
    assert len({str(answer.json() | {"instance": None}) for answer in answers}) == 1
    moved.forward(days=8)
    assert accept(firm, token_of(fresh["link"]))[1].status_code == 401


def test_a_weak_password_leaves_the_invitation_good(firm: Firm) -> None:
    boss = firm.signed_in(firm.hire("administrator"))
    token = token_of(invite(boss, "weak@elsewhere.com").json()["link"])
    assert accept(firm, token, "password1")[1].json()["code"] == "weak_password"
    assert accept(firm, token)[1].status_code == 204


def test_secrets_are_kept_as_hashes_and_serve_their_purpose_only(firm: Firm) -> None:
    boss, person = firm.signed_in(firm.hire("administrator")), firm.hire()
    invitation = token_of(invite(boss, "purpose@elsewhere.com").json()["link"])
    with firm.database.transaction(firm.actor) as session:
        link, _ = letters.create_reset(session, session.get_one(User, person.id))
        kept = [*session.scalars(select(Invitation.secret_hash)), *session.scalars(select(PasswordReset.secret_hash))]
    reset = token_of(link)
    assert all(len(one) == 32 for one in kept)
    assert min(len(invitation), len(reset)) > 43
    client = firm.browser()
    new = {"token": invitation, "password": "another horse battery"}
    assert client.post(f"{API}/auth/new-password", json=new).status_code == 401
    assert accept(firm, reset)[1].status_code == 401
    for token in (invitation, reset):
        assert client.post(f"{API}/auth/sign-in-link", json={"token": token}).status_code == 401


def test_nobody_invites_beyond_what_they_may(new_firm: Callable[[], Firm]) -> None:
    ours, theirs = new_firm(), new_firm()
    boss = ours.signed_in(ours.hire("administrator"))
    foreign = theirs.signed_in(theirs.hire("administrator")).post(
        f"{API}/funds", json={"name": "Theirs", "currency": "USD"}
    )
    grants = [{"scope_kind": "fund", "scope_id": foreign.json()["id"]}]
    assert invite(boss, "x@elsewhere.com", grants=grants).status_code == 404
    assert invite(boss, "x@elsewhere.com", "company_contact", grants=[{"scope_kind": "firm"}]).status_code == 422
    assert invite(ours.signed_in(ours.hire("manager")), "x@elsewhere.com").status_code == 403
    # Who signs in elsewhere is not told to us; the invited person learns it.
    stranger = theirs.hire()
    made = invite(boss, stranger.email)
    assert made.status_code == 201
    refused = accept(ours, token_of(made.json()["link"]))[1].json()
    assert (refused["code"], "signs in to another firm" in refused["detail"]) == ("email_taken", True)
    assert "invite another address" in refused["mend"]


def ask(firm: Firm, email: str) -> Any:
    answer = firm.browser().post(f"{API}/auth/password-reset", json={"email": email})
    drained(firm.database)
    return answer


def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    person = firm.hire()
    working = firm.signed_in(person)
    assert ask(firm, person.email.upper()).status_code == 204
    (mail,) = mails(firm)
    assert "/new-password?token=vr_" in mail["link"]
    body = {"token": token_of(mail["link"]), "password": "another horse battery"}
    client = firm.browser()
    done = client.post(f"{API}/auth/new-password", json=body)
    assert (done.status_code, me(client), me(working)) == (204, 401, 401)
    assert enter(client, person.email).status_code == 401
    assert enter(client, person.email, "another horse battery").status_code == 204
    assert client.post(f"{API}/auth/new-password", json=body).status_code == 401


def test_asking_for_a_new_password_tells_nothing(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    person, gone = firm.hire(), firm.hire()
    with firm.database.transaction(firm.actor) as session:
        session.execute(update(User).where(User.id == gone.id).values(deactivated_at=session.info["now"]))
    answers = [ask(firm, email) for email in (person.email, gone.email, "nobody@nowhere.com", "no address")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
    assert len({str(sorted(set(answer.headers) - {"x-request-id"})) for answer in answers}) == 1
    assert len(mails(firm)) == 1
    client = firm.browser()
    statuses = [client.post(f"{API}/auth/password-reset", json={"email": person.email}).status_code for _ in range(8)]
    assert statuses == [204] * 5 + [429] * 3
    drained(firm.database)


def test_a_link_to_a_new_password_ends_with_a_newer_one_an_hour_another_address_or_the_person(
    firm: Firm, moved: Clock
) -> None:
    def link(person: User) -> str:
        with firm.database.transaction(UNKNOWN) as session:
            return token_of(letters.create_reset(session, session.get_one(User, person.id))[0])

    def spent(token: str) -> bool:
        body = {"token": token, "password": "another horse battery"}
        return bool(firm.browser().post(f"{API}/auth/new-password", json=body).status_code == 401)

    person = firm.hire()
    earlier, later = link(person), link(person)
    assert spent(earlier)
    moved.forward(minutes=61)
    assert spent(later)
    renamed, gone = firm.hire(), firm.hire()
    links = [link(renamed), link(gone)]
    with firm.database.transaction(firm.actor) as session:
        session.get_one(User, renamed.id).email_key = f"new{renamed.email}"
        session.get_one(User, gone.id).deactivated_at = session.info["now"]
    assert [spent(one) for one in links] == [True, True]
    weak = {"token": link(person), "password": "password1"}
    assert firm.browser().post(f"{API}/auth/new-password", json=weak).json()["code"] == "weak_password"
    assert not spent(weak["token"])


def test_people_are_told_when_how_they_sign_in_changes(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    person = firm.hire()
    client = firm.signed_in(person)
    assert mails(firm) == []
    changed = client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "another horse battery"})
    assert changed.status_code == 204
    (notice,) = mails(firm)
    assert notice["what"] == "Your password was changed"
    assert notice["where"].startswith("10.")
    assert "another horse battery" not in str(notice)
    refused = client.put(f"{API}/auth/password", json={"current": "wrong horse", "new": "a third horse battery"})
    assert (refused.status_code, len(mails(firm))) == (422, 1)


def test_an_address_that_cannot_be_mailed_keeps_nobody_from_a_new_password(new_firm: Callable[[], Firm]) -> None:
    firm = new_firm()
    person = firm.hire()
    with firm.database.transaction(firm.actor) as session:
        session.get_one(User, person.id).email = "odd <address>@firm.com"
    client = firm.signed_in(person)
    changed = client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "another horse battery"})
    assert (changed.status_code, mails(firm)) == (204, [])
