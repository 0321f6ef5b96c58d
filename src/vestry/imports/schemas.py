"""Imports as they come in and go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from vestry.core.fields import CurrencyCode, Input, Name, Output, example
from vestry.imports.kinds import Options

ImportKind = Literal["flows", "ledger", "summary"]
Status = Literal["uploaded", "committed", "undone", "discarded"]


class OptionsIn(Input):
    """How the file is written, and what holds for all of its rows; what is left out stays as it is."""

    date_format: Name | None = Field(None, description="YYYY-MM-DD (default), DD/MM/YYYY, MM/DD/YYYY, DD.MM.YYYY …")
    decimal: Literal[".", ","] | None = Field(None, description="the decimal sign")
    thousands: Literal["", ",", ".", " ", "'"] | None = Field(None, description="the thousands separator")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(None, description="of a CSV file; found when left out")
    encoding: Literal["utf-8", "utf-16", "cp1252", "latin-1"] | None = Field(None, description="of a CSV file")
    sheet: str | None = Field(None, max_length=100, description="of a workbook; the first with rows when left out")
    fund: Name | None = Field(None, description="the fund of rows that name none (flows)")
    currency: CurrencyCode | None = Field(None, description="of funds the file makes without naming one")
    as_of: Name | None = Field(None, description="the day of the balances (summary), YYYY-MM-DD")
    scale: Name | None = Field(None, description="1, 1000 or 1000000: what one unit of the file's amounts is (summary)")


class MappingIn(Input):
    """Which column of the file is which field."""

    model_config = example(
        {
            "mapping": {"fund": "Partnership", "date": "Value date", "kind": "Type", "amount": "Cash flow"},
            "options": {"date_format": "DD.MM.YYYY", "decimal": ",", "thousands": "."},
        }
    )

    mapping: dict[str, str]
    options: OptionsIn | None = None


class ImportFieldOut(Output):
    """A field this kind of file has."""

    name: str
    label: str
    required: bool


class OptionsOut(Output):
    """The options as they stand."""

    date_format: str
    decimal: str
    thousands: str
    delimiter: str | None
    encoding: str
    sheet: str | None
    fund: str | None
    currency: str | None
    as_of: str | None
    scale: str | None


class ImportOut(Output):
    """A file on its way into the ledger. ``mapping``: field → column. ``same_as``: the committed import of the same
    bytes. ``job_id``: the job that records it, where it is large. ``found``: how the file was read. ``receipt``:
    created counts, and sums as decimal strings by currency."""

    id: int
    kind: str
    filename: str
    status: str
    row_count: int
    byte_count: int
    content_sha256: str
    columns: list[str]
    fields: list[ImportFieldOut]
    mapping: dict[str, str]
    options: OptionsOut
    found: dict[str, str]
    same_as: int | None
    job_id: int | None
    receipt: dict[str, int | str]
    created_by: int | None
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    version: int


class ImportPage(Output):
    """A page of imports."""

    items: list[ImportOut]
    next: str | None
    total: int


class CountsOut(Output):
    """How many rows are new, recorded already, or wrong."""

    new: int
    duplicate: int
    error: int


class RowErrorOut(Output):
    """One bad cell (``column``) or row of the file."""

    row: int
    column: str | None
    value: str | None
    reason: str


class PreviewRowOut(Output):
    """A row of the file and what would become of it; ``values``: field → text as in the file."""

    row: int
    sheet: str
    state: str
    values: dict[str, str | None]


class PreviewOut(Output):
    """A page of rows; ``counts``, ``totals`` (sums of the new rows), ``notes`` and ``errors`` are of the whole file.
    ``errors`` shows the first ones; all of them are in errors.csv."""

    items: list[PreviewRowOut]
    next: str | None
    total: int
    counts: CountsOut
    totals: dict[str, str]
    notes: list[str]
    errors: list[RowErrorOut]
    error_count: int


def changed(options: Options, given: OptionsIn | None) -> Options:
    """The options with what is given put in place."""
    if given is None:
        return options
    values = {name: value for name, value in given.model_dump().items() if name in given.model_fields_set}
    own = {name: values.pop(name) for name in ("fund", "currency", "as_of", "scale") if name in values}
    defaults = {"date_format": "YYYY-MM-DD", "decimal": ".", "thousands": "", "encoding": "utf-8"}
    style: dict[str, Any] = {name: defaults.get(name) if value is None else value for name, value in values.items()}
    return replace(options, style=replace(options.style, **style), **own)
