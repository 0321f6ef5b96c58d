"""kill -9 of the server at any moment: what was acknowledged is there, and an import is there whole or not at all.

By hand: ``VESTRY_CYCLES=1000 VESTRY_SEED=7 .venv/bin/pytest -s tests/reliability/test_kill_server.py -k sqlite``, and
for large imports :mod:`tests.reliability.import_kills`.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy import select, text

from tests.databases import SqliteSource
from tests.reliability import import_kills
from tests.reliability.processes import Server, cycles, firm_with_token, nursery, seeded
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.investors.models import Investor

KILLS, IMPORT_KILLS = 40, 25
CLIENTS = 4
FIRST_ANSWER_SECONDS = 15
ROWS = 1_000  # of an import


@dataclass
class Heard:
    """What the clients were told."""

    acknowledged: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)

    def answered(self, name: str, status: int) -> None:
        self.statuses[status] += 1
        if status in (200, 201):
            self.acknowledged.add(name)


Client = Callable[[httpx.Client, str], int]


def kill_while_writing(
    server: Server, secret: str, heard: Heard, rounds: int, chance: random.Random, write: Client, window: float
) -> int:
    """Kill the server ``rounds`` times while clients write; how many rounds it was killed with work in flight."""
    in_flight = 0
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {secret}"}, timeout=20, verify=False
    ) as connection:
        for number in range(rounds):
            in_flight += one_round(server, connection, heard, str(number), chance.uniform(0, window), write)
            server.start()
    return in_flight


def one_round(server: Server, connection: httpx.Client, heard: Heard, number: str, after: float, write: Client) -> bool:
    """Kill the server some time after its first answer; whether a client was waiting for one then."""
    stopping, answered = threading.Event(), threading.Event()
    broken = []

    def client(name: str) -> None:
        for count in itertools.count():
            if stopping.is_set():
                return
            try:
                heard.answered(f"{name}-{count}", write(connection, f"{name}-{count}"))
                answered.set()
            except httpx.TransportError:
                broken.append(name)
                return

    threads = [threading.Thread(target=client, args=(f"{number}-{one}",)) for one in range(CLIENTS)]
    for thread in threads:
        thread.start()
    answered.wait(FIRST_ANSWER_SECONDS)
    time.sleep(after)
    server.kill()
    stopping.set()
    for thread in threads:
        thread.join()
    return bool(broken)


def add_investor(connection: httpx.Client, name: str) -> int:
    return connection.post("/api/v1/investors", json={"name": name}).status_code


def names(database: Database, actor: Actor) -> set[str]:
    with database.reading(actor) as session:
        return set(session.scalars(select(Investor.name).where(Investor.firm_id == actor.firm_id)))


def is_whole(database: Database) -> bool:
    if not database.is_sqlite:
        return True
    with database.reader.connect() as connection:
        found = connection.execute(text("PRAGMA integrity_check")).scalar()
        return found == "ok" and not connection.execute(text("PRAGMA foreign_key_check")).all()


def kill_and_count(database: Database, home: Path, rounds: int, bug: str = "") -> tuple[int, int, int]:
    """Acknowledged, lost, and rounds with work in flight."""
    chance = seeded("kill -9 of the server")
    actor, secret = firm_with_token(database)
    heard = Heard()
    with nursery(home, database.url.render_as_string(hide_password=False), bug=bug, worker="none") as born:
        server = Server(born, home)
        server.start()
        in_flight = kill_while_writing(server, secret, heard, rounds, chance, add_investor, 0.15)
    lost = heard.acknowledged - names(database, actor)
    starts = sorted(server.starts)
    print(
        f"kills {rounds}, acknowledged {len(heard.acknowledged)}, lost {len(lost)}, in flight in {in_flight} rounds, "
        f"answers {dict(heard.statuses)}, start p50 {starts[len(starts) // 2]:.2f} s"
    )
    assert is_whole(database)
    assert set(heard.statuses) <= {201, 503}, heard.statuses
    return len(heard.acknowledged), len(lost), in_flight


def test_what_was_acknowledged_is_there_after_every_kill(database: Database, tmp_path: Path) -> None:
    rounds = cycles(KILLS)
    acknowledged, lost, in_flight = kill_and_count(database, tmp_path / "home", rounds)
    assert lost == 0
    assert acknowledged > rounds, "hardly anything was written: the kills prove nothing"
    assert in_flight > rounds / 2, "the server was hardly ever killed at work"


def test_the_harness_sees_a_commit_that_comes_after_the_answer(database: Database, tmp_path: Path) -> None:
    if not database.is_sqlite:
        return
    _, lost, _ = kill_and_count(database, tmp_path / "home", 8, bug="commit after the answer")
    assert lost > 0


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_an_import_is_there_whole_or_not_at_all(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> None:
    source, seed = request.getfixturevalue(f"{engine}_source"), seeded("kill -9 during imports").randrange(10**6)
    outcome = import_kills.run(source, tmp_path / "home", cycles(IMPORT_KILLS), ROWS, seed)
    print(outcome)
    assert not outcome.torn
    assert outcome.kills == cycles(IMPORT_KILLS), outcome


def test_the_harness_sees_an_import_in_pieces(sqlite_source: SqliteSource, tmp_path: Path) -> None:
    seed = seeded("kill -9 during torn imports").randrange(10**6)
    assert import_kills.run(sqlite_source, tmp_path / "home", 12, ROWS, seed, bug="rows one by one").torn
