"""Forecasts and trades tried on them over HTTP. Nothing is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import Query

from vestry.cohorts.cashflows.books import books_of
from vestry.cohorts.forecasts import schemas, service
from vestry.cohorts.forecasts.comparison import compared
from vestry.cohorts.forecasts.groups import grouped
from vestry.core.fields import Day, Id, Instant, Share
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.identity.door import Work, may

router = make_router("cohorts")
Predicting = Annotated[Work, may("cohort.predict")]
Model = Annotated[schemas.ModelName | None, Query(description="left out: the one that foretold best")]
Horizon = Annotated[int, Query(ge=1, le=240, description="periods of every cohort in all")]
Chance = Annotated[Share, Query(description="the part of the drawn futures within the band")]
AsOf = Annotated[Day | None, Query(description="only what was paid up to this day; everything when left out")]
KnownAt = Annotated[Instant | None, Query(description="as the books were known then; now when left out")]
Seed = Annotated[int, Query(ge=0, le=2**32 - 1, description="the same seed gives the same band")]


@router.get(
    "/companies/{company_id}/cashflows/forecast", operation_id="get_forecast", response_model=schemas.ForecastOut
)
def get_forecast(
    company_id: Id,
    work: Annotated[Work, may("cohort_forecast.read")],
    model: Model = None,
    horizon: Horizon = 36,
    chance: Chance = Decimal("0.8"),
    seed: Seed = 1,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Json:
    """What the cohorts will pay, with a band, and how each model foretold the newest months without seeing them."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    return Json(service.forecast(work.session, books, model=model, horizon=horizon, chance=chance, seed=seed))


@router.get(
    "/companies/{company_id}/cashflows/scenarios",
    operation_id="compare_scenarios",
    response_model=schemas.ComparisonOut,
)
def compare_scenarios(
    company_id: Id,
    work: Annotated[Work, may("cohort_forecast.read")],
    horizon: Horizon = 36,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Json:
    """What each of the company's scenarios would bring, beside each other."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    return Json(compared(books, horizon))


@router.get(
    "/companies/{company_id}/cashflows/groups",
    operation_id="get_cohort_groups",
    response_model=schemas.CohortGroupsOut,
)
def get_cohort_groups(
    company_id: Id,
    work: Annotated[Work, may("cohort_forecast.read")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Json:
    """Which cohorts behave alike, by the course of their payments, and what a unit of the first month brings."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    return Json(grouped(books))


@router.post(
    "/companies/{company_id}/trades/simulate", operation_id="simulate_trade", response_model=schemas.SimulateOut
)
def simulate_trade(company_id: Id, body: schemas.SimulateIn, work: Predicting) -> Json:
    """A trade on many drawn futures: the fund's rate, the chance of loss, and when the cap is reached."""
    books = books_of(work.session, work.actor, company_id, as_of=body.as_of, known_at=body.known_at)
    return Json(service.simulate(work.session, books, body.model_dump()))


@router.post("/companies/{company_id}/trades/solve", operation_id="solve_trade", response_model=schemas.SolveOut)
def solve_trade(company_id: Id, body: schemas.SolveIn, work: Predicting) -> Json:
    """The most sharing and the least cap that bring a target rate with a bearable chance of loss."""
    books = books_of(work.session, work.actor, company_id, as_of=body.as_of, known_at=body.known_at)
    return Json(service.solve(work.session, books, body.model_dump()))


@router.post("/companies/{company_id}/trades/stress", operation_id="stress_trade", response_model=schemas.StressOut)
def stress_trade(company_id: Id, body: schemas.StressIn, work: Predicting) -> Json:
    """A trade under shocks, and the smallest rise of churn that leaves its cap, or its outlay, uncollected."""
    books = books_of(work.session, work.actor, company_id, as_of=body.as_of, known_at=body.known_at)
    return Json(service.stress(work.session, books, body.model_dump()))
