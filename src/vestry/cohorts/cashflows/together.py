"""All cohorts of a company together: cash by calendar month, in all, and the fund's rate on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.months import first_day
from vestry.core.fields import units_text
from vestry.core.types import MONEY_SCALE
from vestry.kernel import returns
from vestry.kernel.cohorts import CohortCashflows
from vestry.kernel.cohorts.months import Floats, Ints


def amount(value: float) -> str:
    """An estimate in currency, to the last place of money."""
    return units_text(int(np.rint(value * 10**MONEY_SCALE)), MONEY_SCALE, 2)


def together(books: Books, result: CohortCashflows) -> dict[str, Any]:
    """What all cohorts pay and bring the fund, by calendar month and in all; ``..._predicted``: the forecast part."""
    scale = 10.0**-books.digits
    starts: Ints = result.matrix.months - (int(result.matrix.months[0]) if len(result.matrix) else 0)
    outlay = result.outlay.astype(np.float64)
    payment, collected = _by_month(starts, result.payment), _by_month(starts, result.collected)
    ahead, brought = (_by_month(starts, one * result.predicted) for one in (result.payment, result.collected))
    paid_out = np.zeros(len(payment))
    np.add.at(paid_out, starts, outlay)
    at_once = result.book.same_month(result.timing)[:, None]
    in_month, at_end = (_by_month(starts, result.collected * one) for one in (at_once, ~at_once))
    rate = returns.irr(_flows(paid_out, in_month, at_end))
    columns = {
        "outlay": paid_out,
        "payment": payment,
        "payment_predicted": ahead,
        "collected": collected,
        "collected_predicted": brought,
    }
    texts = {name: [amount(one) for one in (values * scale).tolist()] for name, values in columns.items()}
    first = int(result.matrix.months[0]) if len(result.matrix) else 0
    return {
        "outlay": amount(float(outlay.sum()) * scale),
        "payment": amount(float(payment.sum()) * scale),
        "collected": amount(float(collected.sum()) * scale),
        "annual_irr": None if rate.rate is None else returns.effective_annual(rate.rate, 12),
        "irr_status": rate.reason or rate.status,
        "months": [
            {"month": first_day(first + at)} | dict(zip(texts, row, strict=True))
            for at, row in enumerate(zip(*texts.values(), strict=True))
        ],
    }


def _by_month(starts: Ints, cells: Floats) -> Floats:
    """The cells of all cohorts by calendar month, counted from the first cohort's."""
    if not len(starts):
        return np.zeros(0)
    total = np.zeros(int(starts[-1]) + cells.shape[1])
    for start, row in zip(starts.tolist(), cells, strict=True):
        total[start : start + len(row)] += row
    return total


def _flows(paid_out: Floats, in_month: Floats, at_end: Floats) -> Floats:
    """The fund's cash by month's start: outlays out, what a month brings in at its end, or in it."""
    flows = np.append(in_month - paid_out, 0.0)
    flows[1:] += at_end
    return flows
