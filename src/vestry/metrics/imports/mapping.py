"""From the lines of a file to metrics: what was said now, else what the company's files taught, else by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics.imports.labels import Unit, folded, names_of, unit_in
from vestry.metrics.imports.layout import Line

Percent = Literal["fraction", "percent"]
Because = Literal["given", "remembered", "key", "name", "computed", "unknown"]
PERCENT_FROM: Final = Decimal(2)  # a ratio above it is read as a percentage: 93, not 9300 %


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a line stands for. ``metric`` None: left out, where ``decided``; else somebody has to say. A figure is the
    number × ``scale`` × ``sign``; ``said_scale``: what the file itself states."""

    line: str
    label: str
    metric: str | None = None
    scale: int = 1
    sign: int = 1
    percent: Percent | None = None
    currency: str | None = None
    because: Because = "unknown"
    decided: bool = True
    said_scale: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line as somebody mapped it, now or before; what is None is proposed."""

    metric: str | None
    scale: int | None = None
    sign: int | None = None
    percent: Percent | None = None
    currency: str | None = None
    said_scale: int | None = None


def propose(
    lines: Iterable[Line],
    stated: Unit,
    numbers: Mapping[str, Sequence[tuple[Decimal, bool]]],
    definitions: Mapping[str, Definition],
    remembered: Mapping[str, Told],
    given: Mapping[str, Told],
    times: Mapping[str, set[object]],
) -> dict[str, Mapped]:
    """Line id → what it stands for. ``numbers``: each line's numbers as written, and whether with a percent sign;
    ``times``: the periods (and scenarios) it has figures of."""
    found = {line.id: _named(line, definitions) for line in lines}
    _once(found, definitions, times, {name for name in found if name in remembered or name in given})
    for line in lines:
        one = found[line.id]
        unit = _unit(line, stated)
        if line.id in remembered:
            one = _as_told(one, remembered[line.id], "remembered")
        if line.id in given:
            one = _as_told(one, given[line.id], "given")
        definition = definitions.get(one.metric or "")
        one = replace(one, said_scale=unit.scale)
        if definition is not None:
            before, now = remembered.get(line.id), given.get(line.id)
            one = _written(one, definition, unit, numbers.get(line.id, ()), before, now)
        found[line.id] = one
    return found


def _named(line: Line, definitions: Mapping[str, Definition]) -> Mapped:
    if line.key is not None and line.key in definitions:
        return Mapped(line.id, line.label, line.key, because="key")
    names = names_of(definitions.values())
    rank_and_key = names.get(folded(line.label)) or names.get(line.id)
    if rank_and_key is None:
        return Mapped(line.id, line.label, decided=False)
    key = rank_and_key[1]
    if definitions[key].kind == "derived":
        return Mapped(line.id, line.label, None, because="computed")
    return Mapped(line.id, line.label, key, because="name")


def _once(
    found: dict[str, Mapped], definitions: Mapping[str, Definition], times: Mapping[str, set[object]], settled: set[str]
) -> None:
    """Of several lines that could be one metric at the same time, the one closest to its name; the others have to be
    decided."""
    names = names_of(definitions.values())
    by_metric: dict[str, list[str]] = {}
    for name, one in found.items():
        if one.metric is not None and one.because == "name" and name not in settled:
            by_metric.setdefault(one.metric, []).append(name)
    for rivals in by_metric.values():
        rivals.sort(key=lambda name: names.get(folded(found[name].label), (99, ""))[0])
        taken: set[object] = set()
        for name in rivals:
            own = times.get(name, set())
            if not taken & own:
                taken |= own
                continue
            found[name] = Mapped(name, found[name].label, decided=False)


def _as_told(one: Mapped, told: Told, because: Because) -> Mapped:
    return replace(one, metric=told.metric, because=because, decided=True)


def _unit(line: Line, stated: Unit) -> Unit:
    own = unit_in(line.label) or Unit()
    return Unit(
        line.unit.scale or own.scale or stated.scale,
        line.unit.currency or own.currency or stated.currency,
        line.unit.percent or own.percent,
    )


def _written(
    one: Mapped,
    definition: Definition,
    unit: Unit,
    numbers: Sequence[tuple[Decimal, bool]],
    before: Told | None,
    now: Told | None,
) -> Mapped:
    """How the line writes its figures. A scale that was learnt holds as long as the file states the same as then."""
    money = definition.unit == "money"
    scale = (unit.scale or 1) if money else 1
    if before is not None and before.scale is not None and (before.said_scale == unit.scale or not money):
        scale = before.scale
    told = [one for one in (now, before) if one is not None]
    sign = next((one.sign for one in told if one.sign is not None), _sign(definition, numbers))
    percent: Percent | None = None
    if definition.unit == "ratio":
        percent = next((one.percent for one in told if one.percent is not None), _percent(unit, numbers))
    currency = next((one.currency for one in told if one.currency is not None), unit.currency) if money else None
    if now is not None and now.scale is not None:
        scale = now.scale
    return replace(one, scale=scale, sign=sign, percent=percent, currency=currency)


def _sign(definition: Definition, numbers: Sequence[tuple[Decimal, bool]]) -> int:
    """Statements print costs negative; a metric that is given positive is turned round then, counts never."""
    written = [value for value, _ in numbers if value]
    turned = definition.unit == "money" and definition.sign == "positive" and written
    return -1 if turned and all(value < 0 for value in written) else 1


def _percent(unit: Unit, numbers: Sequence[tuple[Decimal, bool]]) -> Percent:
    bare = [abs(value) for value, signed in numbers if not signed]
    if any(value > PERCENT_FROM for value in bare) or (unit.percent and any(value > 1 for value in bare)):
        return "percent"
    return "fraction"
