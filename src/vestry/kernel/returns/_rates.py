"""IRR, XIRR, MIRR, NPV and their dated forms. Flows carry the owner's sign; rates are fractions."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, SupportsFloat, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vestry.kernel import dates as _dates
from vestry.kernel.dates import DateLike
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.returns._result import FAR_RATE, RateResult
from vestry.kernel.returns._roots import find_roots, scaled

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Rate = SupportsFloat
"""A float, an int, a Decimal, a NumPy number."""

LINEAR: Mapping[str, float] = {"act/365f": 365.0, "act/360": 360.0, "act/365.25": 365.25, "act/364": 364.0}
"""Day counts that only divide the days."""
_UNIX_TO_ORDINAL = 719_163


@guarded
def xirr(
    dates: Iterable[Any] | Mapping[Any, Any], amounts: Iterable[Any] | None = None, *, day_count: str = "act/365f"
) -> RateResult:
    """The effective annual rate at which dated flows have a net present value of zero.

    Solves ``Σ amountᵢ ÷ (1 + r)^(years from the first flow) = 0`` for every r in (−1, ∞), in ``ln(1 + r)``.
    ``dates`` and ``amounts`` run beside each other, in any order; or give (date, amount) pairs, flows or a mapping
    alone. Dates may be dates, ISO text or ``datetime64``; amounts any numbers, money out negative. Flows of a day are
    netted, flows of zero do not count, and time zero is the first that does.

    ``day_count``: ``act/365f`` (default, Excel's), ``act/360``, ``30/360``, ``30e/360``, ``act/act isda``, …

    The result's ``rate`` is None with a reason where there is none; with several roots it is the one closest to 0, with
    status ``multiple_roots`` and all of them in ``roots``; under 365 days the raw rate stands in ``rate``, status
    ``under_one_year``, and ``since_inception`` holds the return that may be shown. Raises ``KernelError`` for lists of
    unequal length, unreadable dates and amounts that are not finite. Source: Microsoft, XIRR function; GIPS 2020.
    """
    name = _dates.day_count_name(day_count)
    days, values = net(*read_series(dates, amounts))
    days, values = days.copy(), values.copy()  # the result keeps them, whatever becomes of the caller's arrays
    times = _years(days, name)
    if name not in LINEAR and not bool((np.diff(times) > 0).all()):
        days, times, values = _net_times(days, times, values)
    span = int(days[-1] - days[0]) if days.size else 0
    return _result(times, values, name, days=days, under=span < 365)


@guarded
def irr(amounts: Iterable[Any]) -> RateResult:
    """The rate per period at which evenly spaced flows have a net present value of zero; the first flow is at time 0.

    As ``xirr``, with periods for years. ``effective_annual`` turns a monthly or quarterly rate into an annual one.
    Source: Microsoft, IRR function.
    """
    values = _floats(amounts)
    keep = np.flatnonzero(values)
    times = (keep - keep[0]).astype(np.float64) if keep.size else np.empty(0)
    return _result(times, values[keep], "periodic", days=None, under=None)


@guarded
def mirr(amounts: Iterable[Any], finance_rate: Rate, reinvest_rate: Rate) -> RateResult:
    """The modified rate per period: outflows financed at one rate, inflows reinvested at another until the last period.

    ``(FV of inflows at reinvest_rate ÷ −PV of outflows at finance_rate)^(1/n) − 1`` with n = number of flows − 1.
    None when there is no inflow or no outflow. Source: Microsoft, MIRR function; Lin 1976.
    """
    values = _floats(amounts)
    finance_rate, reinvest_rate = _rate(finance_rate), _rate(reinvest_rate)
    reason = _why_not(values)
    periods = values.size - 1
    if reason:
        return RateResult(None, "none", reason, day_count="periodic")
    steps = np.arange(values.size)
    with np.errstate(all="ignore"):  # what is lost to zero or infinity is caught below and has its own reason
        paid = -(np.minimum(values, 0.0) * (1.0 + finance_rate) ** -steps).sum()
        gained = (np.maximum(values, 0.0) * (1.0 + reinvest_rate) ** (periods - steps)).sum()
        exponent = float(np.log(gained) - np.log(paid)) / periods
    if not abs(exponent) < 700.0:
        return RateResult(None, "none", "not_representable", day_count="periodic")
    rate = math.expm1(exponent)
    return RateResult(rate, "ok", roots=(rate,), day_count="periodic", years=float(periods))


@guarded
def npv(rate: Rate, amounts: Iterable[Any]) -> float:
    """Net present value of evenly spaced flows, the first at time 0 (not discounted): ``Σ amountᵢ ÷ (1 + rate)^i``."""
    rate = _rate(rate)
    values = _floats(amounts)
    return _sum(values, -math.log1p(rate) * np.arange(values.size, dtype=np.float64), rate)


@guarded
def excel_npv(rate: Rate, amounts: Iterable[Any]) -> float:
    """Excel's NPV: the first listed flow is already discounted one period, so it is ``npv ÷ (1 + rate)``."""
    rate = _rate(rate)
    return npv(rate, amounts) / (1.0 + rate)


@guarded
def xnpv(
    rate: Rate,
    dates: Iterable[Any] | Mapping[Any, Any],
    amounts: Iterable[Any] | None = None,
    *,
    day_count: str = "act/365f",
    as_of: DateLike | None = None,
) -> float:
    """Net present value of dated flows at an effective annual rate.

    As of the earliest date given (a flow of zero counts here: it names the day), or as of ``as_of``. Any order.
    Source: Microsoft, XNPV function.
    """
    rate = _rate(rate)
    days, values = read_series(dates, amounts)
    if not days.size:
        return 0.0
    zero = _dates.to_ordinal(as_of) if as_of is not None else int(days.min())
    times = _years_from(zero, days, _dates.day_count_name(day_count))
    return _sum(values, times * -math.log1p(rate), rate)


@guarded
def xnfv(
    rate: Rate,
    dates: Iterable[Any] | Mapping[Any, Any],
    amounts: Iterable[Any] | None = None,
    *,
    day_count: str = "act/365f",
) -> float:
    """Future value of dated flows at the last date given, at an effective annual rate."""
    rate = _rate(rate)
    days, values = read_series(dates, amounts)
    if not days.size:
        return 0.0
    name = _dates.day_count_name(day_count)
    zero, last = int(days.min()), int(days.max())
    times = _years_from(zero, np.array([last]), name)[0] - _years_from(zero, days, name)
    return _sum(values, times * math.log1p(rate), rate)


@guarded
def effective_annual(rate: Rate, periods_per_year: Rate) -> float:
    """A rate per period as an effective annual one: ``(1 + rate)^periods − 1`` (a monthly rate is never times 12)."""
    periods = _number(periods_per_year, "periods per year")
    if not periods > 0.0:
        raise KernelError(f"periods per year must be positive, not {periods_per_year!r}")
    exponent = periods * math.log1p(_rate(rate))
    if not exponent < 709.7:
        raise KernelError(f"{rate!r} over {periods_per_year!r} periods a year is too large for a number")
    return math.expm1(exponent)


@guarded
def annualise(cumulative: Rate, start: DateLike, end: DateLike) -> float:
    """A cumulative return as an annual one where the period, both ends included, is longer than a year; else unchanged.

    Years are whole calendar years from ``start`` plus the days left over ÷ 365, so a period of exactly one year is not
    annualised and one day more is. Source: GIPS 2020, 2.A.12 (no annualising under a year).
    """
    years = period_years(start, end)
    try:
        cumulative = float(cumulative)
    except (TypeError, ValueError):
        cumulative = math.nan
    if not -1.0 <= cumulative < math.inf:
        raise KernelError(f"a return must be a number from −100 % up, not {cumulative!r}")
    return (1.0 + cumulative) ** (1.0 / years) - 1.0 if years > 1.0 else cumulative


@guarded
def period_years(start: DateLike, end: DateLike) -> float:
    """Whole calendar years from ``start`` to ``end``, both days included, plus the days left over ÷ 365."""
    first, last = _dates.to_date(start), _dates.to_date(end)
    if last < first:
        raise KernelError(f"the period ends on {last}, before it starts on {first}")
    after = last.toordinal() + 1
    whole = last.year - first.year + 1
    while whole and _dates.add_years(first, whole).toordinal() > after:
        whole -= 1
    return whole + (after - _dates.add_years(first, whole).toordinal()) / 365


# ----- shared with the batch form -----------------------------------------------------------------------------------


def read_series(dates: Iterable[Any] | Mapping[Any, Any], amounts: Iterable[Any] | None) -> tuple[Days, Floats]:
    """Ordinal days and amounts from dates beside amounts, pairs, flows or a mapping."""
    if amounts is None:
        items: list[Any] = list(dates.items()) if isinstance(dates, Mapping) else list(dates)
        pairs = [(item.date, item.amount) if hasattr(item, "amount") else item for item in items]
        try:
            dates, amounts = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        except (TypeError, IndexError, KeyError):
            raise KernelError("give dates and amounts, or (date, amount) pairs") from None
    days = read_days(dates)
    values = _floats(amounts)
    if days.size != values.size:
        raise KernelError(f"{days.size} dates but {values.size} amounts")
    return days, values


def read_days(dates: Iterable[Any]) -> Days:
    """Ordinals of dates, ISO texts or ``datetime64``; whole numbers are taken for days already."""
    if isinstance(dates, np.ndarray):
        if dates.dtype.kind == "M":
            if np.isnat(dates).any():
                raise KernelError("a date is missing")
            return cast(Days, dates.astype("datetime64[D]").astype(np.int64) + _UNIX_TO_ORDINAL)
        if dates.dtype.kind in "iu":
            return dates.astype(np.int64, copy=False)
    listed = dates if isinstance(dates, (list, tuple)) else list(dates)
    try:
        return np.array([day.toordinal() for day in listed], dtype=np.int64)
    except (AttributeError, TypeError):
        return np.array([_day(day) for day in listed], dtype=np.int64)


def _day(day: Any) -> int:
    whole = isinstance(day, (int, np.integer)) and not isinstance(day, (bool, np.timedelta64))
    return int(day) if whole else _dates.to_ordinal(day)


def net(days: Days, values: Floats) -> tuple[Days, Floats]:
    """Ascending days without doubles and without zeros; a day that nets to rounding counts as zero."""
    if not bool((days[1:] > days[:-1]).all()):
        order = np.argsort(days, kind="stable")
        days, values = days[order], values[order]
        starts = np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))
        if starts.size < days.size:
            days, values = days[starts], _sums(values, starts)
    if values.all():
        return days, values
    keep = np.flatnonzero(values)
    return days[keep], values[keep]


