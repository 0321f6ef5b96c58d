"""Sign-in forms and what an account shows of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vestry.core.fields import Id, Input, Name, Output, example
from vestry.identity.signin.passwords import CHARACTERS_MAX, CHARACTERS_MIN

RoleName = Literal[
    "administrator",
    "manager",
    "analyst",
    "accountant",
    "auditor",
    "advisor",
    "client",
    "investor",
    "company_contact",
]
GrantKind = Literal["firm", "fund", "vehicle", "company", "investor"]


def _email(value: str) -> str:
    local, _, domain = value.partition("@")
    if not local or "." not in domain or " " in value:
        raise ValueError("must be an e-mail address such as ada@firm.com")
    return value


Email = Annotated[Name, AfterValidator(_email)]
GivenPassword = Annotated[str, Field(min_length=1, max_length=CHARACTERS_MAX)]
NewPassword = Annotated[str, Field(min_length=CHARACTERS_MIN, max_length=CHARACTERS_MAX)]


class ChangePassword(Input):
    """The current password (where there is one) and the new one."""

    model_config = example({"current": "correct horse battery", "new": "a longer horse battery"})

    current: GivenPassword | None = None
    new: NewPassword


class GrantFields(Input):
    """A part of the firm: all of it, or one fund, vehicle, company or investor by its id."""

    model_config = example({"scope_kind": "fund", "scope_id": 12})

    scope_kind: GrantKind
    scope_id: Id | None = None


class NewGrant(GrantFields):
    """What a user or a token may see from the next request on; name one of the two."""

    model_config = example({"user_id": 3, "scope_kind": "fund", "scope_id": 12})

    user_id: Id | None = None
    token_id: Id | None = None


class GrantOut(Output):
    """What a user or a token may see, or might until it was revoked."""

    id: int
    user_id: int | None
    token_id: int | None
    scope_kind: str
    scope_id: int | None
    granted_by: int | None
    granted_at: datetime
    revoked_by: int | None
    revoked_at: datetime | None


class HeldGrant(Output):
    """A live grant of a user or token."""

    id: int
    scope_kind: str
    scope_id: int | None


class AccessRule(Output):
    """A row of the policy: what the grant of this kind opens, or whether the role may do the operation."""

    row: str
    holds: bool
    says: str


class AccessOut(Output):
    """Whether a user sees a record, and which rights let them or are missing."""

    user_id: int
    user: str
    role: str
    record: str
    sees: bool
    operation: AccessRule
    grants: list[HeldGrant]
    rules: list[AccessRule]
    missing: str | None
    hidden_fields: list[str]


class NewUser(Input):
    """A person of the firm."""

    model_config = example({"email": "grace@firm.com", "name": "Grace Hopper", "role": "analyst"})

    email: Email
    name: Name
    role: RoleName
    password: NewPassword | None = None
    grants: Annotated[list[GrantFields], Field(max_length=100, default_factory=list)]


class NewToken(Input):
    """A program's token."""

    model_config = example({"name": "nightly report", "role": "auditor", "days": 90})

    name: Name
    role: RoleName
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    grants: Annotated[list[GrantFields], Field(max_length=100, default_factory=list)]
    networks: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20, default_factory=list)]


class ChangeUser(Input):
    """What an administrator may correct of a person."""

    model_config = example({"name": "Grace Hopper", "role": "manager"})

    name: Name
    role: RoleName


class UserOut(Output):
    """A user as others of the firm see them."""

    id: int
    email: str
    name: str
    role: str
    deactivated_at: datetime | None
    grants: list[HeldGrant]
    version: int


class TokenOut(Output):
    """A token without its secret."""

    id: int
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    networks: list[str]
    grants: list[HeldGrant]


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
