"""What happens in a transaction that an auditor will ask about, told by whoever does it; ``audit`` writes it down.

Rows written through the ORM, or by any statement the session executes, are seen by listeners. What they cannot see is
told here: bulk loads (:func:`tell`), and refusals, sign-ins and exports, which change no record (``Database.witness``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

Action = Literal[
    "create", "change", "delete", "import", "bulk", "refuse", "export", "sign_in", "sign_in_failed", "sign_out"
]
ACTIONS: Final = (
    "create", "change", "delete", "import", "bulk", "refuse", "export", "sign_in", "sign_in_failed", "sign_out",
)  # fmt: skip
TOLD: Final = "trail_told"  # the execution option of a statement whose changes are told by its writer
_EVENTS = "trail_events"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``noun`` and ``record_id`` name the record (its table, its id), where there is one.

    ``before`` and ``after`` hold the columns that changed. ``rows`` counts what a bulk writer wrote. ``firm_id`` None:
    the actor's firm.
    """

    action: Action
    noun: str
    record_id: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    rows: int | None = None
    note: str | None = None
    firm_id: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the work comes from: a door (api, cli, job), an address, and the operation by its name."""

    door: str = "code"
    address: str | None = None
    operation: str | None = None
    request_id: str | None = None


NOWHERE: Final = Origin()
_origin: ContextVar[Origin] = ContextVar("vestry_origin", default=NOWHERE)


def origin() -> Origin:
    """Where this thread's or task's work comes from."""
    return _origin.get()


def came_from(**parts: Any) -> None:
    """Say where the work comes from, or more of it, until the task ends."""
    _origin.set(replace(_origin.get(), **parts))


@contextmanager
def coming_from(**parts: Any) -> Iterator[None]:
    """Say where the work of a block comes from."""
    token = _origin.set(replace(_origin.get(), **parts))
    try:
        yield
    finally:
        _origin.reset(token)


def tell(session: Session, event: Event) -> None:
    """The event becomes part of this transaction: it is written down with it, or not at all."""
    session.info.setdefault(_EVENTS, []).append(event)


def tell_batch(session: Session, batch_id: int | None, table: str, part: Mapping[str, Any], rows: int) -> None:
    """A bulk load wrote into a table; all loads of one import are one event. The parts of a table form a list."""
    events = told(session)
    for place, one in enumerate(events):
        if one.action == "import" and one.noun == "import_batch" and one.record_id == batch_id:
            known = dict(one.after or {})
            known[table] = [*known.get(table, []), part]
            events[place] = replace(one, after=known, rows=(one.rows or 0) + rows)
            return
    events.append(Event("import", "import_batch", batch_id, after={table: [part]}, rows=rows))


def told(session: Session) -> list[Event]:
    """What was told in this transaction so far, for the one who writes it down."""
    events: list[Event] = session.info.setdefault(_EVENTS, [])
    return events


def taken(session: Session) -> list[Event]:
    """The same, and it is not told again."""
    events: list[Event] = session.info.pop(_EVENTS, [])
    return events
