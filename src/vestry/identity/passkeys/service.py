"""Passkeys: registered, shown to sign in or as second factor, renamed, removed."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any, Final

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound, Unauthenticated, VestryError
from vestry.core.http import strict_json
from vestry.core.names import role_text
from vestry.identity import events
from vestry.identity.factors import service as factors
from vestry.identity.models import User
from vestry.identity.passkeys.models import Ceremony, Passkey
from vestry.identity.secrets import digest
from vestry.identity.sites import Site

LASTS = timedelta(minutes=5)
PASSKEYS_MAX = 20
REGISTER, SIGN_IN, SECOND_STEP = "passkey.register", "passkey.sign_in", "passkey.second"
_WRONG: Final = (WebAuthnException, ValueError, KeyError, TypeError)


class PasskeyRefused(Unauthenticated):
    """The passkey is not known here, belongs to another site, or answers another question than ours."""


class PasskeyNotTaken(Invalid):
    """What the device sent is no new passkey for this site."""


class TooManyPasskeys(Conflict):
    """Nobody needs that many devices."""


def begin_registration(session: Session, user: User, site: Site) -> Any:
    """What ``navigator.credentials.create`` is given, for a user who has proved again who they are."""
    known = mine(session, user.firm_id, user.id)
    if len(known) >= PASSKEYS_MAX:
        raise TooManyPasskeys(f"You have {len(known)} passkeys.", mend="Remove one first.")
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Vestry",
        user_id=_handle(user.id),
        user_name=user.email,
        user_display_name=user.name,
        challenge=_begin(session, REGISTER, user.id),
        timeout=int(LASTS.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return json.loads(webauthn.options_to_json(options))


def register(session: Session, user: User, site: Site, *, name: str, credential: str) -> Passkey:
    """Keep the new passkey of a device."""
    try:
        sent = strict_json(credential.encode())
        challenge = _challenge(sent)
        _finish(session, REGISTER, challenge, user.id)
        found = webauthn.verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (*_WRONG, VestryError):
        raise PasskeyNotTaken(
            "This is no new passkey for this site.", field="credential", mend="Begin again."
        ) from None
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == found.credential_id)):
        raise PasskeyNotTaken("This passkey is known already.", field="credential", mend="Use another device.")
    transports = sent["response"].get("transports")
    passkey = Passkey(
        firm_id=user.firm_id,
        user_id=user.id,
        name=name,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=[one for one in transports if isinstance(one, str)][:10] if isinstance(transports, list) else [],
        is_synced=found.credential_backed_up,
        created_at=session.info["now"],
    )
    session.add(passkey)
    session.flush()
    events.tell(session, "factor.added", user_id=user.id, factor="passkey")
    events.notify(session, user, "A passkey was added to your account")
    return passkey


def begin_sign_in(session: Session, site: Site, user: User | None = None) -> Any:
    """What ``navigator.credentials.get`` is given: any passkey of this site, or as second factor one of the user's."""
    allowed = mine(session, user.firm_id, user.id) if user else []
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_begin(session, SECOND_STEP if user else SIGN_IN, user.id if user else None),
        timeout=int(LASTS.total_seconds() * 1000),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in allowed] or None,
        user_verification=UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED,
    )
    return json.loads(webauthn.options_to_json(options))


def show(session: Session, site: Site, *, credential: str, user: User | None = None) -> User:
    """Whom the passkey proves. On its own it must have checked its owner too (by finger, face or code)."""
    try:
        sent = strict_json(credential.encode())
        challenge = _challenge(sent)
        _finish(session, SECOND_STEP if user else SIGN_IN, challenge, user.id if user else None)
        passkey = session.scalars(
            select(Passkey).where(Passkey.credential_id == base64url_to_bytes(sent["id"])).with_for_update()
        ).one()
        owner = session.get_one(User, passkey.user_id)
        handle = sent["response"].get("userHandle")
        if owner.deactivated_at is not None or (user is not None and owner.id != user.id):
            raise ValueError("another user's passkey")
        if (user is None or handle) and base64url_to_bytes(handle) != _handle(owner.id):
            raise ValueError("another user's handle")
        found = webauthn.verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=user is None,
        )
    except (*_WRONG, VestryError, NoResultFound):
        raise _refused() from None
    passkey.sign_count, passkey.used_at = found.new_sign_count, session.info["now"]
    session.flush()
    return owner


def mine(session: Session, firm_id: int, user_id: int | None) -> list[Passkey]:
    """A user's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.firm_id == firm_id, Passkey.user_id == user_id)
    return list(session.scalars(query.order_by(Passkey.id)))


def rename(session: Session, actor: Actor, passkey_id: int, *, name: str) -> Passkey:
    """Call one's own passkey something else."""
    passkey = _own(session, actor, passkey_id)
    passkey.name = name
    session.flush()
    return passkey


def remove(session: Session, user: User, actor: Actor, passkey_id: int) -> None:
    """Take one of one's own passkeys away; it opens nothing from then on."""
    passkey = _own(session, actor, passkey_id)
    is_last = "totp" not in factors.held(session, user) and len(mine(session, user.firm_id, user.id)) == 1
    if is_last and factors.is_required(session, user):
        raise factors.SecondFactorRequired(
            f"Your firm asks the role {role_text(user.role)} for a second factor.", mend="Set up another one first."
        )
    session.delete(passkey)
    session.flush()
    events.tell(session, "factor.removed", user_id=user.id, factor="passkey")
    events.notify(session, user, "A passkey was removed from your account")


def _own(session: Session, actor: Actor, passkey_id: int) -> Passkey:
    for passkey in mine(session, actor.firm_id, actor.user_id):
        if passkey.id == passkey_id:
            return passkey
    raise NotFound("passkey")


def _begin(session: Session, kind: str, user_id: int | None) -> bytes:
    now, challenge = session.info["now"], secrets.token_bytes(32)
    session.execute(delete(Ceremony).where(Ceremony.expires_at < now))
    session.add(Ceremony(kind=kind, secret_hash=digest(challenge.hex()), user_id=user_id, expires_at=now + LASTS))
    session.flush()
    return challenge


def _finish(session: Session, kind: str, challenge: bytes, user_id: int | None) -> None:
    whose = Ceremony.user_id.is_(None) if user_id is None else Ceremony.user_id == user_id
    done = session.execute(
        delete(Ceremony)
        .where(
            Ceremony.kind == kind,
            Ceremony.secret_hash == digest(challenge.hex()),
            Ceremony.expires_at > session.info["now"],
            whose,
        )
        .returning(Ceremony.id)
    )
    if done.scalar_one_or_none() is None:
        raise _refused()


def _challenge(sent: Any) -> bytes:
    client: Any = json.loads(base64url_to_bytes(sent["response"]["clientDataJSON"]))
    return base64url_to_bytes(client["challenge"])


def _handle(user_id: int) -> bytes:
    return f"vestry-user-{user_id}".encode()


def _refused() -> PasskeyRefused:
    return PasskeyRefused("This passkey opens nothing here.", mend="Try again, or sign in another way.")
