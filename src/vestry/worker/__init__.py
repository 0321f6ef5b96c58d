"""The door through which work comes that nobody waits for: jobs asked for by services, and by the clock.

``started(settings)`` runs a worker in this process until its block ends: beside the API in ``vestry serve``, or
alone as ``vestry worker``. What was asked for lies in the ledger (``core.outbox``); DBOS, which is imported only
here and only now, hands it out to workers and knows which of them died.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vestry.core.db import Database
from vestry.core.settings import Settings

if TYPE_CHECKING:
    from vestry.worker.engine import Engine

log = logging.getLogger(__name__)
AGAIN_SECONDS = 2.0


@contextmanager
def started(chosen: Settings, database: Database) -> Iterator[threading.Event]:
    """A worker in this process for as long as the block lasts; what it is doing then is finished or given back.

    It starts beside the caller, who need not wait: what is yielded is set once it takes jobs up. Where the database is
    away, it tries again.
    """
    starting = _Starting(chosen, database)
    starting.thread.start()
    try:
        yield starting.ready
    finally:
        starting.stop()


class _Starting:
    def __init__(self, chosen: Settings, database: Database) -> None:
        self.chosen, self.database = chosen, database
        self.ready, self.stopping = threading.Event(), threading.Event()
        self.engine: Engine | None = None
        self.thread = threading.Thread(target=self._start, name="vestry-worker-start", daemon=True)

    def _start(self) -> None:
        from vestry.worker.engine import Engine  # a second of imports that nobody needs to wait for

        while not self.stopping.is_set():
            engine = None
            try:
                engine = Engine(self.chosen, self.database)
                engine.start()
            except Exception:
                log.exception("the worker did not start; it tries again")
                if engine is not None:
                    engine.stop()
                self.stopping.wait(AGAIN_SECONDS)
            else:
                self.engine = engine
                self.ready.set()
                return

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        if self.engine is not None:
            self.engine.stop()
