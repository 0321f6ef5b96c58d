"""Marks, reported NAVs and valued positions as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from vestry.core.fields import (
    Amount,
    AmountNotNegative,
    CurrencyCode,
    Day,
    Id,
    Input,
    Name,
    Output,
    Prose,
    Rate,
    Units,
    example,
)

Method = Literal["cost", "last_round", "multiples", "dcf", "opm", "market_price", "net_assets", "offer", "other"]


class MarkFields(Input):
    """A fair value measured on a day: what happened up to and on that day is in it."""

    model_config = example({"measured_on": "2024-12-31", "fair_value": "120000.00", "method": "last_round"})

    measured_on: Day
    fair_value: AmountNotNegative
    currency: CurrencyCode | None = Field(None, description="the vehicle's, or the company's for its equity")
    method: Method = "other"
    memo: Prose | None = None


class MarkIn(MarkFields):
    """The fair value of a holding, of an investment's only holding, or of all of a company's equity."""

    model_config = example(
        {"investment_id": 1, "measured_on": "2024-12-31", "fair_value": "120000.00", "method": "last_round"}
    )

    holding_id: Id | None = None
    investment_id: Id | None = None
    company_id: Id | None = None


class MarkOut(Output):
    """A fair value of a holding, or of all of a company's equity."""

    id: int
    holding_id: int | None
    company_id: int | None
    measured_on: date
    fair_value: Amount
    currency: str
    method: str
    memo: str | None
    version: int
    recorded_at: datetime


class MarkPage(Output):
    """A page of marks."""

    items: list[MarkOut]
    next: str | None
    total: int


class NavFields(Input):
    """A NAV as its administrator reported it."""

    model_config = example({"reported_on": "2024-12-31", "amount": "4900000.00", "source": "Administrator"})

    reported_on: Day
    amount: Amount
    currency: CurrencyCode | None = Field(None, description="must be the vehicle's where given")
    source: Name | None = None


class NavIn(NavFields):
    """A reported NAV of a vehicle, or of one investor's part in it."""

    model_config = example(
        {"fund_id": 1, "reported_on": "2024-12-31", "amount": "4900000.00", "source": "Administrator"}
    )

    fund_id: Id | None = None
    vehicle_id: Id | None = None
    investor_id: Id | None = None


class NavOut(Output):
    """A reported NAV; ``investor_id`` null = the whole vehicle's."""

    id: int
    vehicle_id: int
    fund_id: int
    investor_id: int | None
    reported_on: date
    amount: Amount
    currency: str
    source: str | None
    version: int
    recorded_at: datetime


class NavPage(Output):
    """A page of reported NAVs."""

    items: list[NavOut]
    next: str | None
    total: int


class PositionOut(Output):
    """A holding as of a day, in its vehicle's currency, with its fair value and how that came about.

    ``basis``: mark, company_mark, at_cost or exited. With a mark, fair_value = base × kept_share + added; base is the
    mark, times ``mark_ownership`` for a company mark. ``fair_value`` is null only with a ``reason``.
    """

    holding_id: int
    investment_id: int
    vehicle_id: int
    fund_id: int
    company_id: int
    security_id: int | None
    name: str
    currency: str
    status: str
    quantity: Units | None
    ownership: Rate | None
    cost: Amount
    remaining_cost: Amount
    proceeds: Amount
    income: Amount
    fees: Amount
    first_on: date
    last_on: date
    ended_on: date | None
    fair_value: Amount | None
    basis: str
    reason: str | None
    finding: str | None
    mark_id: int | None
    mark_value: Amount | None
    mark_currency: str | None
    measured_on: date | None
    staleness_days: int | None
    mark_ownership: Rate | None
    base: str | None
    kept_share: str | None
    added: str | None


class Positions(Output):
    """All positions in scope as of a day."""

    as_of: date
    known_at: datetime | None
    items: list[PositionOut]
