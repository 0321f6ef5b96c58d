"""The books of many companies at once: what :class:`~vestry.metrics.book.Book` says of one company at a time, by the
same rules and to the same digit, with an array of companies × months for each metric and kind of period.

It says figures alone: how each was made is asked of the company's own book.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, cast

import numpy as np

from vestry.core.types import FRACTION_SCALE, MONEY_SCALE
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics.graph import formulas_in_order
from vestry.kernel.metrics.together import (
    MISSING,
    Block,
    Flags,
    aggregate_together,
    evaluate_together,
    is_missing,
    times,
    where,
)
from vestry.market.rates import FxRates
from vestry.metrics import views
from vestry.metrics.book import PARTS, PER_YEAR, Reported
from vestry.metrics.columns import NO_CURRENCY, Figures, Int64s, grouped
from vestry.metrics.conversion import HISTORICAL, Conversion
from vestry.metrics.periods import MONTHS, Calendar, Kind, Period

_MONEY, _RATIO = Decimal(1).scaleb(-MONEY_SCALE), Decimal(1).scaleb(-FRACTION_SCALE)
AT_ONCE: Final = 200  # companies
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Given:
    """What all books are read by. ``into``: company → the currency it is shown in; ``own``: its own one."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        calendars: Mapping[int, Calendar],
        rates: FxRates,
        companies: Sequence[Mapping[str, Any]],
        currency: str | None,
    ) -> None:
        self.definitions, self.calendars = definitions, calendars
        self.own = {one["id"]: one["currency"] for one in companies}
        self.into = {company: currency or own for company, own in self.own.items()}
        wanted = sorted({*self.own.values(), *self.into.values()})
        self.conversions = {code: Conversion(rates, code, told=False) for code in wanted}

    def texts(self, key: str, company: int, line: Block, computed: Flags | None) -> list[str | None]:
        """A company's figures of a metric as they go out; ``computed`` None: by a formula."""
        definition, currency = self.definitions[key], self.into[company]
        if computed is None or computed.all() or not computed.any():
            is_computed = bool(computed is not None and computed.any())
            return written(line, *views.places_of(definition, currency, computed=is_computed))
        how = [views.places_of(definition, currency, computed=one) for one in (False, True)]
        return [written([value], *how[flag])[0] for value, flag in zip(line, computed.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What each row comes to in the currency its company is shown in: NaN where there is no rate; ``computed`` where
    it was converted."""

    values: Block
    computed: Flags


class Books:
    """The figures of all companies of ``figures``, in their order, each in its currency of ``into``."""

    def __init__(self, figures: Figures, given: Given, into: Mapping[int, str]) -> None:
        self.figures, self.given = figures, given
        self.base = int(figures.end.min()) if len(figures.end) else 0
        self.months = int(figures.end.max(initial=self.base)) - self.base + 1  # counted from the first reported one
        self.into = [into[one] for one in figures.ids]
        self._reported: dict[tuple[Kind, str], tuple[Block, Flags, Flags]] = {}

    @cached_property
    def _rows(self) -> dict[tuple[Kind, str], Int64s]:
        """The rows of each kind of period and metric."""
        keys, kinds = self.figures.words["metric"], cast(list[Kind], self.figures.words["kind"])
        code = self.figures.kind * len(keys) + self.figures.metric
        order = np.argsort(code, kind="stable")
        different, starts = np.unique(code[order], return_index=True)
        named = [(kinds[one // len(keys)], keys[one % len(keys)]) for one in different.tolist()]
        return dict(zip(named, np.split(order, starts[1:]), strict=True))

    def ends(self, kind: Kind) -> Flags:
        """Company × month: whether a period of this kind ends there that has, or may have, a figure."""
        found = self._ends_of(kind)
        if kind == "ltm":
            quarters = self._ends_of("quarter")
            of_months = self._ends_of("month") & self._cut("quarter")
            by_quarter = np.any(quarters, axis=1, keepdims=True)
            return found | np.where(by_quarter, quarters, of_months) | self._ends_of("year")
        for part in PARTS[kind]:
            found = found | (self._ends_of(part) & self._cut(kind))
        return found

    def _ends_of(self, kind: Kind) -> Flags:
        found = np.zeros((len(self.figures.ids), self.months), dtype=np.bool_)
        rows = self.figures.is_word("kind", {kind})
        found[self.figures.company[rows], self.figures.end[rows] - self.base] = True
        return found

    def _cut(self, kind: Kind) -> Flags:
        """Company × month: whether the company's calendar ends a period of this kind there."""
        made: dict[tuple[Any, ...], list[bool]] = {}
        lines = []
        for company in self.figures.ids:
            calendar = self.given.calendars.get(company) or Calendar()
            if calendar.segments not in made:
                months = range(self.base, self.base + self.months)
                made[calendar.segments] = [calendar.is_end(kind, month) for month in months]
            lines.append(made[calendar.segments])
        return np.array(lines, dtype=np.bool_).reshape(-1, self.months)

    def cells(self, kind: Kind, key: str, ends: Int64s) -> tuple[Block, Flags]:
        """Every company's figure of a reported metric at each of these period ends, and which are not as reported:
        converted, or made of what was."""
        found, there, computed = self._at(kind, key, ends)
        for part in PARTS[kind]:
            if not self._has(part, key):
                continue
            made, is_computed = self._of_parts(kind, part, key, ends)
            is_open = ~there & is_missing(found) & ~is_missing(made)
            found, computed = where(is_open, made, found), np.where(is_open, is_computed, computed)
        return found, computed

    def _of_parts(self, kind: Kind, part: Kind, key: str, ends: Int64s) -> tuple[Block, Flags]:
        how, length = self.given.definitions[key].over_time, MONTHS[part]
        backs = range(MONTHS[kind] - length, -1, -length)
        cells = [self.cells(part, key, ends - back) for back in (backs[-1:] if how == "last" else backs)]
        return aggregate_together([one for one, _ in cells], how), np.any([flags for _, flags in cells], axis=0)

    def _has(self, kind: Kind, key: str) -> bool:
        return (kind, key) in self._rows or any(self._has(part, key) for part in PARTS[kind])

    def _at(self, kind: Kind, key: str, ends: Int64s) -> tuple[Block, Flags, Flags]:
        """What was reported at these ends, whether anything was, and whether it was converted."""
        whole = self._reported.get((kind, key))
        if whole is None:
            whole = self._reported[kind, key] = self._laid_out(kind, key)
        at = ends - self.base
        # The last column is empty, and stands for every month before the first and after the last.
        places = np.where((at >= 0) & (at < self.months), at, self.months)
        value, there, computed = whole
        return value[:, places], there[:, places], computed[:, places]

    def _laid_out(self, kind: Kind, key: str) -> tuple[Block, Flags, Flags]:
        shape = (len(self.figures.ids), self.months + 1)
        value = np.full(shape, MISSING, dtype=object)
        there, computed = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        rows = self._rows.get((kind, key))
        if rows is not None:
            at = (self.figures.company[rows], self.figures.end[rows] - self.base)
            made = self._amounts(self.figures.where(rows), kind, self.given.definitions[key])
            value[at], there[at], computed[at] = made.values, True, made.computed
        return value, there, computed

    def _amounts(self, rows: Figures, kind: Kind, definition: Definition) -> _Amounts:
        """Rows of one metric and kind of period, each converted by the metric's rule."""
        scale = _RATIO if definition.unit == "ratio" else _MONEY
        values = times(np.array([Decimal(one) for one in rows.units.tolist()], dtype=object), scale)
        if definition.unit != "money":
            return _Amounts(values, np.zeros(len(values), dtype=np.bool_))
        if definition.key in HISTORICAL:
            return self._historical(rows, values, definition)
        wanted, given = sorted(set(self.into)), rows.words["currency"]

        def rate(number: int) -> Decimal | None:
            number, month = divmod(number, self.months)
            currency, code = divmod(number, len(wanted))
            if given[currency] in (NO_CURRENCY, wanted[code]):
                return None
            own = Period(month + self.base, kind)
            conversion = self.given.conversions[wanted[code]]
            quoted = conversion.quoted(given[currency], definition.conversion, own.starts_on, own.ends_on)
            return MISSING if isinstance(quoted, str) else quoted.rate.value

        to = np.array([wanted.index(one) for one in self.into], dtype=np.int64)[rows.company]
        which, found = grouped((rows.currency * len(wanted) + to) * self.months + rows.end - self.base, rate)
        computed = np.array([one is not None for one in found], dtype=np.bool_)[which]
        factors = np.array([Decimal(1) if one is None else one for one in found], dtype=object)
        values[computed] = times(values[computed], factors[which[computed]])
        return _Amounts(values, computed)

    def _historical(self, rows: Figures, values: Block, definition: Definition) -> _Amounts:
        """What keeps its historical rates is converted company by company, each as a whole."""
        of_company: dict[int, list[Reported]] = {}
        for at, (company, row) in enumerate(zip(rows.company.tolist(), rows.rows(), strict=True)):
            period = Period(row[2], cast(Kind, row[1]))
            one = Reported(at, 1, period, definition.key, values[at], row[3], "", "", _NEVER)
            of_company.setdefault(company, []).append(one)
        computed = np.zeros(len(values), dtype=np.bool_)
        for company, reported in of_company.items():
            conversion = self.given.conversions[self.into[company]].again().prepare(reported)
            for one in reported:
                cell = conversion(one, definition)
                values[one.id] = MISSING if cell.value is None else cell.value
                computed[one.id] = bool(cell.ladder)
        return _Amounts(values, computed)

    def derived(self, kind: Kind, keys: Collection[str], known: Flags) -> dict[str, Block]:
        """Company × month: the derived metrics at the ends that are ``known``, computed over all periods between a
        company's first and last, so that what they look back to is found."""
        formulas = formulas_in_order(self.given.definitions.values(), keys)
        reported = {name for one in formulas.values() for name in one.names} - set(formulas)
        found: dict[str, Block] = {key: np.full(known.shape, MISSING, dtype=object) for key in keys}
        length = MONTHS[kind]
        for residue in range(length):
            lattice = np.arange((residue - self.base) % length, self.months, length)
            at = known[:, lattice]
            if not at.any():
                continue
            within = np.maximum.accumulate(at, axis=1) & np.maximum.accumulate(at[:, ::-1], axis=1)[:, ::-1]
            ends = lattice + self.base
            values = {name: where(within, self.cells(kind, name, ends)[0], MISSING) for name in sorted(reported)}
            per_year = PER_YEAR[kind]
            made = evaluate_together(values, formulas, at.shape, periods_per_year=per_year)
            for key in keys:
                found[key][:, lattice] = where(at, made[key], MISSING)
        return found


def blocks(figures: Figures) -> Iterator[Figures]:
    """The rows of so many companies after the other, each block with these companies alone."""
    there = np.unique(figures.company)
    for first in range(0, len(there), AT_ONCE):
        some = there[first : first + AT_ONCE]
        place = np.full(len(figures.ids), -1, dtype=np.int64)
        place[some] = np.arange(len(some))
        rows = figures.where(place[figures.company] >= 0)
        yield replace(rows, company=place[rows.company], ids=[figures.ids[at] for at in some.tolist()])


def written(values: Iterable[Decimal], places: int, places_min: int) -> list[str | None]:
    """Figures rounded half to even to ``places``, without the zeros behind ``places_min``; None where there is none."""
    return [None if value.is_nan() else _text(value, places, places_min) for value in values]


def _text(value: Decimal, places: int, places_min: int) -> str:
    text = f"{value:.{places}f}"
    if places > places_min:
        whole, _, rest = text.partition(".")
        rest = rest.rstrip("0").ljust(places_min, "0")
        text = f"{whole}.{rest}" if rest else whole
    return text if not text.startswith("-") or text.strip("-0.") else text[1:]
