"""Forecasts, simulations and proposals as they are asked for and as they go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from vestry.cohorts.cashflows.schemas import Together
from vestry.cohorts.months import Month
from vestry.cohorts.scenarios.schemas import FirstMonth, ScenarioName
from vestry.cohorts.terms.schemas import AboveTotalLoss, PositiveAmount, PositiveShare
from vestry.core.fields import Amount, Day, Input, Instant, Label, Output, Rate, Share, example

ModelName = Literal["constant", "sbg", "bdw", "seasonal", "bgnbd", "paretonbd"]
Horizon = Annotated[int, Field(ge=1, le=240)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1, description="the same seed gives the same figures")]
Paths = Annotated[int, Field(ge=100, le=10_000, description="how many futures are drawn")]
Deviation = Annotated[Rate, Field(ge=Decimal(0), le=Decimal(1))]


class SpreadIn(Input):
    """How far the cohort may stray: standard deviations of logarithms, and refunds."""

    level: Deviation = Field(Decimal(0), description="of the first payment around m0 × spend")
    drift: Deviation = Field(Decimal(0), description="of the cohort's monthly change, the same every month")
    noise: Deviation = Field(Decimal(0), description="of one month's payment")
    refund_chance: Share = Field(Decimal(0), description="of a refund in a month")
    refund_share: Deviation = Field(Decimal(0), description="refunded of what was expected of the month before")


class OutlookIn(Input):
    """Of which cohort, and what is assumed of its months to come: a churn, a scenario, a model, or the best model."""

    cohort_month: Month | None = Field(None, description="its payments are facts; left out: a cohort still to come")
    spend: PositiveAmount | None = Field(None, description="left out: what is recorded for the month")
    churn: Share | None = None
    m0: FirstMonth | None = Field(
        None, description="first payment ÷ spend of a cohort without any; left out: the company's own"
    )
    scenario: ScenarioName | None = None
    model: ModelName | None = None
    horizon: Horizon = 36
    as_of: Day | None = None
    known_at: Instant | None = None


class DrawnIn(OutlookIn):
    """And how its futures are drawn."""

    spread: SpreadIn | None = Field(None, description="left out: as the company's own cohorts strayed")
    paths: Paths = 2_000
    seed: Seed = 1


class TermsIn(Input):
    """The terms to try; left out: those of the cohort's own trade."""

    sharing_percentage: PositiveShare | None = None
    cash_cap: PositiveAmount | None = None
    planned_spend: PositiveAmount | None = None
    target_irr: AboveTotalLoss | None = None


class SimulateIn(DrawnIn, TermsIn):
    """A trade on many drawn futures of its cohort."""

    model_config = example(
        {"spend": "100000.00", "churn": "0.08", "m0": "0.3", "sharing_percentage": "0.8", "cash_cap": "120000.00"}
    )


class SolveIn(DrawnIn):
    """What the trade shall bring: its rate, and the most bearable chance that the outlay does not come back."""

    model_config = example(
        {"spend": "100000.00", "churn": "0.08", "m0": "0.3", "target_irr": "0.2", "largest_chance_of_loss": "0.05"}
    )

    target_irr: Annotated[Rate, Field(ge=Decimal(0), le=Decimal(1000))]
    largest_chance_of_loss: Share
    confidence: PositiveShare = Field(Decimal("0.5"), description="the part of the futures that shall earn the target")
    sharings: Annotated[list[PositiveShare], Field(min_length=1, max_length=50)] | None = Field(
        None, description="the sharing fractions to try; left out: 80 % down to 5 %"
    )


class ShockIn(Input):
    """A change of the months to come."""

    name: Label
    churn_rise: Annotated[Rate, Field(ge=Decimal(-1), le=Decimal(1))] = Field(
        Decimal(0), description="added to every month's churn: 0.02 is two points more"
    )
    level: Annotated[Rate, Field(ge=Decimal(-1), le=Decimal(100))] = Field(
        Decimal(0), description="relative change of every payment: -0.2 is a fifth less"
    )
    delay: Annotated[int, Field(ge=0, le=120)] = Field(0, description="months without any payment first")


class StressIn(OutlookIn, TermsIn):
    """A trade under shocks, and the rise of churn it can bear."""

    model_config = example(
        {
            "spend": "100000.00",
            "churn": "0.08",
            "m0": "0.3",
            "sharing_percentage": "0.8",
            "cash_cap": "120000.00",
            "shocks": [{"name": "two points more churn", "churn_rise": "0.02"}],
        }
    )

    shocks: Annotated[list[ShockIn], Field(max_length=20)] = Field(default_factory=list)


class ScoreOut(Output):
    """How a model foretold the held-back months: ``wape`` = Σ|predicted − actual| ÷ Σ|actual|, 0 is perfect."""

    model: str
    wape: float | None
    bias: float | None
    rmse: Amount | None
    cells: int
    reason: str | None


class SpreadOut(Output):
    """How far cohorts stray from the model: standard deviations of logarithms, and refunds."""

    level: float
    drift: float
    noise: float
    refund_chance: float
    refund_share: float


class BandMonth(Output):
    """A month to come of all cohorts."""

    month: date
    expected: Amount
    low: Amount
    high: Amount


class BandPeriod(BandMonth):
    """A period to come of one cohort."""

    period: int


