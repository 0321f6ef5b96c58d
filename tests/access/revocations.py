"""Rights taken back at random: how long until they are refused, in this process and in another one beside it.

By hand: ``python -m tests.access.revocations --rounds 100 --seed 1 [--postgres]`` prints how many were refused on the
next request and the longest time that took.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from unittest import mock

from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.conftest import make_firm
from tests.databases import PostgresSource, SqliteSource
from tests.identity.authenticator import Authenticator
from tests.identity.conftest import API, PASSWORD, Firm
from tests.identity.test_passkeys import question, register, show
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import secrets

Ask = Callable[[TestClient], int]  # the status of using the right, by a client of one of the processes
names = count(1)


@dataclass
class Outcome:
    """What came of it. ``seconds``: from the answer of taking it back to the last process's refusal."""

    rounds: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    still_good: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        longest = max(self.seconds, default=0.0)
        return f"{self.rounds} revocations, {self.refused} refused on the next request, p100 {longest:.3f} s"


@dataclass
class House:
    """A firm served by two processes' worth of applications, with an administrator and a fund."""

    firm: Firm
    other: Firm
    boss: TestClient
    fund_id: int

    def both(self, **headers: str) -> list[TestClient]:
        """A client of each, who is known by these headers."""
        found = [one.browser() for one in (self.firm, self.other)]
        for client in found:
            client.headers.update(headers)
        return found

    def token(self, **body: object) -> tuple[int, str]:
        """A new token's id and secret."""
        made = self.boss.post(f"{API}/tokens", json={"name": f"t{next(names)}", **body})
        assert made.status_code == 201, made.text
        return made.json()["id"], made.json()["secret"]


@contextmanager
def house(source: SqliteSource | PostgresSource) -> Iterator[House]:
    """One in a fresh database; hashing passwords is what takes longest, so it is made quick."""
    url = source.new()
    databases = [Database(url), Database(url)]
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with mock.patch.object(secrets, "_HASHER", quick), mock.patch.object(secrets, "_NOBODY", quick.hash("nobody")):
        actor = make_firm(databases[0], "Example Capital", "USD")
        apps = [create_app(Settings(environment="test", log_level="ERROR"), one) for one in databases]
        firm, other = (Firm(app, database, actor) for app, database in zip(apps, databases, strict=True))
        boss = firm.signed_in(firm.hire("administrator"))
        made = boss.post(f"{API}/funds", json={"name": "Fund", "currency": "USD"})
        yield House(firm, other, boss, made.json()["id"])
    for one in databases:
        one.close()
    source.drop(url)


def _funds(house: House) -> Ask:
    return lambda client: client.get(f"{API}/funds/{house.fund_id}").status_code


def grant(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """The only grant of a token."""
    given = [{"scope_kind": "fund", "scope_id": house.fund_id}]
    token_id, secret = house.token(role="analyst", grants=given)
    (held,) = house.boss.get(f"{API}/grants", params={"token_id": token_id}).json()
    take = f"{API}/grants/{held['id']}"
    return house.both(authorization=f"Bearer {secret}"), _funds(house), lambda: house.boss.delete(take)


def token(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """A token."""
    token_id, secret = house.token(role="analyst")
    take = f"{API}/tokens/{token_id}"
    return house.both(authorization=f"Bearer {secret}"), _funds(house), lambda: house.boss.delete(take)


def role(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """The role of a manager, who changes things."""
    person = house.firm.hire("manager")
    cookie = _cookie(house.firm.signed_in(person))
    body = {"name": "P", "role": "auditor"}

    def change(client: TestClient) -> int:
        answer = client.post(f"{API}/investors", json={"name": f"I{next(names)}"})
        return answer.status_code

    return house.both(cookie=cookie), change, lambda: house.boss.put(f"{API}/users/{person.id}", json=body)


def user(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """Somebody who has left."""
    person = house.firm.hire("analyst")
    cookie = _cookie(house.firm.signed_in(person))
    return house.both(cookie=cookie), _funds(house), lambda: house.boss.post(f"{API}/users/{person.id}/deactivate")


def session(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """A session, ended from another one of the same person."""
    person = house.firm.hire("analyst")
    cookie, here = _cookie(house.firm.signed_in(person)), house.firm.signed_in(person)
    return house.both(cookie=cookie), _funds(house), lambda: here.delete(f"{API}/auth/sessions")


def passkey(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """A passkey, removed by its owner."""
    device, owner = Authenticator(), house.firm.signed_in(house.firm.hire("analyst"))
    made = register(owner, device).json()
    path = f"{API}/auth/passkeys/{made['id']}/remove"

    def use(client: TestClient) -> int:
        return int(show(client, device.get(question(client))).status_code)

    return house.both(), use, lambda: owner.post(path, json={"password": PASSWORD})


def family(house: House) -> tuple[list[TestClient], Ask, Callable[[], object]]:
    """A program's refresh tokens and the access token made from them."""
    owner = house.firm.signed_in(house.firm.hire("analyst"))
    made = owner.post(f"{API}/auth/programs", json={"name": "program"}).json()
    body = {"refresh_token": made["refresh_token"]}
    take = house.firm.browser()

    def use(client: TestClient) -> int:
        renewed = 401 if not taken else client.post(f"{API}/auth/refresh", json=body).status_code
        seen = client.get(f"{API}/funds/{house.fund_id}").status_code
        return seen if renewed == 401 else renewed

    taken: list[object] = []

    def end() -> object:
        taken.append(answer := take.post(f"{API}/auth/refresh/revoke", json=body))
        return answer

    return house.both(authorization=f"Bearer {made['access_token']}"), use, end


KINDS = (grant, token, role, user, session, passkey, family)


def _cookie(client: TestClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def run(house: House, rounds: int, seed: int) -> Outcome:
    """Give a right of a random kind, see that it is good in both processes, take it back, and ask both again."""
    chance, outcome = random.Random(seed), Outcome()
    kinds = [KINDS[number % len(KINDS)] for number in range(rounds)]
    chance.shuffle(kinds)
    for kind in kinds:
        clients, use, take = kind(house)
        before = [use(client) for client in clients]
        assert all(status < 300 for status in before), (kind.__name__, before)
        answer = take()
        assert answer.status_code < 300, (kind.__name__, answer.text)  # type: ignore[attr-defined]
        began = time.perf_counter()
        chance.shuffle(clients)
        after = [use(client) for client in clients]
        outcome.seconds.append(time.perf_counter() - began)
        outcome.rounds += 1
        if set(after) <= {401, 403, 404}:
            outcome.refused += 1
        else:
            outcome.still_good.append(f"{kind.__name__}: {after}")
    return outcome


def main() -> int:
    """1 if a right was still good after it was taken back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = PostgresSource() if chosen.postgres else SqliteSource(Path(folder))
        try:
            with house(source) as made:
                outcome = run(made, chosen.rounds, chosen.seed)
        finally:
            source.stop()
    print(f"seed {chosen.seed}: {outcome}", *outcome.still_good, sep="\n")
    return 1 if outcome.still_good else 0


if __name__ == "__main__":
    sys.exit(main())
