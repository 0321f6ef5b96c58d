"""An OpenID provider of its own for tests: npm's oidc-provider, pinned in ``tests/oidc``, on loopback."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "oidc"
CLIENT_ID, CLIENT_SECRET = "vestry", "only-for-tests: +/=%"
STARTS_WITHIN = 60


def installed() -> tuple[Path, dict[str, str], str]:
    """The folder with the provider's packages (made on first use), the environment and the words that start Node."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from npm import command  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    words, environment = command()
    lock = (SOURCE / "package-lock.json").read_bytes()
    folder = ROOT / ".work" / "oidc"
    stamp = folder / f"{hashlib.sha256(lock).hexdigest()[:16]}.stamp"
    if not stamp.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder / name)
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run([*words, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            pytest.fail(f"the test's OpenID provider could not be installed: {done.stderr[-500:]}", pytrace=False)
        stamp.touch()
    node = words[0] if len(words) > 1 else str(shutil.which("node"))
    return folder, environment, node


class Directory:
    """The provider's process, the claims it makes, and a browser's way through its pages."""

    def __init__(self, folder: Path, redirect: str) -> None:
        packages, environment, node = installed()
        shutil.copy(SOURCE / "provider.mjs", packages / "provider.mjs")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        self.issuer = f"http://127.0.0.1:{port}"
        self.claims = folder / "claims.json"
        self.claims.write_text("{}")
        given = {"PORT": port, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
        given |= {"REDIRECT": redirect, "CLAIMS": str(self.claims), "PATH": environment.get("PATH", os.defpath)}
        self.log = folder / "provider.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [node, "provider.mjs"], cwd=packages, env=given, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx2.get(f"{self.issuer}/.well-known/openid-configuration", trust_env=False).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        pytest.fail(f"the test's OpenID provider did not start:\n{self.log.read_text()[-2000:]}", pytrace=False)

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(10)

    def says(self, login: str, **claims: Any) -> None:
        """What the directory says of whoever signs in under that name."""
        known = json.loads(self.claims.read_text())
        self.claims.write_text(json.dumps(known | {login: claims}))

    def walk(self, url: str, login: str) -> str:
        """Sign in and consent on the provider's own pages; returns the address it sends the browser back to."""
        with httpx2.Client(trust_env=False, follow_redirects=False) as browser:
            answer = browser.get(url)
            for _ in range(20):
                if answer.status_code in (302, 303, 307):
                    place = urljoin(str(answer.url), answer.headers["location"])
                    if not place.startswith(self.issuer):
                        return place
                    answer = browser.get(place)
                    continue
                form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
                if form is None:
                    return str(answer.url)
                fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', answer.text))
                if 'name="login"' in answer.text:
                    fields |= {"login": login, "password": "any"}
                answer = browser.post(urljoin(str(answer.url), html.unescape(form[1])), data=fields)
        raise AssertionError("the provider's pages lead nowhere")
