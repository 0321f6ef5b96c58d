"""Sessions of people: opened, given a new secret, ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.settings import settings
from vestry.identity import events
from vestry.identity.models import User, UserSession
from vestry.identity.secrets import digest, new_secret
from vestry.identity.sessions.visits import Visit
from vestry.identity.tokens import service as families

UNFINISHED_MINUTES = 15  # to show a second factor, or to set one up


def open_session(session: Session, user: User, visit: Visit, *, proof: str, stage: str = "full") -> str:
    """A new session of a user whose identity has been proved; returns the cookie's secret.

    ``proof`` names how ("password", "passkey", …). Stages before "full" open nothing and are short.
    """
    secret, now = new_secret("vs"), session.info["now"]
    lasts = timedelta(hours=settings().session_hours) if stage == "full" else timedelta(minutes=UNFINISHED_MINUTES)
    session.add(
        UserSession(
            firm_id=user.firm_id,
            user_id=user.id,
            secret_hash=digest(secret),
            stage=stage,
            proof=proof,
            address=visit.address,
            device=visit.device,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
        )
    )
    events.tell(session, "session.opened", user_id=user.id, proof=proof, stage=stage, address=visit.address)
    return secret


def renew_secret(session: Session, secret: str) -> str:
    """A new secret for the session of that cookie, because its rights changed; the old one opens nothing any more."""
    fresh = new_secret("vs")
    session.execute(update(UserSession).where(_live(), _of(secret)).values(secret_hash=digest(fresh)))
    return fresh


def sign_out(session: Session, *, secret: str) -> None:
    """End the session of that cookie; nothing happens when it is not one."""
    _end(session, _of(secret))


def end_sessions(session: Session, user_id: int, *, but: str | None = None) -> int:
    """End all sessions of a user, or all but the one of a cookie, and their programs; returns how many."""
    families.end_all(session, user_id)
    mine = UserSession.user_id == user_id
    return _end(session, mine & ~_of(but) if but else mine)


def end_session(session: Session, actor: Actor, session_id: int) -> None:
    """End one of one's own sessions."""
    mine = (UserSession.firm_id == actor.firm_id) & (UserSession.user_id == actor.user_id)
    if not _end(session, mine & (UserSession.id == session_id)):
        raise NotFound("session")


def _of(secret: str) -> ColumnElement[bool]:
    return UserSession.secret_hash == digest(secret)


def _live() -> ColumnElement[bool]:
    return UserSession.ended_at.is_(None)


def _end(session: Session, which: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(UserSession).where(_live(), which).values(ended_at=session.info["now"]).returning(UserSession.user_id)
    ).scalars()
    users = list(ended)
    for user_id in set(users):
        events.tell(session, "session.ended", user_id=user_id, sessions=users.count(user_id))
    return len(users)
