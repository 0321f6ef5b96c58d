"""The disk is full: writing is refused with 507, reading goes on, nothing acknowledged is lost, and once there is room
again the server writes again, without a restart."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.databases import SqliteSource
from tests.reliability.processes import firm_with_token
from tests.reliability.test_kill_server import is_whole, names
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings

BYTES = 4_000_000
BALLAST = 1_000_000
REFUSALS = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: it needs root and a kernel that lets it")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_a_full_disk_is_said_so_loses_nothing_and_passes(sqlite_source: SqliteSource, small_disk: Path) -> None:
    books, ballast = small_disk / "books.sqlite3", small_disk / "ballast"
    shutil.copy(sqlite_source.new().removeprefix("sqlite:///"), books)
    database = Database(f"sqlite:///{books}")
    actor, secret = firm_with_token(database)
    ballast.write_bytes(bytes(BALLAST))
    app = create_app(Settings(environment="test"), database)
    client = TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"})
    answers: Counter[int] = Counter()
    acknowledged = set()
    while answers[507] < REFUSALS:
        name = f"{sum(answers.values())} {'x' * 150}"
        answer = client.post("/api/v1/investors", json={"name": name})
        answers[answer.status_code] += 1
        if answer.status_code == 201:
            acknowledged.add(name)
        else:
            assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.text
            assert answer.headers["Retry-After"]
    assert acknowledged, "the disk was full from the start"
    assert client.get("/api/v1/investors").status_code == 200

    ballast.unlink()
    assert client.post("/api/v1/investors", json={"name": "After"}).status_code == 201

    assert acknowledged | {"After"} <= names(database, actor)
    assert is_whole(database)
    client.close()
    database.close()
