"""How operations answer that open a session."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request, Response

from vestry.core.http import Json
from vestry.identity.door import set_cookie
from vestry.identity.factors.schemas import NextStep
from vestry.identity.signin.service import Admission

# What operations say that open a session: 204, or 200 with what is asked for next.
ADMITTED: Final[dict[str, Any]] = {
    "status_code": 204,
    "response_class": Response,
    "responses": {200: {"model": NextStep, "description": "A second factor is asked for before the session opens"}},
}


def admitted(request: Request, admission: Admission) -> Response:
    """The answer that sets the session's cookie, and says what is asked for next where it is not open yet."""
    response = Response(status_code=204)
    if admission.stage != "full":
        response = Json({"next": admission.stage, "factors": admission.factors})
    set_cookie(request, response, admission.secret)
    return response
