"""``vestry import …``: a file is checked and shown, then recorded as a whole; and undone as a whole."""

from __future__ import annotations

import io
import sys
import zipfile
from argparse import Namespace
from pathlib import Path

from sqlalchemy.orm import Session

from vestry.batches.models import ImportBatch
from vestry.batches.tables import Style
from vestry.cli import local
from vestry.cli.database import FileExists
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.four_eyes import AwaitsApproval
from vestry.imports import exports, service, undo
from vestry.imports.kinds import ERROR, NEW, Checked, Options

STYLE = ("date_format", "decimal", "thousands", "delimiter", "encoding", "sheet")
SAMPLE = 5


def flows(arguments: Namespace) -> int:
    """Dated flows of funds."""
    return run("flows", arguments)


def ledger(arguments: Namespace) -> int:
    """A full ledger."""
    return run("ledger", arguments)


def summary(arguments: Namespace) -> int:
    """A summary of funds."""
    return run("summary", arguments)


def run(kind: str, arguments: Namespace) -> int:
    """Check a file, show what would become of it, ask, and record it."""
    path = Path(arguments.file)
    content = _content(path)
    with local.opened() as database:
        actor = local.local_actor(database)

        def take(session: Session, *, keep: bool) -> ImportBatch:
            options = _options(arguments)
            about = {"kind": kind, "filename": path.name, "content": content, "again": arguments.again}
            batch = service.receive(session, actor, options=options, keep=keep, **about)
            _map(session, actor, batch, arguments.map or [])
            return batch

        try:
            with database.transaction(actor) as session:
                batch = take(session, keep=False)
                if not arguments.yes and not _agreed(session, actor, batch):
                    raise _Declined
                done = service.commit(session, actor, batch.id, _progress)
        except AwaitsApproval:
            with database.transaction(actor) as session:  # the file has to be there when somebody approves
                kept = take(session, keep=True).id
            with database.transaction(actor) as session:
                done = service.commit(session, actor, kept)
        except _Declined:
            print("Nothing was recorded.")
            return 1
        except service.ImportHasErrors as error:
            return _print_errors(error)
        except service.FileImportedBefore as error:
            raise service.FileImportedBefore(error.message, by="add --again") from None
    print(f"Import {done.id}: {path.name} is recorded.")
    for name, value in done.receipt.items():
        print(f"  {_words(name)}: {value}")
    return 0


def take_back(arguments: Namespace) -> int:
    """Undo a committed import."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            batch = undo.undo(session, actor, arguments.id)
    print(f"Import {batch.id} ({batch.filename}) is undone.")
    return 0


def _content(path: Path) -> bytes:
    """A file's bytes; a folder of CSV files as a zip of them."""
    try:
        if not path.is_dir():
            return path.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
            for file in sorted(path.glob("*.csv")):
                package.write(file, file.name)
        return packed.getvalue()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None


class _Declined(Exception):
    """The person at the terminal said no."""


def _options(arguments: Namespace) -> Options:
    style = {name: value for name in STYLE if (value := getattr(arguments, name)) is not None}
    return Options(
        Style(**style),
        fund=arguments.fund,
        currency=arguments.currency,
        as_of=arguments.as_of,
        scale=arguments.scale,
    )


def _map(session: Session, actor: Actor, batch: ImportBatch, pairs: list[str]) -> None:
    if not pairs:
        return
    mapping = dict(batch.mapping["fields"])
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals:
            raise Invalid(f"--map {pair} is not COLUMN=FIELD.")
        mapping = {name: taken for name, taken in mapping.items() if taken != column} | {field: column}
    service.set_mapping(session, actor, batch.id, mapping=mapping, options=None)


def _agreed(session: Session, actor: Actor, batch: ImportBatch) -> bool:
    _, checked = service.check(session, actor, batch.id)
    counts = checked.counts()
    if counts[ERROR] or not counts[NEW]:
        return True  # the commit says what is wrong
    _show(batch, checked)
    return input(f"Record {counts[NEW]:,} rows? [y/N] ").strip().lower() in ("y", "yes")


def _show(batch: ImportBatch, checked: Checked) -> None:
    found = ", ".join(f"{name} {value!r}" for name, value in batch.mapping["found"].items())
    print(f"{batch.filename}: {batch.row_count:,} rows ({found})")
    for field, column in batch.mapping["fields"].items():
        print(f"  {column} → {field}")
    for row in checked.rows.head(SAMPLE).iter_rows(named=True):
        print("  " + " | ".join(str(value) for value in row.values()))
    counts = checked.counts()
    print(", ".join(f"{count:,} {state}" for state, count in counts.items()))
    for name, total in checked.totals.items():
        print(f"  {_words(name)} {total}")
    for note in checked.notes:
        print(f"  {note}")


def _print_errors(error: service.ImportHasErrors) -> int:
    print(f"vestry: {error.message}", file=sys.stderr)
    for one in error.every:
        value = "" if one.value is None else f" {one.value!r}"
        print(f"  row {one.row}, {one.column or 'row'}:{value} {one.message}", file=sys.stderr)
    print(f"  {error.mend}", file=sys.stderr)
    return 1


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty() or done >= total:
        end = "\n" if done >= total else "\r"
        print(f"{what} {done:,} of {total:,} rows", end=end, file=sys.stderr, flush=True)


def _words(name: str) -> str:
    return name.replace("_", " ")


def export(arguments: Namespace) -> int:
    """Write the whole ledger as a workbook, a zip, or a folder of CSV files."""
    target = Path(arguments.target)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise FileExists(f"{target} exists.", mend="Choose another name.")
    with local.opened() as database:
        actor = local.local_actor(database)
        database.witness(actor, trail.Event("export", "ledger", note=target.name))
        with database.reading(actor) as session:
            if target.suffix == ".xlsx":
                target.write_bytes(exports.workbook(session, actor))
            elif target.suffix == ".zip":
                target.write_bytes(exports.csv_zip(session, actor))
            else:
                target.mkdir(parents=True, exist_ok=True)
                for name, content in exports.csv_files(session, actor):
                    (target / name).write_bytes(content)
    print(f"Wrote {target}")
    return 0
