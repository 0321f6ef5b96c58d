"""What was agreed about a cohort: sharing, caps, thresholds, and what is assumed about its future."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.matrix import WIDEST, CohortMatrix
from vestry.kernel.cohorts.months import (
    LARGEST,
    AmountLike,
    Bools,
    Floats,
    Ints,
    MonthLike,
    decimal,
    iso_month,
    minor,
    month_index,
)
from vestry.kernel.errors import KernelError

NO_CAP = 2**62


@dataclass(frozen=True, slots=True)
class Terms:
    """The trade on one cohort.

    ``sharing``: fraction in (0, 1]; the fund pays it of the spend and collects it of the payments. ``cash_cap``: the
    most that is collected; ``None`` is no cap, 0 is refused. ``planned_spend``: what the cap was agreed for (default:
    the spend); the effective cap is ``cash_cap × spend / planned_spend``. ``target_irr``: an annual rate at which
    collecting ends, beside or instead of the cash cap; the lower of the two binds. ``timing``: when this trade's
    collections count, where it is not as the others'.
    """

    cohort_month: MonthLike
    sharing: AmountLike
    cash_cap: AmountLike | None = None
    planned_spend: AmountLike | None = None
    target_irr: AmountLike | None = None
    timing: Timing | None = None

    def __post_init__(self) -> None:
        month_index(self.cohort_month)
        if not 0 < decimal(self.sharing) <= 1:
            raise KernelError(f"the sharing fraction must lie in (0, 1], not {self.sharing}")
        if self.cash_cap is not None and decimal(self.cash_cap) <= 0:
            raise KernelError("a cash cap must be positive; leave it out for no cap")
        if self.planned_spend is not None and decimal(self.planned_spend) <= 0:
            raise KernelError("the planned spend must be positive; leave it out to plan the spend itself")
        if self.target_irr is not None and decimal(self.target_irr) <= -1:
            raise KernelError("a target IRR must lie above −100 %")
        if self.timing not in (None, "end_of_month", "same_month"):
            raise KernelError(f"timing is 'end_of_month' or 'same_month', not {self.timing!r}")


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least payment ÷ spend expected in one period; equality is met."""

    period: int
    minimum: AmountLike

    def __post_init__(self) -> None:
        if isinstance(self.period, bool) or not isinstance(self.period, (int, np.integer)):
            raise KernelError(f"a period is a whole number of months, not {self.period!r}")
        if not 0 <= self.period < WIDEST:
            raise KernelError(f"a period lies between 0 and {WIDEST - 1}, not {self.period}")
        if decimal(self.minimum) < 0:
            raise KernelError("a minimum payment fraction is not negative")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is assumed of the months not yet known; an actual is never replaced.

    From the last known month each next one is × (1 − churn). ``churn``: a fraction in [0, 1], or one per period
    (``churn[k]`` between period k − 1 and k; the last one goes on). ``m0``: where a cohort without actuals starts, as a
    fraction of its spend. ``horizon``: periods in all. ``last_month_partial``: the newest month of the data is not
    over, so the estimate goes on from the month before it (from ``m0`` where there is none); the partial actual stays.
    ``course``: expected payments from period 0 on by cohort month index, in minor units: a cohort that is named there
    goes by its course (up to its end) instead of by churn, as models with seasons do.
    """

    churn: AmountLike | Sequence[float] | npt.NDArray[Any]
    m0: AmountLike | None = None
    horizon: int = 36
    last_month_partial: bool = False
    course: Mapping[int, Sequence[float] | npt.NDArray[Any]] | None = None

    def __post_init__(self) -> None:
        rates = self.rates()
        if not len(rates) or not np.isfinite(rates).all() or (rates < 0).any() or (rates > 1).any():
            raise KernelError("churn is a fraction between 0 and 1")
        if self.m0 is not None and decimal(self.m0) < 0:
            raise KernelError("m0 is not negative")
        if not 1 <= self.horizon <= WIDEST:
            raise KernelError(f"the horizon lies between 1 and {WIDEST} periods, not {self.horizon}")
        for row in (self.course or {}).values():
            if not np.isfinite(np.asarray(row, dtype=np.float64)).all() or np.abs(row).sum() >= LARGEST / 4:
                raise KernelError("a course is a list of finite payments that add up to what can be kept exactly")

    def rates(self) -> Floats:
        """The churn per period as floats, shape (1,) or (n,)."""
        if isinstance(self.churn, (Sequence, np.ndarray)) and not isinstance(self.churn, str):
            return np.asarray(self.churn, dtype=np.float64).reshape(-1)
        return np.asarray([float(decimal(self.churn))])


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named pair of assumptions: ``worst``, ``average``, ``best``."""

    name: str
    m0: AmountLike
    churn: AmountLike

    def prediction(self, horizon: int = 36, *, last_month_partial: bool = False) -> Prediction:
        """The scenario as a prediction."""
        return Prediction(self.churn, self.m0, horizon, last_month_partial)


