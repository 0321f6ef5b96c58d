"""``vestry db …``: the tables and a copy of the embedded database."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from vestry.cli import local
from vestry.core.errors import Conflict, Invalid
from vestry.migrations import revisions


class FileExists(Conflict):
    """A backup never overwrites a file."""


def upgrade(arguments: Namespace) -> int:
    """Create or bring up the tables."""
    with local.opened(migrated=False) as database:
        revisions.upgrade(database.writer, arguments.revision)
        with database.reader.connect() as connection:
            print(f"Database at revision {revisions.current_revision(connection)}")
    return 0


def downgrade(arguments: Namespace) -> int:
    """Take the tables back."""
    with local.opened(migrated=False) as database:
        revisions.downgrade(database.writer, arguments.revision)
        with database.reader.connect() as connection:
            print(f"Database at revision {revisions.current_revision(connection)}")
    return 0


def backup(arguments: Namespace) -> int:
    """A consistent copy while the server runs, checked after writing."""
    target = Path(arguments.file)
    if target.exists():
        raise FileExists(f"{target} exists.", mend="Choose another name.")
    with local.opened() as database:
        if not database.is_sqlite:
            raise Invalid(
                "This database is PostgreSQL.", mend="Use pg_dump or pg_basebackup; see docs/how-to/deploy.md."
            )
        assert database.url.database
        with closing(sqlite.connect(database.url.database)) as source, closing(sqlite.connect(str(target))) as copy:
            source.backup(copy)
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        target.unlink()
        raise Conflict(f"The copy did not pass its integrity check: {verdict}", mend="Run: vestry doctor")
    print(f"Wrote {target} ({target.stat().st_size:,} bytes, integrity checked)")
    return 0
