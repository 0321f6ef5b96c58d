"""Metric definitions, and what a change of one moves, as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from vestry.core.fields import Input, Name, Output, Prose, example
from vestry.metrics.schemas import (
    Aggregation,
    Formula,
    FxRule,
    Key,
    Kind,
    Sign,
    Unit,
)


class DefinitionFields(Input):
    """What a metric is. A ``flow`` adds up over time and is converted at the period's average rate, a ``stock`` takes
    its last value and the closing rate, a ``derived`` one has a formula."""

    model_config = example({"label": "Gross merchandise value", "unit": "money", "kind": "flow", "sign": "positive"})

    label: Name
    unit: Unit
    kind: Kind
    sign: Sign = "any"
    formula: Formula | None = None
    aggregation: Aggregation | None = None
    fx: FxRule | None = None
    description: Prose | None = None


class DefinitionIn(DefinitionFields):
    """A metric of the firm's own."""

    model_config = example(
        {"key": "gmv", "label": "Gross merchandise value", "unit": "money", "kind": "flow", "sign": "positive"}
    )

    key: Key


class DefinitionOut(Output):
    """A definition; ``id``, ``version`` and ``recorded_at`` belong to the firm's own ones. ``aggregation`` and ``fx``
    are those in force."""

    id: int | None
    key: str
    label: str
    unit: Unit
    kind: Kind
    sign: Sign
    aggregation: Literal["sum", "last", "mean", "recompute"]
    fx: FxRule
    formula: str | None
    description: str | None
    statement: Literal["profit_and_loss", "balance_sheet", "cash_flow", "kpi"]
    shipped: bool
    version: int
    recorded_at: datetime | None


class DefinitionList(Output):
    """All definitions there are: those that ship, in the order of the statements, and the firm's own."""

    items: list[DefinitionOut]
    total: int


class Moved(Output):
    """A derived metric that would change, before and after, for one company and period."""

    company_id: int
    metric: str
    period: str
    before: str | None
    after: str | None


class MetricsPreviewOut(Output):
    """What a definition would move: ``dependents`` are the metrics computed from it, ``moved`` figures that differ."""

    dependents: list[str]
    companies: int
    moved: list[Moved]
    figures: int
