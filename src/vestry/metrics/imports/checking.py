"""A file of figures looked at whole, beside what is recorded: what each cell would become, and everything wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from vestry.batches import reading as files
from vestry.batches.tables import Style
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Fault
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.market.queries import fx_rates
from vestry.metrics import queries, reading, values
from vestry.metrics.book import Reported
from vestry.metrics.checks import Finding, check
from vestry.metrics.imports import texts
from vestry.metrics.imports.labels import currency_of
from vestry.metrics.imports.layout import Entry, Layout, look
from vestry.metrics.imports.mapping import Mapped, Told, propose
from vestry.metrics.imports.queries import remembered
from vestry.metrics.periods import Calendar, Kind
from vestry.metrics.values import Given

State = Literal["new", "changed", "same", "error"]
FIGURES_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read. ``period_kind``: the length of periods that are named by a day; ``scenario`` and
    ``currency`` of figures that name none."""

    style: Style = field(default_factory=Style)
    period_kind: Kind | None = None
    scenario: str = "actual"
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell that became a figure, and what becomes of it; ``before`` is the recorded one it would restate."""

    entry: Entry
    given: Given
    state: State
    before: Reported | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """All there is to say about a file before anything of it is recorded."""

    layout: Layout
    options: Options
    mapping: dict[str, Mapped]
    figures: list[Figure]
    faults: list[Fault]
    findings: list[tuple[str, Finding]]
    notes: list[str]
    calendar: Calendar
    definitions: Mapping[str, Definition]

    def count(self, state: State) -> int:
        """How many figures are new, changed, the same, or wrong."""
        return sum(one.state == state for one in self.figures)

    def to_record(self) -> list[Figure]:
        """The figures that are not recorded as they are."""
        return [one for one in self.figures if one.state in ("new", "changed")]


def look_at(
    session: Session,
    actor: Actor,
    company: Company,
    content: bytes,
    filename: str,
    options: Options,
    mapping: Mapping[str, Told],
) -> Checked:
    """Read a file, map it, and hold every figure against the rules and the books."""
    calendar = queries.calendar_of(session, actor, company.id)
    definitions = {one.key: one for one in queries.definitions(session, actor)}
    tables = files.grids(content, filename, options.style)
    layout = look(tables, calendar, options.style, options.period_kind)
    style = texts.grouped_style([one.text for one in layout.entries], options.style)
    typed = tables[0].found.get("format") == "xlsx"
    numbers = {id(one): texts.number(one.text, style, typed=typed) for one in layout.entries}
    written: dict[str, list[tuple[Decimal, bool]]] = {}
    times: dict[str, set[object]] = {}
    for one in layout.entries:
        times.setdefault(one.line, set()).add((one.period, one.scenario or options.scenario))
        found = numbers[id(one)]
        if found.value is not None:
            written.setdefault(one.line, []).append((found.value, found.percent))
    lines = list(layout.lines.values())
    known = remembered(session, actor, company.id)
    mapped = propose(lines, layout.stated, written, definitions, known, mapping, times)
    taker = _Taker(company, replace(options, style=style), definitions, mapped, layout)
    for one in layout.entries:
        taker.take(one, numbers[id(one)])
    taker.refuse_unknown()
    faults = [*layout.faults, *taker.faults]
    if not layout.entries and not faults:
        faults.append(Fault("file", "no figures found: periods go across with metrics down, or one figure a row"))
    faults += values.faults_among(session, actor, company, taker.given, calendar, definitions)
    figures = _settled(session, actor, company, taker.taken, faults)
    findings = _findings(session, actor, company, figures, calendar, definitions)
    return Checked(
        layout, replace(options, style=style), mapped, figures, faults, findings, taker.notes(), calendar, definitions
    )


class _Taker:
    """Makes figures of cells, one after the other."""

    def __init__(
        self,
        company: Company,
        options: Options,
        definitions: Mapping[str, Definition],
        mapped: Mapping[str, Mapped],
        layout: Layout,
    ) -> None:
        self.company, self.options, self.definitions = company, options, definitions
        self.mapped, self.layout = mapped, layout
        self.faults: list[Fault] = []
        self.taken: list[tuple[Entry, Given]] = []
        self.seen: dict[tuple[str, str, int, str], tuple[Entry, Decimal]] = {}
        self.rounded: list[str] = []
        self.again: list[str] = []
        self.small: list[str] = []
        self.unknown: dict[str, int] = {}

    @property
    def given(self) -> list[Given]:
        return [given for _, given in self.taken]

    def take(self, entry: Entry, found: texts.Number) -> None:
        mapped = self.mapped[entry.line]
        if not mapped.decided:
            self.unknown[entry.line] = self.unknown.get(entry.line, 0) + 1
            return
        if mapped.metric is None:
            return
        definition = self.definitions.get(mapped.metric)
        if definition is None:
            self.faults.append(
                entry.place.fault("unknown_metric", f"{mapped.metric[:64]} is not a metric", mapped.label)
            )
            return
        if found.value is None:
            self.faults.append(entry.place.fault("not_a_number", str(found.why), entry.text))
            return
        value = self._figure(entry, found, mapped, definition)
        currency, known = self._currency(entry, mapped, definition)
        if value is None or not known:
            return
        given = Given(
            entry.place.address,
            definition.key,
            entry.period,
            value,
            scenario=entry.scenario or self.options.scenario,
            currency=currency,
            row=entry.place.row,
            column=entry.place.column,
        )
        first = self.seen.get(given.natural_key)
        if first is not None and first[0].place.sheet != entry.place.sheet and first[1] == value:
            self.again.append(entry.place.address)  # statements repeat a line of each other, such as net income
            return
        self.seen.setdefault(given.natural_key, (entry, value))
        self.taken.append((entry, given))

    def _figure(self, entry: Entry, found: texts.Number, mapped: Mapped, definition: Definition) -> Decimal | None:
        assert found.value is not None
        value = found.value * mapped.scale * mapped.sign
        if definition.unit == "ratio":
            if found.percent or mapped.percent == "percent":
                value = value.scaleb(-2)
            if mapped.percent == "percent" and not found.percent and 0 < abs(found.value) <= 1:
                self.small.append(entry.place.address)
        elif found.percent:
            said = f"is a percentage; {definition.label} is {'money' if definition.unit == 'money' else 'a number'}"
            self.faults.append(entry.place.fault("unit_mismatch", said, entry.text))
            return None
        places = FRACTION_SCALE if definition.unit == "ratio" else MONEY_SCALE
        if -int(value.normalize().as_tuple().exponent) > places:
            with localcontext(prec=60):
                value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
            self.rounded.append(entry.place.address)
        return value

    def _currency(self, entry: Entry, mapped: Mapped, definition: Definition) -> tuple[str | None, bool]:
        if definition.unit != "money":
            return None, True
        chosen = entry.currency or mapped.currency or self.options.currency or self.company.currency
        code = currency_of(chosen.strip().upper())
        if code is None:
            place = entry.currency_at or entry.place
            fault = place.fault("unknown_currency", f"{chosen[:20]} is no currency in use", chosen)
            if fault not in self.faults:  # one cell may hold the currency of a whole line
                self.faults.append(fault)
        return code, code is not None

    def refuse_unknown(self) -> None:
        """Lines with figures that nobody knows the metric of."""
        for name in self.unknown:
            line = self.layout.lines[name]
            said = "is no metric that is known: say which one it is, or leave the line out"
            self.faults.append(line.place.fault("unknown_metric", said, line.label))

    def notes(self) -> list[str]:
        """What was done to the numbers, to be read before recording."""
        found = []
        if self.rounded:
            found.append(f"Rounded to the places that are kept: {_listed(self.rounded)}.")
        if self.again:
            found.append(f"The same figure stands in two sheets, and counts once: {_listed(self.again)}.")
        if self.small:
            found.append(f"Read as percentages like their line, though they may be fractions: {_listed(self.small)}.")
        turned = sorted({self.mapped[entry.line].label for entry, _ in self.taken if self.mapped[entry.line].sign < 0})
        if self.layout.unread:
            found.append(f"Columns left unread, as their heading is no period: {_listed(self.layout.unread)}.")
        if turned:
            found.append(f"Given negative, recorded positive: {_listed(turned)}.")
        return found


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _settled(
    session: Session, actor: Actor, company: Company, taken: Sequence[tuple[Entry, Given]], faults: Sequence[Fault]
) -> list[Figure]:
    """What becomes of each figure, beside the recorded ones."""
    bad = {fault.path.rpartition(".")[0] or fault.path for fault in faults} | {fault.path for fault in faults}
    scenarios = sorted({given.scenario for _, given in taken})
    stored: dict[tuple[str, str, int, str], Reported] = {}
    for scenario in scenarios:
        for row in queries.values(session, actor, company.id, scenario=scenario):
            stored[scenario, row.period.kind, row.period.end, row.metric] = row
    figures = []
    for entry, given in taken:
        before = stored.get(given.natural_key)
        state: State = "new"
        if entry.place.address in bad:
            state = "error"
        elif before is not None:
            same = before.value == given.value and before.currency == given.currency
            state = "same" if same else "changed"
        figures.append(Figure(entry, given, state, before))
    return figures


def _findings(
    session: Session,
    actor: Actor,
    company: Company,
    figures: Sequence[Figure],
    calendar: Calendar,
    definitions: Mapping[str, Definition],
) -> list[tuple[str, Finding]]:
    """What the checks would say of the books with these figures in them, and do not say of them now."""
    fresh = [one for one in figures if one.state in ("new", "changed")]
    found: list[tuple[str, Finding]] = []
    rates = fx_rates(session, actor)
    for scenario in dict.fromkeys(one.given.scenario for one in fresh):
        now = queries.values(session, actor, company.id, scenario=scenario)
        added = [_reported(one) for one in fresh if one.given.scenario == scenario]
        moved = {(one.metric, one.period) for one in added}
        then = [*(row for row in now if (row.metric, row.period) not in moved), *added]
        before, after = (
            check(reading.converted(rows, tuple(definitions.values()), calendar, rates, company.currency, None))
            for rows in (now, then)
        )
        known = {(one.kind, one.period, one.metrics, one.message) for one in before}
        found += [(scenario, one) for one in after if (one.kind, one.period, one.metrics, one.message) not in known]
    return found


def _reported(one: Figure) -> Reported:
    """A figure of the file as if it were recorded; its id is that of the one it restates, or 0."""
    given = one.given
    stamp: Any = one.before.recorded_at if one.before else None
    return Reported(
        id=one.before.id if one.before else 0,
        version=0,
        period=given.period,
        metric=given.metric,
        value=given.value,
        currency=given.currency,
        source="import",
        status=given.status,
        recorded_at=stamp,
    )
