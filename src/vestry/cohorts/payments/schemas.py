"""Payments and customers as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from vestry.cohorts.payments.models import REFERENCE_MAX
from vestry.core.fields import Amount, Day, Input, Name, Output, example, text_schema

CustomerId = Annotated[Name, text_schema(1, REFERENCE_MAX)]  # the company's own id of its customer


class PaymentIn(Input):
    """What a customer paid on a day, in the company's currency; a refund is negative."""

    model_config = example(
        {"customer_id": "acme_001", "payment_date": "2023-10-15", "amount": "5000.00", "reference_id": "TXN-001"}
    )

    customer_id: CustomerId
    payment_date: Day
    amount: Amount
    reference_id: Name | None = Field(None, description="the payment's own id; a second payment with it is refused")


class PaymentOut(Output):
    """A payment; ``cohort_month`` is its customer's, ``period`` the months since."""

    id: int
    company_id: int
    customer_id: str
    payment_date: date
    amount: Amount
    reference_id: str | None
    cohort_month: date
    period: int
    entry_id: int
    version: int


class PaymentRow(Output):
    """A payment in a list."""

    id: int
    company_id: int
    customer_id: str
    payment_date: date
    amount: Amount
    reference_id: str | None
    cohort_month: date
    period: int
    entry_id: int


class PaymentPage(Output):
    """A page of payments."""

    items: list[PaymentRow]
    next: str | None
    total: int


class PaymentVersion(Output):
    """A version of a payment: recorded by one act, ended by another where it holds no more."""

    version: int
    customer_id: str
    payment_date: date
    amount: Amount
    reference_id: str | None
    entry_id: int
    recorded_at: datetime
    recorded_by: int | None
    ended_at: datetime | None
    ended_by: int | None
    reason: str | None


class CustomerRow(Output):
    """A customer, and the cohort: the month of the first payment."""

    number: int
    customer_id: str
    cohort_month: date | None


class CustomerPage(Output):
    """A page of customers."""

    items: list[CustomerRow]
    next: str | None
    total: int


class Move(Output):
    """A customer changed cohorts; null: none, as no payment was left."""

    from_month: date | None
    to_month: date | None
    entry_id: int
    recorded_at: datetime


class CustomerOut(Output):
    """A customer with what was paid in all, and the moves between cohorts."""

    number: int
    customer_id: str
    cohort_month: date | None
    payments: int
    paid: Amount
    first_on: date | None
    last_on: date | None
    moves: list[Move]
