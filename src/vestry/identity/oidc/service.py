"""Directories of the firm, and signing in by them."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vestry.core import secretbox
from vestry.core.actor import WHOLE, Actor
from vestry.core.db import Database
from vestry.core.errors import Conflict, Forbidden, Invalid, NotFound, VestryError
from vestry.core.fields import name_key
from vestry.core.versions import expect_version
from vestry.identity import events
from vestry.identity import grants as granting
from vestry.identity import service as users
from vestry.identity.access import find, require, visible
from vestry.identity.door import UNKNOWN
from vestry.identity.factors import service as factors
from vestry.identity.invitations.models import Invitation
from vestry.identity.models import User
from vestry.identity.oidc import protocol
from vestry.identity.oidc.models import ExternalIdentity, IdentityProvider
from vestry.identity.oidc.protocol import DirectoryRefused
from vestry.identity.passkeys.models import Ceremony
from vestry.identity.policy import ROLES
from vestry.identity.secrets import digest
from vestry.identity.sessions.visits import Visit
from vestry.identity.signin.service import Admission, admit
from vestry.integrations import outbound

LASTS = timedelta(minutes=10)
FIELDS: Final = ("name", "issuer", "client_id", "scopes", "groups_claim", "second_factor_done", "is_listed")


class NotInvited(Forbidden):
    """The directory knows this person; the firm has not let them in."""


class NoRoleByGroups(Forbidden):
    """None of the person's groups in the directory has a role here."""


class WrongIssuer(Invalid):
    """That is not the address of a directory."""


class IdentityTaken(Conflict):
    """This account of the directory signs another user in."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in by a directory: where the browser goes, and the cookie that binds it to this browser."""

    url: str
    cookie: str


# Directories, by administrators


def create_provider(
    session: Session, actor: Actor, *, client_secret: str | None = None, **fields: Any
) -> IdentityProvider:
    """A directory of the firm; it is asked for its description when somebody signs in."""
    require(actor, "identity_provider.change")
    provider = IdentityProvider(firm_id=actor.firm_id)
    _set(provider, fields)
    session.add(provider)
    session.flush()
    _seal(provider, client_secret)
    session.flush()
    return provider


def change_provider(
    session: Session,
    actor: Actor,
    provider_id: int,
    *,
    client_secret: str | None = None,
    version: int | None = None,
    **fields: Any,
) -> IdentityProvider:
    """Correct a directory; without a secret the one that is kept stays."""
    require(actor, "identity_provider.change")
    provider = find(session, actor, IdentityProvider, provider_id, noun="identity provider", lock=True)
    expect_version(provider, version)
    _set(provider, fields)
    if client_secret is not None:
        _seal(provider, client_secret)
    session.flush()
    return provider


def archive_provider(session: Session, actor: Actor, provider_id: int) -> None:
    """Sign nobody in by this directory any more."""
    require(actor, "identity_provider.change")
    provider = find(session, actor, IdentityProvider, provider_id, noun="identity provider", lock=True)
    provider.archived_at = session.info["now"]
    session.flush()


def _set(provider: IdentityProvider, fields: dict[str, Any]) -> None:
    try:
        outbound.check_address(fields["issuer"])
    except outbound.OutboundRefused as error:
        raise WrongIssuer(error.message, field="issuer", mend=error.mend) from None
    for pair in fields["role_by_group"]:
        if pair["role"] not in ROLES:
            raise Invalid(f"There is no role {pair['role']!r}.", field="role_by_group")
    for name in FIELDS:
        setattr(provider, name, fields[name])
    if "openid" not in provider.scopes.split():
        raise Invalid("The scopes must name openid.", field="scopes", mend="Write: openid email profile")
    provider.role_by_group = [[pair["group"], pair["role"]] for pair in fields["role_by_group"]]


def _seal(provider: IdentityProvider, client_secret: str | None) -> None:
    provider.secret_sealed = None if client_secret is None else secretbox.seal(client_secret, _place(provider))


def _place(provider: IdentityProvider) -> str:
    return secretbox.place(IdentityProvider, "secret_sealed", provider.id)


# Signing in


