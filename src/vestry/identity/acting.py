"""Who a job acts as: the person or the token that asked for it, with the rights they have now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Forbidden
from vestry.core.outbox import Job
from vestry.identity.models import ApiToken, User
from vestry.identity.scopes import held, scope_of


class AskerGone(Forbidden):
    """Whoever asked for this may not act any more."""


def asker_of(session: Session, job: Job) -> Actor:
    """The asker of a job as they are now; raises :class:`AskerGone` when they were deactivated or revoked since."""
    found = _user(session, job) if job.user_id else _token(session, job, session.info["now"]) if job.token_id else None
    if found is None and (job.user_id or job.token_id):
        raise AskerGone("Whoever asked for this may not act any more.", mend="Ask for it again as somebody who may.")
    return found or Actor("job", job.firm_id, job.asked_role, name=job.asked_as, request_id=job.request_id)


def _user(session: Session, job: Job) -> Actor | None:
    row = session.execute(
        select(User.role, User.name, held(User).label("grants")).where(
            User.id == job.user_id, User.firm_id == job.firm_id, User.deactivated_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    scope = scope_of(session, job.firm_id, row.role, row.grants, user_id=job.user_id)
    return Actor(
        "user", job.firm_id, row.role, user_id=job.user_id, name=row.name, request_id=job.request_id, scope=scope
    )


def _token(session: Session, job: Job, now: datetime) -> Actor | None:
    row = session.execute(
        select(ApiToken.role, ApiToken.name, held(ApiToken).label("grants")).where(
            ApiToken.id == job.token_id,
            ApiToken.firm_id == job.firm_id,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
        )
    ).one_or_none()
    if row is None:
        return None
    scope = scope_of(session, job.firm_id, row.role, row.grants)
    return Actor(
        "token", job.firm_id, row.role, token_id=job.token_id, name=row.name, request_id=job.request_id, scope=scope
    )
