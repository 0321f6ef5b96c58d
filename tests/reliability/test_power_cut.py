"""The power goes while clients write: on SQLite, what was acknowledged is there when it comes back.

kill -9 cannot show this: the operating system lives on and writes what the process gave it. So the database lies on a
file system that forgets what was not synced. By hand: ``VESTRY_CYCLES=200 .venv/bin/pytest -s -k power_cut``.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.databases import SqliteSource
from tests.reliability.processes import ROOT, Server, cycles, firm_with_token, nursery, seeded
from tests.reliability.test_kill_server import Heard, add_investor, is_whole, names, one_round
from vestry.core.db import Database

CUTS = 20


def why_not() -> str | None:
    """Why a file system of our own cannot be mounted here."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "there is no /dev/fuse"
    if not (ctypes.util.find_library("fuse3") or ctypes.util.find_library("fuse")):
        return "there is no libfuse: apt-get install fuse3"
    if os.geteuid() != 0 and not (shutil.which("fusermount3") or shutil.which("fusermount")):
        return "there is no fusermount"
    return None if importlib.util.find_spec("mfusepy") else "there is no mfusepy"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that loses what was not synced."""
    reason = why_not()
    if reason:
        pytest.skip(f"a power cut cannot be played here: {reason}")
    folder = tmp_path / "mounted"
    folder.mkdir()
    with (tmp_path / "fs.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.power_loss_fs", folder], cwd=ROOT, stdout=log, stderr=log
        )
    end = time.monotonic() + 10
    while not os.path.ismount(folder) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    if not os.path.ismount(folder):
        process.kill()
        pytest.skip(f"a power cut cannot be played here: {(tmp_path / 'fs.log').read_text()[-300:]}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)
    process.kill()
    process.wait(10)


def cut_and_count(source: SqliteSource, folder: Path, rounds: int, bug: str = "") -> tuple[int, int]:
    """Acknowledged, and lost."""
    chance = seeded("power cuts")
    made = Path(source.new().removeprefix("sqlite:///"))
    shutil.copy(made, folder / "books.sqlite3")
    url = f"sqlite:///{folder}/books.sqlite3"
    database = Database(url)
    actor, secret = firm_with_token(database)
    database.close()
    with (folder / "books.sqlite3").open("rb") as file:
        os.fsync(file.fileno())
    heard = Heard()
    home = folder.parent / "home"
    with nursery(home, url, bug=bug, worker="none") as born:
        server = Server(born, home)
        server.start()
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=20, verify=False) as connection:
            for number in range(rounds):
                one_round(server, connection, heard, str(number), chance.uniform(0, 0.15), add_investor)
                (folder / ".cut").write_text(f"cut {chance.randrange(10**6)}")
                server.start()
    database = Database(url)
    lost = heard.acknowledged - names(database, actor)
    whole = is_whole(database)
    database.close()
    print(f"cuts {rounds}, acknowledged {len(heard.acknowledged)}, lost {len(lost)}, whole {whole}")
    assert whole
    return len(heard.acknowledged), len(lost)


def test_what_was_acknowledged_is_there_after_every_power_cut(sqlite_source: SqliteSource, mounted: Path) -> None:
    rounds = cycles(CUTS)
    acknowledged, lost = cut_and_count(sqlite_source, mounted, rounds)
    assert lost == 0
    assert acknowledged > rounds


def test_the_harness_sees_a_database_that_does_not_wait_for_the_disk(
    sqlite_source: SqliteSource, mounted: Path
) -> None:
    _, lost = cut_and_count(sqlite_source, mounted, 4, bug="synchronous normal")
    assert lost > 0
