"""Which customer a payment is of, and which cohort the customer belongs to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.orm import Session

from vestry.cohorts.months import month_of
from vestry.cohorts.payments.models import CohortCustomer, CustomerMove
from vestry.cohorts.payments.rollup import PAYMENT, Changes
from vestry.core.model import table_of

CUSTOMER = table_of(CohortCustomer)
MOVE = table_of(CustomerMove)


def known(session: Session, company_id: int, reference: str) -> Any | None:
    """The row (id, first_month) of a company's customer; None while there is none."""
    query = select(CUSTOMER.c.id, CUSTOMER.c.first_month).where(
        CUSTOMER.c.company_id == company_id, CUSTOMER.c.reference == reference
    )
    return session.execute(query).one_or_none()


def next_id(session: Session, table: Table, company_id: int) -> int:
    """The next free id within a company, whose row is locked by now."""
    last = session.scalar(select(func.max(table.c.id)).where(table.c.company_id == company_id))
    return (last or 0) + 1


def joined(
    session: Session, firm_id: int, company_id: int, reference: str, month: int, entry_id: int, changes: Changes
) -> tuple[int, int]:
    """(id, cohort) of the customer who pays in a month: new, known, or moved to the earlier cohort."""
    customer = known(session, company_id, reference)
    if customer is None:
        made = next_id(session, CUSTOMER, company_id)
        row = {"firm_id": firm_id, "company_id": company_id, "id": made, "reference": reference, "first_month": month}
        session.connection().execute(insert(CUSTOMER), [row])
        changes.customers(month, 1)
        return made, month
    if customer.first_month is None or month < customer.first_month:
        move(session, firm_id, company_id, customer.id, customer.first_month, month, entry_id, changes)
        return customer.id, month
    return customer.id, customer.first_month


def left(
    session: Session, firm_id: int, company_id: int, customer_id: int, month: int, entry_id: int, changes: Changes
) -> None:
    """A payment of that month was taken back: where it was the first, the customer moves to what is left."""
    cohort = cohort_of(session, company_id, customer_id)
    if cohort is None or month > cohort:
        return
    first = session.scalar(
        select(func.min(month_of(PAYMENT.c.paid_on))).where(
            PAYMENT.c.company_id == company_id, PAYMENT.c.customer_id == customer_id, PAYMENT.c.ended_by.is_(None)
        )
    )
    if first != cohort:
        move(session, firm_id, company_id, customer_id, cohort, first, entry_id, changes)


def cohort_of(session: Session, company_id: int, customer_id: int) -> int | None:
    """The counted cohort month of a customer."""
    query = select(CUSTOMER.c.first_month).where(CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == customer_id)
    found: int | None = session.scalar(query)
    return found


def move_staged(session: Session, company_id: int, staged: Table) -> None:
    """Many customers at once: ``staged`` has their ``number`` and the month each ``becomes`` one of, or none."""
    moving = (CUSTOMER.c.company_id == company_id) & (CUSTOMER.c.id == staged.c.number)
    session.connection().execute(update(CUSTOMER).where(moving).values(first_month=staged.c.becomes))


def move(
    session: Session,
    firm_id: int,
    company_id: int,
    customer_id: int,
    old: int | None,
    new: int | None,
    entry_id: int,
    changes: Changes,
) -> None:
    """The customer and all live payments change cohorts, and history says so."""
    connection = session.connection()
    connection.execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == customer_id)
        .values(first_month=new)
    )
    told = {"from_month": old, "to_month": new, "customer_id": customer_id, "entry_id": entry_id}
    connection.execute(insert(MOVE), [{"firm_id": firm_id, "company_id": company_id, **told}])
    if old is not None:
        changes.customers(old, -1)
    if new is not None:
        changes.customers(new, 1)
    if old is None or new is None:
        return
    month = month_of(PAYMENT.c.paid_on)
    paid = (
        select(month, func.sum(PAYMENT.c.units), func.count())
        .where(PAYMENT.c.company_id == company_id, PAYMENT.c.customer_id == customer_id, PAYMENT.c.ended_by.is_(None))
        .group_by(month)
    )
    for at, units, count in session.execute(paid):
        changes.payments(old, at, -int(units), -count)
        changes.payments(new, at, int(units), count)
