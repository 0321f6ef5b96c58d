"""Files of figures as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from vestry.core.fields import CurrencyCode, Input, Name, Output, example, text_schema
from vestry.metrics.schemas import Key, PeriodOut, Scenario


def _counts(value: Any) -> Any:
    """``True`` equals 1 and is not meant by it."""
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


Scale = Annotated[Literal[1, 1000, 1000000, 1000000000], BeforeValidator(_counts)]
Sign = Annotated[Literal[1, -1], BeforeValidator(_counts)]
Percent = Literal["fraction", "percent"]
FileState = Literal["new", "changed", "same", "error"]
Because = Literal["given", "remembered", "key", "name", "computed", "unknown"]
Label = Annotated[Name, Field(max_length=200), text_schema(1, 200)]


class LineIn(Input):
    """What a label stands for. ``metric`` null: lines of that label are left out. A figure is the number in the file ×
    ``scale`` × ``sign``; ``percent``: ratios are written as ``percent`` (93) or as ``fraction`` (0.93). The scale holds
    for what states ``said_scale`` itself: a file that states the same, or a connection, which always states 1. Left
    out, it stays as it was learnt."""

    label: Label
    metric: Key | None
    scale: Scale = 1
    said_scale: Scale | None = None
    sign: Sign = 1
    percent: Percent | None = None
    currency: CurrencyCode | None = None


class MappingLineIn(Input):
    """A line of a file: ``line`` is its id in the preview; what is left out is proposed from the file and its
    predecessors."""

    line: Annotated[str, Field(min_length=1, max_length=200)]
    metric: Key | None
    scale: Scale | None = None
    sign: Sign | None = None
    percent: Percent | None = None
    currency: CurrencyCode | None = None


class LabelsIn(Input):
    """All that is to be remembered of a company's labels: one that is not among them is forgotten."""

    model_config = example({"lines": [{"label": "Net sales", "metric": "revenue", "scale": 1000}]})

    lines: Annotated[list[LineIn], Field(max_length=2_000)]


class LabelOut(Output):
    """A remembered label; ``said_scale`` is the scale the file stated itself when it was learnt."""

    label: str
    metric: str | None
    scale: int
    said_scale: int | None
    sign: int
    percent: Percent | None
    currency: str | None
    updated_at: datetime


class LabelsOut(Output):
    """What a company's files taught."""

    company_id: int
    lines: list[LabelOut]
    total: int


class FigureOptionsIn(Input):
    """How a file is written, and what holds for figures that do not say it themselves."""

    encoding: Literal["utf-8", "utf-16", "cp1252", "latin-1"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    sheet: Annotated[str, Field(max_length=100)] | None = None
    date_format: Name = "YYYY-MM-DD"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    period_kind: Literal["month", "quarter", "year"] | None = None
    scenario: Scenario = "actual"
    currency: CurrencyCode | None = None


class LineOut(Output):
    """A line of a file and what it stands for. ``decided`` false: say which metric it is, or null to leave it out.
    ``because``: given with the file, remembered, by the metric's key or name in the file, computed by us (left out)."""

    line: str
    label: str
    cell: str
    metric: str | None
    scale: int
    sign: int
    percent: Percent | None
    currency: str | None
    because: Because
    decided: bool


class FigureOptionsOut(Output):
    """The options a file was read with."""

    encoding: str
    delimiter: str | None
    sheet: str | None
    date_format: str
    decimal: str
    thousands: str
    period_kind: str | None
    scenario: str
    currency: str | None


class FigureOut(Output):
    """A cell and the figure it would become: new, changed (restates ``before``), the same as recorded, or wrong."""

    sheet: str | None
    cell: str
    line: str
    metric: str
    period: str
    scenario: Scenario
    written: str
    value: str
    currency: str | None
    state: FileState
    before: str | None


class CellErrorOut(Output):
    """One bad cell: where, what stands there, and what is wrong with it."""

    place: str
    row: int | None
    column: str | None
    value: str | None
    code: str
    reason: str


class FileMend(Output):
    """The figure that would agree."""

    metric: str
    period: str
    value: str


class FileFindingOut(Output):
    """What the checks would say of the books with the file in them, and do not say without it."""

    kind: str
    severity: Literal["error", "warning"]
    scenario: Scenario
    period: str
    metrics: list[str]
    cells: list[str]
    message: str
    mend: FileMend | None


class StatesOut(Output):
    """How many figures are new, changed, the same as recorded, or wrong."""

    new: int
    changed: int
    same: int
    error: int


class MetricImportCheck(Output):
    """What would become of a file. Nothing is recorded. ``figures`` are the first ones, ``figure_count`` all of them;
    ``same_as`` is the import of the same bytes."""

    form: Literal["wide", "long"]
    stated_scale: int | None
    stated_currency: str | None
    options: FigureOptionsOut
    lines: list[LineOut]
    periods: list[PeriodOut]
    counts: StatesOut
    figures: list[FigureOut]
    figure_count: int
    errors: list[CellErrorOut]
    error_count: int
    findings: list[FileFindingOut]
    notes: list[str]
    same_as: int | None


class MetricImportOut(Output):
    """A file of figures that was recorded, or what a connection fetched. ``receipt`` counts what it brought and, once
    undone, what became of that."""

    id: int
    company_id: int
    connection_id: int | None
    filename: str
    content_sha256: str
    byte_count: int
    row_count: int
    mapping: list[LineOut]
    options: FigureOptionsOut
    receipt: dict[str, Any]
    recorded_at: datetime
    recorded_by: int | None
    undone_at: datetime | None
    undone_by: int | None
    undo_reason: str | None


class MetricImportPage(Output):
    """A page of them."""

    items: list[MetricImportOut]
    next: str | None
    total: int
