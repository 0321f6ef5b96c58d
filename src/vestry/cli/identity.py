"""``vestry token``, ``user`` and ``sign-in-link``."""

from __future__ import annotations

from argparse import Namespace

from vestry.cli import local
from vestry.core.errors import NotFound
from vestry.identity import queries, service


def create_token(arguments: Namespace) -> int:
    """The secret is the last line, so that scripts can take it."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            _, secret = service.create_token(
                session, actor, name=arguments.name, role=arguments.role, days=arguments.days
            )
    print(f"Token {arguments.name!r} with role {arguments.role}; it is shown this once:")
    print(secret)
    return 0


def create_user(arguments: Namespace) -> int:
    """A user without a password, and the link that lets them in to set one."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.transaction(actor) as session:
            user = service.create_user(session, actor, email=arguments.email, name=arguments.name, role=arguments.role)
            secret = service.create_sign_in_link(session, user)
    print(local.link_address(secret))
    return 0


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
            secret = service.create_sign_in_link(session, user)
    print(local.link_address(secret))
    return 0
