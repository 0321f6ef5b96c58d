"""Servers on this machine may be called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vestry.core.settings import settings


@pytest.fixture(autouse=True)
def _may_call_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VESTRY_OUTBOUND_NETWORKS", "127.0.0.0/8")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
