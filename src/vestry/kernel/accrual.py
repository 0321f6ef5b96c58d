"""Exact time and growth for money that accrues: year fractions and compounding factors as ``Decimal``.

Fees, preferred returns and equalisation interest are paid in cents, so their factors are carried at 34 digits
and never pass through ``float``. Rates are fractions a year (``0.08``), time is in years.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

from vestry.kernel.errors import KernelError
from vestry.kernel.money import Number, round_money, to_decimal

__all__ = [
    "PRECISION",
    "Compounding",
    "DayCount",
    "Number",
    "check_compounding",
    "day_count_name",
    "decimal",
    "growth",
    "round_half_up",
    "years_between",
]

Compounding: TypeAlias = Literal["simple", "annual", "semiannual", "quarterly", "monthly", "daily", "continuous"]
DayCount: TypeAlias = str

PRECISION = Context(prec=34, rounding=ROUND_HALF_EVEN)
_PERIODS = {"annual": 1, "semiannual": 2, "quarterly": 4, "monthly": 12, "daily": 365}
_DAY_COUNTS = {
    "act/365": "act/365f",
    "act/365f": "act/365f",
    "actual/365": "act/365f",
    "act/360": "act/360",
    "actual/360": "act/360",
    "30/360": "30/360",
    "act/act": "act/act",
    "act/act isda": "act/act",
    "actual/actual": "act/act",
}


def decimal(value: Number, what: str = "amount") -> Decimal:
    """The number exactly as written: floats by their shortest repr (``0.08`` is 0.08); a KernelError if not finite."""
    return to_decimal(value, what)


def round_half_up(value: Decimal, decimals: int | None) -> Decimal:
    """Rounded half away from zero, as a spreadsheet does; ``None`` leaves the value alone."""
    return value if decimals is None else round_money(value, decimals, "half_up")


def day_count_name(name: str) -> str:
    """The convention's one name, from any of its spellings; a ``KernelError`` names those there are."""
    found = _DAY_COUNTS.get(name.strip().lower())
    if found is None:
        raise KernelError(f"day count {name!r} is unknown; use one of {', '.join(sorted(set(_DAY_COUNTS.values())))}")
    return found


def years_between(start: date, end: date, day_count: DayCount = "act/365f") -> Decimal:
    """Years from ``start`` to ``end``; negative when ``end`` is earlier.

    ``act/365f`` is Act/365 fixed (365 in leap years too), ``30/360`` the bond basis (ISDA 2006 4.16(f)), ``act/act``
    ISDA's: the days of each calendar year over that year's length.
    """
    name = day_count_name(day_count)
    if end < start:
        return -years_between(end, start, day_count)
    with localcontext(PRECISION):
        days = Decimal((end - start).days)
        if name == "act/365f":
            return days / 365
        if name == "act/360":
            return days / 360
        if name == "30/360":
            return Decimal(_days_30_360(start, end)) / 360
        return _act_act(start, end)


def _days_30_360(start: date, end: date) -> int:
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _act_act(start: date, end: date) -> Decimal:
    total = Decimal(0)
    for year in range(start.year, end.year + 1):
        opening = max(start, date(year, 1, 1))
        closing = end if year == end.year else date(year + 1, 1, 1)
        total += Decimal((closing - opening).days) / (366 if isleap(year) else 365)
    return total


def check_compounding(compounding: str) -> None:
    """Raise ``KernelError`` for a compounding the kernel does not know."""
    if compounding not in get_args(Compounding):
        raise KernelError(f"compounding {compounding!r} is unknown; use one of {', '.join(get_args(Compounding))}")


@lru_cache(maxsize=16384)
def growth(rate: Decimal, years: Decimal, compounding: Compounding = "annual") -> Decimal:
    """What 1 becomes after ``years`` at ``rate`` a year: ``(1 + r/n)^(n·t)``, ``e^(r·t)``, or ``1 + r·t`` if simple.

    Fractional years use the fractional power, so growth over two stretches is the product of their growths
    (not so for simple, which has no memoryless factor).
    """
    with localcontext(PRECISION):
        if compounding == "simple":
            return 1 + rate * years
        if compounding == "continuous":
            return (rate * years).exp()
        n = _PERIODS[compounding]
        base = 1 + rate / n
        if base <= 0:
            raise KernelError(f"a rate of {rate} compounding {compounding} loses more than everything")
        return base ** (n * years)
