"""Sign-in forms and what an account shows of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vestry.core.fields import Input, Name, Output, Prose, example
from vestry.identity.secrets import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN

RoleName = Literal["administrator", "manager", "analyst", "auditor"]


def _email(value: str) -> str:
    local, _, domain = value.partition("@")
    if not local or "." not in domain or " " in value:
        raise ValueError("must be an e-mail address such as ada@firm.com")
    return value


Email = Annotated[Name, Field(max_length=254), AfterValidator(_email)]
GivenPassword = Annotated[str, Field(min_length=1, max_length=PASSWORD_CHARACTERS_MAX)]
NewPassword = Annotated[str, Field(min_length=PASSWORD_CHARACTERS_MIN, max_length=PASSWORD_CHARACTERS_MAX)]


class SignIn(Input):
    """An address and its password."""

    model_config = example({"email": "ada@firm.com", "password": "correct horse battery"})

    email: Annotated[Prose, Field(min_length=1, max_length=254)]
    password: GivenPassword


class SignInByLink(Input):
    """The secret of a one-use link."""

    model_config = example({"token": "vl_pZ0x"})

    token: Annotated[str, Field(min_length=1, max_length=200)]


class ChangePassword(Input):
    """The current password (where there is one) and the new one."""

    model_config = example({"current": "correct horse battery", "new": "a longer horse battery"})

    current: GivenPassword | None = None
    new: NewPassword


class NewUser(Input):
    """A person of the firm."""

    model_config = example({"email": "grace@firm.com", "name": "Grace Hopper", "role": "analyst"})

    email: Email
    name: Name
    role: RoleName
    password: NewPassword | None = None


class NewToken(Input):
    """A program's token."""

    model_config = example({"name": "nightly report", "role": "auditor", "days": 90})

    name: Name
    role: RoleName
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class UserOut(Output):
    """A user as others of the firm see them."""

    id: int
    email: str
    name: str
    role: str
    deactivated_at: datetime | None


class TokenOut(Output):
    """A token without its secret."""

    id: int
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewTokenOut(TokenOut):
    """The only time the secret is shown."""

    secret: str


class FirmOut(Output):
    """The firm one works for."""

    id: int
    name: str
    currency: str
    is_demo: bool


class MeUser(Output):
    """The signed-in user; null for tokens."""

    id: int
    email: str
    name: str


class Me(Output):
    """Who asks, for which firm, and what they may do."""

    user: MeUser | None
    firm: FirmOut
    role: str
    abilities: list[str]
