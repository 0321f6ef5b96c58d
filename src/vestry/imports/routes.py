"""Imports over HTTP: upload, map, preview, commit, undo."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from fastapi import Depends, File, Form, Query, Response, UploadFile
from pydantic import ValidationError

from vestry.batches import queries
from vestry.core.cells import quoted
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import Id
from vestry.core.http import Csv, Json, strict_json
from vestry.core.http import router as make_router
from vestry.core.listing import paginate
from vestry.core.paging import Page, page
from vestry.core.settings import settings
from vestry.core.wording import said
from vestry.identity.door import Work, may
from vestry.imports import jobs, schemas, service, undo
from vestry.imports.kinds import Checked, Options

router = make_router("imports")
uploads = make_router("imports")  # the one operation whose body may be as large as a file
ERRORS_SHOWN = 1_000

Reading = Annotated[Work, may("import.read")]
Changing = Annotated[Work, may("import.change")]


@router.get("/imports", operation_id="list_imports", response_model=schemas.ImportPage)
def list_imports(
    work: Reading,
    page: Annotated[Page, Depends(page)],
    kind: Annotated[schemas.ImportKind | None, Query()] = None,
    status: Annotated[schemas.Status | None, Query()] = None,
) -> Json:
    """The files that were brought in, the newest first."""
    found = paginate(work.session, queries.list_batches(work.actor, page.q, kind=kind, status=status), page)
    return Json(found | {"items": _shown(work, found["items"])})


@uploads.post("/imports", operation_id="create_import", status_code=201, response_model=schemas.ImportOut)
def create_import(
    work: Changing,
    file: Annotated[UploadFile, File(description="CSV or XLSX (ledger: also a zip of CSV files)")],
    kind: Annotated[schemas.ImportKind, Form()],
    again: Annotated[bool, Form(description="take a file that was imported before")] = False,
    options: Annotated[str | None, Form(description="the options as a JSON object", max_length=10_000)] = None,
) -> Json:
    """Upload a file. Nothing is recorded before it is committed; a file of the same bytes is refused (409)."""
    try:
        batch = service.receive(
            work.session,
            work.actor,
            kind=kind,
            filename=file.filename,
            content=file.file.read(),
            options=schemas.changed(Options(), _options(options)),
            again=again,
        )
    except service.FileImportedBefore as error:
        raise service.FileImportedBefore(error.message, by="send again=true") from None
    return Json(_one(work, batch.id), status_code=201)


@router.get("/imports/{import_id}", operation_id="get_import", response_model=schemas.ImportOut)
def get_import(import_id: Id, work: Reading) -> Json:
    """One import, with its mapping or its receipt."""
    return Json(_one(work, import_id))


@router.put("/imports/{import_id}/mapping", operation_id="set_import_mapping", response_model=schemas.ImportOut)
def set_import_mapping(import_id: Id, body: schemas.MappingIn, work: Changing) -> Json:
    """Say which column is which field, and how dates and numbers are written."""
    row = queries.get_batch(work.session, work.actor, import_id)
    options = schemas.changed(service.options_from(row["mapping"]), body.options)
    service.set_mapping(work.session, work.actor, import_id, mapping=body.mapping, options=options)
    return Json(_one(work, import_id))


@router.get("/imports/{import_id}/preview", operation_id="preview_import", response_model=schemas.PreviewOut)
def preview_import(
    import_id: Id,
    work: Reading,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[
        str | None, Query(max_length=20, pattern="^[0-9]+$", description="`next` of the page before")
    ] = None,
    state: Annotated[str | None, Query(pattern="^(new|duplicate|error)$")] = None,
) -> Json:
    """What would become of every row: new, recorded already, or wrong and why."""
    _, checked = service.check(work.session, work.actor, import_id)
    return Json(_preview(checked, limit, int(cursor or 0), state))


@router.get("/imports/{import_id}/errors.csv", operation_id="download_import_errors", response_class=Csv)
def download_import_errors(import_id: Id, work: Reading) -> Response:
    """Every bad cell of the file: row, column, value, reason."""
    _, checked = service.check(work.session, work.actor, import_id)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["row", "column", "value", "reason"])
    for one in checked.faults:
        writer.writerow([one.row, quoted(one.column or ""), quoted(one.value or ""), one.message])
    headers = {"Content-Disposition": f'attachment; filename="import-{import_id}-errors.csv"'}
    return Csv(text.getvalue(), headers=headers)


@router.post(
    "/imports/{import_id}/commit",
    operation_id="commit_import",
    response_model=schemas.ImportOut,
    responses={202: {"description": "A large file: a job records it, see `job_id`", "model": schemas.ImportOut}},
)
def commit_import(import_id: Id, work: Changing) -> Json:
    """Record all new rows, or none when one is wrong. A large file is recorded by a job (202): `GET /jobs/{job_id}`."""
    if queries.get_batch(work.session, work.actor, import_id)["byte_count"] > settings().import_inline_bytes:
        jobs.ask_commit(work.session, work.actor, import_id)
        return Json(_one(work, import_id), status_code=202)
    service.commit(work.session, work.actor, import_id)
    return Json(_one(work, import_id))


@router.post("/imports/{import_id}/undo", operation_id="undo_import", response_model=schemas.ImportOut)
def undo_import(import_id: Id, work: Changing) -> Json:
    """Take everything the import brought in out of the books again."""
    undo.undo(work.session, work.actor, import_id)
    return Json(_one(work, import_id))


@router.delete("/imports/{import_id}", operation_id="discard_import", status_code=204)
def discard_import(import_id: Id, work: Changing) -> None:
    """Drop a file that was not committed."""
    service.discard(work.session, work.actor, import_id)


def _options(text: str | None) -> schemas.OptionsIn | None:
    if not text:
        return None
    try:
        return schemas.OptionsIn.model_validate(strict_json(text.encode()))
    except ValidationError as error:
        raise Invalid(
            "The options are not acceptable.",
            faults=[Fault(".".join(("options", *map(str, one["loc"]))), said(one)) for one in error.errors()],
        ) from None


def _one(work: Work, import_id: int) -> dict[str, Any]:
    return _shown(work, [queries.get_batch(work.session, work.actor, import_id)])[0]


def _shown(work: Work, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    asked = jobs.jobs_of(work.session, work.actor, [row["id"] for row in rows])
    same = queries.same_files(work.session, work.actor, [row["content_sha256"] for row in rows])
    shown = []
    for row in rows:
        kept = row["mapping"]
        others = [one for one in same.get(row["content_sha256"], []) if one != row["id"]]
        options = dict(kept["options"])
        fields = service.KINDS[row["kind"]].fields
        parts = {
            "columns": kept["columns"],
            "fields": [{"name": one.name, "label": one.label, "required": one.required} for one in fields],
            "mapping": kept["fields"],
            "options": options.pop("style") | options,
            "found": kept["found"],
            "same_as": others[-1] if others else None,
            "job_id": asked.get(row["id"]),
        }
        shown.append(row | parts)
    return shown


def _preview(checked: Checked, limit: int, start: int, state: str | None) -> dict[str, Any]:
    rows = checked.rows if state is None else checked.rows.filter(checked.rows["state"] == state)
    if start > rows.height:
        raise Invalid("There is no such page.", field="cursor")
    items = [
        {"row": row.pop("row"), "sheet": row.pop("sheet"), "state": row.pop("state"), "values": row}
        for row in rows.slice(start, limit).iter_rows(named=True)
    ]
    errors = [
        {"row": one.row, "column": one.column, "value": one.value, "reason": one.message}
        for one in checked.faults[:ERRORS_SHOWN]
    ]
    return {
        "items": items,
        "next": str(start + limit) if start + limit < rows.height else None,
        "total": rows.height,
        "counts": checked.counts(),
        "totals": checked.totals,
        "notes": checked.notes,
        "errors": errors,
        "error_count": len(checked.faults),
    }
