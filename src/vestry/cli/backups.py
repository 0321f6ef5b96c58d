"""``vestry backup`` and ``vestry restore``: a copy of the books while they are in use, and the proof that it is one.

Beside the copy lies a manifest: its hash, and what the books held. A restore is compared with it. The audit key, the
secret key and ``VESTRY_HOME`` are not in the copy: who finds the copy must not find them with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import URL, create_engine, inspect, make_url

from vestry import __version__
from vestry.cli import local, sealed_files, verification
from vestry.cli.database import FileExists
from vestry.core import clock
from vestry.core.db import Database
from vestry.core.errors import Conflict, Invalid, NotFound, Unavailable
from vestry.core.settings import settings
from vestry.migrations import rls

BACKUPS = "backups.jsonl"  # in the home folder: when which backup was made, for the doctor


class BackupDamaged(Conflict):
    """The file is not what its manifest says."""


class NoPostgresTools(Unavailable):
    """PostgreSQL's own programs are needed and are not here."""


class DatabaseInUse(Conflict):
    """A backup is restored into an empty place only."""


def backup(arguments: Namespace) -> int:
    """Copy the books while they are in use, restore the copy elsewhere, count what it holds, and write both down."""
    target, started = Path(arguments.file), time.monotonic()
    if target.exists():
        raise FileExists(f"{target} exists.", mend="Choose another name.")
    passphrase = settings().backup_passphrase
    with local.opened() as database, _scratch(target.absolute().parent) as folder:
        plain = folder / "copy"
        plain.touch(mode=0o600)
        if database.is_sqlite:
            _copy_sqlite(database, plain)
        else:
            _run_tool("pg_dump", database.url, "--format=custom", "--no-owner", f"--file={plain}", *_schemas())
        with _target(database.url, folder, drill=True) as copied:
            _fill(plain, copied)
            held = _held(copied)
        if passphrase:
            sealed_files.seal(plain, folder / "sealed", passphrase.get_secret_value())
            plain = folder / "sealed"
        plain.replace(target)
    manifest = _write_manifest(target, held, sealed=passphrase is not None)
    _show(held)
    for fault in held.faults:  # damaged books are backed up all the same: they may be all there is
        print(f"WRONG  {fault}")
    checked = "NOT WHOLE" if held.faults else "integrity checked"
    size = f"{target.stat().st_size:,} bytes{', sealed' if passphrase else ''}"
    print(f"Wrote {target} ({size}, {checked}) and {manifest.name} in {time.monotonic() - started:.1f} s")
    return 1 if held.faults else 0


def restore(arguments: Namespace) -> int:
    """Restore into the configured database where it is empty, else (``--verify``) into a place of its own, and compare
    with the manifest."""
    source, started = Path(arguments.file), time.monotonic()
    if not source.is_file():
        raise NotFound("backup")
    manifest = _manifest(source)
    chosen = settings()
    url = make_url(chosen.url)
    with _scratch(None) as folder, _plain(source, folder) as plain:
        drill = not _is_empty(url)
        if drill and not arguments.verify:
            raise DatabaseInUse(
                "The database that is set up holds something.",
                mend="Restore into an empty one (VESTRY_HOME or VESTRY_DATABASE_URL), or only try it: --verify",
            )
        is_sqlite = plain.open("rb").read(15) == b"SQLite format 3"
        if is_sqlite != (url.get_backend_name() == "sqlite"):
            raise Invalid("The backup is of the other kind of database.", mend="Set VESTRY_DATABASE_URL to fit it.")
        with _target(url, folder, drill=drill) as into:
            _fill(plain, into)
            held = _held(into)
    wrong = [*held.faults, *verification.differences(manifest.get("held", {}), held)]
    _show(held)
    for one in wrong:
        print(f"WRONG  {one}")
    print(f"{'Tried out, the database in use was not touched' if drill else f'Restored into {_shown(url)}'}: ", end="")
    print(
        f"{'NOT WHOLE' if wrong else 'whole'}, compared with {'its manifest' if manifest else 'itself only'}, ", end=""
    )
    print(f"in {time.monotonic() - started:.1f} s")
    return 1 if wrong else 0


def _copy_sqlite(database: Database, target: Path) -> None:
    assert database.url.database
    with closing(sqlite.connect(database.url.database)) as source, closing(sqlite.connect(str(target))) as copy:
        source.backup(copy)  # one read transaction, which under WAL no writer waits for
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself


def _held(url: URL) -> verification.Holdings:
    database = Database(url.render_as_string(hide_password=False))
    try:
        return verification.holdings(database)
    finally:
        database.close()


