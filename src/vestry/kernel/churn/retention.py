"""Contractual settings: the share of a cohort that is still there after t periods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import Fit, Floats, column, maximise, positive
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


class RetentionModel(Protocol):
    """What every contractual model answers."""

    def survival(self, t: npt.ArrayLike) -> Floats:
        """S(t), the share still there after t periods; S(0) = 1."""

    def retention(self, t: npt.ArrayLike) -> Floats:
        """r(t) = S(t) ÷ S(t − 1) for t ≥ 1."""

    def churn(self, periods: int) -> Floats:
        """1 − r(t) for t = 0 … periods − 1, with 0 at t = 0: what a cohort prediction takes as its churn."""


class _FromSurvival:
    """Retention and churn follow from survival."""

    __slots__ = ()

    def survival(self, t: npt.ArrayLike) -> Floats:
        raise NotImplementedError

    @guarded
    def retention(self, t: npt.ArrayLike) -> Floats:
        """r(t) = S(t) ÷ S(t − 1) for t ≥ 1."""
        ages = np.asarray(t, dtype=np.float64)
        if (ages < 1).any():
            raise KernelError("retention is from one period to the next: t ≥ 1")
        before = self.survival(ages - 1)
        ratio: Floats = np.divide(self.survival(ages), before, out=np.zeros_like(before), where=before > 0)
        return ratio

    @guarded
    def churn(self, periods: int) -> Floats:
        """1 − r(t) for t = 0 … periods − 1, with 0 at t = 0."""
        if periods < 0:
            raise KernelError(f"periods must not be negative, got {periods}")
        rates = np.zeros(periods)
        if periods > 1:
            rates[1:] = np.clip(1 - self.retention(np.arange(1, periods)), 0, 1)
        return rates


@dataclass(frozen=True, slots=True)
class ConstantChurn(_FromSurvival):
    """The same share leaves every period: S(t) = (1 − rate)^t."""

    rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise KernelError(f"churn lies between 0 and 1, not {self.rate}")

    @guarded
    def survival(self, t: npt.ArrayLike) -> Floats:
        """(1 − rate)^t."""
        share: Floats = (1 - self.rate) ** np.asarray(t, dtype=np.float64)
        return share


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric(_FromSurvival):
    """Each customer has a churn of its own, Beta(α, β) over customers: r(t) = (β + t − 1) ÷ (α + β + t − 1), rising.

    Source: Fader and Hardie (2007), How to project customer retention.
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        positive(alpha=self.alpha, beta=self.beta)

    @property
    def mean_churn(self) -> float:
        """E(θ) = α ÷ (α + β), the first period's churn."""
        return self.alpha / (self.alpha + self.beta)

    @guarded
    def survival(self, t: npt.ArrayLike) -> Floats:
        """B(α, β + t) ÷ B(α, β)."""
        return BetaDiscreteWeibull(self.alpha, self.beta, 1.0).survival(t)

    def expected_lifetime(self, residual_after: int = 0) -> float | None:
        """E(T) − the periods a customer who is still there after ``residual_after`` has left, discounted at nothing.

        (α + β + n − 1) ÷ (α − 1) for n elapsed periods; ``None`` for α ≤ 1, where the mean does not exist.
        """
        if self.alpha <= 1:
            return None
        return (self.alpha + self.beta + residual_after - 1) / (self.alpha - 1)


@dataclass(frozen=True, slots=True)
class BetaDiscreteWeibull(_FromSurvival):
    """The shifted beta-geometric with duration dependence: S(t) = B(α, β + t^c) ÷ B(α, β); c = 1 is the sBG.

    c > 1: a customer's own risk of leaving rises with time; c < 1: it falls.
    Source: Fader, Hardie, Liu, Davin and Steenburgh (2018), How to project customer retention revisited.
    """

    alpha: float
    beta: float
    c: float

    def __post_init__(self) -> None:
        positive(alpha=self.alpha, beta=self.beta, c=self.c)

    @guarded
    def survival(self, t: npt.ArrayLike) -> Floats:
        """B(α, β + t^c) ÷ B(α, β)."""
        from scipy.special import betaln

        ages = np.asarray(t, dtype=np.float64)
        if (ages < 0).any():
            raise KernelError("an age is not negative")
        share: Floats = np.exp(betaln(self.alpha, self.beta + ages**self.c) - betaln(self.alpha, self.beta))
        return share


Survivors = Sequence[float] | Sequence[Sequence[float]] | npt.NDArray[Any]


