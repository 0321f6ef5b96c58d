"""A table of daily reference rates against one base currency, and what may be read from it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any, Literal

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.explain import Explain, Step
from vestry.kernel.money import Number, round_money, to_decimal

Rule = Literal["closing", "average", "historical", "contractual"]
BeforeFirst = Literal["refuse", "first"]
Averaging = Literal["daily_crosses", "cross_of_averages"]

# Enough digits that a cross never limits the amount it multiplies.
_FULL = Context(prec=34)


class NoRate(KernelError):
    """There is no published rate to use; ``reason`` is ``unknown_currency``, ``before_first`` or ``none_in_period``."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of ``quote`` for one ``base``, with the day it was published and the rule that chose it.

    ``asked_on`` the day the rate was wanted for, ``published_on`` the day it is from (never later), ``age_days``
    between them, ``stale`` when that is more than the table allows. ``legs``: each currency's
    rate against the table's base.
    """

    base: str
    quote: str
    value: Decimal
    asked_on: date
    published_on: date
    rule: Rule
    stale: bool
    legs: tuple[tuple[str, Decimal], ...] = ()

    @property
    def age_days(self) -> int:
        """Calendar days between the day asked for and the day published."""
        return (self.asked_on - self.published_on).days


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in another currency with the rate that made it.

    ``exact`` is amount × rate at full precision, ``amount`` the same to the decimals of ``currency`` (half to even).
    """

    original: Decimal
    original_currency: str
    amount: Decimal
    exact: Decimal
    currency: str
    rate: Rate

    def explain(self) -> Explain:
        """The ladder from the original amount over the legs to the converted one."""
        legs = [Step(f"{code} per base", "published", value) for code, value in self.rate.legs]
        return Explain(
            convention=f"{self.rate.rule} rate, published {self.rate.published_on.isoformat()}",
            inputs={"amount": self.original, "from": self.original_currency, "on": self.rate.asked_on.isoformat()},
            steps=(
                *legs,
                Step(f"{self.rate.quote} per {self.rate.base}", "quote leg / base leg", self.rate.value),
                Step("amount", "original × rate", self.exact),
                Step("rounded", f"to the decimals of {self.currency}", self.amount),
            ),
            source="ECB euro foreign exchange reference rates: cross = ratio of two euro rates",
        )


