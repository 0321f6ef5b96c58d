"""Whoever performs a change: a user, a token, a job, the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "token", "cli", "job"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which firm, in which role. ``user_id`` is None for the command line and jobs."""

    kind: ActorKind
    firm_id: int
    role: str
    user_id: int | None = None
    token_id: int | None = None
    name: str = ""
    request_id: str | None = None
