"""Migrations killed with -9 at any moment: the database goes on from where it is, and ends as if nobody had killed it.

By hand: ``python -m tests.reliability.migration_kills --kills 50 --seed 1 [--postgres]``.

A firm with one of everything is taken back to an early revision and brought up again in a process of its own, which is
killed on the way. The same database is then brought up further, and killed again, until it arrives. After each kill it
must be at a revision of the line with every foreign key kept; at the end its tables must be those of the models, and
hold as many rows as after an upgrade that nobody killed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import inspect, text

from tests.access.caller import without_threads
from tests.databases import PostgresSource, SqliteSource
from tests.nasty.world import World
from tests.reliability.import_kills import until_alone
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.migrations import revisions

EARLY = "0004"  # after it every kind of change was made to tables with rows


@dataclass
class Outcome:
    """What came of it. ``at``: how often a database was found at which revision after a kill."""

    kills: int = 0
    arrived: int = 0
    at: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = ", ".join(f"{one} {count}" for one, count in sorted(self.at.items()))
        said = f"{self.kills} kills, {self.arrived} upgrades finished, {len(self.wrong)} wrong {self.wrong[:3]}"
        return f"{said}; found at {found}"


def upgrading(url: str) -> int:
    """A process that does what ``vestry db upgrade`` does; its pid."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), 1)
            database = Database(url)
            revisions.upgrade(database.writer)
            database.close()
            code = 0
        finally:
            os._exit(code)
    return pid


def killed(pid: int, after: float) -> bool:
    """Kill it after some time; False when it had arrived before."""
    until = time.monotonic() + after
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0, "the upgrade failed by itself"
            return False
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def faults(url: str) -> tuple[str, list[str]]:
    """The revision a database is at, and what is wrong with it."""
    database = Database(url)
    try:
        if not database.is_sqlite:
            until_alone(database)
        with database.writer.connect() as connection:
            at = revisions.current_revision(connection) or "none"
            found = [] if database.is_sqlite else [""]
            if database.is_sqlite:
                found = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
                found += [str(row) for row in connection.execute(text("PRAGMA foreign_key_check"))]
            left = [name for name in inspect(connection).get_table_names() if name.startswith("_alembic_tmp")]
        wrong = [one for one in found if one not in ("ok", "")]
        return at, wrong + [f"{name} was left" for name in left]
    finally:
        database.close()


def rows(url: str) -> dict[str, int]:
    """How many rows each table holds, once the tables are those of the models."""
    database = Database(url)
    try:
        revisions.check(database.writer)
        with database.as_owner() as connection:
            names = inspect(connection).get_table_names()
            return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() or 0 for name in names}
    finally:
        database.close()


def run(source: SqliteSource | PostgresSource, kills: int, seed: int) -> Outcome:
    """Kill that many upgrades."""
    chance, outcome = random.Random(seed), Outcome()
    early, url = source.new(), source.new()
    database = Database(early)
    with without_threads():
        World(create_app(Settings(environment="test", log_level="ERROR"), database), database)
    revisions.downgrade(database.writer, EARLY)
    database.close()
    source.restore(url, early)
    began = time.monotonic()
    assert not killed(upgrading(url), 600)
    lasts, expected = time.monotonic() - began, rows(url)
    source.restore(url, early)
    while outcome.kills < kills:
        if killed(upgrading(url), chance.uniform(0, lasts)):
            outcome.kills += 1
            at, wrong = faults(url)
            outcome.at[at] += 1
            outcome.wrong += [f"kill {outcome.kills} at {at}: {one}" for one in wrong]
            continue
        outcome.arrived += 1
        now = rows(url)
        if now != expected:
            outcome.wrong.append(f"after kill {outcome.kills}: {dict(set(now.items()) ^ set(expected.items()))}")
        source.restore(url, early)
    return outcome


def main() -> int:
    """1 if an upgrade that was killed left anything behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=memory)))
        source = PostgresSource() if chosen.postgres else SqliteSource(folder)
        stack.callback(source.stop)
        outcome = run(source, chosen.kills, chosen.seed)
    print(f"seed {chosen.seed}: {outcome}")
    return 1 if outcome.wrong or not outcome.arrived else 0


if __name__ == "__main__":
    sys.exit(main())
