"""Forecasts of a company's cohorts, and trades tried on them: what the routes and the command line ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts import figures
from vestry.cohorts.forecasts.fits import NotFittable, fitted, history_of, league_of
from vestry.cohorts.forecasts.outlooks import Outlook, outlook_of, terms_of, thresholds_of
from vestry.core import executors
from vestry.core.errors import Invalid
from vestry.kernel import churn, cohorts
from vestry.kernel.cohorts.solving import SHARINGS
from vestry.kernel.errors import KernelError

TERMS = ("sharing_percentage", "cash_cap", "planned_spend", "target_irr")
OUTLOOK = ("cohort_month", "spend", "churn", "m0", "scenario", "model", "horizon")
BAND_PATHS = 500


class NotComputable(Invalid):
    """The figures given, or what follows from them, are beyond what can be computed."""


def forecast(
    session: Session, books: Books, *, model: str | None, horizon: int, chance: Decimal, seed: int
) -> dict[str, Any]:
    """The league table and every month to come with its band; nothing, and why, where no model fits."""
    try:
        fit, table = fitted(session, books, model), league_of(session, books)
    except NotFittable as error:
        if model is not None:
            raise
        return figures.nothing_to_foretell(books, error.message)
    if not 0 < chance < 1:
        raise NotComputable("A band holds more than none and less than all of the drawn futures.", field="chance")
    try:
        found = churn.forecast(
            history_of(books),
            rng=np.random.default_rng(seed),
            horizon=horizon,
            model=fit.name,
            chance=float(chance),
            paths=BAND_PATHS,
            fitted=fit.model,
        )
    except KernelError as error:
        raise NotComputable(f"{error}.") from None
    return figures.forecast(books, fit, table, found)


def simulate(session: Session, books: Books, asked: dict[str, Any]) -> dict[str, Any]:
    """A trade on drawn futures of its cohort."""
    found = _outlook(session, books, asked)
    return {"outlook": figures.outlook(books, found), "result": _run(books, found, asked, _terms(books, found, asked))}


def solve(session: Session, books: Books, asked: dict[str, Any]) -> dict[str, Any]:
    """Terms that bring the target with a bearable chance of loss, or why there are none."""
    found = _outlook(session, books, asked)
    try:
        proposal = cohorts.solve_terms(
            found.expected,
            found.spend,
            target_irr=asked["target_irr"],
            largest_chance_of_loss=asked["largest_chance_of_loss"],
            rng=np.random.default_rng(asked["seed"]),
            cohort_month=found.month,
            known=found.known,
            spread=found.spread,
            thresholds=thresholds_of(books),
            sharings=asked["sharings"] or SHARINGS,
            confidence=float(asked["confidence"]),
            paths=asked["paths"],
            timing=books.timing_of(found.month),
            minor_digits=books.digits,
            runner=executors.runner(),
        )
    except KernelError as error:
        raise NotComputable(f"{error}.") from None
    terms = None
    if proposal.sharing is not None:
        terms = cohorts.Terms(found.month, proposal.sharing, proposal.cash_cap)
    return {
        "outlook": figures.outlook(books, found),
        "proposal": figures.proposal(proposal),
        "result": None if terms is None else _run(books, found, asked, terms),
    }


def stress(session: Session, books: Books, asked: dict[str, Any]) -> dict[str, Any]:
    """A trade as expected and under shocks, and the smallest rise of churn it does not bear."""
    found = _outlook(session, books, asked)
    terms, thresholds = _terms(books, found, asked), thresholds_of(books)
    shocks = [
        cohorts.TradeShock(shock["name"], float(shock["churn_rise"]), float(shock["level"]), shock["delay"])
        for shock in asked["shocks"]
    ]
    given: dict[str, Any] = {
        "known": found.known,
        "thresholds": thresholds,
        "timing": books.timing_of(found.month),
        "minor_digits": books.digits,
    }
    try:
        outcomes = cohorts.stress_trade(found.expected, terms, found.spend, shocks, **given)
        cap, outlay = (
            cohorts.reverse_stress_churn(found.expected, terms, found.spend, until=until, **given)
            for until in ("cap", "outlay")
        )
    except KernelError as error:
        raise NotComputable(f"{error}.") from None
    expected, *others = map(figures.outcome, outcomes)
    return {
        "outlook": figures.outlook(books, found),
        "expected": expected,
        "shocks": others,
        "churn_until_cap_missed": figures.limit(cap),
        "churn_until_loss": figures.limit(outlay),
    }


def _outlook(session: Session, books: Books, asked: dict[str, Any]) -> Outlook:
    given = {name: asked[name] for name in OUTLOOK}
    return outlook_of(session, books, spread=asked.get("spread"), **given)


def _terms(books: Books, found: Outlook, asked: dict[str, Any]) -> cohorts.Terms:
    return terms_of(books, found.month, **{name: asked[name] for name in TERMS})


def _run(books: Books, found: Outlook, asked: dict[str, Any], terms: cohorts.Terms) -> dict[str, Any]:
    try:
        run = cohorts.simulate_trade(
            found.expected,
            terms,
            found.spend,
            rng=np.random.default_rng(asked["seed"]),
            known=found.known,
            spread=found.spread,
            thresholds=thresholds_of(books),
            paths=asked["paths"],
            timing=books.timing_of(found.month),
            minor_digits=books.digits,
            runner=executors.runner(),
        )
    except KernelError as error:
        raise NotComputable(f"{error}.") from None
    return figures.run(run)