def listed(session: Session) -> list[IdentityProvider]:
    """The directories that the sign-in page shows to everybody."""
    query = select(IdentityProvider).where(IdentityProvider.is_listed, IdentityProvider.archived_at.is_(None))
    return list(session.scalars(query.order_by(IdentityProvider.name, IdentityProvider.id)))


def begin(database: Database, provider_id: int, *, redirect: str, user: User | None = None) -> Begun:
    """Send a browser to the directory: to sign somebody in, or to link the account of a user who is signed in."""
    with database.reading(UNKNOWN) as session:
        client = _client(_provider(session, provider_id, user.firm_id if user else None), redirect)
    about = protocol.discover(client.issuer)  # may take seconds: no transaction waits for it
    cookie = secrets.token_urlsafe(32)
    with database.transaction(UNKNOWN) as session:
        now = session.info["now"]
        session.execute(delete(Ceremony).where(Ceremony.expires_at < now))
        session.add(
            Ceremony(
                kind=_kind(provider_id),
                secret_hash=digest(cookie),
                user_id=user.id if user else None,
                expires_at=now + LASTS,
            )
        )
    return Begun(protocol.authorization_url(client, about, protocol.secrets_of(cookie)), cookie)


def finish(
    database: Database, visit: Visit, *, cookie: str | None, state: str, code: str, issuer: str | None, redirect: str
) -> Admission:
    """Sign in whoever comes back from the directory with a code for the sign-in that this browser began."""
    bound = protocol.secrets_of(cookie or "")
    if not cookie or not hmac.compare_digest(bound.state.encode(), state.encode("utf-8", "replace")):
        raise _not_begun()
    with database.transaction(UNKNOWN) as session:  # good once, whatever comes of it
        begun = session.execute(
            delete(Ceremony)
            .where(Ceremony.secret_hash == digest(cookie), Ceremony.expires_at > session.info["now"])
            .returning(Ceremony.kind, Ceremony.user_id)
        ).one_or_none()
    if begun is None or not begun.kind.startswith("oidc."):
        raise _not_begun()
    provider_id = int(begun.kind.removeprefix("oidc."))
    with database.reading(UNKNOWN) as session:
        provider = _provider(session, provider_id, None)
        client = _client(provider, redirect)
        now = session.info["now"]
        firm_id, proof = provider.firm_id, f"directory {provider.id}"
    try:
        if issuer is not None and issuer != client.issuer:
            raise DirectoryRefused("The answer is from another directory than the one asked.", mend="Sign in again.")
        claims = protocol.claims_for(client, protocol.discover(client.issuer), bound, code=code, now=now)
        with database.transaction(UNKNOWN) as session:
            provider = _provider(session, provider_id, None)
            user = _person(session, provider, client.issuer, claims, begun.user_id)
            return admit(session, user, visit, proof=proof, is_enough=provider.second_factor_done)
    except VestryError:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, None, proof=proof, firm_id=firm_id)
        raise


def _person(
    session: Session, provider: IdentityProvider, issuer: str, claims: dict[str, Any], linking: int | None
) -> User:
    """Who signs in: known by issuer and subject, linking an own account, or invited at a verified address."""
    known = session.scalars(
        select(ExternalIdentity)
        .where(
            ExternalIdentity.provider_id == provider.id,
            ExternalIdentity.issuer == issuer,
            ExternalIdentity.subject == claims["sub"],
        )
        .with_for_update()
    ).one_or_none()
    if known is not None:
        if linking is not None and known.user_id != linking:
            raise IdentityTaken("This account signs another user in.", mend="Sign in as that user.")
        known.used_at = session.info["now"]
        user = session.get_one(User, known.user_id)
    elif linking is not None:
        user = session.get_one(User, linking)
    else:
        user = _invited(session, provider, claims)
    if user.deactivated_at is not None or user.firm_id != provider.firm_id:
        raise _not_invited()
    if known is None:
        _link(session, provider, issuer, claims, user)
    _take_role(session, provider, claims, user)
    return user


