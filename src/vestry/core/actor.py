"""Whoever performs a change: a user, a token, a job, the command line; and how far they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "token", "cli", "job"]
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the firm an actor sees: all of it, or what hangs on these.

    ``funds``: granted themselves, so that their own record is theirs to change. ``vehicles``: all that is in their
    books. ``published``: what is told to those who take part in these vehicles. ``companies``: the company's own
    record. ``marked``: companies whose valuation is theirs to see too. ``investors``: the investor's record and lines.
    ``user_id``: their own account.
    """

    whole: bool = False
    funds: frozenset[int] = NONE
    vehicles: frozenset[int] = NONE
    published: frozenset[int] = NONE
    companies: frozenset[int] = NONE
    marked: frozenset[int] = NONE
    investors: frozenset[int] = NONE
    user_id: int | None = None


WHOLE = Scope(whole=True)
NOTHING = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which firm, in which role. ``user_id`` is None for the command line and jobs.

    Without a scope the command line and jobs see the whole firm, and everybody else nothing. ``viewed_by`` is the
    administrator who looks as this actor; such an actor never writes.
    """

    kind: ActorKind
    firm_id: int
    role: str
    user_id: int | None = None
    token_id: int | None = None
    name: str = ""
    request_id: str | None = None
    scope: Scope | None = None
    viewed_by: int | None = None

    @property
    def sees(self) -> Scope:
        """How far the actor sees."""
        if self.scope is not None:
            return self.scope
        return WHOLE if self.kind in ("cli", "job") else NOTHING


# Whoever is at the door: firm 0 has no rows, and row-level security shows it only what tells who comes.
UNKNOWN = Actor("job", firm_id=0, role="", name="nobody yet")
