"""Inviting, accepting, and new passwords for forgotten ones. Secrets are 256 random bits, stored as hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.core.actor import WHOLE, Actor
from vestry.core.db import act_as
from vestry.core.errors import Invalid, NotFound, Unauthenticated
from vestry.core.fields import name_key
from vestry.core.four_eyes import waits_for_approval
from vestry.core.settings import settings
from vestry.identity import events, queries
from vestry.identity import grants as granting
from vestry.identity import service as users
from vestry.identity.access import require, visible
from vestry.identity.invitations.models import Invitation, PasswordReset
from vestry.identity.models import Firm, User
from vestry.identity.policy import ROLES
from vestry.identity.secrets import digest, new_secret
from vestry.identity.sessions import service as sessions
from vestry.integrations import mail

INVITATION_DAYS, RESET_MINUTES = 7, 60


class LetterSpent(Unauthenticated):
    """The invitation or the link to a new password was used, has expired, was taken back, or never was."""


@waits_for_approval("create_invitation", "grant")
def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    grants: Iterable[Mapping[str, Any]] = (),
) -> tuple[Invitation, str]:
    """Ask somebody to join the firm; earlier invitations of that address end. Returns it and its link."""
    require(actor, "invitation.change")
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", field="role", mend=f"Use one of: {', '.join(ROLES)}.")
    wanted = [granting.Wanted(one["scope_kind"], one.get("scope_id") or 0) for one in grants]
    for one in wanted:
        granting.check(session, actor, role, one)
    key = name_key(email)
    if session.scalar(select(User.id).where(User.firm_id == actor.firm_id, User.email_key == key)):
        raise users.EmailTaken(f"{email} already signs in here.", field="email", mend="Use another address.")
    now, secret = session.info["now"], new_secret("vi")
    session.execute(
        update(Invitation)
        .where(_open(), Invitation.firm_id == actor.firm_id, Invitation.email_key == key)
        .values(revoked_at=now)
    )
    made = Invitation(
        firm_id=actor.firm_id,
        email=email,
        email_key=key,
        name=name,
        role=role,
        grants=[{"scope_kind": one.scope_kind, "scope_id": one.scope_id} for one in wanted],
        secret_hash=digest(secret),
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    session.add(made)
    session.flush()
    firm = session.get_one(Firm, actor.firm_id)
    link = settings().address_of(f"invitation?token={secret}")
    values = {"inviter": actor.name or firm.name, "firm": firm.name, "link": link, "valid_until": _day(made.expires_at)}
    mail.send(session, to=email, template="invitation", values=values)
    events.tell(session, "invitation.made", role=role, invitation_id=made.id)
    return made, link


def take_back(session: Session, actor: Actor, invitation_id: int) -> None:
    """End an invitation that was not accepted yet."""
    require(actor, "invitation.change")
    ended = session.execute(
        update(Invitation)
        .where(_open(), Invitation.firm_id == actor.firm_id, Invitation.id == invitation_id)
        .values(revoked_at=session.info["now"])
        .returning(Invitation.id)
    )
    if ended.scalar_one_or_none() is None:
        raise NotFound("invitation")


def open_invitations(session: Session, actor: Actor) -> list[Invitation]:
    """Those of the firm that can still be accepted, the latest first."""
    found = session.scalars(visible(actor, Invitation).where(_open()).order_by(Invitation.id.desc()))
    return [one for one in found if one.expires_at > session.info["now"]]


def read(session: Session, secret: str) -> Invitation:
    """The invitation of that secret, while it can be accepted."""
    found = session.scalars(
        select(Invitation).where(
            _open(), Invitation.secret_hash == digest(secret), Invitation.expires_at > session.info["now"]
        )
    ).one_or_none()
    if found is None:
        raise _spent()
    return found


def accept(session: Session, *, secret: str, name: str, password: str) -> User:
    """Join the firm: a user with the role and grants of the invitation, and this password."""
    now = session.info["now"]
    spent = session.execute(
        update(Invitation)
        .where(_open(), Invitation.secret_hash == digest(secret), Invitation.expires_at > now)
        .values(accepted_at=now)
        .returning(Invitation.id)
    ).scalar_one_or_none()
    if spent is None:
        raise _spent()
    invitation = session.get_one(Invitation, spent)
    # With the rights of the firm, not of whoever invited: they may have left since.
    firm = Actor("job", invitation.firm_id, "administrator", user_id=invitation.invited_by, scope=WHOLE)
    act_as(session, firm)
    try:
        user = users.create_user(
            session,
            firm,
            email=invitation.email,
            name=name,
            role=invitation.role,
            password=password,
            grants=[granting.Wanted(**one) for one in invitation.grants],
        )
    except users.EmailTaken as taken:
        mend = "Ask whoever invited you to invite another address of yours."
        raise users.EmailTaken(taken.message, mend=mend) from None
    invitation.user_id = user.id
    session.flush()
    events.tell(session, "invitation.accepted", user_id=user.id, invitation_id=invitation.id)
    return user


def ask_for_reset(session: Session, *, email: str) -> None:
    """Mail a link to a new password, where the address is that of an active user; nobody learns whether it is."""
    user = queries.user_by_email(session, email)
    if user is None:
        return
    link, until = create_reset(session, user)
    values = {"name": user.name, "link": link, "valid_until": until}
    mail.send(session, to=user.email, template="password_reset", values=values, firm_id=user.firm_id)


def create_reset(session: Session, user: User) -> tuple[str, str]:
    """A link to a new password for the user, and until when it is good; earlier ones end."""
    now, secret = session.info["now"], new_secret("vr")
    _end_resets(session, user)
    expires_at = now + timedelta(minutes=RESET_MINUTES)
    session.add(
        PasswordReset(
            firm_id=user.firm_id,
            user_id=user.id,
            email_key=user.email_key,
            secret_hash=digest(secret),
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    events.tell(session, "password_reset.made", user_id=user.id)
    return settings().address_of(f"new-password?token={secret}"), f"{expires_at:%Y-%m-%d %H:%M} UTC"


def reset(session: Session, *, secret: str, password: str) -> User:
    """Give the user a new password and end all their sessions. They sign in with it, second factor and all."""
    now = session.info["now"]
    user_id = session.execute(
        update(PasswordReset)
        .where(
            PasswordReset.secret_hash == digest(secret),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now,
            PasswordReset.email_key == select(User.email_key).where(User.id == PasswordReset.user_id).scalar_subquery(),
        )
        .values(used_at=now)
        .returning(PasswordReset.user_id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    user = session.get(User, user_id) if user_id is not None else None
    if user is None or user.deactivated_at is not None:
        raise _spent()
    users.give_password(session, user, password, field="password")
    events.notify(session, user, "Your password was replaced by a mailed link")
    _end_resets(session, user)
    sessions.end_sessions(session, user.id)
    session.flush()
    return user


def _open() -> Any:
    return Invitation.accepted_at.is_(None) & Invitation.revoked_at.is_(None)


def _end_resets(session: Session, user: User) -> None:
    waiting = (PasswordReset.user_id == user.id) & PasswordReset.used_at.is_(None)
    session.execute(update(PasswordReset).where(waiting).values(used_at=session.info["now"]))


def _spent() -> LetterSpent:
    return LetterSpent("This link was used or has expired.", mend="Ask for a new one.")


def _day(instant: Any) -> str:
    return f"{instant:%Y-%m-%d}"
