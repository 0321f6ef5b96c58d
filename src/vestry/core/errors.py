"""Errors a person can act on, named after what happened. ``api/errors.py`` translates each kind to a status once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one place of the input: a field path such as ``lines.2.amount``, or a cell of a file."""

    path: str
    message: str
    code: str = "invalid"
    row: int | None = None
    column: str | None = None
    value: str | None = None


class VestryError(Exception):
    """A refusal with a stable ``code`` (the class name in snake case), a sentence, and a way out (``mend``)."""

    retry_after: int | None = None  # seconds until trying again makes sense
    afterwards: Callable[[Any], None] | None = None  # what to write (given a session) once its own work is undone
    answer: dict[str, Any] | None = None  # what was accepted instead of the work, to be answered with 202

    def __init__(
        self, message: str, *, field: str | None = None, mend: str | None = None, faults: Sequence[Fault] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.faults = tuple(faults) or ((Fault(field, message, self.code()),) if field else ())

    @classmethod
    def code(cls) -> str:
        """``CallExceedsUnfunded`` → ``call_exceeds_unfunded``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()


class Malformed(VestryError):
    """The request cannot be read at all."""


class Invalid(VestryError):
    """The input is readable but its meaning is refused; nothing is stored."""


class Unauthenticated(VestryError):
    """We do not know who asks."""


class Forbidden(VestryError):
    """We know who asks, and their role does not allow it."""


class NotFound(VestryError):
    """Not there, or not theirs: the same answer for both."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}.", mend="Check the id, or list what you can see.")


class Gone(VestryError):
    """It was there, and was taken away for good; whoever could see it may know."""


class Conflict(VestryError):
    """The input is fine by itself but contradicts what is recorded."""


class Stale(Conflict):
    """Somebody changed the row since it was read."""


class PreconditionFailed(VestryError):
    """The version the client named is no longer the current one."""


class PreconditionRequired(VestryError):
    """The change does not name the version it was made from."""


class TooLarge(VestryError):
    """More bytes, rows or columns than the limit the message names."""


class UnsupportedMedia(VestryError):
    """The bytes are not of a kind this operation reads."""


class TooMany(VestryError):
    """Asked too often; try again later."""


class Unavailable(VestryError):
    """Something this operation depends on does not answer now."""
