"""Families of refresh tokens: begun by a signed-in person, renewed one for one, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import NotFound, Unauthenticated
from vestry.identity import events
from vestry.identity.models import User
from vestry.identity.secrets import digest, new_secret
from vestry.identity.tokens import signed
from vestry.identity.tokens.models import RefreshToken, TokenFamily

FAMILY_DAYS, IDLE_DAYS = 30, 7
LOST_ANSWER = timedelta(seconds=30)


class RefreshRefused(Unauthenticated):
    """The refresh token is none of ours, was used before, or its time or family has ended."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a program works with: the access token, and the refresh token for the next pair."""

    access: str
    refresh: str
    family: TokenFamily


def begin(session: Session, user: User, *, name: str) -> Pair:
    """A family for a program of a user who is signed in."""
    now = session.info["now"]
    family = TokenFamily(
        firm_id=user.firm_id,
        user_id=user.id,
        name=name,
        created_at=now,
        renewed_at=now,
        expires_at=now + timedelta(days=FAMILY_DAYS),
    )
    session.add(family)
    session.flush()
    events.tell(session, "token_family.begun", user_id=user.id, family_id=family.id)
    return _next(session, family)[0]


def renew(database: Database, actor: Actor, *, refresh: str) -> Pair:
    """Exchange a refresh token for the next pair.

    Whoever shows one that was exchanged before may be a thief, or the thief's victim: the family ends. But the answer
    may have been lost on the way, so the newest exchange may be repeated once within half a minute.
    """
    with database.transaction(actor) as session:
        pair = _renew(session, refresh)
    if pair is None:  # raised only now: that the family ended has to stay written
        raise RefreshRefused("This refresh token opens nothing.", mend="Sign in and begin anew.")
    return pair


def _renew(session: Session, refresh: str) -> Pair | None:
    now = session.info["now"]
    # The family's row is the lock: of two exchanges at once, the second sees what the first did.
    family = session.scalars(
        select(TokenFamily)
        .where(
            TokenFamily.id
            == select(RefreshToken.family_id).where(RefreshToken.secret_hash == digest(refresh)).scalar_subquery()
        )
        .with_for_update()
    ).one_or_none()
    if family is None:
        return None
    token = session.scalars(select(RefreshToken).where(RefreshToken.secret_hash == digest(refresh))).one()
    user = session.get_one(User, family.user_id)
    idle = now - timedelta(days=IDLE_DAYS)
    if family.revoked_at is not None or family.expires_at <= now or token.created_at <= idle or user.deactivated_at:
        return None
    if token.spent_at is not None or token.voided_at is not None:
        successor = session.get(RefreshToken, token.next_id) if token.next_id else None
        repeats_newest = (
            token.spent_at is not None
            and token.voided_at is None
            and token.repeated_at is None
            and now - token.spent_at <= LOST_ANSWER
            and successor is not None
            and successor.spent_at is None
        )
        if not repeats_newest or successor is None:
            _revoke(session, family, "reused")
            return None
        token.repeated_at = successor.voided_at = now
    token.spent_at = token.spent_at or now
    pair, fresh = _next(session, family)
    token.next_id = fresh.id
    return pair


def _next(session: Session, family: TokenFamily) -> tuple[Pair, RefreshToken]:
    now, secret = session.info["now"], new_secret("vf")
    token = RefreshToken(firm_id=family.firm_id, family_id=family.id, secret_hash=digest(secret), created_at=now)
    session.add(token)
    family.renewed_at = now
    session.flush()
    return Pair(signed.issue(session, user_id=family.user_id, family_id=family.id), secret, family), token


def mine(session: Session, actor: Actor) -> list[TokenFamily]:
    """One's own families that still work, the latest used first."""
    found = session.scalars(
        select(TokenFamily)
        .where(
            TokenFamily.firm_id == actor.firm_id,
            TokenFamily.user_id == actor.user_id,
            TokenFamily.revoked_at.is_(None),
            TokenFamily.expires_at > session.info["now"],
        )
        .order_by(TokenFamily.renewed_at.desc(), TokenFamily.id.desc())
    )
    return list(found)


def end(session: Session, actor: Actor, family_id: int) -> None:
    """End one of one's own families, its access tokens too."""
    for family in mine(session, actor):
        if family.id == family_id:
            _revoke(session, family, "ended")
            return
    raise NotFound("program")


def give_back(session: Session, *, refresh: str) -> None:
    """A program signs out by its refresh token; nothing happens for any other text (RFC 7009)."""
    family_id = session.scalar(select(RefreshToken.family_id).where(RefreshToken.secret_hash == digest(refresh)))
    family = session.get(TokenFamily, family_id) if family_id else None
    if family is not None and family.revoked_at is None:
        _revoke(session, family, "given back")


def end_all(session: Session, user_id: int) -> None:
    """End all families of a user."""
    live = (TokenFamily.user_id == user_id) & TokenFamily.revoked_at.is_(None)
    session.execute(update(TokenFamily).where(live).values(revoked_at=session.info["now"], revoked_why="ended"))


def _revoke(session: Session, family: TokenFamily, why: str) -> None:
    family.revoked_at, family.revoked_why = session.info["now"], why
    events.tell(session, "token_family.revoked", user_id=family.user_id, family_id=family.id, why=why)
