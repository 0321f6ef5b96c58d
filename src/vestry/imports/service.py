"""A file's way into the ledger: received, mapped, checked, committed as a whole, and undone as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vestry.batches import reading
from vestry.batches.columns import Reader
from vestry.batches.models import ImportBatch, ImportFile
from vestry.batches.tables import FAULTS_MAX, Style, Table, refuse_empty
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault, Invalid
from vestry.core.four_eyes import waits_for_approval
from vestry.identity.access import find, require, visible
from vestry.imports import flows, ledger, summary
from vestry.imports.kinds import DUPLICATE, ERROR, NEW, Checked, Kind, Options, Progress, suggest

KINDS: Final[Mapping[str, Kind]] = {"flows": flows.KIND, "ledger": ledger.KIND, "summary": summary.KIND}


REMEMBERED_BYTES_MAX = 16_777_216
_AT_HAND = "files_at_hand"  # in a session's info: batch id → the bytes received in this transaction


class FileImportedBefore(Conflict):
    """The same bytes were committed already and are still in the books."""

    def __init__(self, message: str, *, by: str = "say that you mean it") -> None:
        """``by``: how the door it came through is told to take the file all the same."""
        super().__init__(
            message, field="file", mend=f"Undo that import first, or {by}: rows that are recorded already stay out."
        )


class ImportHasErrors(Invalid):
    """At least one row is wrong, so none is recorded. ``every`` has all faults, ``faults`` as many as answers bear."""

    def __init__(self, message: str, every: list[Fault]) -> None:
        super().__init__(
            message,
            mend="Correct the rows named under errors and upload the file again.",
            faults=every[:FAULTS_MAX],
        )
        self.every = every


class NothingNew(Conflict):
    """Every row is recorded already."""


class ImportNotOpen(Conflict):
    """The import was committed, undone or discarded already."""


class ColumnsMissing(Invalid):
    """A field that every row needs has no column."""


def quiet(what: str, done: int, total: int) -> None:
    """Tell nobody of the progress."""


def receive(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    filename: str | None,
    content: bytes,
    options: Options | None = None,
    again: bool = False,
    keep: bool = True,
) -> ImportBatch:
    """Take a file in and suggest its mapping. ``again`` takes a file whose bytes were committed before.

    ``keep`` stores the bytes for the transactions to come, until the import is committed or discarded; a caller that
    commits in this very transaction need not store them first.
    """
    require(actor, "import.change")
    chosen = options or Options()
    name = reading.safe_name(filename)
    digest = hashlib.sha256(content).hexdigest()
    earlier = same_file(session, actor, digest)
    if earlier is not None and not again:
        raise FileImportedBefore(f"This file was imported before, as import {earlier.id} ({earlier.filename}).")
    tables = _tables(kind, content, name, chosen)
    fields = KINDS[kind].fields
    batch = ImportBatch(
        firm_id=actor.firm_id,
        kind=kind,
        filename=name,
        content_sha256=digest,
        byte_count=len(content),
        status="uploaded",
        mapping=_settings(tables, suggest(fields, tables[0].frame.columns), chosen),
        receipt={},
        row_count=sum(table.frame.height for table in tables),
        created_by=actor.user_id,
        created_at=session.info["now"],
    )
    session.add(batch)
    session.flush()
    session.info.setdefault(_AT_HAND, {})[batch.id] = content
    if keep:
        session.add(ImportFile(firm_id=actor.firm_id, batch_id=batch.id, content=content))
        session.flush()
    return batch


def set_mapping(
    session: Session, actor: Actor, batch_id: int, *, mapping: Mapping[str, str], options: Options | None
) -> ImportBatch:
    """Say which column is which field, and how the file is written; options left out stay as they are."""
    require(actor, "import.change")
    batch = _open_batch(session, actor, batch_id)
    chosen = options or options_of(batch)
    tables = _tables(batch.kind, _content(session, batch), batch.filename, chosen)
    known = {field.name for field in KINDS[batch.kind].fields}
    columns = tables[0].frame.columns
    for field, column in mapping.items():
        if field not in known:
            raise Invalid(
                f"There is no field {field!r}.", field=f"mapping.{field}", mend=f"One of: {', '.join(known)}."
            )
        if column not in columns:
            raise Invalid(f"The file has no column {column!r}.", field=f"mapping.{field}")
    batch.mapping = _settings(tables, dict(mapping), chosen)
    session.flush()
    return batch


def check(session: Session, actor: Actor, batch_id: int) -> tuple[ImportBatch, Checked]:
    """Every row of a batch and what would become of it."""
    require(actor, "import.read")
    batch = find(session, actor, ImportBatch, batch_id, noun="import")
    if batch.status != "uploaded":
        raise ImportNotOpen(f"The import is {batch.status}.", mend="Its receipt says what it brought in.")
    return batch, _check(session, actor, batch)


@waits_for_approval("commit_import", "capital_call", "distribution", "mark")
def commit(session: Session, actor: Actor, batch_id: int, progress: Progress = quiet) -> ImportBatch:
    """Record all new rows, or none when one is wrong."""
    require(actor, "import.change")
    batch = _open_batch(session, actor, batch_id)
    checked = _check(session, actor, batch)
    counts = checked.counts()
    progress("checked", batch.row_count, batch.row_count)
    if counts[ERROR]:
        raise ImportHasErrors(
            f"{counts[ERROR]:,} of {batch.row_count:,} rows are wrong; nothing was recorded.", checked.faults
        )
    if not counts[NEW]:
        raise NothingNew(f"All {counts[DUPLICATE]:,} rows are recorded already.", mend="There is nothing to do.")
    receipt = KINDS[batch.kind].write(session, actor, batch.id, checked, progress)
    skipped = {"already_recorded": counts[DUPLICATE]} if counts[DUPLICATE] else {}
    notes = {"notes": " ".join(checked.notes)} if checked.notes else {}
    batch.receipt = {"rows": counts[NEW], **skipped, **receipt, **notes}
    batch.status = "committed"
    batch.committed_at = session.info["now"]
    _forget(session, batch)
    return batch


def discard(session: Session, actor: Actor, batch_id: int) -> None:
    """Drop a file that was not committed; that it was there stays known."""
    require(actor, "import.change")
    batch = _open_batch(session, actor, batch_id)
    batch.status = "discarded"
    _forget(session, batch)


def same_file(session: Session, actor: Actor, digest: str, *, but: int | None = None) -> ImportBatch | None:
    """The committed import of the same bytes."""
    query = visible(actor, ImportBatch).where(
        ImportBatch.content_sha256 == digest, ImportBatch.status == "committed", ImportBatch.id != (but or 0)
    )
    return session.scalars(query.order_by(ImportBatch.id.desc()).limit(1)).one_or_none()


def options_of(batch: ImportBatch) -> Options:
    """The options a batch was left with."""
    return options_from(batch.mapping)


def options_from(mapping: Mapping[str, Any]) -> Options:
    """The options kept with a batch's mapping."""
    kept = dict(mapping["options"])
    return Options(style=Style(**kept.pop("style")), **kept)


