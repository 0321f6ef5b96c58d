"""Who is asking: sessions, tokens and users, before any actor is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.prepared import Prepared
from vestry.identity.models import ApiToken, Firm, User, UserSession
from vestry.identity.secrets import digest

# Asked on every request of a program.
_TOKEN = Prepared(
    select(ApiToken.id, ApiToken.firm_id, ApiToken.role, ApiToken.name).where(
        ApiToken.secret_hash == bindparam("secret_hash"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
    )
)


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
    row = _TOKEN.first(session, {"secret_hash": digest(secret), "now": now})
    return None if row is None else Actor("token", row[1], row[2], token_id=row[0], name=row[3])


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
