"""A Dask cluster on this machine's own address: a scheduler and workers, each a process, without a dashboard."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parent.parent
HERE = ["--host", "127.0.0.1", "--no-dashboard"]
# One death of a worker is borne by a piece, the second one is not; and nothing is written into anybody's home.
QUIET = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "PYTHONPATH": str(ROOT)}


class LocalCluster:
    """Its address, and the processes that make it up."""

    scheduler: subprocess.Popen[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self._ends = ExitStack()

    def schedule(self) -> None:
        """Start the scheduler, and wait until it listens."""
        port = self.address.rpartition(":")[2]
        self.scheduler = self._started(["scheduler", *HERE, "--port", port, "--no-show"], r"Scheduler at")

    def work(self) -> None:
        """Start a worker of one thread, and wait until it is known to the scheduler."""
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder)]
        self._started(["worker", self.address, *HERE, *options], r"Registered to")

    def close(self) -> None:
        """End every process, the last one begun first."""
        self._ends.close()

    def _started(self, command: list[str], until: str) -> subprocess.Popen[str]:
        surroundings = os.environ | QUIET | {"DASK_CONFIG": str(self.folder)}
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=surroundings,
        )
        self._ends.callback(_end, process)
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if re.search(until, line):
                return process
        raise AssertionError("".join(told))


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


@contextmanager
def local_cluster(folder: Path, workers: int) -> Iterator[LocalCluster]:
    """A scheduler and so many workers, gone in the end."""
    made = LocalCluster(folder)
    try:
        made.schedule()
        for _ in range(workers):
            made.work()
        yield made
    finally:
        made.close()