def _sums(values: Floats, starts: NDArray[np.intp]) -> Floats:
    sums = np.add.reduceat(values, starts)
    sums[np.abs(sums) <= 1e-15 * np.add.reduceat(np.abs(values), starts)] = 0.0
    return sums


def _net_times(days: Days, times: Floats, values: Floats) -> tuple[Days, Floats, Floats]:
    """Nets different days that a 30/360 convention puts at one time."""
    order = np.argsort(times, kind="stable")
    days, times, values = days[order], times[order], values[order]
    starts = np.flatnonzero(np.concatenate(([True], times[1:] != times[:-1])))
    sums = _sums(values, starts)
    keep = np.flatnonzero(sums)
    return days[starts][keep], times[starts][keep], sums[keep]


def _years(days: Days, name: str) -> Floats:
    return _years_from(int(days[0]), days, name) if days.size else np.empty(0)


def _years_from(zero: int, days: Days, name: str) -> Floats:
    if name in LINEAR:
        return np.divide(days - zero, LINEAR[name])
    start = dt.date.fromordinal(zero)
    ends = [dt.date.fromordinal(int(day)) for day in days]
    return np.array([_dates.year_fraction(start, end, name) for end in ends])


def _floats(amounts: Iterable[Any]) -> Floats:
    try:
        listed: ArrayLike = amounts if isinstance(amounts, (np.ndarray, list, tuple)) else list(amounts)
        values = np.asarray(listed, dtype=np.float64)
    except (TypeError, ValueError):
        raise KernelError("every amount must be a number") from None
    if values.ndim != 1:
        raise KernelError("amounts must be one list of numbers")
    if not bool(np.isfinite(values).all()):
        raise KernelError("every amount must be a finite number")
    return values


