"""What starting the command line costs: ``vestry --version`` against a bare ``python -c pass``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import harness


def start(*command: str) -> Callable[[], object]:
    """Runs a process to its end."""
    return lambda: subprocess.run(command, check=True, capture_output=True)


def rows() -> Iterator[harness.Row]:
    """One row; the limit is Python without its site packages."""
    vestry = Path(sys.executable).with_name("vestry")
    said = subprocess.run([vestry, "--version"], check=True, capture_output=True, text=True).stdout
    if not said.startswith("vestry "):
        raise SystemExit(f"vestry --version said {said!r}")
    yield harness.compare(
        "vestry --version, against python -c pass (limit: python -I -S)",
        ours=start(str(vestry), "--version"),
        peer=start(sys.executable, "-c", "pass"),
        limit=start(sys.executable, "-I", "-S", "-c", "pass"),
        reach=3.0,
        at_most=True,
        rounds=15,
    )


if __name__ == "__main__":
    harness.main(rows)
