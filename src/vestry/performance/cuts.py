"""What day and what knowledge figures are of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.asking import day_asked
from vestry.performance.books import Books


@dataclass(frozen=True, slots=True)
class Cut:
    """As of which day, as known at which instant (None: now). ``open``: no day was asked for, so that a plan imported
    beyond today counts to its end."""

    as_of: date
    known_at: datetime | None
    open: bool = False

    def over(self, books: Iterable[Books]) -> Cut:
        """The cut for these books: an open one reaches their last flow where they are kept elsewhere."""
        if not self.open:
            return self
        days = [one.last_paid_on() for one in books if one.vehicle.books == "elsewhere"]
        return replace(self, as_of=max([self.as_of, *(day for day in days if day)]))


def cut(session: Session, actor: Actor, as_of: date | None, known_at: datetime | None) -> Cut:
    """The cut to make, as of today where no day is asked for."""
    day = day_asked(session, actor, as_of)
    if day is None:
        return Cut(clock.today(session), known_at, open=True)
    return Cut(day, known_at)
