"""Forms and answers about programs that work for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from vestry.core.fields import Input, Name, Output, example


class NewProgram(Input):
    """What the program is called in one's list."""

    model_config = example({"name": "notebook"})

    name: Name


class Refresh(Input):
    """A refresh token; it is good once."""

    model_config = example({"refresh_token": "vf_pZ0x"})

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class Tokens(Output):
    """A pair of tokens. The access token goes into ``Authorization: Bearer`` for ``expires_in`` seconds; the refresh
    token is exchanged once for the next pair."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    program_id: int


class ProgramOut(Output):
    """A program that works for me, and until when at most."""

    id: int
    name: str
    created_at: datetime
    renewed_at: datetime
    expires_at: datetime
