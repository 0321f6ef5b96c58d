"""The account, users and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Request, Response

from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.core.versions import Seen
from vestry.identity import grants, queries, schemas, service
from vestry.identity.access import permits, visible
from vestry.identity.door import Work, cookie_of, may, set_cookie
from vestry.identity.models import ApiToken, User
from vestry.identity.policy import POLICY

router = make_router("identity")


@router.get("/auth/me", operation_id="get_me")
def get_me(work: Annotated[Work, may("account.read")]) -> schemas.Me:
    """Who I am, for which firm, and what I may do."""
    firm = queries.firm_of(work.session, work.actor)
    user = work.session.get(User, work.actor.user_id) if work.actor.user_id else None
    return schemas.Me(
        user=schemas.MeUser(id=user.id, email=user.email, name=user.name) if user else None,
        firm=schemas.FirmOut(id=firm.id, name=firm.name, currency=firm.currency, is_demo=firm.is_demo),
        role=work.actor.role,
        abilities=sorted(operation for operation in POLICY if permits(work.actor, operation)),
    )


@router.put("/auth/password", operation_id="change_password", status_code=204)
def change_password(
    body: schemas.ChangePassword, work: Annotated[Work, may("account.change")], request: Request, response: Response
) -> None:
    """Change my password; my other sessions end and this one gets a new cookie.

    Refused as `weak_password` when it is short, common, or little more than a name of mine or the firm's.
    """
    here = cookie_of(request)
    renewed = service.set_password(work.session, work.actor, current=body.current, new=body.new, here=here)
    if renewed is not None:
        set_cookie(request, response, renewed)


@router.get("/users", operation_id="list_users")
def list_users(work: Annotated[Work, may("user.read")]) -> list[schemas.UserOut]:
    """The people of the firm."""
    users = work.session.scalars(visible(work.actor, User).order_by(User.id)).all()
    held = grants.live(work.session, work.actor, users)
    return [_user(user, held) for user in users]


@router.post("/users", operation_id="create_user", status_code=201)
def create_user(body: schemas.NewUser, work: Annotated[Work, may("user.change")]) -> schemas.UserOut:
    """Add a person to the firm."""
    values = body.model_dump(exclude={"password"})
    user = service.add_user(work.session, work.actor, **values, password=lambda: body.password)
    return _user(user, grants.live(work.session, work.actor, [user]))


@router.put("/users/{user_id}", operation_id="change_user")
def change_user(
    user_id: Id,
    body: schemas.ChangeUser,
    work: Annotated[Work, may("user.change")],
    version: Seen,
) -> schemas.UserOut:
    """Correct a person's name or role. A new role ends their sessions: they sign in again with it."""
    user = service.change_user(work.session, work.actor, user_id, **body.model_dump(), version=version)
    return _user(user, grants.live(work.session, work.actor, [user]))


@router.post("/users/{user_id}/deactivate", operation_id="deactivate_user")
def deactivate_user(user_id: Id, work: Annotated[Work, may("user.change")]) -> schemas.UserOut:
    """Let a person in no more: their sessions and links end with this answer. What they recorded stays."""
    user = service.deactivate_user(work.session, work.actor, user_id)
    return _user(user, grants.live(work.session, work.actor, [user]))


@router.post("/users/{user_id}/reactivate", operation_id="reactivate_user")
def reactivate_user(user_id: Id, work: Annotated[Work, may("user.change")]) -> schemas.UserOut:
    """Let a person sign in again, with the password they had."""
    user = service.reactivate_user(work.session, work.actor, user_id)
    return _user(user, grants.live(work.session, work.actor, [user]))


@router.get("/tokens", operation_id="list_tokens")
def list_tokens(work: Annotated[Work, may("token.read")]) -> list[schemas.TokenOut]:
    """The firm's API tokens, without their secrets."""
    tokens = work.session.scalars(visible(work.actor, ApiToken).order_by(ApiToken.id)).all()
    held = grants.live(work.session, work.actor, tokens)
    return [_token(token, held) for token in tokens]


@router.post("/tokens", operation_id="create_token", status_code=201)
def create_token(body: schemas.NewToken, work: Annotated[Work, may("token.change")]) -> schemas.NewTokenOut:
    """Make a token; its secret is in this answer only."""
    token, secret = service.create_token(work.session, work.actor, **body.model_dump())
    shown = _token(token, grants.live(work.session, work.actor, [token]))
    return schemas.NewTokenOut(**shown.model_dump(), secret=secret)


@router.delete("/tokens/{token_id}", operation_id="revoke_token", status_code=204)
def revoke_token(token_id: Id, work: Annotated[Work, may("token.change")]) -> None:
    """Refuse a token from the next request on."""
    service.revoke_token(work.session, work.actor, token_id)


def _user(user: User, held: Mapping[int, list[dict[str, Any]]]) -> schemas.UserOut:
    names = ("id", "email", "name", "role", "deactivated_at", "version")
    return schemas.UserOut.model_validate({**{name: getattr(user, name) for name in names}, "grants": held[user.id]})


def _token(token: ApiToken, held: Mapping[int, list[dict[str, Any]]]) -> schemas.TokenOut:
    names = ("id", "name", "role", "created_at", "expires_at", "used_at", "revoked_at")
    shown = {name: getattr(token, name) for name in names}
    networks = token.networks.split(",") if token.networks else []
    return schemas.TokenOut.model_validate(shown | {"grants": held[token.id], "networks": networks})
