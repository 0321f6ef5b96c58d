"""Forms and answers about invitations and new passwords."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from vestry.core.fields import Input, Name, Output, Prose, example, text_schema
from vestry.identity.schemas import Email, GrantFields, NewPassword, RoleName

Secret = Annotated[str, Field(min_length=1, max_length=200)]


class NewInvitation(Input):
    """Whom to invite, in which role, to see what. Staff without grants see the whole firm."""

    model_config = example({"email": "ada@firm.com", "name": "Ada Lovelace", "role": "analyst", "grants": []})

    email: Email
    name: Name
    role: RoleName
    grants: Annotated[list[GrantFields], Field(max_length=100, default_factory=list)]


class InvitationOut(Output):
    """An invitation that was not accepted yet."""

    id: int
    email: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime


class NewInvitationOut(InvitationOut):
    """The same with its link, which was mailed too and is shown in this answer only."""

    link: str


class Letter(Input):
    """The secret of an invitation's link."""

    model_config = example({"token": "vi_pZ0x"})

    token: Secret


class InvitationShown(Output):
    """What somebody who was invited sees before accepting."""

    firm: str
    email: str
    name: str
    role: str
    expires_at: datetime


class Acceptance(Input):
    """The secret of the link, how one is called, and the password to sign in with."""

    model_config = example({"token": "vi_pZ0x", "name": "Ada Lovelace", "password": "correct horse battery"})

    token: Secret
    name: Name
    password: NewPassword


class Forgotten(Input):
    """The address whose password was forgotten."""

    model_config = example({"email": "ada@firm.com"})

    email: Annotated[Prose, Field(min_length=1, max_length=254), text_schema(1, 254)]


class NewPasswordForm(Input):
    """The secret of the link, and the new password."""

    model_config = example({"token": "vr_pZ0x", "password": "correct horse battery"})

    token: Secret
    password: NewPassword
