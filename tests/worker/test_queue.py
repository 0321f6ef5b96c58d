"""The durable queue itself: a worker beside the API does what was asked, keeps JSON only, and calls nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import create_engine, select, text

from vestry import worker
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.core.settings import Settings
from vestry.integrations import mail
from vestry.integrations.mail.models import MailDelivery

SECONDS_MAX = 60


def test_a_worker_does_what_was_asked_and_calls_nobody(
    database: Database, administrator: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    proper = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            called.append(address)
        proper(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: called.append(given) or [])
    jobs = f"sqlite:///{tmp_path / 'jobs.sqlite3'}" if database.is_sqlite else None
    url = database.url.render_as_string(hide_password=False)
    chosen = Settings(environment="test", home=tmp_path, database_url=url, jobs_database_url=jobs)
    with worker.started(chosen, database) as ready:
        assert ready.wait(SECONDS_MAX)
        with database.transaction(administrator) as session:
            number = mail.send(session, to="a@example.com", template="test", values={}).id
            outbox.ask(session, "test.unknown", {}, title="Unknown")
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:
            with database.reading(administrator) as session:
                states = dict(session.execute(select(Job.kind, Job.state)).all())
            if set(states.values()) == {"done", "failed"}:
                break
            time.sleep(0.05)

    assert states == {"mail.send": "done", "test.unknown": "failed"}
    with database.reading(administrator) as session:
        assert session.get_one(MailDelivery, number).state == "sent"
    assert called == []
    kept = _workflows(chosen.jobs_url)
    assert len(kept) == 2
    assert all(row.serialization == "vestry_tagged_json" for row in kept)
    assert {row.application_version for row in kept} == {"1"}


def test_the_workers_own_file_is_safe_at_a_power_cut(tmp_path: Path) -> None:
    from vestry.worker import queue

    engine = queue._engine(f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    with engine.connect() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert isinstance(connection.connection.driver_connection, sqlite.Connection)
    engine.dispose()
    assert found == ["wal", 2]


def test_nobody_pays_for_the_queue_who_does_not_use_it() -> None:
    program = "import sys, vestry.cli, vestry.api, vestry.cli.server; sys.exit('dbos' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | {"VESTRY_ENVIRONMENT": "test"}, check=False)
    assert done.returncode == 0


def _workflows(url: str) -> list[Any]:
    module = {"module": sqlite} if url.startswith("sqlite") else {}
    table = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    engine = create_engine(url, **module)
    with engine.connect() as connection:
        rows = connection.execute(
            text(f"SELECT serialization, application_version FROM {table} WHERE name = 'vestry.job'")
        ).all()
    engine.dispose()
    return list(rows)
