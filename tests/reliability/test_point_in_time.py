"""A firm's PostgreSQL taken back to a second: a base backup, the archived log, and a mistake that is not in it.

The steps are those of docs/how-to/deploy.md.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest
from sqlalchemy import select, text

from tests.databases import DurablePostgresSource
from vestry.cli import local, verification
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.investors import service as investors
from vestry.investors.models import Investor

SECONDS_MAX = 60


class ArchivingPostgres(DurablePostgresSource):
    """A server that archives its log, as the drill needs it."""

    SETTINGS: ClassVar[dict[str, str]] = DurablePostgresSource.SETTINGS | {
        "archive_mode": "on",
        "archive_command": "'test ! -f ../archive/%f && cp %p ../archive/%f'",
    }

    def _start(self) -> None:
        self.folder_for("archive")
        super()._start()

    def folder_for(self, name: str) -> Path:
        """A folder the server may write."""
        folder = self.folder / name
        self._run_any("mkdir", "-m", "700", folder)
        return folder

    def _run_any(self, *command: object) -> None:
        subprocess.run([*map(str, command)], check=True, **self._as)

    def base_backup(self) -> Path:
        """A base backup, verified."""
        base = self.folder / "base"
        self._run("pg_basebackup", "-h", self.folder, "-U", "postgres", "-D", base, "-X", "stream", "-c", "fast")
        self._run("pg_verifybackup", base)
        return base

    def archive_all(self) -> None:
        """Until the log so far lies in the archive."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row
        end = time.monotonic() + SECONDS_MAX
        while not (self.folder / "archive" / row[0]).exists():
            assert time.monotonic() < end, "the log is not archived"
            time.sleep(0.05)

    @contextmanager
    def restored(self, base: Path, at: datetime, url: str) -> Iterator[str]:
        """The same database as of an instant, on a server of its own; its address."""
        sockets = self.folder_for("restored")
        with (base / "postgresql.auto.conf").open("a") as file:
            file.write(
                f"restore_command = 'cp {self.folder}/archive/%f %p'\nrecovery_target_time = '{at.isoformat()}'\n"
                f"recovery_target_action = 'promote'\narchive_mode = off\nunix_socket_directories = '{sockets}'\n"
            )
        self._run_any("touch", base / "recovery.signal")
        with (self.folder / "restored.log").open("w") as log:
            server = subprocess.Popen(
                [self.binaries / "postgres", "-D", base], stdout=log, stderr=subprocess.STDOUT, **self._as
            )
        try:
            self._wait_for_promotion(sockets)
            yield url.replace(str(self.folder), str(sockets))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)

    def _wait_for_promotion(self, sockets: Path) -> None:
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:
            try:
                with psycopg.connect(f"host={sockets} user=postgres dbname=postgres") as connection:
                    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                    if row == (False,):
                        return
            except psycopg.OperationalError:
                pass
            time.sleep(0.05)
        raise AssertionError((self.folder / "restored.log").read_text()[-2000:])


@pytest.fixture
def archiving() -> Iterator[ArchivingPostgres]:
    source = ArchivingPostgres()
    if not (source.binaries / "pg_basebackup").exists():
        source.stop()
        pytest.skip("this PostgreSQL came without pg_basebackup")
    yield source
    source.stop()


def add(database: Database, actor: Actor, name: str) -> None:
    with database.transaction(actor) as session:
        investors.create_investor(session, actor, name=name, kind="lp")


def test_the_books_return_to_a_second_before_a_mistake(archiving: ArchivingPostgres) -> None:
    url = archiving.new()
    database = Database(url)
    actor = local.local_actor(database)
    add(database, actor, "Before the base backup")
    base = archiving.base_backup()
    for number in range(10):
        add(database, actor, f"Before the second {number}")
    with database.reading(actor) as session:
        wanted = set(session.scalars(select(Investor.name)))
    target = clock.now().replace(microsecond=0) + timedelta(seconds=1)
    time.sleep((target - clock.now()).total_seconds() + 0.1)
    for number in range(10):
        add(database, actor, f"After the second {number}")
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE investor SET name = 'A mistake'"))
    archiving.archive_all()

    begun = time.monotonic()
    with archiving.restored(base, target, url) as address:
        seconds = time.monotonic() - begun
        restored = Database(address)
        with restored.reading(actor) as session:
            found = set(session.scalars(select(Investor.name)))
        held = verification.holdings(restored)
        restored.close()
    print(f"target {target}, rows {len(found)} of {len(wanted) + 10}, restored in {seconds:.1f} s")
    assert found == wanted
    assert held.faults == []
    assert held.rows["investor"] == len(wanted)
    database.close()
