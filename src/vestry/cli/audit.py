"""``vestry audit …``: the trail checked without a server, and written out for somebody else to check."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from sqlalchemy import select

from vestry.audit import verifying
from vestry.cli import local
from vestry.cli.database import FileExists
from vestry.core import encoding, trail
from vestry.core.actor import Actor
from vestry.identity import queries
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm


def verify(arguments: Namespace) -> int:
    """Walk every firm's chain; 1 and a line a fault where one is not whole."""
    try:
        heads = verifying.kept_heads()
    except ValueError as error:
        print(f"heads file: {error}", file=sys.stderr)
        return 1
    with local.opened() as database:
        with database.reading(UNKNOWN) as session:
            firms = list(session.scalars(select(Firm.id).order_by(Firm.id)))
        verdicts = []
        for firm_id in firms:
            with database.reading(Actor("cli", firm_id, "administrator", name="command line")) as session:
                verdicts.append(verifying.verify(session, firm_id, heads))
    gone = verifying.missing_chains(heads, verdicts)
    if arguments.json:
        told = [{"firm_id": one.firm_id, "rows": one.rows, "faults": one.faults} for one in verdicts]
        print(encoding.dumps({"firms": told, "faults": gone}).decode())
    else:
        for one in verdicts:
            print(f"firm {one.firm_id}: {one.rows:,} rows, {'NOT WHOLE' if one.faults else 'whole'}")
            for fault in one.faults:
                print(f"  {fault}")
        for fault in gone:
            print(fault)
    return 1 if gone or any(one.faults for one in verdicts) else 0


def export(arguments: Namespace) -> int:
    """The whole trail of the firm as a file that anybody can verify with Python alone."""
    target = Path(arguments.file)
    if target.exists():
        raise FileExists(f"{target} exists.", mend="Choose another name.")
    with local.opened() as database:
        actor = local.local_actor(database)
        database.witness(actor, trail.Event("export", "audit_row", note=target.name))
        with database.reading(actor) as session:
            firm = queries.firm_of(session, actor)
            with target.open("wb") as file:
                for line in verifying.export(session, firm.id, firm.name):
                    file.write(line)
    print(f"Wrote {target} ({target.stat().st_size:,} bytes)")
    return 0
