"""Which passwords are taken, and how guessing is slowed without locking anybody out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from vestry.core import clock
from vestry.identity.models import User
from vestry.identity.signin import delays, passwords
from vestry.identity.signin.models import SignInDelay

ABOUT = ("Grace Hopper", "grace.hopper@cedar-partners.com", "Cedar Partners LLP")


def test_the_list_of_common_passwords_holds_a_few_thousand_that_would_else_be_long_enough() -> None:
    assert 4_000 < len(passwords.common()) < 20_000
    assert all(len(one) >= passwords.CHARACTERS_MIN for one in passwords.common())
    assert {"password1", "12345678", "qwertyuiop", "iloveyou"} <= passwords.common()


@pytest.mark.parametrize(
    "password",
    [
        *(
            "1234567",
            "password1",
            "PassWord1",
            "QWERTYUIOP",
            "aaaaaaaaaaaaaaaaaaaa",
            "ababababababab",
            "ｐａｓｓｗｏｒｄ1",
        ),
        *("grace.hopper2024", "GraceHopper!", "cedar-partners.com", "CedarPartners12", "vestry2024", "Password-Vestry"),
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword) as refused:
        passwords.accept(password, field="new", about=ABOUT)
    assert refused.value.faults[0].path == "new"
    assert password not in refused.value.message


@pytest.mark.parametrize(
    "password",
    [
        *("correct horse battery", "tr0ub4dor", "grace plays the bassoon", "пароль-лошадь", "🐎🔋📎✅🐎🔋📎🧷"),
        *("x" * 250 + "yzabc", "    leading and trailing    ", "a\tb\nc\x00d\x7fe", "Ａｃｃｏｒｄｉｏｎ ｔｗｅｌｖｅ"),
    ],
)
def test_any_characters_make_a_password_and_each_byte_counts(firm: Firm, password: str) -> None:
    person = firm.hire(password=password)
    assert enter(firm.browser(), person.email, password).status_code == 204
    for other in (password[:-1], password + " ", password.swapcase() if password.swapcase() != password else "other"):
        assert enter(firm.browser(), person.email, other).status_code == 401


def test_a_new_password_is_held_to_the_rules_and_never_repeated(firm: Firm) -> None:
    person = firm.hire()
    client = firm.signed_in(person)
    for weak in ("password1", "Example Capital 1", person.email):
        answer = client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": weak})
        assert (answer.status_code, answer.json()["code"]) == (422, "weak_password"), weak
        assert weak not in answer.text
    assert client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "x" * 257}).status_code == 422
    assert firm.get(User, person.id).password_hash == person.password_hash


class Clock:
    """A clock that the test moves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        patch.setattr("vestry.core.clock.now", lambda: self.at)

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, str(answer.json() | {"instance": None}), answer.headers.get("retry-after")


def test_known_and_unknown_accounts_are_delayed_alike(firm: Firm, moved: Clock) -> None:
    known, unknown = firm.browser(), firm.browser()
    person = firm.hire()
    for _ in range(12):
        answers = [enter(known, person.email, "wrong horse"), enter(unknown, f"no{person.email}", "wrong horse")]
        assert told(answers[0]) == told(answers[1])
        moved.forward(seconds=1.5)
    assert answers[0].status_code == 429


def test_the_delay_grows_and_is_never_a_lock(firm: Firm, moved: Clock) -> None:
    person, client = firm.hire(), firm.browser()
    waits = []
    for _ in range(18):
        answer = enter(client, person.email, "wrong horse")
        assert answer.status_code == 401
        refused = enter(client, person.email)  # the right one, too soon
        wait = int(refused.headers.get("retry-after", 0))
        waits.append(wait)
        if not wait:
            assert refused.status_code == 204
            return_to_failures(firm, client, person, len(waits))
        moved.forward(seconds=wait)
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert enter(client, person.email).status_code == 204  # after waiting it is taken at once
    assert enter(client, person.email, "wrong horse").status_code == 401  # and the failures are forgotten
    assert enter(client, person.email).status_code == 204


def return_to_failures(firm: Firm, client: Any, person: User, failures: int) -> None:
    """A good sign-in forgot the failures: put them back, so that the next counts on."""
    address = client._transport.client[0]
    account = delays.counted(person.email, address)[0]
    with firm.database.transaction(firm.actor) as session:
        session.execute(update(SignInDelay).where(SignInDelay.key_hash == account.hash).values(failures=failures))


def test_nobody_can_lock_another_person_out(firm: Firm) -> None:
    person, attacker = firm.hire(), firm.browser()
    answers = {enter(attacker, person.email, "wrong horse").status_code for _ in range(12)}
    assert answers == {401, 429}
    assert enter(firm.browser(), person.email).status_code == 204


def test_a_network_that_tries_many_accounts_is_delayed(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestry.identity.signin.service.check_password", lambda *_: False)  # hashing is not the point
    client = firm.browser()
    statuses = [enter(client, f"sprayed{number}@firm.com").status_code for number in range(80)]
    assert 45 <= statuses.count(401) < 60
    assert statuses[-1] == 429
    assert enter(firm.browser(), "sprayed1@firm.com").status_code == 401


def test_many_guesses_at_once_are_not_checked_for_the_price_of_one(firm: Firm) -> None:
    person, client = firm.hire(), firm.browser()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: enter(client, person.email, "wrong horse").status_code, range(24)))
    assert answers.count(401) <= 6
    assert set(answers) == {401, 429}


def test_counts_are_forgotten_after_a_day_and_name_nobody(firm: Firm, moved: Clock) -> None:
    person, client = firm.hire(), firm.browser()
    for _ in range(6):
        enter(client, person.email, "wrong horse")
    with firm.database.reading(firm.actor) as session:
        kept = session.scalars(select(SignInDelay)).all()
    assert all(len(row.key_hash) == 32 and isinstance(row.next_at, datetime) for row in kept)
    moved.forward(hours=25)
    assert enter(client, person.email, "wrong horse").status_code == 401
    with firm.database.reading(firm.actor) as session:
        old = SignInDelay.tried_at < moved.at - delays.FORGOTTEN_AFTER
        assert session.scalar(select(func.count()).select_from(SignInDelay).where(old)) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
    ],
)
def test_a_network_is_an_address_or_the_64_that_one_customer_has(address: str, network: str) -> None:
    assert delays.network_of(address) == network


def test_a_person_without_a_password_signs_in_by_no_password(firm: Firm) -> None:
    person = firm.hire(password=None)
    assert enter(firm.browser(), person.email, "").status_code == 422
    assert enter(firm.browser(), person.email, PASSWORD).status_code == 401
    assert me(firm.browser()) == 401
