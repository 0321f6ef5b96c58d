"""The doctor's checks of how Vestry is run: keys, backups, mail, jobs, clocks, and what PostgreSQL promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from vestry.cli.backups import BACKUPS
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import FAILED, QUEUED, RUNNING, WAITING, Job
from vestry.core.settings import Settings
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm

Check = tuple[str, bool, str]

BACKUP_AGE_MAX = timedelta(days=2)
DUE_MAX = timedelta(minutes=10)
CLOCK_SECONDS_MAX = 5.0
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"}
POSTGRES = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def of_home(chosen: Settings) -> Iterator[Check]:
    """What lies in the home folder: who may read it, on which file system, and when it was last backed up."""
    keys = [chosen.home / name for name in ("secret", "audit/key") if (chosen.home / name).exists()]
    open_ones = [path for path in keys if path.stat().st_mode & 0o077]
    told = f"chmod 600 {' '.join(map(str, open_ones))}" if open_ones else f"{len(keys)} readable by their owner only"
    yield "key files", not open_ones, told
    kind = _file_system(chosen.home)
    local = kind not in NETWORK_FILE_SYSTEMS
    yield "file system", local, kind if local else f"{kind}: SQLite needs a disk of this machine"
    yield _backup_age(chosen)
    production = chosen.environment == "production"
    sends = chosen.smtp_url is not None
    yield "mail", sends or not production, "by SMTP" if sends else "into files: set VESTRY_SMTP_URL"


def of_jobs(database: Database) -> Iterator[Check]:
    """Jobs that were given up, and jobs that nobody takes up."""
    failed, late = 0, 0
    with database.reading(UNKNOWN) as session:
        firms = list(session.scalars(select(Firm.id)))
    for firm_id in firms:
        with database.reading(Actor("job", firm_id, "", name="doctor")) as session:
            own = select(func.count()).select_from(Job).where(Job.firm_id == firm_id)
            failed += session.scalar(own.where(Job.state == FAILED)) or 0
            waiting = own.where(Job.state.in_((WAITING, QUEUED)), Job.due_at < session.info["now"] - DUE_MAX)
            late += session.scalar(waiting) or 0
            late += (
                session.scalar(own.where(Job.state == RUNNING, Job.moved_at < session.info["now"] - 6 * DUE_MAX)) or 0
            )
    yield "jobs given up", not failed, f"{failed}" + (": GET /api/v1/jobs?state=failed says why" if failed else "")
    yield "jobs waiting", not late, f"{late} for more than {DUE_MAX}" + (": is a worker running?" if late else "")


def of_postgres(connection: Connection) -> Iterator[Check]:
    """What the server promises about what it has acknowledged, and whether its clock agrees with ours."""
    for name, wanted in POSTGRES.items():
        found = str(connection.execute(text(f"SHOW {name}")).scalar())
        yield name, found == wanted, found if found == wanted else f"{found}: acknowledged writes may be lost"
    checksums = str(connection.execute(text("SHOW data_checksums")).scalar())
    advice = "" if checksums == "on" else ": a damaged page is not noticed (initdb --data-checksums, pg_checksums)"
    yield "data_checksums", True, checksums + advice
    theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((clock.now() - theirs).total_seconds())
    yield "clock", apart < CLOCK_SECONDS_MAX, f"{apart:.1f} s from the database server's"


def of_sqlite(connection: Connection) -> Iterator[Check]:
    """Whether the clock has gone back behind what is recorded."""
    last = connection.execute(text("SELECT max(happened_at) FROM audit_row")).scalar()
    ahead = last is not None and datetime.fromisoformat(str(last)) > clock.now() + timedelta(seconds=CLOCK_SECONDS_MAX)
    yield "clock", not ahead, f"behind the last change recorded ({last})" if ahead else "not behind what is recorded"


def _backup_age(chosen: Settings) -> Check:
    path = chosen.home / BACKUPS
    lines = path.read_text().splitlines() if path.exists() else []
    production = chosen.environment == "production"
    if not lines:
        return "backup", not production, "none was made by vestry backup"
    age = clock.now() - datetime.fromisoformat(json.loads(lines[-1])["at"])
    return "backup", age < BACKUP_AGE_MAX or not production, f"the last one is {age.days} days old"


def _file_system(path: Path) -> str:
    """The kind of file system a path lies on, where the system tells."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return "not told"
    place = path.absolute()
    fields = (line.split() for line in mounts.read_text().splitlines())
    found = [(len(where), kind) for _, where, kind, *_ in fields if place.is_relative_to(where)]
    return max(found)[1] if found else "not told"