@dataclass(frozen=True, slots=True, eq=False)
class TradeBook:
    """The terms of every cohort as arrays beside the matrix (all of length C, minor units), ready for the engine.

    ``sharing`` counts ``share_unit`` parts, so that every share is exact. ``cap`` is the effective cap (``NO_CAP``:
    none), ``contractual_cap`` the agreed one. ``has_spend`` false: nothing is known of the spend.
    ``monthly_target``: the monthly rate of the target IRR, NaN where there is none.
    ``restored`` (C, W): breaches set aside by an override. ``timings``: of each row where any trade has one of its own.
    ``open_from``: the first calendar month (index) that is not over, whose actuals breach nothing yet (None: all are).
    """

    spend: Ints
    has_spend: Bools
    funded: Bools
    sharing: Ints
    share_unit: int
    cap: Ints
    contractual_cap: Ints
    monthly_target: Floats
    threshold_periods: Ints
    threshold_minimums: Ints
    threshold_unit: int
    restored: Bools | None = None
    timings: tuple[Timing | None, ...] | None = None
    open_from: int | None = None

    def timing_of(self, row: int, common: Timing) -> Timing:
        """When the collections of a row count: as its terms say, else as all others'."""
        return (self.timings[row] if self.timings is not None else None) or common

    def same_month(self, common: Timing) -> Bools:
        """Shape (C,): the rows whose period n lies at t = n."""
        rows = [self.timing_of(row, common) == "same_month" for row in range(len(self.spend))]
        return np.asarray(rows, dtype=np.bool_)

    def outlay(self) -> Ints:
        """What the fund pays: sharing × spend, to the nearest minor unit (half up); 0 where unfunded."""
        return _scaled_half_up(self.spend, self.sharing, self.share_unit)


def pack(
    matrix: CohortMatrix,
    spends: Mapping[Any, AmountLike] | Iterable[tuple[MonthLike, AmountLike]] = (),
    terms: Iterable[Terms | Mapping[str, Any]] = (),
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    overrides: Iterable[tuple[MonthLike, int]] = (),
    open_from: MonthLike | None = None,
) -> tuple[CohortMatrix, TradeBook]:
    """Matrix and terms side by side: a row for every cohort with payments, spend or terms.

    Twice a spend, terms or a threshold for the same month or period is refused: which one counts would be a guess.
    Terms without spend have no outlay and no threshold to judge by, payments without spend are simply unfunded.
    ``open_from``: the first calendar month that is not over, or not complete yet; from it on no month is below its
    threshold. None: every month is judged.
    """
    agreed = unique_by(map(as_terms, terms), lambda one: month_index(one.cohort_month), "terms for cohort")
    minimums = unique_by(map(as_threshold, thresholds), lambda one: int(one.period), "threshold for period")
    pairs = spends.items() if isinstance(spends, Mapping) else spends
    digits = matrix.minor_digits
    spent = {
        month: minor(pair[1], digits)
        for month, pair in unique_by(pairs, lambda pair: month_index(pair[0]), "spend for cohort").items()
    }
    if any(amount < 0 for amount in spent.values()):
        raise KernelError("spend is not negative")
    full = matrix.with_cohorts([*spent, *agreed])
    months = full.months.tolist()
    rows = [agreed.get(month) for month in months]
    unit = parts([one.sharing for one in agreed.values()])
    threshold_unit = parts([one.minimum for one in minimums.values()])
    caps = [_caps(one, spent.get(month), digits) for month, one in zip(months, rows, strict=True)]
    book = TradeBook(
        spend=np.asarray([spent.get(month, 0) for month in months], dtype=np.int64),
        has_spend=np.asarray([month in spent for month in months], dtype=np.bool_),
        funded=np.asarray([one is not None for one in rows], dtype=np.bool_),
        sharing=np.asarray([0 if one is None else int(decimal(one.sharing) * unit) for one in rows], dtype=np.int64),
        share_unit=unit,
        cap=np.asarray([cap for cap, _ in caps], dtype=np.int64),
        contractual_cap=np.asarray([cap for _, cap in caps], dtype=np.int64),
        monthly_target=np.asarray([_monthly(one) for one in rows], dtype=np.float64),
        threshold_periods=np.asarray(list(minimums), dtype=np.int64),
        threshold_minimums=np.asarray(
            [int(decimal(one.minimum) * threshold_unit) for one in minimums.values()], dtype=np.int64
        ),
        threshold_unit=threshold_unit,
        restored=_restored(full, overrides),
        timings=_timings(rows),
        open_from=None if open_from is None else month_index(open_from),
    )
    return full, book


