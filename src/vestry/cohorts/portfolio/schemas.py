"""The portfolio of trades as it goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from vestry.core.fields import Amount, Output, Rate

State = Literal["collecting", "below_minimum", "cap_reached"]
Sort = Literal[
    "company",
    "cohort_month",
    "sharing_percentage",
    "outlay",
    "collected",
    "exposure",
    "effective_cap",
    "cap_used",
    "breaches",
    "annual_irr",
    "-company",
    "-cohort_month",
    "-sharing_percentage",
    "-outlay",
    "-collected",
    "-exposure",
    "-effective_cap",
    "-cap_used",
    "-breaches",
    "-annual_irr",
]


class TradeShown(Output):
    """A trade as it stands; ``exposure`` is outlay less collected, ``cap_used`` collected ÷ effective cap.

    ``state``: the cap is reached, else a month was below its minimum, else it is collecting.
    """

    company_id: int
    company: str
    currency: str
    cohort_month: date
    trade_id: int
    vehicle_id: int | None
    sharing_percentage: Rate
    outlay: Amount
    collected: Amount
    exposure: Amount
    effective_cap: Amount | None
    cap_used: Rate | None
    capped: bool
    breaches: int
    state: State
    annual_irr: float | None
    irr_status: str
    settled_irr: float | None
    settled_irr_status: str


class VintagePeriod(Output):
    """A period of a year's trades: collected ÷ outlay of the trades that are known that far, and how many those are."""

    period: int
    trades: int
    collected_to_outlay: Rate | None


class Vintage(Output):
    """The trades on cohorts of one year: cumulative collected ÷ outlay by period.

    ``collected_to_outlay`` goes as far as every trade of the year is known, ``periods`` as far as any is.
    """

    year: int
    trades: int
    outlay: Amount
    collected_to_outlay: list[str | None]
    periods: list[VintagePeriod]


class CompanyShare(Output):
    """What of the exposure hangs on a company."""

    company_id: int
    company: str
    exposure: Amount
    share: Rate | None


class Concentration(Output):
    """How the exposure is spread; ``herfindahl`` the sum of squared shares, 1 when all hangs on one company."""

    companies: list[CompanyShare]
    herfindahl: float | None


class CurrencyTotals(Output):
    """All trades in one currency; ``annual_irr`` of their flows together, ``settled_irr`` of what really moved."""

    currency: str
    trades: int
    companies: int
    outlay: Amount
    collected: Amount
    exposure: Amount
    cap_used: Rate | None
    breaches: int
    multiple: Rate | None
    annual_irr: float | None
    irr_status: str
    settled_irr: float | None
    settled_irr_status: str
    vintages: list[Vintage]
    concentration: Concentration


class Portfolio(Output):
    """Every trade of a fund, a vehicle or the firm."""

    fund_id: int | None
    vehicle_id: int | None
    as_of: date | None
    known_at: datetime | None
    currencies: list[CurrencyTotals]
    trades: list[TradeShown]
