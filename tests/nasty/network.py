"""Intents over a bad network, each tried with its key until it is answered: how often each was done.

By hand, on a database of its own: ``python -m tests.nasty.network --intents 10000 --seed 1 [--postgres]``.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import uvicorn
from sqlalchemy import func, select

from tests.databases import PostgresSource, SqliteSource
from tests.fault_proxy import FaultProxy, Faults
from tests.nasty.world import API, World
from vestry.api import create_app
from vestry.capital.models import VehicleEntry
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import service as identity


@dataclass(frozen=True)
class Outcome:
    """What came of it. ``done``: rows in the books; ``sent``: requests; ``replayed``: answers given again."""

    intents: int
    answered: int
    done: int
    sent: int
    replayed: int
    faults: dict[str, int]


@contextmanager
def serving(world: World) -> Iterator[int]:
    """A server of the world's application on a loopback port."""
    config = uvicorn.Config(world.app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


def run(world: World, intents: int, seed: int, *, keyed: bool = True) -> Outcome:
    """Record that many entries of their own memo through the proxy; without keys it shows what they are for."""
    with world.database.transaction(world.actor) as session:
        _, secret = identity.create_token(session, world.actor, name="network", role="administrator")
    faults = Faults(reset=0.05, cut=0.05, lost_answer=0.10)  # three pieces a try: about 30 % of tries fail
    answered = sent = replayed = 0
    batch = uuid.uuid4().hex
    alone = httpx.Limits(max_keepalive_connections=0)  # a connection for each try: some of them break
    with (
        serving(world) as port,
        FaultProxy(port, faults, seed) as proxy,
        httpx.Client(limits=alone, verify=False, trust_env=False, timeout=20) as client,
    ):
        for number in range(intents):
            body = {
                "fund_id": world.ids["fund_id"],
                "kind": "income",
                "entered_on": "2024-05-01",
                "amount": "7.00",
                "memo": f"{batch} {number}",
            }
            headers = {"Authorization": f"Bearer {secret}"}
            headers |= {"Idempotency-Key": f"{batch}-{number}"} if keyed else {}
            for _ in range(100):
                sent += 1
                try:
                    answer = client.post(
                        f"http://127.0.0.1:{proxy.port}{API}/vehicle-entries", json=body, headers=headers
                    )
                except httpx.TransportError:
                    continue
                if answer.status_code == 201:
                    answered += 1
                    replayed += "idempotent-replayed" in answer.headers
                    break
                if answer.status_code != 409:  # of these only "being worked on" is a reason to wait
                    raise AssertionError(answer.text)
                time.sleep(0.02)
    with world.database.reading(world.actor) as session:
        done = session.scalar(select(func.count()).where(VehicleEntry.memo.startswith(batch))) or 0
    return Outcome(intents, answered, done, sent, replayed, dict(faults.counted))


def main() -> int:
    """1 unless every intent was done exactly once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--intents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = PostgresSource() if chosen.postgres else SqliteSource(Path(folder))
        database = Database(source.new())
        try:
            world = World(create_app(Settings(environment="test", log_level="ERROR"), database), database)
            outcome = run(world, chosen.intents, chosen.seed)
        finally:
            database.close()
            source.stop()
    print(f"seed {chosen.seed}: {outcome}")
    return 0 if outcome.intents == outcome.answered == outcome.done else 1


if __name__ == "__main__":
    raise SystemExit(main())