def _invited(session: Session, provider: IdentityProvider, claims: dict[str, Any]) -> User:
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        raise _not_invited()
    invitation = session.scalars(
        select(Invitation)
        .where(
            Invitation.firm_id == provider.firm_id,
            Invitation.email_key == name_key(email),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > session.info["now"],
        )
        .with_for_update()
    ).one_or_none()
    if invitation is None:
        raise _not_invited()
    invitation.accepted_at = session.info["now"]
    user = users.create_user(
        session,
        _firm(provider, invitation.invited_by),
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,
        grants=[granting.Wanted(**one) for one in invitation.grants],
    )
    invitation.user_id = user.id
    return user


def _link(session: Session, provider: IdentityProvider, issuer: str, claims: dict[str, Any], user: User) -> None:
    email = claims.get("email")
    session.add(
        ExternalIdentity(
            firm_id=provider.firm_id,
            user_id=user.id,
            provider_id=provider.id,
            issuer=issuer,
            subject=claims["sub"],
            email=email[:254] if isinstance(email, str) else None,
            created_at=session.info["now"],
            used_at=session.info["now"],
        )
    )
    session.flush()
    events.tell(session, "identity.linked", user_id=user.id, provider_id=provider.id)
    events.notify(session, user, f"An account of {provider.name} signs you in")


def _take_role(session: Session, provider: IdentityProvider, claims: dict[str, Any], user: User) -> None:
    """The role that the person's groups give now; those who may break the glass keep theirs."""
    rules = factors.rules_of(session, provider.firm_id)
    if not provider.role_by_group or user.id in (rules.break_glass or ()):
        return
    given = claims.get(provider.groups_claim)
    groups = set(given) if isinstance(given, list) and all(isinstance(one, str) for one in given) else set()
    role = next((role for group, role in provider.role_by_group if group in groups), None)
    if role is None:
        raise NoRoleByGroups(
            "None of your groups in the directory has a role here.", mend="Ask an administrator of your firm."
        )
    if role != user.role:
        users.change_user(session, _firm(provider, None), user.id, name=user.name, role=role)


def _firm(provider: IdentityProvider, user_id: int | None) -> Actor:
    return Actor("job", provider.firm_id, "administrator", user_id=user_id, scope=WHOLE, name=provider.name)


def _provider(session: Session, provider_id: int, firm_id: int | None) -> IdentityProvider:
    provider = session.get(IdentityProvider, provider_id)
    if provider is None or provider.archived_at is not None or firm_id not in (None, provider.firm_id):
        raise NotFound("identity provider")
    return provider


def _client(provider: IdentityProvider, redirect: str) -> protocol.Client:
    sealed = provider.secret_sealed
    secret = None if sealed is None else secretbox.unseal(sealed, _place(provider))
    return protocol.Client(provider.issuer, provider.client_id, secret, provider.scopes, redirect)


def _kind(provider_id: int) -> str:
    return f"oidc.{provider_id}"


def _not_begun() -> DirectoryRefused:
    return DirectoryRefused("This sign-in was not begun in this browser, or too long ago.", mend="Sign in again.")


def _not_invited() -> NotInvited:
    return NotInvited(
        "Your account is not known here.",
        mend="Sign in the way you do today and link the account, or ask for an invitation to its verified address.",
    )


# One's own accounts in directories


def mine(session: Session, actor: Actor) -> list[tuple[ExternalIdentity, str]]:
    """One's own linked accounts with their directory's name, the oldest first."""
    query = (
        select(ExternalIdentity, IdentityProvider.name)
        .join(IdentityProvider, IdentityProvider.id == ExternalIdentity.provider_id)
        .where(ExternalIdentity.firm_id == actor.firm_id, ExternalIdentity.user_id == actor.user_id)
    )
    return [(one, name) for one, name in session.execute(query.order_by(ExternalIdentity.id))]


def unlink(session: Session, actor: Actor, identity_id: int) -> None:
    """Sign in by that account no more."""
    for one, _ in mine(session, actor):
        if one.id == identity_id:
            session.delete(one)
            session.flush()
            events.tell(session, "identity.unlinked", user_id=actor.user_id, provider_id=one.provider_id)
            return
    raise NotFound("linked account")


def providers(session: Session, actor: Actor) -> list[IdentityProvider]:
    """The firm's directories, the oldest first."""
    return list(session.scalars(visible(actor, IdentityProvider).order_by(IdentityProvider.id)))
