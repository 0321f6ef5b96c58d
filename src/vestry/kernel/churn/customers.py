"""What cohorts will pay, from what single customers did: who still buys, how often, and what a purchase is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.bgnbd import BgNbd, fit_bgnbd
from vestry.kernel.churn.fitting import Fit, Floats, Model
from vestry.kernel.churn.gammagamma import GammaGamma, fit_gammagamma
from vestry.kernel.churn.paretonbd import ParetoNbd, fit_paretonbd
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Ints = npt.NDArray[np.int64]

CUSTOMER_MODELS: Final = ("bgnbd", "paretonbd")
FEWEST: Final = 30
"""Customers who bought again, below which a purchase model's parameters are noise."""
FITTED: Final = {"bgnbd": 2_500, "paretonbd": 1_200}
"""Customers a fit looks at; more tell the parameters no better than the months to come need them, and take long where
the likelihood is a series."""
SEARCHED: Final = 800
"""Evaluations of a likelihood, at most, in one search: a shop's customers take half as many."""
MONTH: Final = 365.25 / 12 / 7  # in weeks
EQUAL: Final = 1e-9  # relative


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """What single customers paid, a row a customer and day: arrays of one length, by customer, then day.

    ``customers``: any whole numbers. ``days``: since 1970-01-01. ``amounts``: the day's sum in the history's unit;
    negative where refunds outweigh. ``whole`` false: the customers are a sample of all.
    """

    customers: Ints
    days: Ints
    amounts: Floats
    whole: bool = True

    @classmethod
    def of(
        cls, customers: npt.ArrayLike, days: npt.ArrayLike, amounts: npt.ArrayLike, *, whole: bool = True
    ) -> Purchases:
        """In any order, several a day: those of a customer's day are one purchase."""
        who = np.asarray(customers, dtype=np.int64)
        when = np.asarray(days).astype("datetime64[D]").astype(np.int64)
        paid = np.asarray(amounts, dtype=np.float64)
        if not who.shape == when.shape == paid.shape or who.ndim != 1 or not np.isfinite(paid).all():
            raise KernelError("customers, days and amounts are lists of one length, the amounts finite")
        order = np.lexsort((when, who))
        who, when, paid = who[order], when[order], paid[order]
        first = np.flatnonzero(_changes(who) | _changes(when))
        return cls(who[first], when[first], np.add.reduceat(paid, first) if len(first) else paid, whole)

    def seen(self, ends: Mapping[int, int]) -> Seen:
        """Each customer's history up to the end of its cohort's last known month.

        ``ends``: cohort month index → index of that month; cohorts that are not named are left out.
        """
        months = self.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
        starts = np.flatnonzero(_changes(self.customers))
        sizes = np.diff(np.append(starts, len(months)))
        cohorts = np.repeat(months[starts], sizes)
        last = _mapped(cohorts, ends)
        known = months <= last
        refunds = -float(np.minimum(self.amounts, 0.0)[known].sum())
        bought = known & (self.amounts > 0)
        who, day, cohort, until = (column[bought] for column in (self.customers, self.days, cohorts, last))
        paid = self.amounts[bought]
        first = np.flatnonzero(_changes(who))
        if not len(first):
            raise KernelError("no customer's purchases are known")
        final = np.append(first[1:], len(who)) - 1
        ended = (until[first] + 1 - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        net = {int(month): float(self.amounts[known & (cohorts == month)].sum()) for month in np.unique(cohorts[known])}
        total = np.add.reduceat(paid, first)
        return Seen(
            cohort[first],
            (final - first).astype(np.float64),
            (day[final] - day[first]) / 7,
            (ended - day[first]) / 7,
            total / (final - first + 1),
            1 - refunds / float(total.sum()),
            net,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Each customer's cohort month, repeat purchases, age at the last one and age (weeks), and mean purchase.

    ``kept``: what of all purchases refunds left. ``net``: cohort month → what these customers paid, refunds taken off.
    """

    cohorts: Ints
    frequency: Floats
    recency: Floats
    age: Floats
    mean: Floats
    kept: float
    net: dict[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """A cohort at the end of its last known month, its customers summed by (purchases, age in whole weeks).

    ``worth``: Σ P(still buys) × what a purchase is worth. ``known``: how many months are known.
    """

    frequency: Floats
    age: Floats
    worth: Floats
    known: int


@dataclass(frozen=True, slots=True, eq=False)
class CustomerModel:
    """A purchase model, gamma-gamma for what a purchase is worth, and where the customers of each cohort stand.

    A cohort's payment of a month to come = Σ over its customers of P(still buys) × purchases expected in that month ×
    the worth of one, times the part that refunds leave. Customers who are a sample stand for their cohort by what they
    paid of what it paid.
    """

    purchases: BgNbd | ParetoNbd
    worth: GammaGamma
    kept: float
    standing: dict[int, _Standing] = field(repr=False)

    @property
    def parameters(self) -> dict[str, object]:
        """Of both models, times in weeks."""
        both = (self.purchases, self.worth)
        return {name: getattr(model, name) for model in both for name in type(model).__slots__}

    @guarded
    def growth(self, month: int, last: int, periods: int) -> Floats:
        """Of a cohort whose customers are not known: the purchases of a customer won in the middle of period 0."""
        ends = np.arange(last + periods + 1) + 0.5
        bought = np.diff(self.purchases.expected_purchases(ends * MONTH), prepend=-1.0)
        ahead: Floats = np.maximum(bought[last + 1 :], 0.0) / max(float(bought[last]), 1e-300)
        return ahead

    @guarded
    def ahead(self, month: int, row: Floats, periods: int) -> Floats:
        """Payments of the ``periods`` after the known ``row`` of a cohort."""
        found = self.standing.get(month)
        if found is None or found.known != len(row):
            return max(float(row[-1]), 0.0) * self.growth(month, len(row) - 1, periods)
        end = month + len(row) - 1970 * 12
        days = np.arange(end, end + periods + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        weeks = (days[1:] - days[0]) / 7
        bought = self.purchases.expected_while_alive(weeks[:, None], found.frequency, found.age)
        paid: Floats = np.maximum(np.diff(bought @ found.worth, prepend=0.0), 0.0) * self.kept
        return paid


@guarded
def fit_customers(
    purchases: Purchases | None, months: tuple[int, ...], rows: tuple[Floats, ...], name: str
) -> CustomerModel:
    """``bgnbd`` or ``paretonbd`` with gamma-gamma, on what the customers of each cohort did in its known months.

    Refused, with the reason, where the customers are not known, too few bought again, all pay the same, the refunds
    outweigh the purchases, or a fit runs to its edge.
    """
    if purchases is None:
        raise KernelError("the payments are not known by customer")
    seen = purchases.seen({month: month + len(row) - 1 for month, row in zip(months, rows, strict=True) if len(row)})
    again = int((seen.frequency > 0).sum())
    if again < FEWEST:
        raise KernelError(f"{again} customers bought again, and fewer than {FEWEST} tell nothing")
    if np.ptp(seen.mean) <= EQUAL * float(seen.mean.max()):
        raise KernelError("all payments are equal: what a purchase is worth does not vary by customer")
    if seen.kept <= 0:
        raise KernelError("refunds outweigh the purchases")
    every = slice(None, None, -(-len(seen.mean) // FITTED[name]))
    count = seen.frequency + 1
    worth = _told(fit_gammagamma(count[every], seen.mean[every], evaluations=SEARCHED), "what a purchase is worth")
    if worth.mean is None:
        raise KernelError("what a purchase is worth has no mean by gamma-gamma")
    fit = fit_bgnbd if name == "bgnbd" else fit_paretonbd
    try:
        found: Fit[Any] = fit(seen.frequency[every], seen.recency[every], seen.age[every], evaluations=SEARCHED)
    except KernelError:  # the search went where the likelihood has no number: there is no optimum near the data
        raise KernelError("how often customers buy cannot be told from these customers") from None
    bought: BgNbd | ParetoNbd = _told(found, "how often customers buy")
    expected = np.asarray(worth.expected_value(count, seen.mean), dtype=np.float64)
    expected *= bought.probability_alive(seen.frequency, seen.recency, seen.age)
    standing = {}
    for month, row in zip(months, rows, strict=True):
        mine = seen.cohorts == month
        paid = seen.net.get(month, 0.0)
        if not mine.any() or (not purchases.whole and paid <= 0):
            continue
        scale = 1.0 if purchases.whole else max(float(row.sum()), 0.0) / paid
        standing[month] = _standing(seen.frequency[mine], seen.age[mine], expected[mine] * scale, len(row))
    return CustomerModel(bought, worth, seen.kept, standing)


def _standing(frequency: Floats, age: Floats, worth: Floats, known: int) -> _Standing:
    keys = np.stack([frequency, np.round(age)], axis=1)
    rows, place = np.unique(keys, axis=0, return_inverse=True)
    sums: Floats = np.bincount(place.reshape(-1), weights=worth, minlength=len(rows)).astype(np.float64)
    return _Standing(rows[:, 0].copy(), rows[:, 1].copy(), sums, known)


def _told(fit: Fit[Model], what: str) -> Model:
    if not fit.converged:
        raise KernelError(f"{what} cannot be told from these customers: {fit.message}")
    return fit.model


def _changes(column: Ints) -> npt.NDArray[np.bool_]:
    """Where a sorted column's value differs from the one before; the first does."""
    return np.append(True, column[1:] != column[:-1])[: len(column)]


def _mapped(keys: Ints, values: Mapping[int, int]) -> Ints:
    """The value of each key; −1 without one."""
    distinct, place = np.unique(keys, return_inverse=True)
    found = np.asarray([values.get(int(key), -1) for key in distinct], dtype=np.int64)
    return found[place.reshape(-1)] if len(found) else np.zeros(0, dtype=np.int64)
