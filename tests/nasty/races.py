"""Lost updates, oversold units and double submits, round after round: how often one of them happened.

By hand: ``python -m tests.nasty.races --rounds 500 --seed 1 [--postgres]``.
``--bug`` plants what they are to find.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import func, select

from tests.access.caller import Answer, Caller
from tests.databases import PostgresSource, SqliteSource
from tests.nasty.world import API, World
from vestry.api import create_app
from vestry.capital import calls
from vestry.capital.models import VehicleEntry
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.funds import service as funds
from vestry.identity import intents
from vestry.identity import service as identity

AT_ONCE = 4
Change = Callable[[Caller, int], Answer]


class Rivals:
    """Clients that ask at the same moment, each in a thread of its own."""

    def __init__(self, world: World) -> None:
        with world.database.transaction(world.actor) as session:
            _, self.secret = identity.create_token(session, world.actor, name="race", role="administrator")
        self.callers = [Caller(world.app) for _ in range(AT_ONCE)]
        self.pool = ThreadPoolExecutor(AT_ONCE)

    def close(self) -> None:
        """Give their threads back."""
        self.pool.shutdown()
        for caller in self.callers:
            caller.close()

    def race(self, change: Change) -> list[Answer]:
        """The answers of all of them."""
        start = threading.Barrier(AT_ONCE)

        def run(number: int) -> Answer:
            start.wait()
            return change(self.callers[number], number)

        return list(self.pool.map(run, range(AT_ONCE)))


def lost_update(world: World, rivals: Rivals, number: int) -> str:
    """All change one row from one version: one is to hold, and to be what is read then."""
    path = f"{API}/funds/{world.ids['fund_id']}"
    seen = str(rivals.callers[0]("GET", path, rivals.secret).json()["version"])

    def change(caller: Caller, who: int) -> Answer:
        body = {"name": f"World Fund {number} {who}", "currency": "USD"}
        return caller("PUT", path, rivals.secret, body, if_match=f'"{seen}"')

    answers = rivals.race(change)
    statuses = Counter(answer.status for answer in answers)
    held = [answer.json()["name"] for answer in answers if answer.status == 200]
    now = rivals.callers[0]("GET", path, rivals.secret).json()["name"]
    return "" if statuses == {200: 1, 412: AT_ONCE - 1} and held == [now] else f"{dict(statuses)}, {held}, now {now}"


def oversold(world: World, rivals: Rivals, number: int) -> str:
    """All call the last of a commitment: one is to have it."""
    made = rivals.callers[0]("POST", f"{API}/investors", rivals.secret, {"name": f"Raced {number}"}).json()
    promised = {"fund_id": world.ids["fund_id"], "investor_id": made["id"], "committed_on": "2023-01-01"}
    rivals.callers[0]("POST", f"{API}/commitments", rivals.secret, promised | {"amount": "100"})
    lines = [{"investor_id": made["id"], "investments": "60"}]
    body = {"fund_id": world.ids["fund_id"], "called_on": "2024-01-01", "due_on": "2024-01-01", "lines": lines}
    answers = rivals.race(lambda caller, _: caller("POST", f"{API}/capital-calls", rivals.secret, body))
    statuses = Counter(answer.status for answer in answers)
    return "" if statuses == {201: 1, 409: AT_ONCE - 1} else f"{dict(statuses)}"


def double_submit(world: World, rivals: Rivals, number: int) -> str:
    """All send one intent with one key: it is to be done once, and every answer that is none is to say so."""
    memo = f"raced {number}"
    body = {"fund_id": world.ids["fund_id"], "kind": "income", "entered_on": "2024-05-01", "amount": "7", "memo": memo}
    key = {"idempotency_key": memo.replace(" ", "-")}
    answers = rivals.race(lambda caller, _: caller("POST", f"{API}/vehicle-entries", rivals.secret, body, **key))
    statuses = Counter(answer.status for answer in answers)
    with world.database.reading(world.actor) as session:
        done = session.scalar(select(func.count()).where(VehicleEntry.memo == memo))
    told = {answer.text for answer in answers if answer.status == 201}
    return "" if set(statuses) <= {201, 409} and done == len(told) == 1 else f"{dict(statuses)}, done {done} times"


KINDS = (lost_update, oversold, double_submit)


@contextmanager
def planted() -> Iterator[None]:
    """Versions are not compared, the limit is not looked at, and keys are ignored."""
    with (
        mock.patch.object(funds, "expect_version", return_value=None),
        mock.patch.object(calls, "_refuse_over_unfunded", return_value=None),
        mock.patch.object(intents, "intent_of", return_value=None),
    ):
        yield


def run(world: World, rounds: int, seed: int) -> dict[str, list[str]]:
    """What went wrong, by kind."""
    chance, rivals = random.Random(seed), Rivals(world)
    wrong: dict[str, list[str]] = {kind.__name__: [] for kind in KINDS}
    turns = [(kind, number) for number in range(rounds) for kind in KINDS]
    chance.shuffle(turns)
    try:
        for kind, number in turns:
            fault = kind(world, rivals, number)
            wrong[kind.__name__] += [fault] if fault else []
    finally:
        rivals.close()
    return wrong


def main() -> int:
    """1 if anything was lost, oversold or done twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--bug", action="store_true", help="plant what the rounds are to find")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patches:
        source: Any = PostgresSource() if chosen.postgres else SqliteSource(Path(folder))
        if chosen.bug:
            patches.enter_context(planted())
        database = Database(source.new())
        try:
            app = create_app(Settings(environment="test", log_level="ERROR"), database)
            wrong = run(World(app, database), chosen.rounds, chosen.seed)
        finally:
            database.close()
            source.stop()
    found = {kind: (len(faults), faults[:2]) for kind, faults in wrong.items()}
    print(f"seed {chosen.seed}: {chosen.rounds} rounds of each by {AT_ONCE} at once, wrong: {found}")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
