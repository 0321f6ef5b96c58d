"""Firms, users and proofs of identity: making, checking and ending them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from vestry.core.fields import name_key
from vestry.identity import queries
from vestry.identity.access import require
from vestry.identity.models import ApiToken, Firm, SignInLink, User, UserSession
from vestry.identity.policy import ROLES
from vestry.identity.secrets import check_password, digest, hash_password, new_secret

LINK_MINUTES = 60


class EmailTaken(Conflict):
    """Another user signs in with that address."""


class WrongCredentials(Unauthenticated):
    """Unknown address or wrong password: the same answer for both."""


class LinkSpent(Unauthenticated):
    """The sign-in link was used, has expired, or never was."""


def create_firm(session: Session, *, name: str, currency: str, is_demo: bool = False) -> Firm:
    """A new tenant; done by the command line only, so no actor exists yet."""
    firm = Firm(name=name, currency=currency, is_demo=is_demo)
    session.add(firm)
    session.flush()
    return firm


def create_user(
    session: Session, actor: Actor, *, email: str, name: str, role: str, password: str | None = None
) -> User:
    """A person who may sign in to the actor's firm."""
    require(actor, "user.change")
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", field="role", mend=f"Use one of: {', '.join(ROLES)}.")
    key = name_key(email)
    if session.scalar(select(User.id).where(User.email_key == key)):
        raise EmailTaken(f"{email} already signs in here.", field="email", mend="Use another address.")
    user = User(
        firm_id=actor.firm_id,
        email=email,
        email_key=key,
        name=name,
        role=role,
        password_hash=hash_password(password) if password else None,
    )
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, actor: Actor, *, current: str | None, new: str, here: str | None = None) -> None:
    """Change one's own password; the current one is asked for where there is one. All sessions end but ``here``, the
    one of that cookie."""
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one_or_none()
    if user is None:
        raise Invalid("A token has no password.", mend="Sign in as a user.")
    if user.password_hash is not None and not check_password(current or "", user.password_hash):
        raise Invalid("The current password does not fit.", field="current", mend="Type the password you sign in with.")
    user.password_hash = hash_password(new)
    session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.ended_at.is_(None),
            UserSession.secret_hash != digest(here or ""),
        )
        .values(ended_at=session.info["now"])
    )


def prove(session: Session, *, email: str, password: str) -> User:
    """The active user whom the password proves; slow on purpose, so give it a session that only reads."""
    user = queries.user_by_email(session, email)
    if not check_password(password, user.password_hash if user else None) or user is None:
        raise WrongCredentials("The address or the password is wrong.", mend="Check both and try again.")
    return user


def sign_in_by_link(session: Session, *, secret: str, hours: int) -> str:
    """Spend a one-use link and open a session; returns the cookie's secret."""
    now = session.info["now"]
    spent = session.execute(
        update(SignInLink)
        .where(SignInLink.secret_hash == digest(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.user_id)
    ).scalar_one_or_none()
    user = session.get(User, spent) if spent is not None else None
    if user is None or user.deactivated_at is not None:
        raise LinkSpent(
            "This sign-in link was used or has expired.", mend="Ask for a new one with: vestry sign-in-link"
        )
    return open_session(session, user, hours=hours)


def open_session(session: Session, user: User, *, hours: int) -> str:
    """A new session of a user whose identity has been proved."""
    secret = new_secret("vs")
    now = session.info["now"]
    session.add(
        UserSession(
            firm_id=user.firm_id,
            user_id=user.id,
            secret_hash=digest(secret),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return secret


def sign_out(session: Session, *, secret: str) -> None:
    """End the session of that cookie; nothing happens when it is not one."""
    session.execute(
        update(UserSession)
        .where(UserSession.secret_hash == digest(secret), UserSession.ended_at.is_(None))
        .values(ended_at=session.info["now"])
    )


def create_sign_in_link(session: Session, user: User) -> str:
    """A secret that signs the user in once within the hour."""
    secret = new_secret("vl")
    now = session.info["now"]
    session.add(
        SignInLink(
            firm_id=user.firm_id,
            user_id=user.id,
            secret_hash=digest(secret),
            created_at=now,
            expires_at=now + timedelta(minutes=LINK_MINUTES),
        )
    )
    return secret


def create_token(
    session: Session, actor: Actor, *, name: str, role: str, days: int | None = None
) -> tuple[ApiToken, str]:
    """A bearer token with a role of its own; its secret is shown now and never again."""
    require(actor, "token.change")
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", field="role", mend=f"Use one of: {', '.join(ROLES)}.")
    secret = new_secret("vt")
    now = session.info["now"]
    token = ApiToken(
        firm_id=actor.firm_id,
        name=name,
        role=role,
        secret_hash=digest(secret),
        created_by=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    session.add(token)
    session.flush()
    return token, secret


def revoke_token(session: Session, actor: Actor, token_id: int) -> None:
    """Refuse the token from the next request on."""
    require(actor, "token.change")
    done = session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.firm_id == actor.firm_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=session.info["now"])
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotFound("token")
