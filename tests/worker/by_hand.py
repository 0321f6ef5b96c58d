"""A queue that does each job at once, when a test says so; no process, thread or clock is waited for."""

from __future__ import annotations

from collections.abc import Mapping

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.core.running import Kind
from vestry.worker import dispatch, tries
from vestry.worker.kinds import KINDS


class ByHand:
    """Takes jobs as the durable queue does: each handing once. ``work`` does what was handed over."""

    def __init__(self, database: Database, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.database, self.kinds = database, kinds
        self.handings: dict[tuple[str, int], int] = {}
        self.worked: set[tuple[str, int]] = set()

    def hand_over(self, firm_id: int, uid: str, handed: int) -> None:
        self.handings.setdefault((uid, handed), firm_id)

    def is_known(self, uid: str, handed: int) -> bool:
        return (uid, handed) in self.handings and (uid, handed) not in self.worked

    def work(self) -> list[str]:
        """Hand over what is due and do it; what became of each."""
        dispatch.hand_over_due(self.database, self)
        done = []
        for (uid, handed), firm_id in list(self.handings.items()):
            if (uid, handed) not in self.worked:
                self.worked.add((uid, handed))
                done.append(tries.attempt(self.database, self.kinds, firm_id, uid, handed))
        return done


def job_of(database: Database, actor: Actor, job_id: int) -> Job:
    """A job as it stands."""
    with database.reading(actor) as session:
        return session.get_one(Job, job_id)
