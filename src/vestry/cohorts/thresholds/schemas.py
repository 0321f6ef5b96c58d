"""Thresholds and overrides as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from vestry.cohorts.months import PERIOD_MAX, Month
from vestry.core.fields import Input, Name, Output, Prose, Rate, Share, example, text_schema

Period = Annotated[int, Field(ge=0, le=PERIOD_MAX, description="calendar months since the cohort month, from 0")]


class ThresholdIn(Input):
    """The least payment ÷ spend (a fraction) in a period; below it the fund collects all of that month."""

    model_config = example({"payment_period_month": 1, "minimum_payment_percent": "0.25"})

    payment_period_month: Period
    minimum_payment_percent: Share


class ThresholdOut(Output):
    """The least payment ÷ spend in a period."""

    id: int
    company_id: int
    payment_period_month: int
    minimum_payment_percent: Rate
    version: int
    recorded_at: datetime


class ThresholdPage(Output):
    """A page of thresholds."""

    items: list[ThresholdOut]
    next: str | None
    total: int


class OverrideIn(Input):
    """A breach set aside: the normal share applies in that period of the cohort."""

    model_config = example(
        {
            "cohort_month": "2024-03-01",
            "payment_period_month": 1,
            "reason": "The payment provider was down",
            "approved_by": "Investment committee",
        }
    )

    cohort_month: Month
    payment_period_month: Period
    reason: Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]
    approved_by: Name


class OverrideOut(Output):
    """A breach that was set aside, why, and who approved it."""

    id: int
    company_id: int
    cohort_month: date
    payment_period_month: int
    reason: str
    approved_by: str
    version: int
    recorded_at: datetime


class OverridePage(Output):
    """A page of overrides."""

    items: list[OverrideOut]
    next: str | None
    total: int
