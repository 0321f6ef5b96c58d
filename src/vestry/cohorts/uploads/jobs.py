"""A large file of payments recorded while nobody waits for the answer: kept in pieces, read as a stream, and gone when
the job ends, however it ends."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from vestry.batches.reading import safe_name
from vestry.batches.tables import Style
from vestry.cohorts.payments.models import PaymentFilePart
from vestry.cohorts.payments.service import PERMISSION
from vestry.cohorts.uploads import service
from vestry.cohorts.uploads.checking import Checked, digest_of
from vestry.companies.models import Company
from vestry.core import clock, outbox
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, Unavailable, VestryError
from vestry.core.model import table_of
from vestry.core.running import Kind, Running, Superseded
from vestry.identity.access import find, require

RECORD: Final = "cohorts.upload"
PIECE_BYTES: Final = 4_194_304
PART: Final = table_of(PaymentFilePart)
_NOTES: Final = {"checked": "rows read", "recorded": "rows written"}


class PaymentFileGone(Conflict):
    """The job ended before, and its file went with it."""


def ask(
    session: Session, actor: Actor, company_id: int, file: IO[bytes], filename: str | None, options: service.Options
) -> outbox.Job:
    """Have a file recorded by a job, which has the asker's rights when it runs. The same file again is refused."""
    require(actor, PERMISSION)
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    _tidy(session, actor, company.id)
    service.refuse_same_file(session, company.id, digest_of(file)[0])
    name, style = safe_name(filename), options.style
    payload = {
        "company_id": company.id,
        "filename": name,
        "mapping": None if options.mapping is None else dict(options.mapping),
        "style": None if style is None else {one: getattr(style, one) for one in style.__slots__},
    }
    job = outbox.ask(session, RECORD, payload, title=f"Payments {name}")
    file.seek(0)
    own = {"firm_id": actor.firm_id, "company_id": company.id, "job_id": job.id}
    place = 0
    while content := file.read(PIECE_BYTES):
        session.connection().execute(insert(PART), [own | {"place": place, "content": content}])
        place += 1
    return job


def _tidy(session: Session, actor: Actor, company_id: int) -> None:
    """Drop what belongs to jobs that somebody stopped before they began, or that were given up."""
    still = select(outbox.Job.id).where(outbox.Job.firm_id == actor.firm_id, outbox.Job.state.in_(outbox.OPEN))
    session.connection().execute(delete(PART).where(PART.c.company_id == company_id, PART.c.job_id.not_in(still)))


def _record(running: Running) -> None:
    """Read the file beside the books, then record it and end the job in one transaction."""
    try:
        with tempfile.TemporaryDirectory(prefix="vestry-payments-") as folder, tempfile.TemporaryFile() as file:
            _fetch(running, file)
            _record_file(running, file, Path(folder))
    except Superseded:
        raise  # another try needs the file
    except VestryError as error:
        if not isinstance(error, Unavailable):
            _drop(running)
        raise


def _fetch(running: Running, file: IO[bytes]) -> None:
    with running.reading() as session:
        places = session.scalars(select(PART.c.place).where(PART.c.job_id == running.job_id).order_by(PART.c.place))
        for place in list(places):
            content = select(PART.c.content).where(PART.c.job_id == running.job_id, PART.c.place == place)
            file.write(session.scalars(content).one())
    if not file.tell():
        raise PaymentFileGone("The file went when the job ended.", mend="Upload it again.")


def _record_file(running: Running, file: IO[bytes], folder: Path) -> None:
    payload, size = running.payload, file.tell()
    file.seek(0)
    style = payload["style"]
    options = service.Options(payload["mapping"], None if style is None else Style(**style))

    def progress(phase: str, rows: int) -> None:
        at = file.tell()  # while it is read, how many rows there will be is known by where the reading is
        total = max(rows, rows * size // at) if phase == "checked" and at else rows_in_all
        running.progress(_NOTES[phase], rows, total)

    rows_in_all = 0
    with running.reading() as session:  # and no longer: reading the file may take minutes
        currency = find(session, running.actor, Company, payload["company_id"], noun="company").currency
        today = clock.today(session)
    looked = service.look(currency, today, file, payload["filename"], folder, options, progress)
    rows_in_all = looked.rows
    if looked.bad:
        raise _told(looked)
    result: dict[str, Any] = {"company_id": payload["company_id"]}
    with running.finish(result) as session:
        made = service.record(session, running.actor, payload["company_id"], payload["filename"], looked, progress)
        session.connection().execute(delete(PART).where(PART.c.job_id == running.job_id))
        result |= {"upload_id": made.id, "rows": made.row_count}


def _told(looked: Checked) -> Invalid:
    """What is wrong with the first rows; all of it, as a file, is what the check of an upload answers."""
    first = "; ".join(f"row {one.row}, {one.column}: {one.message}" for one in looked.faults[:5])
    return Invalid(f"{looked.bad:,} of {looked.rows:,} rows are wrong; nothing was recorded. {first}.")


def _drop(running: Running) -> None:
    with running.database.transaction(running.actor) as session:
        session.connection().execute(delete(PART).where(PART.c.job_id == running.job_id))


KINDS = (Kind(RECORD, _record, operation=PERMISSION),)
