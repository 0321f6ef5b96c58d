"""A backup is what the books held, and a restore proves it; what is damaged, cut or sealed for others is refused."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.commands import Vestry
from tests.databases import PostgresSource, SqliteSource
from vestry.cli import local, sealed_files
from vestry.core.db import Database
from vestry.core.settings import settings
from vestry.demo import load_demo
from vestry.investors import service as investors

Books = tuple[dict[str, str], Callable[[], str]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def books(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The environment of a firm with the demo's books, and a way to have another, empty database of its kind. The tests
    of this file add to the books and take nothing away."""
    source: SqliteSource | PostgresSource = request.getfixturevalue(f"{request.param}_source")
    url = source.new()
    database = Database(url)
    actor = local.local_actor(database, demo=True)
    with database.transaction(actor) as session:
        load_demo(session, actor)
    database.close()

    def empty() -> str:
        other = source.new()
        if isinstance(source, SqliteSource):
            source.drop(other)
            return other
        made = Database(other)
        with made.writer.begin() as connection:
            connection.execute(text("RESET ROLE"))
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        made.close()
        return other

    environment = {
        "PATH": os.environ["PATH"],
        "VESTRY_HOME": str(tmp_path_factory.mktemp("home")),
        "VESTRY_ENVIRONMENT": "test",
        "VESTRY_DATABASE_URL": url,
        "VESTRY_AUDIT_KEY": (settings().home / "audit" / "key").read_text().strip(),
    }
    return environment, empty


def test_a_backup_of_books_in_use_is_restored_whole(vestry: Vestry, books: Books, tmp_path: Path) -> None:
    environment, empty = books
    file = tmp_path / "copy"
    stopping = threading.Event()
    written = threading.Thread(target=_write, args=(environment["VESTRY_DATABASE_URL"], stopping))
    written.start()
    try:
        told = vestry(environment, "backup", file)
    finally:
        stopping.set()
        written.join()
    manifest = json.loads((tmp_path / "copy.manifest.json").read_text())
    assert "integrity checked" in told
    assert manifest["held"]["rows"]["fund"] == 2
    assert manifest["held"]["rows"]["investor"] >= 1
    assert any(name.endswith("USD") for name in manifest["held"]["balances"])
    assert file.stat().st_mode & 0o077 == 0

    tried = vestry(environment, "restore", file, "--verify")
    assert "was not touched: whole, compared with its manifest" in tried
    assert "exists" in vestry(environment, "backup", file, status=1)
    assert "holds something" in vestry(environment, "restore", file, status=1)

    fresh = environment | {"VESTRY_DATABASE_URL": empty()}
    assert ": whole, compared with its manifest" in vestry(fresh, "restore", file)
    assert vestry(fresh, "fund", "performance", "--all") == vestry(environment, "fund", "performance", "--all")


def test_a_backup_that_was_changed_is_refused(vestry: Vestry, books: Books, tmp_path: Path) -> None:
    environment, _ = books
    file = tmp_path / "copy"
    vestry(environment, "backup", file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "not the file its manifest tells of" in vestry(environment, "restore", file, "--verify", status=1)


@pytest.mark.parametrize("books", ["sqlite"], indirect=True)
def test_a_restore_that_lacks_a_row_is_not_whole(vestry: Vestry, books: Books, tmp_path: Path) -> None:
    environment, _ = books
    file = tmp_path / "copy"
    vestry(environment, "backup", file)
    database = Database(f"sqlite:///{file}")
    with database.writer.begin() as connection:
        connection.execute(text("DELETE FROM valuation_mark WHERE id = (SELECT max(id) FROM valuation_mark)"))
    database.close()
    manifest = json.loads((tmp_path / "copy.manifest.json").read_text())
    changed = manifest | {"sha256": _digest(file)}  # whoever changes the file may write a hash that fits
    (tmp_path / "copy.manifest.json").write_text(json.dumps(changed))

    told = vestry(environment, "restore", file, "--verify", status=None)
    assert "NOT WHOLE" in told
    assert "rows of valuation_mark" in told


def test_a_sealed_backup_opens_with_its_passphrase_only(vestry: Vestry, books: Books, tmp_path: Path) -> None:
    environment, empty = books
    sealing = environment | {"VESTRY_BACKUP_PASSPHRASE": "correct horse battery staple"}
    file = tmp_path / "copy"
    assert "sealed" in vestry(sealing, "backup", file)
    assert b"Alder Ventures" not in file.read_bytes()
    assert "is sealed" in vestry(environment, "restore", file, "--verify", status=1)
    wrong = environment | {"VESTRY_BACKUP_PASSPHRASE": "wrong"}
    assert "cannot be opened" in vestry(wrong, "restore", file, "--verify", status=1)
    fresh = sealing | {"VESTRY_DATABASE_URL": empty()}
    assert ": whole, compared with its manifest" in vestry(fresh, "restore", file)


@pytest.mark.parametrize("size", [0, 1, sealed_files.PIECE, sealed_files.PIECE + 1, 3 * sealed_files.PIECE])
def test_a_sealed_file_opens_to_the_same_bytes_and_shows_every_change(tmp_path: Path, size: int) -> None:
    plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
    plain.write_bytes(os.urandom(size))
    sealed_files.seal(plain, sealed, "passphrase")
    sealed_files.unseal(sealed, opened, "passphrase")
    assert opened.read_bytes() == plain.read_bytes()

    whole = sealed.read_bytes()
    piece = 4 + sealed_files.PIECE + 16
    changes = [whole[:-1], whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:]]
    if size > 2 * sealed_files.PIECE:
        head = len(sealed_files.MAGIC) + 16
        first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
        changes += [whole[: head + 2 * piece], whole[:head] + second + first + whole[head + 2 * piece :]]
    for changed in changes:
        sealed.write_bytes(changed)
        with pytest.raises(sealed_files.WrongPassphrase):
            sealed_files.unseal(sealed, opened, "passphrase")


def _write(url: str, stopping: threading.Event) -> None:
    """Somebody works while the backup is made."""
    database = Database(url)
    actor = local.local_actor(database)
    count = 0
    while not stopping.is_set():
        with database.transaction(actor) as session:
            investors.create_investor(session, actor, name=f"During {count}", kind="lp")
        count += 1
        time.sleep(0.02)
    database.close()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
