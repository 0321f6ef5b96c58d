"""Inviting and accepting; new passwords for forgotten ones."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response

from vestry.core.db import Database
from vestry.core.fields import Id
from vestry.core.http import router as make_router
from vestry.identity.door import UNKNOWN, Work, may, refuse_cross_site, visit_of
from vestry.identity.invitations import schemas, service
from vestry.identity.invitations.models import Invitation
from vestry.identity.models import Firm
from vestry.identity.signin import delays
from vestry.identity.signin.answers import ADMITTED, admitted
from vestry.identity.signin.service import admit

router = make_router("identity")


@router.get("/invitations", operation_id="list_invitations")
def list_invitations(work: Annotated[Work, may("invitation.read")]) -> list[schemas.InvitationOut]:
    """Invitations of the firm that can still be accepted, the latest first."""
    found = service.open_invitations(work.session, work.actor)
    return [schemas.InvitationOut(**_shown(one)) for one in found]


@router.post("/invitations", operation_id="create_invitation", status_code=201)
def create_invitation(
    body: schemas.NewInvitation, work: Annotated[Work, may("invitation.change")]
) -> schemas.NewInvitationOut:
    """Invite somebody by mail, with a role and grants. Good once, for seven days; earlier ones of the address end."""
    made, link = service.invite(work.session, work.actor, **body.model_dump())
    return schemas.NewInvitationOut(**_shown(made), link=link)


@router.delete("/invitations/{invitation_id}", operation_id="revoke_invitation", status_code=204)
def revoke_invitation(invitation_id: Id, work: Annotated[Work, may("invitation.change")]) -> None:
    """Take an invitation back; its link opens nothing any more."""
    service.take_back(work.session, work.actor, invitation_id)


@router.post("/auth/invitation", operation_id="show_invitation")
def show_invitation(body: schemas.Letter, request: Request) -> schemas.InvitationShown:
    """What an invitation's link invites to. Public; changes nothing."""
    database: Database = request.app.state.database
    with database.reading(UNKNOWN) as session:
        found = service.read(session, body.token)
        firm = session.get_one(Firm, found.firm_id).name
        return schemas.InvitationShown(
            firm=firm, email=found.email, name=found.name, role=found.role, expires_at=found.expires_at
        )


@router.post("/auth/invitation/accept", operation_id="accept_invitation", **ADMITTED)
def accept_invitation(body: schemas.Acceptance, request: Request) -> Response:
    """Join the firm by an invitation's link and sign in; the answer sets the session cookie. Public.

    200 with what is asked for next where the firm asks the role for a second factor.
    """
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        user = service.accept(session, secret=body.token, name=body.name, password=body.password)
        admission = admit(session, user, visit_of(request), proof="invitation")
    return admitted(request, admission)


@router.post("/auth/password-reset", operation_id="ask_for_password_reset", status_code=204)
def ask_for_password_reset(body: schemas.Forgotten, request: Request) -> None:
    """Mail a link to a new password. Public; the answer is the same whether the address is known or not."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    tries = delays.counted(f"reset\0{body.email}", visit_of(request).address)
    with database.transaction(UNKNOWN) as session:
        delays.reserve(session, *tries)
    # Behind the answer, whose time would else tell whether there was anything to do.
    database.behind(UNKNOWN, lambda session: service.ask_for_reset(session, email=body.email))


@router.post("/auth/new-password", operation_id="reset_password", status_code=204)
def reset_password(body: schemas.NewPasswordForm, request: Request) -> None:
    """Set a new password by a mailed link; all sessions end and nobody is signed in by it. Public."""
    refuse_cross_site(request)
    database: Database = request.app.state.database
    with database.transaction(UNKNOWN) as session:
        service.reset(session, secret=body.token, password=body.password)


def _shown(one: Invitation) -> dict[str, Any]:
    return {name: getattr(one, name) for name in schemas.InvitationOut.model_fields}