def _result(times: Floats, values: Floats, name: str, *, days: Days | None, under: bool | None) -> RateResult:
    reason = _why_not(values)
    near, far = ([], []) if reason else sort_roots(find_roots(times, values), values)
    if not near:
        reason = reason or why_no_root(values, far)
        return RateResult(
            None, "none", reason, far_roots=tuple(far), day_count=name, days=days, times=times, amounts=values
        )
    rate = min(near, key=abs)
    u = math.log1p(rate)
    value, _, size = scaled(times, values, u)
    years = float(times[-1])
    return RateResult(
        rate=rate,
        status="multiple_roots" if len(near) > 1 else "under_one_year" if under else "ok",
        roots=tuple(near),
        far_roots=tuple(far),
        residual=abs(value) / size,
        day_count=name,
        annualised=under is False,
        since_inception=math.expm1(u * years) if under else None,
        years=years,
        days=days,
        times=times,
        amounts=values,
    )


def sort_roots(roots: Sequence[float], values: Floats) -> tuple[list[float], list[float]]:
    """(rates that count, far ones) from roots in ``ln(1 + r)``; flows that change sign once have one, however far."""
    rates = [math.expm1(root) for root in roots]
    if int(((values[1:] > 0.0) != (values[:-1] > 0.0)).sum()) == 1:
        return rates, []
    return [rate for rate in rates if rate <= FAR_RATE], [rate for rate in rates if rate > FAR_RATE]


def why_no_root(values: Floats, far: Sequence[float]) -> str:
    """The reason where no root counts; a first and a last flow of opposite signs mean that there is one somewhere."""
    if far:
        return "only_far_roots"
    return "no_root" if (values[0] > 0.0) == (values[-1] > 0.0) else "not_representable"


def _why_not(values: Floats) -> str:
    if not values.any():
        return "no_flows"
    if not bool((values > 0).any()):
        return "no_positive_flow"
    return "" if bool((values < 0).any()) else "no_negative_flow"


def _number(value: Rate, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise KernelError(f"{what} must be a number, not {value!r}") from None
    if not math.isfinite(number):
        raise KernelError(f"{what} must be a finite number, not {value!r}")
    return number


def _rate(value: Rate) -> float:
    rate = _number(value, "a rate")
    if not rate > -1.0:
        raise KernelError(f"a rate must be above −1 (−100 %), not {value!r}")
    return rate


def _sum(values: Floats, exponents: Floats, rate: float) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        total = float((values * np.exp(exponents)).sum())
    if not math.isfinite(total):
        raise KernelError(f"the value at the rate {rate!r} is too large for a number")
    return total
