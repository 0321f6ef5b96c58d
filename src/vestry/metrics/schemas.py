"""Definitions, values and periods as they come in and go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from vestry.core.fields import CurrencyCode, Day, Id, Input, Name, Output, Prose, example, text_schema
from vestry.core.rows import Rows

Unit = Literal["money", "count", "ratio", "multiple", "months"]
Kind = Literal["flow", "stock", "derived"]
Sign = Literal["positive", "any"]
Aggregation = Literal["sum", "last", "mean"]
FxRule = Literal["average", "closing", "none"]
Scenario = Literal["actual", "budget", "forecast"]
Status = Literal["draft", "submitted", "approved"]
PeriodKind = Literal["month", "quarter", "year", "ltm"]
Layout = Literal["wide", "long"]
_FIGURE = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?", re.ASCII)
_LONG = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


def _figure(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError('must be a string such as "1250000.00": a JSON number would lose digits')
    if value.rstrip().endswith("%"):
        raise ValueError('must be a fraction such as "0.93": 93 % is written 0.93')
    if not _FIGURE.fullmatch(value):
        if _LONG.fullmatch(value):
            raise ValueError("has more digits than a figure is kept with: 15 before the point, 10 behind it")
        raise ValueError('must be a plain decimal number such as "1250000.00" or "0.93"')
    return Decimal(value) + 0


Figure = Annotated[
    Decimal,
    BeforeValidator(_figure),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?$",
            "examples": ["4194199.00"],
            "description": "money, a count or months with up to 4 places, a ratio (0.93 = 93 %) with up to 10: a "
            "decimal string",
        }
    ),
]


def _key(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", value, re.ASCII):
        raise ValueError("must be lower-case letters, digits and _, beginning with a letter")
    return value


Key = Annotated[Name, Field(max_length=64), AfterValidator(_key), text_schema(1, 64)]
PeriodLabel = Annotated[Name, Field(max_length=20), text_schema(1, 20)]
Formula = Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]
Note = Annotated[Prose, Field(max_length=2000), WithJsonSchema({"type": "string", "maxLength": 2000})]


class ValueIn(Input):
    """A figure for a period: ``2022-12``, ``2022-Q4``, ``2022`` or ``LTM-2022-12``, by the company's fiscal years."""

    metric: Key
    period: PeriodLabel
    value: Figure
    currency: CurrencyCode | None = None
    scenario: Scenario = "actual"
    status: Status = "submitted"
    note: Note | None = None


class ValuesIn(Rows):
    """Figures of a company. Money without a currency is in the company's own; other figures have none."""

    elements_max: ClassVar[int] = 200_000
    rows_field: ClassVar[str] = "values"
    stand_ins: ClassVar[Mapping[str, Any]] = {"metric": "unread", "period": "2000-01", "value": "0"}
    model_config = example(
        {
            "values": [
                {
                    "metric": "revenue",
                    "period": "2022-Q4",
                    "value": "4194199.00",
                    "currency": "USD",
                    "scenario": "actual",
                }
            ]
        }
    )

    values: Annotated[list[ValueIn], Field(min_length=1, max_length=20_000)]


VERSION_MAX = 2_147_483_647  # of a column of 32 bits


class SeenIn(Input):
    """A figure as somebody saw it."""

    id: Id
    version: Annotated[int, Field(ge=1, le=VERSION_MAX)]


class MetricsApproveIn(Input):
    """Figures that somebody looked at and agrees to."""

    model_config = example({"values": [{"id": 1, "version": 1}]})

    values: Annotated[list[SeenIn], Field(min_length=1, max_length=1_000)]


class MetricsApprovedOut(Output):
    """How many figures are approved now, and how many of those named were already."""

    approved: int
    unchanged: int


class FiscalYearIn(Input):
    """From ``starts_on``, the first day of a fiscal year, years end with the month ``year_ends_in``."""

    model_config = example({"starts_on": "2023-07-01", "year_ends_in": 6})

    starts_on: Day
    year_ends_in: Annotated[int, Field(ge=1, le=12)]


class FiscalYearOut(Output):
    """Since when fiscal years end with which month."""

    id: int
    starts_on: date
    year_ends_in: int
    version: int
    recorded_at: datetime


class PeriodOut(Output):
    """A period with its days; ``period`` is its label."""

    period: str
    period_kind: PeriodKind
    starts_on: date
    ends_on: date


class CellOut(Output):
    """A figure. ``value`` null has a ``reason``. ``made``: reported, of months, quarters or a year, by formula, or
    none. ``restated`` with the figure ``before``, in the same currency. ``stale``: a rate it was converted at is older
    than one expects of its day. The row's own marks where one reported row is behind it."""

    value: str | None
    currency: str | None
    made: Literal["reported", "months", "quarters", "year", "formula", "none"]
    reason: str | None
    restated: bool
    before: str | None
    stale: bool
    id: int | None
    version: int | None
    source: str | None
    status: Status | None
    recorded_at: datetime | None
    note: str | None
    explain: Annotated[dict[str, Any] | None, Field(description="with ?explain=true")] = None


class LongItem(CellOut, PeriodOut):
    """One figure of a metric in a period."""

    metric: str


