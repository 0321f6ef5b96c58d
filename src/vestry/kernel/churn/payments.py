"""Retention of payments: models fitted to what cohorts paid by period, and a calendar season on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.customers import CUSTOMER_MODELS, Purchases, fit_customers
from vestry.kernel.churn.fitting import Fit, Floats, maximise
from vestry.kernel.churn.retention import BetaDiscreteWeibull, ConstantChurn, RetentionModel, ShiftedBetaGeometric
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


class PaymentModel(Protocol):
    """Says how a cohort's payments go on."""

    def growth(self, month: int, last: int, periods: int) -> Floats:
        """Payment of periods last + 1 … last + periods as multiples of that of period ``last``; cohort month index."""

    def ahead(self, month: int, row: Floats, periods: int) -> Floats:
        """Payments of the ``periods`` after a cohort's known ``row``, in its unit."""


class FromLast:
    """Goes on from the last known payment."""

    __slots__ = ()

    def ahead(self: PaymentModel, month: int, row: Floats, periods: int) -> Floats:
        """The last known payment, or 0 where it is negative, × growth."""
        course: Floats = max(float(row[-1]), 0.0) * self.growth(month, len(row) - 1, periods)
        return course


@dataclass(frozen=True, slots=True, eq=False)
class PaymentHistory:
    """What each cohort paid: ``months`` cohort month indexes, ``rows`` the known payments from period 0 on (ragged).

    ``purchases``: the same by customer, where it is known; models of single customers need it.
    """

    months: tuple[int, ...]
    rows: tuple[Floats, ...]
    purchases: Purchases | None = None

    @classmethod
    def of(
        cls, months: Sequence[int], rows: Sequence[npt.ArrayLike], purchases: Purchases | None = None
    ) -> PaymentHistory:
        """Checked: as many months as rows, finite amounts."""
        if len(months) != len(rows):
            raise KernelError(f"{len(months)} cohort months and {len(rows)} rows of payments do not match")
        arrays = tuple(np.asarray(row, dtype=np.float64) for row in rows)
        if any(row.ndim != 1 or not np.isfinite(row).all() for row in arrays):
            raise KernelError("payments must be finite numbers")
        return cls(tuple(int(month) for month in months), arrays, purchases)

    @classmethod
    def of_matrix(cls, matrix: Any) -> PaymentHistory:
        """The known cells of a :class:`~vestry.kernel.cohorts.CohortMatrix`."""
        rows = [matrix.amounts[i, : int(known)] for i, known in enumerate(matrix.known)]
        return cls.of(matrix.months.tolist(), rows)

    def until(self, last_month: int) -> PaymentHistory:
        """The same history as it was known at the end of a calendar month."""
        kept = [row[: max(last_month - month + 1, 0)] for month, row in zip(self.months, self.rows, strict=True)]
        return PaymentHistory(self.months, tuple(kept), self.purchases)

    @property
    def last_month(self) -> int:
        """The newest calendar month with a known payment."""
        ends = [month + len(row) - 1 for month, row in zip(self.months, self.rows, strict=True) if len(row)]
        if not ends:
            raise KernelError("no cohort has a known payment")
        return max(ends)


@dataclass(frozen=True, slots=True)
class AgeOnly(FromLast):
    """Payments fall with the cohort's age as a retention model says: growth = S(last + j) ÷ S(last)."""

    retention: RetentionModel

    def growth(self, month: int, last: int, periods: int) -> Floats:
        """The product of the retention rates of the periods to come, whatever the calendar."""
        ahead: Floats = np.multiply.accumulate(self.retention.retention(np.arange(last + 1, last + periods + 1)))
        return ahead


@dataclass(frozen=True, slots=True)
class Seasonal(FromLast):
    """A retention by age times a factor by calendar month (January first; their geometric mean is 1)."""

    rate: float
    factors: tuple[float, ...]

    def growth(self, month: int, last: int, periods: int) -> Floats:
        """(1 − rate)^j × factor of the month ÷ factor of the last known month."""
        ages = np.arange(last + 1, last + periods + 1)
        season = np.asarray(self.factors)
        ahead: Floats = (1 - self.rate) ** (ages - last) * season[(month + ages) % 12] / season[(month + last) % 12]
        return ahead


MODELS: dict[str, tuple[Any, tuple[float, ...]]] = {
    "constant": (lambda p: ConstantChurn(float(p[0] / (1 + p[0]))), (0.1,)),
    "sbg": (lambda p: ShiftedBetaGeometric(*p.tolist()), (1.0, 3.0)),
    "bdw": (lambda p: BetaDiscreteWeibull(*p.tolist()), (1.0, 3.0, 1.0)),
}