def _settings(tables: list[Table], mapping: dict[str, str], options: Options) -> dict[str, Any]:
    return {
        "columns": tables[0].frame.columns if len(tables) == 1 else [table.name for table in tables],
        "fields": mapping,
        "options": asdict(options),
        "found": tables[0].found,
    }


def _check(session: Session, actor: Actor, batch: ImportBatch) -> Checked:
    options = options_of(batch)
    kind = KINDS[batch.kind]
    mapping = batch.mapping["fields"]
    if not kind.several:
        given = {"fund": options.fund is not None}
        faults = tuple(
            Fault(f"mapping.{field.name}", f"no column of the file is {field.label.lower()}", "missing")
            for field in kind.fields
            if field.required and field.name not in mapping and not given.get(field.name)
        )
        if faults:
            raise ColumnsMissing(
                f"The file has no column for: {', '.join(one.path.removeprefix('mapping.') for one in faults)}.",
                mend="Say which column it is (mapping), or give the file one.",
                faults=faults,
            )
    tables = _tables(batch.kind, _content(session, batch), batch.filename, options)
    return kind.check(session, actor, tables, mapping, options)


def _tables(kind: str, content: bytes, filename: str, options: Options) -> list[Table]:
    if kind not in KINDS:
        raise Invalid(f"There is no kind of import {kind!r}.", field="kind", mend=f"One of: {', '.join(KINDS)}.")
    several = KINDS[kind].several
    read = reading.read if len(content) > REMEMBERED_BYTES_MAX else _read
    tables = read(content, filename, options.style, several=several)
    Reader(tables[0], {}, options.style)  # refuses a style that is not known
    if several:
        return tables
    written = [table for table in tables if not table.frame.is_empty()][:1] or tables[:1]
    refuse_empty(written[0].frame, "file")
    return written


@lru_cache(maxsize=2)
def _read(content: bytes, filename: str, style: Style, *, several: bool) -> list[Table]:
    """A file is looked at several times in a row: upload, previews, commit."""
    return reading.read(content, filename, style, several=several)


def forget_files() -> None:
    """Drop the files that are remembered between looks."""
    _read.cache_clear()


def _forget(session: Session, batch: ImportBatch) -> None:
    """The bytes have done their work; the batch keeps their hash."""
    session.flush()
    session.execute(delete(ImportFile).where(ImportFile.batch_id == batch.id))


def _content(session: Session, batch: ImportBatch) -> bytes:
    at_hand: bytes | None = session.info.get(_AT_HAND, {}).get(batch.id)
    if at_hand is not None:
        return at_hand
    return session.scalars(select(ImportFile.content).where(ImportFile.batch_id == batch.id)).one()


def _open_batch(session: Session, actor: Actor, batch_id: int) -> ImportBatch:
    batch = find(session, actor, ImportBatch, batch_id, noun="import", lock=True)
    refuse_unless_open(batch)
    return batch


def refuse_unless_open(batch: ImportBatch) -> None:
    """Refuse what was committed, undone or discarded."""
    if batch.status != "uploaded":
        raise ImportNotOpen(f"The import is {batch.status}.", mend="Upload the file again to import it once more.")
