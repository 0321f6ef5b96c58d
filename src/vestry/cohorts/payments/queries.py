"""Every SELECT of payments and customers, limited to what the actor may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from vestry.cohorts.months import days_of, first_day, money_of, month_of
from vestry.cohorts.payments.customers import CUSTOMER, MOVE
from vestry.cohorts.payments.rollup import ENTRY, PAYMENT, REPLACED, ROLLUP, known_payments
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.paging import Column, contains
from vestry.identity.access import find, theirs


def list_payments(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    customer: str | None = None,
    cohort: int | None = None,
    period: int | None = None,
    entry_id: int | None = None,
    days: tuple[date | None, date | None] = (None, None),
    known_at: datetime | None = None,
) -> Listing:
    """The live payments of a company; of a customer, a cohort, one of its periods, one act of recording, or from one
    day to another; those of a past instant, and the cohorts they made, as they were known then."""
    find(session, actor, Company, company_id, noun="company")
    source, first_month = _live(company_id, known_at)
    query = _payments(actor, company_id, source, first_month)
    count = None
    if customer is not None:
        query = query.where(CUSTOMER.c.reference == customer)
    if cohort is not None:
        query = query.where(first_month == cohort)
    if cohort is not None and period is not None:
        first, end = days_of(cohort + period)
        query = query.where(source.c.paid_on >= first, source.c.paid_on < end)
    if entry_id is not None:
        query = query.where(source.c.entry_id == entry_id)
    since, until = days
    if since is not None:
        query = query.where(source.c.paid_on >= since)
    if until is not None:
        query = query.where(source.c.paid_on <= until)
    if (customer, cohort, entry_id, since, until, known_at) == (None,) * 6:
        # Ten million rows are not counted one by one for a page of them.
        counted = cast(func.coalesce(func.sum(ROLLUP.c.payments), 0), BigInteger)
        count = select(counted).where(ROLLUP.c.company_id == company_id)
    sorts: dict[str, Column] = {
        "id": source.c.id,
        "payment_date": source.c.paid_on,
        "amount": source.c.units,
    }
    return Listing(query, sorts, source.c.id, "-id", count=count, finish=_dated)


def get_payment(session: Session, actor: Actor, company_id: int, payment_id: int) -> dict[str, Any]:
    """One live payment as it goes out."""
    find(session, actor, Company, company_id, noun="payment")
    source, first_month = _live(company_id, None)
    query = _payments(actor, company_id, source, first_month).where(source.c.id == payment_id)
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("payment")
    return _dated(dict(row)) | {"version": _version(session, company_id, payment_id)}


def kept_payment(session: Session, actor: Actor, company_id: int, payment_id: int) -> dict[str, Any]:
    """One live payment as it is kept, with its version."""
    query = select(PAYMENT).where(
        theirs(actor, PAYMENT),
        PAYMENT.c.company_id == company_id,
        PAYMENT.c.id == payment_id,
        PAYMENT.c.ended_by.is_(None),
    )
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("payment")
    return dict(row) | {"version": _version(session, company_id, payment_id)}


def payment_versions(session: Session, actor: Actor, company_id: int, payment_id: int) -> list[dict[str, Any]]:
    """Every version of a payment, the oldest first; ``ended_at`` null for what holds now."""
    find(session, actor, Company, company_id, noun="payment")
    ending, entry = ENTRY.alias("ending"), ENTRY.alias("entry")
    both = union_all(
        select(
            REPLACED.c.version,
            REPLACED.c.customer_id,
            REPLACED.c.paid_on,
            REPLACED.c.units,
            REPLACED.c.reference,
            REPLACED.c.entry_id,
            REPLACED.c.ended_by,
        ).where(theirs(actor, REPLACED), REPLACED.c.company_id == company_id, REPLACED.c.id == payment_id),
        select(
            literal(_version(session, company_id, payment_id)),
            PAYMENT.c.customer_id,
            PAYMENT.c.paid_on,
            PAYMENT.c.units,
            PAYMENT.c.reference,
            PAYMENT.c.entry_id,
            PAYMENT.c.ended_by,
        ).where(theirs(actor, PAYMENT), PAYMENT.c.company_id == company_id, PAYMENT.c.id == payment_id),
    ).subquery("versions")
    query = (
        select(
            both.c.version,
            CUSTOMER.c.reference.label("customer_id"),
            both.c.paid_on.label("payment_date"),
            money_of(both.c.units).label("amount"),
            both.c.reference.label("reference_id"),
            both.c.entry_id,
            entry.c.recorded_at,
            entry.c.recorded_by,
            ending.c.recorded_at.label("ended_at"),
            ending.c.recorded_by.label("ended_by"),
            ending.c.reason,
        )
        .join(CUSTOMER, and_(CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == both.c.customer_id))
        .join(entry, entry.c.id == both.c.entry_id)
        .outerjoin(ending, ending.c.id == both.c.ended_by)
        .order_by(both.c.version)
    )
    found = [dict(row) for row in session.execute(query).mappings()]
    if not found:
        raise NotFound("payment")
    return found


def list_customers(
    session: Session,
    actor: Actor,
    company_id: int,
    q: str | None,
    *,
    cohort: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Listing:
    """The customers of a company who have paid, or those of one cohort; by a day, and as it was known at an instant."""
    find(session, actor, Company, company_id, noun="company")
    first_month: Column = CUSTOMER.c.first_month
    query = select(CUSTOMER.c.id.label("number"), CUSTOMER.c.reference.label("customer_id"))
    if as_of is not None or known_at is not None:
        firsts = _first_months(company_id, as_of, known_at)
        query, first_month = query.join(firsts, firsts.c.customer_id == CUSTOMER.c.id), firsts.c.first_month
    query = query.add_columns(first_month.label("first_month")).where(
        theirs(actor, CUSTOMER), CUSTOMER.c.company_id == company_id, first_month.is_not(None)
    )
    if cohort is not None:
        query = query.where(first_month == cohort)
    if q:
        query = query.where(contains(CUSTOMER.c.reference, q))
    sorts = {"number": CUSTOMER.c.id, "customer_id": CUSTOMER.c.reference, "cohort_month": first_month}
    return Listing(query, sorts, CUSTOMER.c.id, "number", finish=_cohort)


def _first_months(company_id: int, as_of: date | None, known_at: datetime | None) -> FromClause:
    """The cohort of each customer by the payments up to a day, as they were known at an instant."""
    live = known_payments(company_id, known_at)
    first = func.min(month_of(live.c.paid_on)).label("first_month")
    query = select(live.c.customer_id, first).group_by(live.c.customer_id)
    return (query if as_of is None else query.where(live.c.paid_on <= as_of)).subquery("firsts")


def get_customer(session: Session, actor: Actor, company_id: int, number: int) -> dict[str, Any]:
    """One customer: the cohort, what was paid in all, and the moves between cohorts, the oldest first."""
    find(session, actor, Company, company_id, noun="customer")
    who = (CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == number)
    row = (
        session.execute(
            select(
                CUSTOMER.c.id.label("number"), CUSTOMER.c.reference.label("customer_id"), CUSTOMER.c.first_month
            ).where(theirs(actor, CUSTOMER), *who)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("customer")
    paid = (
        session.execute(
            select(
                func.count().label("payments"),
                money_of(func.coalesce(func.sum(PAYMENT.c.units), 0)).label("paid"),
                func.min(PAYMENT.c.paid_on).label("first_on"),
                func.max(PAYMENT.c.paid_on).label("last_on"),
            ).where(PAYMENT.c.company_id == company_id, PAYMENT.c.customer_id == number, PAYMENT.c.ended_by.is_(None))
        )
        .mappings()
        .one()
    )
    moves = session.execute(
        select(MOVE.c.from_month, MOVE.c.to_month, MOVE.c.entry_id, ENTRY.c.recorded_at)
        .join(ENTRY, ENTRY.c.id == MOVE.c.entry_id)
        .where(MOVE.c.company_id == company_id, MOVE.c.customer_id == number)
        .order_by(MOVE.c.id)
    ).mappings()
    return _cohort(dict(row)) | dict(paid) | {"moves": [_moved(dict(one)) for one in moves]}


def _live(company_id: int, known_at: datetime | None) -> tuple[FromClause, ColumnElement[int]]:
    """The payments that hold, or held then, and the cohort month of their customer."""
    if known_at is None:
        return PAYMENT, CUSTOMER.c.first_month
    source = known_payments(company_id, known_at)
    every = known_payments(company_id, known_at)
    first = select(func.min(month_of(every.c.paid_on))).where(every.c.customer_id == source.c.customer_id)
    return source, first.scalar_subquery()


def _payments(
    actor: Actor, company_id: int, source: FromClause, first_month: ColumnElement[int]
) -> Select[*tuple[Any, ...]]:
    customer = and_(CUSTOMER.c.company_id == company_id, CUSTOMER.c.id == source.c.customer_id)
    query = select(
        source.c.id,
        CUSTOMER.c.company_id,
        CUSTOMER.c.reference.label("customer_id"),
        source.c.paid_on.label("payment_date"),
        money_of(source.c.units).label("amount"),
        source.c.reference.label("reference_id"),
        first_month.label("first_month"),
        source.c.entry_id,
    ).join(CUSTOMER, customer)
    if source is not PAYMENT:
        return query.where(theirs(actor, CUSTOMER))
    return query.where(theirs(actor, PAYMENT), PAYMENT.c.company_id == company_id, PAYMENT.c.ended_by.is_(None))


def _version(session: Session, company_id: int, payment_id: int) -> int:
    earlier = select(func.count()).where(REPLACED.c.company_id == company_id, REPLACED.c.id == payment_id)
    return 1 + (session.scalar(earlier) or 0)


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    row = _cohort(row)
    row["period"] = (row["payment_date"].year - row["cohort_month"].year) * 12 + (
        row["payment_date"].month - row["cohort_month"].month
    )
    return row


def _cohort(row: dict[str, Any]) -> dict[str, Any]:
    row["cohort_month"] = _day(row.pop("first_month"))
    return row


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"from_month": _day(row["from_month"]), "to_month": _day(row["to_month"])}


def _day(index: int | None) -> date | None:
    return None if index is None else first_day(index)
