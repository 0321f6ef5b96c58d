"""Answers that stand until what they were made from changes.

Such an answer is computed from facts, and facts are never overwritten: which versions of which facts it was made from
says all of it, with the day. Those versions, read from the database on each request by whoever may ask, are its stamp.
As long as the stamp is the same the answer is given again as it went out; else it is made anew. No message between
processes is needed, so that any number of them answer alike.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request, Response
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.db import Database, Reader
from vestry.core.http import Encoded
from vestry.core.kept import Kept
from vestry.core.statements import Bound
from vestry.identity.door import INLINE_S, Ask, Asked, signed_in, understood

Stamp = tuple[Any, ...]
NOTHING: Final = Bound("SELECT 1", {})  # where only what is provided must still be so


@dataclass(frozen=True, slots=True)
class Standing:
    """How an answer is made and known again.

    ``name``: tells it from the others of a firm; each role has its own, for some are shown less. ``make``: the JSON,
    read in one consistent state of the books. ``stamp``: the SELECT of one row that names every version the answer is
    made from, for actors who see the whole firm; no row: there is nothing to answer from. For other actors, and without
    a stamp, the answer is made each time.
    """

    name: Hashable
    make: Callable[[Session, Actor], bytes]
    stamp: Callable[[Dialect, Actor], Bound] | None

    def asked(self, operation: str) -> Asked:
        """The question of whoever may do this operation."""
        return _Question(operation, self)


@dataclass(slots=True)
class _Question:
    """A standing answer that was asked for."""

    operation: str
    standing: Standing
    took_s: float = math.inf
    making_s: float = math.inf

    async def answer(self, request: Request) -> Response:
        """Sign in, check the permission, and see whether the answer still stands, each time anew."""
        database: Database = request.app.state.database
        if database.is_sqlite and self.took_s < INLINE_S:  # it is read sooner than a thread is woken
            actor, stamp = self._look(database, request)
        else:
            actor, stamp = await asyncio.to_thread(self._look, database, request)
        answers: Kept = request.app.state.kept
        found = None if stamp is None else answers.get(self._name(actor), stamp)
        if found is None and database.is_sqlite and self.making_s < INLINE_S:  # computing holds the interpreter anyway
            found = self._made(database, answers, actor)
        elif found is None:
            found = await asyncio.to_thread(self._made, database, answers, actor)
        return Encoded(found)

    def _name(self, actor: Actor) -> Hashable:
        return actor.firm_id, actor.role, self.standing.name

    def _look(self, database: Database, request: Request) -> tuple[Actor, Stamp | None]:
        started = time.perf_counter()
        with database.looking() as reader:
            found = signed_in(reader, request, self.operation, lambda *asked: self._stamp(reader, *asked))
        self.took_s = time.perf_counter() - started
        return found

    def _stamp(self, reader: Reader, actor: Actor, provided: Bound | None) -> tuple[Actor, Stamp | None]:
        query = self._query(reader.dialect, actor)
        if query is None and provided is None:
            return actor, None
        rows = reader.all(query or NOTHING, provided)
        return actor, _stamped(reader.now, rows[0]) if query and rows else None

    def _query(self, dialect: Dialect, actor: Actor) -> Bound | None:
        return self.standing.stamp(dialect, actor) if self.standing.stamp and actor.sees.whole else None

    def _made(self, database: Database, answers: Kept, actor: Actor) -> bytes:
        """The answer, and its stamp from the same state of the books."""
        started = time.perf_counter()
        with database.reading(actor) as session:
            connection = session.connection()
            query = self._query(connection.dialect, actor)
            row = query and connection.exec_driver_sql(query.text, query.values).first()
            made = self.standing.make(session, actor)
        if row:
            answers.keep(self._name(actor), _stamped(session.info["now"], row), made)
        self.making_s = time.perf_counter() - started
        return made


def _stamped(now: datetime, row: Iterable[Any]) -> Stamp:
    """With the day: books may be told otherwise when a month is over."""
    return now.date(), *row


async def stand(ask: Ask, standing: Standing) -> Response:
    """An answer that depends on the question (path and query), what its stamp names, and the day; on nothing else."""
    question = standing.asked(ask.operation)
    response = await question.answer(ask.request)
    understood(ask.request, question)
    return response
