"""The database goes away under load and comes back: nothing acknowledged is lost, nobody is told of a fault of ours,
and the server goes on by itself.

By hand: ``VESTRY_CYCLES=100 .venv/bin/pytest -s tests/reliability/test_restart_database.py``
"""

from __future__ import annotations

import itertools
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy import select

from tests.databases import DurablePostgresSource
from tests.reliability.processes import Server, cycles, firm_with_token, nursery, seeded
from vestry.core.db import Database
from vestry.investors.models import Investor

RESTARTS = 4
CLIENTS = 6
RECOVERY_SECONDS_MAX = 15
AWAY_SECONDS = 0.5


@pytest.fixture
def postgres() -> Iterator[DurablePostgresSource]:
    source = DurablePostgresSource()
    yield source
    source.stop()


def test_a_restart_of_the_database_loses_nothing_and_is_answered_with_503(
    postgres: DurablePostgresSource, tmp_path: Path
) -> None:
    chance = seeded("restarts of the database")
    url = postgres.new()
    database = Database(url)
    actor, secret = firm_with_token(database)
    acknowledged: list[str] = []
    answers: Counter[int] = Counter()
    without_retry_after = 0
    stopping = threading.Event()

    def client(number: int, connection: httpx.Client) -> None:
        nonlocal without_retry_after
        for count in itertools.count():
            name = f"{number}-{count}"
            while not stopping.is_set():
                written = connection.post("/api/v1/investors", json={"name": name})
                read = connection.get("/api/v1/investors", params={"limit": 1})
                for answer in (written, read):
                    answers[answer.status_code] += 1
                    without_retry_after += answer.status_code == 503 and "Retry-After" not in answer.headers
                if written.status_code == 201:
                    acknowledged.append(name)
                    break
                if written.status_code == 409:  # stored, though nobody could be told
                    break
                time.sleep(0.05)
            if stopping.is_set():
                return

    recovered = []
    with nursery(tmp_path / "home", url, worker="embedded") as born:
        server = Server(born, tmp_path / "home")
        server.start()
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30, verify=False) as connection:
            threads = [threading.Thread(target=client, args=(number, connection)) for number in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for restart in range(cycles(RESTARTS)):
                time.sleep(chance.uniform(0.3, 1))
                postgres.pause(signal.SIGQUIT if restart % 2 else signal.SIGINT)
                time.sleep(AWAY_SECONDS)
                postgres.resume()
                back, before = time.monotonic(), len(acknowledged)
                while len(acknowledged) == before and time.monotonic() - back < RECOVERY_SECONDS_MAX:
                    time.sleep(0.01)
                recovered.append(round(time.monotonic() - back, 2))
            stopping.set()
            for thread in threads:
                thread.join()
    with database.reading(actor) as session:
        stored = set(session.scalars(select(Investor.name)))
    database.close()
    lost = set(acknowledged) - stored
    print(
        f"restarts {len(recovered)}, acknowledged {len(acknowledged)}, lost {len(lost)}, answers {dict(answers)}, "
        f"first acknowledgement after {recovered} s"
    )
    assert not lost
    assert set(answers) <= {200, 201, 409, 503}, (answers, (tmp_path / "home" / "log").read_text()[-3000:])
    assert answers[503] > 0, "nobody asked while the database was away"
    assert without_retry_after == 0
    assert max(recovered) < RECOVERY_SECONDS_MAX
