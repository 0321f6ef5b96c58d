"""A file of payments: checked, recorded whole or not at all, and taken back whole."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import polars as pl
from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from vestry.batches.reading import safe_name
from vestry.batches.tables import Style, fault
from vestry.cohorts.cashflows.books import refuse_beyond_reach
from vestry.cohorts.months import month_of
from vestry.cohorts.payments import customers, rollup
from vestry.cohorts.payments.customers import CUSTOMER, MOVE, move_staged
from vestry.cohorts.payments.models import PaymentEntry
from vestry.cohorts.payments.rollup import PAYMENT, Changes
from vestry.cohorts.payments.service import PERMISSION, enter
from vestry.cohorts.uploads import recording
from vestry.cohorts.uploads.checking import Checked, Progress, check, leave_out
from vestry.companies.models import Company
from vestry.core import bulk, clock, trail
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.identity.access import find, require

IDS_AT_ONCE = 200_000


class FileUploadedBefore(Conflict):
    """The same bytes were recorded for the company and are still in the books."""


class NoNewPayments(Conflict):
    """Every row is recorded already."""


class UploadNotUndoable(Conflict):
    """Only an upload that was not undone yet can be undone."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read: field → column, and how it writes days and numbers."""

    mapping: Mapping[str, str] | None = None
    style: Style | None = None


