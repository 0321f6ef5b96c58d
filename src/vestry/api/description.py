"""What the API's description says besides what FastAPI finds out by itself: who may ask, and further problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from vestry.core.http import problem_responses
from vestry.identity.door import COOKIE

# Whoever asks these need not be known yet.
PUBLIC = frozenset({"sign_in", "sign_in_by_link", "sign_out", "health_live", "health_ready"})
SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token of `vestry token create` or POST /tokens"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "set by signing in"},
}


class DescribedApp(FastAPI):
    """A FastAPI application whose description is complete."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            found = super().openapi()
            found["components"]["securitySchemes"] = SCHEMES
            found["security"] = [{name: []} for name in SCHEMES]
            for operation in _operations(found):
                _complete(operation)
        assert self.openapi_schema is not None
        return self.openapi_schema


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in found["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Say when no credentials are asked for, and what a body or If-Match can be refused with."""
    if operation["operationId"] in PUBLIC:
        operation["security"] = []
    more = [412] if any(one["name"] == "if-match" for one in operation.get("parameters", [])) else []
    more += [413, 415] if "requestBody" in operation else []
    answers = operation["responses"] | {str(status): answer for status, answer in problem_responses(more).items()}
    operation["responses"] = dict(sorted(answers.items()))
