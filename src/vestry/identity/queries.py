"""Who is asking: sessions, tokens and users, before any actor is known."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.db import Reader
from vestry.core.fields import name_key
from vestry.core.statements import Bound
from vestry.identity import networks
from vestry.identity.known import SignIn
from vestry.identity.models import ApiToken, Firm, User, UserSession
from vestry.identity.scopes import held, scope_of
from vestry.identity.secrets import digest
from vestry.identity.sessions.queries import open_at
from vestry.identity.tokens import signed
from vestry.identity.tokens.models import TokenFamily

# Asked on every request.
_TOKEN = SignIn(
    select(
        ApiToken.id, ApiToken.firm_id, ApiToken.role, ApiToken.name, held(ApiToken).label("grants"), ApiToken.networks
    ).where(
        ApiToken.secret_hash == bindparam("secret_hash"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
    )
)


def session_actor(reader: Reader, secret: str) -> Actor | None:
    """The user behind a session cookie that has not ended."""
    query = (
        select(User.id, User.firm_id, User.role, User.name, held(User))
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.secret_hash == digest(secret),
            UserSession.stage == "full",
            open_at(reader.now),
            User.deactivated_at.is_(None),
        )
    )
    for user_id, firm_id, role, name, grants in reader.execute(query):
        scope = scope_of(reader, firm_id, role, grants, user_id=user_id)
        return Actor("user", firm_id, role, user_id=user_id, name=name, scope=scope)
    return None


def token_actor(reader: Reader, secret: str, address: str | None = None) -> Actor | None:
    """The program behind a bearer token that is neither revoked nor expired, nor used from a network not its own."""
    secret_hash = digest(secret)
    asked = _TOKEN.whose.given(reader.dialect, secret_hash=secret_hash, now=reader.now)
    for row in reader.all(asked):
        token_id, firm_id, role, name, grants, allowed = row
        if allowed is not None and not networks.contain(allowed, address):
            return None
        scope = scope_of(reader, firm_id, role, grants, token_id=token_id)
        actor = Actor("token", firm_id, role, token_id=token_id, name=name, scope=scope)
        _TOKEN.remember(secret_hash, actor, row)
        return actor
    return None


def known_token(reader: Reader, secret: str, address: str | None) -> tuple[Actor, Bound] | None:
    """The program as it was last found, and what must still be so before it is shown anything."""
    secret_hash = digest(secret)
    known = _TOKEN.known(secret_hash)
    if known is None or (known.row[-1] is not None and not networks.contain(known.row[-1], address)):
        return None
    return known.actor, _TOKEN.still(reader, known, secret_hash=secret_hash, now=reader.now)


def forget_token(secret: str) -> None:
    """Look it up again the next time."""
    _TOKEN.forget(digest(secret))


def bearer_actor(reader: Reader, token: str) -> Actor | None:
    """The user a program works for by a signed access token, with the rights they have now."""
    bearer = signed.read(reader, token)
    if bearer is None:
        return None
    query = (
        select(User.id, User.firm_id, User.role, User.name, held(User))
        .join(TokenFamily, TokenFamily.user_id == User.id)
        .where(
            User.id == bearer.user_id,
            User.deactivated_at.is_(None),
            TokenFamily.id == bearer.family_id,
            TokenFamily.revoked_at.is_(None),
            TokenFamily.expires_at > reader.now,
        )
    )
    for user_id, firm_id, role, name, grants in reader.execute(query):
        scope = scope_of(reader, firm_id, role, grants, user_id=user_id)
        return Actor("user", firm_id, role, user_id=user_id, name=name, scope=scope)
    return None


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
