"""kill -9 of the worker at any moment: every job that was asked for has its effect, and has it once.

On SQLite the worker lives in the server, which is killed; on PostgreSQL two workers share the queue, and one of them
is killed each time while the other takes over. By hand: ``VESTRY_CYCLES=500 .venv/bin/pytest -s -k kill_worker``.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from tests.reliability.processes import Nursery, Server, cycles, firm_with_token, nursery, seeded
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import DONE, RUNNING, Job
from vestry.investors.models import Investor

KILLS = 30
WORKERS = 2
JOBS_A_KILL = 3
END_SECONDS = 90


class Embedded:
    """The worker inside a server."""

    def __init__(self, born: Nursery, home: Path) -> None:
        self.server = Server(born, home)
        self.server.start()

    def kill_one(self, chance: random.Random) -> None:
        self.server.kill()
        self.server.start()


class Alone:
    """Workers of their own."""

    def __init__(self, born: Nursery) -> None:
        self.born = born
        self.pids = [born.start("work") for _ in range(WORKERS)]

    def kill_one(self, chance: random.Random) -> None:
        pid = self.pids.pop(chance.randrange(len(self.pids)))
        self.born.kill(pid)
        self.pids.append(self.born.start("work"))


def ask(database: Database, actor: Actor, name: str) -> None:
    with database.transaction(actor) as session:
        outbox.ask(session, "test.add", {"name": name}, title=name)


def done(database: Database, actor: Actor) -> int:
    with database.reading(actor) as session:
        return session.scalar(select(func.count()).select_from(Job).where(Job.state == DONE)) or 0


def wait_for_work(database: Database, actor: Actor) -> None:
    """Until a job runs, or all are done: then a kill may interrupt one."""
    end = time.monotonic() + END_SECONDS
    while time.monotonic() < end:
        with database.reading(actor) as session:
            states = set(session.scalars(select(Job.state).distinct()))
        if RUNNING in states or states == {DONE}:
            return
        time.sleep(0.01)


def kill_and_count(database: Database, home: Path, kills: int, bug: str = "") -> tuple[int, int, int]:
    """Jobs lost, jobs doubled, jobs that were interrupted at least once."""
    chance = seeded("kill -9 of the worker")
    actor, _ = firm_with_token(database)
    asked = []
    with nursery(home, database.url.render_as_string(hide_password=False), bug=bug, worker_jobs="3") as born:
        workers = Embedded(born, home) if database.is_sqlite else Alone(born)
        for kill in range(kills):
            for number in range(JOBS_A_KILL):
                asked.append(f"J{kill}-{number}")
                ask(database, actor, asked[-1])
            wait_for_work(database, actor)
            time.sleep(chance.uniform(0, 0.1))
            workers.kill_one(chance)
        end = time.monotonic() + END_SECONDS
        while done(database, actor) < len(asked) and time.monotonic() < end:
            time.sleep(0.1)
    with database.reading(actor) as session:
        effects = Counter(name.split()[0] for name in session.scalars(select(Investor.name)))
        jobs = session.execute(select(Job.title, Job.state, Job.tries, Job.interruptions)).all()
    lost = sum(1 for name in asked if effects[name] == 0)
    doubled = sum(1 for name in asked if effects[name] > 1)
    interrupted = sum(1 for job in jobs if job.interruptions)
    states = Counter(job.state for job in jobs)
    print(
        f"kills {kills}, jobs {len(asked)}, {dict(states)}, lost {lost}, doubled {doubled}, interrupted {interrupted}"
    )
    assert bug or states == {DONE: len(asked)}, (home / "log").read_text()[-3000:]
    return lost, doubled, interrupted


def test_no_job_is_lost_or_done_twice_when_workers_are_killed(database: Database, tmp_path: Path) -> None:
    kills = cycles(KILLS)
    lost, doubled, interrupted = kill_and_count(database, tmp_path / "home", kills)
    assert (lost, doubled) == (0, 0)
    assert interrupted > 0, "no job was interrupted: the kills prove nothing"


def test_the_harness_sees_an_effect_stored_before_the_jobs_end(database: Database, tmp_path: Path) -> None:
    if not database.is_sqlite:
        return
    _, doubled, interrupted = kill_and_count(database, tmp_path / "home", 24, bug="effect before the end")
    # A job is done twice only where the kill fell between its effect and its end: a few kills may all miss that.
    assert doubled > 0 or interrupted < 5, "jobs were interrupted, and none was done twice"
