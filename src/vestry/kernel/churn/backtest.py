"""The league table: each model is fitted without the newest months and judged on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vestry.kernel.churn.fitting import Floats
from vestry.kernel.churn.payments import PaymentHistory, fit_by_name, model_names
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class Score:
    """How a model predicted the held-back months.

    ``wape``: Σ|predicted − actual| ÷ Σ|actual| over cohorts and months (0 is perfect). ``bias``: (Σ predicted −
    Σ actual) ÷ Σ actual, positive when too optimistic. ``rmse`` in the payments' unit. All ``None`` with a ``reason``
    when the model could not be fitted. ``cells`` how many payments were predicted.
    """

    model: str
    wape: float | None
    bias: float | None
    rmse: float | None
    cells: int
    reason: str | None


@guarded
def backtest(history: PaymentHistory, holdback: int, models: Sequence[str] | None = None) -> list[Score]:
    """The models, best first, by the error on the last ``holdback`` calendar months.

    Every model sees the history as it was known before them and goes on from each cohort's last known payment, as a
    cohort prediction does, or from what its customers did until then. Cohorts born in the held-back months have
    nothing to go on from and are left out.
    """
    if holdback < 1:
        raise KernelError("at least one month must be held back")
    cut = history.last_month - holdback
    before = history.until(cut)
    pairs = [
        (month, row, len(known))
        for month, row, known in zip(history.months, history.rows, before.rows, strict=True)
        if 0 < len(known) < len(row)
    ]
    if not pairs:
        raise KernelError(f"no cohort has payments both before and in the last {holdback} months")
    actual = np.concatenate([row[known:] for _, row, known in pairs])
    scores = []
    for name in models or model_names(history):
        try:
            model = fit_by_name(before, name)
            predicted = np.concatenate(
                [model.ahead(month, row[:known], len(row) - known) for month, row, known in pairs]
            )
        except KernelError as error:
            scores.append(Score(name, None, None, None, 0, str(error)))
            continue
        scores.append(_score(name, predicted - actual, actual))
    return sorted(scores, key=lambda score: (score.wape is None, score.wape or 0.0))


def _score(name: str, errors: Floats, actual: Floats) -> Score:
    size, total = float(np.abs(actual).sum()), float(actual.sum())
    if size == 0:
        return Score(name, None, None, None, len(actual), "nothing was paid in the held-back months")
    return Score(
        name,
        float(np.abs(errors).sum()) / size,
        float(errors.sum()) / total if total > 0 else None,
        float(np.sqrt((errors**2).mean())),
        len(actual),
        None,
    )
