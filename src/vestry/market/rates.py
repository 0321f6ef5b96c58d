"""Which rate converts what: one answer for every figure of a firm, wherever it is asked.

The published reference rate of the day, or of the last day before it; on the days for which the firm recorded a manual
rate of the pair, that one. A contractual rate converts only what asks for it. Each rate says where it is from, so
that every converted value can show its ladder.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.kernel.explain import Explain
from vestry.kernel.fx import Converted, NoRate, Rate, RateTable
from vestry.kernel.fx.rates import Averaging, Rule
from vestry.market.models import pair_of
from vestry.market.reference import SOURCE, Reference

ECB = "ECB euro foreign exchange reference rates: cross = ratio of two euro rates"


class NoFxRate(Invalid):
    """There is no rate to convert with; ``reason``: unknown_currency, before_first, none_in_period, none_agreed."""

    reason = ""


class SeveralAgreedRates(Conflict):
    """More than one contractual rate of a pair is agreed for the same day."""


class WrongPeriod(Invalid):
    """A period that ends before it starts."""


class WrongRule(Invalid):
    """What was asked for does not fit the rule by which the rate is chosen."""


class OwnRate(NamedTuple):
    """A rate the firm recorded."""

    id: int
    kind: str
    base: str
    quote: str
    starts_on: date
    ends_on: date | None
    rate: Decimal
    source: str | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A rate and where it is from: ``source`` is ecb, manual, contractual, mixed (an average over days, some
    of them manual) or same (one currency); ``rate_id`` is the firm's own, where there is one."""

    rate: Rate
    source: str
    rate_id: int | None = None
    note: str | None = None

    def convert(self, amount: Decimal, *, places: int | None = None) -> Converted:
        """An amount of the base in the quote currency, rounded half to even to ``places`` or its own decimals."""
        rate = self.rate
        table = RateTable({}, base=rate.base)
        made = table.convert(amount, rate.base, rate.quote, rate.asked_on, contractual_rate=rate.value, places=places)
        return replace(made, rate=rate)

    def explain(self, made: Converted) -> Explain:
        """The ladder from the original amount to the converted one, with the firm's own rate where it made it."""
        ladder = made.explain()
        if self.source == SOURCE:
            return ladder
        own = {"source": self.source, "rate_id": self.rate_id} | ({"from_source": self.note} if self.note else {})
        return replace(ladder, inputs={**ladder.inputs, **own}, source=f"{self.source} rate of the firm")


@dataclass(frozen=True, slots=True)
class Grid:
    """Many rates at once: row = base currency, column = day or period.

    ``values``: float64, NaN where there is none; ``stale``: whether the rate is older than the table allows;
    ``quoted``: the exact rates with their days and sources, None where there is none.
    """

    bases: tuple[str, ...]
    quote: str
    values: NDArray[np.float64]
    stale: NDArray[np.bool_]
    quoted: tuple[tuple[Quoted | None, ...], ...]


