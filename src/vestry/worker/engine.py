"""A worker: the queue, and two threads beside it, one that hands jobs over and one that looks after what got lost."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable

import structlog

from vestry.core import outbox
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.worker import dispatch
from vestry.worker.kinds import KINDS
from vestry.worker.liveness import Liveness
from vestry.worker.queue import Queue
from vestry.worker.tries import attempt

log = structlog.get_logger()

LOOK_SECONDS = 1.0
WATCH_SECONDS = 2.0
STOP_SECONDS = 15
EMBEDDED = "embedded"


class Engine:
    """A worker of this process. Only one at a time: its queue is the process's."""

    def __init__(self, chosen: Settings, database: Database) -> None:
        self.database = database
        url = chosen.jobs_url
        # On SQLite the next process continues under the same name; on PostgreSQL another worker takes over.
        name = EMBEDDED if database.is_sqlite else f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._liveness = None if database.is_sqlite else Liveness(url, name)
        if self._liveness:
            self._liveness.hold()
        self.queue = Queue(
            url,
            name,
            jobs_at_once=chosen.worker_jobs,
            attempt=lambda firm_id, uid, handed: attempt(database, KINDS, firm_id, uid, handed),
            tick=lambda name, at: dispatch.tick(database, name, at),
        )
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._every, args=(LOOK_SECONDS, self._look), name="vestry-outbox", daemon=True),
            threading.Thread(target=self._every, args=(WATCH_SECONDS, self._watch), name="vestry-watch", daemon=True),
        ]

    def start(self) -> None:
        """Begin; jobs that this worker's predecessor had begun are begun again."""
        self.queue.launch(dispatch.SCHEDULES.items())
        for thread in self._threads:
            thread.start()
        log.info("worker.started", executor=self.queue.executor)

    def stop(self) -> None:
        """Finish what runs, for a while; what is not finished then is done again by whoever comes next."""
        self._stopping.set()
        outbox.asked.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_SECONDS)
        self.queue.close(STOP_SECONDS)
        if self._liveness:
            self._liveness.let_go()

    def _every(self, seconds: float, work: Callable[[float], None]) -> None:
        while not self._stopping.is_set():
            try:
                work(seconds)
            except Exception as error:  # the database may be away: the next turn tries again
                log.warning("worker.turn_failed", turn=threading.current_thread().name, error=type(error).__name__)
                self._stopping.wait(seconds)

    def _look(self, seconds: float) -> None:
        outbox.asked.wait(seconds)
        outbox.asked.clear()
        if not self._stopping.is_set():
            dispatch.hand_over_due(self.database, self.queue)

    def _watch(self, seconds: float) -> None:
        if self._liveness:
            self._liveness.hold()
            self._liveness.take_over_from_the_dead(self.queue)
        dispatch.find_lost(self.database, self.queue)
        self._stopping.wait(seconds)
