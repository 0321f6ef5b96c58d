"""What cohorts will pay: the model that foretold the held-back months best, and how sure one may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.backtest import Score, backtest
from vestry.kernel.churn.customers import CustomerModel
from vestry.kernel.churn.fitting import Floats
from vestry.kernel.churn.payments import PaymentHistory, PaymentModel, fit_by_name, model_names
from vestry.kernel.churn.spread import Spread, fit_spread, payment_paths
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class League:
    """The models by their error on the held-back months, best first; ``winner`` is the first that could be judged.

    ``holdback``: months held back. Without two months to tell apart there is no table: ``winner`` is None and
    ``reason`` says why.
    """

    table: tuple[Score, ...]
    winner: str | None
    holdback: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Expected payments of every cohort with a band around each, and of all cohorts by calendar month.

    ``expected``, ``low``, ``high``: shape (cohorts, periods), in the payments' unit; in a known period all three are
    the fact. ``ahead``: month indexes after the last known one; ``total``, ``total_low``, ``total_high`` beside it,
    over all cohorts. The band holds ``chance`` of the drawn paths, cut evenly at both ends; ``spread`` is None (and the
    band as narrow as the forecast) where the history is too short to tell one, and ``reason`` says so.
    """

    model: str
    fitted: PaymentModel
    league: League | None
    spread: Spread | None
    reason: str | None
    chance: float
    paths: int
    months: tuple[int, ...]
    known: tuple[int, ...]
    expected: Floats
    low: Floats
    high: Floats
    ahead: npt.NDArray[np.int64]
    total: Floats
    total_low: Floats
    total_high: Floats

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "model": self.model,
            "parameters": parameters(self.fitted),
            "choice": self._choice(),
            "held_back_months": None if self.league is None else self.league.holdback,
            "band": f"{self.chance:.0%} of {self.paths} drawn paths, payments × a factor of mean 1",
            "spread": None if self.spread is None else {name: getattr(self.spread, name) for name in Spread.__slots__},
            "reason": self.reason,
        }

    def _choice(self) -> str:
        if self.league is None:
            return "asked for"
        return "the least error on the held-back months" if self.league.winner else "nothing could be back-tested"


def parameters(model: PaymentModel) -> dict[str, object]:
    """A fitted model's parameters by name."""
    if isinstance(model, CustomerModel):
        return model.parameters
    inner = getattr(model, "retention", model)
    return {name: getattr(inner, name) for name in getattr(inner, "__slots__", ())}


@guarded
def league(history: PaymentHistory, holdback: int | None = None) -> League:
    """The back-test of every payment model; without ``holdback`` a third of the months, at most six.

    ``winner`` is None where nothing could be held back or no model fitted.
    """
    if holdback is not None and not isinstance(holdback, (int, np.integer)):
        raise KernelError(f"months held back are a whole number, not {holdback!r}")
    if holdback is None:
        first = min((month for month, row in zip(history.months, history.rows, strict=True) if len(row)), default=0)
        months = history.last_month - first + 1
        holdback = max(1, min(6, months // 3))
    try:
        table = tuple(backtest(history, holdback))
    except KernelError as error:
        return League((), None, holdback, str(error))
    winner = next((score.model for score in table if score.wape is not None), None)
    return League(table, winner, holdback, None if winner else "no model could be judged on the held-back months")


@guarded
def forecast(
    history: PaymentHistory,
    *,
    rng: np.random.Generator,
    horizon: int = 36,
    model: str | None = None,
    holdback: int | None = None,
    chance: float = 0.8,
    paths: int = 1000,
    fitted: PaymentModel | None = None,
) -> Forecast:
    """Every cohort's payments up to ``horizon`` periods, going on from its last known one, with a band.

    ``model``: a name, or None for the winner of the back-test (``constant`` where nothing could be held back), whose
    ``league`` is then in the result. ``fitted``: the model of that name where it is fitted to this history already.
    The band is cut from paths drawn with the history's own spread around the model. Cohorts without a known payment
    stay at 0.
    """
    if not 1 <= horizon <= 1200 or not 0 < chance < 1 or not 1 <= paths <= 100_000:
        raise KernelError("horizon lies between 1 and 1,200, chance between 0 and 1, paths between 1 and 100,000")
    if model is not None and model not in model_names():
        raise KernelError(f"{model!r} is not one of {', '.join(model_names())}")
    table = league(history, holdback) if model is None else None
    name = model or (table and table.winner) or "constant"
    fitted = fitted or fit_by_name(history, name)
    spread, reason = None, None
    try:
        spread = fit_spread(history, fitted)
    except KernelError as error:
        reason = str(error)
    known = tuple(len(row) for row in history.rows)
    width = max(horizon, *known)
    expected = np.zeros((len(known), width))
    low, high = expected.copy(), expected.copy()
    last = history.last_month
    ahead = np.arange(last + 1, max(month + width for month in history.months))
    drawn, total = np.zeros((paths, len(ahead))), np.zeros(len(ahead))
    for at, (month, row) in enumerate(zip(history.months, history.rows, strict=True)):
        course = expected[at]
        course[: len(row)] = row
        if len(row):
            course[len(row) :] = fitted.ahead(month, row, width - len(row))
        own = payment_paths(course, len(row), spread or Spread(), paths, rng)
        low[at], high[at] = _band(own, chance)
        start = min(max(0, last + 1 - month), width)
        to_come = slice(month + start - last - 1, max(month + width - last - 1, 0))
        if start < width:
            drawn[:, to_come] += own[:, start:]
            total[to_come] += course[start:]
    total_low, total_high = _band(drawn, chance)
    return Forecast(
        name, fitted, table, spread, reason, chance, paths, history.months, known,
        expected, low, high, ahead, total, total_low, total_high,
    )  # fmt: skip


def _band(drawn: Floats, chance: float) -> Floats:
    """Lower and upper edge per column: drawn values themselves, none made up between two."""
    if not drawn.shape[1]:
        return np.zeros((2, 0))
    edges: Floats = np.quantile(drawn, [(1 - chance) / 2, (1 + chance) / 2], axis=0, method="inverted_cdf")
    return edges
