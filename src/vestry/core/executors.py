"""Where the pieces of a heavy simulation run: here, in threads, in processes, on a cluster. The same bits everywhere.

The kernel cuts (:mod:`vestry.kernel.simulation.pieces`) and never asks; ``VESTRY_SIMULATION_EXECUTOR``
says. A pool, or the connection to a cluster, is made when it is first needed, serves all requests of this process,
and ends with it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from threading import Lock, Thread
from typing import Final

import structlog

from vestry.core.cluster import Cluster
from vestry.core.settings import Settings, settings
from vestry.kernel.simulation.pieces import HERE, Made, Piece, Runner

log = structlog.get_logger("vestry.executors")


class Pool:
    """Pieces handed to a pool of at most ``workers``; where the pool breaks (a process was killed) they run here."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._pool: Executor | None = None
        self._lock = Lock()

    def run(self, work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> list[Made]:
        """The results, in the pieces' order; the first error of a piece is raised and the others are not begun."""
        if len(pieces) < 2:
            return HERE.run(work, pieces)
        with self._lock:
            pool = self._pool = self._pool or self._make()
        try:
            return list(pool.map(work, pieces))
        except BrokenProcessPool:
            log.warning("the pool of a simulation broke, and is made anew for the next one", pieces=len(pieces))
            self._drop(pool)
            return HERE.run(work, pieces)

    def close(self) -> None:
        """Begin nothing more and wait for what runs; the next use makes a pool again."""
        self._drop(self._pool)

    def _drop(self, pool: Executor | None) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def threads(workers: int) -> Pool:
    """For work that mostly waits for NumPy, which lets go of the interpreter."""
    return Pool(lambda: ThreadPoolExecutor(workers, thread_name_prefix="simulation"))


def processes(workers: int) -> Pool:
    """New interpreters, so that no lock, connection or thread of this one is inherited half way."""
    return Pool(lambda: ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin))


def _begin() -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent does, even by a kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    sys.stdout.flush()
    os._exit(0)


_POOLS: Final[dict[tuple[str, object], Pool | Cluster]] = {}


def runner() -> Runner:
    """As the settings say; in this process there is one of a kind."""
    chosen = settings()
    if chosen.simulation_executor == "in_process":
        return HERE
    spread: object = chosen.dask_scheduler if chosen.simulation_executor == "dask" else _workers(chosen)
    return _POOLS.setdefault((chosen.simulation_executor, spread), _made(chosen))


def close() -> None:
    """End the pools of this process."""
    while _POOLS:
        _, pool = _POOLS.popitem()
        pool.close()


def _made(chosen: Settings) -> Pool | Cluster:
    if chosen.simulation_executor == "dask":
        assert chosen.dask_scheduler  # or the settings were refused
        return Cluster(chosen.dask_scheduler, chosen.dask_seconds)
    return (threads if chosen.simulation_executor == "threads" else processes)(_workers(chosen))


def _workers(chosen: Settings) -> int:
    return chosen.simulation_workers or os.cpu_count() or 1
