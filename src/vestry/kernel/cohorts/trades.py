"""One trade over many drawn futures of its cohort: what the fund may earn, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.spread import Spread, payment_paths
from vestry.kernel.cohorts.engine import CohortCashflows, compute
from vestry.kernel.cohorts.irr import Timing, annual
from vestry.kernel.cohorts.matrix import CohortMatrix
from vestry.kernel.cohorts.months import LARGEST, AmountLike, Floats, Ints, minor, money, month_index, read_only
from vestry.kernel.cohorts.terms import Terms, Threshold, TradeBook, as_terms, pack
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.simulation.pieces import HERE, Runner, draws

LOST = ("no_return", "no_solution")
"""Statuses of a path without a rate in which the outlay did not come back: it ranks below every rate."""


@dataclass(frozen=True, slots=True, eq=False)
class TradeRun:
    """A trade on every drawn path of its cohort, by the same engine as the actual months.

    ``collected``: shape (paths, periods), minor units. ``monthly_rates``: shape (paths,), NaN where the status says
    that there is none. ``cap``: shape (paths,), the binding cap (``inf``: none). ``outlay`` in minor units.
    """

    terms: Terms
    spread: Spread
    known: int
    timing: Timing
    minor_digits: int
    outlay: int
    payment: Floats
    collected: Floats
    cap: Floats
    monthly_rates: Floats
    statuses: tuple[str, ...]

    @property
    def paths(self) -> int:
        """How many futures were drawn."""
        return len(self.collected)

    @property
    def brought(self) -> Floats:
        """What each path collected in all, minor units."""
        total: Floats = self.collected.sum(axis=1)
        return total

    @property
    def chance_of_loss(self) -> float:
        """The share of paths that collect less than the outlay within the horizon."""
        return float((self.brought < self.outlay).mean())

    @property
    def chance_capped(self) -> float:
        """The share of paths that reach the cap within the horizon; 0 without a cap."""
        return len(self.months_to_cap) / self.paths

    @property
    def months_to_cap(self) -> Ints:
        """Months from the start of the cohort month until the cap is reached, of the paths that reach it."""
        reached = self.collected.cumsum(axis=1) >= self.cap[:, None]
        months: Ints = reached[reached.any(axis=1)].argmax(axis=1) + 1
        return months

    def months_to_cap_at(self, share: float) -> int | None:
        """The months within which ``share`` of all paths have reached the cap; None where fewer ever do."""
        found = _ranked(np.sort(self.months_to_cap).tolist(), share, self.paths)
        return None if found is None else int(found)

    def annual_irr_at(self, share: float) -> float | None:
        """The fund's annual IRR that ``share`` of the paths do not exceed: 0.5 is the median.

        A path that lost its outlay ranks below every rate, one that had it back at once above; None where the rank
        falls on such a path.
        """
        lost = [status in LOST for status in self.statuses]
        rates = np.where(np.isnan(self.monthly_rates), np.where(lost, -np.inf, np.inf), annual(self.monthly_rates))
        found = _ranked(np.sort(rates).tolist(), share, self.paths)
        return found if found is not None and np.isfinite(found) else None

    def chance_of(self, annual_irr: AmountLike) -> float:
        """The share of paths whose collections, discounted at this annual rate, are worth the outlay or more."""
        return float((_worth(self.collected, float(annual_irr), self.timing) >= self.outlay * (1 - 1e-12)).mean())

    @property
    def expected_multiple(self) -> float | None:
        """Mean collected ÷ outlay; None without an outlay."""
        return float(self.brought.mean()) / self.outlay if self.outlay else None

    def summary(self) -> dict[str, Any]:
        """The distribution in a few figures; rates are fractions, money in currency."""
        return {
            "paths": self.paths,
            "outlay": money(self.outlay, self.minor_digits),
            "expected_collected": money(float(self.brought.mean()), self.minor_digits),
            "expected_multiple": self.expected_multiple,
            "annual_irr": {f"p{round(100 * share)}": self.annual_irr_at(share) for share in SHARES},
            "chance_of_loss": self.chance_of_loss,
            "chance_of_loss_error": standard_error(self.chance_of_loss, self.paths),
            "chance_capped": self.chance_capped,
            "months_to_cap": {f"p{round(100 * share)}": self.months_to_cap_at(share) for share in SHARES},
        }

    def by_month(self, share: float) -> list[Decimal]:
        """Cumulative collected after each period that ``share`` of the paths do not exceed, in currency."""
        edge = np.quantile(self.collected.cumsum(axis=1), share, axis=0, method="inverted_cdf")
        return [money(float(value), self.minor_digits) for value in edge]

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "method": "payments drawn around their expected course, each path through the cohort engine",
            "spread": {name: getattr(self.spread, name) for name in Spread.__slots__},
            "known_periods": self.known,
            "timing": self.timing,
            "statuses": dict(Counter(self.statuses)),
        }


SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def standard_error(share: float, paths: int) -> float:
    """How far a share counted over this many paths may be off: one standard deviation of the count."""
    return float((share * (1 - share) / paths) ** 0.5)


@guarded
def simulate_trade(
    expected: npt.ArrayLike,
    terms: Terms | Mapping[str, Any],
    spend: AmountLike,
    *,
    rng: np.random.Generator,
    known: int = 0,
    spread: Spread | None = None,
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    paths: int = 10_000,
    timing: Timing = "end_of_month",
    minor_digits: int = 2,
    runner: Runner = HERE,
) -> TradeRun:
    """The fund's side of one trade on ``paths`` drawn futures: refunds, thresholds, caps and IRR by the real engine.

    ``expected``: the cohort's payments from period 0 to the horizon, in currency, the first ``known`` of them facts.
    ``spread``: how far cohorts stray (none: every path is the expected one). Same ``rng`` in, same bits out, whatever
    ``runner`` the pieces of 4,096 paths are given to.
    """
    agreed = as_terms(terms)
    spread = spread or Spread()
    given = (expected, known, spread, agreed, spend, tuple(thresholds), timing, minor_digits)
    parts = runner.run(partial(_simulated, given), draws(paths, rng))
    payment, collected, cap, monthly_rates = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("payment", "collected", "cap", "monthly_rates")
    )
    return TradeRun(
        agreed,
        spread,
        known,
        timing,
        minor_digits,
        int(parts[0].outlay[0]),
        payment,
        collected,
        cap,
        monthly_rates,
        tuple(status for part in parts for status in part.statuses),
    )


_Given = tuple[npt.ArrayLike, int, Spread, Terms, AmountLike, tuple[Threshold | Mapping[str, Any], ...], Timing, int]


@guarded
def _simulated(given: _Given, piece: tuple[np.random.Generator, int]) -> CohortCashflows:
    """The engine on the paths of one piece."""
    expected, known, spread, terms, spend, thresholds, timing, minor_digits = given
    rng, paths = piece
    drawn = in_minor_units(payment_paths(expected, known, spread, paths, rng), minor_digits)
    return run_paths(drawn, terms, spend, thresholds, timing, minor_digits)


def in_minor_units(payments: Floats, minor_digits: int) -> Ints:
    """Drawn payments to the nearest minor unit; a path beyond what can be added exactly is refused."""
    units = np.rint(payments * 10.0**minor_digits)
    if np.abs(units).sum(axis=1).max(initial=0.0) >= LARGEST / 4:
        raise KernelError("the payments add up to more than can be kept exactly")
    return units.astype(np.int64)


def run_paths(
    payments: Ints,
    terms: Terms,
    spend: AmountLike,
    thresholds: Iterable[Threshold | Mapping[str, Any]],
    timing: Timing,
    minor_digits: int,
) -> CohortCashflows:
    """The engine on one cohort's many futures, a row for each path, as if each were a cohort with the same terms."""
    month = month_index(terms.cohort_month)
    _, book = pack(_matrix(np.array([month]), payments[:1], minor_digits), {month: spend}, [terms], thresholds)
    matrix = _matrix(month + np.arange(len(payments)), payments, minor_digits)
    return compute(matrix, _for_each(book, len(payments)), None, timing)


