"""The two questions every request answers: may this actor do it, and which rows are theirs to see."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Forbidden, NotFound
from vestry.core.model import Fact, Kept, Owned
from vestry.identity.policy import allows

Row = TypeVar("Row", bound=Owned)


def require(actor: Actor, operation: str) -> None:
    """Refuse unless the policy allows the actor's role this operation."""
    if not allows(actor.role, operation):
        raise Forbidden(
            f"The role {actor.role} may not do this ({operation}).",
            mend="Ask an administrator of your firm for a role that may.",
        )


def visible(actor: Actor, model: type[Row]) -> Select[Row]:
    """A SELECT of the rows the actor may see, archived and voided ones left out; every read begins here."""
    query = select(model).where(theirs(actor, model))
    if issubclass(model, Kept):
        query = query.where(model.archived_at.is_(None))
    if issubclass(model, Fact):
        query = query.where(model.voided_at.is_(None))
    return query


def theirs(actor: Actor, source: type[Owned] | FromClause) -> ColumnElement[bool]:
    """The condition that a row is the actor's to see, for a table or a subquery with its columns."""
    return of_firm(actor.firm_id, source)


def of_firm(firm_id: int | BindParameter[int], source: type[Owned] | FromClause) -> ColumnElement[bool]:
    """The same for a firm, or for a statement that is given the actor's firm when it runs."""
    columns: Any = source.c if isinstance(source, FromClause) else source
    condition: ColumnElement[bool] = columns.firm_id == firm_id
    return condition


def find(session: Session, actor: Actor, model: type[Row], row_id: int, *, noun: str, lock: bool = False) -> Row:
    """The one visible row with that id; missing, archived, voided and foreign ones raise the same NotFound.

    ``lock`` keeps other writers from changing it before this transaction ends: take it before checking a limit.
    """
    query = visible(actor, model).where(model.id == row_id)
    if lock:
        query = query.with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(noun)
    return row
