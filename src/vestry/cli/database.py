"""``vestry db …``: the tables."""

from __future__ import annotations

from argparse import Namespace

from vestry.cli import local
from vestry.core.errors import Conflict
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
