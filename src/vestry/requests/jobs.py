"""What the clock asks for once a day: requests for periods that ended, and reminders."""

from __future__ import annotations

from typing import Any, Final

from vestry.core.running import Kind, Running
from vestry.requests import asking

DAILY: Final = "requests.daily"
TITLE: Final = "Asking companies for figures, and reminding them"


def _daily(running: Running) -> None:
    """One transaction with the job's end: whatever is done again is done once. Mails go out by jobs of their own."""
    told: dict[str, Any] = {}
    with running.finish(told) as session:
        told |= asking.ask_scheduled(session, running.actor)
        told |= asking.remind_due(session, running.actor)


KINDS = (Kind(DAILY, _daily),)