@guarded
def fit_constant(survivors: Survivors, *, n: float | None = None) -> Fit[ConstantChurn]:
    """Churn = customers lost ÷ periods at risk, the maximum likelihood of a geometric lifetime with censoring.

    ``survivors``: those still there after 0, 1, 2 … periods, one cohort or several of any length; with ``n`` they are
    shares (or percentages) of that many customers.
    """
    lost, _, kept = _losses(survivors, n)
    gone, exposed = float(sum(part.sum() for part in lost)), float(sum(part.sum() for part in kept))
    if exposed <= 0:
        raise KernelError("there is no period in which anyone could have left")
    rate = gone / exposed
    model = ConstantChurn(rate)
    stayed = exposed - gone
    log_likelihood = sum(count * np.log(p) for count, p in ((gone, rate), (stayed, 1 - rate)) if count > 0)
    total = float(sum(part[0] for part in kept))
    return Fit(model, float(log_likelihood), total, 1, True, "closed form")


@guarded
def fit_sbg(survivors: Survivors, *, n: float | None = None) -> Fit[ShiftedBetaGeometric]:
    """α and β of the shifted beta-geometric; input as in :func:`fit_constant`.

    ln L = Σ lost(t) ln P(T = t) + survivors ln S(last t): without the second, censored term the fit would believe that
    everyone has left.
    """
    found, value, inner, message = _fit(survivors, n, lambda p: ShiftedBetaGeometric(*p), (1.0, 3.0))
    total = _total(survivors, n)
    return Fit(ShiftedBetaGeometric(*found), value, total, 2, inner, message)


@guarded
def fit_bdw(survivors: Survivors, *, n: float | None = None) -> Fit[BetaDiscreteWeibull]:
    """α, β and c of the beta-discrete-Weibull; input and likelihood as in :func:`fit_sbg`."""
    start = fit_sbg(survivors, n=n).model
    found, value, inner, message = _fit(
        survivors, n, lambda p: BetaDiscreteWeibull(*p), (min(start.alpha, 1e3), min(start.beta, 1e4), 1.0)
    )
    total = _total(survivors, n)
    return Fit(BetaDiscreteWeibull(*found), value, total, 3, inner, message)


def log_likelihood(model: RetentionModel, survivors: Survivors, *, n: float | None = None) -> float:
    """ln L of a model on survivors, with the censored term."""
    lost, left, _ = _losses(survivors, n)
    return _log_likelihood(model, lost, left)


@guarded
def simulate_survivors(
    model: RetentionModel, customers: int, periods: int, paths: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Survivors of a new cohort after 0 … periods, shape (paths, periods + 1); percentiles are forecast intervals.

    Customers leave independently, so the survivors of a period are binomial in those of the period before.
    """
    if not (math.isfinite(customers) and min(customers, periods, paths) >= 0):
        raise KernelError(f"customers, periods and paths must not be negative, got {customers}, {periods}, {paths}")
    counts = np.empty((paths, periods + 1), dtype=np.int64)
    counts[:, 0] = customers
    for t in range(1, periods + 1):
        counts[:, t] = rng.binomial(counts[:, t - 1], float(model.retention([t])[0]))
    return counts


def _fit(survivors: Survivors, n: float | None, make: Any, start: Sequence[float]) -> Any:
    lost, left, kept = _losses(survivors, n)
    if sum(part.sum() for part in kept) <= 0:
        raise KernelError("there is no period in which anyone could have left")
    return maximise(lambda parameters: _log_likelihood(make(parameters), lost, left), start)


def _log_likelihood(model: RetentionModel, lost: list[Floats], left: list[float]) -> float:
    longest = max(len(part) for part in lost)
    curve = model.survival(np.arange(longest + 1))
    leaving = np.log(np.maximum(curve[:-1] - curve[1:], 1e-300))
    staying = np.log(np.maximum(curve, 1e-300))
    return float(
        sum(part @ leaving[: len(part)] + rest * staying[len(part)] for part, rest in zip(lost, left, strict=True))
    )


def _losses(survivors: Survivors, n: float | None) -> tuple[list[Floats], list[float], list[Floats]]:
    """Per cohort: lost in period 1 …, left at the end, at risk in period 1 …"""
    cohorts = _cohorts(survivors, n)
    lost = [part[:-1] - part[1:] for part in cohorts]
    if any((part < -1e-9 * cohort[0]).any() for part, cohort in zip(lost, cohorts, strict=True)):
        raise KernelError("survivors cannot rise: give customers of one cohort who are still there")
    return lost, [float(part[-1]) for part in cohorts], [part[:-1] for part in cohorts]


def _cohorts(survivors: Survivors, n: float | None) -> list[Floats]:
    rows = list(survivors)
    if not rows:
        raise KernelError("there are no survivors to fit to")
    nested = all(isinstance(row, (Sequence, np.ndarray)) and np.ndim(row) == 1 for row in rows)
    several = cast("list[Sequence[float]]", rows if nested else [rows])
    cohorts = [column(row, "survivors") for row in several]
    cohorts = [row for row in cohorts if len(row) > 1 and row[0] > 0]
    if not cohorts:
        raise KernelError("a cohort needs at least its size and one later count")
    return cohorts if n is None else [row / row[0] * n for row in cohorts]


def _total(survivors: Survivors, n: float | None) -> float:
    return float(sum(row[0] for row in _cohorts(survivors, n)))
