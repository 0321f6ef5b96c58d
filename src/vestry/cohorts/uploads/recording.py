"""Checked rows on their way into the books: customers first, then payments in bulk, then the rollup.

SQLite takes rows straight from the one library; PostgreSQL by binary COPY into a temporary table, as it copies into no
table with row-level security, and from there in one statement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import BigInteger, Index, cast, func, insert, select, text
from sqlalchemy.orm import Session

from vestry.cohorts.months import month_of
from vestry.cohorts.payments import customers
from vestry.cohorts.payments.customers import CUSTOMER, MOVE
from vestry.cohorts.payments.models import CohortCustomer, PaymentEntry
from vestry.cohorts.payments.rollup import PAYMENT, Changes
from vestry.cohorts.uploads.checking import Checked, Progress
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.model import table_of

_NONE = -1
FINDINGS_MAX = 1_000


def record(
    session: Session, actor: Actor, entry: PaymentEntry, checked: Checked, changes: Changes, progress: Progress | None
) -> dict[str, Any]:
    """Write every checked row; returns what became of the customers."""
    numbers, cohorts, told = _customers(session, actor, entry, checked, changes)
    done, first, odd = 0, entry.first_id, Odd()
    assert first is not None
    for part in checked.read():
        if part.is_empty():
            continue
        codes = part["code"].to_numpy()
        ids = np.arange(first + done, first + done + part.height)
        frame = part.select("paid_on", "units", "reference").with_columns(
            pl.Series("id", ids), pl.Series("customer_id", numbers[codes])
        )
        _write(session, actor, entry, frame)
        _sum_up(part, cohorts[codes], changes)
        odd.look(part, cohorts)
        done += part.height
        if progress:
            progress("recorded", done)
    return told | odd.told(checked)


def findings(session: Session, checked: Checked, company_id: int) -> dict[str, Any]:
    """What the file would be found to say otherwise than the books, before anything of it is recorded."""
    odd = Odd()
    if "cohort_month" not in checked.mapping or checked.bad:
        return {}
    cohorts = _cohorts(_known(session, checked, company_id)[1], checked.first_months)
    for part in checked.read():
        odd.look(part, cohorts)
    return odd.told(checked)


@dataclass(slots=True)
class Odd:
    """Rows whose cohort, as the file says it, is not the month of the customer's first payment, and who they are of."""

    rows: int = 0
    codes: set[int] = field(default_factory=set)

    def look(self, part: pl.DataFrame, cohorts: npt.NDArray[np.int64]) -> None:
        """Note the rows of a part; ``cohorts`` by code."""
        stated = pl.col("stated") != pl.Series(cohorts[part["code"].to_numpy()])
        differs = part.filter(stated.fill_null(False))
        self.rows += differs.height
        self.codes |= set(differs["code"].unique().to_list())

    def told(self, checked: Checked) -> dict[str, Any]:
        """As a receipt has it; nothing where there is nothing to tell."""
        if not self.rows:
            return {}
        names = checked.customers["customer"].gather(sorted(self.codes)[:FINDINGS_MAX]).to_list()
        found = {"rows": self.rows, "customers": names, "customer_count": len(self.codes)}
        return {"findings": {"other_cohort_month": found}}


