"""Signing in, the second step of it, and signing out."""

from __future__ import annotations

from fastapi import Request, Response

from vestry.core.db import Database
from vestry.core.http import router as make_router
from vestry.identity import events
from vestry.identity.door import (
    UNKNOWN,
    cookie_of,
    drop_cookie,
    refuse_cross_site,
    set_cookie,
    visit_of,
)
from vestry.identity.factors import schemas as factor_schemas
from vestry.identity.factors import service as factors
from vestry.identity.sessions.service import sign_out as end_this_session
from vestry.identity.signin import schemas, service
from vestry.identity.signin.answers import ADMITTED, admitted

router = make_router("identity")


@router.post("/auth/sign-in", operation_id="sign_in", **ADMITTED)
def sign_in(body: schemas.SignIn, request: Request) -> Response:
    """Open a session by password; the answer sets the session cookie. Public.

    204: signed in. 200: a second factor is asked for; the cookie opens nothing but `/auth/second-step` until it was
    shown. A wrong password and an unknown address answer the same. After a few failures the next try has to wait,
    longer each time: 429 with `Retry-After` in seconds.
    """
    refuse_cross_site(request)
    database: Database = request.app.state.database
    return admitted(request, service.sign_in(database, visit_of(request), email=body.email, password=body.password))


@router.post("/auth/sign-in-link", operation_id="sign_in_by_link", **ADMITTED)
def sign_in_by_link(body: schemas.SignInByLink, request: Request) -> Response:
    """Open a session by a one-use link; the answer sets the session cookie. Public. 200 as for signing in."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    try:
        with database.transaction(UNKNOWN) as session:
            admission = service.sign_in_by_link(session, visit_of(request), secret=body.token)
    except service.LinkSpent:
        with database.transaction(UNKNOWN) as session:
            events.tell_failure(session, None, proof="link")
        raise
    return admitted(request, admission)


@router.get("/auth/second-step", operation_id="get_second_step")
def get_second_step(request: Request) -> factor_schemas.NextStep:
    """What my unfinished session waits for; 401 without one."""
    database: Database = request.app.state.database
    with database.reading(UNKNOWN) as session:
        found = service.next_step(session, cookie_of(request))
    return factor_schemas.NextStep.model_validate({"next": found.stage, "factors": list(found.factors)})


@router.post("/auth/second-step/totp", operation_id="show_totp", **ADMITTED)
def show_totp(body: factor_schemas.TotpCode, request: Request) -> Response:
    """Finish signing in by a code of my authenticator application; each code counts once."""
    return _second_step(request, "totp", lambda session, user: factors.check_totp(session, user, body.code))


@router.post("/auth/second-step/recovery-code", operation_id="show_recovery_code", **ADMITTED)
def show_recovery_code(body: factor_schemas.RecoveryCodeForm, request: Request) -> Response:
    """Finish signing in by one of my recovery codes, which is spent by it."""
    return _second_step(
        request, "recovery_code", lambda session, user: factors.check_recovery_code(session, user, body.code)
    )


@router.post("/auth/second-step/enrol", operation_id="begin_enrolment")
def begin_enrolment(request: Request) -> factor_schemas.Enrolment:
    """A secret for my authenticator application, where my firm asks for one before the session opens."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        made = service.begin_enrolment(session, cookie_of(request))
    return factor_schemas.Enrolment(secret=made.secret, address=made.address)


@router.post("/auth/second-step/enrol/confirm", operation_id="finish_enrolment")
def finish_enrolment(
    body: factor_schemas.TotpCode, request: Request, response: Response
) -> factor_schemas.RecoveryCodes:
    """Finish signing in by a code of the new application; the answer holds recovery codes, this once."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    admission, codes = service.finish_enrolment(database, visit_of(request), cookie_of(request), code=body.code)
    set_cookie(request, response, admission.secret)
    return factor_schemas.RecoveryCodes(recovery_codes=codes)


def _second_step(request: Request, proof: str, check: service.Check) -> Response:
    refuse_cross_site(request)
    database: Database = request.app.state.database
    return admitted(
        request, service.second_step(database, visit_of(request), cookie_of(request), proof=proof, check=check)
    )


@router.post("/auth/sign-out", operation_id="sign_out", status_code=204)
def sign_out(request: Request, response: Response) -> None:
    """End this session. Public: without a session nothing happens."""
    refuse_cross_site(request)
    secret = cookie_of(request)
    if secret:
        database: Database = request.app.state.database
        with database.transaction(UNKNOWN) as session:
            end_this_session(session, secret=secret)
    drop_cookie(request, response)
