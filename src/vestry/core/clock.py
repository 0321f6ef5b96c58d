"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def now() -> datetime:
    """This instant in UTC, to the microsecond the databases keep."""
    return datetime.now(UTC)


def today(session: Session) -> date:
    """The calendar day in UTC on which the session's work began: the same for all of it, also across midnight."""
    began: datetime = session.info["now"]
    return began.date()
