"""The terms of trades as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from vestry.cohorts.months import Month
from vestry.cohorts.scenarios.schemas import Timing
from vestry.core.fields import Amount, Id, Input, Output, Rate, Share, example

PositiveShare = Annotated[Share, Field(gt=Decimal(0))]
PositiveAmount = Annotated[Amount, Field(gt=Decimal(0))]
AboveTotalLoss = Annotated[Rate, Field(gt=Decimal(-1), le=Decimal(1000))]


class TradeIn(Input):
    """The fund pays ``sharing_percentage`` (a fraction) of the month's spend and collects that part of what the
    customers of the month pay, until ``cash_cap`` (left out: no cap)."""

    model_config = example({"cohort_month": "2024-03-01", "sharing_percentage": "0.5", "cash_cap": "140000.00"})

    cohort_month: Month
    sharing_percentage: PositiveShare
    cash_cap: PositiveAmount | None = None
    planned_spend: PositiveAmount | None = Field(
        None, description="what the cap was agreed for: if the spend differs, the cap counts × spend ÷ planned spend"
    )
    target_irr: AboveTotalLoss | None = Field(
        None, description="the annual rate at which collecting ends; with a cash cap, the lower of the two binds"
    )
    allowed_deviation: Share | None = Field(
        None, description="how far the actual spend may lie from the planned one, a fraction of it, without a finding"
    )
    timing: Timing | None = Field(
        None,
        description="whether what a month brings counts at its end or at its beginning; left out: as the company's",
    )
    fund_id: Id | None = Field(None, description="whose main books the trade is in")
    vehicle_id: Id | None = None


class TradeOut(Output):
    """The terms of a trade on a cohort."""

    id: int
    company_id: int
    vehicle_id: int | None
    cohort_month: date
    sharing_percentage: Rate
    cash_cap: Amount | None
    planned_spend: Amount | None
    target_irr: Rate | None
    allowed_deviation: Rate | None
    timing: Timing | None
    version: int
    recorded_at: datetime


class TradePage(Output):
    """A page of trades."""

    items: list[TradeOut]
    next: str | None
    total: int
