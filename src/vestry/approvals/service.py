"""Rules of four eyes, and the decisions on what waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vestry.approvals import effects
from vestry.approvals.models import ApprovalRequest, ApprovalRule
from vestry.approvals.queries import shown
from vestry.core import four_eyes
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Forbidden
from vestry.core.four_eyes import AwaitsApproval
from vestry.core.trail import Event
from vestry.identity.access import find, require
from vestry.identity.models import ApiToken, User
from vestry.identity.policy import POLICY


class MakerIsChecker(Forbidden):
    """Nobody approves what they asked for themselves."""


class AlreadyDecided(Conflict):
    """The request was approved, refused or withdrawn before."""


class NobodyToApprove(Conflict):
    """A rule of four eyes needs two people who may approve."""


def is_asked_for(session: Session, actor: Actor, kinds: tuple[str, ...]) -> bool:
    """Whether the firm wants one of these kinds approved by somebody else."""
    query = select(ApprovalRule.id).where(
        ApprovalRule.firm_id == actor.firm_id, ApprovalRule.kind.in_(kinds), ApprovalRule.required
    )
    return session.scalar(query.limit(1)) is not None


def set_rule(session: Session, actor: Actor, kind: str, *, required: bool) -> ApprovalRule:
    """Have a kind of change wait for somebody else, or no longer, which waits for somebody else itself."""
    require(actor, "approval_rule.change")
    query = select(ApprovalRule).where(ApprovalRule.firm_id == actor.firm_id, ApprovalRule.kind == kind)
    rule = session.scalars(query.with_for_update()).one_or_none()
    if required and _approvers(session, actor) < 2:
        raise NobodyToApprove(
            "Fewer than two people of the firm may approve.", mend="Add another administrator or manager first."
        )
    if rule is not None and rule.required and not required:
        return RELAX[kind](session, actor)
    if rule is None:
        rule = ApprovalRule(firm_id=actor.firm_id, kind=kind, required=required, updated_at=session.info["now"])
        session.add(rule)
    rule.required, rule.updated_at = required, session.info["now"]
    session.flush()
    return rule


def _relaxing(kind: four_eyes.RuleKind) -> Callable[[Session, Actor], ApprovalRule]:
    """Takes the rule of a kind off, under that very rule."""

    @four_eyes.waits_for_approval(f"relax_{kind}", kind)
    def relax(session: Session, actor: Actor) -> ApprovalRule:
        require(actor, "approval_rule.change")
        query = select(ApprovalRule).where(ApprovalRule.firm_id == actor.firm_id, ApprovalRule.kind == kind)
        rule = session.scalars(query.with_for_update()).one()
        if session.info.get(four_eyes.APPROVING):
            rule.required, rule.updated_at = False, session.info["now"]
            session.flush()
        return rule

    return relax


RELAX: Final = {kind: _relaxing(kind) for kind in get_args(four_eyes.RuleKind)}


def ask(error: AwaitsApproval, session: Session, actor: Actor, events: Sequence[Event]) -> None:
    """Have what waits, and what it would change, written down once the work itself is rolled back."""
    effect = effects.of(session, error.kind, events)

    def write(session: Session) -> None:
        maker = person(session, actor)
        request = ApprovalRequest(
            firm_id=actor.firm_id,
            kind=error.kind,
            operation=error.operation,
            payload=error.payload,
            effect=effect.text,
            amount=effect.amount,
            currency=effect.currency,
            state="pending",
            maker=maker,
            maker_name=actor.name[:200],
            maker_user_id=int(maker[5:]) if maker.startswith("user:") else None,
            created_at=session.info["now"],
        )
        session.add(request)
        session.flush()
        error.answer = shown(request)
        error.mend = f"It is request {request.id} under approvals."

    error.afterwards = write


def approve(session: Session, actor: Actor, request_id: int) -> ApprovalRequest:
    """Do what was asked for, as somebody else than who asked; refused where it cannot be done any more."""
    request, who = _open(session, actor, request_id)
    if who == request.maker or not who.startswith(("user:", "token:")):
        raise MakerIsChecker("Whoever asked for a change cannot approve it.", mend="Ask somebody else to look at it.")
    done = four_eyes.run(session, actor, request.operation, request.payload)
    request.record_id = getattr(done, "id", None)
    return _decide(session, actor, request, "approved", who, None)


def refuse(session: Session, actor: Actor, request_id: int, reason: str) -> ApprovalRequest:
    """Say no, and why; nothing is recorded but that."""
    request, who = _open(session, actor, request_id)
    if who == request.maker:
        raise MakerIsChecker("Whoever asked for a change withdraws it.", mend="Withdraw it instead.")
    return _decide(session, actor, request, "refused", who, reason)


def withdraw(session: Session, actor: Actor, request_id: int) -> ApprovalRequest:
    """Take back what one asked for."""
    request, who = _open(session, actor, request_id)
    if who != request.maker:
        raise Forbidden("Only whoever asked for a change withdraws it.", mend="Refuse it instead, with a reason.")
    return _decide(session, actor, request, "withdrawn", who, None)


def person(session: Session, actor: Actor) -> str:
    """Who stands behind an actor: the user, also behind a token they made; else the token, command line or job."""
    user_id = actor.user_id
    if actor.kind == "token":
        made_by = session.scalar(select(ApiToken.created_by).where(ApiToken.id == actor.token_id))
        user_id = user_id or made_by
    if user_id is not None:
        return f"user:{user_id}"
    return f"token:{actor.token_id}" if actor.kind == "token" else actor.kind


def _open(session: Session, actor: Actor, request_id: int) -> tuple[ApprovalRequest, str]:
    require(actor, "approval.change")
    request = find(session, actor, ApprovalRequest, request_id, noun="approval request", lock=True)
    if request.state != "pending":
        raise AlreadyDecided(f"The request was {request.state} before.", mend="Ask for the change again.")
    return request, person(session, actor)


def _decide(
    session: Session, actor: Actor, request: ApprovalRequest, state: str, who: str, reason: str | None
) -> ApprovalRequest:
    request.state, request.checker, request.checker_name = state, who, actor.name[:200]
    request.reason, request.decided_at = reason, session.info["now"]
    session.flush()
    return request


def _approvers(session: Session, actor: Actor) -> int:
    roles = POLICY["approval.change"]
    active = (User.firm_id == actor.firm_id, User.deactivated_at.is_(None), User.role.in_(roles))
    return session.scalar(select(func.count()).select_from(User).where(*active)) or 0


four_eyes.IS_ASKED_FOR.append(is_asked_for)
four_eyes.ASK.append(ask)
