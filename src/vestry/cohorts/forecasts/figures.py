"""The kernel's results as the answers' fields: amounts as text, rates and chances as numbers, undefined ones null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.cashflows.together import amount
from vestry.cohorts.forecasts.fits import Fitted
from vestry.cohorts.forecasts.outlooks import Outlook
from vestry.cohorts.months import first_day
from vestry.core.fields import decimal_text
from vestry.kernel.churn import Forecast, League, Score, Spread
from vestry.kernel.churn.forecast import parameters
from vestry.kernel.cohorts import ChurnLimit, Offer, Proposal, TradeOutcome, TradeRun
from vestry.kernel.cohorts.trades import SHARES

HISTOGRAM_STEPS: Final = 24


def forecast(books: Books, fit: Fitted, league: League, found: Forecast) -> dict[str, Any]:
    """The league table, the model used and every month to come with its band."""
    scale = 10.0**-books.digits

    def text(minor: float) -> str:
        return amount(minor * scale)

    return {
        **about(books),
        "model": fit.name,
        "parameters": parameters(fit.model),
        "reason": fit.reason,
        "winner": league.winner,
        "held_back_months": league.holdback,
        "league": [_score(score, scale) for score in league.table],
        "spread": None if fit.spread is None else _spread(fit.spread),
        "chance": found.chance,
        "months": [
            {"month": first_day(int(month)), "expected": text(mean), "low": text(low), "high": text(high)}
            for month, mean, low, high in zip(found.ahead, found.total, found.total_low, found.total_high, strict=True)
        ],
        "cohorts": [
            {
                "cohort_month": first_day(month),
                "known_periods": known,
                "periods": [
                    {
                        "period": period,
                        "month": first_day(month + period),
                        "expected": text(found.expected[row, period]),
                        "low": text(found.low[row, period]),
                        "high": text(found.high[row, period]),
                    }
                    for period in range(known, found.expected.shape[1])
                ],
            }
            for row, (month, known) in enumerate(zip(found.months, found.known, strict=True))
        ],
    }


def about(books: Books) -> dict[str, Any]:
    """What an answer is about."""
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "as_of": books.as_of,
        "known_at": books.known_at,
    }


def nothing_to_foretell(books: Books, reason: str) -> dict[str, Any]:
    """The answer for a company whose months fit no model: nothing, and why."""
    empty: dict[str, Any] = dict.fromkeys(("model", "parameters", "winner", "held_back_months", "spread", "chance"))
    return about(books) | empty | {"reason": reason, "league": [], "months": [], "cohorts": []}


def _score(score: Score, scale: float) -> dict[str, Any]:
    return {
        "model": score.model,
        "wape": score.wape,
        "bias": score.bias,
        "rmse": None if score.rmse is None else amount(score.rmse * scale),
        "cells": score.cells,
        "reason": score.reason,
    }


def _spread(spread: Spread) -> dict[str, float]:
    return {name: getattr(spread, name) for name in Spread.__slots__}


def outlook(books: Books, found: Outlook) -> dict[str, Any]:
    """What was assumed of the cohort, and its course."""
    return {
        **about(books),
        "cohort_month": first_day(found.month),
        "spend": decimal_text(found.spend, 2),
        "known_periods": found.known,
        "assumed": found.says,
        "spread": _spread(found.spread),
        "spread_reason": found.spread_reason,
        "course": [
            {
                "period": period,
                "month": first_day(found.month + period),
                "payment": amount(payment),
                "predicted": period >= found.known,
            }
            for period, payment in enumerate(found.expected.tolist())
        ],
    }


def run(found: TradeRun) -> dict[str, Any]:
    """The distribution over the drawn paths."""
    scale = 10.0**-found.minor_digits
    told = found.summary()
    low, middle, high = (found.by_month(share) for share in (0.05, 0.5, 0.95))
    mean = found.collected.mean(axis=0).cumsum() * scale
    return {
        "paths": found.paths,
        "outlay": decimal_text(told["outlay"], 2),
        "expected_collected": amount(float(found.brought.mean()) * scale),
        "expected_multiple": found.expected_multiple,
        "annual_irr": {_name(share): found.annual_irr_at(share) for share in SHARES},
        "chance_of_loss": found.chance_of_loss,
        "chance_of_loss_error": told["chance_of_loss_error"],
        "chance_capped": found.chance_capped,
        "months_to_cap": {_name(share): found.months_to_cap_at(share) for share in SHARES},
        "collected_by_period": [
            {
                "period": period,
                "expected": amount(float(mean[period])),
                "low": _text(low[period]),
                "median": _text(middle[period]),
                "high": _text(high[period]),
            }
            for period in range(len(low))
        ],
        "histogram": _histogram(found),
    }


def _histogram(found: TradeRun) -> list[dict[str, Any]]:
    """How many paths bring which multiple of the outlay, in steps of equal width; empty without an outlay."""
    if not found.outlay:
        return []
    counts, edges = np.histogram(found.brought / found.outlay, bins=HISTOGRAM_STEPS)
    return [
        {"multiple_from": low, "multiple_to": high, "paths": count}
        for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def _name(share: float) -> str:
    return f"p{round(100 * share)}"


def _text(value: Decimal) -> str:
    return decimal_text(value, 2)


def proposal(found: Proposal) -> dict[str, Any]:
    """The proposed terms, or why there are none, and every sharing that was tried."""
    chosen = found.offer
    return {
        "status": found.status,
        "reason": found.reason,
        "sharing_percentage": None if found.sharing is None else decimal_text(found.sharing),
        "cash_cap": None if found.cash_cap is None else _text(found.cash_cap),
        "multiple": None if chosen is None else chosen.multiple,
        "chance_of_loss": None if chosen is None else chosen.chance_of_loss,
        "chance_of_loss_error": found.loss_error,
        "chance_of_target": None if chosen is None else chosen.chance_of_target,
        "offers": [_offer(offer) for offer in found.offers],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "sharing_percentage": decimal_text(offer.sharing),
        "outlay": _text(offer.outlay),
        "cash_cap": None if offer.cash_cap is None else _text(offer.cash_cap),
        "multiple": offer.multiple,
        "chance_of_loss": offer.chance_of_loss,
        "chance_of_target": offer.chance_of_target,
        "verdict": offer.verdict,
    }


def outcome(found: TradeOutcome) -> dict[str, Any]:
    """What a trade brings under a shock."""
    return {
        "name": found.shock.name,
        "collected": _text(found.collected),
        "multiple": found.multiple,
        "annual_irr": found.annual_irr,
        "irr_status": found.status,
        "months_to_cap": found.months_to_cap,
        "lost": found.lost,
    }


def limit(found: ChurnLimit) -> dict[str, Any]:
    """The smallest rise of churn that leaves something uncollected."""
    return {
        "rise": found.rise,
        "status": found.status,
        "amount": None if found.amount is None else _text(found.amount),
        "collected": _text(found.collected),
    }
