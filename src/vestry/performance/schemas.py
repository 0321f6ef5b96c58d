"""Figures as they go out: money and multiples as decimal strings, rates as numbers, null with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from vestry.core.fields import Amount, Multiple, Output, Rate


class RateOut(Output):
    """An effective annual rate (Act/365). ``status``: ok, multiple_roots, under_one_year, none."""

    rate: float | None
    status: str
    reason: str | None
    annualised: bool
    since_inception: float | None
    roots: list[float]
    residual: float | None
    first_on: date | None
    last_on: date | None


class NetOut(Output):
    """Between the investors and the fund."""

    committed: Amount
    called: Amount
    paid_in: Amount
    distributed: Amount
    recallable: Amount
    unfunded: Amount | None
    nav: Amount | None
    nav_basis: str
    valued_on: date
    before_carry: bool
    fair_value: Amount | None
    cash: Amount | None
    liabilities: Amount | None
    accrued_carry: Amount | None
    pic: Multiple | None
    dpi: Multiple | None
    rvpi: Multiple | None
    tvpi: Multiple | None
    irr: RateOut
    reasons: dict[str, str]


class GrossOut(Output):
    """Between the fund and its companies."""

    invested: Amount
    realised: Amount
    fair_value: Amount | None
    at_cost: int
    moic: Multiple | None
    dpi: Multiple | None
    rvpi: Multiple | None
    irr: RateOut
    reasons: dict[str, str]


class ScopeOut(Output):
    """What the figures are of."""

    kind: str
    id: int
    name: str


class PerformanceOut(Output):
    """Net and gross figures as of a day, as known at an instant; ``explain`` when asked for."""

    scope: ScopeOut
    as_of: date
    known_at: datetime | None
    currency: str | None
    net: NetOut | None
    gross: GrossOut | None
    reasons: dict[str, str]
    explain: dict[str, Any] | None


class SeriesPoint(Output):
    """A quarter's end, or the day asked for."""

    on: date
    contributions: Amount
    distributions: Amount
    cumulative_net: Amount
    nav: Amount | None
    paid_in: Amount
    distributed: Amount
    dpi: Multiple | None
    rvpi: Multiple | None
    tvpi: Multiple | None
    irr: float | None
    invested: Amount | None
    fair_value: Amount | None
    moic: Multiple | None


class SeriesOut(Output):
    """Quarter by quarter since the first flow."""

    scope: ScopeOut
    as_of: date
    known_at: datetime | None
    currency: str | None
    items: list[SeriesPoint]


class HoldingPerformance(Output):
    """A holding as of a day."""

    holding_id: int
    investment_id: int
    company_id: int
    company: str
    fund_id: int
    vehicle_id: int
    name: str
    currency: str
    status: str
    first_on: date
    ended_on: date | None
    quantity: str | None
    ownership: Rate | None
    cost: Amount
    remaining_cost: Amount
    realised: Amount
    fair_value: Amount | None
    basis: str
    measured_on: date | None
    moic: Multiple | None
    irr: RateOut
    reasons: dict[str, str]


class HoldingPerformances(Output):
    """The holdings and their sums."""

    as_of: date
    known_at: datetime | None
    items: list[HoldingPerformance]
    total: GrossOut | None


class FundRow(Output):
    """A fund in the list of funds."""

    fund_id: int
    fund: str
    currency: str
    strategy: str
    vintage_year: int | None
    as_of: date
    net: NetOut
    gross: GrossOut


class FundTotals(Output):
    """The sums of the filtered funds, one per currency: funds of different currencies are never added up."""

    currency: str
    funds: int
    net: NetOut
    gross: GrossOut


class FundRows(Output):
    """The funds with their figures, and the totals of the filtered set."""

    as_of: date | None
    known_at: datetime | None
    items: list[FundRow]
    totals: list[FundTotals]
    next: str | None
    total: int


LedgerRecord = Literal[
    "commitments", "capital-calls", "distributions", "vehicle-entries", "transactions", "marks", "reported-navs"
]


class LedgerRow(Output):
    """A dated fact of a fund; ``record`` and ``id`` name the row as the API's paths do. ``cash`` is what it does to
    the fund's cash (out negative), null where it moves none."""

    record: str
    id: int
    on: date
    kind: str
    company: str | None
    investor: str | None
    memo: str | None
    amount: Amount
    cash: Amount | None
    currency: str
    version: int
    recorded_at: datetime
    voided_at: datetime | None
    void_reason: str | None


class LedgerPage(Output):
    """A page of a fund's ledger."""

    items: list[LedgerRow]
    next: str | None
    total: int


class FundMetrics(Output):
    """Gross multiples of what was invested in companies, and the gross IRR."""

    tvpi: Multiple | None
    dpi: Multiple | None
    rvpi: Multiple | None
    moic: Multiple | None
    irr: float | None