def upload(
    session: Session,
    actor: Actor,
    company_id: int,
    file: IO[bytes],
    filename: str | None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> PaymentEntry:
    """Record every payment of a file, or none when a row is wrong. A payment that is recorded already stays out."""
    require(actor, PERMISSION)
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    name = safe_name(filename)
    with tempfile.TemporaryDirectory(prefix="vestry-payments-") as folder:
        checked = look(company.currency, clock.today(session), file, name, Path(folder), options, progress)
        return _record(session, actor, company, name, checked, progress)


def look(
    currency: str,
    today: date,
    file: IO[bytes],
    name: str,
    folder: Path,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Checked:
    """A file looked at whole, by itself."""
    chosen = options or Options()
    return check(
        file,
        name,
        currency=currency,
        today=today,
        folder=folder,
        mapping=chosen.mapping,
        style=chosen.style,
        progress=progress,
    )


def record(
    session: Session, actor: Actor, company_id: int, name: str, checked: Checked, progress: Progress | None = None
) -> PaymentEntry:
    """Record a file that was looked at before the transaction began."""
    require(actor, PERMISSION)
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    return _record(session, actor, company, name, checked, progress)


def _record(
    session: Session, actor: Actor, company: Company, name: str, checked: Checked, progress: Progress | None
) -> PaymentEntry:
    duplicates = _beside_the_books(session, company, checked)
    checked.refuse_if_bad()
    count = checked.rows - duplicates
    if not count:
        raise NoNewPayments(f"All {checked.rows:,} rows are recorded already.", mend="There is nothing to do.")
    first = customers.next_id(session, PAYMENT, company.id)
    entry = enter(
        session,
        actor,
        company.id,
        "upload",
        filename=name,
        content_sha256=checked.sha256,
        byte_count=checked.byte_count,
        first_id=first,
        last_id=first + count - 1,
        row_count=count,
        mapping=checked.mapping,
    )
    changes = Changes()
    told = recording.record(session, actor, entry, checked, changes, progress)
    entry.receipt = _receipt(checked, count, duplicates) | told
    rollup.add(session, actor.firm_id, company.id, changes.cells())
    refuse_beyond_reach(session, actor, company)
    told_of = {"company_id": company.id, "sha256": entry.content_sha256, "first_id": first, "last_id": entry.last_id}
    trail.tell(session, trail.Event("import", "payment_entry", entry.id, after=told_of, rows=count))
    return entry


def looked_at(
    session: Session,
    company: Company,
    file: IO[bytes],
    name: str,
    folder: Path,
    options: Options | None = None,
    progress: Progress | None = None,
) -> tuple[Checked, int]:
    """A file looked at whole, beside what is recorded; and how many of its rows are recorded already."""
    checked = look(company.currency, clock.today(session), file, name, folder, options, progress)
    return checked, _beside_the_books(session, company, checked)


def _beside_the_books(session: Session, company: Company, checked: Checked) -> int:
    """Leave out what is recorded already; returns how many rows. The same file again is refused."""
    refuse_same_file(session, company.id, checked.sha256)
    _leave_out_recorded(session, company.id, checked)
    if checked.bad or not checked.references:
        return 0
    return checked.rows - sum(part.height for part in checked.read())


def undo(session: Session, actor: Actor, company_id: int, entry_id: int, *, reason: str) -> PaymentEntry:
    """Take every payment of an upload back; what was known before stays known."""
    require(actor, PERMISSION)
    company = find(session, actor, Company, company_id, noun="upload", lock=True)
    uploaded = session.get(PaymentEntry, entry_id)
    if uploaded is None or uploaded.company_id != company_id or uploaded.kind != "upload":
        raise NotFound("upload")
    if uploaded.undone_by is not None:
        raise UploadNotUndoable("The upload was undone already.", mend="There is nothing to do.")
    assert uploaded.first_id is not None
    assert uploaded.last_id is not None
    entry = enter(session, actor, company_id, "undo", reason=reason, row_count=uploaded.row_count)
    uploaded.undone_by = entry.id
    connection = session.connection()
    for start in range(uploaded.first_id, uploaded.last_id + 1, IDS_AT_ONCE):
        end = min(start + IDS_AT_ONCE, uploaded.last_id + 1)
        connection.execute(
            update(PAYMENT)
            .where(
                PAYMENT.c.company_id == company_id,
                PAYMENT.c.id >= start,
                PAYMENT.c.id < end,
                PAYMENT.c.ended_by.is_(None),
            )
            .values(ended_by=entry.id)
        )
    _find_cohorts_again(session, actor, entry)
    rollup.replace(session, actor.firm_id, company_id)
    refuse_beyond_reach(session, actor, company)
    return uploaded


def _receipt(checked: Checked, count: int, duplicates: int) -> dict[str, Any]:
    first, last = checked.days or (None, None)
    return {
        "rows": count,
        "already_recorded": duplicates,
        "first_on": None if first is None else first.isoformat(),
        "last_on": None if last is None else last.isoformat(),
    }


def refuse_same_file(session: Session, company_id: int, digest: str) -> None:
    """Refuse bytes that are recorded for the company and were not undone."""
    same = select(PaymentEntry.id).where(
        PaymentEntry.company_id == company_id,
        PaymentEntry.content_sha256 == digest,
        PaymentEntry.undone_by.is_(None),
    )
    found = session.scalar(same)
    if found is not None:
        raise FileUploadedBefore(
            f"This file was recorded before, as upload {found}.", field="file", mend="Undo that upload first."
        )


def _leave_out_recorded(session: Session, company_id: int, checked: Checked) -> None:
    """Leave out the rows whose reference id is recorded; another payment under the same id is a fault."""
    if not checked.references or checked.bad:
        return
    any_there = select(PAYMENT.c.id).where(
        PAYMENT.c.company_id == company_id, PAYMENT.c.reference.is_not(None), PAYMENT.c.ended_by.is_(None)
    )
    if session.scalar(any_there.limit(1)) is None:
        return
    same: list[int] = []
    for part in checked.read():
        known = part.filter(pl.col("reference").is_not_null()).join(checked.customers, on="code", maintain_order="left")
        with bulk.staged(session, known) as stage:
            if not stage.height:
                continue
            at = stage.table.c
            query = (
                select(
                    at.row,
                    at.reference,
                    PAYMENT.c.id,
                    and_(
                        PAYMENT.c.paid_on == at.paid_on,
                        PAYMENT.c.units == at.units,
                        CUSTOMER.c.reference == at.customer,
                    ),
                )
                .join(
                    PAYMENT,
                    and_(
                        PAYMENT.c.company_id == company_id,
                        PAYMENT.c.reference == at.reference,
                        PAYMENT.c.reference.is_not(None),
                        PAYMENT.c.ended_by.is_(None),
                    ),
                )
                .join(CUSTOMER, and_(CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == PAYMENT.c.customer_id))
                .order_by(at.row)
            )
            for row, reference, payment_id, is_same in session.execute(query):
                if is_same:
                    same.append(row)
                    continue
                column = checked.mapping["reference_id"]
                checked.add_faults([fault(row, column, reference, f"is the id of payment {payment_id}")], 1)
    leave_out(checked, pl.Series(same, dtype=pl.Int64))


def _find_cohorts_again(session: Session, actor: Actor, entry: PaymentEntry) -> None:
    """The cohort of every customer from the payments that are left, where it is another now."""
    company_id = entry.company_id
    firsts = (
        select(PAYMENT.c.customer_id, func.min(month_of(PAYMENT.c.paid_on)).label("first"))
        .where(PAYMENT.c.company_id == company_id, PAYMENT.c.ended_by.is_(None))
        .group_by(PAYMENT.c.customer_id)
        .subquery("firsts")
    )
    query = (
        select(CUSTOMER.c.id, CUSTOMER.c.first_month, firsts.c.first)
        .outerjoin(firsts, firsts.c.customer_id == CUSTOMER.c.id)
        .where(CUSTOMER.c.company_id == company_id, CUSTOMER.c.first_month.is_distinct_from(firsts.c.first))
    )
    schema = {"number": pl.Int64, "was": pl.Int64, "becomes": pl.Int64}
    moves = pl.DataFrame(list(map(tuple, session.execute(query))), schema=schema, orient="row")
    if moves.is_empty():
        return
    connection = session.connection()
    with bulk.staged(session, moves) as stage:
        move_staged(session, company_id, stage.table)
    told = {"firm_id": actor.firm_id, "company_id": company_id, "entry_id": entry.id}
    connection.execute(
        insert(MOVE),
        [
            told | {"customer_id": number, "from_month": was, "to_month": becomes}
            for number, was, becomes in moves.iter_rows()
        ],
    )
