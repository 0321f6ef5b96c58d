"""Firms, users, their passwords, and API tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.fields import name_key
from vestry.core.four_eyes import waits_for_approval
from vestry.core.versions import expect_version
from vestry.identity import events
from vestry.identity import grants as granting
from vestry.identity.access import find, require
from vestry.identity.models import ApiToken, Firm, User
from vestry.identity.networks import accept as accept_networks
from vestry.identity.policy import ROLES
from vestry.identity.secrets import check_password, digest, hash_password, new_secret
from vestry.identity.sessions import service as sessions
from vestry.identity.signin import delays, passwords


class EmailTaken(Conflict):
    """Another user signs in with that address."""


class LastAdministrator(Conflict):
    """Without this person nobody could administer the firm."""


def create_firm(session: Session, *, name: str, currency: str, is_demo: bool = False) -> Firm:
    """A new tenant; done by the command line only, so no actor exists yet."""
    firm = Firm(name=name, currency=currency, is_demo=is_demo)
    session.add(firm)
    session.flush()
    return firm


def create_user(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    password: str | None = None,
    grants: Iterable[granting.Wanted] = (),
) -> User:
    """A person who may sign in to the actor's firm, and what they may see; staff without grants see the whole firm."""
    require(actor, "user.change")
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", field="role", mend=f"Use one of: {', '.join(ROLES)}.")
    key = name_key(email)
    if session.scalar(select(User.id).where(User.firm_id == actor.firm_id, User.email_key == key)):
        raise EmailTaken(f"{email} already signs in here.", field="email", mend="Use another address.")
    user = User(
        firm_id=actor.firm_id,
        email=email,
        email_key=key,
        name=name,
        role=role,
        password_hash=None,
    )
    if password:
        give_password(session, user, password, field="password")
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # in another firm, whose people this one does not see
        raise EmailTaken(
            f"{email} signs in to another firm of this installation.",
            field="email",
            mend="An address opens one firm: use another of the person's addresses.",
        ) from None
    granting.give_first(session, actor, user, grants)
    return user


@waits_for_approval("create_user", "grant")
def add_user(
    session: Session, actor: Actor, *, password: Callable[[], str | None] = lambda: None, **values: Any
) -> User:
    """The same where somebody else may have to agree. A password is not kept until then: they choose one themselves."""
    return create_user(session, actor, password=password(), **values)


def change_user(
    session: Session, actor: Actor, user_id: int, *, name: str, role: str, version: int | None = None
) -> User:
    """Correct a person's name or role; a new role ends their sessions, which were opened with the old one."""
    user = _person(session, actor, user_id)
    change = _change_user if user.role == role else change_role
    return change(session, actor, user_id, name=name, role=role, version=version)


def _change_user(session: Session, actor: Actor, user_id: int, *, name: str, role: str, version: int | None) -> User:
    user = _person(session, actor, user_id)
    expect_version(user, version)
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", field="role", mend=f"Use one of: {', '.join(ROLES)}.")
    before = user.role
    if role != before:
        if before == "administrator":
            _keep_an_administrator(session, user)
        sessions.end_sessions(session, user.id)
        events.tell(session, "user.role_changed", user_id=user.id, before=before, after=role)
    user.name, user.role = name, role
    session.flush()
    return user


change_role = waits_for_approval("change_user", "grant")(_change_user)


def deactivate_user(session: Session, actor: Actor, user_id: int) -> User:
    """Let a person in no more, from the next request on."""
    user = _person(session, actor, user_id)
    if user.deactivated_at is None:
        _keep_an_administrator(session, user)
        user.deactivated_at = session.info["now"]
        sessions.end_sessions(session, user.id)
        events.tell(session, "user.deactivated", user_id=user.id)
        session.flush()
    return user


def reactivate_user(session: Session, actor: Actor, user_id: int) -> User:
    """Let a deactivated person sign in again."""
    user = _person(session, actor, user_id)
    if user.deactivated_at is not None:
        user.deactivated_at = None
        events.tell(session, "user.reactivated", user_id=user.id)
        session.flush()
    return user


def _person(session: Session, actor: Actor, user_id: int) -> User:
    require(actor, "user.change")
    # The firm's row is the lock: two administrators cannot remove each other at the same moment.
    session.execute(select(Firm.id).where(Firm.id == actor.firm_id).with_for_update())
    return find(session, actor, User, user_id, noun="user", lock=True)


def _keep_an_administrator(session: Session, user: User) -> None:
    """Refuse when nobody else could administer the firm."""
    if user.role != "administrator":
        return
    others = select(User.id).where(
        User.firm_id == user.firm_id, User.role == "administrator", User.deactivated_at.is_(None), User.id != user.id
    )
    if session.scalar(others.limit(1)) is None:
        raise LastAdministrator(
            f"{user.name} is the only administrator of the firm.", mend="Make somebody else administrator first."
        )


def set_password(
    session: Session, actor: Actor, *, current: str | None, new: str, here: str | None = None
) -> str | None:
    """Change one's own password; the current one is asked for where there is one. All sessions end but ``here``, the
    one of that cookie, whose new secret is returned."""
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one_or_none()
    if user is None:
        raise Invalid("A token has no password.", mend="Sign in as a user.")
    if user.password_hash is not None:
        with delays.watched(session, delays.again(user.id)):
            if not check_password(current or "", user.password_hash):
                raise Invalid(
                    "The current password does not fit.", field="current", mend="Type the password you sign in with."
                )
    give_password(session, user, new, field="new")
    events.notify(session, user, "Your password was changed")
    sessions.end_sessions(session, user.id, but=here)
    return sessions.renew_secret(session, here) if here else None


def give_password(session: Session, user: User, password: str, *, field: str) -> None:
    """Store a new password, refused where guessers try it first."""
    firm = session.get_one(Firm, user.firm_id)
    passwords.accept(password, field=field, about=(user.name, user.email, firm.name))
    user.password_hash = hash_password(password)
    events.tell(session, "password.changed", user_id=user.id)


def create_token(
    session: Session,
    actor: Actor,
    *,
    name: str,
    role: str,
    days: int | None = None,
    grants: Iterable[granting.Wanted] = (),
    networks: Iterable[str] = (),
) -> tuple[ApiToken, str]:
    """A bearer token with a role and grants of its own, good from these networks (none named: from anywhere); its
    secret is shown now and never again."""
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
        networks=accept_networks(networks),
        created_by=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    session.add(token)
    session.flush()
    granting.give_first(session, actor, token, grants)
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
