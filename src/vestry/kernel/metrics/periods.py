"""Figures over time: adding up, last twelve months, growth."""

from __future__ import annotations

from collections.abc import Sequence

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.metrics.definitions import Aggregation
from vestry.kernel.metrics.formula import EXACT, Metric
from vestry.kernel.money import Number, to_decimal


@guarded
def ltm(values: Sequence[Number | None], *, periods_per_year: int = 4) -> Metric:
    """The last twelve months' sum of a flow, from the last 4 quarters (or 12 months); none if one is missing."""
    last = list(values)[-periods_per_year:]
    formula = f"sum of the last {periods_per_year} periods"
    if len(last) < periods_per_year:
        return Metric(None, f"{len(last)} of {periods_per_year} periods", formula)
    return aggregate(last, "sum", formula=formula)


@guarded
def ltm_series(values: Sequence[Number | None], *, periods_per_year: int = 4) -> list[Metric]:
    """The LTM figure at each period."""
    return [ltm(values[: end + 1], periods_per_year=periods_per_year) for end in range(len(values))]


@guarded
def growth(current: Number | None, before: Number | None) -> Metric:
    """current ÷ before − 1; none without both, or when the earlier is not above 0 (a sign change is no growth)."""
    formula = "current / before - 1"
    if current is None or before is None:
        return Metric(None, f"missing: {'current' if current is None else 'before'}", formula)
    now, then = to_decimal(current), to_decimal(before)
    inputs = {"current": now, "before": then}
    if then <= 0:
        return Metric(None, "not positive: before", formula, inputs)
    return Metric(EXACT.subtract(EXACT.divide(now, then), 1), None, formula, inputs)


@guarded
def growth_series(values: Sequence[Number | None], lag: int) -> list[Metric]:
    """Growth at each period against ``lag`` periods before: 1 is the last period, 4 (or 12) the same one a year ago."""
    if lag < 1:
        raise KernelError("growth is against an earlier period")
    return [growth(value, values[at - lag] if at >= lag else None) for at, value in enumerate(values)]


@guarded
def aggregate(values: Sequence[Number | None], how: Aggregation, *, formula: str = "") -> Metric:
    """Shorter periods as one longer: ``sum`` for flows, ``last`` for stocks, ``mean``; complete or none at all."""
    if how not in ("sum", "last", "mean"):
        raise KernelError(f"{how!r} does not add up: derived metrics are recomputed")
    text = formula or f"{how} of {len(values)} periods"
    if how == "last":
        last = values[-1] if len(values) else None
        return Metric(None, "missing: last period", text) if last is None else Metric(to_decimal(last), None, text)
    missing = [at for at, value in enumerate(values) if value is None]
    if missing or not len(values):
        return Metric(None, f"missing: {len(missing) or 'all'} of {len(values)} periods", text)
    total = to_decimal(0)
    for value in values:
        total = EXACT.add(total, to_decimal(value))  # type: ignore[arg-type]
    return Metric(total if how == "sum" else EXACT.divide(total, len(values)), None, text)