@contextmanager
def _scratch(beside: Path | None) -> Iterator[Path]:
    """A folder of ours alone, removed afterwards; beside the target, so that the last step is a rename."""
    with tempfile.TemporaryDirectory(prefix=".vestry-", dir=beside) as name:
        yield Path(name)


@contextmanager
def _plain(source: Path, folder: Path) -> Iterator[Path]:
    if not sealed_files.is_sealed(source):
        yield source
        return
    passphrase = settings().backup_passphrase
    if passphrase is None:
        raise Invalid(f"{source} is sealed.", mend="Set VESTRY_BACKUP_PASSPHRASE to the one it was made with.")
    sealed_files.unseal(source, folder / "plain", passphrase.get_secret_value())
    yield folder / "plain"


def _is_empty(url: URL) -> bool:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        return not path.exists() or path.stat().st_size == 0
    database = Database(url.render_as_string(hide_password=False))
    try:
        with database.writer.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        database.close()


@contextmanager
def _target(url: URL, folder: Path, *, drill: bool) -> Iterator[URL]:
    if not drill:
        yield url
    elif url.get_backend_name() == "sqlite":
        yield url.set(database=str(folder / "drill.sqlite3"))
    else:
        name = f"vestry_drill_{os.getpid()}"
        _run_tool("createdb", url, name)
        try:
            yield url.set(database=name)
        finally:
            _run_tool("dropdb", url, "--force", name)


def _fill(plain: Path, into: URL) -> None:
    if into.get_backend_name() == "sqlite":
        assert into.database
        Path(into.database).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plain, into.database)
        Path(into.database).chmod(0o600)
    else:
        options = ["--exit-on-error", "--no-owner", "--single-transaction"]
        if not _has_role(into):
            options.append("--no-privileges")  # the tables' owner works with them; row-level security holds for it too
        _run_tool("pg_restore", into, *options, str(plain), database="-d")


def _has_role(url: URL) -> bool:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return rls.ensure_role(connection)
    finally:
        engine.dispose()


def _schemas() -> tuple[str, ...]:
    # What the workers keep is about this moment; after a restore they find what is to be done in the ledger.
    return ("--exclude-schema=dbos",)


def _run_tool(name: str, url: URL, *arguments: str, database: str = "") -> None:
    program = _tool(name)
    environment = dict(os.environ)
    for variable, value in (
        ("PGHOST", url.host or url.query.get("host")),
        ("PGPORT", url.port or url.query.get("port")),
        ("PGUSER", url.username),
        ("PGPASSWORD", url.password),
        ("PGDATABASE", url.database if name == "pg_dump" else None),
        ("PGSSLMODE", url.query.get("sslmode")),
    ):
        if value:
            environment[variable] = str(value)
    command = [program, "--no-password", *([database, str(url.database)] if database else []), *arguments]
    # No shell; the program is one of PostgreSQL's, and the database's name is the operator's own setting.
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Conflict(f"{name} failed: {done.stderr.strip()[-500:]}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: -int(path.parts[4]))
    if found is None and not versions:
        raise NoPostgresTools(f"{name} is not here.", mend="Install PostgreSQL's client programs.")
    return str(versions[0]) if versions else str(found)


def _write_manifest(target: Path, held: verification.Holdings, *, sealed: bool) -> Path:
    manifest = {
        "file": target.name,
        "bytes": target.stat().st_size,
        "sha256": _digest(target),
        "sealed": sealed,
        "made_at": clock.now().isoformat(),
        "version": __version__,
        "held": held.told(),
    }
    path = target.with_name(target.name + ".manifest.json")
    path.write_text(json.dumps(manifest, indent=1) + "\n")
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    with (home / BACKUPS).open("a") as file:
        file.write(json.dumps({"at": manifest["made_at"], "file": str(target.absolute())}) + "\n")
    return path


def _manifest(source: Path) -> dict[str, Any]:
    """What is known of a backup; refuses one that is not what its manifest says. Empty where there is none."""
    path = source.with_name(source.name + ".manifest.json")
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    if found["sha256"] != _digest(source):
        raise BackupDamaged(f"{source} is not the file its manifest tells of.", mend="Take another backup.")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _show(held: verification.Holdings) -> None:
    print(f"revision {held.revision}, {sum(held.rows.values()):,} rows in {len(held.rows)} tables")
    for name, count in held.rows.items():
        print(f"  {name}: {count:,}")
    for name, sums in held.balances.items():
        print(f"  {name}: {', '.join(f'{word} {total}' for word, total in sums.items())}")
    for firm, rows in held.chains.items():
        print(f"  audit chain of firm {firm}: {rows:,} rows")


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)
