"""Worst, average, best: the same cohorts under several named assumptions."""

from __future__ import annotations

from collections.abc import Iterable

from vestry.kernel.cohorts.engine import CohortCashflows, compute
from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.matrix import CohortMatrix
from vestry.kernel.cohorts.terms import Scenario, TradeBook
from vestry.kernel.errors import KernelError


def run_scenarios(
    matrix: CohortMatrix,
    book: TradeBook,
    scenarios: Iterable[Scenario],
    *,
    horizon: int = 36,
    last_month_partial: bool = False,
    timing: Timing = "end_of_month",
) -> dict[str, CohortCashflows]:
    """Each scenario's cash flows by its name; the actual months are the same in all. A name used twice is refused."""
    results: dict[str, CohortCashflows] = {}
    for scenario in scenarios:
        if scenario.name in results:
            raise KernelError(f"there are two scenarios {scenario.name!r}")
        prediction = scenario.prediction(horizon, last_month_partial=last_month_partial)
        results[scenario.name] = compute(matrix, book, prediction, timing)
    return results
