"""Day counts, month arithmetic, periods and business days. Dates are ``datetime.date``; there is no clock here.

Every public function also takes ISO text (``"2024-02-29"``), a ``datetime`` (its date) or a ``numpy.datetime64``.

Arguments that mean the same throughout:

value, day: what is read as a date, else ``KernelError``. holidays: dates that are no business days. index: months
since January of year 0. frequency: ``month``, ``quarter``, ``half`` or ``year``. day_count: any usual spelling.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

__all__ = [
    "DAY_COUNTS",
    "DateLike",
    "Period",
    "add_business_days",
    "add_months",
    "add_years",
    "adjust",
    "business_days_between",
    "day_count_name",
    "is_business_day",
    "is_month_end",
    "month_end",
    "month_index",
    "month_of",
    "month_start",
    "months_between",
    "period_of",
    "periods",
    "quarter_end",
    "quarter_start",
    "to_date",
    "to_ordinal",
    "year_end",
    "year_fraction",
    "year_start",
]

DateLike = dt.date | str | np.datetime64

_EPOCH = dt.date(1970, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def to_date(value: DateLike) -> dt.date:
    """The calendar date of a date, datetime, ISO text (``YYYY-MM-DD``) or ``numpy.datetime64``."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        if isinstance(value, str):
            return dt.date.fromisoformat(value.strip()[:10])
        if isinstance(value, np.datetime64) and not np.isnat(value):
            return _EPOCH + dt.timedelta(days=int(value.astype("datetime64[D]").astype(np.int64)))
    except (ValueError, OverflowError):
        pass
    raise KernelError(f"{value!r} is not a date; give YYYY-MM-DD")


def to_ordinal(value: DateLike) -> int:
    """Days since 31 December of the year before 1, as ``datetime.date.toordinal`` counts them."""
    return to_date(value).toordinal()


# ----- day counts ---------------------------------------------------------------------------------------------------


def _actual(days: float) -> Callable[[dt.date, dt.date], float]:
    return lambda start, end: (end - start).days / days


def _thirty_360_us(start: dt.date, end: dt.date) -> float:
    """30/360 US (NASD): the 31st and the end of February count as the 30th."""
    first, last = start.day, end.day
    february = start.month == 2 and is_month_end(start)
    if february and end.month == 2 and is_month_end(end):
        last = 30
    if february:
        first = 30
    if last == 31 and first >= 30:
        last = 30
    return _thirty(start, end, min(first, 30), last)


def _bond_basis(start: dt.date, end: dt.date) -> float:
    """30/360 bond basis (ISDA 2006 4.16(f)): as US, but February keeps its own last day."""
    first = min(start.day, 30)
    return _thirty(start, end, first, 30 if end.day == 31 and first == 30 else end.day)


def _thirty_e_360(start: dt.date, end: dt.date) -> float:
    """30E/360, European (ISDA 2006 4.16(g)): a 31st counts as the 30th, on both sides."""
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _thirty(start: dt.date, end: dt.date, first: int, last: int) -> float:
    return ((end.year - start.year) * 360 + (end.month - start.month) * 30 + (last - first)) / 360


def _act_act_isda(start: dt.date, end: dt.date) -> float:
    """Days in leap years over 366 plus the others over 365 (ISDA 2006 4.16(b))."""
    if start.year == end.year:
        return (end - start).days / _days_in(start.year)
    first = (dt.date(start.year + 1, 1, 1) - start).days / _days_in(start.year)
    last = (end - dt.date(end.year, 1, 1)).days / _days_in(end.year)
    return first + (end.year - start.year - 1) + last


def _days_in(year: int) -> int:
    return 365 + (monthrange(year, 2)[1] == 29)


DAY_COUNTS: Mapping[str, Callable[[dt.date, dt.date], float]] = MappingProxyType(
    {
        "act/365f": _actual(365),
        "act/360": _actual(360),
        "act/365.25": _actual(365.25),
        "act/364": _actual(364),
        "30/360": _thirty_360_us,
        "30/360 bond": _bond_basis,
        "30e/360": _thirty_e_360,
        "act/act isda": _act_act_isda,
    }
)
"""Year fraction of each convention from a start to a later date, by canonical name."""

