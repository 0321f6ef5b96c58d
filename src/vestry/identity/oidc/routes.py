"""The firm's directories, signing in by them, and my accounts in them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.routing import APIRoute

from vestry.core.db import Database
from vestry.core.errors import VestryError
from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.core.versions import Seen
from vestry.identity.door import (
    UNKNOWN,
    Work,
    authenticate,
    cookie_of,
    may,
    refuse_cross_site,
    set_cookie,
    settled,
    visit_of,
)
from vestry.identity.factors.service import myself, prove_again
from vestry.identity.models import User
from vestry.identity.oidc import schemas, service
from vestry.identity.oidc.models import IdentityProvider
from vestry.identity.oidc.protocol import DirectoryRefused
from vestry.identity.sites import site_of

router = make_router("identity")
CALLBACK = "/api/v1/auth/oidc/callback"
COOKIE, SECURE_COOKIE = "vestry_directory", "__Host-vestry_directory"


@router.get("/identity-providers", operation_id="list_identity_providers")
def list_identity_providers(
    work: Annotated[Work, may("identity_provider.read")], request: Request
) -> list[schemas.ProviderOut]:
    """The directories that sign people of the firm in."""
    return [_shown(one, request) for one in service.providers(work.session, work.actor)]


@router.post("/identity-providers", operation_id="create_identity_provider", status_code=201)
def create_identity_provider(
    body: schemas.ProviderForm, work: Annotated[Work, may("identity_provider.change")], request: Request
) -> schemas.ProviderOut:
    """Let a directory sign people of the firm in. Register our `redirect_uri` there."""
    return _shown(service.create_provider(work.session, work.actor, **body.model_dump()), request)


@router.put("/identity-providers/{provider_id}", operation_id="change_identity_provider")
def change_identity_provider(
    provider_id: Id,
    body: schemas.ProviderForm,
    work: Annotated[Work, may("identity_provider.change")],
    version: Seen,
    request: Request,
) -> schemas.ProviderOut:
    """Correct a directory; without `client_secret` the kept one stays."""
    made = service.change_provider(work.session, work.actor, provider_id, version=version, **body.model_dump())
    return _shown(made, request)


@router.delete("/identity-providers/{provider_id}", operation_id="archive_identity_provider", status_code=204)
def archive_identity_provider(provider_id: Id, work: Annotated[Work, may("identity_provider.change")]) -> None:
    """Sign nobody in by this directory any more; sessions it opened go on until they end."""
    service.archive_provider(work.session, work.actor, provider_id)


@router.get("/auth/linked-accounts", operation_id="list_linked_accounts")
def list_linked_accounts(work: Annotated[Work, may("account.read")]) -> list[schemas.LinkedAccount]:
    """My accounts in directories that sign me in."""
    return [
        schemas.LinkedAccount(id=one.id, provider=name, email=one.email, created_at=one.created_at, used_at=one.used_at)
        for one, name in service.mine(work.session, work.actor)
    ]


@router.delete("/auth/linked-accounts/{identity_id}", operation_id="unlink_account", status_code=204)
def unlink_account(identity_id: Id, work: Annotated[Work, may("account.change")]) -> None:
    """Sign me in by that account no more."""
    service.unlink(work.session, work.actor, identity_id)


@router.get("/auth/oidc", operation_id="list_sign_in_providers")
def list_sign_in_providers(request: Request) -> list[schemas.ListedProvider]:
    """Directories to offer on the sign-in page. Public; those not listed are reached by their id."""
    database: Database = request.app.state.database
    with database.reading(UNKNOWN) as session:
        return [schemas.ListedProvider(id=one.id, name=one.name) for one in service.listed(session)]


@router.post("/auth/oidc/{provider_id}/begin", operation_id="begin_directory_sign_in")
def begin_directory_sign_in(
    provider_id: Id, body: schemas.BeginForm, request: Request, response: Response
) -> schemas.Way:
    """Where to send this browser to sign in by the directory; it comes back by itself. Public.

    With `link` it is for whoever is signed in, and proves it again: the account signs them in from then on.
    """
    refuse_cross_site(request)
    database: Database = request.app.state.database
    user = _linking(request, database, body.password) if body.link else None
    begun = service.begin(database, provider_id, redirect=_callback(request), user=user)
    _bind(request, response, begun.cookie)
    return schemas.Way(authorization_url=begun.url)


def _linking(request: Request, database: Database, password: str | None) -> User:
    actor = authenticate(request, database)
    with settled(database, actor), database.transaction(actor) as session:
        user = myself(session, actor)
        prove_again(session, user, password=password, here=cookie_of(request))
        return user


def finish_directory_sign_in(
    request: Request, state: str = "", code: str = "", iss: str | None = None, error: str | None = None
) -> Response:
    """Where the directory sends the browser back to. Public; ends on our pages, signed in or with a refusal."""
    database: Database = request.app.state.database
    cookie = request.cookies.get(_cookie_name(request))
    try:
        if error is not None or not code:
            raise DirectoryRefused("The directory did not sign you in.")
        admission = service.finish(
            database, visit_of(request), cookie=cookie, state=state, code=code, issuer=iss, redirect=_callback(request)
        )
    except VestryError as refused:
        response = Response(status_code=303, headers={"Location": f"/sign-in?error={quote(refused.code())}"})
    else:
        step = "" if admission.stage == "full" else f"sign-in?step={admission.stage}"
        response = Response(status_code=303, headers={"Location": f"/{step}"})
        set_cookie(request, response, admission.secret)
    response.delete_cookie(_cookie_name(request), path="/", httponly=True, samesite="lax", secure=_is_secure(request))
    return response


# Directories add parameters of their own, which RFC 6749 has us ignore: not read as strictly as our own questions.
router.add_api_route(
    "/auth/oidc/callback",
    finish_directory_sign_in,
    methods=["GET"],
    operation_id="finish_directory_sign_in",
    status_code=303,
    response_class=Response,
    route_class_override=APIRoute,
)


def _bind(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        _cookie_name(request),
        secret,
        max_age=int(service.LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",  # it has to come along when the directory sends the browser back
        secure=_is_secure(request),
    )


def _callback(request: Request) -> str:
    return f"{site_of(request).origin}{CALLBACK}"


def _cookie_name(request: Request) -> str:
    return SECURE_COOKIE if _is_secure(request) else COOKIE


def _is_secure(request: Request) -> bool:
    return bool(request.scope["scheme"] == "https")


def _shown(one: IdentityProvider, request: Request) -> schemas.ProviderOut:
    plain = {name: getattr(one, name) for name in ("id", "version", *service.FIELDS)}
    pairs = [schemas.GroupRoleOut(group=group, role=role) for group, role in one.role_by_group]
    return schemas.ProviderOut(
        **plain, role_by_group=pairs, has_secret=one.secret_sealed is not None, redirect_uri=_callback(request)
    )
