"""Exchange rates as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from vestry.core.fields import Amount, CurrencyCode, Day, Input, Name, Output, Price, Prose, example

OwnKind = Literal["manual", "contractual"]
RateKind = Literal["reference", "manual", "contractual"]
Rule = Literal["closing", "average", "historical", "contractual"]
PositiveRate = Annotated[Price, Field(gt=Decimal(0), description="units of `quote` for one `base`: a decimal string")]
Exactly = Annotated[str, Field(description="a decimal string with all its digits")]


class FxRateIn(Input):
    """A rate of the firm's own: ``manual`` is the rate of a day, ``contractual`` is agreed for a time."""

    model_config = example({"base": "USD", "quote": "CAD", "starts_on": "2024-06-30", "rate": "1.37", "source": "Bank"})

    kind: OwnKind = "manual"
    base: CurrencyCode
    quote: CurrencyCode
    starts_on: Day = Field(description="the day of a manual rate; the first day of a contractual one")
    ends_on: Day | None = Field(None, description="the last day of a contractual rate; without end when left out")
    rate: PositiveRate
    source: Name | None = Field(None, description="where it is from: a bank, a contract")
    memo: Prose | None = None


class FxRateOut(Output):
    """A rate: published (``reference``; no id, units of ``quote`` for one euro) or the firm's own."""

    id: int | None
    kind: RateKind
    base: str
    quote: str
    starts_on: date
    ends_on: date | None
    rate: str
    source: str | None
    memo: str | None
    version: int | None
    recorded_at: datetime | None


class FxRatePage(Output):
    """A page of rates."""

    items: list[FxRateOut]
    next: str | None
    total: int


class Leg(Output):
    """A currency's rate against the euro."""

    currency: str
    rate: Exactly


class Rated(Output):
    """A rate and how it was chosen.

    ``published_on`` is the day it is from, never after the day asked for; ``stale`` when it is more than five days
    older. ``source``: ecb, manual, contractual, mixed (an average over published and manual days), same (one currency).
    """

    rate: Exactly
    rule: Rule
    published_on: date
    age_days: int
    stale: bool
    source: str
    rate_id: int | None
    legs: list[Leg]


class ConvertedOut(Rated):
    """An amount in another currency: ``converted`` is rounded to its decimals (half to even), ``exact`` is not."""

    amount: Amount
    from_: str = Field(alias="from")
    to: str
    on: date
    start: date | None
    known_at: datetime | None
    converted: Exactly
    exact: Exactly
    explain: dict[str, Any]


class FxPoint(Output):
    """A rate of a day on which one was published or recorded."""

    on: date
    rate: Exactly
    source: str


class FxSeriesOut(Output):
    """The rates of a pair over time: only days that have one, the earliest first."""

    base: str
    quote: str
    start: date
    end: date
    items: list[FxPoint]


class CurrencyOut(Output):
    """A currency that has rates, with the first and last day it was published; the euro has none of its own."""

    code: str
    first_on: date | None
    last_on: date | None
    is_current: bool


class CurrenciesOut(Output):
    """Which currencies can be converted, and how recent the published rates are."""

    source: str
    today: date
    newest_on: date
    stale: bool
    fetched_at: datetime | None
    items: list[CurrencyOut]


class RefreshOut(Output):
    """The job that fetches the newest rates; see ``GET /jobs/{id}``."""

    job_id: int
