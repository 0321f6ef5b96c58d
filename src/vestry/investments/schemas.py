"""Investments, holdings and transactions as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from vestry.companies.schemas import SecurityKind, Ticker
from vestry.core.fields import (
    Amount,
    AmountNotNegative,
    CurrencyCode,
    Day,
    Id,
    Input,
    Label,
    Name,
    Output,
    Percent,
    Prose,
    Rate,
    Share,
    Units,
    UnitsNotNegative,
    example,
)

TransactionKind = Literal["purchase", "follow_on", "proceeds", "dividend", "interest", "fee", "write_off", "conversion"]
EquityPercentage = Annotated[Percent, Field(ge=Decimal(0), le=Decimal(100))]


class CompanyNamed(Input):
    """A company by its name, made when there is none of that name."""

    name: Name
    currency: CurrencyCode | None = Field(None, description="the vehicle's when left out")
    industry: Label | None = None
    website: Name | None = None
    ticker_symbol: Ticker | None = None


class SecurityNamed(Input):
    """What is bought, made with the investment."""

    name: Name
    kind: SecurityKind


class InvestmentIn(Input):
    """A new investment: who invests (fund_id or vehicle_id), in what (company_id, company or company_name), when and
    how much. What happened to it since may come along: exit_date with exit_amount, or write_off_on."""

    model_config = example(
        {"fund_id": 1, "company_name": "Acme Robotics", "invested_on": "2024-02-01", "amount": "100000.00"}
    )

    fund_id: Id | None = None
    vehicle_id: Id | None = None
    company_id: Id | None = None
    company: CompanyNamed | None = None
    company_name: Name | None = None
    invested_on: Day
    amount: AmountNotNegative
    currency: CurrencyCode | None = Field(None, description="must be the vehicle's where given")
    ownership: Share | None = Field(None, description="the fraction of the company bought (0.1 = 10 %)")
    equity_percentage: EquityPercentage | None = Field(None, description="the same as percent (10 = 10 %)")
    quantity: UnitsNotNegative | None = None
    valuation_at_investment: Annotated[Amount, Field(gt=Decimal(0))] | None = Field(
        None, description="the round's post-money value of all equity, in the vehicle's currency"
    )
    security: SecurityNamed | None = None
    security_id: Id | None = None
    thesis: Prose | None = None
    memo: Prose | None = None
    exit_date: Day | None = None
    exit_amount: AmountNotNegative | None = None
    write_off_on: Day | None = None


class InvestmentChange(Input):
    """What may be edited; the figures follow from the transactions."""

    model_config = example({"thesis": "Robots that fold laundry"})

    thesis: Prose | None


class ExitIn(Input):
    """A full exit."""

    model_config = example({"exited_on": "2025-06-30", "amount": "250000.00"})

    exited_on: Day
    amount: AmountNotNegative
    currency: CurrencyCode | None = None
    holding_id: Id | None = Field(None, description="needed where several holdings are active")
    memo: Prose | None = None


class WriteOffIn(Input):
    """A full write-off, of one holding or of all that are active."""

    model_config = example({"written_off_on": "2025-06-30", "memo": "Insolvent"})

    written_off_on: Day
    holding_id: Id | None = None
    memo: Prose | None = None


class Named(Output):
    """Which one, with its name."""

    id: int
    name: str


class CompanyRef(Output):
    """Which company."""

    id: int
    name: str
    ticker_symbol: str | None


class Finding(Output):
    """Something to look at; nothing was refused for it."""

    code: str
    message: str


class InvestmentOut(Output):
    """An investment as of a day, in its vehicle's currency; what it is worth is under /positions.

    ``status`` is active, exited or written_off; null when nothing is recorded in it as of that day.
    ``equity_percentage`` and ``ownership`` are what is held as of that day; null where they are not known.
    """

    id: int
    vehicle_id: int
    fund: Named
    company: CompanyRef
    thesis: str | None
    currency: str
    as_of: date
    status: str | None
    investment_date: date | None
    amount_invested: Amount | None
    remaining_cost: Amount | None
    proceeds: Amount | None
    income: Amount | None
    fees: Amount | None
    ownership: Rate | None
    equity_percentage: Percent | None
    valuation_at_investment: Amount | None
    exit_date: date | None
    exit_amount: Amount | None
    version: int
    created_at: datetime
    updated_at: datetime


class InvestmentMade(InvestmentOut):
    """The investment, its holding, and what looked odd."""

    holding_id: int
    findings: list[Finding]


class InvestmentPage(Output):
    """A page of investments."""

    items: list[InvestmentOut]
    next: str | None
    total: int


class HoldingIn(Input):
    """Another security held in an investment."""

    model_config = example({"investment_id": 1, "name": "Bridge note"})

    investment_id: Id
    name: Name
    security_id: Id | None = None


class HoldingChange(Input):
    """A holding's own fields."""

    model_config = example({"name": "Series A preferred"})

    name: Name
    security_id: Id | None = None


class HoldingOut(Output):
    """A holding; what is in it is under /positions."""

    id: int
    investment_id: int
    security_id: int | None
    name: str
    version: int
    created_at: datetime
    updated_at: datetime


class HoldingPage(Output):
    """A page of holdings."""

    items: list[HoldingOut]
    next: str | None
    total: int


class TransactionFields(Input):
    """A dated fact. ``quantity`` and ``ownership`` are what it adds or takes away; proceeds say with one of
    ``disposed_share``, ``quantity`` or ``ownership`` which part of the holding was given for them."""

    model_config = example({"kind": "dividend", "transacted_on": "2024-12-31", "amount": "1500.00"})

    kind: TransactionKind
    transacted_on: Day
    amount: AmountNotNegative
    currency: CurrencyCode | None = Field(None, description="must be the vehicle's where given")
    quantity: UnitsNotNegative | None = None
    ownership: Share | None = None
    disposed_share: Share | None = Field(None, description="fraction of the holding that ends: 1 = all, 0 = nothing")
    into_holding_id: Id | None = Field(None, description="what a conversion converts into")
    memo: Prose | None = None


class TransactionIn(TransactionFields):
    """A dated fact about a holding, or about an investment that has only one."""

    model_config = example(
        {"investment_id": 1, "kind": "follow_on", "transacted_on": "2024-12-31", "amount": "50000.00"}
    )

    holding_id: Id | None = None
    investment_id: Id | None = None


class TransactionOut(Output):
    """A dated fact about a holding, in the vehicle's currency."""

    id: int
    holding_id: int
    investment_id: int
    vehicle_id: int
    company_id: int
    kind: str
    transacted_on: date
    amount: Amount
    currency: str
    quantity: Units | None
    ownership: Rate | None
    disposed_share: Rate | None
    into_holding_id: int | None
    memo: str | None
    version: int
    recorded_at: datetime


class TransactionPage(Output):
    """A page of transactions."""

    items: list[TransactionOut]
    next: str | None
    total: int
