"""Problems (RFC 9457): the answer, and how the API's description tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import Response

from vestry.core import encoding
from vestry.core.errors import Fault


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    request_id: str | None,
    mend: str | None = None,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """An RFC 9457 problem: what happened, where, how to mend it, and the request's id."""
    content: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": f"urn:request:{request_id}" if request_id else None,
        "mend": mend,
        "errors": [_fault(fault) for fault in faults],
    }
    return Response(encoding.dumps(content), status, media_type="application/problem+json", headers=headers)


def _fault(fault: Fault) -> dict[str, Any]:
    plain: dict[str, Any] = {"path": fault.path, "message": fault.message, "code": fault.code}
    if fault.row is not None:
        plain |= {"row": fault.row, "column": fault.column, "value": fault.value}
    return plain


MEANINGS = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "The role does not allow it",
    404: "Not there, or not yours",
    409: "Contradicts what is recorded",
    410: "It was there, and was removed",
    412: "The row is no longer at the version named by If-Match",
    413: "More bytes than this operation accepts",
    415: "A body of a kind this operation does not read",
    428: "If-Match is missing: a change of a row names the version it was made from",
    422: "Readable, but its meaning is refused; nothing is stored",
    429: "Too many tries; Retry-After says how many seconds to wait",
    503: "Something this depends on is away; Retry-After says how many seconds to wait",
}
EVERYWHERE = (400, 401, 403, 404, 409, 422)


def problem_responses(statuses: Iterable[int] = EVERYWHERE) -> dict[int | str, dict[str, Any]]:
    """What operations may answer besides their results, for the API's description."""
    example = {
        "type": "/problems/invalid",
        "title": "Invalid",
        "status": 422,
        "detail": 'amount: must be a string such as "1250000.00": a JSON number would lose digits',
        "code": "invalid",
        "instance": "urn:request:5f0c9a1d2b3e4f60",
        "mend": "Correct the fields named under errors; nothing was stored.",
        "errors": [{"path": "amount", "message": "must be a string", "code": "value_error"}],
    }
    said: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": MEANINGS[status],
            "content": {"application/problem+json": said | ({"example": example} if status == 422 else {})},
        }
        for status in statuses
    }


PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance", "mend", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": ["string", "null"]},
        "mend": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message", "code"],
                "properties": {
                    "path": {"type": "string"},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "row": {"type": "integer"},
                    "column": {"type": ["string", "null"]},
                    "value": {"type": ["string", "null"]},
                },
            },
        },
    },
}
