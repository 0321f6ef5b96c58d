"""Monthly rounds as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from vestry.cohorts.months import Month
from vestry.core.fields import Amount, AmountNotNegative, Day, Input, Output, Rate, example

State = Literal["planned", "declined", "approved", "funded", "spent", "stated", "settled"]
Step = Literal["plan", "approve", "decline", "fund", "report", "issue", "settle", "step_back", "void"]


class MonthlyPlanIn(Input):
    """What a company plans to spend to win the customers of a month; 0 where older cohorts are settled alone."""

    model_config = example({"month": "2024-03-01", "planned_spend": "185000.00"})

    month: Month
    planned_spend: AmountNotNegative


class MonthlyPlanChangeIn(Input):
    """Another plan for the month."""

    model_config = example({"planned_spend": "170000.00"})

    planned_spend: AmountNotNegative


class FundingIn(Input):
    """What the fund paid on a day; negative: it came back."""

    model_config = example({"paid_on": "2024-03-01"})

    paid_on: Day
    amount: Amount | None = Field(None, description="left out: sharing × planned spend, less what was paid before")


class MonthlySpendIn(Input):
    """What was really spent in the month."""

    model_config = example({"spend": "180000.00"})

    spend: AmountNotNegative


class SettlementIn(Input):
    """What the company paid on a day, in part or in full; negative: it was paid back."""

    model_config = example({"paid_on": "2024-04-15", "amount": "31240.00"})

    paid_on: Day
    amount: Amount


class RoundTransferOut(Output):
    """Money that moved: ``funding`` to the company, ``settlement`` to the fund."""

    id: int
    kind: Literal["funding", "settlement"]
    paid_on: date
    amount: Amount
    recorded_at: datetime
    version: int


class RoundStepOut(Output):
    """Who did what and when; ``on`` and ``amount`` of the money, ``reason`` where one was given."""

    version: int
    step: Literal["plan", "approve", "decline", "fund", "report", "issue", "settle", "carry", "take_back", "step_back"]
    state: State
    at: datetime
    by: str
    side: Literal["fund", "company"]
    on: date | None
    amount: Amount | None
    reason: str | None


class RoundFinding(Output):
    """What looks odd, and what follows from it."""

    code: Literal["spend_deviates", "cap_scales", "funding_differs", "restated", "overpaid"]
    message: str


class MonthlyRoundOut(Output):
    """A month between the fund and a company.

    ``funding_due``: sharing × planned spend, as approved. ``funding_difference``: sharing × actual spend less what was
    paid. ``owed``: as stated, null before; ``owed_now``: as the engine computes it now. ``carried``: open from earlier
    months; ``balance``: carried + owed − settled, negative where the company paid too much.
    """

    id: int
    company_id: int
    currency: str
    month: date
    state: State
    planned_spend: Amount
    trade_id: int | None
    sharing_percentage: Rate | None
    cash_cap: Amount | None
    effective_cap: Amount | None
    allowed_deviation: Rate | None
    funding_due: Amount | None
    funded: Amount
    actual_spend: Amount | None
    deviation: Rate | None
    funding_difference: Amount | None
    owed_now: Amount
    owed: Amount | None
    stated_at: datetime | None
    carried: Amount
    settled: Amount
    balance: Amount
    transfers: list[RoundTransferOut]
    steps: list[RoundStepOut]
    findings: list[RoundFinding]
    next: list[Step]
    version: int
    recorded_at: datetime


class MonthlyRoundRow(Output):
    """A month between the fund and a company, in a list; ``next``: the steps that whoever asks may take."""

    id: int
    company_id: int
    currency: str
    month: date
    state: State
    planned_spend: Amount
    actual_spend: Amount | None
    funding_due: Amount | None
    funded: Amount
    owed: Amount | None
    settled: Amount
    balance: Amount
    next: list[Step]
    version: int
    recorded_at: datetime


class MonthlyRoundPage(Output):
    """A page of rounds."""

    items: list[MonthlyRoundRow]
    next: str | None
    total: int


class MonthlyStatementLine(Output):
    """A cohort in a statement. ``reasons``: why this share, and why not all of it. ``outlay`` and ``exposure`` (outlay
    less collected) are the fund's to read; null in the company's statement."""

    cohort_month: date
    period: int
    spend: Amount | None
    sharing_percentage: Rate
    effective_cap: Amount | None
    payment: Amount | None
    share_applied: Rate | None
    reasons: list[Literal["normal", "breach", "override", "cap_remainder", "capped", "not_known"]]
    collected: Amount | None
    cumulative_collected: Amount | None
    remaining_to_cap: Amount | None
    outlay: Amount | None
    exposure: Amount | None


class SettlementShown(Output):
    """What was settled on a day."""

    paid_on: date
    amount: Amount


class MonthlyStatementOut(Output):
    """The statement of a month: ``lines`` and ``total`` as stated at ``stated_at`` (a draft: as computed now);
    settlements, ``carried`` and ``balance`` as known at ``known_at``."""

    monthly_round_id: int
    company_id: int
    side: Literal["fund", "company"]
    firm: str
    company: str
    currency: str
    month: date
    state: State
    draft: bool
    stated_at: datetime | None
    known_at: datetime
    planned_spend: Amount
    actual_spend: Amount | None
    funding_due: Amount | None
    funded: Amount
    funding_difference: Amount | None
    carried: Amount
    carried_when_stated: Amount | None
    total: Amount
    settled: Amount
    balance: Amount
    settlements: list[SettlementShown]
    lines: list[MonthlyStatementLine]
