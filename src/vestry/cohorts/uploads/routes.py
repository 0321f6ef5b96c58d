"""Files of payments over HTTP: look at one, record it, undo it."""

from __future__ import annotations

import csv
import io
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, File, Form, Response, UploadFile
from pydantic import TypeAdapter, ValidationError

from vestry.batches.reading import safe_name
from vestry.batches.tables import FAULTS_MAX, Style
from vestry.cohorts.uploads import jobs, queries, recording, schemas, service
from vestry.cohorts.uploads.checking import Checked, ColumnsMissing
from vestry.companies.models import Company
from vestry.core.cells import quoted
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import Id
from vestry.core.http import Csv, Json, strict_json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, listed
from vestry.core.paging import Page, page
from vestry.core.settings import settings
from vestry.core.types import MONEY_SCALE
from vestry.core.wording import said
from vestry.identity.access import find, permits
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may

router = make_router("cohorts")
uploads = make_router("cohorts")  # operations whose body may be as large as a file
Reading = Annotated[Work, may("cohort.read")]
Changing = Annotated[Work, may("cohort_data.change")]
Uploaded = Annotated[UploadFile, File(description="CSV (also packed with gzip), Parquet or XLSX")]
Mapping = Annotated[
    str | None, Form(max_length=2_000, description='field → column as a JSON object, such as {"amount": "Paid"}')
]
Options = Annotated[
    str | None, Form(max_length=2_000, description='how the file writes things, as a JSON object: {"decimal": ","}')
]
Value = TypeVar("Value")


@uploads.post(
    "/companies/{company_id}/payments/upload",
    operation_id="upload_payments",
    status_code=201,
    response_model=schemas.UploadOut,
    responses={202: {"description": "A large file: a job records it", "model": schemas.UploadWaiting}},
)
def upload_payments(
    company_id: Id, work: Changing, file: Uploaded, mapping: Mapping = None, options: Options = None
) -> Json:
    """Record every payment of a file, or none when a row is wrong (422 names the rows). What is recorded already, by
    its reference id, stays out; the same file twice is refused (409). A large file of somebody who may see jobs is
    recorded by one (202)."""
    asked = _options(mapping, options)
    if (file.size or 0) > settings().payments_inline_bytes and permits(work.actor, "job.read"):
        job = jobs.ask(work.session, work.actor, company_id, file.file, file.filename, asked)
        return Json({"job_id": job.id}, status_code=202)
    made = service.upload(work.session, work.actor, company_id, file.file, file.filename, asked)
    return Json(queries.get_upload(work.session, work.actor, company_id, made.id), status_code=201)


@uploads.post(
    "/companies/{company_id}/payments/upload/check",
    operation_id="check_payment_upload",
    response_model=schemas.UploadCheck,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def check_payment_upload(
    company_id: Id,
    work: Changing,
    file: Uploaded,
    mapping: Mapping = None,
    options: Options = None,
    download: Annotated[bool, Form(description="the bad cells as a CSV file instead")] = False,
) -> Response:
    """What would become of every row; nothing is recorded. Where a column is still to be named, which (``missing``)."""
    company = find(work.session, work.actor, Company, company_id, noun="company", lock=True)
    asked = _options(mapping, options)
    with tempfile.TemporaryDirectory(prefix="vestry-payments-") as folder:
        try:
            name = safe_name(file.filename)
            checked, duplicates = service.looked_at(work.session, company, file.file, name, Path(folder), asked)
        except ColumnsMissing as error:
            return Json(_unread(error))
        found = recording.findings(work.session, checked, company_id)
    return _faults(checked) if download else Json(_told(checked, duplicates) | {"findings": found.get("findings")})


@router.get(
    "/companies/{company_id}/payment-uploads",
    operation_id="list_payment_uploads",
    response_model=schemas.UploadPage,
    responses=FILES,
)
def list_payment_uploads(
    company_id: Id, work: Reading, page: Annotated[Page, Depends(page)], form: Format = "json"
) -> Response:
    """The files of payments that were recorded, the newest first."""
    found = queries.list_uploads(work.session, work.actor, company_id)
    return listed(work.session, found, page, form, schemas.UploadOut, f"payment-uploads-{company_id}")


@router.get(
    "/companies/{company_id}/payment-uploads/{upload_id}",
    operation_id="get_payment_upload",
    response_model=schemas.UploadOut,
)
def get_payment_upload(company_id: Id, upload_id: Id, work: Reading) -> Json:
    """One upload, with its receipt."""
    return Json(queries.get_upload(work.session, work.actor, company_id, upload_id))


@router.post(
    "/companies/{company_id}/payment-uploads/{upload_id}/undo",
    operation_id="undo_payment_upload",
    response_model=schemas.UploadOut,
)
def undo_payment_upload(company_id: Id, upload_id: Id, body: Reason, work: Changing) -> Json:
    """Take every payment of an upload back; what was known before stays known."""
    service.undo(work.session, work.actor, company_id, upload_id, reason=body.reason)
    return Json(queries.get_upload(work.session, work.actor, company_id, upload_id))


def _options(mapping: str | None, options: str | None) -> service.Options:
    style = _read("options", options, TypeAdapter(schemas.StyleIn))
    return service.Options(
        _read("mapping", mapping, TypeAdapter(dict[str, str])), Style(**style.model_dump()) if style else None
    )


def _read(name: str, text: str | None, kind: TypeAdapter[Value]) -> Value | None:
    if not text:
        return None
    try:
        return kind.validate_python(strict_json(text.encode()))
    except ValidationError as error:
        raise Invalid(
            f"The {name} are not acceptable.",
            faults=[Fault(".".join((name, *map(str, one["loc"]))), said(one)) for one in error.errors()],
        ) from None


def _unread(error: ColumnsMissing) -> dict[str, Any]:
    counts = dict.fromkeys(("rows", "new", "duplicates", "wrong", "customers", "error_count"), 0)
    named = {"columns": error.columns, "mapping": error.mapping, "missing": error.missing}
    return named | counts | {"items": [], "errors": [], "findings": None}


def _told(checked: Checked, duplicates: int) -> dict[str, Any]:
    return {
        "columns": checked.columns,
        "mapping": checked.mapping,
        "missing": [],
        "rows": checked.rows,
        "new": 0 if checked.bad else checked.rows - duplicates,
        "duplicates": duplicates,
        "wrong": checked.bad,
        "customers": len(checked.customers),
        "items": [
            {
                "row": row["row"],
                "customer_id": row["customer"],
                "payment_date": row["paid_on"],
                "amount": None if row["units"] is None else Decimal(row["units"]).scaleb(-MONEY_SCALE),
                "reference_id": row["reference"],
            }
            for row in checked.sample
        ],
        "errors": [
            {"row": one.row, "column": one.column, "value": one.value, "reason": one.message}
            for one in checked.faults[:FAULTS_MAX]
        ],
        "error_count": len(checked.faults),
    }


def _faults(checked: Checked) -> Response:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["row", "column", "value", "reason"])
    for one in checked.faults:
        writer.writerow([one.row, quoted(one.column or ""), quoted(one.value or ""), one.message])
    headers = {"Content-Disposition": 'inline; filename="payments-errors.csv"'}
    return Csv(text.getvalue(), headers=headers)
