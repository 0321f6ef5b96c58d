"""Finds all that is kept about a person: by the tables' own keys, so that a table of tomorrow is found too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Table, func, or_, select
from sqlalchemy.orm import Session

from vestry.audit.models import AuditRow
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import name_key
from vestry.core.model import Base
from vestry.identity.access import require, visible
from vestry.identity.models import User
from vestry.investors.models import Investor
from vestry.requests.models import DataRequest, SubmittedValue

Rows = list[dict[str, Any]]
# Beside the bytes, which are all digests, keys and sealed secrets.
_SECRETS = frozenset({"password_hash", "before", "after"})
_MADE_BY = ("created_by", "invited_by", "granted_by", "revoked_by", "recorded_by", "verified_by", "decided_by")
# Columns that hold an address as it was written; ``email_key`` holds it folded.
ADDRESSES = ("recipient", "submitted_by", "attached_by")
# Tables that know people without an account, and the letter of the pseudonym of whoever is known by them alone.
_KNOWN_BY = {
    "company_recipient": "c",
    "form_link": "f",
    "data_request": "r",
    "request_attachment": "a",
    "invitation": "n",
    "mail_delivery": "m",
}


@dataclass(frozen=True, slots=True)
class Person:
    """An address, the user who has it and the investors who can be reached there, or the first row that names it:
    one of them at least. ``noun`` and ``id`` are the record that stands for the person once the address is gone."""

    email: str
    key: str
    user: User | None
    investors: tuple[Investor, ...]
    noun: str
    id: int

    @property
    def number(self) -> str:
        """The person's name once they are erased: ``u12`` for user 12."""
        return f"{_KNOWN_BY.get(self.noun, self.noun[0])}{self.id}"


def find_person(session: Session, actor: Actor, email: str) -> Person:
    """Whoever has the address in the actor's firm; raises NotFound where nobody does."""
    require(actor, "user.change")
    key = name_key(email)
    user = session.scalars(visible(actor, User).where(User.email_key == key)).one_or_none()
    reached = select(Investor).where(Investor.firm_id == actor.firm_id, func.lower(Investor.email) == key)
    investors = tuple(session.scalars(reached.order_by(Investor.id)))
    if user is not None:
        return Person(email, key, user, investors, "user", user.id)
    if investors:
        return Person(email, key, None, investors, "investor", investors[0].id)
    for noun in _KNOWN_BY:
        table = Base.metadata.tables[noun]
        named = or_(*_addressed(table, key)) & (table.c.firm_id == actor.firm_id)
        first = session.scalar(select(func.min(table.c.id)).where(named))
        if first is not None:
            return Person(email, key, None, (), noun, first)
    raise NotFound("person")


def everything_about(session: Session, actor: Actor, email: str) -> dict[str, Any]:
    """All that is kept about the person, table by table, without what is secret even from them.

    ``made`` counts, by table and column, the records of the firm's books that name them as whoever made these.
    """
    person = find_person(session, actor, email)
    found: dict[str, Any] = {"email": person.email, "exported_at": session.info["now"]}
    user = person.user
    for table in _tables():
        rows = _rows(session, actor, table, about(table, person))
        if rows:
            found[table.name] = rows
    if user is not None:
        mine = (AuditRow.actor_kind == "user") & (AuditRow.actor_id == user.id)
        of_me = (AuditRow.noun == "user") & (AuditRow.record_id == user.id)
        found["audit_row"] = _rows(session, actor, AuditRow.__table__, or_(mine, of_me))  # type: ignore[arg-type]
        found["made"] = _made(session, actor, user.id)
    return found


def about(table: Table, person: Person) -> ColumnElement[bool] | None:
    """The condition that a row of the table is about the person; None where the table has none such."""
    conditions = _addressed(table, person.key)
    ids = [investor.id for investor in person.investors]
    if person.user is not None and "user_id" in table.c:
        conditions.append(table.c.user_id == person.user.id)
    if ids and table.name == "investor":
        conditions.append(table.c.id.in_(ids))
    if ids and "investor_id" in table.c:
        conditions.append(table.c.investor_id.in_(ids))
    if table.name == SubmittedValue.__tablename__:  # what they sent for their company
        sent = select(DataRequest.id).where(func.lower(DataRequest.submitted_by) == person.key)
        conditions.append(table.c.data_request_id.in_(sent))
    return or_(*conditions) if conditions else None


def _addressed(table: Table, key: str) -> list[ColumnElement[bool]]:
    found = [func.lower(table.c[name]) == key for name in ADDRESSES if name in table.c]
    return [*found, table.c.email_key == key] if "email_key" in table.c else found


def _tables() -> Iterator[Table]:
    skipped = {AuditRow.__tablename__}
    yield from (table for table in Base.metadata.sorted_tables if table.name not in skipped and "firm_id" in table.c)


def _rows(session: Session, actor: Actor, table: Table, condition: ColumnElement[bool] | None) -> Rows:
    if condition is None:
        return []
    shown = [column for column in table.c if not isinstance(column.type, LargeBinary) and column.name not in _SECRETS]
    query = select(*shown).where(table.c.firm_id == actor.firm_id, condition)
    return [dict(row) for row in session.execute(query.order_by(*table.primary_key.columns)).mappings()]


def _made(session: Session, actor: Actor, user_id: int) -> dict[str, int]:
    made: dict[str, int] = {}
    for table in _tables():
        for name in _MADE_BY:
            if name in table.c and isinstance(table.c[name].type, BigInteger):  # elsewhere it is a name
                theirs = (table.c.firm_id == actor.firm_id) & (table.c[name] == user_id)
                count = session.scalar(select(func.count()).select_from(table).where(theirs)) or 0
                made |= {f"{table.name}.{name}": count} if count else {}
    return made
