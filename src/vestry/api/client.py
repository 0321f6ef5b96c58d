"""Serves the built web client: hashed assets for ever, the shell for every page address."""

from __future__ import annotations

import secrets
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from vestry.api.middleware import policy_with

STATIC = Path(__file__).parent.parent / "static"
MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
NONCE = "__NONCE__"  # where the built page keeps the place of one
FOREVER = "public, max-age=31536000, immutable"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
NOT_BUILT = """<!doctype html><title>Vestry</title>
<p>The API is running. The web client is not built: run <code>make web</code>, or use <a href="/docs">the API page</a>.
"""

API_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vestry API</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger-start.js"></script>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs() -> HTMLResponse:
    """Swagger UI from our own files."""
    return HTMLResponse(API_PAGE)


@router.get("/apidocs")
@router.get("/redoc")
def apidocs() -> RedirectResponse:
    """Where other APIs of this kind keep their page."""
    return RedirectResponse("/docs")


@router.get("/{path:path}")
def page(path: str, request: Request) -> Response:
    """A file of the client, or its shell for an address that is a page."""
    if path.startswith(("api/", "assets/", "swagger/", "health/")):
        return _file(path, request) or _nothing()
    found = None if path == "index.html" else _file(path, request)
    return found or _shell()


def _nothing() -> Response:
    raise HTTPException(404)


def _shell() -> Response:
    """The client's one page, with a nonce for the style elements its library makes while it runs."""
    built = STATIC / "index.html"
    if not built.is_file():
        return HTMLResponse(NOT_BUILT, 503)
    nonce = secrets.token_urlsafe(16)
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy_with(nonce)}
    return HTMLResponse(built.read_text(encoding="utf-8").replace(NONCE, nonce), headers=headers)


def _file(path: str, request: Request) -> Response | None:
    try:
        wanted = (STATIC / path).resolve()
        if not wanted.is_relative_to(STATIC.resolve()) or not wanted.is_file():
            return None
    except (OSError, ValueError):  # a name too long for the file system, or with a zero byte: no file is called that
        return None
    cache = FOREVER if path.startswith("assets/") else "no-cache"
    accepted = request.headers.get("accept-encoding", "")
    for encoding, suffix in ENCODINGS:
        packed = wanted.with_name(wanted.name + suffix)
        if encoding in accepted and packed.is_file():
            headers = {"Cache-Control": cache, "Content-Encoding": encoding, "Vary": "Accept-Encoding"}
            return FileResponse(packed, headers=headers, media_type=_media(wanted))
    return FileResponse(wanted, headers={"Cache-Control": cache, "Vary": "Accept-Encoding"}, media_type=_media(wanted))


def _media(path: Path) -> str | None:
    return MEDIA.get(path.suffix)
