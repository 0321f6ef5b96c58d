"""The trail as its readers may see it: all of it, or what concerns records they may see and what they did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from vestry.audit.models import AuditRow
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.listing import Listing, paginate
from vestry.core.model import Base, Fact, Kept
from vestry.core.paging import Page
from vestry.identity.access import of_firm, theirs

SORTS = {"sequence": AuditRow.sequence, "happened_at": AuditRow.happened_at}
ALL_SEEN_BY = frozenset({"administrator", "auditor"})
STAFF = frozenset({"administrator", "auditor", "manager", "analyst", "accountant"})
_SHOWN = (
    AuditRow.sequence, AuditRow.happened_at, AuditRow.action, AuditRow.operation, AuditRow.door, AuditRow.address,
    AuditRow.request_id, AuditRow.actor_kind, AuditRow.actor_id, AuditRow.actor_name, AuditRow.actor_role,
    AuditRow.on_behalf_of, AuditRow.noun, AuditRow.record_id, AuditRow.before, AuditRow.after, AuditRow.rows,
    AuditRow.note,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of the trail is asked for; None is no limit."""

    record: str | None = None
    person: int | None = None
    operation: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None


def list_rows(session: Session, actor: Actor, page: Page, asked: Filters) -> dict[str, Any]:
    """A page of the trail, the newest first."""
    rows = Listing(_rows(actor, asked), SORTS, AuditRow.sequence, "-sequence", finish=lambda row: shown(actor, row))
    return paginate(session, rows, page)


def first_rows(session: Session, actor: Actor, asked: Filters, limit: int) -> list[dict[str, Any]]:
    """Up to ``limit`` rows, the oldest first."""
    query = _rows(actor, asked).order_by(AuditRow.sequence).limit(limit)
    return [shown(actor, dict(row)) for row in session.execute(query).mappings()]


def shown(actor: Actor, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as its reader may see it."""
    record = None if row["record_id"] is None else f"{row['noun']}:{row['record_id']}"
    known = {name: None if row[name] is None else json.loads(row[name]) for name in ("before", "after")}
    out = dict(row) | known | {"record": record}
    if actor.role not in ALL_SEEN_BY:
        out["address"] = None
    if actor.role not in STAFF:  # which fields of a record such a reader may see is decided where it is read
        out |= {"before": None, "after": None, "note": None}
    return out


def _rows(actor: Actor, asked: Filters) -> Select[*tuple[Any, ...]]:
    query = select(*_SHOWN).where(of_firm(actor.firm_id, AuditRow), *_conditions(asked))
    return query if _sees_all(actor) else query.where(or_(_own(actor), _concerns(actor, asked)))


def _conditions(asked: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.record is not None:
        noun, record_id = _record(asked.record)
        found.append(AuditRow.noun == noun)
        if record_id is not None:
            found.append(AuditRow.record_id == record_id)
    if asked.person is not None:
        mine = and_(AuditRow.actor_kind == "user", AuditRow.actor_id == asked.person)
        found.append(or_(mine, AuditRow.on_behalf_of == asked.person))
    if asked.operation is not None:
        found.append(AuditRow.operation == asked.operation)
    if asked.action is not None:
        found.append(AuditRow.action == asked.action)
    if asked.since is not None:
        found.append(AuditRow.happened_at >= _midnight(asked.since))
    if asked.until is not None:
        found.append(AuditRow.happened_at < _midnight(asked.until + timedelta(days=1)))
    return found


def _record(text: str) -> tuple[str, int | None]:
    noun, colon, number = text.partition(":")
    if noun not in Base.metadata.tables or (colon and not (number.isascii() and number.isdigit() and len(number) < 19)):
        raise Invalid(
            f"{text[:60]!r} names no record.", field="record", mend="Write noun:id, such as fund:12, or a noun alone."
        )
    return noun, int(number) if colon else None


def _noun(model: Any) -> str:
    return str(model.__tablename__)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _sees_all(actor: Actor) -> bool:
    return actor.role in ALL_SEEN_BY and actor.sees.whole


def _own(actor: Actor) -> ColumnElement[bool]:
    token = actor.kind == "token"
    kind, key = ("token", actor.token_id) if token else (actor.kind, actor.user_id)
    return and_(AuditRow.actor_kind == kind, AuditRow.actor_id == key)


def _concerns(actor: Actor, asked: Filters) -> ColumnElement[bool]:
    """The row is about a fact or a master record that the actor may see."""
    wanted = _record(asked.record)[0] if asked.record is not None else None
    models: list[Any] = [
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Fact | Kept) and wanted in (None, _noun(mapper.class_))
    ]
    return or_(
        AuditRow.noun == "",  # no row has this noun: an OR of nothing is false
        *(
            and_(
                AuditRow.noun == _noun(model),
                AuditRow.action != "refuse",
                AuditRow.record_id.in_(select(model.id).where(theirs(actor, model))),
            )
            for model in models
        ),
    )
