"""My second factors, those of others, and the firm's rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from sqlalchemy import select

from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity.door import Work, cookie_of, may, set_cookie
from vestry.identity.factors import schemas, service
from vestry.identity.factors.models import TotpFactor
from vestry.identity.models import User
from vestry.identity.sessions.service import renew_secret
from vestry.identity.signin import delays

router = make_router("identity")


@router.get("/auth/factors", operation_id="get_factors")
def get_factors(work: Annotated[Work, may("account.read")]) -> schemas.Factors:
    """My second factors; none for tokens."""
    user = work.session.get(User, work.actor.user_id) if work.actor.user_id else None
    if user is None:
        return schemas.Factors(totp_since=None, recovery_codes_left=0, required=False)
    since = work.session.scalar(select(TotpFactor.confirmed_at).where(TotpFactor.user_id == user.id))
    left = service.recovery_codes_left(work.session, user)
    required = service.is_required(work.session, user)
    return schemas.Factors(totp_since=since, recovery_codes_left=left, required=required)


@router.post("/auth/totp", operation_id="begin_totp")
def begin_totp(
    body: schemas.Again, work: Annotated[Work, may("account.change")], request: Request
) -> schemas.Enrolment:
    """A secret for my authenticator application; it counts once I confirm it with a code."""
    user = service.myself(work.session, work.actor)
    service.prove_again(work.session, user, password=body.password, here=cookie_of(request))
    made = service.begin_totp(work.session, user)
    return schemas.Enrolment(secret=made.secret, address=made.address)


@router.post("/auth/totp/confirm", operation_id="confirm_totp")
def confirm_totp(
    body: schemas.TotpCode, work: Annotated[Work, may("account.change")], request: Request, response: Response
) -> schemas.RecoveryCodes:
    """Count my application from now on; the answer holds recovery codes, this once. My session gets a new cookie."""
    codes = service.confirm_totp(work.session, service.myself(work.session, work.actor), body.code)
    _renew(work, request, response)
    return schemas.RecoveryCodes(recovery_codes=codes)


@router.post("/auth/totp/remove", operation_id="remove_totp", status_code=204)
def remove_totp(
    body: schemas.Again, work: Annotated[Work, may("account.change")], request: Request, response: Response
) -> None:
    """Take my application and recovery codes away; refused where the firm asks my role for a second factor."""
    user = service.myself(work.session, work.actor)
    service.prove_again(work.session, user, password=body.password, here=cookie_of(request))
    service.remove_totp(work.session, user)
    _renew(work, request, response)


@router.post("/auth/recovery-codes", operation_id="renew_recovery_codes")
def renew_recovery_codes(body: schemas.TotpCode, work: Annotated[Work, may("account.change")]) -> schemas.RecoveryCodes:
    """Ten new recovery codes for a code of my application; the earlier ones are void."""
    user = service.myself(work.session, work.actor)
    with delays.watched(work.session, delays.again(user.id)):
        service.check_totp(work.session, user, body.code)
    return schemas.RecoveryCodes(recovery_codes=service.renew_recovery_codes(work.session, user))


@router.post("/users/{user_id}/reset-factors", operation_id="reset_factors", status_code=204)
def reset_factors(user_id: Id, work: Annotated[Work, may("user.change")]) -> None:
    """Take away the second factors of somebody who lost them, and end their sessions. Not one's own."""
    service.reset_factors(work.session, work.actor, user_id)


@router.get("/sign-in-rules", operation_id="get_sign_in_rules")
def get_sign_in_rules(work: Annotated[Work, may("sign_in_rules.read")]) -> schemas.Rules:
    """What the firm asks of its people when they sign in."""
    rules = service.rules_of(work.session, work.actor.firm_id)
    return schemas.Rules.of(rules)


@router.put("/sign-in-rules", operation_id="set_sign_in_rules")
def set_sign_in_rules(body: schemas.RulesForm, work: Annotated[Work, may("sign_in_rules.change")]) -> schemas.Rules:
    """Ask roles for a second factor. Whoever has none sets one up at the next sign-in; tokens are not affected."""
    rules = service.set_rules(work.session, work.actor, **body.model_dump())
    return schemas.Rules.of(rules)


def _renew(work: Work, request: Request, response: Response) -> None:
    here = cookie_of(request)
    if here is not None:
        set_cookie(request, response, renew_secret(work.session, here))
