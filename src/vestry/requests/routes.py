"""Requests, the inbox and the public form over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import File, Form, Query, Request, Response, UploadFile

from vestry.core.db import Database
from vestry.core.fields import Id
from vestry.core.http import Json, problem_responses
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format, downloaded_as, filed
from vestry.core.http.files import Form as FileForm
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find
from vestry.identity.door import Ask, Work, asks, may, refuse_cross_site, visit_of
from vestry.requests import asking, attachments, entering, form_schemas, forms, queries, review, schemas, templates
from vestry.requests.entering import Entered
from vestry.requests.models import RequestTemplate

router = make_router("requests")
uploads = make_router("requests")  # operations whose body may be as large as an attachment
Reading = Annotated[Work, may("data_request.read")]
Changing = Annotated[Work, may("data_request.change")]
TemplateChanging = Annotated[Work, may("request_template.change")]
Reviewing = Annotated[Work, may("submission.review")]


@router.get("/request-templates", operation_id="list_request_templates", response_model=schemas.TemplatePage)
async def list_request_templates(ask: Annotated[Ask, asks("request_template.read")], page: Paged) -> Response:
    """What companies are asked for."""
    return await ask.list(page, lambda actor: queries.list_templates(actor, page.q))


@router.post("/request-templates", operation_id="create_request_template", status_code=201)
def create_request_template(body: schemas.TemplateIn, work: TemplateChanging) -> schemas.TemplateOut:
    """Say what companies are asked for, how often, and when they are reminded."""
    made = templates.create(work.session, work.actor, body.model_dump())
    return schemas.TemplateOut(**queries.template_out(made))


@router.get("/request-templates/{template_id}", operation_id="get_request_template")
def get_request_template(template_id: Id, work: Annotated[Work, may("request_template.read")]) -> schemas.TemplateOut:
    """One template."""
    found = find(work.session, work.actor, RequestTemplate, template_id, noun="request template")
    return schemas.TemplateOut(**queries.template_out(found))


@router.put("/request-templates/{template_id}", operation_id="update_request_template")
def update_request_template(
    template_id: Id, body: schemas.TemplateIn, work: TemplateChanging, version: Seen
) -> schemas.TemplateOut:
    """Change a template; requests that were made stay as they were asked."""
    made = templates.replace(work.session, work.actor, template_id, version, body.model_dump())
    return schemas.TemplateOut(**queries.template_out(made))


@router.delete("/request-templates/{template_id}", operation_id="archive_request_template", status_code=204)
def archive_request_template(template_id: Id, work: TemplateChanging) -> None:
    """Ask by this template no more; requests that were made go on."""
    templates.archive(work.session, work.actor, template_id)


@router.get(
    "/companies/{company_id}/recipients",
    operation_id="list_company_recipients",
    response_model=list[schemas.RecipientOut],
)
def list_company_recipients(company_id: Id, work: Reading) -> Json:
    """Who of a company is asked, by mail."""
    found = templates.recipients(work.session, work.actor, company_id)
    return Json([schemas.shown(one, ("id", "email", "name", "created_at")) for one in found])


@router.put(
    "/companies/{company_id}/recipients",
    operation_id="set_company_recipients",
    response_model=list[schemas.RecipientOut],
)
def set_company_recipients(company_id: Id, body: schemas.RecipientsIn, work: Changing) -> Json:
    """Name all who are asked from now on; they need no account."""
    given = body.model_dump()["recipients"]
    found = templates.set_recipients(work.session, work.actor, company_id, given)
    return Json([schemas.shown(one, ("id", "email", "name", "created_at")) for one in found])


@router.get("/data-requests", operation_id="list_data_requests", response_model=schemas.RequestPage)
async def list_data_requests(
    ask: Annotated[Ask, asks("data_request.read")],
    page: Paged,
    company_id: Annotated[Id | None, Query()] = None,
    template_id: Annotated[Id | None, Query()] = None,
    state: Annotated[schemas.State | None, Query()] = None,
) -> Response:
    """Which company was asked for which period, and how far it is; those due last first."""
    return await ask.list(
        page,
        lambda actor: queries.list_requests(actor, page.q, company_id=company_id, template_id=template_id, state=state),
    )


@router.post("/data-requests", operation_id="create_data_requests", status_code=201, response_model=schemas.AskedOut)
def create_data_requests(body: schemas.AskIn, work: Changing) -> Json:
    """Ask companies for a period now, by mail. Who was asked before, or has no recipients, is left out and named."""
    asked, skipped = asking.ask(work.session, work.actor, **body.model_dump())
    found = queries.requests_of(work.session, work.actor, [one.id for one in asked])
    return Json({"asked": found, "skipped": [asdict(one) for one in skipped]}, status_code=201)


@router.get(
    "/data-requests/matrix", operation_id="get_request_matrix", response_model=schemas.MatrixOut, responses=FILES
)
def get_request_matrix(
    work: Reading,
    template_id: Annotated[Id | None, Query(description="of one template")] = None,
    periods: Annotated[int, Query(ge=1, le=queries.PERIODS_MAX, description="how many of the newest")] = 8,
    form: Annotated[FileForm, Query(alias="format", description="a file has a row a request")] = "json",
) -> Response:
    """Company × period: asked, begun, sent, sent back, approved, overdue."""
    found = queries.matrix(work.session, work.actor, template_id, periods)
    if form == "json":
        return Json(found)
    return filed(form, schemas.MatrixRow, "data-requests", queries.rows_of(found))


@router.get(
    "/data-requests/{data_request_id}", operation_id="get_data_request", response_model=schemas.RequestDetailOut
)
def get_data_request(data_request_id: Id, work: Reading) -> Json:
    """One request with its answers and the links that were sent."""
    return Json(queries.get_request(work.session, work.actor, data_request_id))


@router.post(
    "/data-requests/{data_request_id}/remind",
    operation_id="remind_data_request",
    response_model=schemas.RequestDetailOut,
)
def remind_data_request(data_request_id: Id, work: Changing) -> Json:
    """Mail a reminder with a new link now."""
    asking.remind(work.session, work.actor, data_request_id)
    return Json(queries.get_request(work.session, work.actor, data_request_id))


@router.post("/data-requests/{data_request_id}/links", operation_id="create_form_link", status_code=201)
def create_form_link(data_request_id: Id, work: Changing) -> schemas.HandedOut:
    """A link to the form to hand over by other means; it is shown in this answer only."""
    return schemas.HandedOut(link=asking.hand_over(work.session, work.actor, data_request_id))


@router.post(
    "/data-requests/{data_request_id}/cancel",
    operation_id="cancel_data_request",
    response_model=schemas.RequestDetailOut,
)
def cancel_data_request(data_request_id: Id, work: Changing) -> Json:
    """Take a request back; its links end, and what was recorded stays."""
    asking.cancel(work.session, work.actor, data_request_id)
    return Json(queries.get_request(work.session, work.actor, data_request_id))


@router.get(
    "/request-attachments/{attachment_id}",
    operation_id="download_request_attachment",
    response_class=Response,
    responses={
        200: {"content": {key: {"schema": {"type": "string", "format": "binary"}} for key in attachments.ENDINGS}},
        **problem_responses([410]),
    },
)
def download_request_attachment(attachment_id: Id, work: Annotated[Work, may("submission.read")]) -> Response:
    """A file that a company sent beside its figures, as it was sent. It is downloaded, never shown as a page."""
    found = attachments.download(work.session, work.actor, attachment_id)
    headers = {
        "Content-Disposition": downloaded_as(found["name"]),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found["content"], media_type=found["media_type"], headers=headers)


@router.post(
    "/request-attachments/{attachment_id}/remove",
    operation_id="remove_request_attachment",
    response_model=schemas.AttachmentOut,
)
def remove_request_attachment(
    attachment_id: Id,
    body: schemas.RemoveSentAttachmentIn,
    work: Annotated[Work, may("request_attachment.remove")],
) -> Json:
    """Erase a file that a company sent. Its name, size and digest stay with who removed it, when and why; the company
    sees so on its receipt."""
    return Json(attachments.remove_sent(work.session, work.actor, attachment_id, **body.model_dump()))


@router.get(
    "/submitted-values",
    operation_id="list_submitted_values",
    response_model=schemas.SubmittedValuePage,
    responses=FILES,
)
async def list_submitted_values(
    ask: Annotated[Ask, asks("submission.read")],
    page: Paged,
    state: Annotated[schemas.Decision | None, Query()] = None,
    company_id: Annotated[Id | None, Query()] = None,
    data_request_id: Annotated[Id | None, Query()] = None,
    form: Format = "json",
) -> Response:
    """The inbox: what companies sent, with the figure before and their note; the oldest first."""
    return await ask.table(
        page,
        form,
        schemas.SubmittedValueOut,
        "submitted-values",
        lambda actor: queries.list_values(
            actor, page.q, state=state, company_id=company_id, data_request_id=data_request_id
        ),
    )


@router.post(
    "/submitted-values/{submitted_value_id}/approve",
    operation_id="approve_submitted_value",
    response_model=schemas.SubmittedValueOut,
)
def approve_submitted_value(submitted_value_id: Id, body: schemas.ApproveIn, work: Reviewing) -> Json:
    """Agree to a figure: it counts as approved. With a value, as that one: it is recorded and supersedes what was
    sent, which stays beside it."""
    review.approve(work.session, work.actor, submitted_value_id, comment=body.comment, corrected=body.value)
    return Json(queries.get_value(work.session, work.actor, submitted_value_id))


@router.post(
    "/submitted-values/{submitted_value_id}/reject",
    operation_id="reject_submitted_value",
    response_model=schemas.SubmittedValueOut,
)
def reject_submitted_value(submitted_value_id: Id, body: schemas.RejectIn, work: Reviewing) -> Json:
    """Send a figure back, and say why. Once all of the request are decided, the company gets one mail."""
    review.reject(work.session, work.actor, submitted_value_id, reason=body.reason)
    return Json(queries.get_value(work.session, work.actor, submitted_value_id))


@router.post(
    "/submitted-values/{submitted_value_id}/comment",
    operation_id="comment_submitted_value",
    response_model=schemas.SubmittedValueOut,
)
def comment_submitted_value(submitted_value_id: Id, body: schemas.CommentIn, work: Reviewing) -> Json:
    """Say something about a figure; the company reads it if its form comes back."""
    review.comment(work.session, work.actor, submitted_value_id, comment=body.comment)
    return Json(queries.get_value(work.session, work.actor, submitted_value_id))


def _entered(request: Request, token: str) -> tuple[Database, Entered]:
    refuse_cross_site(request)
    database: Database = request.app.state.database
    return database, entering.enter(database, token, visit_of(request).address)


@router.post("/forms/open", operation_id="open_form", response_model=form_schemas.FormOut)
def open_form(body: form_schemas.FormToken, request: Request) -> Json:
    """What a form's link asks for, with definitions and earlier figures, or its receipt. Public; changes nothing."""
    database, entered = _entered(request, body.token)
    with database.reading(entered.actor) as session:
        return Json(forms.read_form(session, entered))


