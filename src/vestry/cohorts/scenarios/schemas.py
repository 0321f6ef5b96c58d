"""Scenarios and declarations as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from vestry.cohorts.months import Month
from vestry.core.fields import Input, Label, Output, Rate, Share, example

ScenarioName = Label
Timing = Literal["end_of_month", "same_month"]
FirstMonth = Annotated[Rate, Field(ge=Decimal(0), le=Decimal(1000))]


class ScenarioIn(Input):
    """What is assumed: ``m0``, the first month's payments ÷ spend, and ``churn``, the part lost each month.

    ``name``: worst, average, best, or any other that a projection is saved as.
    """

    model_config = example({"name": "average", "m0": "0.3", "churn": "0.2"})

    name: ScenarioName
    m0: FirstMonth
    churn: Share


class ScenarioOut(Output):
    """What is assumed of a company's months to come."""

    id: int
    company_id: int
    name: str
    m0: Rate
    churn: Rate
    version: int
    recorded_at: datetime


class ScenarioPage(Output):
    """A page of scenarios."""

    items: list[ScenarioOut]
    next: str | None
    total: int


class CohortBookIn(Input):
    """What a company declares about its payments, and how its trades count time."""

    model_config = example({"complete_through": "2024-06-01"})

    complete_through: Month | None = Field(description="the last month known in full; null: none is declared")
    timing: Timing = Field(
        "end_of_month", description="whether what period n brings counts at the month's end, or at its beginning"
    )


class CohortBookOut(Output):
    """What a company declared; version 0 while it declared nothing."""

    company_id: int
    complete_through: date | None
    timing: Timing
    version: int
    recorded_at: datetime | None
