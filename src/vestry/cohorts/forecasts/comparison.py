"""A company's scenarios beside each other: what each would bring, all cohorts together and each by itself."""

from __future__ import annotations

from typing import Any

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.cashflows.together import amount, together
from vestry.cohorts.forecasts.figures import about
from vestry.cohorts.models import SCENARIOS
from vestry.cohorts.months import first_day
from vestry.core.fields import decimal_text
from vestry.kernel.cohorts import CohortCashflows, Scenario, run_scenarios


def compared(books: Books, horizon: int) -> dict[str, Any]:
    """Every recorded scenario of the company, worst, average and best first and the others by name; the actual months
    are the same in all of them."""
    order = sorted(books.scenarios.values(), key=lambda row: _rank(row["name"]))
    found = run_scenarios(
        books.matrix,
        books.terms,
        [Scenario(row["name"], row["m0"], row["churn"]) for row in order],
        horizon=horizon,
        timing=books.timing,
    )
    return about(books) | {
        "horizon": horizon,
        "scenarios": [
            {
                "name": row["name"],
                "m0": decimal_text(row["m0"]),
                "churn": decimal_text(row["churn"]),
                **together(books, found[row["name"]]),
                "cohorts": _cohorts(books, found[row["name"]]),
            }
            for row in order
        ],
    }


def _rank(name: str) -> tuple[int, str]:
    return (SCENARIOS.index(name) if name in SCENARIOS else len(SCENARIOS)), name


def _cohorts(books: Books, result: CohortCashflows) -> list[dict[str, Any]]:
    scale = 10.0**-books.digits
    return [
        {
            "cohort_month": first_day(int(month)),
            "collected": amount(float(result.cumulative_collected[row, -1]) * scale),
            "capped": bool(result.capped[row].any()),
            "annual_irr": result.annual_irr[row],
            "irr_status": result.statuses[row],
        }
        for row, month in enumerate(result.matrix.months.tolist())
    ]