class RateTable:
    """Daily rates, each "1 base = x currency" (the ECB's way of quoting, base EUR).

    A day without a rate (weekend, holiday) uses the last one published before it: never a later one, never one
    in between. A cross takes both legs from the same day, the last on which both were published. ``stale_after``: a
    rate older than this many calendar days is flagged (Easter needs four).
    """

    __slots__ = ("_common", "_days", "_values", "base", "stale_after")

    def __init__(
        self,
        rates: Mapping[str, Mapping[Any, Number | None]],
        *,
        base: str = "EUR",
        stale_after: int = 5,
    ) -> None:
        """``rates``: ``{"USD": {"2022-12-30": "1.0666", …}, …}``; a ``None`` rate is a day without one."""
        self.base = _code(base)
        self.stale_after = stale_after
        self._days: dict[str, list[date]] = {}
        self._values: dict[str, dict[date, Decimal]] = {}
        self._common: dict[tuple[str, str], list[date]] = {}
        for name, series in rates.items():
            values: dict[date, Decimal] = {}
            for day, rate in series.items():
                if rate is None:
                    continue
                on, value = to_date(day), to_decimal(rate, "rate")
                if value <= 0:
                    raise KernelError(f"the {name} rate of {on} must be positive, not {value}")
                if values.setdefault(on, value) != value:
                    raise KernelError(f"there are two {name} rates on {on}: {values[on]} and {value}")
            self._values[_code(name)] = values
            self._days[_code(name)] = sorted(values)

    @classmethod
    def from_rows(
        cls, rows: Iterable[tuple[DateLike, str, Number | None]], *, base: str = "EUR", stale_after: int = 5
    ) -> RateTable:
        """A table from (date, currency, rate) rows; two different rates for one day and currency are refused."""
        table: dict[str, dict[date, Number | None]] = {}
        for day, name, rate in rows:
            series, on = table.setdefault(_code(name), {}), to_date(day)
            if rate is not None and series.get(on) is not None and to_decimal(series[on] or 0) != to_decimal(rate):
                raise KernelError(f"there are two {name} rates on {on}: {series[on]} and {rate}")
            series[on] = rate if rate is not None else series.get(on)
        return cls(table, base=base, stale_after=stale_after)

    @property
    def currencies(self) -> list[str]:
        """The currencies with at least one rate, and the base."""
        return sorted({self.base, *(code for code, days in self._days.items() if days)})

    def rate(
        self,
        base: str,
        quote: str,
        on: DateLike,
        *,
        rule: Rule = "closing",
        before_first: BeforeFirst = "refuse",
    ) -> Rate:
        """Units of ``quote`` for one ``base`` on a day: rate(quote) ÷ rate(base), at full precision.

        Before the first published day :class:`NoRate`, or with ``before_first="first"`` the first rate, flagged stale
        (it is a later one, so this is for display of old figures only). ``rule`` is kept with the rate: ``closing`` and
        ``historical`` differ in the day that is asked for, not in how the rate is read.
        """
        asked, (one, other) = to_date(on), (_code(base), _code(quote))
        if one == other:
            return Rate(one, other, Decimal(1), asked, asked, rule, False)
        published = self._last_common(one, other, asked, before_first)
        legs = tuple((code, self._leg(code, published)) for code in (one, other))
        value = _FULL.divide(legs[1][1], legs[0][1])
        stale = not 0 <= (asked - published).days <= self.stale_after
        return Rate(one, other, value, asked, published, rule, stale, legs)

    def average(
        self, base: str, quote: str, start: DateLike, end: DateLike, *, method: Averaging = "daily_crosses"
    ) -> Rate:
        """The mean of a period's published rates, both ends included.

        ``daily_crosses``: the mean of each day's cross. ``cross_of_averages``: the ratio of the two mean rates against
        the base, which is what published monthly averages give. A day counts once, and only if published; without any
        :class:`NoRate`. ``published_on`` is the last day used.
        """
        first, last, one, other = to_date(start), to_date(end), _code(base), _code(quote)
        if last < first:
            raise KernelError(f"the period ends on {last}, before it starts on {first}")
        if one == other:
            return Rate(one, other, Decimal(1), last, last, "average", False)
        published = self._common_days(one, other)
        days = published[bisect_left(published, first) : bisect_right(published, last)]
        if not days:
            raise NoRate("none_in_period", f"no {one}/{other} rate was published between {first} and {last}")
        pairs = [(self._leg(one, day), self._leg(other, day)) for day in days]
        legs = tuple((code, _mean([pair[i] for pair in pairs])) for i, code in enumerate((one, other)))
        if method == "cross_of_averages":
            value = _FULL.divide(legs[1][1], legs[0][1])
        else:
            value = _mean([_FULL.divide(pair[1], pair[0]) for pair in pairs])
        stale = (last - days[-1]).days > self.stale_after
        return Rate(one, other, value, last, days[-1], "average", stale, legs)

    def convert(
        self,
        amount: Number,
        base: str,
        quote: str,
        on: DateLike,
        *,
        start: DateLike | None = None,
        rule: Rule | None = None,
        contractual_rate: Number | None = None,
        places: int | None = None,
    ) -> Converted:
        """An amount of ``base`` in ``quote``.

        On a day (``closing``; say ``historical`` for an equity's own day), over a period (with ``start``: ``average``),
        or at an agreed rate (``contractual_rate``). ``places``: decimals of the result (default: the currency's own).
        """
        if contractual_rate is not None:
            value = to_decimal(contractual_rate, "rate")
            if value <= 0:
                raise KernelError(f"a rate must be positive, not {value}")
            day = to_date(on)
            found = Rate(_code(base), _code(quote), value, day, day, "contractual", False)
        elif start is not None:
            found = self.average(base, quote, start, on)
        else:
            found = self.rate(base, quote, on, rule=rule or "closing")
        return _converted(to_decimal(amount), found, places)

    def series(self, base: str, quote: str, start: DateLike, end: DateLike) -> list[Rate]:
        """The rate of every calendar day of a period, each with the day it was published."""
        first, last = to_date(start), to_date(end)
        return [self.rate(base, quote, first + timedelta(days=n)) for n in range((last - first).days + 1)]

    def _leg(self, code: str, day: date) -> Decimal:
        return Decimal(1) if code == self.base else self._values[code][day]

    def _common_days(self, one: str, other: str) -> list[date]:
        legs = [code for code in (one, other) if code != self.base]
        for code in legs:
            if not self._days.get(code):
                raise NoRate("unknown_currency", f"there are no {code} rates in the table")
        if len(legs) == 1:
            return self._days[legs[0]]
        if (one, other) not in self._common:
            self._common[one, other] = [day for day in self._days[one] if day in self._values[other]]
        return self._common[one, other]

    def _last_common(self, one: str, other: str, asked: date, before_first: BeforeFirst) -> date:
        days = self._common_days(one, other)
        at = bisect_right(days, asked)
        if at:
            return days[at - 1]
        if not days:
            raise NoRate("none_in_period", f"{one} and {other} were never published on the same day")
        if before_first == "first":
            return days[0]
        raise NoRate("before_first", f"the first {one}/{other} rate is of {days[0]}, after {asked}")


def _converted(amount: Decimal, rate: Rate, places: int | None) -> Converted:
    exact = _FULL.multiply(amount, rate.value)
    rounded = round_money(exact, rate.quote if places is None else places)
    return Converted(amount, rate.base, rounded, exact, rate.quote, rate)


def _mean(values: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _FULL.add(total, value)
    return _FULL.divide(total, Decimal(len(values)))


def _code(name: str) -> str:
    """Three letters; historic codes are fine here, as old figures were kept in them."""
    code = name.strip().upper() if isinstance(name, str) else ""
    if len(code) != 3 or not code.isascii() or not code.isalpha() or code == "XXX":
        raise KernelError(f"{name!r} is not a currency code")
    return code
