"""What happens to proofs of identity is told here: one line a thing, with who, whose and from where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core import trail
from vestry.core.errors import Invalid
from vestry.core.trail import Action, Event
from vestry.identity.models import Firm, User
from vestry.integrations import mail

log = structlog.get_logger()
# What the audit trail calls it. Other events change rows, which the trail tells of by themselves.
TRAIL: Final[dict[str, Action]] = {"session.opened": "sign_in", "session.ended": "sign_out"}


def tell(session: Session, event: str, *, user_id: int | None = None, **more: Any) -> None:
    """Say that ``event`` happened to that user's proofs; never with a secret, an address typed or a password."""
    actor = session.info["actor"]
    log.info(event, by=actor.user_id or actor.kind, user_id=user_id, **more)
    user = session.get(User, user_id) if event in TRAIL and more.get("stage", "full") == "full" else None
    if user is None:
        return
    if not actor.firm_id:  # nobody was known until now: it is this user who acts
        session.info["actor"] = replace(
            actor, kind="user", firm_id=user.firm_id, role=user.role, user_id=user.id, name=user.name
        )
    trail.tell(session, Event(TRAIL[event], "user", user.id, note=more.get("proof"), firm_id=user.firm_id))


def tell_failure(session: Session, user: User | None, *, proof: str, firm_id: int | None = None) -> None:
    """Write down that somebody did not prove who they are: with the firm of the user they claimed to be, else with the
    one whose door it was (``firm_id``), else with the oldest firm, so that all take as long. What was typed is not
    kept: it may be a password in the wrong field."""
    firm_id = user.firm_id if user else firm_id or session.scalar(select(Firm.id).order_by(Firm.id).limit(1))
    if firm_id is not None:
        about = user.id if user else None
        trail.tell(session, Event("sign_in_failed", "user", about, note=proof, firm_id=firm_id))


def notify(session: Session, user: User, what: str) -> None:
    """Mail a person that something about how they sign in changed, in the same transaction; they know if it was not
    them. An address that cannot be mailed keeps nobody from changing a password."""
    firm = session.get_one(Firm, user.firm_id)
    values = {
        "name": user.name,
        "what": what,
        "when": f"{session.info['now']:%Y-%m-%d %H:%M} UTC",
        "where": trail.origin().address or "the server's command line",
        "firm": firm.name,
    }
    try:
        mail.send(session, to=user.email, template="security_notice", values=values, firm_id=user.firm_id)
    except Invalid as error:
        log.warning("security_notice.not_sent", user_id=user.id, why=error.code())
