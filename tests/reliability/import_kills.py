"""Imports torn by a kill -9: each kill hits a server that is committing one, and the books are then as they were before
or hold all of it.

By hand: ``python -m tests.reliability.import_kills --kills 500 --rows 100000 --seed 1 [--postgres]``.

The file is uploaded once. Each kill comes at a random moment of its commit; only those count that came before the
answer. Where nothing was recorded the same database goes on, with whatever the killed process left in its files; where
all of it was, the uploaded file is put back. Every table's rows are counted.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import func, literal, select, text, union_all

from tests.databases import PostgresSource, SqliteSource
from tests.reliability.processes import Server, firm_with_token, nursery
from vestry.all_models import metadata
from vestry.core.db import Database

State = dict[str, int]
TRIES = 3  # for each kill that is to count
INLINE = {"import_inline_bytes": "100000000", "worker": "none"}  # committed by the request itself


@dataclass
class Outcome:
    """What came of it. ``late``: kills after the answer; ``recorded``: kills after which all of it is there.
    ``seconds``: one commit."""

    kills: int = 0
    late: int = 0
    recorded: int = 0
    torn: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in a commit of {self.seconds:.2f} s, {self.recorded} after which all was recorded, "
            f"{self.late} too late and not counted, {len(self.torn)} torn {self.torn[:3]}"
        )


def state(url: str) -> State:
    """How many rows each table holds, seen by one who opens the database anew; SQLite checks its file as well."""
    database = Database(url)
    try:
        if not database.is_sqlite:
            until_alone(database)
        counts = [select(literal(one.name), func.count()).select_from(one) for one in metadata.tables.values()]
        with database.as_owner() as connection:
            if database.is_sqlite:
                found = connection.execute(text("PRAGMA quick_check")).scalar()
                assert found == "ok", found
            return dict(connection.execute(union_all(*counts)).all())
    finally:
        database.close()


def until_alone(database: Database) -> None:
    """The server process of a killed client goes on until it has something to say to it."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(3_000):
        with database.as_owner() as connection:
            if not connection.execute(others).scalar():
                return
        time.sleep(0.01)
    raise AssertionError("a killed client's transaction does not end")


class Committing:
    """A request that commits the import, in a thread of its own."""

    def __init__(self, connection: httpx.Client, path: str) -> None:
        self.status, self.seconds = 0, 0.0
        self.connection, self.path = connection, path
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            self.status = self.connection.post(self.path).status_code
        except httpx.TransportError:
            return
        self.seconds = time.monotonic() - began


def upload(server: Server, secret: str, rows: int) -> str:
    """Send the file; the address that commits it."""
    lines = "".join(f"Imported,2024-01-01,contribution,{number + 1}.00\n" for number in range(rows))
    file = ("flows.csv", ("fund,date,kind,amount\n" + lines).encode())
    with client(server, secret) as connection:
        made = connection.post("/api/v1/imports", files={"file": file}, data={"kind": "flows"})
    assert made.status_code == 201, made.text
    return f"/api/v1/imports/{made.json()['id']}/commit"


def client(server: Server, secret: str) -> httpx.Client:
    """One that waits long enough."""
    return httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {secret}"}, timeout=300, verify=False, trust_env=False
    )


def run(
    source: SqliteSource | PostgresSource, home: Path, kills: int, rows: int, seed: int, *, bug: str = "", note: int = 0
) -> Outcome:
    """Kill that many commits; ``note``: say how far it is after so many."""
    chance, outcome = random.Random(seed), Outcome()
    url, kept = source.new(), source.new()
    database = Database(url)
    _, secret = firm_with_token(database)
    database.close()
    with nursery(home, url, bug=bug, **INLINE) as born:
        server = Server(born, home)
        server.start()
        path = upload(server, secret, rows)
        server.kill()
        before = state(url)
        source.restore(kept, url)
        server.start()
        with client(server, secret) as connection:
            whole = Committing(connection, path)
            whole.thread.join()
        assert whole.status == 200, whole.status
        outcome.seconds = whole.seconds
        server.kill()
        after = state(url)
        assert bug or sum(after.values()) > sum(before.values()) + rows
        source.restore(url, kept)
        while outcome.kills < kills and outcome.kills + outcome.late < TRIES * kills:
            now = _one(server, secret, path, chance, outcome, url)
            if now == after:
                outcome.recorded += 1
            elif now != before:
                found = {name: count for name, count in now.items() if count not in (before[name], after[name])}
                outcome.torn.append(f"kill {outcome.kills}: {found or 'some tables before, some after'}")
            if bug and outcome.torn:
                break  # it was to be seen once
            if now != before:
                source.restore(url, kept)
            if note and outcome.kills % note == 0:
                print(outcome, file=sys.stderr, flush=True)
    return outcome


def _one(server: Server, secret: str, path: str, chance: random.Random, outcome: Outcome, url: str) -> State:
    """Start, commit, kill: what the books hold then."""
    server.start()
    with client(server, secret) as connection:
        committing = Committing(connection, path)
        time.sleep(chance.uniform(0, outcome.seconds))
        server.kill()
        committing.thread.join()
    if committing.status:
        assert committing.status == 200, committing.status
        outcome.late += 1
        outcome.seconds = 0.9 * outcome.seconds + 0.1 * committing.seconds
    else:
        outcome.kills += 1
    return state(url)


def main() -> int:
    """1 if an import was torn, or hardly any kill hit one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--bug", default="", help="plant it: rows one by one")
    chosen = parser.parse_args()
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # no power is cut here, so no disk need be waited for
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=memory)))
        source = PostgresSource() if chosen.postgres else SqliteSource(folder)
        stack.callback(source.stop)
        outcome = run(source, folder / "home", chosen.kills, chosen.rows, chosen.seed, bug=chosen.bug, note=25)
    print(f"seed {chosen.seed}: {chosen.rows:,} rows, {outcome}")
    return 0 if outcome.kills == chosen.kills and not outcome.torn else 1


if __name__ == "__main__":
    sys.exit(main())
