"""Second factors: set up, checked once each, replaced, removed; and the firm's rules about them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from vestry.core import secretbox
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Forbidden, Invalid
from vestry.core.names import role_text
from vestry.identity import events
from vestry.identity.access import find, require
from vestry.identity.factors.models import RecoveryCode, SignInRules, TotpFactor
from vestry.identity.models import Firm, User, UserSession
from vestry.identity.passkeys.models import Passkey
from vestry.identity.policy import ROLES
from vestry.identity.secrets import check_password, digest
from vestry.identity.sessions import service as sessions
from vestry.identity.signin import delays

STEP_SECONDS = 30
STEPS_AROUND = (0, -1, 1)  # a clock may be off by one step
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else
RECOVERY_CHARACTERS = 16  # 79 bits
FRESH_MINUTES = 15


class WrongCode(Invalid):
    """The code does not fit, was used before, or is of another time."""


class FactorExists(Conflict):
    """An authenticator application is set up already."""


class SecondFactorRequired(Conflict):
    """The firm asks this role for a second factor, so the last one stays."""


class NoWayBack(Invalid):
    """Nobody could sign in once the firm's directory is away."""


class ProveAgain(Forbidden):
    """This changes how one proves who one is, so the password, or a fresh sign-in, is asked for."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator application is given: the secret to type, or the address to show as a QR code."""

    secret: str
    address: str


def prove_again(session: Session, user: User, *, password: str | None, here: str | None) -> None:
    """Refuse unless the password fits; somebody without one must have signed in within the last minutes."""
    if user.password_hash is not None:
        with delays.watched(session, delays.again(user.id)):
            if not check_password(password or "", user.password_hash):
                raise ProveAgain(
                    "The password does not fit.", field="password", mend="Type the password you sign in with."
                )
        return
    since = session.info["now"] - timedelta(minutes=FRESH_MINUTES)
    fresh = select(UserSession.id).where(
        UserSession.user_id == user.id, UserSession.secret_hash == digest(here or ""), UserSession.created_at > since
    )
    if session.scalar(fresh) is None:
        raise ProveAgain("You signed in too long ago for this.", mend="Sign in again, then repeat it.")


def myself(session: Session, actor: Actor) -> User:
    """The user who acts, locked; tokens are nobody."""
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one_or_none()
    if user is None:
        raise Invalid("A token has no account of its own.", mend="Sign in as a user.")
    return user


# Codes of an authenticator application (RFC 6238: SHA-1, six digits, 30 seconds)


def begin_totp(session: Session, user: User) -> Enrolment:
    """A new secret for the user's application, which counts once a code of it was shown."""
    known = session.scalars(select(TotpFactor).where(TotpFactor.user_id == user.id)).one_or_none()
    if known is not None and known.confirmed_at is not None:
        raise FactorExists("An authenticator application is set up already.", mend="Remove it first.")
    secret = pyotp.random_base32(32)
    factor = known or TotpFactor(firm_id=user.firm_id, user_id=user.id)
    factor.secret_sealed = secretbox.seal(secret, _place(user.id))
    factor.last_step = 0
    factor.created_at = session.info["now"]
    session.add(factor)
    session.flush()
    firm = session.get_one(Firm, user.firm_id)
    issuer = f"Vestry {firm.name}".replace(":", " ")
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer))


def confirm_totp(session: Session, user: User, code: str) -> list[str]:
    """Count the application from now on, a code of which proves that it works; returns fresh recovery codes."""
    factor = session.scalars(select(TotpFactor).where(TotpFactor.user_id == user.id)).one_or_none()
    if factor is None or factor.confirmed_at is not None or not _spend_totp(session, factor, code):
        raise _wrong_code()
    factor.confirmed_at = session.info["now"]
    events.tell(session, "factor.added", user_id=user.id, factor="totp")
    events.notify(session, user, "An authenticator application was added to your account")
    return renew_recovery_codes(session, user)


def check_totp(session: Session, user: User, code: str) -> None:
    """Refuse unless the code fits and was not used before."""
    factor = session.scalars(
        select(TotpFactor).where(TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None))
    ).one_or_none()
    if factor is None or not _spend_totp(session, factor, code):
        raise _wrong_code()


def _spend_totp(session: Session, factor: TotpFactor, code: str) -> bool:
    now: datetime = session.info["now"]
    totp = pyotp.TOTP(secretbox.unseal(factor.secret_sealed, _place(factor.user_id)), interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    fitting = [
        current + offset
        for offset in STEPS_AROUND
        if hmac.compare_digest(totp.at((current + offset) * STEP_SECONDS).encode(), code.encode())
    ]
    if not fitting:
        return False
    # Two requests with one code: only one of them finds an earlier step.
    spent = session.execute(
        update(TotpFactor)
        .where(TotpFactor.id == factor.id, TotpFactor.last_step < fitting[0])
        .values(last_step=fitting[0])
        .returning(TotpFactor.id)
    )
    return spent.scalar_one_or_none() is not None


def _place(user_id: int) -> str:
    return secretbox.place(TotpFactor, "secret_sealed", user_id)


def _wrong_code() -> WrongCode:
    return WrongCode("This code does not fit, or was used.", field="code", mend="Wait for the next code and type that.")


# Recovery codes


def renew_recovery_codes(session: Session, user: User) -> list[str]:
    """Ten new codes, shown now and never again; the earlier ones are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [
        "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CHARACTERS)) for _ in range(RECOVERY_CODES)
    ]
    now = session.info["now"]
    session.add_all(
        RecoveryCode(firm_id=user.firm_id, user_id=user.id, code_hash=_code_hash(user.id, code), created_at=now)
        for code in codes
    )
    session.flush()
    events.tell(session, "recovery_codes.renewed", user_id=user.id)
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_CHARACTERS, 4)) for code in codes]


def check_recovery_code(session: Session, user: User, code: str) -> None:
    """Refuse unless the code is one of the user's and was not used; it is spent by this."""
    plain = code.replace("-", "").replace(" ", "").lower()
    spent = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _code_hash(user.id, plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=session.info["now"])
        .returning(RecoveryCode.id)
    )
    if spent.scalar_one_or_none() is None:
        raise WrongCode("This recovery code does not fit, or was used.", field="code", mend="Try the next one.")


