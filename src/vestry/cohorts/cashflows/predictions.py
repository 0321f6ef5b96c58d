"""What is assumed of the months to come, from what was asked and what the company's scenarios say."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts.courses import courses_of
from vestry.core.errors import Invalid
from vestry.core.fields import exactly_one
from vestry.kernel.cohorts import Prediction


class NoSuchScenario(Invalid):
    """The company has no scenario of that name."""


def prediction_of(
    session: Session,
    books: Books,
    *,
    churn: Decimal | None = None,
    scenario: str | None = None,
    model: str | None = None,
    m0: Decimal | None = None,
    horizon: int = 36,
    last_month_partial: bool = False,
) -> Prediction:
    """A churn a month, a scenario of the company or a model; ``m0`` is the scenario's where it is left out.

    By a model each cohort has a course of its own; one that paid nothing yet starts at m0, or as the others did.
    """
    exactly_one(churn=churn, scenario=scenario, model=model)
    if model is not None:
        return Prediction(0, m0, horizon, last_month_partial, courses_of(session, books, model, horizon, m0))
    if scenario is not None:
        found = books.scenarios.get(scenario)
        if found is None:
            raise NoSuchScenario(
                f"The company has no scenario {scenario!r}.", field="scenario", mend="Record it, or give a churn."
            )
        churn, m0 = found["churn"], found["m0"] if m0 is None else m0
    assert churn is not None
    return Prediction(churn, m0, horizon, last_month_partial)
