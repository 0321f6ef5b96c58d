"""Who is asking: sessions, tokens and users, before any actor is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.identity.models import ApiToken, Firm, User, UserSession
from vestry.identity.secrets import digest


def session_actor(session: Session, secret: str, now: datetime) -> Actor | None:
    """The user behind a session cookie that has not ended."""
    row = session.execute(
        select(User.id, User.firm_id, User.role, User.name)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.secret_hash == digest(secret),
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            User.deactivated_at.is_(None),
        )
    ).one_or_none()
    return row and Actor("user", row.firm_id, row.role, user_id=row.id, name=row.name)


def token_actor(session: Session, secret: str, now: datetime) -> Actor | None:
    """The program behind a bearer token that is neither revoked nor expired."""
    row = session.execute(
        select(ApiToken.id, ApiToken.firm_id, ApiToken.role, ApiToken.name, ApiToken.expires_at).where(
            ApiToken.secret_hash == digest(secret), ApiToken.revoked_at.is_(None)
        )
    ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Actor("token", row.firm_id, row.role, token_id=row.id, name=row.name)


def user_by_email(session: Session, email: str) -> User | None:
    """The active user of that address, in any letter case."""
    return session.scalars(
        select(User).where(User.email_key == name_key(email), User.deactivated_at.is_(None))
    ).one_or_none()


def first_firm(session: Session) -> Firm | None:
    """The firm the command line works for: the oldest one."""
    return session.scalars(select(Firm).order_by(Firm.id).limit(1)).one_or_none()


def firm_of(session: Session, actor: Actor) -> Firm:
    """The actor's firm."""
    return session.scalars(select(Firm).where(Firm.id == actor.firm_id)).one()
