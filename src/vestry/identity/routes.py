"""Signing in and out, the account, users and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response

from vestry.core.db import Database
from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.core.settings import settings
from vestry.identity import queries, schemas, service
from vestry.identity.access import visible
from vestry.identity.door import COOKIE, UNKNOWN, Work, may, refuse_cross_site
from vestry.identity.models import ApiToken, User
from vestry.identity.policy import POLICY, allows

router = make_router("identity")


@router.post("/auth/sign-in", operation_id="sign_in", status_code=204)
def sign_in(body: schemas.SignIn, request: Request, response: Response) -> None:
    """Open a session by password; the answer sets the session cookie. Public."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    # Hashing takes a while: nobody else's writing waits for it.
    with database.reading(UNKNOWN) as session:
        user = service.prove(session, email=body.email, password=body.password)
    with database.transaction(UNKNOWN) as session:
        secret = service.open_session(session, user, hours=settings().session_hours)
    _set_cookie(request, response, secret)


@router.post("/auth/sign-in-link", operation_id="sign_in_by_link", status_code=204)
def sign_in_by_link(body: schemas.SignInByLink, request: Request, response: Response) -> None:
    """Open a session by a one-use link; the answer sets the session cookie. Public."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        secret = service.sign_in_by_link(session, secret=body.token, hours=settings().session_hours)
    _set_cookie(request, response, secret)


@router.post("/auth/sign-out", operation_id="sign_out", status_code=204)
def sign_out(request: Request, response: Response) -> None:
    """End this session. Public: without a session nothing happens."""
    refuse_cross_site(request)
    secret = request.cookies.get(COOKIE)
    if secret:
        database: Database = request.app.state.database
        with database.transaction(UNKNOWN) as session:
            service.sign_out(session, secret=secret)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")


@router.get("/auth/me", operation_id="get_me")
def get_me(work: Annotated[Work, may("account.read")]) -> schemas.Me:
    """Who I am, for which firm, and what I may do."""
    firm = queries.firm_of(work.session, work.actor)
    user = work.session.get(User, work.actor.user_id) if work.actor.user_id else None
    return schemas.Me(
        user=schemas.MeUser(id=user.id, email=user.email, name=user.name) if user else None,
        firm=schemas.FirmOut(id=firm.id, name=firm.name, currency=firm.currency, is_demo=firm.is_demo),
        role=work.actor.role,
        abilities=sorted(operation for operation in POLICY if allows(work.actor.role, operation)),
    )


@router.put("/auth/password", operation_id="change_password", status_code=204)
def change_password(
    body: schemas.ChangePassword, work: Annotated[Work, may("account.change")], request: Request
) -> None:
    """Change my password; my other sessions end."""
    here = request.cookies.get(COOKIE)
    service.set_password(work.session, work.actor, current=body.current, new=body.new, here=here)


@router.get("/users", operation_id="list_users")
def list_users(work: Annotated[Work, may("user.read")]) -> list[schemas.UserOut]:
    """The people of the firm."""
    users = work.session.scalars(visible(work.actor, User).order_by(User.id))
    return [schemas.UserOut.model_validate(user, from_attributes=True) for user in users]


@router.post("/users", operation_id="create_user", status_code=201)
def create_user(body: schemas.NewUser, work: Annotated[Work, may("user.change")]) -> schemas.UserOut:
    """Add a person to the firm."""
    user = service.create_user(work.session, work.actor, **body.model_dump())
    return schemas.UserOut.model_validate(user, from_attributes=True)


@router.get("/tokens", operation_id="list_tokens")
def list_tokens(work: Annotated[Work, may("token.read")]) -> list[schemas.TokenOut]:
    """The firm's API tokens, without their secrets."""
    tokens = work.session.scalars(visible(work.actor, ApiToken).order_by(ApiToken.id))
    return [schemas.TokenOut.model_validate(token, from_attributes=True) for token in tokens]


@router.post("/tokens", operation_id="create_token", status_code=201)
def create_token(body: schemas.NewToken, work: Annotated[Work, may("token.change")]) -> schemas.NewTokenOut:
    """Make a token; its secret is in this answer only."""
    token, secret = service.create_token(work.session, work.actor, **body.model_dump())
    shown = schemas.TokenOut.model_validate(token, from_attributes=True)
    return schemas.NewTokenOut(**shown.model_dump(), secret=secret)


@router.delete("/tokens/{token_id}", operation_id="revoke_token", status_code=204)
def revoke_token(token_id: Id, work: Annotated[Work, may("token.change")]) -> None:
    """Refuse a token from the next request on."""
    service.revoke_token(work.session, work.actor, token_id)


def _set_cookie(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=settings().session_hours * 3600,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
