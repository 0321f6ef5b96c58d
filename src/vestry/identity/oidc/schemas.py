"""Forms and answers about directories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from vestry.core.fields import Input, Name, Output, example
from vestry.identity.schemas import GivenPassword, RoleName

Address = Annotated[str, Field(min_length=8, max_length=500)]
# What directories are asked and answer with: the printable characters of RFC 6749, appendix A.
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Secret = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[!-~]([ -~]*[!-~])?$")]


class GroupRole(Input):
    """A group of the directory, and the role it gives."""

    model_config = example({"group": "fund-managers", "role": "manager"})

    group: Name
    role: RoleName


class ProviderForm(Input):
    """A directory by its issuer (its discovery address without `/.well-known/…`), and how we are known to it.

    Without `role_by_group` roles are kept by hand; with it the first group a person is in gives the role at each
    sign-in. `client_secret` left out: none for a new one, the kept one for a known one.
    """

    model_config = example(
        {
            "name": "Example Directory",
            "issuer": "https://login.example.com",
            "client_id": "vestry",
            "client_secret": "from the directory",
            "role_by_group": [{"group": "fund-managers", "role": "manager"}],
        }
    )

    name: Name
    issuer: Address
    client_id: Word
    client_secret: Secret | None = None
    scopes: Annotated[str, Field(min_length=6, max_length=200, pattern=r"^[ -~]+$")] = "openid email profile"
    groups_claim: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")] = "groups"
    role_by_group: Annotated[list[GroupRole], Field(max_length=100, default_factory=list)]
    second_factor_done: bool = False
    is_listed: bool = True


class GroupRoleOut(Output):
    """A group of the directory, and the role it gives."""

    group: str
    role: str


class ProviderOut(Output):
    """A directory without its secret. ``redirect_uri`` is what to register there."""

    id: int
    name: str
    issuer: str
    client_id: str
    has_secret: bool
    scopes: str
    groups_claim: str
    role_by_group: list[GroupRoleOut]
    second_factor_done: bool
    is_listed: bool
    redirect_uri: str
    version: int


class ListedProvider(Output):
    """A directory as the sign-in page shows it."""

    id: int
    name: str


class BeginForm(Input):
    """Whether to link an account to whoever is signed in, with the password once more, where there is one."""

    model_config = example({"link": False})

    link: bool = False
    password: GivenPassword | None = None


class Way(Output):
    """Where to send the browser."""

    authorization_url: str


class LinkedAccount(Output):
    """An account of mine in a directory that signs me in."""

    id: int
    provider: str
    email: str | None
    created_at: datetime
    used_at: datetime | None
