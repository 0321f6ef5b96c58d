"""Programs that work for me."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request

from vestry.core.db import Database
from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity.door import UNKNOWN, Work, cookie_of, may
from vestry.identity.factors.service import ProveAgain, myself
from vestry.identity.tokens import schemas, service, signed

router = make_router("identity")


@router.get("/auth/programs", operation_id="list_programs")
def list_programs(work: Annotated[Work, may("account.read")]) -> list[schemas.ProgramOut]:
    """Programs that work for me by access tokens, the latest used first."""
    fields = schemas.ProgramOut.model_fields
    found = service.mine(work.session, work.actor)
    return [schemas.ProgramOut(**{name: getattr(one, name) for name in fields}) for one in found]


@router.post("/auth/programs", operation_id="create_program", status_code=201)
def create_program(
    body: schemas.NewProgram, work: Annotated[Work, may("account.change")], request: Request
) -> schemas.Tokens:
    """Let a program work for me, with my rights of each moment. Asked for by a browser session, not by a token."""
    user = myself(work.session, work.actor)
    if cookie_of(request) is None or "authorization" in request.headers:
        raise ProveAgain("A token does not make further tokens.", mend="Sign in with a browser.")
    return _tokens(service.begin(work.session, user, name=body.name))


@router.delete("/auth/programs/{program_id}", operation_id="end_program", status_code=204)
def end_program(program_id: Id, work: Annotated[Work, may("account.change")]) -> None:
    """Let a program work for me no more, from its next request on."""
    service.end(work.session, work.actor, program_id)


@router.post("/auth/refresh", operation_id="refresh_tokens")
def refresh_tokens(body: schemas.Refresh, request: Request) -> schemas.Tokens:
    """Exchange a refresh token for the next pair. Public.

    Each is good once. The newest exchange may be repeated once within 30 seconds, for a lost answer; any other
    repetition ends the program. It ends after 30 days, or 7 without an exchange, in any case.
    """
    database: Database = request.app.state.database
    return _tokens(service.renew(database, UNKNOWN, refresh=body.refresh_token))


@router.post("/auth/refresh/revoke", operation_id="revoke_refresh_token", status_code=204)
def revoke_refresh_token(body: schemas.Refresh, request: Request) -> None:
    """Sign a program out by its refresh token. Public; any other text answers the same."""
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        service.give_back(session, refresh=body.refresh_token)


def _tokens(pair: service.Pair) -> schemas.Tokens:
    return schemas.Tokens(
        access_token=pair.access,
        token_type="Bearer",  # noqa: S106 - the scheme's name
        expires_in=int(signed.LASTS.total_seconds()),
        refresh_token=pair.refresh,
        program_id=pair.family.id,
    )
