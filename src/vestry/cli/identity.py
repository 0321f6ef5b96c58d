"""``vestry token``, ``user`` and ``sign-in-link``."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from sqlalchemy.orm import Session

from vestry.all_models import metadata
from vestry.cli import local
from vestry.core import secretbox
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.identity import queries, service
from vestry.identity.door import UNKNOWN
from vestry.identity.factors.service import reset_factors as reset
from vestry.identity.grants import wanted
from vestry.identity.invitations import service as letters
from vestry.identity.models import User
from vestry.identity.signin.service import create_sign_in_link
from vestry.identity.tokens.signed import new_key as new_signing_key


def create_token(arguments: Namespace) -> int:
    """The secret is the last line, so that scripts can take it."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            _, secret = service.create_token(
                session,
                actor,
                name=arguments.name,
                role=arguments.role,
                days=arguments.days,
                grants=[wanted(text) for text in arguments.grant or ()],
                networks=arguments.network or (),
            )
    print(f"Token {arguments.name!r} with role {arguments.role}; it is shown this once:")
    print(secret)
    return 0


def create_user(arguments: Namespace) -> int:
    """A user without a password, and the link that lets them in to set one."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            user = service.add_user(
                session,
                actor,
                email=arguments.email,
                name=arguments.name,
                role=arguments.role,
                grants=[asdict(wanted(text)) for text in arguments.grant or ()],
            )
            secret = create_sign_in_link(session, user)
    print(local.link_address(secret))
    return 0


def invite(arguments: Namespace) -> int:
    """An invitation: mailed, and its link printed last."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            _, link = letters.invite(
                session,
                actor,
                email=arguments.email,
                name=arguments.name,
                role=arguments.role,
                grants=[asdict(wanted(text)) for text in arguments.grant or ()],
            )
    print(link)
    return 0


def password_reset(arguments: Namespace) -> int:
    """A link to a new password; it signs nobody in."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            link, _ = letters.create_reset(session, _person(session, actor, arguments.email))
    print(link)
    return 0


def reset_factors(arguments: Namespace) -> int:
    """For whoever lost both the application and the recovery codes."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            reset(session, actor, _person(session, actor, arguments.email).id)
    print(f"{arguments.email} signs in without a second factor once, and sets one up where the firm asks for it.")
    return 0


def new_key(_: Namespace) -> int:
    """A fresh key for VESTRY_ENCRYPTION_KEYS, to stand before the others."""
    print(secretbox.new_key())
    return 0


def rotate_keys(_: Namespace) -> int:
    """Everything under the first key, in one transaction: after it the earlier keys open nothing that is kept. Access
    tokens are signed with a new key from then on."""
    with local.opened() as database, database.transaction(UNKNOWN) as session:
        done = secretbox.rewrap(session, metadata)
        new_signing_key(session)
    for column, count in sorted(done.items()):
        print(f"{column}: {count} sealed again")
    print(f"Everything is under the key {secretbox.current_key_id()}.")
    return 0


def _person(session: Session, actor: Actor, email: str) -> User:
    user = queries.user_by_email(session, email)
    if user is None or user.firm_id != actor.firm_id:
        raise NotFound("user")
    return user


def sign_in_link(arguments: Namespace) -> int:
    """A fresh link for a person of the firm."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            user = (
                queries.user_by_email(session, arguments.email)
                if arguments.email
                else local.administrator(session, actor)
            )
            if user is None or user.firm_id != actor.firm_id:
                raise NotFound("user")
            secret = create_sign_in_link(session, user)
    print(local.link_address(secret))
    return 0