@guarded
def fit_payments(history: PaymentHistory, model: str) -> Fit[Any]:
    """A retention model (``constant``, ``sbg``, ``bdw``) fitted to payments instead of heads.

    Each cohort's expected payments are level × S(period); the level is the cohort's own and drops out, so the
    likelihood is that of how its total spreads over the periods: Σ payment × ln(S(period) ÷ Σ S), a quasi-likelihood
    that needs no count of customers. Negative months count as 0; a cohort of one known month says nothing.
    """
    if model not in MODELS:
        raise KernelError(f"{model!r} is not one of {', '.join(MODELS)}")
    rows = [np.maximum(row, 0.0) for row in history.rows if len(row) > 1 and np.maximum(row, 0.0).sum() > 0]
    if not rows:
        raise KernelError("no cohort has two known months with payments")
    make, start = MODELS[model]
    longest, total = max(len(row) for row in rows), float(sum(row.sum() for row in rows))
    by_age, by_length = np.zeros(longest), np.zeros(longest)  # the sums the likelihood asks for, whatever the curve
    for row in rows:
        by_age[: len(row)] += row
        by_length[len(row) - 1] += row.sum()

    def value(parameters: Floats) -> float:
        curve = np.maximum(make(parameters).survival(np.arange(longest)), 1e-300)
        return float(by_age @ np.log(curve) - by_length @ np.log(np.cumsum(curve))) / total

    found, best, inner, message = maximise(value, start)
    return Fit(make(np.asarray(found)), best * total, total, len(start), inner, message)


@guarded
def fit_seasonal(history: PaymentHistory) -> Fit[Seasonal]:
    """Constant churn by age and a factor for each calendar month, by Poisson quasi-likelihood.

    ln E(payment) = level of the cohort + age × ln(1 − rate) + season of the month. Needs payments in all twelve
    calendar months and more than a year of them, else the season cannot be told from the decay and KernelError says so.
    """
    cells = [
        (i, k, (month + k) % 12, max(float(paid), 0.0), month + k)
        for i, (month, row) in enumerate(zip(history.months, history.rows, strict=True))
        if np.maximum(row, 0.0).sum() > 0
        for k, paid in enumerate(row)
    ]
    if len({cell[4] for cell in cells}) < 13 or len({cell[2] for cell in cells}) < 12:
        raise KernelError("a season needs more than twelve calendar months of payments")
    cohorts = sorted({cell[0] for cell in cells})
    place = {cohort: at for at, cohort in enumerate(cohorts)}
    design = np.zeros((len(cells), len(cohorts) + 12))
    for row, (cohort, age, season, _, _) in enumerate(cells):
        design[row, place[cohort]] = 1
        design[row, len(cohorts)] = age
        if season:
            design[row, len(cohorts) + season] = 1
    paid = np.asarray([cell[3] for cell in cells])
    coefficients, deviance = _poisson(design, paid / paid.mean())
    decay, season_logs = coefficients[len(cohorts)], np.concatenate([[0.0], coefficients[len(cohorts) + 1 :]])
    factors = np.exp(season_logs - season_logs.mean())
    model = Seasonal(float(np.clip(1 - np.exp(decay), 0, 1)), tuple(factors.tolist()))
    return Fit(model, -deviance / 2 * float(paid.mean()), float(paid.sum()), design.shape[1], True, "converged")


def _poisson(design: Floats, target: Floats) -> tuple[Floats, float]:
    """Coefficients of a log-linear Poisson model by reweighted least squares, and its deviance."""
    linear = np.log(target + 0.5)
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        mean = np.exp(np.clip(linear, -30, 30))
        root = np.sqrt(mean)
        working = linear + (target - mean) / mean
        update = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        settled = np.abs(update - beta).max() < 1e-10
        beta, linear = update, design @ update
        if settled:
            break
    mean = np.exp(np.clip(linear, -30, 30))
    logs = np.log(np.divide(target, mean, out=np.ones_like(mean), where=target > 0))
    return beta, float(2 * (target * logs - (target - mean)).sum())


def model_names(history: PaymentHistory | None = None) -> list[str]:
    """The payment models by name; those of single customers where the history tells customers apart, or without one."""
    told = history is None or history.purchases is not None
    return [*MODELS, "seasonal", *(CUSTOMER_MODELS if told else ())]


def fit_by_name(history: PaymentHistory, name: str) -> PaymentModel:
    """Any of the payment models, fitted and ready to project."""
    if name == "seasonal":
        return fit_seasonal(history).model
    if name in CUSTOMER_MODELS:
        return fit_customers(history.purchases, history.months, history.rows, name)
    retention: RetentionModel = fit_payments(history, name).model
    return AgeOnly(retention)
