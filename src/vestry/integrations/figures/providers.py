"""The providers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from vestry.integrations.figures import feed
from vestry.integrations.figures.lines import Asked, Line, Source

PROVIDERS: Final[Mapping[str, Callable[[Source, Asked], Iterable[Line]]]] = {"feed": feed.lines}
