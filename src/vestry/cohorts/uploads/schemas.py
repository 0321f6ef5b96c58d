"""Uploads as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from vestry.core.fields import Amount, Output


class StyleIn(BaseModel):
    """How a file writes things; what is left out is read as it is written mostly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    date_format: str = "YYYY-MM-DD"
    decimal: str = "."
    thousands: str = ""


class UploadOut(Output):
    """A file that was recorded: ``receipt`` tells what it brought; ``undone_by`` the act that took it back."""

    id: int
    company_id: int
    filename: str
    content_sha256: str
    byte_count: int
    row_count: int
    mapping: dict[str, str]
    receipt: dict[str, Any]
    recorded_at: datetime
    recorded_by: int | None
    undone_by: int | None


class UploadWaiting(Output):
    """A large file: a job records it. `GET /jobs/{job_id}` tells how far it is and, at the end, the ``upload_id``."""

    job_id: int


class UploadPage(Output):
    """A page of uploads."""

    items: list[UploadOut]
    next: str | None
    total: int


class SampleRow(Output):
    """A row of a file as it was understood; null where it was not."""

    row: int
    customer_id: str | None
    payment_date: date | None
    amount: Amount | None
    reference_id: str | None


class BadCell(Output):
    """A bad cell of a file."""

    row: int | None
    column: str | None
    value: str | None
    reason: str


class OtherCohortMonth(Output):
    """Rows whose cohort, as the file says it, is not the month of the customer's first payment: the first is right.
    Whose rows they are, a thousand at most."""

    rows: int
    customers: list[str]
    customer_count: int


class Findings(Output):
    """What a file says otherwise than the books."""

    other_cohort_month: OtherCohortMonth


class UploadCheck(Output):
    """What would become of a file: how many rows are new, recorded already or wrong, and its first rows. ``missing``:
    the fields whose column is still to be named; until then no row is looked at."""

    columns: list[str]
    mapping: dict[str, str]
    missing: list[str]
    rows: int
    new: int
    duplicates: int
    wrong: int
    customers: int
    items: list[SampleRow]
    errors: list[BadCell]
    error_count: int
    findings: Findings | None