_OTHER_NAMES = {
    "act/365": "act/365f",
    "actual/365": "act/365f",
    "actual/365 fixed": "act/365f",
    "act/365 fixed": "act/365f",
    "actual/360": "act/360",
    "30u/360": "30/360",
    "30/360 us": "30/360",
    "30/360us": "30/360",
    "30/360 nasd": "30/360",
    "bond basis": "30/360 bond",
    "30/360 european": "30e/360",
    "30/360 eu": "30e/360",
    "eurobond basis": "30e/360",
    "act/act": "act/act isda",
    "actual/actual": "act/act isda",
    "actual/actual isda": "act/act isda",
}


def day_count_name(name: str) -> str:
    """The canonical name of a day-count convention; ``act/365``, ``30/360 US`` and the like are understood."""
    if isinstance(name, str) and name in DAY_COUNTS:
        return name
    key = " ".join(str(name).lower().replace("_", " ").replace("(", " ").replace(")", " ").split())
    key = _OTHER_NAMES.get(key, key)
    if key not in DAY_COUNTS:
        raise KernelError(f"day count must be one of {', '.join(DAY_COUNTS)}, not {name!r}")
    return key


def year_fraction(start: DateLike, end: DateLike, day_count: str = "act/365f") -> float:
    """Years from ``start`` to ``end`` by a day-count convention; negative when ``end`` lies before ``start``.

    ``act/365f`` (the default, and Excel's XIRR), ``act/360``, ``act/365.25``, ``act/364``, ``30/360`` (US),
    ``30/360 bond``, ``30e/360`` (European), ``act/act isda``. Source: ISDA 2006 Definitions, section 4.16.
    """
    first, last = to_date(start), to_date(end)
    count = DAY_COUNTS[day_count_name(day_count)]
    return -count(last, first) if last < first else count(first, last)


# ----- months, quarters, years --------------------------------------------------------------------------------------


def month_start(day: DateLike) -> dt.date:
    """The first day of the month."""
    return to_date(day).replace(day=1)


def month_end(day: DateLike) -> dt.date:
    """The last day of the month."""
    date = to_date(day)
    return date.replace(day=monthrange(date.year, date.month)[1])


def is_month_end(day: DateLike) -> bool:
    """Whether the day is the last of its month."""
    date = to_date(day)
    return date.day == monthrange(date.year, date.month)[1]


