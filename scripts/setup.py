"""Make this checkout ready: Python environment, editable install, web client. Only what changed is done again.

Runs on the system's Python with nothing installed. ``VESTRY_WEB=0`` leaves the web client out.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import npm
from common import (
    ROOT,
    TOOLS,
    TOOLS_PYTHON,
    UV,
    VENV,
    VENV_PYTHON,
    WEB,
    WORK,
    SetupError,
    digest,
    install,
    is_current,
    run,
    say,
    write_stamp,
)

INDEX_PAGE = ROOT / "src" / "vestry" / "static" / "index.html"


def main() -> int:
    """Do what is missing; 1 with one line where it cannot."""
    try:
        check_python()
        tools()
        python_environment()
        if os.environ.get("VESTRY_WEB") == "0":
            say("web client left out (VESTRY_WEB=0)")
        else:
            web_client()
    except SetupError as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    say("ready")
    return 0


def check_python() -> None:
    """Refuse a Python that is too old or came without its venv module."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is what this check is for
        version = sys.version.split()[0]
        raise SetupError(f"Python 3.11 or newer is needed, this is {version}: make setup PYTHON=python3.12")
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError("Python's venv module is missing: apt-get install python3-venv")


def tools() -> None:
    """The folder ``.tools``: pip and the pinned uv, apart from the project's own environment."""
    lock = ROOT / "requirements" / "tools.txt"
    wanted = digest([lock], sys.version)
    stamp = TOOLS / ".stamp"
    if is_current(stamp, wanted):
        return
    say("installing uv into .tools")
    if not TOOLS_PYTHON.exists():
        run([sys.executable, "-m", "venv", "--clear", TOOLS])
    run([TOOLS_PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", lock])
    write_stamp(stamp, wanted)


def python_environment() -> None:
    """``.venv`` exactly as the lock says, with this checkout installed into it in editable form."""
    # The scripts in .venv/bin carry the folder's path in their first line: a moved checkout starts afresh.
    home = digest([], sys.version, str(ROOT))
    if not is_current(VENV / ".stamp-home", home):
        say("making .venv")
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])
        write_stamp(VENV / ".stamp-home", home)

    lock = ROOT / "requirements" / "dev.txt"
    wanted = digest([lock, ROOT / "pyproject.toml"])
    if not is_current(VENV / ".stamp", wanted):
        say("installing the Python packages into .venv, and compiling them (a minute or two)")
        install(lock, "--python", VENV_PYTHON, sync=True)
        editable: list[str | Path] = ["--no-deps", "--no-build-isolation", "--offline", "-e", ROOT]
        run([UV, "pip", "install", "-q", "--python", VENV_PYTHON, *editable])
        write_stamp(VENV / ".stamp", wanted)

    # The command line starts at once only with bytecode, also where PYTHONDONTWRITEBYTECODE is set; it is made
    # by the environment's Python, whose version it must fit.
    run([VENV_PYTHON, "-m", "compileall", "-q", ROOT / "src"])


def web_sources() -> list[Path]:
    """Every file the web client is built from."""
    made = {"node_modules", "dist", "coverage"}
    return [path for path in WEB.rglob("*") if not made.intersection(path.relative_to(WEB).parts) and path.is_file()]


def web_client() -> None:
    """``web/node_modules`` as the lock says, and the built client in ``src/vestry/static``."""
    modules = WEB / "node_modules" / ".stamp"
    wanted = digest([WEB / "package.json", WEB / "package-lock.json"])
    if not is_current(modules, wanted):
        say("installing the web client's packages (npm ci)")
        npm.run("ci", "--no-audit", "--no-fund", "--loglevel=error")
        write_stamp(modules, wanted)

    sources = digest(web_sources())
    if not is_current(WORK / "web.stamp", sources) or not INDEX_PAGE.is_file():
        say("building the web client (half a minute)")
        npm.run("run", "--silent", "build")
        write_stamp(WORK / "web.stamp", sources)


if __name__ == "__main__":
    sys.exit(main())
