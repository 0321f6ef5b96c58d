"""Where the figures of a file stand: periods across and metrics down, or one figure a row. Pure.

A title above the table may name currency and scale, and a row next to the periods the scenario. Whatever is wrong is
kept with its cell, so that all of it can be told at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vestry.batches.tables import Style, Table, letters
from vestry.core.errors import Fault
from vestry.metrics.imports import texts
from vestry.metrics.imports.labels import Unit, folded, stated, unit_of
from vestry.metrics.periods import Calendar, Kind, Period

_LONG: Final = {
    "metric": ("metric", "metric key", "key", "kpi", "line", "line item", "item", "account"),
    "period": ("period", "date", "month", "quarter", "period end", "as of"),
    "value": ("value", "amount", "figure"),
    "currency": ("currency", "ccy", "cur"),
    "scenario": ("scenario", "version", "type"),
    "unit": ("unit", "units", "scale"),
}
_KEYS: Final = ("key", "metric key")
_ASIDE: Final = ("definition", "description", "note", "notes", "comment", "comments", "check", "source")
LINES_MAX: Final = 2_000
_HEAD_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: the sheet (None in CSV), its row from 1 and its column's letters."""

    sheet: str | None
    row: int
    column: str

    @property
    def cell(self) -> str:
        """Such as C5."""
        return f"{self.column}{self.row}"

    @property
    def address(self) -> str:
        """Such as Income!C5."""
        return f"{self.sheet}!{self.cell}" if self.sheet else self.cell

    def fault(self, code: str, message: str, value: str | None = None) -> Fault:
        """Something wrong here."""
        shown = value if value is None or len(value) <= 100 else f"{value[:100]}…"
        return Fault(self.address, message, code, self.row, self.column, shown)


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure as it stands. ``line`` is the id of the label it belongs to, ``currency_at`` where its currency is
    written."""

    place: Place
    line: str
    text: str
    period: Period
    scenario: str | None
    currency: str | None
    currency_at: Place | None = None


@dataclass(slots=True)
class Line:
    """A label of the file: ``key`` where the file names the metric itself, and the units it states."""

    id: str
    label: str
    place: Place
    key: str | None = None
    unit: Unit = field(default_factory=Unit)


@dataclass(slots=True)
class Layout:
    """What was found: entries in order, lines by id, what is wrong, what the titles state, and the headings of columns
    that are no period and stay unread."""

    form: str = "wide"
    entries: list[Entry] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    stated: Unit = field(default_factory=Unit)
    period_kind: Kind | None = None
    unread: list[str] = field(default_factory=list)


def look(tables: Sequence[Table], calendar: Calendar, style: Style, period_kind: Kind | None) -> Layout:
    """Find the figures of every sheet."""
    layout = Layout(period_kind=period_kind)
    for table in tables:
        sheet = table.found.get("sheet")
        rows = [[cell.strip() for cell in row] for row in table.frame.iter_rows()]
        _Sheet(layout, sheet, rows, calendar, style, period_kind).look()
    return layout


@dataclass(slots=True)
class _Head:
    """A row of periods: column → what it says; and the columns beside them that mean something."""

    row: int
    times: dict[int, texts.When]
    kind: Kind | None
    beside: dict[str, int]
    scenarios: dict[int, str]


class _Sheet:
    def __init__(
        self,
        layout: Layout,
        sheet: str | None,
        rows: list[list[str]],
        calendar: Calendar,
        style: Style,
        period_kind: Kind | None,
    ) -> None:
        self.layout, self.sheet, self.rows = layout, sheet, rows
        self.calendar, self.style, self.period_kind = calendar, style, period_kind
        self.ids: Counter[str] = Counter()

    def at(self, row: int, column: int) -> Place:
        return Place(self.sheet, row + 1, letters(column))

    def look(self) -> None:
        long = next(
            (
                (row, found)
                for row in range(min(len(self.rows), _HEAD_ROWS))
                if {"metric", "period", "value"} <= (found := _columns(self.rows[row])).keys()
            ),
            None,
        )
        if long is not None:
            self._long(*long)
        else:
            self._wide()

    def _long(self, head: int, columns: dict[str, int]) -> None:
        self.layout.form = "long"
        days = [self._when(row[columns["period"]]) for row in self.rows[head + 1 :]]
        kind = self.period_kind or texts.kind_of_steps([one.month for one in days if one and one.month is not None])
        scales: dict[str, int | None] = {}
        for at, row in enumerate(self.rows[head + 1 :], head + 1):
            told = {name: row[column] for name, column in columns.items()}
            if not any(told.values()) or (texts.is_blank(told["value"]) and not told["metric"]):
                continue
            place = self.at(at, columns["value"])
            if not told["metric"]:
                self.layout.faults.append(self.at(at, columns["metric"]).fault("missing", "names no metric"))
                continue
            scenario = texts.scenario_of(told.get("scenario", ""))
            if told.get("scenario") and scenario is None:
                fault = self.at(at, columns["scenario"]).fault(
                    "unknown_scenario", "is none of actual, budget, forecast", told["scenario"]
                )
                self.layout.faults.append(fault)
            line = self._line(folded(told["metric"]), told["metric"], self.at(at, columns["metric"]), None)
            unit = self._unit(line, told.get("unit", ""), self.at(at, columns.get("unit", 0)), scales)
            period = self._period(days[at - head - 1], kind, self.at(at, columns["period"]), told["period"])
            if period is None or texts.is_blank(told["value"]):
                continue
            found = days[at - head - 1]
            scenario = scenario or (found.scenario if found else None)
            currency = told.get("currency") or None
            written_at = self.at(at, columns["currency"]) if currency else None
            currency = currency or unit.currency
            self.layout.entries.append(Entry(place, line.id, told["value"], period, scenario, currency, written_at))

    def _unit(self, line: Line, text: str, place: Place, scales: dict[str, int | None]) -> Unit:
        """What a row says of its figure. A scale is a line's: rows of one metric that state several are refused."""
        unit = unit_of(text)
        line.unit = unit or line.unit
        unit = unit or Unit()
        if unit.scale != scales.setdefault(line.id, unit.scale):
            said = "is another scale than that of this metric's first row: write one metric in one scale"
            self.layout.faults.append(place.fault("unit_mismatch", said, text))
        return unit

    def _wide(self) -> None:
        head: _Head | None = None
        section = ""
        for at, row in enumerate(self.rows):
            found = self._head(at, row, first=head is None)
            if found is not None:
                head = found
                continue
            if head is None:
                for cell in row:
                    self._title(cell)
                continue
            written = {column: row[column] for column in head.times if not texts.is_blank(row[column])}
            label = self._label(row, head)
            if not written:
                section = label or section
                if label and unit_of(label) is not None:
                    self._title(label)
                continue
            if all(texts.scenario_of(text) for text in written.values()):
                head.scenarios |= {column: str(texts.scenario_of(text)) for column, text in written.items()}
                continue
            self._row(at, row, head, label, section, written)

    def _row(self, at: int, row: list[str], head: _Head, label: str, section: str, written: dict[int, str]) -> None:
        key = row[head.beside["key"]] if "key" in head.beside else None
        if "key" in head.beside and not key:
            return  # of a sheet that names its metrics, lines without one are sums and checks for the reader
        first = min(written)
        if not label and not key:
            self.layout.faults.append(
                self.at(at, first).fault("missing", "stands in a row without a label", row[first])
            )
            return
        place = self.at(at, head.beside.get("label", 0))
        line = self._line(self._id(label or str(key), section, at), label or str(key), place, key)
        told = unit_of(row[head.beside["unit"]]) if "unit" in head.beside else None
        if told is not None:
            line.unit = told
        currency = row[head.beside["currency"]] if "currency" in head.beside else ""
        written_at = self.at(at, head.beside["currency"]) if currency else None
        for column, text in written.items():
            time = head.times[column]
            period = self._placed(time, head.kind)
            if period is None:
                continue  # told at the heading
            scenario = time.scenario or head.scenarios.get(column)
            place = self.at(at, column)
            self.layout.entries.append(Entry(place, line.id, text, period, scenario, currency or None, written_at))

    def _id(self, label: str, section: str, at: int) -> str:
        """A label's id within the sheet: where it repeats, with its section, or its row."""
        base = folded(label)
        self.ids[base] += 1
        if self.ids[base] == 1:
            return base
        longer = folded(f"{section} {label}") if section else base
        self.ids[longer] += longer != base
        return longer if longer != base and self.ids[longer] == 1 else f"{base} row {at + 1}"

    def _line(self, name: str, label: str, place: Place, key: str | None) -> Line:
        line = self.layout.lines.get(name)
        if line is None:
            line = self.layout.lines[name] = Line(name, label[:200], place, key or None)
        return line

    def _head(self, at: int, row: list[str], *, first: bool) -> _Head | None:
        times = {column: found for column, cell in enumerate(row) if column and (found := self._when(cell))}
        others = [cell for column, cell in enumerate(row) if column and column not in times and cell]
        numbers = [cell for cell in others if texts.number(cell, self.style, typed=True).value is not None]
        bare_years = all(row[column].isdigit() for column in times)
        if not times or numbers or (bare_years and not first):
            return None
        if bare_years and others and min(times) > 1 and not any(_columns(row)):
            return None  # a year within a title
        months = [one.month for one in times.values() if one.month is not None]
        kind = self.period_kind or texts.kind_of_steps(months)
        left = min(times)
        beside = {name: column for name, column in _beside(row).items() if column not in times}
        beside.setdefault("label", beside.get("metric", max(0, left - 1) if left == 1 else 0))
        scenarios = self._scenarios(at - 1, times) if at else {}
        self._tell(at, row, times, kind)
        self._tell_unread(at, row, times, beside)
        for cell in row[:left]:
            self._title(cell)  # the corner of the table says it as often as a title above
        head = _Head(at, times, kind, beside, scenarios)
        self._refuse_twice(head)
        return head

    def _tell(self, at: int, row: list[str], times: dict[int, texts.When], kind: Kind | None) -> None:
        for column, one in times.items():
            self._period(one, kind, self.at(at, column), row[column])

    def _tell_unread(self, at: int, row: list[str], times: dict[int, texts.When], beside: dict[str, int]) -> None:
        """Columns among the periods with another heading: what was meant as a period is wrong, the rest is named."""
        for column in range(min(times), len(row)):
            if column in times or column in beside.values() or not row[column]:
                continue
            place = self.at(at, column)
            if texts.means_period(row[column]):
                said = "names no period: write 2024-Q1 or 2024-03"
                self.layout.faults.append(place.fault("unknown_period", said, row[column]))
            else:
                self.layout.unread.append(f"{place.address} ({row[column][:40]})")

    def _period(self, found: texts.When | None, kind: Kind | None, place: Place, text: str) -> Period | None:
        """The period a heading means; what is wrong with it is kept."""
        if found is None:
            self.layout.faults.append(place.fault("unknown_period", "names no period: write 2024-Q1 or 2024-03", text))
            return None
        if found.why is not None:
            self.layout.faults.append(place.fault("unknown_period", found.why, text))
            return None
        if found.month is not None and kind is None:
            said = "is a day: say whether its period is a month, a quarter or a year (period_kind)"
            self.layout.faults.append(place.fault("period_kind_needed", said, text))
            return None
        return self._placed(found, kind)

    def _placed(self, found: texts.When, kind: Kind | None) -> Period | None:
        if found.month is not None:
            return None if kind is None else Period(found.month, kind)
        return found.period

    def _when(self, cell: str) -> texts.When | None:
        return texts.when(cell, self.calendar, self.style.date_format)

    def _scenarios(self, above: int, times: dict[int, texts.When]) -> dict[int, str]:
        """What a row above the periods says of each, its last word holding on until the next (merged cells)."""
        row = self.rows[above]
        words = {column: texts.scenario_of(row[column]) for column in range(1, len(row)) if row[column]}
        if not words or not all(words.values()):
            return {}
        found: dict[int, str] = {}
        for column in times:
            last = max((one for one in words if one <= column), default=None)
            if last is not None:
                found[column] = str(words[last])
        return found

    def _refuse_twice(self, head: _Head) -> None:
        seen: dict[tuple[Period, str | None], int] = {}
        for column, one in list(head.times.items()):
            period = self._placed(one, head.kind)
            if period is None:
                continue
            key = (period, one.scenario or head.scenarios.get(column))
            if key in seen:
                said = f"is the period of column {letters(seen[key])} again"
                self.layout.faults.append(
                    self.at(head.row, column).fault("period_given_twice", said, self.rows[head.row][column])
                )
                head.times[column] = replace(one, period=None, month=None)
            seen.setdefault(key, column)

    def _label(self, row: list[str], head: _Head) -> str:
        if "metric" in head.beside:
            return row[head.beside["metric"]]
        left = [row[column] for column in range(min(head.times)) if column not in _skipped(head)]
        told = [cell for cell in left if cell and unit_of(cell) is None]
        return told[-1] if told else next((cell for cell in left if cell), "")

    def _title(self, cell: str) -> None:
        found = stated(cell) if cell else None
        if found is not None:
            known = self.layout.stated
            self.layout.stated = Unit(found.scale or known.scale, found.currency or known.currency)


def _columns(row: Sequence[str]) -> dict[str, int]:
    """What the headings of a table with one figure a row mean."""
    found: dict[str, int] = {}
    for column, cell in enumerate(row):
        plain = folded(cell) if cell else ""
        for name, words in _LONG.items():
            if plain in words and name not in found:
                found[name] = column
                break
    return found


def _beside(row: Sequence[str]) -> dict[str, int]:
    """Columns beside the periods, by their headings."""
    found: dict[str, int] = {}
    for column, name in _named(row):
        found.setdefault(name, column)
    return found


def _named(row: Sequence[str]) -> Iterator[tuple[int, str]]:
    for column, cell in enumerate(row):
        plain = folded(cell) if cell else ""
        if plain in _KEYS:
            yield column, "key"
        elif plain in _LONG["metric"] or plain in ("label", "name"):
            yield column, "metric"
        elif plain in _LONG["unit"]:
            yield column, "unit"
        elif plain in _LONG["currency"]:
            yield column, "currency"
        elif plain in _ASIDE:
            yield column, f"aside {column}"


def _skipped(head: _Head) -> set[int]:
    return {column for name, column in head.beside.items() if name not in ("label", "metric")}
