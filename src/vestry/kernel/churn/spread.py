"""How far cohorts stray from what their model expects, and payments drawn accordingly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import Floats
from vestry.kernel.churn.payments import PaymentHistory, PaymentModel, fit_by_name
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

LARGEST_FACTOR = 1e4
"""A drawn payment is at most this many times the expected one: beyond lies only the tail of absurd spreads."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of logarithms around a model's course; all zero is certainty.

    ``level``: of a cohort's first payment around m0 × spend, for cohorts that have paid nothing yet. ``drift``: of a
    cohort's monthly change, the same every month: one cohort keeps better than the model, another worse. ``noise``: of
    one month's payment around its cohort's own course. ``refund_chance``: the chance that a month brings a refund of
    ``refund_share`` (a fraction) of what was expected of the month before it, which may make the month negative.
    """

    level: float = 0.0
    drift: float = 0.0
    noise: float = 0.0
    refund_chance: float = 0.0
    refund_share: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (
            ("level", 3.0),
            ("drift", 1.0),
            ("noise", 3.0),
            ("refund_chance", 1.0),
            ("refund_share", 100.0),
        ):
            if not 0 <= getattr(self, name) <= most:
                raise KernelError(f"the {name} of a spread lies between 0 and {most:g}, not {getattr(self, name)}")


@guarded
def fit_spread(
    history: PaymentHistory, model: PaymentModel | str, *, spends: Sequence[float | None] | None = None
) -> Spread:
    """The spread of a history around a fitted ``model`` (or the name of one), by the method of moments.

    Each cohort's ln(payment ÷ model) is laid on a line over its age. What is left around the lines is the noise; what
    the lines' slopes vary beyond what the noise explains is the drift; with ``spends`` (one a cohort, in the payments'
    unit), what ln(first payment ÷ spend) varies beyond that is the level. Months that are not positive have no
    logarithm: their share and size are the refunds. Raises KernelError without a cohort of three positive months.
    """
    fitted = fit_by_name(history, model) if isinstance(model, str) else model
    lines = [
        (at, line)
        for at, (month, row) in enumerate(zip(history.months, history.rows, strict=True))
        if (line := _line(fitted, month, row)) is not None
    ]
    freedom = sum(line.count - 2 for _, line in lines)
    if not lines or freedom < 1:
        raise KernelError("a spread needs a cohort with three months of payments")
    variance = sum(line.rest for _, line in lines) / freedom
    drift = _beyond([line.slope for _, line in lines], [variance / line.width for _, line in lines], 0.0)
    level = 0.0
    if spends is not None:
        starts = [
            (line.start - math.log(spend), variance * (1 / line.count + line.middle**2 / line.width))
            for at, line in lines
            if (spend := spends[at]) is not None and spend > 0
        ]
        if len(starts) > 1:
            level = _beyond([start for start, _ in starts], [error for _, error in starts], None)
    chance, share = _refunds(history)
    return Spread(min(level, 3.0), min(drift, 1.0), min(math.sqrt(variance), 3.0), chance, share)


@dataclass(frozen=True, slots=True)
class _Line:
    """A cohort's log residuals over age: value at age 0, slope, squares left, points, mean age, Σ(age − mean)²."""

    start: float
    slope: float
    rest: float
    count: int
    middle: float
    width: float


def _line(model: PaymentModel, month: int, row: Floats) -> _Line | None:
    if len(row) < 3:
        return None
    curve = np.concatenate([[1.0], model.growth(month, 0, len(row) - 1)])
    ages = np.flatnonzero((row > 0) & (curve > 0))
    if len(ages) < 3:
        return None
    logs = np.log(row[ages]) - np.log(curve[ages])
    middle = float(ages.mean())
    width = float(((ages - middle) ** 2).sum())
    slope = float(((ages - middle) @ logs) / width)
    start = float(logs.mean()) - slope * middle
    rest = float(((logs - start - slope * ages) ** 2).sum())
    return _Line(start, slope, rest, len(ages), middle, width)


def _beyond(values: Sequence[float], errors: Sequence[float], centre: float | None) -> float:
    """The standard deviation of values beyond their own errors; around ``centre``, or around their mean (None)."""
    array = np.asarray(values)
    away = array - (array.mean() if centre is None else centre)
    variance = float((away**2).sum()) / (len(array) - (centre is None)) - float(np.mean(errors))
    return math.sqrt(max(variance, 0.0))


def _refunds(history: PaymentHistory) -> tuple[float, float]:
    months, shares = 0, []
    for row in history.rows:
        months += max(len(row) - 1, 0)
        shares += [-float(paid / before) for before, paid in pairwise(row) if paid < 0 < before]
    return (len(shares) / months, min(float(np.mean(shares)), 100.0)) if shares else (0.0, 0.0)


@guarded
def payment_paths(expected: npt.ArrayLike, known: int, spread: Spread, paths: int, rng: np.random.Generator) -> Floats:
    """Payments of one cohort, shape (paths, periods): the known periods as they are, the others drawn.

    ``expected``: payments of period 0 on, the first ``known`` of them facts; ``spread``: how far they stray. A drawn
    payment is the expected one times a factor whose mean is 1: ln factor of the j-th month ahead is drift × z × j +
    noise × (ε − ε₀) less half its variance, where ε₀ is the noise of the last known month the forecast goes on from.
    Before any payment is known the level's own draw stands in for ε₀. Refunds come on top and lower the mean.
    ``paths``: how many are drawn, with the same bits for the same ``rng``.
    """
    course = np.asarray(expected, dtype=np.float64)
    if course.ndim != 1 or not course.size or not np.isfinite(course).all():
        raise KernelError("expected payments are one list of finite numbers, a month or more")
    if not 0 <= known <= len(course):
        raise KernelError(f"known periods lie between 0 and {len(course)}, not {known}")
    if not 1 <= paths <= 200_000:
        raise KernelError(f"paths lie between 1 and 200,000, not {paths}")
    drawn = np.tile(course, (paths, 1))
    ahead = len(course) - known
    if not ahead:
        return drawn
    origin = rng.standard_normal(paths)[:, None] * (spread.noise if known else spread.level)
    steps = np.arange(1, ahead + 1) if known else np.arange(ahead)
    drift = rng.standard_normal(paths)[:, None] * (spread.drift * steps)
    logs = rng.standard_normal((paths, ahead)) * spread.noise + drift - origin
    own = spread.noise if known else spread.level
    logs -= 0.5 * (spread.noise**2 + own**2 + (spread.drift * steps) ** 2)
    drawn[:, known:] *= np.minimum(np.exp(np.minimum(logs, 100.0)), LARGEST_FACTOR)
    if spread.refund_chance and spread.refund_share:
        before = np.maximum(np.concatenate([[0.0], course])[known : known + ahead], 0.0)
        drawn[:, known:] -= (rng.random((paths, ahead)) < spread.refund_chance) * (spread.refund_share * before)
    return drawn
