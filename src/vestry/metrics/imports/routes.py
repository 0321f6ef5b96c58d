"""Files of figures over HTTP: look at one, record it, take it back; and what is remembered of a company's labels."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, File, Form, Query, Response, UploadFile
from pydantic import TypeAdapter, ValidationError

from vestry.batches.reading import safe_name
from vestry.batches.tables import Style
from vestry.companies.models import Company
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import Id
from vestry.core.http import Csv, Json, strict_json
from vestry.core.http import router as make_router
from vestry.core.listing import paginate
from vestry.core.paging import Page, page
from vestry.core.wording import said
from vestry.identity.access import find
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may
from vestry.metrics.imports import queries, schemas, service, views
from vestry.metrics.imports.checking import Options
from vestry.metrics.imports.comments import annotated
from vestry.metrics.imports.mapping import Told
from vestry.metrics.imports.template import AHEAD_MAX, template
from vestry.metrics.schemas import Scenario

router = make_router("metrics")
uploads = make_router("metrics")  # operations whose body may be as large as a file
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IMPORTS = "/companies/{company_id}/metrics/imports"
Reading = Annotated[Work, may("metric.read")]
Changing = Annotated[Work, may("metric.change")]
Uploaded = Annotated[UploadFile, File(description="XLSX or CSV: periods across and metrics down, or one figure a row")]
Mapping = Annotated[
    str | None,
    Form(max_length=1_000_000, description='lines as a JSON array: [{"line": "net sales", "metric": "revenue"}]'),
]
FigureOptions = Annotated[
    str | None,
    Form(max_length=2_000, description='a JSON object, such as {"period_kind": "quarter", "decimal": ","}'),
]
Value = TypeVar("Value")


@uploads.post(
    IMPORTS + "/check",
    operation_id="check_metric_import",
    response_model=schemas.MetricImportCheck,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
def check_metric_import(
    company_id: Id,
    work: Changing,
    file: Uploaded,
    mapping: Mapping = None,
    options: FigureOptions = None,
    download: Annotated[
        Literal["errors", "workbook"] | None,
        Form(description="the bad cells as a CSV file, or the workbook with comments on them"),
    ] = None,
) -> Response:
    """What would become of every cell: new, changed, the same, or wrong; and how the file's lines are mapped. Nothing
    is recorded."""
    content, name = file.file.read(), safe_name(file.filename)
    checked = service.check(work.session, work.actor, company_id, content, name, _options(options), _mapping(mapping))
    if download == "errors":
        headers = {"Content-Disposition": 'inline; filename="figures-errors.csv"'}
        return Csv(views.errors_csv(checked), headers=headers)
    if download == "workbook":
        headers = {"Content-Disposition": 'inline; filename="figures-checked.xlsx"'}
        return Response(annotated(content, name, checked), media_type=XLSX, headers=headers)
    same = service.same_file(work.session, work.actor, company_id, content)
    return Json(views.checked_out(checked, same))


@uploads.post(IMPORTS, operation_id="create_metric_import", status_code=201, response_model=schemas.MetricImportOut)
def create_metric_import(
    company_id: Id,
    work: Changing,
    file: Uploaded,
    mapping: Mapping = None,
    options: FigureOptions = None,
    again: Annotated[bool, Form(description="take a file that was imported before")] = False,
) -> Json:
    """Record every figure of a file, or none when a cell is wrong (422 names the cells). A figure that is recorded as
    it is stays; one that differs supersedes. The same file twice is refused (409). Its labels are remembered."""
    made = service.record(
        work.session,
        work.actor,
        company_id,
        file.file.read(),
        file.filename,
        _options(options),
        _mapping(mapping),
        again=again,
    )
    return Json(queries.get_import(work.session, work.actor, company_id, made.id), status_code=201)


@router.get(IMPORTS, operation_id="list_metric_imports", response_model=schemas.MetricImportPage)
def list_metric_imports(company_id: Id, work: Reading, page: Annotated[Page, Depends(page)]) -> Json:
    """The files of figures that were recorded, the newest first."""
    return Json(paginate(work.session, queries.list_imports(work.session, work.actor, company_id), page))


@router.get(IMPORTS + "/{metric_import_id}", operation_id="get_metric_import", response_model=schemas.MetricImportOut)
def get_metric_import(company_id: Id, metric_import_id: Id, work: Reading) -> Json:
    """One of them, with its mapping and receipt."""
    return Json(queries.get_import(work.session, work.actor, company_id, metric_import_id))


@router.post(
    IMPORTS + "/{metric_import_id}/undo", operation_id="undo_metric_import", response_model=schemas.MetricImportOut
)
def undo_metric_import(company_id: Id, metric_import_id: Id, body: Reason, work: Changing) -> Json:
    """Take an import back: what it restated says again what it said before, what it brought is voided. A figure that
    was corrected since is left alone."""
    service.undo(work.session, work.actor, company_id, metric_import_id, reason=body.reason)
    return Json(queries.get_import(work.session, work.actor, company_id, metric_import_id))


@router.get(
    "/companies/{company_id}/metrics/template",
    operation_id="get_metric_template",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_metric_template(
    company_id: Id,
    work: Reading,
    period: Annotated[Literal["month", "quarter", "year"], Query(description="the length of its periods")] = "quarter",
    ahead: Annotated[int, Query(ge=1, le=AHEAD_MAX, description="how many periods are to be filled")] = 1,
    scenario: Annotated[Scenario, Query()] = "actual",
) -> Response:
    """A workbook to be filled and sent back to the import: what each metric means, the last four periods as reported,
    the next ones empty, and sums that say whether they agree."""
    content = template(work.session, work.actor, company_id, kind=period, ahead=ahead, scenario=scenario)
    headers = {"Content-Disposition": f'attachment; filename="figures-{company_id}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.get(
    "/companies/{company_id}/metrics/mapping", operation_id="get_metric_mapping", response_model=schemas.LabelsOut
)
def get_metric_mapping(company_id: Id, work: Reading) -> Json:
    """What the labels in a company's files stand for, as earlier files taught it."""
    find(work.session, work.actor, Company, company_id, noun="company")
    return Json(_labels(work, company_id))


@router.put(
    "/companies/{company_id}/metrics/mapping", operation_id="set_metric_mapping", response_model=schemas.LabelsOut
)
def set_metric_mapping(company_id: Id, body: schemas.LabelsIn, work: Changing) -> Json:
    """Replace what is remembered of a company's labels; a label that is not sent is forgotten."""
    service.set_mapping(work.session, work.actor, company_id, body.model_dump()["lines"])
    return Json(_labels(work, company_id))


def _labels(work: Work, company_id: int) -> dict[str, Any]:
    names = ("label", "metric", "scale", "said_scale", "sign", "percent", "currency", "updated_at")
    rows = queries.labels(work.session, work.actor, company_id)
    lines = [{name: getattr(row, name) for name in names} for row in rows]
    return {"company_id": company_id, "lines": lines, "total": len(lines)}


def _options(text: str | None) -> Options:
    given = _read("options", text, TypeAdapter(schemas.FigureOptionsIn)) or schemas.FigureOptionsIn()
    told = given.model_dump()
    own = {name: told.pop(name) for name in ("period_kind", "scenario", "currency")}
    return Options(Style(**told), **own)


def _mapping(text: str | None) -> dict[str, Told]:
    given = _read("mapping", text, TypeAdapter(list[schemas.MappingLineIn])) or []
    return {one.line: Told(one.metric, one.scale, one.sign, one.percent, one.currency) for one in given}


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
