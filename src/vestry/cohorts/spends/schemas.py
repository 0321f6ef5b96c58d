"""Acquisition spend as it comes in and goes out."""

from __future__ import annotations

from datetime import date, datetime

from vestry.cohorts.months import Month
from vestry.core.fields import Amount, AmountNotNegative, Input, Output, example


class SpendIn(Input):
    """What was spent to win the customers of a month, in the company's currency."""

    model_config = example({"cohort_month": "2024-03-01", "spend": "185000.00"})

    cohort_month: Month
    spend: AmountNotNegative


class SpendOut(Output):
    """What was spent to win the customers of a month."""

    id: int
    company_id: int
    cohort_month: date
    spend: Amount
    version: int
    recorded_at: datetime


class SpendPage(Output):
    """A page of spends."""

    items: list[SpendOut]
    next: str | None
    total: int
