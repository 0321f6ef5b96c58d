"""The durable queue: DBOS, set up so that it keeps JSON, phones nobody, and never loses a deploy's pending work.

One try of a job is one workflow, named by the job's uid and the number of its handing over: handing it over twice is
handing it over once. Its state lies in ``jobs.sqlite3`` in the home folder, or in the schema ``dbos`` of PostgreSQL.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pysqlite3.dbapi2 as sqlite
from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID
from sqlalchemy import Engine, create_engine, event, make_url

from vestry.core import tagged

NAME = "vestry"
QUEUE = "jobs"
# Pinned: by default it is a hash of the code, and every deploy would leave behind what its predecessor had begun.
VERSION = "1"
POLL_SECONDS = 0.25
Attempt = Callable[[int, str, int], str]
Tick = Callable[[str, datetime], None]


class TaggedJson(Serializer):
    """What DBOS keeps is JSON with tags: decimals and days come back as they were, and nothing in it is code."""

    def name(self) -> str:
        return "vestry_tagged_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):  # its words may hold what a log must not
            data = {"error": type(data).__name__}
        return tagged.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        found = tagged.loads(serialized_data)
        return RuntimeError(found["error"]) if isinstance(found, dict) and set(found) == {"error"} else found


class Queue:
    """The queue of this process: what it does with a job, and with a tick of the clock."""

    def __init__(self, url: str, executor: str, *, jobs_at_once: int, attempt: Attempt, tick: Tick) -> None:
        self.engine = _engine(url)
        self.executor = executor
        self.jobs_at_once = jobs_at_once
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": url,
            "system_database_engine": self.engine,
            "executor_id": executor,
            "application_version": VERSION,
            "serializer": TaggedJson(),
            "enable_otlp": False,
            "log_level": "WARNING",
            "scheduler_polling_interval_sec": 5.0,
        }
        DBOS(config=config)
        _quiet()

        @DBOS.step(name="vestry.attempt", retries_allowed=True, max_attempts=7, interval_seconds=0.5)
        def once(firm_id: int, uid: str, handed: int) -> str:
            return attempt(firm_id, uid, handed)

        @DBOS.workflow(name="vestry.job", max_recovery_attempts=None)
        def job(firm_id: int, uid: str, handed: int) -> str:
            return once(firm_id, uid, handed)

        @DBOS.workflow(name="vestry.tick", max_recovery_attempts=None)
        def scheduled(at: datetime, name: Any) -> None:
            tick(str(name), at)

        self._job, self._scheduled = job, scheduled

    def launch(self, schedules: Iterable[tuple[str, str]]) -> None:
        """Begin to take jobs up; ``schedules`` are (name, cron expression in UTC)."""
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=self.jobs_at_once, polling_interval_sec=POLL_SECONDS)
        DBOS.apply_schedules(
            [
                {"schedule_name": name, "workflow_fn": self._scheduled, "schedule": cron, "context": name}
                for name, cron in schedules
            ]
        )

    def hand_over(self, firm_id: int, uid: str, handed: int) -> None:
        """Give a job to whichever worker is free; giving the same handing twice is giving it once."""
        with SetWorkflowID(f"{uid}.{handed}"):
            DBOS.enqueue_workflow(QUEUE, self._job, firm_id, uid, handed)

    def is_known(self, uid: str, handed: int) -> bool:
        """Whether that handing is still to be done, or being done."""
        found = DBOS.list_workflows(
            workflow_ids=[f"{uid}.{handed}"],
            status=["PENDING", "ENQUEUED", "DELAYED"],
            load_input=False,
            load_output=False,
        )
        return bool(found)

    def begun_by_others(self) -> dict[str, list[str]]:
        """Which other worker is doing what: executor → workflow ids."""
        found: dict[str, list[str]] = {}
        for one in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
            if one.executor_id and one.executor_id != self.executor:
                found.setdefault(one.executor_id, []).append(one.workflow_id)
        return found

    def take_over(self, workflow_ids: Iterable[str]) -> None:
        """Put what a dead worker was doing back into the queue. Call it only with that worker's lock in hand."""
        for workflow_id in workflow_ids:
            DBOS.resume_workflow(workflow_id, queue_name=QUEUE)

    def close(self, seconds: int) -> None:
        """Stop taking jobs up, wait for those that run, and let go of the database."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=seconds)
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_size=6, max_overflow=6, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    # The interpreter's own SQLite may be one that can corrupt a write-ahead log; ours is not.
    engine = create_engine(url, module=sqlite, pool_size=6, max_overflow=6)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _quiet() -> None:
    """Its lines go where all of ours go."""
    logger = logging.getLogger("dbos")
    logger.handlers = []
    logger.propagate = True
    logger.setLevel(logging.WARNING)
