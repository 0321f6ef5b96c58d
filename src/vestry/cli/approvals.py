"""``vestry approval …``: what waits for a second person, and the decision on it.

The command line itself is nobody, so whoever decides proves who they are by a token of theirs.
"""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.approvals import queries, service
from vestry.approvals.models import ApprovalRequest
from vestry.capital import calls, distributions
from vestry.cli import local
from vestry.core import encoding
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Unauthenticated
from vestry.identity import grants
from vestry.identity.access import theirs
from vestry.identity.queries import token_actor
from vestry.imports import service as imports
from vestry.imports import undo
from vestry.valuations import service as valuations

DONE_BY = (calls, distributions, grants, imports, undo, valuations)  # what waits is done by their functions
Decision = Callable[[Session, Actor, int], ApprovalRequest]


def list_requests(arguments: Namespace) -> int:
    """Requests of a state, the oldest first."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            query = select(ApprovalRequest).where(theirs(actor, ApprovalRequest), _state(arguments))
            found = [queries.shown(one) for one in session.scalars(query.order_by(ApprovalRequest.id))]
    if arguments.json:
        print(encoding.dumps(found).decode())
        return 0
    for one in found:
        print(_line(one))
    print(f"{len(found)} {arguments.state}")
    return 0


def show(arguments: Namespace) -> int:
    """One request as JSON, with every row it would change, before and after."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            print(encoding.dumps(queries.get_request(session, actor, arguments.id)).decode())
    return 0


def approve(arguments: Namespace) -> int:
    """Do what was asked for, as the person of the token."""
    return _decide(arguments, service.approve)


def refuse(arguments: Namespace) -> int:
    """Say no, and why, as the person of the token."""
    return _decide(arguments, lambda session, actor, id_: service.refuse(session, actor, id_, arguments.reason))


def withdraw(arguments: Namespace) -> int:
    """Take back what the command line asked for."""
    with local.opened() as database:
        _done(database, local.local_actor(database), arguments.id, service.withdraw)
    return 0


def _decide(arguments: Namespace, decision: Decision) -> int:
    with local.opened() as database:
        with database.looking() as reader:
            actor = token_actor(reader, _secret())
        if actor is None:
            raise Unauthenticated(
                "That is no token in force.", mend="Make one for the person who decides: vestry token create, or POST "
                "/api/v1/tokens when signed in.",
            )  # fmt: skip
        _done(database, actor, arguments.id, decision)
    return 0


def _done(database: Database, actor: Actor, request_id: int, decision: Decision) -> None:
    with database.transaction(actor) as session:
        line = _line(queries.shown(decision(session, actor, request_id)))
    print(line)


def _secret() -> str:
    """The token, typed unseen or piped in: an argument would stand in the list of processes."""
    return (getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _state(arguments: Namespace) -> Any:
    return ApprovalRequest.state == arguments.state


def _line(one: dict[str, Any]) -> str:
    words = f"{one['id']}  {one['state']}  {one['operation']}"
    about = f" {one['about']}" if one["about"] is not None else ""
    amount = f"  {one['amount']:,f} {one['currency'] or ''}".rstrip() if one["amount"] is not None else ""
    return f"{words}{about}{amount}  by {one['maker_name']}"
