"""Cash flows of cohorts as they are asked for and as they go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from vestry.cohorts.cashflows.tables import Show
from vestry.cohorts.payments.schemas import PaymentRow
from vestry.cohorts.scenarios.schemas import FirstMonth, ScenarioName, Timing
from vestry.core.fields import Amount, Input, Output, Rate, Share, example
from vestry.kernel.cohorts.matrix import WIDEST

HORIZON_DEFAULT = 36


class PredictIn(Input):
    """What is assumed of the months not yet known: a churn a month, one of the company's scenarios, or a model."""

    model_config = example({"churn": "0.05"})

    churn: Share | None = None
    scenario: ScenarioName | None = None
    model: Literal["best", "constant", "sbg", "bdw", "seasonal", "bgnbd", "paretonbd"] | None = Field(
        None, description="fitted to the company's payments; best: the one that foretold its newest months best"
    )
    m0: FirstMonth | None = Field(
        None,
        description="where a cohort without payments starts, as a fraction of its spend; left out: the scenario's",
    )
    horizon: Annotated[int, Field(ge=1, le=WIDEST)] = HORIZON_DEFAULT
    last_month_partial: bool = Field(
        False, description="the newest month is not over: the estimate goes on from the one before"
    )


class Assumed(Output):
    """What the prediction assumes; ``churn`` by period, the last one going on; null where a model is followed."""

    churn: list[float] | None
    m0: str | None
    horizon: int
    last_month_partial: bool


class Period(Output):
    """A month of a cohort. ``collected`` is the fund's part, held between 0 and the cap in all."""

    period: int
    month: date
    payment: Amount
    cumulative_payment: Amount
    threshold_failed: bool
    share_applied: Rate
    collected: Amount
    cumulative_collected: Amount
    capped: bool
    predicted: bool


class CohortOut(Output):
    """A cohort: the customers of a month, what they paid, and where a trade funds it, what the fund collects.

    ``annual_irr`` is the fund's own, on outlay and collections; ``cohort_payment_irr`` the company's, on spend and all
    payments. A rate that does not exist is null, and ``irr_status`` says why; to who works for the company both are
    null. ``settled_irr``: the dated rate, on the days on which the fund paid and the company settled, with a status of
    its own.
    """

    cohort_month: date
    spend: Amount | None
    spend_id: int | None
    customers: int
    cumulative_payment: Amount
    cohort_payment_irr: float | None
    trade_id: int | None
    vehicle_id: int | None
    sharing_percentage: Rate | None
    cash_cap: Amount | None
    planned_spend: Amount | None
    effective_cap: Amount | None
    timing: Timing | None
    target_irr: Rate | None
    outlay: Amount | None
    cumulative_collected: Amount | None
    capped: bool | None
    breaches: int | None
    monthly_irr: float | None
    annual_irr: float | None
    irr_status: str | None
    settled_irr: float | None
    settled_irr_status: str | None
    periods: list[Period]


class CohortPeriod(Period):
    """A month of a cohort as a row of a file. The month's own figures stand in the columns of the same name."""

    cohort_month: date
    spend: Amount | None
    customers: int
    trade_id: int | None
    sharing_percentage: Rate | None
    effective_cap: Amount | None


class CohortTableRow(Output):
    """A cohort's row; ``values`` by period, null where the month is not known or there is nothing to divide by."""

    cohort_month: date
    spend: Amount | None
    customers: int
    values: list[str | None]


class CohortTable(Output):
    """One row a cohort, one column a period."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    show: Show
    periods: int
    cohorts: list[CohortTableRow]


class OwedCohort(Output):
    """What the fund collects of a cohort for a month, and how that came about; null where the month is not known."""

    cohort_month: date
    trade_id: int
    period: int
    month: date | None
    payment: Amount | None
    cumulative_payment: Amount | None
    minimum_payment: Amount | None
    threshold_failed: bool | None
    overridden: bool | None
    share_applied: Rate | None
    collected: Amount | None
    cumulative_collected: Amount | None
    capped: bool | None
    steps: list[str]
    reason: str | None


class Owed(Output):
    """What a company owes the fund for one calendar month."""

    company_id: int
    currency: str
    month: date
    as_of: date | None
    known_at: datetime | None
    total: Amount
    cohorts: list[OwedCohort]


class OverrideShown(Output):
    """Why a breach was set aside."""

    id: int
    reason: str
    approved_by: str
    recorded_at: datetime


class Breach(Output):
    """A month of a cohort whose payments ÷ spend missed the minimum, and what the fund collects of it: as things stand,
    had no breach been set aside (``collected_in_full``), and had every one been (``collected_at_share``)."""

    cohort_month: date
    period: int
    month: date
    trade_id: int | None
    spend: Amount
    payment: Amount
    payment_to_spend: Rate
    minimum_payment_percent: Rate
    override: OverrideShown | None
    share_applied: Rate
    collected: Amount
    collected_in_full: Amount
    collected_at_share: Amount


class Breaches(Output):
    """The breaches of a company's known months; the amounts beside them are of all months of all cohorts."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    collected: Amount
    collected_in_full: Amount
    collected_at_share: Amount
    breaches: list[Breach]


class Explained(Output):
    """A month of a cohort: its steps, and the first of the payments it is made of."""

    company_id: int
    currency: str
    cohort_month: date
    period: int
    month: date
    payment: Amount
    cumulative_payment: Amount
    minimum_payment: Amount | None
    threshold_failed: bool
    overridden: bool
    share_applied: Rate
    collected: Amount
    cumulative_collected: Amount
    capped: bool
    steps: list[str]
    override: OverrideShown | None
    payments: list[PaymentRow]
    payment_count: int


class Cashflows(Output):
    """What every cohort of a company paid and the fund collects; a month not yet known is left out."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    complete_through: date | None
    timing: Timing
    prediction: Assumed | None
    cohorts: list[CohortOut]


class MonthTogether(Output):
    """A calendar month of all cohorts; ``..._predicted``: the part of it that is forecast."""

    month: date
    outlay: Amount
    payment: Amount
    payment_predicted: Amount
    collected: Amount
    collected_predicted: Amount


class Together(Output):
    """All cohorts together; ``annual_irr`` on the flows of all trades."""

    outlay: Amount
    payment: Amount
    collected: Amount
    annual_irr: float | None
    irr_status: str
    months: list[MonthTogether]


class Predicted(Cashflows):
    """The same with the months to come, and what they are all together."""

    together: Together