@router.post("/forms/draft", operation_id="save_form_draft", response_model=form_schemas.DraftOut)
def save_form_draft(body: form_schemas.FormIn, request: Request) -> Json:
    """Keep what was typed so far, and say how it reads. Public, by the form's link."""
    database, entered = _entered(request, body.token)
    given = body.model_dump()
    with database.transaction(entered.actor) as session:
        return Json(forms.save_draft(session, entered, given["values"], given["answers"]))


@router.post("/forms/submit", operation_id="submit_form", response_model=form_schemas.FormOut)
def submit_form(body: form_schemas.FormIn, request: Request) -> Json:
    """Send the figures: all are recorded, or none and every reason is named. The answer is the receipt, which the link
    shows from then on. Public, by the form's link."""
    database, entered = _entered(request, body.token)
    given = body.model_dump()
    with database.transaction(entered.actor) as session:
        return Json(forms.submit(session, entered, given["values"], given["answers"]))


@uploads.post(
    "/forms/attachments",
    operation_id="attach_to_form",
    status_code=201,
    response_model=form_schemas.AttachmentsOut,
)
def attach_to_form(
    request: Request,
    token: Annotated[str, Form(min_length=1, max_length=200, description="the secret of the form's link")],
    file: Annotated[UploadFile, File(description=f"{attachments.TAKES}; at most 10 MB")],
) -> Json:
    """Keep a file beside what is being filled in; at most five go with one sending, and the same file twice is one.
    What it is, its bytes say. Public, by the form's link."""
    database, entered = _entered(request, token)
    attachments.refuse_size(file.size or 0)
    data = file.file.read(attachments.BYTES_MAX + 1)
    with database.transaction(entered.actor) as session:
        changed = attachments.attach(session, entered, file.filename, data)
        rows = attachments.listed(session, entered.actor, changed.id)
        return Json({"attachments": attachments.shown_to_company(rows)}, status_code=201)


@router.post("/forms/attachments/remove", operation_id="remove_from_form", response_model=form_schemas.AttachmentsOut)
def remove_from_form(body: form_schemas.RemoveAttachmentIn, request: Request) -> Json:
    """Take a file away that was not sent yet. Public, by the form's link."""
    database, entered = _entered(request, body.token)
    with database.transaction(entered.actor) as session:
        changed = attachments.remove(session, entered, body.attachment_id)
        rows = attachments.listed(session, entered.actor, changed.id)
        return Json({"attachments": attachments.shown_to_company(rows)})
