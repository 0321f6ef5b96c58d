"""Funds, vehicles and terms as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from vestry.core.fields import Amount, CurrencyCode, Day, Id, Input, Name, Output, Prose, Rate, example

Strategy = Literal["venture", "growth", "buyout", "credit", "real_assets", "fund_of_funds", "cohort", "other"]
VehicleKind = Literal["parallel", "feeder", "spv", "co_investment", "managed_account"]
Books = Literal["here", "elsewhere"]
FractionOfOne = Annotated[Rate, Field(ge=Decimal(0), le=Decimal(1))]
Years = Annotated[int, Field(ge=1, le=99)]


class FundIn(Input):
    """A fund; its main vehicle is made with it. ``currency`` is that of all its books."""

    model_config = example({"name": "North Fund I", "currency": "USD", "strategy": "venture", "vintage_year": 2024})

    name: Name
    currency: CurrencyCode
    strategy: Strategy = "venture"
    vintage_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    target_size: Annotated[Amount, Field(gt=Decimal(0))] | None = None
    started_on: Day | None = None
    description: Prose | None = None
    books: Books = Field("here", description="`elsewhere`: NAV is what is reported to us, not computed")


class FundOut(Output):
    """A fund; totals and figures are under /performance."""

    id: int
    name: str
    currency: str
    strategy: str
    vintage_year: int | None
    target_size: Amount | None
    started_on: date | None
    description: str | None
    main_vehicle_id: int
    books: str
    version: int
    created_at: datetime
    updated_at: datetime


class FundPage(Output):
    """A page of funds."""

    items: list[FundOut]
    next: str | None
    total: int


class VehicleIn(Input):
    """Another pocket of a fund: a parallel fund, a feeder, an SPV."""

    model_config = example({"fund_id": 1, "name": "North Fund I Parallel", "kind": "parallel"})

    fund_id: Id
    name: Name
    kind: VehicleKind
    books: Books = "here"


class VehicleOut(Output):
    """A vehicle; its currency is its fund's."""

    id: int
    fund_id: int
    name: str
    kind: str
    books: str
    currency: str
    version: int


class VehiclePage(Output):
    """A page of vehicles."""

    items: list[VehicleOut]
    next: str | None
    total: int


class TermsIn(Input):
    """What the agreement says from a date on; rates are fractions (0.02 = 2 %)."""

    model_config = example(
        {"effective_on": "2024-01-01", "management_fee_rate": "0.02", "carry_rate": "0.2", "hurdle_rate": "0.08"}
    )

    effective_on: Day
    management_fee_rate: FractionOfOne | None = None
    fee_basis: Literal["committed", "invested", "nav"] | None = None
    carry_rate: FractionOfOne | None = None
    hurdle_rate: FractionOfOne | None = None
    catch_up_rate: FractionOfOne | None = None
    carry_scheme: Literal["european", "american"] | None = None
    term_years: Years | None = None
    investment_period_years: Years | None = None


class TermsOut(Output):
    """The terms in force from ``effective_on`` on."""

    id: int
    effective_on: date
    management_fee_rate: Rate | None
    fee_basis: str | None
    carry_rate: Rate | None
    hurdle_rate: Rate | None
    catch_up_rate: Rate | None
    carry_scheme: str | None
    term_years: int | None
    investment_period_years: int | None
    version: int
    recorded_at: datetime
