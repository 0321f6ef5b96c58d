"""From the outbox into the queue: what is due, what was lost on the way, and what the clock asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import or_, select, update

from vestry.alerts import jobs as alerts
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import QUEUED, RUNNING, WAITING, Job
from vestry.identity import jobs as identity
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm
from vestry.jobs import upkeep
from vestry.market import jobs as market
from vestry.metrics.connections import jobs as connections
from vestry.requests import jobs as requests

# name, which is also the kind of job → when, in UTC: minute hour day month weekday
SCHEDULES: Final[dict[str, str]] = {
    identity.SWEEP: "17 3 * * *",
    upkeep.FORGET: "27 3 * * *",
    connections.NIGHTLY: "10 4 * * *",
    alerts.DAILY: "40 5 * * *",
    requests.DAILY: "10 6 * * *",
    market.REFRESH: "20 16 * * *",  # the ECB publishes about 16:00 in Frankfurt
}
TITLES: Final[dict[str, str]] = {
    identity.SWEEP: "Sweep of ended sessions and links",
    upkeep.FORGET: upkeep.TITLE,
    connections.NIGHTLY: connections.TITLE,
    alerts.DAILY: alerts.TITLE,
    requests.DAILY: requests.TITLE,
    market.REFRESH: market.TITLE,
}
BATCH = 200
LOST_AFTER = timedelta(seconds=60)


class Taker(Protocol):
    """What jobs are handed to."""

    def hand_over(self, firm_id: int, uid: str, handed: int) -> None: ...

    def is_known(self, uid: str, handed: int) -> bool: ...


def hand_over_due(database: Database, queue: Taker) -> int:
    """Hand over every job that is due; how many. First the queue is told, then the row: dying in between means telling
    the queue again what it knows."""
    count = 0
    for firm_id in firms(database):
        worker = Actor("job", firm_id, "", name="worker")
        with database.reading(worker) as session:
            # What was to be done at once is due, also where the clock was put back since.
            is_due = or_(Job.due_at <= session.info["now"], Job.due_at <= Job.created_at)
            due = session.execute(
                select(Job.id, Job.uid, Job.handed)
                .where(Job.firm_id == firm_id, Job.state == WAITING, is_due)
                .order_by(Job.due_at, Job.id)
                .limit(BATCH)
            ).all()
        for row in due:
            queue.hand_over(firm_id, row.uid, row.handed + 1)
        if not due:
            continue
        with database.transaction(worker) as session:
            for row in due:
                session.execute(
                    update(Job)
                    .where(Job.id == row.id, Job.state == WAITING, Job.handed == row.handed)
                    .values(state=QUEUED, handed=row.handed + 1, moved_at=session.info["now"])
                )
        count += len(due)
    return count


def find_lost(database: Database, queue: Taker) -> int:
    """Hand over again what the queue knows nothing of, though it should: its own state was lost or is older than ours
    (a restored backup), or it gave up while the ledger could not be reached. How many."""
    count = 0
    for firm_id in firms(database):
        worker = Actor("job", firm_id, "", name="worker")
        with database.reading(worker) as session:
            quiet = session.execute(
                select(Job.id, Job.uid, Job.handed, Job.tries).where(
                    Job.firm_id == firm_id,
                    Job.state.in_((QUEUED, RUNNING)),
                    Job.moved_at < session.info["now"] - LOST_AFTER,
                )
            ).all()
        for row in quiet:
            if queue.is_known(row.uid, row.handed):
                continue
            with database.transaction(worker) as session:
                moved = session.execute(
                    update(Job)
                    .where(Job.id == row.id, Job.state.in_((QUEUED, RUNNING)), Job.tries == row.tries)
                    .where(Job.handed == row.handed)
                    .values(state=WAITING, moved_at=session.info["now"])
                )
                count += moved.rowcount  # type: ignore[attr-defined]
    return count


def tick(database: Database, name: str, at: datetime) -> None:
    """What the clock asks for, once for each firm, however many workers heard it."""
    for firm_id in firms(database):
        with database.transaction(Actor("job", firm_id, "", name="clock")) as session:
            outbox.ask(session, name, {}, title=TITLES[name], key=f"{name} {at.isoformat()}")


def firms(database: Database) -> list[int]:
    """Every firm; each firm's jobs are read and written as that firm."""
    with database.reading(UNKNOWN) as session:
        return list(session.scalars(select(Firm.id).order_by(Firm.id)))
