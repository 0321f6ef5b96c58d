"""``vestry doctor``: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import platform
from argparse import Namespace
from collections.abc import Iterator

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from vestry import __version__
from vestry.all_models import metadata
from vestry.api.client import STATIC
from vestry.cli import local, operations
from vestry.cohorts.payments import rollup
from vestry.core import bulk, disk, encoding
from vestry.core.actor import Actor
from vestry.core.db import PRAGMAS, SQLITE_VERSION_MIN, Database
from vestry.core.settings import settings
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm
from vestry.migrations import revisions, rls
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
    size, share = disk.free(chosen.home)
    low = f", less than {disk.LOW:.0%}: make room" if disk.is_low(chosen.home) else ""
    yield "disk", not low and size > DISK_BYTES_MIN, f"{size / 1e9:.1f} GB free ({share:.0%}){low}"
    built = (STATIC / "index.html").is_file()
    yield "web client", built, "built" if built else "not built: run make web"
    yield from operations.of_home(chosen)
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
        yield from _cohorts(database)
        yield from operations.of_jobs(database)
    if database.is_sqlite:
        yield from _sqlite(database, migrated=at == newest)
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


def _cohorts(database: Database) -> Iterator[Check]:
    """Whether the cohorts' sums that are kept are what their payments come to."""
    with database.reading(UNKNOWN) as session:
        actors = [Actor("cli", firm_id, "administrator") for firm_id in session.scalars(select(Firm.id))]
    for actor in actors:
        with database.reading(actor) as session:
            kept, wrong = rollup.verify(session, actor.firm_id)
        if kept or wrong:
            said = "; ".join(wrong) or f"{kept} companies equal their recount"
            yield f"cohorts of firm {actor.firm_id}", not wrong, said


def _sqlite(database: Database, *, migrated: bool) -> Iterator[Check]:
    with database.writer.connect() as connection:
        for name, wanted in PRAGMAS.items():
            found = str(connection.execute(text(f"PRAGMA {name}")).scalar())
            yield f"pragma {name}", found == SYNCHRONOUS.get(wanted, wanted), found
        verdict = connection.execute(text("PRAGMA quick_check")).scalar()
        yield "integrity", verdict == "ok", str(verdict)
        orphans = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        yield "foreign keys", not orphans, f"{len(orphans)} rows refer to nothing"
        if migrated:
            yield from operations.of_sqlite(connection)


def _postgres(database: Database) -> Iterator[Check]:
    with database.reader.connect() as connection:
        yield "server", True, str(connection.execute(text("SHOW server_version")).scalar())
        yield from operations.of_postgres(connection)
        yield from _second_lock(connection)
        together = bulk.checks_keys_together(connection)
        said = "checks the keys of many rows together"
        if not together:
            said = (
                "checks the keys row by row, some three times slower; from PostgreSQL 15 on a superuser may let it: "
                "GRANT SET ON PARAMETER session_replication_role TO the database user"
            )
        yield "large imports", True, said


def _second_lock(connection: Connection) -> Iterator[Check]:
    """Whether row-level security is forced on every table of a firm, and the application cannot step around it."""
    role = connection.execute(
        text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    said = f"works as {role.rolname}"
    if role.rolname != rls.ROLE:
        said += f", not as {rls.ROLE}: let the database user make roles, or make it, and run the migrations again"
    yield "database role", role.rolname == rls.ROLE and not role[1], said
    forced = set(
        connection.scalars(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.qual IS NOT NULL "
                "AND p.with_check IS NOT NULL WHERE c.relrowsecurity AND c.relforcerowsecurity"
            )
        )
    )
    open_ = sorted(
        table.name for table in metadata.tables.values() if "firm_id" in table.c and table.name not in forced
    )
    yield "row-level security", not open_, f"not forced on {', '.join(open_)}" if open_ else "forced on every table"
