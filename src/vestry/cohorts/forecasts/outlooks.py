"""What one cohort is expected to pay: its facts, then a churn, a scenario or a fitted model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.cashflows.predictions import NoSuchScenario
from vestry.cohorts.forecasts.courses import first_month_of
from vestry.cohorts.forecasts.fits import FALLBACK, Fitted, NotFittable, fitted
from vestry.cohorts.months import first_day, index_of
from vestry.core import clock
from vestry.core.errors import Invalid
from vestry.kernel.churn import Spread
from vestry.kernel.cohorts import Terms, Threshold
from vestry.kernel.cohorts.months import Floats


class NoSpend(Invalid):
    """Nothing says what was, or will be, spent on the cohort."""


class NoFirstMonth(Invalid):
    """Nothing says what the cohort pays in its first month."""


class OneAssumption(Invalid):
    """More than one of churn, scenario and model is given."""


class NoTerms(Invalid):
    """No terms are given, and the cohort has no trade."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A cohort's expected payments in currency from period 0 to the horizon, the first ``known`` of them facts.

    ``spread`` all zero, with the ``spread_reason``, where the company's history cannot tell one. ``says``: what was
    assumed, in the answer's words.
    """

    month: int
    spend: Decimal
    expected: Floats
    known: int
    spread: Spread
    spread_reason: str | None
    says: dict[str, Any]


def outlook_of(
    session: Session,
    books: Books,
    *,
    cohort_month: date | None,
    spend: Decimal | None,
    churn: Decimal | None,
    m0: Decimal | None,
    scenario: str | None,
    model: str | None,
    spread: dict[str, Any] | None,
    horizon: int,
) -> Outlook:
    """The outlook of a cohort of the company, or of one still to come where no month is named.

    Without churn, scenario and model the model that foretold the held-back months best is taken. Without m0 (its own,
    or the scenario's) a cohort that paid nothing yet starts as the company's cohorts did on average.
    """
    if sum(given is not None for given in (churn, scenario, model)) > 1:
        raise OneAssumption("Give one of churn, scenario and model, or none of them.", field="churn")
    if scenario is not None:
        found = books.scenarios.get(scenario)
        if found is None:
            raise NoSuchScenario(
                f"The company has no scenario {scenario!r}.", field="scenario", mend="Record it, or give a churn."
            )
        churn, m0 = found["churn"], found["m0"] if m0 is None else m0
    fit = _fit(session, books, churn, model)
    month = _month(session, books, cohort_month)
    spend = _spend(books, month, spend)
    paid = _paid(books, month)
    expected = np.zeros(max(horizon, len(paid)))
    expected[: len(paid)] = paid
    known = len(paid)
    if not known:
        expected[0] = float(_first(books, m0)) * float(spend)
    last = max(known - 1, 0)
    ahead = len(expected) - last - 1
    if churn is not None:
        expected[last + 1 :] = max(float(expected[last]), 0.0) * (1 - float(churn)) ** np.arange(1, ahead + 1)
    elif fit is not None and known:
        minor = 10.0**books.digits
        expected[known:] = fit.ahead(month, paid * minor, ahead) / minor
    elif fit is not None:
        expected[1:] = expected[0] * fit.growth(month, ahead)
    own = Spread(**{name: float(value) for name, value in spread.items()}) if spread is not None else None
    return Outlook(
        month,
        spend,
        expected,
        known,
        own or (fit.spread if fit is not None else None) or Spread(),
        None if own is not None else fit.reason if fit is not None else "the company has no payments yet",
        {
            "churn": None if churn is None else float(churn),
            "scenario": scenario,
            "model": None if churn is not None or fit is None else fit.name,
        },
    )


def _fit(session: Session, books: Books, churn: Decimal | None, model: str | None) -> Fitted | None:
    """The model to go by; under a given churn the one whose spread says how far the company's cohorts stray."""
    try:
        return fitted(session, books, FALLBACK if churn is not None else model)
    except NotFittable:
        if churn is None:
            raise
        return None


def _month(session: Session, books: Books, given: date | None) -> int:
    if given is not None:
        return index_of(given)
    newest = max((int(month) for month in books.matrix.months), default=None)
    return index_of(clock.today(session)) if newest is None else newest + 1


def _spend(books: Books, month: int, given: Decimal | None) -> Decimal:
    recorded = books.spends.get(month)
    spend: Decimal | None = given if given is not None or recorded is None else recorded["spend"]
    if spend is None or spend <= 0:
        raise NoSpend(
            f"No spend is recorded for {first_day(month)}, or it is 0.", field="spend", mend="Give the spend."
        )
    return spend


def _paid(books: Books, month: int) -> Floats:
    rows = np.flatnonzero(books.matrix.months == month)
    if not len(rows):
        return np.zeros(0)
    row = int(rows[0])
    paid: Floats = books.matrix.amounts[row, : int(books.matrix.known[row])] / 10.0**books.digits
    return paid


def _first(books: Books, m0: Decimal | None) -> float:
    found = first_month_of(books) if m0 is None else float(m0)
    if found is None:
        raise NoFirstMonth(
            "No cohort of the company has both a spend and payments to start from.",
            field="m0",
            mend="Give m0, the first month's payments ÷ spend.",
        )
    return found


def terms_of(
    books: Books,
    month: int,
    *,
    sharing_percentage: Decimal | None,
    cash_cap: Decimal | None,
    planned_spend: Decimal | None,
    target_irr: Decimal | None,
) -> Terms:
    """The terms given, or without a sharing those of the cohort's own trade."""
    if sharing_percentage is not None:
        return Terms(month, sharing_percentage, cash_cap, planned_spend, target_irr)
    trade = books.trades.get(month)
    if trade is None or any(given is not None for given in (cash_cap, planned_spend, target_irr)):
        raise NoTerms(
            f"No sharing is given, and {first_day(month)} has no trade to take as it is.",
            field="sharing_percentage",
            mend="Give the sharing with the other terms, or name a cohort with a trade and leave them out.",
        )
    return Terms(month, trade["sharing_percentage"], trade["cash_cap"], trade["planned_spend"], trade["target_irr"])


def thresholds_of(books: Books) -> list[Threshold]:
    """The company's thresholds."""
    return [Threshold(period, row["minimum_payment_percent"]) for period, row in books.thresholds.items()]
