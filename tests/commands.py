"""Commands as a person or a script runs them: each a process of its own, with its own environment and its own end.

Importing the whole program takes a process some seconds. One process does it once, and each command is a fork of it.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Vestry:
    """The ``vestry`` command, by the process that has imported everything and forks for each call."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._streams = process, [folder / "in", folder / "out", folder / "err"]

    def __call__(self, environment: dict[str, str], *words: object, status: int | None = 0, typed: str = "") -> str:
        """Run a command, which must end so (None: somehow); what it printed, of a refusal its complaint too."""
        assert self._process.stdin
        assert self._process.stdout
        self._streams[0].write_text(typed)
        asked = json.dumps([environment, list(map(str, words)), list(map(str, self._streams))])
        print(asked, file=self._process.stdin, flush=True)
        ended = int(self._process.stdout.readline())
        printed, complained = (stream.read_text() for stream in self._streams[1:])
        assert status is None or ended == status, printed + complained
        return printed + complained if status else printed


@contextmanager
def commands() -> Iterator[Vestry]:
    """The command, until the process that forks is told to end."""
    words = [sys.executable, "-m", "tests.commands"]
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
    ):
        yield Vestry(process, Path(folder))


def serve() -> None:
    """Fork for every line of the input; print how the fork ended."""
    import vestry.api  # noqa: F401
    from vestry.cli import main

    gc.collect()
    gc.freeze()  # a fork that looks through it copies it
    for line in sys.stdin:
        environment, words, streams = json.loads(line)
        child = os.fork()
        if not child:
            os.environ.clear()
            os.environ.update(environment)
            for number, name in enumerate(streams):
                os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if number else 0)), number)
            sys.stdin = os.fdopen(0)
            _end(main, words)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _end(main: Callable[[list[str]], int], words: list[str]) -> None:
    """Run the command and end, without taking apart all that was imported."""
    status: Any = 1
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


if __name__ == "__main__":
    serve()
