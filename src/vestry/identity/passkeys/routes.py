"""My passkeys, and signing in by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response

from vestry.core.db import Database
from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity import events
from vestry.identity.door import UNKNOWN, Work, cookie_of, may, refuse_cross_site, visit_of
from vestry.identity.factors.schemas import Again
from vestry.identity.factors.service import myself, prove_again
from vestry.identity.passkeys import schemas, service
from vestry.identity.passkeys.models import Passkey
from vestry.identity.signin.answers import ADMITTED, admitted
from vestry.identity.signin.service import admit, second_step, waiting_for_second_step
from vestry.identity.sites import site_of

router = make_router("identity")


@router.get("/auth/passkeys", operation_id="list_passkeys")
def list_passkeys(work: Annotated[Work, may("account.read")]) -> list[schemas.PasskeyOut]:
    """My passkeys, the oldest first."""
    return [_shown(one) for one in service.mine(work.session, work.actor.firm_id, work.actor.user_id)]


@router.post("/auth/passkey-options", operation_id="begin_passkey")
def begin_passkey(body: Again, work: Annotated[Work, may("account.change")], request: Request) -> schemas.Options:
    """What to ask this browser for a new passkey with; good for five minutes."""
    user = myself(work.session, work.actor)
    prove_again(work.session, user, password=body.password, here=cookie_of(request))
    return schemas.Options(options=service.begin_registration(work.session, user, site_of(request)))


@router.post("/auth/passkeys", operation_id="create_passkey", status_code=201)
def create_passkey(
    body: schemas.NewPasskey, work: Annotated[Work, may("account.change")], request: Request
) -> schemas.PasskeyOut:
    """Keep a new passkey, as the browser made it for the options."""
    user = myself(work.session, work.actor)
    return _shown(service.register(work.session, user, site_of(request), **body.model_dump()))


@router.put("/auth/passkeys/{passkey_id}", operation_id="rename_passkey")
def rename_passkey(
    passkey_id: Id, body: schemas.PasskeyName, work: Annotated[Work, may("account.change")]
) -> schemas.PasskeyOut:
    """Call a passkey of mine something else."""
    return _shown(service.rename(work.session, work.actor, passkey_id, name=body.name))


@router.post("/auth/passkeys/{passkey_id}/remove", operation_id="remove_passkey", status_code=204)
def remove_passkey(passkey_id: Id, body: Again, work: Annotated[Work, may("account.change")], request: Request) -> None:
    """Take a passkey of mine away. The last second factor stays where the firm asks for one."""
    user = myself(work.session, work.actor)
    prove_again(work.session, user, password=body.password, here=cookie_of(request))
    service.remove(work.session, user, work.actor, passkey_id)


@router.post("/auth/passkey/options", operation_id="begin_passkey_sign_in")
def begin_passkey_sign_in(request: Request) -> schemas.Options:
    """What to ask a browser for any passkey of this site with; good for five minutes. Public."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        return schemas.Options(options=service.begin_sign_in(session, site_of(request)))


@router.post("/auth/passkey", operation_id="sign_in_by_passkey", **ADMITTED)
def sign_in_by_passkey(body: schemas.ShownPasskey, request: Request) -> Response:
    """Open a session by a passkey that has checked its owner: both factors in one. Public."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    try:
        with database.transaction(UNKNOWN) as session:
            user = service.show(session, site_of(request), credential=body.credential)
            admission = admit(session, user, visit_of(request), proof="passkey", is_enough=True)
    except service.PasskeyRefused:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, None, proof="passkey")
        raise
    return admitted(request, admission)


@router.post("/auth/second-step/passkey/options", operation_id="begin_second_passkey")
def begin_second_passkey(request: Request) -> schemas.Options:
    """What to ask the browser for one of my passkeys with, after the password."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        user = waiting_for_second_step(session, cookie_of(request))
        return schemas.Options(options=service.begin_sign_in(session, site_of(request), user))


@router.post("/auth/second-step/passkey", operation_id="show_passkey", **ADMITTED)
def show_passkey(body: schemas.ShownPasskey, request: Request) -> Response:
    """Finish signing in by one of my passkeys."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    admission = second_step(
        database,
        visit_of(request),
        cookie_of(request),
        proof="passkey",
        check=lambda session, user: service.show(session, site_of(request), credential=body.credential, user=user),
    )
    return admitted(request, admission)


def _shown(one: Passkey) -> schemas.PasskeyOut:
    return schemas.PasskeyOut(**{name: getattr(one, name) for name in schemas.PasskeyOut.model_fields})
