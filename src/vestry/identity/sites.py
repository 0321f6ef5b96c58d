"""Where we are for a browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from vestry.core.settings import settings


@dataclass(frozen=True, slots=True)
class Site:
    """Where we are for a browser: the host that passkeys are bound to, and the exact origin of our pages."""

    host: str
    origin: str


def site_of(request: Request) -> Site:
    """Where we are: the public address, or without one the address that was asked."""
    found = urlsplit(settings().public_url or str(request.base_url))
    return Site(found.hostname or "", f"{found.scheme}://{found.netloc}")
