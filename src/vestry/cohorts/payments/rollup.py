"""The monthly rollup: sums and counts by cohort and period, changed with the payments, and counted again from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, FromClause, bindparam, cast, delete, func, insert, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vestry.cohorts.months import month_of
from vestry.cohorts.payments.models import (
    CohortRollup,
    CustomerPayment,
    PaymentEntry,
    ReplacedPayment,
)
from vestry.core.kept import Kept
from vestry.core.model import table_of
from vestry.core.statements import Rows
from vestry.kernel.cohorts.months import Ints

ROLLUP = table_of(CohortRollup)
PAYMENT = table_of(CustomerPayment)
REPLACED = table_of(ReplacedPayment)
ENTRY = table_of(PaymentEntry)
_AT_ONCE = 1_000
_CELLS = Rows(
    select(*(ROLLUP.c[name] for name in ("cohort_month", "period", "units", "payments", "customers")))
    .where(ROLLUP.c.company_id == bindparam("company", type_=BigInteger))
    .order_by(ROLLUP.c.cohort_month, ROLLUP.c.period)
)
# The newest act that recorded, corrected or took back payments: whoever enters one has locked the company.
_NEWEST = Rows(select(func.max(ENTRY.c.id)).where(ENTRY.c.company_id == bindparam("company", type_=BigInteger)))


class Cell(NamedTuple):
    """Of one cohort month (counted) and period: the sum in units, how many payments, and in period 0 the customers."""

    cohort_month: int
    period: int
    units: int
    payments: int
    customers: int


class Changes:
    """What a change of payments adds to the cells, gathered before it is written."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])

    def payments(self, cohort: int, month: int, units: int, count: int = 1) -> None:
        """Payments of a cohort in a month (less, where the count is negative)."""
        cell = self._cells[cohort, month - cohort]
        cell[0] += units
        cell[1] += count

    def customers(self, cohort: int, count: int) -> None:
        """Customers who joined a cohort, or left it."""
        self._cells[cohort, 0][2] += count

    def cells(self) -> list[Cell]:
        """The changes by cell, without those that come to nothing."""
        return [Cell(*place, *cell) for place, cell in sorted(self._cells.items()) if any(cell)]


def read(session: Session, company_id: int) -> list[Cell]:
    """The cells of now."""
    return list(map(Cell._make, rows(session, company_id)))


def rows(session: Session, company_id: int) -> list[tuple[int, ...]]:
    """The same as plain tuples, by cohort month and period."""
    return _CELLS.of(session, company=company_id)


def columns(session: Session, company_id: int) -> Ints:
    """The same with the fields of a cell as rows, to be read only.

    They change with the company's acts alone, so where nothing is written they are read once after each of them.
    """
    kept: Kept | None = session.info.get("sums")
    if kept is None or not session.info["actor"].sees.whole:
        return columned(rows(session, company_id))
    newest = _NEWEST.of(session, company=company_id)[0]
    found = kept.get(("rollup", company_id), newest)
    if found is None:
        found = columned(rows(session, company_id)).tobytes()
        kept.keep(("rollup", company_id), newest, found)
    return np.frombuffer(found, dtype=np.int64).reshape(len(Cell._fields), -1)


def columned(cells: Sequence[tuple[int, ...]]) -> Ints:
    """Shape (fields of a cell, cells)."""
    width = len(Cell._fields)
    return np.fromiter(chain.from_iterable(cells), dtype=np.int64, count=len(cells) * width).reshape(-1, width).T


def add(session: Session, firm_id: int, company_id: int, cells: Iterable[Cell]) -> None:
    """Add to the cells; one in which no payment is left goes away."""
    rows = [{"firm_id": firm_id, "company_id": company_id, **cell._asdict()} for cell in cells]
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    new = dialect.insert(ROLLUP)
    summed = {name: ROLLUP.c[name] + new.excluded[name] for name in ("units", "payments", "customers")}
    statement = new.on_conflict_do_update(index_elements=list(ROLLUP.primary_key.columns), set_=summed)
    connection = session.connection()
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[start : start + _AT_ONCE])
    connection.execute(
        delete(ROLLUP).where(ROLLUP.c.company_id == company_id, ROLLUP.c.payments == 0, ROLLUP.c.customers == 0)
    )


def replace(session: Session, firm_id: int, company_id: int) -> None:
    """Count the company again from its payments and keep that."""
    cells = recount(session, company_id)
    connection = session.connection()
    connection.execute(delete(ROLLUP).where(ROLLUP.c.company_id == company_id))
    if cells:
        same: Mapping[str, Any] = {"firm_id": firm_id, "company_id": company_id}
        connection.execute(insert(ROLLUP), [{**same, **cell._asdict()} for cell in cells])


def recount(
    session: Session, company_id: int, *, as_of: date | None = None, known_at: datetime | None = None
) -> list[Cell]:
    """The cells from the payments themselves, cohorts too: up to a day, as they were known at an instant."""
    live = known_payments(company_id, known_at)
    month = month_of(live.c.paid_on)
    # A window, not a join with each customer's first month: PostgreSQL has no figures about either side of such a join
    # and may compare every payment with every customer.
    first = func.min(month).over(partition_by=live.c.customer_id).label("first")
    monthly = select(live.c.customer_id, first, month.label("month"), live.c.units)
    if as_of is not None:
        monthly = monthly.where(live.c.paid_on <= as_of)
    paid = monthly.subquery("paid")
    period = (paid.c.month - paid.c.first).label("period")
    sums = (
        select(paid.c.first, period, cast(func.sum(paid.c.units), BigInteger), func.count())
        .group_by(paid.c.first, period)
        .order_by(paid.c.first, period)
    )
    sizes = select(paid.c.first, func.count(paid.c.customer_id.distinct())).group_by(paid.c.first)
    customers = {(first, 0): count for first, count in session.execute(sizes)}
    return [
        Cell(cohort, at, units, payments, customers.get((cohort, at), 0))
        for cohort, at, units, payments in session.execute(sums)
    ]


def verify(session: Session, firm_id: int) -> tuple[int, list[str]]:
    """Count every company of a firm again; how many have payments, and which of them are kept wrong."""
    companies = select(ENTRY.c.company_id).where(ENTRY.c.firm_id == firm_id).distinct().order_by(ENTRY.c.company_id)
    found = list(session.scalars(companies))
    wrong = [
        f"company {company_id}: its cohorts differ from its payments"
        for company_id in found
        if read(session, company_id) != recount(session, company_id)
    ]
    return len(found), wrong


def known_payments(company_id: int, known_at: datetime | None) -> FromClause:
    """The payments of a company as they were known at an instant (None: now), those taken back left out."""
    names = ("id", "customer_id", "paid_on", "units", "entry_id", "reference")
    current = select(*(PAYMENT.c[name] for name in names)).where(PAYMENT.c.company_id == company_id)
    if known_at is None:
        return current.where(PAYMENT.c.ended_by.is_(None)).subquery("known")
    earlier = (
        select(ENTRY.c.id).where(ENTRY.c.company_id == company_id, ENTRY.c.recorded_at <= known_at).scalar_subquery()
    )
    current = current.where(
        PAYMENT.c.entry_id.in_(earlier), or_(PAYMENT.c.ended_by.is_(None), PAYMENT.c.ended_by.not_in(earlier))
    )
    replaced = select(*(REPLACED.c[name] for name in names)).where(
        REPLACED.c.company_id == company_id,
        REPLACED.c.entry_id.in_(earlier),
        REPLACED.c.ended_by.not_in(earlier),
    )
    return union_all(current, replaced).subquery("known")
