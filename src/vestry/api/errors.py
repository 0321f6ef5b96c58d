"""Errors to problems (RFC 9457): the only place where a refusal becomes a status."""

from __future__ import annotations

import structlog
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from vestry.core import errors, trail
from vestry.core.four_eyes import AwaitsApproval
from vestry.core.http import ACTOR, Json, is_left_to_the_route, problem
from vestry.core.outages import Outage, outage
from vestry.core.wording import said
from vestry.identity.intents import Replayed

log = structlog.get_logger()

# The first class that fits decides; subclasses before their bases.
STATUSES: tuple[tuple[type[errors.VestryError], int], ...] = (
    (errors.Malformed, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Gone, 410),
    (errors.PreconditionFailed, 412),
    (errors.PreconditionRequired, 428),
    (AwaitsApproval, 409),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.UnsupportedMedia, 415),
    (errors.Invalid, 422),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
)
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}, 503: {"Retry-After": "5"}}
PLAIN = {
    400: ("malformed", "The request cannot be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know that method."),
    413: ("too_large", "The body is larger than this operation accepts."),
    415: ("unsupported_media", "The body is of a kind this operation does not read."),
}


def install(app: FastAPI) -> None:
    """Answer every refusal with a problem."""
    app.add_exception_handler(errors.VestryError, _refused)
    app.add_exception_handler(Replayed, _replayed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(IntegrityError, _integrity)
    for kind in (DBAPIError, DisconnectionError, PoolTimeout, PendingRollbackError, OSError):
        app.add_exception_handler(kind, _outage)


def unexpected(request_id: str) -> Response:
    """What we say when we do not know what went wrong; the log knows, under the request's id."""
    return problem(
        500,
        "unexpected",
        "Something went wrong on our side; nothing was stored.",
        request_id=request_id,
        mend="Try again; if it stays, report the request id.",
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.VestryError)
    if error.answer is not None:  # it was accepted, and waits
        return Json(error.answer, 202)
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    headers = HEADERS.get(status)
    if error.retry_after is not None:
        headers = {"Retry-After": str(error.retry_after)}
    await _note_refusal(request, error, status)
    return problem(
        status,
        error.code(),
        error.message,
        request_id=_id(request),
        mend=error.mend,
        faults=error.faults,
        headers=headers,
    )


async def _replayed(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)
    return error.response


async def _note_refusal(request: Request, error: errors.VestryError, status: int) -> None:
    """What somebody may not do, or tried to change and could not find, goes into the trail by itself."""
    actor = request.scope.get(ACTOR)
    if actor is None or not (status == 403 or (status == 404 and request.method not in ("GET", "HEAD"))):
        return
    note = f"{status} {error.code()}: {request.method} {request.scope['path']}"[:500]
    await run_sync(request.app.state.database.witness, actor, trail.Event("refuse", "request", note=note))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = tuple(_fault(found) for found in error.errors()[:100])
    first = faults[0]
    return problem(
        422,
        "invalid",
        f"{first.path}: {first.message}" if len(faults) == 1 else f"{len(faults)} fields are not acceptable.",
        request_id=_id(request),
        mend="Correct the fields named under errors; nothing was stored.",
        faults=faults,
    )


def _fault(found: dict[str, object]) -> errors.Fault:
    place = [str(part) for part in found["loc"]]  # type: ignore[attr-defined]
    path = ".".join(place[1:]) or place[0]
    message = "is no file" if "UploadFile" in str(found["msg"]) else said(found)
    return errors.Fault(path, message, str(found["type"]))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    methods = request.app.state.addresses.methods(request.scope["path"]) if error.status_code in (404, 405) else set()
    if methods:
        # Routing knows the methods of one of the address's operations only.
        error = HTTPException(405, headers={"Allow": ", ".join(sorted(methods))})
    code, detail = PLAIN.get(error.status_code, ("refused", str(error.detail)))
    return problem(
        error.status_code, code, detail, request_id=_id(request), headers=dict(error.headers) if error.headers else None
    )


async def _stale(request: Request, _: Exception) -> Response:
    return problem(
        409,
        "stale",
        "Somebody changed this row at the same moment.",
        request_id=_id(request),
        mend="Read it again and repeat the change.",
    )


async def _integrity(request: Request, error: Exception) -> Response:
    log.warning("database.refused", error=str(getattr(error, "orig", error)))
    return problem(
        409,
        "conflict",
        "This contradicts what is recorded: it exists already, or something it refers to is gone.",
        request_id=_id(request),
        mend="Read the current state and try again.",
    )


OUTAGES: dict[Outage, tuple[int, str, str]] = {
    "busy": (503, "busy", "Too much is being written at this moment."),
    "away": (503, "unavailable", "The database does not answer now; nothing was stored."),
    "full": (507, "storage_full", "The disk is full; nothing was stored."),
}


def outage_answer(request_id: str | None, error: BaseException) -> Response | None:
    """What we say when the database or its disk cannot serve now; None when that is not what happened."""
    kind = outage(error)
    if kind is None:
        return None
    status, code, detail = OUTAGES[kind]
    mend = "Free some space; then try again." if kind == "full" else "Try again in a few seconds."
    return problem(status, code, detail, request_id=request_id, mend=mend, headers={"Retry-After": "5"})


async def _outage(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and is_left_to_the_route(request.scope, error):
        raise error
    answer = outage_answer(_id(request), error)
    if answer is None:
        raise error
    log.warning("database.unavailable", answered=answer.status_code, error=str(getattr(error, "orig", error))[:300])
    return answer


def _id(request: Request) -> str | None:
    found: str | None = request.scope.get("request_id")
    return found
