"""What every cohort of a company is expected to pay by a fitted model."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts.fits import fitted
from vestry.kernel.cohorts.months import Floats


def courses_of(session: Session, books: Books, model: str, horizon: int, m0: Decimal | None) -> dict[int, Floats]:
    """Expected payments of every cohort by a model, in minor units, for a prediction: ``best`` is the winner.

    A cohort that paid nothing yet starts from its spend, if there is one, and m0 or the company's own first months.
    """
    fit = fitted(session, books, None if model == "best" else model)
    start = float(m0) if m0 is not None else first_month_of(books)
    found: dict[int, Floats] = {}
    for row, month in enumerate(books.matrix.months.tolist()):
        known = int(books.matrix.known[row])
        course = np.zeros(max(horizon, known))
        course[:known] = books.matrix.amounts[row, :known]
        if not known:
            if start is None or month not in books.spends:
                continue
            course[0] = start * float(books.spends[month]["spend"]) * 10**books.digits
            course[1:] = course[0] * fit.growth(month, len(course) - 1)
        else:
            course[known:] = fit.ahead(month, course[:known], len(course) - known)
        found[month] = course
    return found


def first_month_of(books: Books) -> float | None:
    """What the company's cohorts paid in their first month ÷ what was spent on them, all together; None without any."""
    matrix = books.matrix
    rows = [row for row, month in enumerate(matrix.months.tolist()) if matrix.known[row] > 0 and month in books.spends]
    spent = sum(float(books.spends[int(matrix.months[row])]["spend"]) for row in rows)
    paid = float(sum(int(matrix.amounts[row, 0]) for row in rows)) / 10**books.digits
    return max(paid, 0.0) / spent if spent > 0 else None
