"""Answers whose content we made ourselves: encoded once, or already."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from vestry.core import encoding


class Json(Response):
    """An answer encoded once, without validating again what we computed ourselves."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encoding.dumps(content)


class Encoded(Response):
    """An answer that is JSON already."""

    media_type = "application/json"


class Csv(Response):
    """A table as text."""

    media_type = "text/csv"
