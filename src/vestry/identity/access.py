"""The two questions every request answers: may this actor do it, and which rows are theirs to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, and_, select
from sqlalchemy.orm import Session

from vestry.core.actor import WHOLE, Actor
from vestry.core.db import act_as
from vestry.core.errors import Forbidden, NotFound
from vestry.core.model import Fact, Kept, Owned
from vestry.core.names import role_text
from vestry.identity import reach
from vestry.identity.policy import allows, hides, needs_firm

Row = TypeVar("Row", bound=Owned)


def permits(actor: Actor, operation: str) -> bool:
    """Whether the policy allows the actor this operation on anything."""
    return allows(actor.role, operation) and (actor.sees.whole or not needs_firm(operation))


def require(actor: Actor, operation: str) -> None:
    """Refuse unless the policy allows the actor's role this operation."""
    if not allows(actor.role, operation):
        raise Forbidden(
            f"The role {role_text(actor.role)} may not do this ({operation}).",
            mend="Ask an administrator of your firm for a role that may.",
        )
    if needs_firm(operation) and not actor.sees.whole:
        raise Forbidden(
            f"This is for those who see the whole firm ({operation}).",
            mend="Ask an administrator of your firm for a grant on the firm.",
        )


def visible(actor: Actor, model: type[Row], *, to_change: bool = False) -> Select[Row]:
    """A SELECT of the rows the actor may see, archived and voided ones left out; every read begins here.

    ``to_change``: those whose own record is theirs to change, where seeing it is not enough.
    """
    query = select(model).where(theirs(actor, model, to_change=to_change))
    if issubclass(model, Kept):
        query = query.where(model.archived_at.is_(None))
    if issubclass(model, Fact):
        query = query.where(model.voided_at.is_(None))
    return query


def theirs(actor: Actor, source: type[Owned] | FromClause, *, to_change: bool = False) -> ColumnElement[bool]:
    """The condition that a row is the actor's to see, for a table or a subquery with its columns."""
    firm = of_firm(actor.firm_id, source)
    return firm if actor.sees.whole else and_(firm, reach.shown(source, actor, to_change=to_change))


def of_firm(firm_id: int | BindParameter[int], source: type[Owned] | FromClause) -> ColumnElement[bool]:
    """The condition for whoever sees the whole firm, or for a statement that is given the firm when it runs."""
    columns: Any = source.c if isinstance(source, FromClause) else source
    condition: ColumnElement[bool] = columns.firm_id == firm_id
    return condition


@contextmanager
def whole_firm(session: Session, actor: Actor) -> Iterator[Actor]:
    """The firm itself, for what is derived from everything in it whoever asks: tallies, and what is published.

    Whatever is read so must not reach the actor but as the sum the policy lets them see.
    """
    if actor.sees.whole:
        yield actor
        return
    firm = Actor("job", actor.firm_id, actor.role, name=actor.name, request_id=actor.request_id, scope=WHOLE)
    act_as(session, firm)
    try:
        yield firm
    finally:
        if session.is_active:
            act_as(session, actor)


def without_hidden(actor: Actor, record: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with null in the fields that the actor's role does not see of this record."""
    return {name: None if hides(actor.role, record, name) else value for name, value in row.items()}


def find(session: Session, actor: Actor, model: type[Row], row_id: int, *, noun: str, lock: bool = False) -> Row:
    """The one visible row with that id; missing, archived, voided and foreign ones raise the same NotFound.

    ``lock`` keeps other writers from changing it before this transaction ends: take it before checking a limit. A row
    is locked to be changed, so a fund, company or investor that is merely seen by way of something else is not found.
    """
    query = visible(actor, model, to_change=lock).where(model.id == row_id)
    if lock:
        query = query.with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(noun)
    return row
