"""Monthly rounds over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response

from vestry.cohorts.rounds import figures, queries, schemas, service
from vestry.cohorts.rounds.documents.contents import Side, contents, side_for
from vestry.cohorts.rounds.documents.pdf import as_pdf
from vestry.cohorts.rounds.documents.xlsx import as_xlsx
from vestry.cohorts.rounds.models import MonthlyRound
from vestry.core.fields import Id
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, XLSX, Format, listed
from vestry.core.paging import Page, page
from vestry.core.versions import Seen
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may

router = make_router("cohorts")
Reading = Annotated[Work, may("monthly_round.read")]
Reporting = Annotated[Work, may("monthly_round.report")]
Approving = Annotated[Work, may("monthly_round.approve")]
Changing = Annotated[Work, may("monthly_round.change")]
PDF = "application/pdf"
ROUNDS = "/companies/{company_id}/monthly-rounds"
ROUND = ROUNDS + "/{monthly_round_id}"


@router.get(ROUNDS, operation_id="list_monthly_rounds", response_model=schemas.MonthlyRoundPage, responses=FILES)
def list_monthly_rounds(
    company_id: Id, work: Reading, page: Annotated[Page, Depends(page)], form: Format = "json"
) -> Response:
    """The monthly rounds of a company, the newest first."""
    found = queries.list_rounds(work.session, work.actor, company_id)
    return listed(work.session, found, page, form, schemas.MonthlyRoundRow, f"monthly-rounds-{company_id}")


@router.post(ROUNDS, operation_id="plan_monthly_round", status_code=201)
def plan_monthly_round(company_id: Id, body: schemas.MonthlyPlanIn, work: Reporting) -> schemas.MonthlyRoundOut:
    """Open a month with what the company plans to spend; a second round of the month is refused (409)."""
    return _shown(work, service.plan(work.session, work.actor, company_id, **body.model_dump()))


@router.get(ROUND, operation_id="get_monthly_round")
def get_monthly_round(company_id: Id, monthly_round_id: Id, work: Reading) -> schemas.MonthlyRoundOut:
    """One round: its amounts, who did what, the money that moved, and what looks odd."""
    return _shown(work, queries.one_round(work.session, work.actor, company_id, monthly_round_id))


@router.put(ROUND, operation_id="update_monthly_round")
def update_monthly_round(
    company_id: Id, monthly_round_id: Id, body: schemas.MonthlyPlanChangeIn, work: Reporting, version: Seen
) -> schemas.MonthlyRoundOut:
    """Change the plan, before it is approved or after it was declined."""
    given = body.model_dump()
    return _shown(
        work, service.change_plan(work.session, work.actor, company_id, monthly_round_id, version=version, **given)
    )


@router.post(ROUND + "/approve", operation_id="approve_monthly_round")
def approve_monthly_round(
    company_id: Id, monthly_round_id: Id, work: Approving, version: Seen
) -> schemas.MonthlyRoundOut:
    """Agree to fund sharing × planned spend; where the firm asks for four eyes, it waits for somebody else (202)."""
    return _shown(
        work, service.approve(work.session, work.actor, monthly_round_id, company_id=company_id, version=version)
    )


@router.post(ROUND + "/decline", operation_id="decline_monthly_round")
def decline_monthly_round(
    company_id: Id, monthly_round_id: Id, body: Reason, work: Approving, version: Seen
) -> schemas.MonthlyRoundOut:
    """Say no to the plan, and why; another one may be made."""
    return _shown(
        work,
        service.decline(work.session, work.actor, company_id, monthly_round_id, version=version, reason=body.reason),
    )


@router.post(ROUND + "/fund", operation_id="fund_monthly_round")
def fund_monthly_round(
    company_id: Id, monthly_round_id: Id, body: schemas.FundingIn, work: Changing, version: Seen
) -> schemas.MonthlyRoundOut:
    """Record what the fund paid: first what is due, later what the actual spend makes a difference."""
    given = body.model_dump()
    return _shown(work, service.fund(work.session, work.actor, company_id, monthly_round_id, version=version, **given))


@router.post(ROUND + "/report", operation_id="report_monthly_spend")
def report_monthly_spend(
    company_id: Id, monthly_round_id: Id, body: schemas.MonthlySpendIn, work: Reporting, version: Seen
) -> schemas.MonthlyRoundOut:
    """Report what was really spent; it becomes the cohort's spend."""
    given = body.model_dump()
    return _shown(
        work, service.report(work.session, work.actor, company_id, monthly_round_id, version=version, **given)
    )


