"""A server that is stopped (SIGSTOP) while it works, as a machine under a snapshot or a debugger is, and goes on.

By hand: ``python -m tests.reliability.stops --stops 50 --seed 1 [--postgres]``. Clients that wait less long than some
stops last give up and send the same intent again with its key: each is done once, and nobody is answered 5xx.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import func, select

from tests.databases import PostgresSource, SqliteSource
from tests.reliability.processes import Server, firm_with_token, nursery
from vestry.core.db import Database
from vestry.investors.models import Investor

CLIENTS = 4
PATIENCE = 1.0  # seconds, less than the longest stop


@dataclass
class Outcome:
    """What came of it. ``given_up``: requests whose answer came too late."""

    stops: int = 0
    acknowledged: set[str] = field(default_factory=set)
    given_up: int = 0
    lost: int = 0
    twice: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.stops} stops, {len(self.acknowledged)} acknowledged, {self.given_up} answers too late, "
            f"{self.lost} lost, {self.twice} done twice, {dict(self.statuses)}"
        )


def keep_writing(server: Server, secret: str, who: int, outcome: Outcome, ending: threading.Event) -> None:
    """One intent after another, each sent until it is answered."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE, verify=False, trust_env=False) as client:
        number = 0
        while not ending.is_set():
            number += 1
            name, key = f"Investor {who} {number}", f"{who}-{number}"
            while True:
                try:
                    answer = client.post("/api/v1/investors", json={"name": name}, headers={"Idempotency-Key": key})
                except httpx.TransportError:
                    outcome.given_up += 1
                    continue
                outcome.statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    outcome.acknowledged.add(name)
                if answer.status_code != 409:  # the same intent, being worked on
                    break
                time.sleep(0.02)


def run(source: SqliteSource | PostgresSource, home: Path, stops: int, seed: int) -> Outcome:
    """Stop a busy server that often."""
    chance, outcome, ending = random.Random(seed), Outcome(), threading.Event()
    database = Database(url := source.new())
    actor, secret = firm_with_token(database)
    with nursery(home, url, worker="none") as born:
        server = Server(born, home)
        server.start()
        given = [(server, secret, who, outcome, ending) for who in range(CLIENTS)]
        threads = [threading.Thread(target=keep_writing, args=one) for one in given]
        for thread in threads:
            thread.start()
        for _ in range(stops):
            time.sleep(chance.uniform(0.05, 0.5))
            os.kill(server.pid, signal.SIGSTOP)
            time.sleep(chance.choice((0.01, 0.2, 1.5)))
            os.kill(server.pid, signal.SIGCONT)
            outcome.stops += 1
        time.sleep(0.5)
        ending.set()
        for thread in threads:
            thread.join()
        server.kill()
    with database.reading(actor) as session:
        counts = select(Investor.name, func.count()).where(Investor.firm_id == actor.firm_id).group_by(Investor.name)
        found = dict(session.execute(counts).all())
    database.close()
    outcome.lost = len(outcome.acknowledged - set(found))
    outcome.twice = sum(count > 1 for count in found.values())
    return outcome


def main() -> int:
    """1 if anything was lost, done twice or answered 5xx."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = PostgresSource() if chosen.postgres else SqliteSource(folder)
        stack.callback(source.stop)
        outcome = run(source, folder / "home", chosen.stops, chosen.seed)
    print(f"seed {chosen.seed}: {outcome}")
    broken = any(status >= 500 for status in outcome.statuses)
    return 1 if broken or outcome.lost or outcome.twice or not outcome.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