class WideItem(Output):
    """One metric across the periods."""

    metric: str
    label: str
    unit: Unit
    kind: Kind
    statement: Literal["profit_and_loss", "balance_sheet", "cash_flow", "kpi"]
    values: dict[str, str | None]
    cells: dict[str, CellOut]


class MetricsOut(Output):
    """A company's figures. Long: ``values``, an item a figure. Wide: ``metrics``, an item a metric."""

    company_id: int
    currency: str
    scenario: Scenario
    period_kind: PeriodKind
    as_of: date | None
    known_at: datetime | None
    periods: list[PeriodOut]
    values: list[LongItem] | None
    metrics: list[WideItem] | None


class ItemOut(PeriodOut):
    """A period with its figures by metric: one row of a table with a column a metric."""

    figures: dict[str, str | None]


class StatementLineOut(Output):
    """A line across the periods; ``part_of`` is the line it is added up in."""

    metric: str
    label: str
    unit: Unit
    kind: Kind
    part_of: str | None
    values: dict[str, str | None]
    cells: dict[str, CellOut]


class StatementOut(Output):
    """One statement, line by line."""

    statement: Literal["profit_and_loss", "balance_sheet", "cash_flow"]
    rows: list[StatementLineOut]


class ViewOut(Output):
    """Figures of a company over periods."""

    company_id: int
    currency: str
    scenario: Scenario
    period_kind: PeriodKind
    periods: list[PeriodOut]
    items: list[ItemOut]


class FinancialsOut(ViewOut):
    """The three statements: ``items`` a row a period, ``statements`` a row a line."""

    statements: list[StatementOut]


class KpisOut(ViewOut):
    """The key figures that stand in no statement: ``items`` a row a period, ``rows`` a row a metric."""

    rows: list[StatementLineOut]


class FindingCell(Output):
    """A figure that a finding is about; ``ids`` are the reported values behind it."""

    metric: str
    value: str | None
    ids: list[int]


class Mend(Output):
    """The figure that would make it agree: to be looked at and recorded by somebody, never by itself."""

    metric: str
    period: str
    value: Figure | None


class FindingOut(PeriodOut):
    """Something that looks wrong in what was reported."""

    kind: str
    severity: Literal["error", "warning"]
    message: str
    cells: list[FindingCell]
    mend: Mend | None


class FindingRow(PeriodOut):
    """A finding as a row of a file; ``metrics``: of its cells, the one it is about first."""

    kind: str
    severity: Literal["error", "warning"]
    message: str
    metrics: list[str]
    mend: Mend | None


class FindingsOut(Output):
    """What does not agree in what a company reported, the latest period first."""

    company_id: int
    scenario: Scenario
    total: int
    items: list[FindingOut]


class ReportCompany(Output):
    """One company's figures; each list has one for each of the report's periods."""

    company_id: int
    name: str
    currency: str
    metrics: dict[str, list[str | None]]


class ReportOut(Output):
    """Companies side by side, by calendar periods; ``currency`` null: each in its own."""

    currency: str | None
    periods: list[PeriodOut]
    companies: list[ReportCompany]
    total: int


class WrittenOut(Output):
    """What became of the values: new ones, ones that superseded another figure, ones that were there already; and the
    derived figures that depend on what changed, computed again."""

    created: int
    superseded: int
    unchanged: int
    recalculated: list[LongItem]
    recalculated_metrics: list[str]
    converted: dict[str, list[LongItem]] = Field(
        description="by each other reporting currency of the firm: the amounts that were recorded, and the derived "
        "ones that depend on them"
    )


class ReportedOut(Output):
    """A figure as it was reported once. ``until``: when another replaced it or it was taken back; null while it
    stands. ``taken_back``: why it counts no longer."""

    id: int
    version: int
    period: str
    value: str | None
    currency: str | None
    status: Status
    source: str
    note: str | None
    recorded_at: datetime
    recorded_by: int | None
    verified_by: int | None
    until: datetime | None
    taken_back: str | None


class ReportsOut(PeriodOut):
    """All that was reported of a metric for a period and the shorter ones within it, the latest first."""

    company_id: int
    metric: str
    scenario: Scenario
    items: list[ReportedOut]


class FigureKey(Input):
    """A reported figure by its natural key within the company."""

    metric: Key
    period: PeriodLabel
    scenario: Scenario = "actual"


class FiguresBackIn(Input):
    """Reported figures that are taken back, and why."""

    model_config = example({"figures": [{"metric": "revenue", "period": "2024-Q1"}], "reason": "Another company's"})

    figures: Annotated[list[FigureKey], Field(min_length=1, max_length=1_000)]
    reason: Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]


class FiguresDone(Output):
    """How many figures were taken back."""

    changed: int


class ReportingSettingsIn(Input):
    """The currencies the firm reads figures in, beside each company's own."""

    model_config = example({"currencies": ["USD", "CAD"]})

    currencies: list[CurrencyCode] = Field(max_length=10, description="in this order; one named twice counts once")


class ReportingSettingsOut(Output):
    """The firm's reporting currencies; version 0 while nobody said."""

    currencies: list[str]
    version: int
