"""Pareto/NBD: customers who buy at their own rate until, at some unseen moment, they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import EVALUATIONS, Fit, Floats, grouped, history, maximise, positive
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """Purchases are Poisson with rate Gamma(r, α), lifetimes exponential with rate Gamma(s, β).

    Source: Schmittlein, Morrison and Colombo (1987); likelihood as in Fader and Hardie (2005), A note on deriving the
    Pareto/NBD model.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        positive(r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    @guarded
    def log_likelihood(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> float:
        """Σ ln L over customers (repeat purchases, age at the last one, age)."""
        return float(_log_likelihoods(self, *history(frequency, recency, age)).sum())

    @guarded
    def expected_purchases(self, t: npt.ArrayLike) -> Floats:
        """E[X(t)] of a customer just won: r β ÷ (α (s − 1)) × (1 − (β ÷ (β + t))^(s − 1))."""
        times = np.asarray(t, dtype=np.float64)
        count: Floats = self.r / self.alpha * self._lifetime(self.beta, times)
        return count

    @guarded
    def probability_alive(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """P(still a customer at the end of observation)."""
        x, t_x, T = history(frequency, recency, age)
        return self._alive(x, t_x, T)

    @guarded
    def expected_future_purchases(
        self, t: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """E[purchases in the next t | a customer's history]."""
        x, t_x, T = history(frequency, recency, age)
        count: Floats = self.expected_while_alive(np.asarray(t, dtype=np.float64), x, T) * self._alive(x, t_x, T)
        return count

    def expected_while_alive(self, t: Floats, x: Floats, T: Floats) -> Floats:
        """E[purchases in the next t | still a customer after x repeat purchases in T]; arrays that broadcast."""
        count: Floats = (self.r + x) / (self.alpha + T) * self._lifetime(self.beta + T, t)
        return count

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        still = -(self.r + x) * np.log(self.alpha + T) - self.s * np.log(self.beta + T)
        gone = np.log(self.s / (self.r + self.s + x)) + _log_a0(self, x, t_x, T)
        chance: Floats = 1 / (1 + np.exp(gone - still))
        return chance

    def _lifetime(self, beta: npt.ArrayLike, t: Floats) -> Floats:
        """Expected time as a customer within t for a lifetime of rate Gamma(s, β): continuous through s = 1."""
        scale = np.asarray(beta, dtype=np.float64)
        logs = np.log1p(t / scale)
        power = 1 - self.s
        time: Floats = scale * (logs if abs(power) < 1e-12 else np.expm1(power * logs) / power)
        return time


@guarded
def fit_paretonbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, *, evaluations: int = EVALUATIONS
) -> Fit[ParetoNbd]:
    """r, α, s and β by maximum likelihood. ``frequency`` counts repeat purchases (never the first one)."""
    (x, t_x, T), weights = grouped(*history(frequency, recency, age))
    if not len(x):
        raise KernelError("there are no customers to fit to")
    scale = float(T.max()) or 1.0

    def value(parameters: Floats) -> float:
        return float(weights @ _log_likelihoods(ParetoNbd(*parameters.tolist()), x, t_x, T))

    found, best, inner, message = maximise(value, (0.5, scale / 4, 0.5, scale / 4), evaluations)
    return Fit(ParetoNbd(*found), best, float(weights.sum()), 4, inner, message)


def _log_likelihoods(model: ParetoNbd, x: Floats, t_x: Floats, T: Floats) -> Floats:
    from scipy.special import gammaln

    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    still = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    gone = np.log(s / (r + s + x)) + _log_a0(model, x, t_x, T)
    value: Floats = common + np.logaddexp(still, gone)
    return value


def _log_a0(model: ParetoNbd, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """ln A₀, the part of the likelihood of having left between the last purchase and the end; −∞ for t_x = T."""
    from scipy.special import hyp2f1

    total = model.r + model.s + x
    larger, gap = max(model.alpha, model.beta), abs(model.alpha - model.beta)
    second = np.full_like(x, model.s + 1) if model.alpha >= model.beta else model.r + x

    def part(time: Floats) -> Floats:
        value: Floats = np.log(hyp2f1(total, second, total + 1, gap / (larger + time))) - total * np.log(larger + time)
        return value

    early, late = part(t_x), part(T)
    with np.errstate(divide="ignore"):
        logs: Floats = early + np.log(np.maximum(-np.expm1(np.minimum(late - early, 0.0)), 0.0))
    return logs