def _matrix(months: Ints, amounts: Ints, digits: int) -> CohortMatrix:
    known = read_only(np.full(len(months), amounts.shape[1], dtype=np.int64))
    turnover = int(np.abs(amounts).sum(axis=1).max(initial=0))
    return CohortMatrix(read_only(months), read_only(amounts), known, digits, turnover=turnover)


def _for_each(book: TradeBook, paths: int) -> TradeBook:
    return replace(
        book,
        spend=np.repeat(book.spend, paths),
        has_spend=np.repeat(book.has_spend, paths),
        funded=np.repeat(book.funded, paths),
        sharing=np.repeat(book.sharing, paths),
        cap=np.repeat(book.cap, paths),
        contractual_cap=np.repeat(book.contractual_cap, paths),
        monthly_target=np.repeat(book.monthly_target, paths),
    )


def worth_weights(periods: int, annual_rate: float, timing: Timing) -> Floats:
    """What a unit collected in each period is worth at the outlay's time, at an annual rate."""
    t = np.arange(periods) + (timing == "end_of_month")
    weights: Floats = (1 + annual_rate) ** (-t / 12)
    return weights


def _worth(collected: Floats, annual_rate: float, timing: Timing) -> Floats:
    if not annual_rate > -1:
        raise KernelError(f"a rate must be above −1 (−100 %), not {annual_rate}")
    worth: Floats = collected @ worth_weights(collected.shape[1], annual_rate, timing)
    return worth


def _ranked(rising: list[Any], share: float, paths: int) -> Any:
    """The value of the first rank that reaches ``share`` of the paths, or None beyond the values there are."""
    if not 0 < share <= 1:
        raise KernelError(f"a share of paths lies above 0 and up to 1, not {share}")
    rank = int(np.ceil(share * paths - 1e-9))
    return rising[rank - 1] if rank <= len(rising) else None


def check_spend(spend: AmountLike, minor_digits: int) -> int:
    """A positive spend in minor units."""
    units = minor(spend, minor_digits)
    if units <= 0:
        raise KernelError("a trade needs a spend above zero")
    return units
