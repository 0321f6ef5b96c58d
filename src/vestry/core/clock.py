"""The one place that asks what time it is."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """This instant in UTC, to the microsecond the databases keep."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in UTC; doors may choose another and pass it down as ``as_of``."""
    return now().date()
