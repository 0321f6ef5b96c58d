"""BG/NBD: customers who buy at their own rate until, after some purchase, they silently stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import EVALUATIONS, Fit, Floats, by_distinct, grouped, history, maximise, positive
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

MOST_PURCHASES = 1_000_000  # the sum runs over every count up to it


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Purchases are Poisson with rate Gamma(r, α); after each one a customer stops with probability Beta(a, b).

    Times in one unit throughout (the fit's). Source: Fader, Hardie and Lee (2005), "Counting your
    customers" the easy way.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        positive(r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    @guarded
    def log_likelihood(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> float:
        """Σ ln L over customers (repeat purchases, age at the last one, age)."""
        return float(_log_likelihoods(self, *history(frequency, recency, age)).sum())

    @guarded
    def expected_purchases(self, t: npt.ArrayLike) -> Floats:
        """E[X(t)] of a customer just won, who has not bought again yet."""
        from scipy.special import hyp2f1

        times, a = np.asarray(t, dtype=np.float64), _off_one(self.a)
        grown = hyp2f1(self.r, self.b, a + self.b - 1, times / (self.alpha + times))
        count: Floats = (a + self.b - 1) / (a - 1) * (1 - (self.alpha / (self.alpha + times)) ** self.r * grown)
        return count

    @guarded
    def probability(self, purchases: int, t: float) -> float:
        """P(X(t) = n) of a customer just won."""
        from scipy.special import betaln, gammaln

        if not (0 <= purchases <= MOST_PURCHASES and 0 < t < np.inf):
            raise KernelError(f"a count is not negative, at most {MOST_PURCHASES:,}, and a time is positive and finite")
        n, share = int(purchases), t / (self.alpha + t)
        counts = np.arange(n + 1)
        with np.errstate(divide="ignore"):
            negative_binomial = np.exp(
                gammaln(self.r + counts)
                - gammaln(self.r)
                - gammaln(counts + 1)
                + self.r * np.log1p(-share)
                + counts * np.log(share)
            )
        alive = np.exp(betaln(self.a, self.b + n) - betaln(self.a, self.b)) * negative_binomial[n]
        if n == 0:
            return float(alive)
        stopped = np.exp(betaln(self.a + 1, self.b + n - 1) - betaln(self.a, self.b))
        return float(alive + stopped * (1 - negative_binomial[:n].sum()))

    @guarded
    def probability_alive(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """P(still a customer); 1 without a repeat purchase, since one only stops after a purchase."""
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
        from scipy.special import hyp2f1

        a = _off_one(self.a)
        grown = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, t / (self.alpha + T + t))
        ahead = 1 - ((self.alpha + T) / (self.alpha + T + t)) ** (self.r + x) * grown
        count: Floats = (a + self.b + x - 1) / (a - 1) * ahead
        return count

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        odds = self.a / (self.b + np.maximum(x, 1) - 1) * ((self.alpha + T) / (self.alpha + t_x)) ** (self.r + x)
        chance: Floats = 1 / (1 + np.where(x > 0, odds, 0.0))
        return chance


@guarded
def fit_bgnbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, *, evaluations: int = EVALUATIONS
) -> Fit[BgNbd]:
    """r, α, a and b by maximum likelihood. ``frequency`` counts repeat purchases (never the first one)."""
    (x, t_x, T), weights = grouped(*history(frequency, recency, age))
    if not len(x):
        raise KernelError("there are no customers to fit to")
    scale = float(T.max()) or 1.0

    def value(parameters: Floats) -> float:
        return float(weights @ _log_likelihoods(BgNbd(*parameters.tolist()), x, t_x, T))

    found, best, inner, message = maximise(value, (0.5, scale / 5, 1.0, 2.0), evaluations)
    return Fit(BgNbd(*found), best, float(weights.sum()), 4, inner, message)


def _log_likelihoods(model: BgNbd, x: Floats, t_x: Floats, T: Floats) -> Floats:
    from scipy.special import betaln, gammaln

    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    common, alive, gone = by_distinct(
        x,
        lambda n: gammaln(r + n) - gammaln(r) + r * np.log(alpha),
        lambda n: betaln(a, b + n) - betaln(a, b),
        lambda n: betaln(a + 1, b + np.maximum(n, 1) - 1) - betaln(a, b),
    )
    active = alive - (r + x) * np.log(alpha + T)
    stopped = gone - (r + x) * np.log(alpha + t_x)
    value: Floats = common + np.where(x > 0, np.logaddexp(active, stopped), active)
    return value


def _off_one(a: float) -> float:
    """The formulas divide by a − 1; they are smooth there, so a step aside costs nothing that can be seen."""
    return 1 + 1e-7 if abs(a - 1) < 1e-7 else a
