"""Four eyes over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from vestry.approvals import queries, schemas, service
from vestry.core.fields import Id
from vestry.core.four_eyes import RuleKind
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.listing import paginate
from vestry.core.paging import Page, page
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may

router = make_router("approvals")
Read = Annotated[Work, may("approval.read")]
Change = Annotated[Work, may("approval.change")]


@router.get("/approvals", operation_id="list_approvals", response_model=schemas.ApprovalPage)
def list_approvals(
    work: Read,
    page: Annotated[Page, Depends(page)],
    state: Annotated[schemas.State | None, Query()] = None,
    kind: Annotated[RuleKind | None, Query()] = None,
    mine: Annotated[bool, Query(description="only what waits for me: pending, and asked for by others")] = False,
) -> Json:
    """Changes that wait for somebody else to approve them, and those that did."""
    who = service.person(work.session, work.actor) if mine else None
    listing = queries.requests(work.actor, state=state, kind=kind, waiting_for=who)
    return Json(paginate(work.session, listing, page))


@router.get("/approvals/{request_id}", operation_id="get_approval", response_model=schemas.ApprovalDetail)
def get_approval(request_id: Id, work: Read) -> Json:
    """One of them, with what it would change: every row before and after."""
    return Json(queries.get_request(work.session, work.actor, request_id))


@router.post("/approvals/{request_id}/approve", operation_id="approve", response_model=schemas.ApprovalOut)
def approve(request_id: Id, work: Change) -> Json:
    """Do what was asked for; nobody approves their own request (403)."""
    return Json(queries.shown(service.approve(work.session, work.actor, request_id)))


@router.post("/approvals/{request_id}/refuse", operation_id="refuse_approval", response_model=schemas.ApprovalOut)
def refuse(request_id: Id, body: Reason, work: Change) -> Json:
    """Say no, and why."""
    return Json(queries.shown(service.refuse(work.session, work.actor, request_id, body.reason)))


@router.post("/approvals/{request_id}/withdraw", operation_id="withdraw_approval", response_model=schemas.ApprovalOut)
def withdraw(request_id: Id, work: Change) -> Json:
    """Take back what I asked for."""
    return Json(queries.shown(service.withdraw(work.session, work.actor, request_id)))


@router.get("/approval-rules", operation_id="list_approval_rules")
def list_rules(work: Read) -> list[schemas.RuleOut]:
    """Which kinds of change wait for somebody else."""
    return [schemas.RuleOut(**rule) for rule in queries.rules(work.session, work.actor)]


@router.put("/approval-rules/{rule_kind}", operation_id="set_approval_rule")
def set_rule(
    rule_kind: RuleKind, body: schemas.RuleIn, work: Annotated[Work, may("approval_rule.change")]
) -> schemas.RuleOut:
    """Have a kind of change wait for somebody else, or no longer, which itself waits for somebody else."""
    rule = service.set_rule(work.session, work.actor, rule_kind, required=body.required)
    return schemas.RuleOut.model_validate({"kind": rule.kind, "required": rule.required})
