"""One's own sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.settings import settings
from vestry.identity.models import User, UserSession
from vestry.identity.secrets import digest


def open_at(now: datetime) -> ColumnElement[bool]:
    """The condition that a session has neither ended nor been left idle."""
    idle_since = now - timedelta(minutes=settings().session_idle_minutes)
    return UserSession.ended_at.is_(None) & (UserSession.expires_at > now) & (UserSession.seen_at > idle_since)


def mine(session: Session, actor: Actor, secret: str | None) -> Sequence[Row[UserSession, bool]]:
    """One's open sessions, the latest used first, each with whether it is the one of that cookie."""
    return session.execute(
        select(UserSession, (UserSession.secret_hash == digest(secret or "")).label("is_this"))
        .where(
            UserSession.firm_id == actor.firm_id,
            UserSession.user_id == actor.user_id,
            UserSession.stage == "full",
            open_at(session.info["now"]),
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    ).all()


def unfinished(session: Session, secret: str | None, stage: str) -> tuple[UserSession, User] | None:
    """The session of that cookie at a stage before it is open, and whose it is."""
    row = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.secret_hash == digest(secret or ""),
            UserSession.stage == stage,
            open_at(session.info["now"]),
            User.deactivated_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])
