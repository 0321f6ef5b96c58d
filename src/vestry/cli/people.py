"""``vestry person export`` and ``vestry person erase``."""

from __future__ import annotations

import sys
from argparse import Namespace

from vestry.cli import local
from vestry.core import encoding
from vestry.core.errors import Conflict
from vestry.people import records, service


class NotConfirmed(Conflict):
    """Something that cannot be undone was asked for without saying so."""


def export(arguments: Namespace) -> int:
    """Everything about the person as JSON."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            found = records.everything_about(session, actor, arguments.email)
    sys.stdout.write(encoding.dumps(found).decode() + "\n")
    return 0


def erase(arguments: Namespace) -> int:
    """A pseudonym in every place, and what could not be erased."""
    if not arguments.yes:
        raise NotConfirmed("Erasing cannot be undone.", mend="Export first, then add --yes.")
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            done = service.erase(session, actor, arguments.email, investors=arguments.investors)
    left = done.pop("audit_row")
    for name, count in done.items():
        print(f"{name}: {count}")
    print(f"The audit trail keeps {left} rows from before: it is chained and cannot be changed.")
    return 0
