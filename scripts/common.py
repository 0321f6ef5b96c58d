"""What the scripts share: progress lines, commands, stamps, hashed installs. Standard library only."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
TOOLS_PYTHON = TOOLS / "bin" / "python"
UV = TOOLS / "bin" / "uv"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
WORK = ROOT / ".work"
STARTED = time.monotonic()


class SetupError(Exception):
    """What stopped the work, in one line that says how to go on."""


def say(text: str) -> None:
    """A line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def run(command: Sequence[str | Path], **environment: str) -> None:
    """Run in the repository's root; a failure stops the work and names the command."""
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode:
        raise SetupError(f"failed: {' '.join(words)}")


def digest(files: Iterable[Path], *extra: str) -> str:
    """One hash over the names and contents of files, and whatever else the result depends on."""
    seen = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(files):
        content = path.read_bytes()
        seen.update(f"\0{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return seen.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether the stamp says that this very state was reached."""
    return stamp.is_file() and stamp.read_text() == wanted


def write_stamp(stamp: Path, reached: str) -> None:
    """Remember the state that was reached."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(reached)


def install(lock: Path, *target: str | Path, sync: bool = False) -> None:
    """Install a hashed lock with uv, or with pip where uv cannot reach what pip can.

    ``target`` is ``--python PATH`` or ``--target FOLDER``; ``sync`` also removes what the lock does not name.
    """
    verb = ["pip", "sync"] if sync else ["pip", "install", "-r"]
    try:
        run([UV, *verb, lock, "--require-hashes", "--compile-bytecode", *target], **_index())
    except SetupError as problem:
        say(f"{problem}; trying pip")
        before, after = (target, ()) if target[0] == "--python" else ((), target)
        pip = [TOOLS_PYTHON, "-m", "pip", *before, "install", "--disable-pip-version-check", "--progress-bar", "off"]
        run([*pip, "--require-hashes", "-r", lock, *after])


def _index() -> dict[str, str]:
    """uv does not read pip's configuration: hand it the index pip was told to use."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    asked = [str(TOOLS_PYTHON), "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL") or configured
    return {"UV_DEFAULT_INDEX": index} if index else {}
