"""The HTTP door: mounts every router, translates errors once, serves the web client."""

from vestry.api.app import create_app

__all__ = ["create_app"]
