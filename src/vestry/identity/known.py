"""Whoever was recognised before: asked again in the message that asks for their list, instead of one of its own.

What is remembered is no right. It is what sign-in found, and the database goes on to the rows only when it finds
exactly the same now; otherwise it stops there, and the request signs in as any other does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, literal_column, select
from sqlalchemy.exc import DBAPIError

from vestry.core.actor import Actor
from vestry.core.db import Reader
from vestry.core.statements import Bound, Prepared

DIVISION_BY_ZERO: Final = "22012"
KNOWN_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """An actor, and the row of sign-in that said so."""

    actor: Actor
    row: tuple[Any, ...]


class SignIn:
    """A SELECT of whose secret it is, and of whether a row of it is still so."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self.whose = Prepared(query)
        rows = query.subquery()
        same = [
            column.is_not_distinct_from(bindparam(f"known_{place}", type_=column.type))
            for place, column in enumerate(rows.c)
        ]
        # Nothing found divides by zero, so that what follows in the message is not run.
        self._still = Prepared(select(literal_column("1") // func.count()).select_from(rows).where(*same))
        self._known: dict[bytes, Known] = {}

    def remember(self, secret_hash: bytes, actor: Actor, row: tuple[Any, ...]) -> None:
        """Only whoever sees the whole firm: what narrower grants lead to changes with the books."""
        if not actor.sees.whole:
            return
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[secret_hash] = Known(actor, row)

    def known(self, secret_hash: bytes) -> Known | None:
        """Whom this secret belonged to when it was last looked up."""
        return self._known.get(secret_hash)

    def forget(self, secret_hash: bytes) -> None:
        """It is not so any more."""
        self._known.pop(secret_hash, None)

    def still(self, reader: Reader, known: Known, **values: Any) -> Bound:
        """The question that must be answered before anything is shown."""
        was = {f"known_{place}": value for place, value in enumerate(known.row)}
        return self._still.given(reader.dialect, **values, **was)


def stopped(error: DBAPIError) -> bool:
    """Whether the database stopped because whoever asks is not as known."""
    return getattr(error.orig, "sqlstate", None) == DIVISION_BY_ZERO
