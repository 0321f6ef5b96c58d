"""Gamma-gamma: what a customer's purchases are worth on average, drawn toward everyone's mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import EVALUATIONS, Fit, Floats, by_distinct, column, maximise, positive
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Purchases of a customer are Gamma(p, ν) with ν itself Gamma(q, v) over customers.

    Source: Fader and Hardie (2013), The gamma-gamma model of monetary value.
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        positive(p=self.p, q=self.q, v=self.v)

    @property
    @guarded
    def mean(self) -> float | None:
        """The mean over all customers, p v ÷ (q − 1); ``None`` for q ≤ 1, where it does not exist."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None

    @guarded
    def expected_value(self, frequency: npt.ArrayLike, monetary: npt.ArrayLike) -> list[float | None]:
        """E(average purchase | x purchases averaging m) = p (v + x m) ÷ (p x + q − 1); ``None`` where it is infinite.

        Without a purchase it is the mean over all customers.
        """
        x, m = _spending(frequency, monetary)
        below = self.p * x + self.q - 1
        means = np.divide(self.p * (self.v + x * m), below, out=np.full_like(below, np.nan), where=below > 0)
        return [None if value != value else value for value in means.tolist()]


@guarded
def fit_gammagamma(
    frequency: npt.ArrayLike, monetary: npt.ArrayLike, *, evaluations: int = EVALUATIONS
) -> Fit[GammaGamma]:
    """p, q and v by maximum likelihood, on customers with at least one purchase.

    ``monetary`` is the average value of the ``frequency`` purchases, so the two must count the same purchases.
    """
    x, m = _spending(frequency, monetary)
    x, m = x[x > 0], m[x > 0]
    if not len(x):
        raise KernelError("nobody bought again: there is nothing to fit to")
    if (m <= 0).any():
        raise KernelError("an average purchase must be positive")

    def value(parameters: Floats) -> float:
        return _log_likelihood(GammaGamma(*parameters.tolist()), x, m)

    found, best, inner, message = maximise(value, (5.0, 3.0, float(np.mean(m))), evaluations)
    return Fit(GammaGamma(*found), best, float(len(x)), 3, inner, message)


def _log_likelihood(model: GammaGamma, x: Floats, m: Floats) -> float:
    from scipy.special import gammaln

    shape = model.p * x
    (gammas,) = by_distinct(x, lambda n: gammaln(model.p * n + model.q) - gammaln(model.p * n) - gammaln(model.q))
    each = (
        gammas
        + model.q * np.log(model.v)
        + (shape - 1) * np.log(m)
        + shape * np.log(x)
        - (shape + model.q) * np.log(x * m + model.v)
    )
    return float(each.sum())


def _spending(frequency: npt.ArrayLike, monetary: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, m = column(frequency, "frequency"), column(monetary, "monetary")
    if len(x) != len(m):
        raise KernelError(f"{len(x)} frequencies and {len(m)} averages do not match")
    return x, m
