"""Forms and answers about second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from vestry.core.fields import Id, Input, Output, example
from vestry.identity.schemas import GivenPassword, RoleName

Code = Annotated[str, Field(min_length=6, max_length=6, pattern="^[0-9]{6}$")]
Factor = Literal["totp", "recovery_code", "passkey"]


class NextStep(Output):
    """What is asked for before the session opens: a second factor, or to set one up. ``factors`` can be shown now."""

    next: Literal["second_step", "enrol"]
    factors: list[Factor]


class TotpCode(Input):
    """The code an authenticator application shows now."""

    model_config = example({"code": "492039"})

    code: Code


class RecoveryCodeForm(Input):
    """One of the recovery codes, with or without its dashes."""

    model_config = example({"code": "k7mq-x2hp-9wfd-c4tr"})

    code: Annotated[str, Field(min_length=16, max_length=40)]


class Again(Input):
    """The password once more; leave it out where the account has none and the sign-in is fresh."""

    model_config = example({"password": "correct horse battery"})

    password: GivenPassword | None = None


class Enrolment(Output):
    """What an authenticator application is given: the secret to type, or the address to show as a QR code."""

    secret: str
    address: str


class RecoveryCodes(Output):
    """Codes to keep on paper, each good once in place of the second factor. Shown in this answer only."""

    recovery_codes: list[str]


class Factors(Output):
    """My second factors. ``required``: whether the firm asks my role for one."""

    totp_since: datetime | None
    recovery_codes_left: int
    required: bool


class RulesForm(Input):
    """Which roles must show a second factor from their next sign-in on, and whether passwords count at all. Without
    them only the administrators of `break_glass` sign in by password."""

    model_config = example({"second_factor_roles": ["administrator", "manager"]})

    second_factor_roles: Annotated[list[RoleName], Field(max_length=20)]
    password_sign_in: bool = True
    break_glass: Annotated[list[Id], Field(max_length=20, default_factory=list)]


class Rules(Output):
    """What the firm asks of its people when they sign in."""

    second_factor_roles: list[RoleName]
    password_sign_in: bool
    break_glass: list[int]
