"""Rules and requests, as the actor may see them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.approvals import effects
from vestry.approvals.models import ApprovalRequest, ApprovalRule
from vestry.core import tagged
from vestry.core.actor import Actor
from vestry.core.four_eyes import KINDS
from vestry.core.listing import Listing
from vestry.identity.access import find, theirs

_SHOWN = (
    "id", "kind", "operation", "payload", "state", "maker", "maker_name", "created_at", "checker", "checker_name",
    "decided_at", "reason", "record_id", "amount", "currency", "version",
)  # fmt: skip
SORTS = {"id": ApprovalRequest.id, "created_at": ApprovalRequest.created_at}


def requests(actor: Actor, *, state: str | None, kind: str | None, waiting_for: str | None) -> Listing:
    """Requests, the newest first. ``waiting_for``: those a person may decide, whom they did not ask for themselves."""
    query = select(*(getattr(ApprovalRequest, name) for name in _SHOWN)).where(theirs(actor, ApprovalRequest))
    if state is not None:
        query = query.where(ApprovalRequest.state == state)
    if kind is not None:
        query = query.where(ApprovalRequest.kind == kind)
    if waiting_for is not None:
        query = query.where(ApprovalRequest.state == "pending", ApprovalRequest.maker != waiting_for)
    return Listing(query, SORTS, ApprovalRequest.id, "-id", finish=_open)


def get_request(session: Session, actor: Actor, request_id: int) -> dict[str, Any]:
    """One request, and what it would change or changed."""
    request = find(session, actor, ApprovalRequest, request_id, noun="approval request")
    return shown(request) | effects.told(request.effect)


def shown(request: ApprovalRequest) -> dict[str, Any]:
    """A request with what it asks for in plain JSON."""
    return _open({name: getattr(request, name) for name in _SHOWN})


def rules(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Every kind, and whether it waits for somebody else."""
    query = select(ApprovalRule.kind, ApprovalRule.required).where(theirs(actor, ApprovalRule))
    known = {row.kind: row.required for row in session.execute(query)}
    return [{"kind": kind, "required": known.get(kind, False)} for kind in KINDS]


def _open(row: dict[str, Any]) -> dict[str, Any]:
    kept = tagged.loads(row["payload"])
    about = kept["args"][0] if kept["args"] else None
    values = json.loads(json.dumps(kept["kwargs"], default=str))
    return row | {"payload": {name: value for name, value in values.items() if value is not None}, "about": about}
