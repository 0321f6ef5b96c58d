"""Single payments: recorded, corrected, taken back. Files of them: ``payments/uploads``.

Each change locks the company first, so that numbers, customers and the rollup are one writer's at a time.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import refuse_beyond_reach
from vestry.cohorts.months import index_of
from vestry.cohorts.payments import customers, queries, rollup
from vestry.cohorts.payments.models import PaymentEntry
from vestry.cohorts.payments.rollup import PAYMENT, REPLACED, Changes
from vestry.companies.models import Company
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, PreconditionFailed
from vestry.core.fields import happened, payable
from vestry.core.types import MONEY_SCALE, exact_units
from vestry.identity.access import find, require

PERMISSION: Final = "cohort_data.change"


class PaymentExists(Conflict):
    """A live payment with the same reference id."""


def record(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    customer_id: str,
    payment_date: date,
    amount: Decimal,
    reference_id: str | None = None,
) -> int:
    """A payment of a customer (a refund is negative); returns its id. The customer is known from the first one on."""
    company = _locked(session, actor, company_id, "company")
    _refuse_wrong(session, company, payment_date, amount, reference_id)
    payment_id = customers.next_id(session, PAYMENT, company_id)
    entry = enter(session, actor, company_id, "payment", first_id=payment_id, last_id=payment_id, row_count=1)
    changes = Changes()
    row = _row(session, actor, company_id, entry, changes, customer_id, payment_date, amount, reference_id)
    session.connection().execute(insert(PAYMENT), [row | {"company_id": company_id, "id": payment_id}])
    _tell(session, "create", payment_id, None, row)
    _keep(session, actor, company, changes)
    return payment_id


def correct(
    session: Session,
    actor: Actor,
    company_id: int,
    payment_id: int,
    *,
    version: int | None,
    customer_id: str,
    payment_date: date,
    amount: Decimal,
    reference_id: str | None = None,
) -> None:
    """Supersede a payment; the earlier version stays known."""
    company = _locked(session, actor, company_id, "payment")
    earlier = _live(session, actor, company_id, payment_id, version)
    _refuse_wrong(session, company, payment_date, amount, reference_id, but=payment_id)
    entry = enter(session, actor, company_id, "correction", row_count=1)
    changes = Changes()
    kept = {name: earlier[name] for name in ("customer_id", "paid_on", "units", "entry_id", "reference")}
    number = {"firm_id": actor.firm_id, "company_id": company_id, "id": payment_id, "version": earlier["version"]}
    connection = session.connection()
    connection.execute(insert(REPLACED), [kept | number | {"ended_by": entry.id}])
    this = (PAYMENT.c.company_id == company_id, PAYMENT.c.id == payment_id)
    # Taken out before the new one goes in, as two changes of the customers' cohorts.
    connection.execute(update(PAYMENT).where(*this).values(ended_by=entry.id))
    _take_out(session, actor, company_id, earlier, entry, changes)
    row = _row(session, actor, company_id, entry, changes, customer_id, payment_date, amount, reference_id)
    connection.execute(update(PAYMENT).where(*this).values(**row, ended_by=None))
    _tell(session, "change", payment_id, kept, row)
    _keep(session, actor, company, changes)


def void(session: Session, actor: Actor, company_id: int, payment_id: int, *, reason: str) -> None:
    """Take a payment back; what was known before stays known."""
    company = _locked(session, actor, company_id, "payment")
    earlier = _live(session, actor, company_id, payment_id, None)
    entry = enter(session, actor, company_id, "void", reason=reason, row_count=1)
    changes = Changes()
    this = (PAYMENT.c.company_id == company_id, PAYMENT.c.id == payment_id)
    session.connection().execute(update(PAYMENT).where(*this).values(ended_by=entry.id))
    _take_out(session, actor, company_id, earlier, entry, changes)
    _tell(session, "change", payment_id, {"ended_by": None}, {"ended_by": entry.id, "reason": reason})
    _keep(session, actor, company, changes)


def enter(session: Session, actor: Actor, company_id: int, kind: str, **values: Any) -> PaymentEntry:
    """Say who records or takes back payments of a company, when and why."""
    entry = PaymentEntry(
        firm_id=actor.firm_id,
        company_id=company_id,
        kind=kind,
        recorded_at=session.info["now"],
        recorded_by=actor.user_id,
        **{"mapping": {}, "receipt": {}} | values,
    )
    session.add(entry)
    session.flush()
    return entry


def _locked(session: Session, actor: Actor, company_id: int, noun: str) -> Company:
    """The company, to be changed; what is asked for is missing where the company is."""
    require(actor, PERMISSION)
    return find(session, actor, Company, company_id, noun=noun, lock=True)


def _live(session: Session, actor: Actor, company_id: int, payment_id: int, version: int | None) -> dict[str, Any]:
    row = queries.kept_payment(session, actor, company_id, payment_id)
    if version is not None and row["version"] != version:
        raise PreconditionFailed(
            f"The payment is at version {row['version']}; the change was made from version {version}.",
            mend="Read it again and repeat the change.",
        )
    return row


def _refuse_wrong(
    session: Session,
    company: Company,
    paid_on: date,
    amount: Decimal,
    reference: str | None,
    but: int | None = None,
) -> None:
    happened(session, paid_on, field="payment_date")
    payable(amount, company.currency)
    if reference is None:
        return
    same = select(PAYMENT.c.id).where(
        PAYMENT.c.company_id == company.id,
        PAYMENT.c.reference == reference,
        PAYMENT.c.reference.is_not(None),
        PAYMENT.c.ended_by.is_(None),
    )
    found = session.scalar(same)
    if found is not None and found != but:
        raise PaymentExists(
            f"Payment {found} has the reference id {reference!r} already.",
            field="reference_id",
            mend="It is recorded already; correct that one, or give this one an id of its own.",
        )


def _row(
    session: Session,
    actor: Actor,
    company_id: int,
    entry: PaymentEntry,
    changes: Changes,
    customer: str,
    paid_on: date,
    amount: Decimal,
    reference: str | None,
) -> dict[str, Any]:
    month, units = index_of(paid_on), exact_units(amount, MONEY_SCALE)
    customer_id, cohort = customers.joined(session, actor.firm_id, company_id, customer, month, entry.id, changes)
    changes.payments(cohort, month, units)
    return {
        "firm_id": actor.firm_id,
        "customer_id": customer_id,
        "paid_on": paid_on,
        "units": units,
        "entry_id": entry.id,
        "reference": reference,
    }


def _take_out(
    session: Session, actor: Actor, company_id: int, row: dict[str, Any], entry: PaymentEntry, changes: Changes
) -> None:
    month = index_of(row["paid_on"])
    cohort = customers.cohort_of(session, company_id, row["customer_id"])
    assert cohort is not None, "a customer with a live payment has a cohort"
    changes.payments(cohort, month, -row["units"], -1)
    customers.left(session, actor.firm_id, company_id, row["customer_id"], month, entry.id, changes)


def _keep(session: Session, actor: Actor, company: Company, changes: Changes) -> None:
    rollup.add(session, actor.firm_id, company.id, changes.cells())
    refuse_beyond_reach(session, actor, company)


def _tell(session: Session, action: Any, payment_id: int, before: Any, after: dict[str, Any]) -> None:
    def plain(row: dict[str, Any] | None) -> dict[str, Any] | None:
        if row is None:
            return None
        return {name: value if value is None or isinstance(value, int) else str(value) for name, value in row.items()}

    trail.tell(session, trail.Event(action, "customer_payment", payment_id, plain(before), plain(after)))