class ForecastCohort(Output):
    """The months to come of a cohort."""

    cohort_month: date
    known_periods: int
    periods: list[BandPeriod]


class ForecastOut(Output):
    """What the cohorts will pay, by the model that foretold the held-back months best or the one asked for.

    ``chance``: the part of the drawn futures that lies between low and high. ``reason`` says why there is no band, or
    no forecast at all.
    """

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    model: str | None
    parameters: dict[str, Any] | None
    reason: str | None
    winner: str | None
    held_back_months: int | None
    league: list[ScoreOut]
    spread: SpreadOut | None
    chance: float | None
    months: list[BandMonth]
    cohorts: list[ForecastCohort]


class AssumedOut(Output):
    """What the months to come go by."""

    churn: float | None
    scenario: str | None
    model: str | None


class CoursePeriod(Output):
    """A period of the expected course."""

    period: int
    month: date
    payment: Amount
    predicted: bool


class OutlookOut(Output):
    """What was assumed of the cohort, and its course."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    cohort_month: date
    spend: Amount
    known_periods: int
    assumed: AssumedOut
    spread: SpreadOut
    spread_reason: str | None
    course: list[CoursePeriod]


class Rates(Output):
    """Fractions a year that 5, 25, 50, 75 and 95 % of the futures do not exceed; null where the rank has no rate."""

    p5: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p95: float | None


class Months(Output):
    """Months within which 5, 25, 50, 75 and 95 % of the futures reach the cap; null where fewer do."""

    p5: int | None
    p25: int | None
    p50: int | None
    p75: int | None
    p95: int | None


class CollectedPeriod(Output):
    """Collected in all after a period: the mean, and what 5, 50 and 95 % of the futures do not exceed."""

    period: int
    expected: Amount
    low: Amount
    median: Amount
    high: Amount


class HistogramStep(Output):
    """How many of the futures bring a multiple (collected ÷ outlay) from one figure to another."""

    multiple_from: float
    multiple_to: float
    paths: int


class RunOut(Output):
    """The fund's side of a trade over the drawn futures."""

    paths: int
    outlay: Amount
    expected_collected: Amount
    expected_multiple: float | None
    annual_irr: Rates
    chance_of_loss: float
    chance_of_loss_error: float
    chance_capped: float
    months_to_cap: Months
    collected_by_period: list[CollectedPeriod]
    histogram: list[HistogramStep]


class SimulateOut(Output):
    """A trade on many drawn futures."""

    outlook: OutlookOut
    result: RunOut


class OfferOut(Output):
    """What one sharing can do: the least cap that meets the target, and the chance of loss."""

    sharing_percentage: Rate
    outlay: Amount
    cash_cap: Amount | None
    multiple: float | None
    chance_of_loss: float
    chance_of_target: float
    verdict: str


class ProposalOut(Output):
    """The proposed terms, or why there are none."""

    status: str
    reason: str | None
    sharing_percentage: Rate | None
    cash_cap: Amount | None
    multiple: float | None
    chance_of_loss: float | None
    chance_of_loss_error: float
    chance_of_target: float | None
    offers: list[OfferOut]


class SolveOut(Output):
    """Terms from aims; ``result``: the proposed terms on the same futures."""

    outlook: OutlookOut
    proposal: ProposalOut
    result: RunOut | None


class OutcomeOut(Output):
    """What the trade brings on one course."""

    name: str
    collected: Amount
    multiple: float | None
    annual_irr: float | None
    irr_status: str
    months_to_cap: int | None
    lost: bool


class LimitOut(Output):
    """The smallest rise of churn (points a month as a fraction) that leaves ``amount`` uncollected."""

    rise: float | None
    status: str
    amount: Amount | None
    collected: Amount


class StressOut(Output):
    """A trade as expected and under shocks, and the churn it can bear."""

    outlook: OutlookOut
    expected: OutcomeOut
    shocks: list[OutcomeOut]
    churn_until_cap_missed: LimitOut
    churn_until_loss: LimitOut


class ScenarioCohort(Output):
    """A cohort under a scenario."""

    cohort_month: date
    collected: Amount
    capped: bool
    annual_irr: float | None
    irr_status: str


class ComparedOut(Together):
    """What a scenario would bring; ``annual_irr`` on the flows of all trades together."""

    name: str
    m0: Rate
    churn: Rate
    cohorts: list[ScenarioCohort]


class ComparisonOut(Output):
    """The company's scenarios beside each other: worst, average and best, then the others by name."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    horizon: int
    scenarios: list[ComparedOut]


class CohortGroupOut(Output):
    """Cohorts that behave alike. ``course``: their mean payment by period as multiples of the first month's; ``worth``:
    the sum of it. ``spend``: of them all, null where that of one is not recorded."""

    cohort_months: list[date]
    customers: int
    spend: Amount | None
    course: list[float]
    worth: float


class CohortGroupsOut(Output):
    """The cohorts in groups, the one worth most first; a single group with ``reason`` ``no_structure`` where they do
    not fall into any (the mean silhouette of the best division is 0.5 or less), none with ``too_few_cohorts``.
    ``left_out``: too young for the ``periods`` compared, or without a payment in their first month."""

    company_id: int
    currency: str
    as_of: date | None
    known_at: datetime | None
    periods: int
    silhouette: float | None
    reason: Literal["too_few_cohorts", "no_structure"] | None
    groups: list[CohortGroupOut]
    left_out: list[date]
