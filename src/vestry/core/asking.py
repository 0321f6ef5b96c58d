"""As of which day books may be asked: one rule for every door and every list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import Invalid

# Each tells the last day it has something planned for. The folder whose facts may lie ahead adds its own.
PLANNED_UNTIL: Final[list[Callable[[Session, Actor], date | None]]] = []


class NotYet(Invalid):
    """The day asked for lies after everything that is recorded."""


def day_asked(session: Session, actor: Actor, as_of: date | None) -> date | None:
    """The day, refused when it lies after today (UTC) and after all that is planned; None stays None."""
    today = clock.today(session)
    if as_of is None or as_of <= today:
        return as_of
    if all((planned(session, actor) or today) < as_of for planned in PLANNED_UNTIL):
        raise NotYet(f"{as_of} is in the future.", field="as_of", mend=f"Ask as of {today} or earlier.")
    return as_of


def day_seen(session: Session, actor: Actor, as_of: date | None) -> date:
    """The day to see the books from: the one asked for, or today."""
    return day_asked(session, actor, as_of) or clock.today(session)
