"""What the API's description says besides what FastAPI finds out by itself: who may ask, and further problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from vestry.core.four_eyes import EXECUTORS
from vestry.core.http import MEANINGS, PROBLEM_SCHEMA, problem_responses
from vestry.identity.door import COOKIE

# Whoever asks these need not be known yet.
PUBLIC = frozenset(
    {
        *("health_live", "health_ready"),
        *("sign_in", "sign_in_by_link", "sign_out"),
        *("get_second_step", "show_totp", "show_recovery_code", "begin_enrolment", "finish_enrolment"),
        *("show_invitation", "accept_invitation", "ask_for_password_reset", "reset_password"),
        *("begin_passkey_sign_in", "sign_in_by_passkey", "begin_second_passkey", "show_passkey"),
        *("list_sign_in_providers", "begin_directory_sign_in", "finish_directory_sign_in"),
        *("refresh_tokens", "revoke_refresh_token"),
        *("open_form", "save_form_draft", "submit_form", "attach_to_form", "remove_from_form"),
    }
)
# Guessing slows these down, and the directory or the database may be away.
SIGN_IN = PUBLIC - {"health_live", "health_ready", "sign_out", "get_second_step", "finish_directory_sign_in"}
# Where the firm wants four eyes for it (/approval-rules).
AWAITS: dict[str, Any] = {
    "description": "It waits for somebody else to approve it",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ApprovalOut"}}},
}
SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token of `vestry token create` or POST /tokens"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "set by signing in"},
}


# Said once for all operations, which refer to them: written out, they were nine tenths of the description.
PROBLEMS = {str(status): answer for status, answer in problem_responses(MEANINGS).items()}


class DescribedApp(FastAPI):
    """A FastAPI application whose description is complete."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            found = super().openapi()
            found["components"]["securitySchemes"] = SCHEMES
            found["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
            found["components"]["responses"] = {_name(status): answer for status, answer in PROBLEMS.items()}
            found["security"] = [{name: []} for name in SCHEMES]
            for operation in _operations(found):
                _complete(operation)
        assert self.openapi_schema is not None
        return self.openapi_schema


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in found["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Say when no credentials are asked for, and what a body, If-Match or a try to sign in can be refused with."""
    if operation["operationId"] in PUBLIC:
        operation["security"] = []
    more = [412, 428] if any(one["name"] == "if-match" for one in operation.get("parameters", [])) else []
    more += [413, 415] if "requestBody" in operation else []
    more += [429, 503] if operation["operationId"] in SIGN_IN else []
    answers = operation["responses"] | {str(status): PROBLEMS[str(status)] for status in more}
    for status, answer in answers.items():
        if answer == PROBLEMS.get(status):
            answers[status] = {"$ref": f"#/components/responses/{_name(status)}"}
    if operation["operationId"] in EXECUTORS or operation["operationId"] == "set_approval_rule":
        answers.setdefault("202", AWAITS)
    operation["responses"] = dict(sorted(answers.items()))


def _name(status: str) -> str:
    return f"Problem{status}"
