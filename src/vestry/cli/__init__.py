"""The command line: the same nouns and verbs as the API, on the embedded database or the server's.

Nothing heavy is imported before a command needs it, so that ``vestry --version`` answers at once.
"""

from __future__ import annotations

import sys

from vestry import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--version"]:
        print(f"vestry {__version__}")
        return 0
    from vestry.cli.commands import run

    return run(given)