def _timings(rows: Sequence[Terms | None]) -> tuple[Timing | None, ...] | None:
    found = tuple(None if one is None else one.timing for one in rows)
    return found if any(found) else None


def effective_cap(cash_cap: int, spend: int | None, planned_spend: int | None) -> int:
    """The contractual cap × actual ÷ planned spend, to the nearest minor unit (half up); all in minor units."""
    if spend is None or planned_spend is None:
        return cash_cap
    if not all(isinstance(units, (int, np.integer)) for units in (cash_cap, spend, planned_spend)):
        raise KernelError("a cap and a spend are whole minor units")
    if planned_spend <= 0:
        raise KernelError(f"a planned spend must be above zero, got {planned_spend}")
    return half_up(Fraction(int(cash_cap)) * int(spend) / int(planned_spend))


def half_up(exact: Fraction) -> int:
    """The nearest whole number, a half going up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def as_terms(given: Terms | Mapping[str, Any]) -> Terms:
    """Terms, also from a mapping that says ``sharing_percentage`` or ``cohort_start`` as the product's doors do."""
    if isinstance(given, Terms):
        return given
    return Terms(
        _pick(given, "cohort_month", "cohort_start"),
        _pick(given, "sharing", "sharing_percentage"),
        given.get("cash_cap"),
        given.get("planned_spend"),
        given.get("target_irr"),
        given.get("timing"),
    )


def as_threshold(given: Threshold | Mapping[str, Any]) -> Threshold:
    """A threshold, also from a mapping that says ``payment_period_month`` and ``minimum_payment_percent``."""
    if isinstance(given, Threshold):
        return given
    period = _pick(given, "period", "payment_period_month")
    if isinstance(period, str) and period.strip().isdecimal():
        period = int(period)
    return Threshold(period, _pick(given, "minimum", "minimum_payment_percent"))


def unique_by(values: Iterable[Any], key: Any, what: str) -> dict[int, Any]:
    """The values by key; a key met twice is refused."""
    found: dict[int, Any] = {}
    for value in values:
        at = key(value)
        if at in found:
            raise KernelError(f"there are two {what} {at if at < WIDEST else iso_month(at)}")
        found[at] = value
    return found


def parts(fractions: Sequence[AmountLike]) -> int:
    """The power of ten that makes all these fractions whole numbers."""
    places = max((-_exponent(decimal(value)) for value in fractions), default=0)
    if places > 15:
        raise KernelError("a fraction has more than 15 decimals")
    return int(10 ** max(places, 0))


@lru_cache(maxsize=1_000)
def _exponent(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def _caps(one: Terms | None, spend: int | None, digits: int) -> tuple[int, int]:
    if one is None or one.cash_cap is None:
        return NO_CAP, NO_CAP
    agreed = minor(one.cash_cap, digits)
    planned = None if one.planned_spend is None else minor(one.planned_spend, digits)
    effective = effective_cap(agreed, spend, planned)
    if effective >= LARGEST:
        raise KernelError("the effective cap is too large to be kept exactly")
    return effective, agreed


def _monthly(one: Terms | None) -> float:
    if one is None or one.target_irr is None:
        return float("nan")
    return float(np.expm1(np.log1p(float(decimal(one.target_irr))) / 12))


def _restored(matrix: CohortMatrix, overrides: Iterable[tuple[MonthLike, int]]) -> Bools | None:
    cells = [(matrix.row(cohort), int(period)) for cohort, period in overrides]
    if not cells:
        return None
    if any(not 0 <= period < WIDEST for _, period in cells):
        raise KernelError("an override names a period that cannot be")
    grid = np.zeros((len(matrix), max(period for _, period in cells) + 1), dtype=np.bool_)
    for row, period in cells:
        grid[row, period] = True
    return grid


def _scaled_half_up(units: Ints, share: Ints, unit: int) -> Ints:
    if float(units.max(initial=0)) * unit >= NO_CAP / 4:
        units, share = units.astype(object), share.astype(object)
    nearest: Ints = ((2 * units * share + unit) // (2 * unit)).astype(np.int64)
    return nearest


def _pick(given: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if name in given:
            return given[name]
    raise KernelError(f"{names[0]} is missing")
