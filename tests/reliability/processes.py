"""Servers and workers that the harnesses start, kill and start again; and the seed they print and take back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx

from tests.ports import free_port
from vestry.cli import local
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


def seeded(name: str) -> random.Random:
    """The chance of a harness: VESTRY_SEED, or a new one, which is printed."""
    seed = int(os.environ.get("VESTRY_SEED") or random.SystemRandom().randrange(10**6))
    print(f"{name}: VESTRY_SEED={seed}")
    return random.Random(seed)


def cycles(normal: int) -> int:
    """How often: as often as the harness says, or VESTRY_CYCLES."""
    return int(os.environ.get("VESTRY_CYCLES") or normal)


@dataclass
class Nursery:
    """The process whose forks serve and work."""

    process: subprocess.Popen[str]

    def start(self, words: str) -> int:
        """Start a child; its pid."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def kill(self, pid: int) -> None:
        """Kill -9, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            for _ in range(2000):
                os.kill(pid, 0)
                time.sleep(0.002)
            raise AssertionError("a killed process does not go")


@contextmanager
def nursery(home: Path, url: str, *, bug: str = "", **settings: str) -> Iterator[Nursery]:
    """A nursery whose children work on that database."""
    environment = {
        "PATH": os.environ["PATH"],
        "VESTRY_HOME": str(home),
        "VESTRY_DATABASE_URL": url,
        "VESTRY_ENVIRONMENT": "test",
        "VESTRY_LOG_LEVEL": "ERROR",
        "VESTRY_HARNESS_BUG": bug,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    } | {f"VESTRY_{name.upper()}": value for name, value in settings.items()}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.nursery"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            if process.stdout.readline() != "ready\n":
                raise AssertionError((home / "log").read_text()[-2000:])
            yield Nursery(process)
        finally:
            process.stdin.close()
            process.wait(20)
            process.stdout.close()


class Server:
    """One server on one port, killed and started again."""

    def __init__(self, nursery: Nursery, home: Path) -> None:
        self.nursery, self.home = nursery, home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.pid = 0
        self.starts: list[float] = []

    def start(self) -> None:
        """Start it and wait until it is ready."""
        begun = time.monotonic()
        self.pid = self.nursery.start(f"serve {self.port}")
        while time.monotonic() - begun < START_SECONDS:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    self.starts.append(time.monotonic() - begun)
                    return
            time.sleep(0.01)
        raise AssertionError(f"the server does not start: {(self.home / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill -9."""
        self.nursery.kill(self.pid)


def firm_with_token(database: Database) -> tuple[Actor, str]:
    """A firm in an empty database, and an administrator's token."""
    actor = local.local_actor(database)
    with database.transaction(actor) as session:
        _, secret = identity.create_token(session, actor, name="harness", role="administrator")
    return actor, secret
