"""Signing in: prove who it is, then open a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from vestry.core.db import Database
from vestry.core.errors import Forbidden, Unauthenticated, VestryError
from vestry.identity import events, queries
from vestry.identity.door import UNKNOWN, nobody
from vestry.identity.factors import service as factors
from vestry.identity.models import SignInLink, User, UserSession
from vestry.identity.secrets import check_password, digest, new_secret
from vestry.identity.sessions.queries import unfinished as unfinished_session
from vestry.identity.sessions.service import open_session
from vestry.identity.sessions.visits import Visit
from vestry.identity.signin import delays

LINK_MINUTES = 60
Check = Callable[[Session, User], object]


@dataclass(frozen=True, slots=True)
class Admission:
    """A session that was opened: its cookie's secret, its stage, and the second factors that can be shown next."""

    secret: str
    stage: str
    factors: tuple[str, ...]


class WrongCredentials(Unauthenticated):
    """Unknown address or wrong password: the same answer for both."""


class PasswordSignInOff(Forbidden):
    """The password is right, and the firm takes none."""


class LinkSpent(Unauthenticated):
    """The sign-in link was used, has expired, or never was."""


def sign_in(database: Database, visit: Visit, *, email: str, password: str) -> Admission:
    """Open a session by password.

    Three transactions: the try is counted, then checked (slow on purpose, so nobody's writing waits for it), then
    taken back with the session's opening when it was good.
    """
    tries = delays.counted(email, visit.address)
    with database.transaction(UNKNOWN) as session:
        delays.reserve(session, *tries)
    try:
        with database.reading(UNKNOWN) as session:
            user = prove(session, email=email, password=password)
    except WrongCredentials:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, queries.user_by_email(session, email), proof="password")
        raise
    with database.transaction(UNKNOWN) as session:
        delays.forgive(session, *tries)
        user = session.merge(user, load=False)
        if not factors.password_counts(session, user):
            raise PasswordSignInOff(
                "Your firm signs in by its directory, or by passkey.", mend="Choose the directory on the sign-in page."
            )
        return admit(session, user, visit, proof="password")


def prove(session: Session, *, email: str, password: str) -> User:
    """The active user whom the password proves; as slow for an unknown address as for a known one."""
    user = queries.user_by_email(session, email)
    if not check_password(password, user.password_hash if user else None) or user is None:
        events.tell(session, "sign_in.failed", user_id=user.id if user else None, proof="password")
        raise WrongCredentials("The address or the password is wrong.", mend="Check both and try again.")
    return user


def admit(session: Session, user: User, visit: Visit, *, proof: str, is_enough: bool = False) -> Admission:
    """The session that this proof earns the user: a full one where it ``is_enough`` or no more is asked for."""
    shown = [] if is_enough else factors.held(session, user)
    stage = "second_step" if shown else "full"
    if not is_enough and not shown and factors.is_required(session, user):
        stage = "enrol"
    secret = open_session(session, user, visit, proof=proof, stage=stage)
    return Admission(secret, stage, tuple(shown))


def second_step(database: Database, visit: Visit, secret: str | None, *, proof: str, check: Check) -> Admission:
    """Open the session of somebody who shows a second factor; ``check`` refuses one that does not fit.

    Failures count for the user from wherever they come: whoever gets here knows the password already.
    """
    with database.transaction(UNKNOWN) as session:
        _, user = _unfinished(session, secret, "second_step")
        user_id = user.id
        tries = delays.again(user_id)
        delays.reserve(session, tries)
    try:
        with database.transaction(UNKNOWN) as session:
            unfinished, user = _unfinished(session, secret, "second_step")
            check(session, user)
            delays.forgive(session, tries)
            return _finish(session, unfinished, user, visit, proof)
    except VestryError:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, session.get(User, user_id), proof=proof)
        raise


def waiting_for_second_step(session: Session, secret: str | None) -> User:
    """Whose second factor the session of that cookie waits for."""
    return _unfinished(session, secret, "second_step")[1]


def next_step(session: Session, secret: str | None) -> Admission:
    """What is asked for before the session of that cookie opens."""
    for stage in ("second_step", "enrol"):
        found = unfinished_session(session, secret, stage)
        if found is not None:
            return Admission(secret or "", stage, tuple(factors.held(session, found[1])))
    raise nobody()


def begin_enrolment(session: Session, secret: str | None) -> factors.Enrolment:
    """The secret for the application of somebody whose firm asks for a second factor they do not have yet."""
    _, user = _unfinished(session, secret, "enrol")
    return factors.begin_totp(session, user)


def finish_enrolment(database: Database, visit: Visit, secret: str | None, *, code: str) -> tuple[Admission, list[str]]:
    """Open the session of somebody whose new application shows this code; returns recovery codes too."""
    with database.reading(UNKNOWN) as session:
        user_id = _unfinished(session, secret, "enrol")[1].id
    try:
        with database.transaction(UNKNOWN) as session:
            unfinished, user = _unfinished(session, secret, "enrol")
            codes = factors.confirm_totp(session, user, code)
            return _finish(session, unfinished, user, visit, "totp"), codes
    except factors.WrongCode:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, session.get(User, user_id), proof="totp")
        raise


def _finish(session: Session, unfinished: UserSession, user: User, visit: Visit, proof: str) -> Admission:
    unfinished.ended_at = session.info["now"]
    secret = open_session(session, user, visit, proof=f"{unfinished.proof}+{proof}")
    return Admission(secret, "full", ())


def _unfinished(session: Session, secret: str | None, stage: str) -> tuple[UserSession, User]:
    found = unfinished_session(session, secret, stage)
    if found is None:
        raise nobody()
    return found


def sign_in_by_link(session: Session, visit: Visit, *, secret: str) -> Admission:
    """Spend a one-use link and open a session."""
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
    return admit(session, user, visit, proof="link")


def create_sign_in_link(session: Session, user: User) -> str:
    """A secret that signs the user in once within the hour."""
    secret, now = new_secret("vl"), session.info["now"]
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
