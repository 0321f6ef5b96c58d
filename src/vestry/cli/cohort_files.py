"""``vestry cohorts …``: payments from a file, the cohort table, and the cash flows."""

from __future__ import annotations

import io
import sys
from argparse import Namespace
from pathlib import Path

from sqlalchemy.orm import Session

from vestry.batches.tables import Style
from vestry.cli import local
from vestry.cohorts.cashflows import figures, tables
from vestry.cohorts.cashflows.books import books_of
from vestry.cohorts.payments.parquet import write_payments
from vestry.cohorts.rounds.dated import moved_of
from vestry.cohorts.uploads import service
from vestry.cohorts.uploads.checking import UploadHasErrors
from vestry.companies.models import Company
from vestry.companies.queries import company_named
from vestry.core import encoding, trail
from vestry.core.actor import Actor
from vestry.core.errors import Invalid, NotFound
from vestry.core.http import files
from vestry.identity.access import visible

STYLE = ("date_format", "decimal", "thousands", "delimiter", "encoding", "sheet")


def upload(arguments: Namespace) -> int:
    """Record every payment of a file, or none when a row is wrong."""
    path = Path(arguments.file)
    if not path.is_file():
        raise NotFound(f"file {path}")
    with local.opened() as database:
        actor = local.local_actor(database)
        try:
            with database.transaction(actor) as session, path.open("rb") as file:
                company_id = company_of(session, actor, arguments.company)
                made = service.upload(session, actor, company_id, file, path.name, _options(arguments), _progress)
                receipt = dict(made.receipt)
        except UploadHasErrors as error:
            return _print_errors(error)
    print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in receipt.items() if value is not None))
    return 0


def table(arguments: Namespace) -> int:
    """Print the cohort table as CSV, or write it to a file (.csv or .xlsx)."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            company_id = company_of(session, actor, arguments.company)
            made = tables.table(books_of(session, actor, company_id), arguments.show)
        heading, rows = tables.headings(made), tables.rows(made)
        if arguments.output is None:
            printed = io.BytesIO()
            files.write_csv(printed, "cohorts", heading, rows)
            print(printed.getvalue().decode(), end="")
            return 0
        target = Path(arguments.output)
        if target.suffix not in (".csv", ".xlsx"):
            raise Invalid(f"{target.name} is neither a .csv nor a .xlsx file.", mend="Name one of them.")
        database.witness(actor, trail.Event("export", "company", company_id, note=target.name))
        with target.open("wb") as out:
            (files.write_xlsx if target.suffix == ".xlsx" else files.write_csv)(out, "cohorts", heading, rows)
    return 0


def cashflows(arguments: Namespace) -> int:
    """Print the cash flows as the API answers them."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            books = books_of(session, actor, company_of(session, actor, arguments.company))
            moved = moved_of(session, actor, books.company, as_of=None, known_at=None)
            print(encoding.dumps(figures.shown(books, figures.computed(books), moved)).decode())
    return 0


def payments(arguments: Namespace) -> int:
    """Write the payments of companies to Parquet files of a folder."""
    folder = Path(arguments.folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is there and not an empty folder.", mend="Name a new folder.")
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            given = arguments.company or map(
                str, session.scalars(visible(actor, Company).with_only_columns(Company.id))
            )
            for company_id in dict.fromkeys(company_of(session, actor, one) for one in given):
                database.witness(actor, trail.Event("export", "company", company_id, note=folder.name))
                count = write_payments(session, actor, company_id, folder)
                print(f"company {company_id}: {count:,} payments")
    return 0


def company_of(session: Session, actor: Actor, given: str) -> int:
    """The id of a company that is named by its id or its name."""
    if given.isascii() and given.isdecimal() and len(given) < 19:
        found = session.scalar(visible(actor, Company).with_only_columns(Company.id).where(Company.id == int(given)))
    else:
        company = company_named(session, actor, given)
        found = None if company is None else company.id
    if found is None:
        raise NotFound(f"company {given!r}")
    return found


def _options(arguments: Namespace) -> service.Options:
    mapping = {}
    for pair in arguments.map or []:
        column, equals, field = pair.rpartition("=")
        if not equals:
            raise Invalid(f"--map {pair} is not COLUMN=FIELD.")
        mapping[field] = column
    said = {name: value for name in STYLE if (value := getattr(arguments, name)) is not None}
    return service.Options(mapping, Style(**said))


def _progress(what: str, done: int) -> None:
    if sys.stderr.isatty():
        print(f"{what} {done:,} rows", end="\r", file=sys.stderr, flush=True)


def _print_errors(error: UploadHasErrors) -> int:
    print(f"vestry: {error.message}", file=sys.stderr)
    for one in error.every:
        value = "" if one.value is None else f" {one.value!r}"
        print(f"  row {one.row}, {one.column or 'row'}:{value} {one.message}", file=sys.stderr)
    print(f"  {error.mend}", file=sys.stderr)
    return 1
