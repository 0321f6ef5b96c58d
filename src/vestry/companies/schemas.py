"""Companies, rounds and securities as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

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
    Price,
    Prose,
    Units,
    UnitsNotNegative,
    example,
    text_schema,
)

SecurityKind = Literal[
    "common", "preferred", "safe", "note", "option", "warrant", "loan", "fund_interest", "listed", "other"
]
Ticker = Annotated[Name, Field(max_length=20), text_schema(1, 20)]
PositivePrice = Annotated[Price, Field(gt=Decimal(0))]


def _web(address: str) -> str:
    scheme, separator, _ = address.partition(":")
    if separator and scheme.lower() not in ("http", "https") and "." not in scheme:
        raise ValueError("must be a web address (http or https)")
    return address


Website = Annotated[Name, AfterValidator(_web)]


class CompanyIn(Input):
    """A business; ``currency`` is the one its equity is valued and its rounds are made in."""

    model_config = example({"name": "Acme Robotics", "currency": "USD", "industry": "Robotics", "country": "DE"})

    name: Name
    currency: CurrencyCode
    industry: Label | None = None
    sector: Label | None = None
    country: Label | None = None
    website: Website | None = None
    is_public: bool = False
    ticker_symbol: Ticker | None = None
    description: Prose | None = None


class CompanyOut(Output):
    """A company; the investments in it are under /investments?company_id=."""

    id: int
    name: str
    currency: str
    industry: str | None
    sector: str | None
    country: str | None
    website: str | None
    is_public: bool
    ticker_symbol: str | None
    description: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class CompanyPage(Output):
    """A page of companies."""

    items: list[CompanyOut]
    next: str | None
    total: int


class RoundFields(Input):
    """A financing; where raised, pre-money and post-money are all given, post − pre must be raised."""

    model_config = example(
        {"name": "Series A", "closed_on": "2024-02-01", "pre_money": "9000000.00", "raised": "1000000.00"}
    )

    name: Name
    closed_on: Day
    currency: CurrencyCode | None = Field(None, description="the company's when left out")
    raised: AmountNotNegative | None = None
    pre_money: AmountNotNegative | None = None
    post_money: AmountNotNegative | None = None
    price_per_share: PositivePrice | None = None


class RoundIn(RoundFields):
    """A financing of a company."""

    model_config = example(
        {"company_id": 1, "name": "Series A", "closed_on": "2024-02-01", "post_money": "10000000.00"}
    )

    company_id: Id


class RoundOut(Output):
    """A financing of a company."""

    id: int
    company_id: int
    name: str
    closed_on: date
    currency: str
    raised: Amount | None
    pre_money: Amount | None
    post_money: Amount | None
    price_per_share: Price | None
    version: int
    recorded_at: datetime


class RoundPage(Output):
    """A page of rounds."""

    items: list[RoundOut]
    next: str | None
    total: int


class SecurityFields(Input):
    """What a company issued."""

    model_config = example({"name": "Series A preferred", "kind": "preferred", "shares_outstanding": "100000"})

    name: Name
    kind: SecurityKind
    currency: CurrencyCode | None = Field(None, description="the company's when left out")
    round_id: Id | None = None
    shares_outstanding: UnitsNotNegative | None = None


class SecurityIn(SecurityFields):
    """What a company issued."""

    model_config = example({"company_id": 1, "name": "Series A preferred", "kind": "preferred"})

    company_id: Id


class SecurityOut(Output):
    """What a company issued."""

    id: int
    company_id: int
    round_id: int | None
    name: str
    kind: str
    currency: str
    shares_outstanding: Units | None
    version: int
    created_at: datetime
    updated_at: datetime


class SecurityPage(Output):
    """A page of securities."""

    items: list[SecurityOut]
    next: str | None
    total: int


class FetchIn(Input):
    """What to fetch; nothing needs to be said."""

    model_config = example({"again": False})

    again: bool = Field(False, description="fetch although the prices there are were fetched within the hour")


class FetchOut(Output):
    """The job that fetches (``GET /jobs/{id}``)."""

    job_id: int


class MarketPriceOut(Output):
    """What one share cost at the end of a day, by a provider (``sample``: invented)."""

    id: int
    company_id: int
    provider: str
    symbol: str
    priced_on: date
    close: Price
    currency: str
    version: int
    recorded_at: datetime


class MarketPricePage(Output):
    """A page of prices. ``newest_on``: the day of the newest of them all; ``stale``: that day lies more than five
    days back (Easter needs four), null where there is none."""

    items: list[MarketPriceOut]
    next: str | None
    total: int
    newest_on: date | None
    stale: bool | None