class FxRates:
    """The rates of a firm as they were known at some moment; ask ``market.queries.fx_rates`` for them."""

    def __init__(self, reference: Reference, own: Sequence[OwnRate] = ()) -> None:
        self.reference = reference
        self._ids = {one.id for one in own}
        self._manual: dict[str, list[OwnRate]] = {}
        self._agreed: dict[str, list[OwnRate]] = {}
        for one in sorted(own, key=lambda row: (row.starts_on, row.id)):
            kept = self._manual if one.kind == "manual" else self._agreed
            kept.setdefault(pair_of(one.base, one.quote), []).append(one)

    def rate(self, base: str, quote: str, on: date, *, rule: Rule = "closing") -> Quoted:
        """Units of ``quote`` for one ``base`` on a day, or on the last day before it that has one.

        ``closing`` for balances, ``historical`` for equity at its own day, ``contractual`` for the agreed one. Raises
        :class:`NoFxRate`.
        """
        if rule == "contractual":
            return self.agreed(base, quote, on)
        if base == quote:
            return Quoted(self.reference.rate(base, quote, on, rule), "same")
        manual = self._manual_on(base, quote, on)
        try:
            published = self.reference.rate(base, quote, on, rule)
        except NoRate as error:
            if manual is None:
                raise _none(error, base, quote) from None
            return _manual(manual, base, quote, on, rule)
        if manual is not None and manual.starts_on >= published.published_on:
            return _manual(manual, base, quote, on, rule)
        return Quoted(published, SOURCE)

    def average(self, base: str, quote: str, start: date, end: date, *, method: Averaging = "daily_crosses") -> Quoted:
        """The mean of a period's rates, both ends included; each day counts once. Raises :class:`NoFxRate`."""
        if end < start:
            raise WrongPeriod(f"The period ends on {end}, before it starts on {start}.", field="start")
        manual = [one for one in self._manual.get(pair_of(base, quote), ()) if start <= one.starts_on <= end]
        try:
            if not manual:
                return Quoted(
                    self.reference.average(base, quote, start, end, method), "same" if base == quote else SOURCE
                )
            published = self._published_days(base, quote, start, end)
            days = {day: self.reference.rate(base, quote, day).value for day in published}
            days |= {one.starts_on: _manual(one, base, quote, one.starts_on, "closing").rate.value for one in manual}
            mean = RateTable({quote: days}, base=base).average(base, quote, start, end)
        except NoRate as error:
            raise _none(error, base, quote) from None
        return Quoted(replace(mean, legs=()), "manual" if len(manual) == len(days) else "mixed")

    def agreed(self, base: str, quote: str, on: date, *, rate_id: int | None = None) -> Quoted:
        """The contractual rate of a pair on a day, either way round. Raises :class:`NoFxRate` without one, and
        :class:`SeveralAgreedRates` where more than one fits and none is named."""
        if rate_id is not None and rate_id not in self._ids:
            raise NotFound("rate")
        fits = [
            one
            for one in self._agreed.get(pair_of(base, quote), ())
            if one.starts_on <= on and (one.ends_on is None or on <= one.ends_on) and rate_id in (None, one.id)
        ]
        if not fits:
            raise _refused("none_agreed", f"No contractual {base}/{quote} rate is agreed for {on}.", "on")
        if len(fits) > 1:
            raise SeveralAgreedRates(
                f"Contractual rates {', '.join(str(one.id) for one in fits)} of {base}/{quote} are agreed for {on}.",
                field="rate_id",
                mend="Name the one that is meant by rate_id.",
            )
        return Quoted(_own_rate(fits[0], base, quote, on, "contractual"), "contractual", fits[0].id, fits[0].source)

    def quoted(
        self,
        base: str,
        quote: str,
        on: date,
        *,
        start: date | None = None,
        rule: Rule | None = None,
        rate_id: int | None = None,
    ) -> Quoted:
        """The rate by its rule: ``average`` from ``start`` to ``on``, all others of the day ``on``."""
        wanted = rule or ("average" if start else "contractual" if rate_id else "closing")
        if (wanted == "average") != (start is not None):
            raise WrongRule("An average, and nothing else, takes the day its period starts on.", field="start")
        if rate_id is not None and wanted != "contractual":
            raise WrongRule("Only a contractual rate is named by its id.", field="rate_id")
        if wanted == "contractual":
            return self.agreed(base, quote, on, rate_id=rate_id)
        if start is not None:
            return self.average(base, quote, start, on)
        return self.rate(base, quote, on, rule=wanted)

    def series(self, base: str, quote: str, start: date, end: date) -> list[Quoted]:
        """The rates of the days of a period that have one of their own, the earliest first. Raises :class:`NoFxRate`
        for a pair that has none at all."""
        if base == quote:
            return []
        manual = {one.starts_on for one in self._manual.get(pair_of(base, quote), ())}
        published = set(self._published_days(base, quote, start, end))
        if not manual and not len(self.reference.common_days(base, quote)):
            self.rate(base, quote, end)  # says why
        return [
            self.rate(base, quote, day) for day in sorted(published | {day for day in manual if start <= day <= end})
        ]

    def closing_grid(self, bases: Sequence[str], quote: str, days: Sequence[date]) -> Grid:
        """The closing rates of several currencies on several days."""
        return _grid(bases, quote, [[self._try(self.rate, base, quote, day) for day in days] for base in bases])

    def average_grid(self, bases: Sequence[str], quote: str, periods: Sequence[tuple[date, date]]) -> Grid:
        """The average rates of several currencies over several periods, each (first day, last day)."""
        return _grid(
            bases, quote, [[self._try(self.average, base, quote, *period) for period in periods] for base in bases]
        )

    def _try(self, find: Any, *asked: Any) -> Quoted | None:
        try:
            found: Quoted = find(*asked)
        except NoFxRate:
            return None
        return found

    def _manual_on(self, base: str, quote: str, on: date) -> OwnRate | None:
        rows = self._manual.get(pair_of(base, quote), [])
        at = bisect_right(rows, on, key=lambda row: row.starts_on)
        return rows[at - 1] if at else None

    def _published_days(self, base: str, quote: str, start: date, end: date) -> list[date]:
        days = self.reference.common_days(base, quote)
        within = days[np.searchsorted(days, np.datetime64(start)) : np.searchsorted(days, np.datetime64(end), "right")]
        found: list[date] = within.tolist()
        return found


def _manual(one: OwnRate, base: str, quote: str, on: date, rule: Rule) -> Quoted:
    return Quoted(_own_rate(one, base, quote, on, rule), "manual", one.id, one.source)


def _own_rate(one: OwnRate, base: str, quote: str, on: date, rule: Rule) -> Rate:
    """The recorded rate either way round; a contractual one is of the day asked for, a manual one of its own."""
    day = on if rule == "contractual" else one.starts_on
    return replace(RateTable({one.quote: {day: one.rate}}, base=one.base).rate(base, quote, on), rule=rule, legs=())


def _grid(bases: Sequence[str], quote: str, rows: list[list[Quoted | None]]) -> Grid:
    width = len(rows[0]) if rows else 0
    values = np.array(
        [[np.nan if one is None else float(one.rate.value) for one in row] for row in rows], dtype=np.float64
    )
    stale = np.array([[one is not None and one.rate.stale for one in row] for row in rows], dtype=np.bool_)
    shape = (len(rows), width)
    return Grid(tuple(bases), quote, values.reshape(shape), stale.reshape(shape), tuple(map(tuple, rows)))


def _none(error: NoRate, base: str, quote: str) -> NoFxRate:
    said = {
        "unknown_currency": f"There are no rates between {base} and {quote}.",
        "before_first": f"{str(error)[:1].upper()}{str(error)[1:]}.",
        "none_in_period": f"{str(error)[:1].upper()}{str(error)[1:]}.",
    }
    return _refused(error.reason, said[error.reason], "to" if error.reason == "unknown_currency" else "on")


def _refused(reason: str, message: str, field: str) -> NoFxRate:
    error = NoFxRate(message, field=field, mend="Record a rate of your own (POST /fx/rates), or ask for another day.")
    error.reason = reason
    return error
