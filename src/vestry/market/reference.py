"""Reference rates in memory: the history the package brings, and what was fetched since.

Nothing is read before the first question, a currency's rates not before the first question about it, so that a process
that converts nothing pays nothing. Every rate is "1 EUR = x currency".
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vestry.kernel.fx import Rate, RateTable
from vestry.kernel.fx.rates import Averaging, Rule

FILE = Path(__file__).parent / "data" / "ecb_reference_rates.txt.gz"
BASE = "EUR"
SOURCE = "ecb"
STALE_AFTER = 5  # calendar days: Easter needs four
REMEMBERED_MAX = 200_000

Days = NDArray[np.datetime64]
Series = Mapping[date, Decimal]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class History:
    """The packaged file, its lines still text: the days, and for each currency a rate a day, some of them empty."""

    days: tuple[str, ...]
    lines: Mapping[str, str]
    numbered: Days

    def series(self, currency: str) -> dict[date, Decimal]:
        """The days on which the currency was published, each with its rate; empty for one that never was."""
        values = self.lines.get(currency, "").split(" ")
        return {date.fromisoformat(day): Decimal(one) for day, one in zip(self.days, values, strict=False) if one}

    def one(self, currency: str, day: date) -> Decimal:
        """The rate of a currency on a day on which it was published."""
        at = int(np.searchsorted(self.numbered, np.datetime64(day)))
        return Decimal(self.lines[currency].split(" ", at + 1)[at])

    def published(self, currency: str) -> Days:
        """The days on which the currency was published, without reading its rates."""
        has = np.array([bool(one) for one in self.lines.get(currency, "").split(" ")], dtype=np.bool_)
        return self.numbered[: len(has)][has]


@lru_cache(maxsize=1)
def history() -> History:
    """The reference rates the package brings (see ``data/README.md``); read once a process."""
    with gzip.open(FILE, "rt", encoding="ascii") as file:
        lines = [line for line in file.read().splitlines() if not line.startswith("#")]
    named = dict(line.split(" ", 1) for line in lines)
    days = named.pop("days").split(" ")
    return History(tuple(days), named, np.array(days, dtype="datetime64[D]"))


class Reference:
    """The reference rates as they were known at some moment.

    ``fetched``: currency → day → rate, what was fetched since the package was made; it goes before its history.
    Tables and rates are remembered, so one instance is best kept for as long as nothing new was fetched.
    """

    def __init__(self, fetched: Mapping[str, Series] | None = None) -> None:
        self._fetched = fetched or {}
        self._series: dict[str, dict[date, Decimal]] = {}
        self._tables: dict[tuple[str, str], RateTable] = {}
        self._found: dict[tuple[object, ...], Any] = {}

    @property
    def currencies(self) -> list[str]:
        """Every currency that was ever published, and the euro."""
        return sorted({BASE, *history().lines, *self._fetched})

    def series(self, currency: str) -> dict[date, Decimal]:
        """Day → rate of a currency, in no particular order."""
        if currency not in self._series:
            self._series[currency] = history().series(currency) | dict(self._fetched.get(currency, {}))
        return self._series[currency]

    def days(self, currency: str) -> Days:
        """The days on which a currency was published, the earliest first."""
        if currency not in self._fetched:
            return self._remember(("days", currency), lambda: history().published(currency))
        fetched: Days = np.array(sorted(self._fetched.get(currency, {})), dtype="datetime64[D]")
        return self._remember(("days", currency), lambda: np.union1d(history().published(currency), fetched))

    def one(self, currency: str, day: date) -> Decimal:
        """The rate of a currency on a day on which it was published; a currency seen so only is not read whole."""
        if currency in self._series or currency in self._fetched:
            return self.series(currency)[day]
        return history().one(currency, day)

    def table(self, one: str, other: str) -> RateTable:
        """The kernel's table of two currencies."""
        key = (one, other) if one < other else (other, one)
        if key not in self._tables:
            self._tables[key] = RateTable(
                {code: self.series(code) for code in key if code != BASE}, base=BASE, stale_after=STALE_AFTER
            )
        return self._tables[key]

    def rate(self, base: str, quote: str, on: date, rule: Rule = "closing") -> Rate:
        """Units of ``quote`` for one ``base``; raises the kernel's ``NoRate``."""
        return self._remember((base, quote, on, rule), lambda: self.table(base, quote).rate(base, quote, on, rule=rule))

    def average(self, base: str, quote: str, start: date, end: date, method: Averaging = "daily_crosses") -> Rate:
        """The mean of a period's published rates, both ends included; raises the kernel's ``NoRate``."""
        return self._remember(
            (base, quote, start, end, method),
            lambda: self.table(base, quote).average(base, quote, start, end, method=method),
        )

    def common_days(self, one: str, other: str) -> Days:
        """The days on which a cross was published, the earliest first."""
        legs = [self.days(code) for code in (one, other) if code != BASE]
        return legs[0] if len(legs) == 1 else np.intersect1d(legs[0], legs[1], assume_unique=True)

    def newest_day(self) -> date:
        """The last day on which anything was published."""
        fetched = [day for series in self._fetched.values() for day in series]
        return max([date.fromisoformat(history().days[-1]), *fetched])

    def _remember(self, key: tuple[object, ...], find: Callable[[], Found]) -> Found:
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= REMEMBERED_MAX:
                self._found.clear()
            found = self._found[key] = find()
        return found
