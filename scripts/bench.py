"""Run every bench: each package of ``bench/`` with a ``__main__`` and each module that can be run; print their rows.

``python scripts/bench.py [NAME ...]`` runs only those named, such as ``kernel``. Exit 1 when a row misses its reach.
"""

from __future__ import annotations

import subprocess
import sys

from common import ROOT, VENV_PYTHON, say

FOLDER = ROOT / "bench"


def names() -> list[str]:
    """What can be run, in the order of the names."""
    packages = [path.parent.name for path in FOLDER.glob("*/__main__.py")]
    modules = [path.stem for path in FOLDER.glob("*.py") if 'if __name__ == "__main__":' in path.read_text()]
    return sorted(packages + modules)


def main() -> int:
    """The number of benches that missed is the last line; 1 when any did."""
    wanted = sys.argv[1:] or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    missed = []
    for name in wanted:
        say(f"bench.{name}")
        if subprocess.run([str(VENV_PYTHON), "-m", f"bench.{name}"], cwd=ROOT, check=False).returncode:
            missed.append(name)
    say(
        f"{len(wanted) - len(missed)} of {len(wanted)} benches reached what they promise"
        + "".join(f"; missed: {m}" for m in missed)
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