def _code_hash(user_id: int, code: str) -> bytes:
    return digest(f"recovery code {user_id} {code}")


# What somebody has, and what the firm asks for


def held(session: Session, user: User) -> list[str]:
    """The second factors the user can show, the preferred one first."""
    has_totp = select(TotpFactor.id).where(TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None))
    found = ["totp"] if session.scalar(has_totp) is not None else []
    if session.scalar(select(Passkey.id).where(Passkey.user_id == user.id).limit(1)) is not None:
        found.append("passkey")
    if found and recovery_codes_left(session, user):
        found.append("recovery_code")
    return found


def recovery_codes_left(session: Session, user: User) -> int:
    """How many recovery codes were not used yet."""
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return session.scalars(unused).one()


def is_required(session: Session, user: User) -> bool:
    """Whether the firm asks the user's role for a second factor."""
    return user.role in rules_of(session, user.firm_id).second_factor_roles


def remove_all(session: Session, user: User) -> None:
    """Take away every second factor of a user and end their sessions; where one is required they set up a new one."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(delete(TotpFactor).where(TotpFactor.user_id == user.id))
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    sessions.end_sessions(session, user.id)
    events.tell(session, "factors.removed", user_id=user.id)
    events.notify(session, user, "Your second factor was reset")


def remove_totp(session: Session, user: User) -> None:
    """Take away the user's own application and recovery codes."""
    if is_required(session, user) and "passkey" not in held(session, user):
        raise SecondFactorRequired(
            f"Your firm asks the role {role_text(user.role)} for a second factor.",
            mend="Ask an administrator to reset your second factor; you set up a new one when you sign in next.",
        )
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(delete(TotpFactor).where(TotpFactor.user_id == user.id))
    events.tell(session, "factor.removed", user_id=user.id, factor="totp")
    events.notify(session, user, "Your authenticator application was removed from your account")


def reset_factors(session: Session, actor: Actor, user_id: int) -> User:
    """An administrator takes away the lost factors of somebody else."""
    require(actor, "user.change")
    if actor.user_id == user_id:
        raise Forbidden("Nobody resets their own second factor.", mend="Ask another administrator.")
    user = find(session, actor, User, user_id, noun="user", lock=True)
    remove_all(session, user)
    return user


def rules_of(session: Session, firm_id: int) -> SignInRules:
    """The firm's rules; the defaults for one that never set any (not stored)."""
    found = session.scalars(select(SignInRules).where(SignInRules.firm_id == firm_id)).one_or_none()
    return found or SignInRules(firm_id=firm_id, second_factor_roles=[], password_sign_in=True, break_glass=[])


def set_rules(
    session: Session,
    actor: Actor,
    *,
    second_factor_roles: Sequence[str],
    password_sign_in: bool = True,
    break_glass: Sequence[int] = (),
) -> SignInRules:
    """What the firm asks for from the next sign-in on."""
    require(actor, "sign_in_rules.change")
    unknown = set(second_factor_roles) - set(ROLES)
    if unknown:
        raise Invalid(f"There is no role {min(unknown)!r}.", field="second_factor_roles")
    session.execute(select(Firm.id).where(Firm.id == actor.firm_id).with_for_update())
    rules = rules_of(session, actor.firm_id)
    _check_glass(session, actor, password_sign_in, break_glass)
    rules.second_factor_roles = sorted(set(second_factor_roles))
    rules.password_sign_in, rules.break_glass = password_sign_in, sorted(set(break_glass))
    session.add(rules)
    session.flush()
    events.tell(session, "sign_in_rules.changed", second_factor_roles=rules.second_factor_roles)
    return rules


def _check_glass(session: Session, actor: Actor, password_sign_in: bool, break_glass: Sequence[int]) -> None:
    """Whoever breaks the glass must be able to: an active administrator with a password. Without one nobody may be
    left whom only the directory lets in."""
    query = select(func.count()).where(
        User.firm_id == actor.firm_id,
        User.id.in_(set(break_glass)),
        User.role == "administrator",
        User.deactivated_at.is_(None),
        User.password_hash.is_not(None),
    )
    if session.scalars(query).one() != len(set(break_glass)) or (not password_sign_in and not break_glass):
        raise NoWayBack(
            "Without passwords, an administrator who has one must be left for the day the directory is away.",
            field="break_glass",
            mend="Name active administrators of your firm who have a password.",
        )


def password_counts(session: Session, user: User) -> bool:
    """Whether the user may sign in by password."""
    rules = rules_of(session, user.firm_id)
    return rules.password_sign_in or user.id in rules.break_glass
