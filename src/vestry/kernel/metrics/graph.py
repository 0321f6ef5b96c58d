"""Derived metrics in the order they depend on each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.metrics.definitions import STANDARD, MetricDefinition
from vestry.kernel.metrics.formula import Formula, Metric, parse
from vestry.kernel.money import Number, to_decimal


class MetricCycle(KernelError):
    """Metrics that are computed from each other in a circle; ``keys`` names them in order."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"these metrics depend on each other in a circle: {' → '.join(keys)}")
        self.keys = tuple(keys)


@guarded
def order(definitions: Iterable[MetricDefinition]) -> list[str]:
    """The derived metrics' keys, each after everything it is computed from.

    A key defined twice, a formula naming an unknown metric and a circle are refused.
    """
    return _sorted(_formulas(definitions)[1])


@guarded
def dependents(definitions: Iterable[MetricDefinition], changed: Iterable[str]) -> list[str]:
    """The derived metrics that move when these values change, in the order to recompute them."""
    formulas = _formulas(definitions)[1]
    moved = set(changed)
    affected = []
    for key in _sorted(formulas):
        if moved.intersection(formulas[key].names):
            moved.add(key)
            affected.append(key)
    return affected


@guarded
def evaluate(
    values: Mapping[str, Sequence[Number | None] | Number | None],
    definitions: Iterable[MetricDefinition] = STANDARD,
    *,
    periods_per_year: int = 4,
    only: Iterable[str] | None = None,
) -> dict[str, list[Metric]]:
    """Every derived metric for every period, ``None`` with a reason where an input is missing.

    ``values``: reported figures by key, one per period, oldest first and without a gap (a period nobody reported is
    ``None``); a single number is one period. All in one currency. ``periods_per_year``: 12 months, 4 quarters, 2
    halves, 1 year. ``only``: the derived keys wanted (what they need is computed too, but not returned). A reported
    value for a derived key is refused: two sources for one figure would be a guess.
    """
    if periods_per_year not in (1, 2, 4, 12):
        raise KernelError(f"a year has 1, 2, 4 or 12 periods, not {periods_per_year}")
    known, formulas = _formulas(definitions)
    series = _reported(values, known, formulas)
    count = len(next(iter(series.values())))
    wanted = list(formulas) if only is None else list(only)
    for key in wanted:
        if key not in formulas:
            raise KernelError(f"{key!r} is not a derived metric")
    needed = _needed(formulas, wanted)
    for key in _sorted(formulas):
        if key in needed:
            series[key] = [formulas[key].at(period, series, periods_per_year) for period in range(count)]
    return {key: series[key] for key in wanted}


def formulas_in_order(definitions: Iterable[MetricDefinition], wanted: Iterable[str]) -> dict[str, Formula]:
    """The formulas of these derived metrics and of all they are computed from, each after those."""
    formulas = _formulas(definitions)[1]
    needed = _needed(formulas, wanted)
    return {key: formulas[key] for key in _sorted(formulas) if key in needed}


def _formulas(definitions: Iterable[MetricDefinition]) -> tuple[set[str], dict[str, Formula]]:
    formulas: dict[str, Formula] = {}
    known: set[str] = set()
    for definition in definitions:
        if definition.key in known:
            raise KernelError(f"{definition.key} is defined twice")
        known.add(definition.key)
        if definition.formula is not None:
            formulas[definition.key] = parse(definition.formula)
    for key, formula in formulas.items():
        unknown = [name for name in formula.names if name not in known]
        if unknown:
            raise KernelError(f"{key} is computed from {', '.join(unknown)}, which nobody has defined")
    return known, formulas


def _sorted(formulas: Mapping[str, Formula]) -> list[str]:
    done: dict[str, None] = {}
    for key in formulas:
        _visit(key, formulas, done, [])
    return list(done)


def _visit(key: str, formulas: Mapping[str, Formula], done: dict[str, None], path: list[str]) -> None:
    if key in done or key not in formulas:
        return
    if key in path:
        raise MetricCycle([*path[path.index(key) :], key])
    for name in formulas[key].names:
        _visit(name, formulas, done, [*path, key])
    done[key] = None


def _needed(formulas: Mapping[str, Formula], wanted: Iterable[str]) -> set[str]:
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        key = waiting.pop()
        if key in formulas and key not in needed:
            needed.add(key)
            waiting.extend(formulas[key].names)
    return needed


def _reported(
    values: Mapping[str, Sequence[Number | None] | Number | None], known: set[str], formulas: Mapping[str, Formula]
) -> dict[str, list[Metric]]:
    rows: dict[str, list[Number | None]] = {}
    for key, given in values.items():
        if key not in known:
            raise KernelError(f"{key!r} is not a metric")
        if key in formulas:
            raise KernelError(f"{key} is derived; it cannot be reported as well")
        whole = isinstance(given, Sequence) and not isinstance(given, str)
        rows[key] = list(given) if whole else [given]  # type: ignore[arg-type, list-item]
    lengths = {len(row) for row in rows.values()} or {1}
    if len(lengths) > 1:
        raise KernelError("every metric needs one value (or None) per period: the series differ in length")
    count = lengths.pop()
    return {
        key: [
            Metric(None, f"missing: {key}") if value is None else Metric(to_decimal(value, key))
            for value in rows.get(key, [None] * count)
        ]
        for key in sorted(known - set(formulas))
    }
