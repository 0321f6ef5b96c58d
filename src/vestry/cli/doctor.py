"""``vestry doctor``: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import platform
import shutil
from argparse import Namespace
from collections.abc import Iterator

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from vestry import __version__
from vestry.api.client import STATIC
from vestry.cli import local
from vestry.core import encoding
from vestry.core.actor import Actor
from vestry.core.db import PRAGMAS, SQLITE_VERSION_MIN, Database
from vestry.core.settings import settings
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm
from vestry.migrations import revisions
from vestry.performance import upkeep

DISK_BYTES_MIN = 500_000_000
SYNCHRONOUS = {"FULL": "2", "ON": "1", "WAL": "wal"}
Check = tuple[str, bool, str]


def examine(arguments: Namespace) -> int:
    """Print each check; the status is 1 when one fails."""
    checks = list(_checks())
    if arguments.json:
        told = [{"check": name, "ok": good, "detail": detail} for name, good, detail in checks]
        print(encoding.dumps(told).decode())
    else:
        for name, good, detail in checks:
            print(f"{'ok  ' if good else 'FAIL'}  {name}: {detail}")
    return 0 if all(good for _, good, _ in checks) else 1


def _checks() -> Iterator[Check]:
    chosen = settings()
    yield "versions", True, f"Vestry {__version__}, Python {platform.python_version()}"
    yield "environment", True, f"{chosen.environment}, home {chosen.home.absolute()}"
    good = sqlite.sqlite_version_info >= SQLITE_VERSION_MIN
    yield "SQLite library", good, f"{sqlite.sqlite_version} (needs {'.'.join(map(str, SQLITE_VERSION_MIN))} or later)"
    free = shutil.disk_usage(chosen.home if chosen.home.exists() else ".").free
    yield "disk", free > DISK_BYTES_MIN, f"{free / 1e9:.1f} GB free"
    built = (STATIC / "index.html").is_file()
    yield "web client", built, "built" if built else "not built: run make web"
    secret = chosen.secret_key is not None or not (chosen.home / "secret").exists()
    private = secret or (chosen.home / "secret").stat().st_mode & 0o077 == 0
    yield "secret", private, "readable by its owner only" if private else f"chmod 600 {chosen.home / 'secret'}"
    with local.opened(migrated=False) as database:
        yield from _database(database)


def _database(database: Database) -> Iterator[Check]:
    where = database.url.render_as_string(hide_password=True)
    try:
        with database.reader.connect() as connection:
            at, newest = revisions.current_revision(connection), revisions.newest_revision()
    except SQLAlchemyError as error:
        yield "database", False, f"{where} does not answer: {getattr(error, 'orig', error)}"
        return
    yield "database", True, where
    yield (
        "migrations",
        at == newest,
        f"at {at or 'none'}" + ("" if at == newest else f", needs {newest}: vestry db upgrade"),
    )
    if at == newest:
        yield from _tallies(database)
    if database.is_sqlite:
        yield from _sqlite(database)
    else:
        yield from _postgres(database)


def _tallies(database: Database) -> Iterator[Check]:
    """Whether what is kept of each firm's funds is what their facts come to."""
    with database.reading(UNKNOWN) as session:
        actors = [Actor("cli", firm_id, "administrator") for firm_id in session.scalars(select(Firm.id))]
    for actor in actors:
        with database.reading(actor) as session:
            kept, wrong = len(upkeep.read(session, actor, None)), upkeep.verify(session, actor)
        yield f"tallies of firm {actor.firm_id}", not wrong, "; ".join(wrong) or f"{kept} funds equal their recount"


def _sqlite(database: Database) -> Iterator[Check]:
    with database.writer.connect() as connection:
        for name, wanted in PRAGMAS.items():
            found = str(connection.execute(text(f"PRAGMA {name}")).scalar())
            yield f"pragma {name}", found == SYNCHRONOUS.get(wanted, wanted), found
        verdict = connection.execute(text("PRAGMA quick_check")).scalar()
        yield "integrity", verdict == "ok", str(verdict)
        orphans = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        yield "foreign keys", not orphans, f"{len(orphans)} rows refer to nothing"


def _postgres(database: Database) -> Iterator[Check]:
    with database.reader.connect() as connection:
        yield "server", True, str(connection.execute(text("SHOW server_version")).scalar())
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            found = connection.execute(text(f"SHOW {name}")).scalar()
            yield name, found == "on", str(found)
