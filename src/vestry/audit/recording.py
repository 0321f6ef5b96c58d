"""Writes the trail, in the transaction it tells of: listeners see every row that is written, the chain grows last.

What the ORM flushes is noted column by column. A statement (UPDATE … WHERE) is noted by reading its rows before and
after. Right before the commit, when all other work is done, the firm's head row is locked, the rows are chained to
it, and the transaction commits; so writers of one firm wait for each other's commit and for nothing else.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, event, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Result
from sqlalchemy.orm import ORMExecuteState, Session

from vestry.audit import chain, keys
from vestry.audit.models import AuditHead, AuditRow
from vestry.audit.values import MASK, content, digest_of, is_secret, plain
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.db import LedgerSession
from vestry.core.model import Base, Owned, table_of
from vestry.core.trail import Event
from vestry.core.types import UtcDateTime

log = logging.getLogger(__name__)
ROWS_SHOWN = 1_000  # a statement that changes more is noted as one row with a digest
_HEADS = "audit_heads_to_write"
_PLACES = "trail_places"
_HEAD = table_of(AuditHead)
_ROW = table_of(AuditRow)


def is_recorded(model: type[Base]) -> bool:
    """Whether writing this table is something the trail tells of."""
    return model.AUDITED and (issubclass(model, Owned) or model.__tablename__ == "firm")


def install() -> None:
    """Listen to every session. The last to be installed writes last, and holds the head for the shortest time."""
    if event.contains(LedgerSession, "before_commit", _before_commit):
        return
    event.listen(LedgerSession, "after_flush", _after_flush)
    event.listen(LedgerSession, "do_orm_execute", _on_execute)
    event.listen(LedgerSession, "before_commit", _before_commit)
    event.listen(LedgerSession, "after_commit", _after_commit)
    event.listen(LedgerSession, "after_rollback", _after_rollback)


# --- what the ORM writes ---


def _after_flush(session: Session, _: object) -> None:
    for thing in session.new:
        if is_recorded(type(thing)):
            _note(session, thing, "create", None, _all(thing))
    for thing in session.dirty:
        if is_recorded(type(thing)):
            before, after = _changed(thing)
            if after:
                _note(session, thing, "change", before, after)
    for thing in session.deleted:
        if is_recorded(type(thing)):
            _note(session, thing, "delete", _all(thing), None)


def _note(session: Session, thing: Any, action: trail.Action, before: Any, after: Any) -> None:
    table = thing.__table__.name
    firm_id = thing.id if table == "firm" else thing.firm_id
    places: dict[tuple[str, int], int] = session.info.setdefault(_PLACES, {})
    events = trail.told(session)
    earlier = places.get((table, thing.id))
    if earlier is not None and earlier < len(events) and action == "change":
        known = events[earlier]
        if known.noun == table and known.record_id == thing.id and known.after is not None:
            merged = {**before, **(known.before or {})} if known.action == "change" else None
            events[earlier] = replace(known, before=merged, after={**known.after, **after})
            return
    places[table, thing.id] = len(events)
    events.append(Event(action, table, thing.id, before, after, firm_id=firm_id))


def _all(thing: Any) -> dict[str, Any]:
    shown = {}
    for attribute in inspect(type(thing)).column_attrs:
        value = getattr(thing, attribute.key)
        if value is not None:
            shown[attribute.columns[0].name] = plain(attribute.columns[0], value)
    return shown


def _changed(thing: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state: Any = inspect(thing)
    for attribute in inspect(type(thing)).column_attrs:
        column = attribute.columns[0]
        history = state.attrs[attribute.key].history
        if not history.has_changes() or column.info.get("audited") is False:
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if old == new:
            continue
        if history.deleted:
            before[column.name] = plain(column, old)
        after[column.name] = plain(column, new)
    if after and "version" in state.attrs and "version" not in after:
        before["version"], after["version"] = thing.version - 1, thing.version
    return before, after


# --- what statements write ---


def _on_execute(state: ORMExecuteState) -> Result[Any] | None:
    if not (state.is_insert or state.is_update or state.is_delete) or state.execution_options.get(trail.TOLD):
        return None
    model = _models().get(getattr(state.statement, "table", None))
    if model is None or not is_recorded(model):
        return None
    table = table_of(model)
    if state.is_insert or isinstance(state.parameters, list):
        result = state.invoke_statement()
        given = state.parameters or {}
        rows: list[Any] = given if isinstance(given, list) else [given]
        after = {"sha256": digest_of(table, rows)} if any(rows) else None
        trail.tell(state.session, Event("bulk", table.name, after=after, rows=max(len(rows), 1)))
        return result
    return _rows_changed(state, table)


def _rows_changed(state: ORMExecuteState, table: Table) -> Result[Any]:
    session, statement = state.session, state.statement
    condition: ColumnElement[bool] | None = getattr(statement, "whereclause", None)
    wanted = select(table).order_by(table.c.id).with_for_update()
    if condition is not None:
        wanted = wanted.where(condition)
    before = {row["id"]: dict(row) for row in session.connection().execute(wanted, state.parameters or {}).mappings()}
    result = state.invoke_statement()
    after = _read(session, table, list(before)) if state.is_update else {}
    if len(before) > ROWS_SHOWN:
        bulk = Event("bulk", table.name, after={"sha256": digest_of(table, after.values())}, rows=len(before))
        trail.tell(session, bulk)
        return result
    for key, old in before.items():
        told = _difference(table, key, old, after.get(key))
        if told is not None:
            trail.tell(session, told)
    return result


def _read(session: Session, table: Table, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(ids), 1_000):
        query = select(table).where(table.c.id.in_(ids[start : start + 1_000])).order_by(table.c.id)
        found |= {row["id"]: dict(row) for row in session.connection().execute(query).mappings()}
    return found


def _difference(table: Table, key: int, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Event | None:
    firm_id = key if table.name == "firm" else old["firm_id"]
    if new is None:
        shown = {column.name: plain(column, old[column.name]) for column in table.c if old[column.name] is not None}
        return Event("delete", table.name, key, shown, None, firm_id=firm_id)
    names = [column for column in table.c if old[column.name] != new[column.name]]
    if not [column for column in names if column.info.get("audited") is not False]:
        return None
    return Event(
        "change",
        table.name,
        key,
        {column.name: plain(column, old[column.name]) for column in names},
        {column.name: plain(column, new[column.name]) for column in names},
        firm_id=firm_id,
    )


def _models() -> Mapping[Any, type[Base]]:
    if len(_MODELS) != len(Base.registry.mappers):
        _MODELS.update({mapper.local_table: mapper.class_ for mapper in Base.registry.mappers})
    return _MODELS


_MODELS: dict[Any, type[Base]] = {}


# --- the chain ---


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    session.info.pop(_PLACES, None)
    actor: Actor = session.info["actor"]
    by_firm: dict[int, list[Event]] = {}
    for one in trail.taken(session):
        firm_id = one.firm_id or actor.firm_id
        if firm_id:
            by_firm.setdefault(firm_id, []).append(one)
    for firm_id, events in sorted(by_firm.items()):
        _append(session, actor, firm_id, events)


def _append(session: Session, actor: Actor, firm_id: int, events: Iterable[Event]) -> None:
    key_id, key = keys.signing_key()
    same = _same(session, actor) | {"key_id": key_id}
    wanted = [same | _own(one) for one in events]
    connection = session.connection()
    head = _locked_head(session, firm_id)
    name, sequence, previous = head["chain"], head["sequence"], head["hash"].hex()
    rows = []
    for row in wanted:
        sequence += 1
        row |= {"sequence": sequence, "previous": previous}
        previous = chain.row_hash(row)
        rows.append(_stored(row, firm_id, previous, chain.row_mac(key, previous), session.info["now"]))
    connection.execute(insert(_ROW), rows)
    moved = {"sequence": sequence, "hash": bytes.fromhex(previous)}
    connection.execute(update(_HEAD).where(_HEAD.c.firm_id == firm_id).values(**moved))
    signed = {"chain": name, "sequence": sequence, "hash": previous, "signed_at": same["happened_at"], "key_id": key_id}
    session.info.setdefault(_HEADS, []).append(signed | {"mac": chain.head_mac(key, signed)})


def _locked_head(session: Session, firm_id: int) -> Mapping[str, Any]:
    connection = session.connection()
    wanted = select(_HEAD).where(_HEAD.c.firm_id == firm_id).with_for_update()
    head = connection.execute(wanted).mappings().one_or_none()
    if head is None:
        name = secrets.token_hex(16)
        first = {"firm_id": firm_id, "chain": name, "sequence": 0, "hash": bytes.fromhex(chain.genesis(name))}
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(_HEAD).values(**first).on_conflict_do_nothing(index_elements=["firm_id"]))
        head = connection.execute(wanted).mappings().one()
    return dict(head)


def _same(session: Session, actor: Actor) -> dict[str, Any]:
    """What all rows of a transaction have in common."""
    origin = trail.origin()
    viewed_by = actor.viewed_by
    known_viewer = viewed_by if viewed_by and viewed_by > 0 else None  # -1: an administrator's token looked
    return {
        "happened_at": instant(session.info["now"]),
        "operation": origin.operation,
        "door": origin.door,
        "address": origin.address,
        "request_id": origin.request_id or actor.request_id,
        "actor_kind": actor.kind,
        "actor_id": actor.token_id if actor.kind == "token" else known_viewer or actor.user_id,
        "actor_name": actor.name[:200],
        "actor_role": actor.role,
        "on_behalf_of": actor.user_id if viewed_by else None,
    }


def _own(one: Event) -> dict[str, Any]:
    return {
        "action": one.action,
        "noun": one.noun,
        "record_id": one.record_id,
        "before": content(one.before),
        "after": content(one.after),
        "rows": one.rows,
        "note": one.note,
    }


def _stored(row: dict[str, Any], firm_id: int, digest: str, mac: str, now: Any) -> dict[str, Any]:
    binary = {
        name: bytes.fromhex(value) for name, value in (("previous", row["previous"]), ("hash", digest), ("mac", mac))
    }
    return row | binary | {"firm_id": firm_id, "happened_at": now}


def instant(value: Any) -> str:
    """An instant as the trail writes it."""
    text: str = UtcDateTime().process_bind_param(value, sqlite.dialect())
    return text


def _after_commit(session: Session) -> None:
    heads = session.info.pop(_HEADS, None)
    if heads:
        try:
            keys.write_heads(heads)
        except OSError as error:  # the work is committed; the next head says the same and more
            log.error("audit head not written: %s", error)


def _after_rollback(session: Session) -> None:
    for name in (_HEADS, _PLACES):
        session.info.pop(name, None)
    trail.taken(session)


__all__ = ["MASK", "Column", "install", "instant", "is_recorded", "is_secret"]