@router.post(ROUND + "/issue", operation_id="issue_monthly_statement")
def issue_monthly_statement(
    company_id: Id, monthly_round_id: Id, work: Changing, version: Seen
) -> schemas.MonthlyRoundOut:
    """State what is owed for the month, as it is computed now; the statement keeps what was stated."""
    return _shown(work, service.issue(work.session, work.actor, company_id, monthly_round_id, version=version))


@router.post(ROUND + "/settle", operation_id="settle_monthly_round")
def settle_monthly_round(
    company_id: Id, monthly_round_id: Id, body: schemas.SettlementIn, work: Changing, version: Seen
) -> schemas.MonthlyRoundOut:
    """Record what the company paid; too little or too much is carried to the next month."""
    given = body.model_dump()
    return _shown(
        work, service.settle(work.session, work.actor, company_id, monthly_round_id, version=version, **given)
    )


@router.post(ROUND + "/step-back", operation_id="step_back_monthly_round")
def step_back_monthly_round(
    company_id: Id, monthly_round_id: Id, body: Reason, work: Changing, version: Seen
) -> schemas.MonthlyRoundOut:
    """Undo the last stage, with a reason; what it wrote is taken back and stays in the history."""
    return _shown(
        work,
        service.step_back(work.session, work.actor, company_id, monthly_round_id, version=version, reason=body.reason),
    )


@router.post(ROUND + "/void", operation_id="void_monthly_round", status_code=204)
def void_monthly_round(company_id: Id, monthly_round_id: Id, body: Reason, work: Changing) -> None:
    """Take a round back in which nothing was paid yet."""
    service.take_back(work.session, work.actor, company_id, monthly_round_id, body.reason)


@router.get(
    ROUND + "/statement",
    operation_id="get_monthly_statement",
    response_model=schemas.MonthlyStatementOut,
    responses={200: {"content": {PDF: {}, XLSX: {}}}},
)
def get_monthly_statement(
    company_id: Id,
    monthly_round_id: Id,
    work: Reading,
    side: Annotated[Side | None, Query(description="whose; left out: the company's for who works for it")] = None,
    form: Annotated[Literal["json", "pdf", "xlsx"], Query(alias="format")] = "json",
) -> Response:
    """The statement of the month, for the fund or for the company; a draft until it is issued."""
    found = figures.standing(work.session, work.actor, company_id, monthly_round_id)
    made = contents(work.session, work.actor, found, side_for(work.actor, side))
    if form == "json":
        return Json(schemas.MonthlyStatementOut.model_validate(made).model_dump(mode="json"))
    name = f"statement-{company_id}-{made['month']:%Y-%m}-{made['side']}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "pdf":
        return Response(as_pdf(made), media_type=PDF, headers=headers)
    return Response(as_xlsx(made), media_type=XLSX, headers=headers)


@router.get(ROUND + "/versions", operation_id="list_monthly_round_versions", response_model=list[dict[str, Any]])
def list_monthly_round_versions(
    company_id: Id, monthly_round_id: Id, work: Annotated[Work, may("history.read")]
) -> Json:
    """What was recorded of a round over time, the oldest first."""
    return Json(queries.past_of(work.session, work.actor, company_id, monthly_round_id))


@router.post(
    "/companies/{company_id}/round-transfers/{transfer_id}/void",
    operation_id="void_round_transfer",
    status_code=204,
)
def void_round_transfer(company_id: Id, transfer_id: Id, body: Reason, work: Changing) -> None:
    """Take a transfer back that was recorded by mistake."""
    service.take_back_transfer(work.session, work.actor, company_id, transfer_id, body.reason)


def _shown(work: Work, row: MonthlyRound) -> schemas.MonthlyRoundOut:
    found = figures.standing(work.session, work.actor, row.company_id, row.id)
    return schemas.MonthlyRoundOut.model_validate(figures.shown(work.session, work.actor, found))
