"""The portfolio side by side: the matrix and the comparison, as they go out."""

from __future__ import annotations

from typing import Literal

from vestry.core.fields import Output
from vestry.metrics.schemas import (
    PeriodKind,
    PeriodOut,
    Unit,
)


class MetricMatrixMetric(Output):
    """A column of the matrix; ``less_is_better`` for costs, burn, churn and debt."""

    metric: str
    label: str
    unit: Unit
    statement: Literal["profit_and_loss", "balance_sheet", "cash_flow", "kpi"]
    less_is_better: bool


class MetricMatrixCell(Output):
    """A figure with its last eight, ``change`` from the one ``before`` and on the ``year_before``, and
    ``against_plan``: fractions of the other figure's size, for a ratio the difference itself. ``is_draft``: nobody has
    sent it yet, or something it is made of."""

    value: str | None
    trend: list[str | None]
    before: str | None
    change: str | None
    year_before: str | None
    change_on_year: str | None
    plan: str | None
    against_plan: str | None
    status: Literal["missing", "no_plan", "on_plan", "ahead", "behind"]
    is_draft: bool


class MetricMatrixCompany(Output):
    """A row of the matrix; ``period`` as the company itself calls it."""

    company_id: int
    name: str
    sector: str | None
    currency: str
    period: str | None
    cells: dict[str, MetricMatrixCell]


class MetricMatrixOut(Output):
    """Companies down, metrics across, of one calendar period; ``periods`` are those there is anything of."""

    currency: str | None
    period_kind: PeriodKind
    period: PeriodOut | None
    periods: list[PeriodOut]
    metrics: list[MetricMatrixMetric]
    companies: list[MetricMatrixCompany]
    total: int


class SideBySideLine(Output):
    """One line of a comparison: a company's, or a sector's made of so many ``companies``. ``index`` is 100 at the
    comparison's base; ``drafts`` says which values are drafts, or made of one."""

    name: str
    company_id: int | None
    companies: int
    values: list[str | None]
    index: list[str | None] | None
    drafts: list[bool]


class SideBySideOut(Output):
    """One metric over time; ``base`` is the first period in which every line has a figure above nought."""

    metric: str
    label: str
    unit: Unit
    currency: str | None
    periods: list[PeriodOut]
    base: str | None
    series: list[SideBySideLine]
