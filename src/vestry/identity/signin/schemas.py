"""Forms to sign in by."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vestry.core.fields import Input, Prose, example, text_schema
from vestry.identity.schemas import GivenPassword


class SignIn(Input):
    """An address and its password."""

    model_config = example({"email": "ada@firm.com", "password": "correct horse battery"})

    email: Annotated[Prose, Field(min_length=1, max_length=254), text_schema(1, 254)]
    password: GivenPassword


class SignInByLink(Input):
    """The secret of a one-use link."""

    model_config = example({"token": "vl_pZ0x"})

    token: Annotated[str, Field(min_length=1, max_length=200)]