def _cohorts(known: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The earlier of the month in the books and the first one of the file."""
    return np.where((known != _NONE) & (known < firsts), known, firsts)


def _customers(
    session: Session, actor: Actor, entry: PaymentEntry, checked: Checked, changes: Changes
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], dict[str, int]]:
    """Of each customer's code in the file: the number in the books, and the cohort; new ones are made, some moved."""
    firsts, company_id = checked.first_months, entry.company_id
    numbers, known = _known(session, checked, company_id)
    new = np.flatnonzero(numbers == _NONE)
    start = customers.next_id(session, CUSTOMER, company_id)
    numbers[new] = np.arange(start, start + len(new))
    made = pl.DataFrame(
        {"id": numbers[new], "reference": checked.customers["customer"].gather(new), "first_month": firsts[new]}
    )
    # Told by the upload's own event: a customer is no more than the id that the file has.
    with bulk.staged(session, made) as stage:
        if stage.height:
            values = [stage.table.c[name] for name in made.columns]
            same = {"firm_id": actor.firm_id, "company_id": company_id}
            rows = select(*values, *(text(str(value)) for value in same.values()))
            session.connection().execute(insert(table_of(CohortCustomer)).from_select([*made.columns, *same], rows))
    joined = pl.Series(firsts[new]).value_counts()
    for month, count in joined.iter_rows():
        changes.customers(month, count)
    moved = np.flatnonzero((numbers < start) & ((known == _NONE) | (firsts < known)))
    _move(session, actor, entry, numbers[moved], known[moved], firsts[moved], changes)
    return numbers, _cohorts(known, firsts), {"customers_new": len(new), "customers_moved": len(moved)}


def _known(session: Session, checked: Checked, company_id: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number and cohort in the books by code; −1 where there is none."""
    count = len(checked.customers)
    numbers, months = np.full(count, _NONE), np.full(count, _NONE)
    if customers.next_id(session, CUSTOMER, company_id) == 1:
        return numbers, months
    with bulk.staged(session, checked.customers) as stage:
        query = select(stage.table.c.code, CUSTOMER.c.id, CUSTOMER.c.first_month).join(
            CUSTOMER, (CUSTOMER.c.company_id == company_id) & (CUSTOMER.c.reference == stage.table.c.customer)
        )
        for code, number, month in session.execute(query):
            numbers[code], months[code] = number, _NONE if month is None else month
    return numbers, months


def _move(
    session: Session,
    actor: Actor,
    entry: PaymentEntry,
    numbers: npt.NDArray[np.int64],
    old: npt.NDArray[np.int64],
    new: npt.NDArray[np.int64],
    changes: Changes,
) -> None:
    """Customers whose first payment came with the file: what they paid before changes cohorts with them."""
    if not len(numbers):
        return
    moves = pl.DataFrame({"number": numbers, "was": old, "becomes": new})
    company_id, connection = entry.company_id, session.connection()
    with bulk.staged(session, moves) as stage:
        at, month = stage.table.c, month_of(PAYMENT.c.paid_on)
        # Payments have no index by customer, so they are gone through once and the moved ones looked up.
        Index(f"ix_{stage.table.name}", at.number).create(connection)
        paid = (
            select(at.was, at.becomes, month, cast(func.sum(PAYMENT.c.units), BigInteger), func.count())
            .join(PAYMENT, (PAYMENT.c.company_id == company_id) & (PAYMENT.c.customer_id == at.number))
            .where(PAYMENT.c.ended_by.is_(None))
            .group_by(at.was, at.becomes, month)
        )
        for was, becomes, paid_in, units, count in connection.execute(paid):
            changes.payments(was, paid_in, -units, -count)
            changes.payments(becomes, paid_in, units, count)
        customers.move_staged(session, company_id, stage.table)
    for was, count in moves.filter(pl.col("was") != _NONE)["was"].value_counts().iter_rows():
        changes.customers(was, -count)
    for becomes, count in moves["becomes"].value_counts().iter_rows():
        changes.customers(becomes, count)
    told = {"firm_id": actor.firm_id, "company_id": company_id, "entry_id": entry.id}
    rows = [
        told | {"customer_id": number, "from_month": None if was == _NONE else was, "to_month": becomes}
        for number, was, becomes in moves.iter_rows()
    ]
    connection.execute(insert(MOVE), rows)


def _sum_up(part: pl.DataFrame, cohorts: npt.NDArray[np.int64], changes: Changes) -> None:
    month = pl.col("paid_on").dt.year().cast(pl.Int64) * 12 + pl.col("paid_on").dt.month().cast(pl.Int64) - 1
    sums = (
        part.select(pl.Series("cohort", cohorts), month.alias("month"), pl.col("units").cast(pl.Int128))
        .group_by("cohort", "month")
        .agg(pl.col("units").sum(), pl.len())
    )
    for cohort, paid_in, units, count in sums.iter_rows():
        changes.payments(cohort, paid_in, int(units), count)


def _write(session: Session, actor: Actor, entry: PaymentEntry, frame: pl.DataFrame) -> None:
    driver: Any = session.connection().connection.driver_connection
    if session.get_bind().dialect.name == "sqlite":
        _execute_many(driver, actor, entry, frame)
    else:
        _copy(driver, actor, entry, frame)


def _execute_many(driver: Any, actor: Actor, entry: PaymentEntry, frame: pl.DataFrame) -> None:
    plain = frame.select("id", "customer_id", "paid_on", "units", "reference")
    if plain["reference"].null_count() == plain.height:
        plain = plain.drop("reference")
    same = f"{int(actor.firm_id)}, {int(entry.company_id)}, {int(entry.id)}, "
    into = f"INSERT INTO customer_payment (firm_id, company_id, entry_id, {', '.join(plain.columns)})"
    for chunk in plain.iter_slices(bulk.CHUNK_ROWS):
        bulk.execute_many(driver, into, chunk, same)


def _copy(driver: Any, actor: Actor, entry: PaymentEntry, frame: pl.DataFrame) -> None:
    referenced = frame["reference"].null_count() < frame.height
    kinds = "id bigint, customer_id bigint, paid_on date, units bigint" + (", reference text" if referenced else "")
    names = "id, customer_id, paid_on, units" + (", reference" if referenced else "")
    same = f"{int(actor.firm_id)}, {int(entry.company_id)}, {int(entry.id)}"
    plain = frame.select(names.split(", "))
    with driver.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS payments_in ({kinds}) ON COMMIT DROP")
        bulk.copy_rows(driver, f"payments_in ({names})", plain)
        # Nothing of the file stands in the words: column names of ours, and numbers.
        cursor.execute(
            f"INSERT INTO customer_payment (firm_id, company_id, entry_id, {names}) SELECT {same}, {names} "  # noqa: S608
            "FROM payments_in"
        )
        cursor.execute("DROP TABLE payments_in")
