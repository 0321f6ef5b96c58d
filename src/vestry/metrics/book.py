"""What one company reported, and what follows from it: quarters and years from months, last twelve months, and every
derived metric, each figure with how it was made. Pure: rows and rates come in, cells go out.

A period's figure is the reported one where there is one; else it is made of shorter periods, all of which must be
there: flows add up, stocks take the last. Derived metrics are recomputed for each length of period, never added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal

from vestry.kernel.metrics import Metric, aggregate, evaluate, looks_back, parse
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics.definitions import Aggregation
from vestry.metrics.periods import MONTHS, Calendar, Kind, Period

Made = Literal["reported", "months", "quarters", "year", "formula", "none"]
PER_YEAR: Final[dict[Kind, int]] = {"month": 12, "quarter": 4, "year": 1, "ltm": 1}
# The shorter periods that one of a kind is made of, in the order they are tried.
PARTS: Final[dict[Kind, tuple[Kind, ...]]] = {
    "month": (),
    "quarter": ("month",),
    "year": ("quarter", "month"),
    "ltm": ("quarter", "month", "year"),
}
_MADE_OF: Final[dict[Kind, Made]] = {"month": "months", "quarter": "quarters", "year": "year", "ltm": "none"}


@dataclass(frozen=True, slots=True)
class Reported:
    """A stored value: the row's own columns, and the figure it had before if it was restated."""

    id: int
    version: int
    period: Period
    metric: str
    value: Decimal
    currency: str | None
    source: str
    status: str
    recorded_at: datetime
    verified_by: int | None = None
    note: str | None = None
    before: Decimal | None = None  # the last figure reported differently, for a restated one
    before_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a metric in a period; ``value`` None has a ``reason``. ``rows`` are the reported values it is of."""

    value: Decimal | None
    made: Made
    currency: str | None = None
    reason: str | None = None
    rows: tuple[Reported, ...] = ()
    formula: str | None = None
    inputs: Mapping[str, Decimal | None] = field(default_factory=dict)
    ladder: tuple[Any, ...] = ()  # the conversions behind it
    before: Decimal | None = None  # what a restated one replaced, in its currency

    @property
    def restated(self) -> bool:
        """Whether any reported value behind it replaced another figure."""
        return any(row.before is not None for row in self.rows)

    @property
    def stale(self) -> bool:
        """Whether a rate behind it was older than one expects of its day."""
        return any(step.get("stale") for step in self.ladder)


NOTHING: Final = Cell(None, "none", reason="not reported")
# A reported value in the currency asked for: its figure and ladder, or why there is none.
Convert = Callable[[Reported, Definition], Cell]


def as_reported(row: Reported, _: Definition) -> Cell:
    """The value in the currency it was reported in."""
    return Cell(row.value, "reported", row.currency, None, (row,), before=row.before)


class Book:
    """One company's values of one scenario, in one currency.

    ``local`` is the same book in the company's own currency, where this one is in another: derived ratios and months
    are taken from it, so that no margin or growth moves with an exchange rate.
    """

    def __init__(
        self,
        rows: Iterable[Reported],
        definitions: Sequence[Definition],
        calendar: Calendar,
        convert: Convert = as_reported,
        local: Book | None = None,
    ) -> None:
        self.local = local
        self.definitions = {one.key: one for one in definitions}
        self.calendar = calendar
        self._cells: dict[tuple[Kind, str, int], Cell] = {}
        self._ends: dict[Kind, set[int]] = {kind: set() for kind in MONTHS}
        self._made: dict[tuple[Kind, str, int], Cell] = {}
        for row in rows:
            definition = self.definitions.get(row.metric)
            if definition is not None and definition.kind != "derived":
                self._cells[row.period.kind, row.metric, row.period.end] = convert(row, definition)
                self._ends[row.period.kind].add(row.period.end)

    @property
    def metrics(self) -> list[str]:
        """The metrics with any reported value, in the order of the definitions."""
        named = {key for _, key, _ in self._cells}
        return [key for key in self.definitions if key in named]

    def ends(self, kind: Kind) -> list[int]:
        """The months with which a period of this kind ends that has, or may have, a figure."""
        found = set(self._ends[kind])
        if kind == "ltm":
            shorter = self._ends["quarter"] or {m for m in self._ends["month"] if self.calendar.is_end("quarter", m)}
            return sorted(found | shorter | self._ends["year"])
        for part in PARTS[kind]:
            found |= {month for month in self._ends[part] if self.calendar.is_end(kind, month)}
        return sorted(found)

    def cell(self, kind: Kind, key: str, end: int) -> Cell:
        """The figure of a metric that is reported, not derived."""
        place = (kind, key, end)
        found = self._cells.get(place) or self._made.get(place)
        if found is None:
            found = self._made[place] = self.of_parts(kind, key, end)
        return found

    def of_parts(self, kind: Kind, key: str, end: int) -> Cell:
        """The figure that shorter periods come to, whether or not the whole one was reported."""
        how = self.definitions[key].over_time
        found = NOTHING
        for part in PARTS[kind]:
            length = MONTHS[part]
            ends = range(end - MONTHS[kind] + length, end + 1, length)
            cells = [self.cell(part, key, one) for one in (ends[-1:] if how == "last" else ends)]
            there = sum(cell.value is not None for cell in cells)
            if there == len(cells):
                return _joined(cells, how, _MADE_OF[part])
            if there and found is NOTHING:
                missing = next(cell for cell in cells if cell.value is None)
                said = f"{there} of {len(cells)} {part}s" if missing.reason == "not reported" else missing.reason
                found = Cell(None, "none", reason=said)
        return found

    def table(
        self, kind: Kind, keys: Sequence[str], *, ends: Iterable[int] | None = None, explain: bool = False
    ) -> dict[str, dict[int, Cell]]:
        """Every metric's cell at each end; derived ones computed over all periods there are, so that what they look
        back to is found whatever is asked for. ``explain``: derived amounts with the conversions behind them."""
        known = self.ends(kind)
        wanted = known if ends is None else sorted(set(ends) & set(known))
        derived = [key for key in keys if self.definitions[key].kind == "derived"]
        found = {key: {end: self.cell(kind, key, end) for end in wanted} for key in keys if key not in derived}
        for key in derived:
            found[key] = {}
        if self.local is not None and derived:
            own = [key for key in derived if self.definitions[key].unit != "money"]
            found |= self.local.table(kind, own, ends=wanted)
            derived = [key for key in derived if key not in own]
        for residue in sorted({end % MONTHS[kind] for end in wanted}) if derived else ():
            lattice = [end for end in known if end % MONTHS[kind] == residue]
            span = range(lattice[0], lattice[-1] + 1, MONTHS[kind])
            asked = {end for end in wanted if end % MONTHS[kind] == residue}
            for key, metrics in self._evaluated(kind, derived, span).items():
                found[key] |= {end: self._derived(metrics[at]) for at, end in enumerate(span) if end in asked}
                if explain and self.local is not None:
                    for end in asked:
                        found[key][end] = replace(found[key][end], ladder=self._conversions(kind, key, end))
        return {key: dict(sorted(found[key].items())) for key in keys}

    def _evaluated(self, kind: Kind, derived: Sequence[str], span: range) -> dict[str, list[Metric]]:
        values = {key: [self.cell(kind, key, end).value for end in span] for key in self.metrics}
        if not values:
            empty = [Metric(None, "not reported")] * len(span)
            return dict.fromkeys(derived, empty)
        definitions = tuple(self.definitions.values())
        return evaluate(values, definitions, periods_per_year=PER_YEAR[kind], only=derived)

    def _conversions(self, kind: Kind, key: str, end: int) -> tuple[Any, ...]:
        """The conversions of every reported amount that a derived one is computed from, each with its metric."""
        found: dict[tuple[str, int], tuple[Any, ...]] = {}
        waiting = [(key, end)]
        while waiting:
            name, at = waiting.pop(0)
            formula = self.definitions[name].formula
            if formula is None:
                found[name, at] = self.cell(kind, name, at).ladder
                continue
            for other, back in looks_back(parse(formula), PER_YEAR[kind]):
                place = (other, at - back * MONTHS[kind])
                if place not in found and place not in waiting:
                    waiting.append(place)
        steps = sorted(found.items(), key=lambda one: -one[0][1])
        return tuple({**step, "metric": name} for (name, _), ladder in steps for step in ladder)

    @staticmethod
    def _derived(metric: Metric) -> Cell:
        return Cell(metric.value, "formula", None, metric.reason, formula=metric.formula, inputs=metric.inputs)


def _joined(cells: Sequence[Cell], how: Aggregation, made: Made) -> Cell:
    total = aggregate([cell.value for cell in cells], how)
    rows = tuple(row for cell in cells for row in cell.rows)
    ladder = tuple(step for cell in cells for step in cell.ladder)
    return Cell(total.value, made, cells[-1].currency, total.reason, rows, total.formula, {}, ladder)


@lru_cache(maxsize=64)
def reported_keys(definitions: tuple[Definition, ...]) -> tuple[str, ...]:
    """The keys of the metrics that are reported, not derived."""
    return tuple(one.key for one in definitions if one.kind != "derived")
