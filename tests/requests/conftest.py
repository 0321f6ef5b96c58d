"""The time at which companies are asked."""

from datetime import UTC, datetime, timedelta

import pytest


class Clock:
    """A clock that the test moves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = datetime(2024, 10, 5, 9, tzinfo=UTC)
        patch.setattr("vestry.core.clock.now", lambda: self.at)

    def go(self, days: int) -> None:
        self.at += timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
