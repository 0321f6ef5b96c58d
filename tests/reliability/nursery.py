"""Starts servers and workers in a fraction of a second: everything is imported once, each is a fork of this process.

Run by :mod:`tests.reliability.processes`, which writes ``serve PORT`` or ``work`` on its standard input and reads the
child's pid. ``VESTRY_HARNESS_BUG`` plants a mistake that a harness must find, or the harness proves nothing.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dbos  # noqa: F401 - so that no child need import it
import uvicorn
from fastapi import FastAPI
from sqlalchemy.orm import Session

from vestry.cli import server
from vestry.core import bulk, clock, db
from vestry.core.actor import Actor
from vestry.core.db import Database, LedgerSession
from vestry.core.running import Kind, Running
from vestry.investors import service as investors
from vestry.migrations import revisions
from vestry.worker import dispatch, engine, kinds

BUG = os.environ.get("VESTRY_HARNESS_BUG", "")


def add_investor(running: Running) -> None:
    """A job whose effect can be counted: an investor whose name nothing else would refuse a second time."""
    time.sleep(random.uniform(0, 0.15))
    with running.finish() as session:
        name = f"{running.payload['name']} {os.getpid()} {time.monotonic_ns()}"
        investors.create_investor(session, running.actor, name=name, kind="lp")
        time.sleep(random.uniform(0, 0.02))


def plant(bug: str) -> None:
    """Make one mistake."""
    if bug == "commit after the answer":
        Database.transaction = _late  # type: ignore[method-assign]
    elif bug == "synchronous normal":
        db.PRAGMAS["synchronous"] = "NORMAL"
    elif bug == "rows one by one":
        _torn()
    elif bug == "effect before the end":
        Running.finish = _two_steps  # type: ignore[method-assign]
    elif bug == "queue not told":
        engine.dispatch.hand_over_due = _forgetful  # type: ignore[attr-defined]
    elif bug:
        raise SystemExit(f"no such bug: {bug}")


@contextmanager
def _late(database: Database, actor: Actor) -> Iterator[Session]:
    session = LedgerSession(database.writer, expire_on_commit=False)
    session.begin()
    session.info.update(actor=actor, now=clock.now())
    try:
        yield session
        session.flush()
    except BaseException:
        session.close()
        raise

    def commit() -> None:
        session.commit()
        session.close()

    threading.Timer(0.05, commit).start()


def _torn() -> None:
    proper = bulk.write

    def write(session: Session, *given: Any, **named: Any) -> Any:
        done = proper(session, *given, **named)
        session.connection().exec_driver_sql("COMMIT")
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        time.sleep(0.02)
        return done

    bulk.write = write


@contextmanager
def _two_steps(running: Running, result: dict[str, Any] | None = None) -> Iterator[Session]:
    with running.database.transaction(running.actor) as session:
        yield session
    time.sleep(0.02)
    with running.database.transaction(running.actor) as session:
        running._end(session, {})
    running.ended = True


def _forgetful(database: Database, queue: Any) -> int:
    """Marks the rows before it tells the queue; what dies in between is told to nobody for a long time."""

    class Deaf:
        def hand_over(self, *_: Any) -> None: ...

    proper = dispatch.__dict__["_proper"]
    count: int = proper(database, Deaf() if random.random() < 0.2 else queue)
    return count


def child(words: list[str], app: FastAPI) -> None:
    """What the fork does: serve, or work, until it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    random.seed(os.getpid())
    if words[0] == "serve":
        uvicorn.run(app, host="127.0.0.1", port=int(words[1]), log_config=None, access_log=False)
    else:
        server.worker(Namespace())


def main() -> None:
    """Fork on demand until the input ends; every child dies with us."""
    kinds.KINDS["test.add"] = Kind("test.add", add_investor, operation="investor.create")
    engine.WATCH_SECONDS, engine.LOOK_SECONDS = 0.3, 0.2
    dispatch.__dict__["_proper"] = dispatch.hand_over_due
    plant(BUG)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children, who are killed from outside
    app = server.application()  # opens no connection before it is asked something
    revisions.newest_revision()  # reads and compiles every migration, once for all children
    gc.freeze()
    children = []
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            try:
                child(line.split(), app)
            finally:
                os._exit(0)
        children.append(pid)
        print(pid, flush=True)
    for pid in children:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