def quarter_start(day: DateLike) -> dt.date:
    """The first day of the calendar quarter."""
    date = to_date(day)
    return dt.date(date.year, 3 * ((date.month - 1) // 3) + 1, 1)


def quarter_end(day: DateLike) -> dt.date:
    """The last day of the calendar quarter; a quarter end is its own."""
    return month_end(add_months(quarter_start(day), 2))


def year_start(day: DateLike) -> dt.date:
    """1 January of the year."""
    return dt.date(to_date(day).year, 1, 1)


def year_end(day: DateLike) -> dt.date:
    """31 December of the year."""
    return dt.date(to_date(day).year, 12, 31)


def add_months(day: DateLike, months: int, *, end_of_month: bool = False) -> dt.date:
    """The same day ``months`` later (or earlier), or the month's last day where that month is shorter.

    With ``end_of_month`` a month's last day goes to a month's last day: 28 February 2023 + 1 is then 31 March, not the
    28th. 31 January 2024 + 1 is 29 February either way.
    """
    if not isinstance(months, (int, np.integer)):
        raise KernelError(f"months are a whole number, not {months!r}")
    date = to_date(day)
    index = month_index(date) + months
    if not 12 <= index < 120_000:
        raise KernelError(f"{months} months from {date} is outside the calendar's years 1 to 9999")
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    keep = end_of_month and is_month_end(date)
    return dt.date(year, month + 1, last if keep else min(date.day, last))


def add_years(day: DateLike, years: int) -> dt.date:
    """The same day ``years`` later; 29 February becomes the 28th in a common year."""
    return add_months(day, 12 * years)


def month_index(day: DateLike) -> int:
    """Months since January of year 0, so that differences count calendar months."""
    date = to_date(day)
    return 12 * date.year + date.month - 1


@guarded
def month_of(index: int) -> dt.date:
    """The first day of the month with that ``month_index``."""
    if not 12 <= index < 120_000:
        raise KernelError(f"{index} is no month of the years 1 to 9999")
    return dt.date(index // 12, index % 12 + 1, 1)


def months_between(start: DateLike, end: DateLike) -> int:
    """Whole months from ``start`` to ``end``: the largest n with ``add_months(start, n) <= end``; may be negative."""
    first, last = to_date(start), to_date(end)
    months = month_index(last) - month_index(first)
    return months if add_months(first, months) <= last else months - 1


# ----- periods ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, quarter, half-year or year; both ends belong to it."""

    start_on: dt.date
    end_on: dt.date
    frequency: str

    def __contains__(self, day: DateLike) -> bool:
        return self.start_on <= to_date(day) <= self.end_on

    @property
    def days(self) -> int:
        """Days in the period, both ends counted."""
        return (self.end_on - self.start_on).days + 1

    @property
    def label(self) -> str:
        """``2024-03``, ``2024-Q1``, ``2024-H1`` or ``2024``."""
        year, month = self.start_on.year, self.start_on.month
        if self.frequency == "month":
            return f"{year:04d}-{month:02d}"
        if self.frequency == "year":
            return f"{year:04d}"
        return f"{year:04d}-{self.frequency[0].upper()}{(month - 1) // _MONTHS[self.frequency] + 1}"

    def next(self) -> Period:
        """The period that follows."""
        return period_of(self.end_on + dt.timedelta(days=1), self.frequency)


def period_of(day: DateLike, frequency: str = "quarter") -> Period:
    """The calendar ``month``, ``quarter``, ``half`` or ``year`` that holds the day."""
    if frequency not in _MONTHS:
        raise KernelError(f"frequency must be one of {', '.join(_MONTHS)}, not {frequency!r}")
    date = to_date(day)
    size = _MONTHS[frequency]
    start = dt.date(date.year, size * ((date.month - 1) // size) + 1, 1)
    return Period(start, month_end(add_months(start, size - 1)), frequency)


@guarded
def periods(start: DateLike, end: DateLike, frequency: str = "quarter") -> list[Period]:
    """Every period that touches the days from ``start`` to ``end``, in order; none when ``end`` is before ``start``."""
    return list(_walk(to_date(start), to_date(end), frequency))


def _walk(start: dt.date, end: dt.date, frequency: str) -> Iterator[Period]:
    current = period_of(start, frequency)
    while current.start_on <= end:
        yield current
        current = current.next()


# ----- business days ------------------------------------------------------------------------------------------------


def is_business_day(day: DateLike, holidays: Collection[dt.date] = ()) -> bool:
    """Whether the day is neither Saturday, Sunday nor one of the ``holidays`` (the calendar is the caller's)."""
    date = to_date(day)
    return date.weekday() < 5 and date not in holidays


def adjust(day: DateLike, convention: str = "following", holidays: Collection[dt.date] = ()) -> dt.date:
    """The day itself if it is a business day, else the one a convention moves it to.

    ``following``, ``preceding``, ``modified_following`` (the next unless that leaves the month, then the one before) or
    ``modified_preceding``.
    """
    date = to_date(day)
    if convention not in {"following", "preceding", "modified_following", "modified_preceding"}:
        raise KernelError(f"unknown business-day convention {convention!r}")
    step = 1 if convention.endswith("following") else -1
    moved = _roll(date, step, holidays)
    if convention.startswith("modified") and moved.month != date.month:
        return _roll(date, -step, holidays)
    return moved


@guarded
def add_business_days(day: DateLike, days: int, holidays: Collection[dt.date] = ()) -> dt.date:
    """The day ``days`` business days later (earlier if negative); 0 gives the next business day or the day itself.

    A notice of ten business days from Friday 5 January 2024 ends on Friday 19 January.
    """
    date = to_date(day)
    if days == 0:
        return _roll(date, 1, holidays)
    step = 1 if days > 0 else -1
    for _ in range(abs(days)):
        date = _roll(date + dt.timedelta(days=step), step, holidays)
    return date


def business_days_between(start: DateLike, end: DateLike, holidays: Collection[dt.date] = ()) -> int:
    """Business days after ``start`` up to and including ``end``; negative when ``end`` is before ``start``."""
    first, last = to_date(start), to_date(end)
    if last < first:
        return -business_days_between(last, first, holidays)
    weeks, rest = divmod((last - first).days, 7)
    days = 5 * weeks + sum((first + dt.timedelta(days=i)).weekday() < 5 for i in range(1, rest + 1))
    return days - sum(first < holiday <= last and holiday.weekday() < 5 for holiday in set(holidays))


def _roll(date: dt.date, step: int, holidays: Collection[dt.date]) -> dt.date:
    for _ in range(3700):  # ten years of nothing but holidays is a mistake in the calendar, not a reason to hang
        if is_business_day(date, holidays):
            return date
        date += dt.timedelta(days=step)
    raise KernelError("the calendar leaves no business day within ten years")
