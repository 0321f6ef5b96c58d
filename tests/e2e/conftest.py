"""A real server with a small firm in it, and a browser that fails the test on any console error or outside request."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.e2e.firm import tell
from tests.servers import CHROMIUM_FLAGS, chromium_path, require

STATIC = Path(__file__).parents[2] / "src" / "vestry" / "static"
VESTRY = str(Path(sys.executable).with_name("vestry"))
STARTS_WITHIN = 120
PATIENCE_MS = 60_000  # a busy machine is not a missing element
expect.set_options(timeout=PATIENCE_MS)
SLOWER = float(os.environ.get("VESTRY_TEST_SLOWER", "1"))  # how many times slower pages compute: races come to light


@dataclass(frozen=True, slots=True)
class Site:
    """Where the server is, what it was told, and how to ask it for things."""

    url: str
    home: Path
    token: str
    firm: dict[str, Any]

    def vestry(self, *arguments: str) -> str:
        """What a command prints, run on the server's own database."""
        done = subprocess.run(
            [VESTRY, *arguments],
            env=environment(self.home, self.url.rpartition(":")[2]),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout.strip()

    def client(self) -> httpx2.Client:
        """The API as a colleague's program uses it that takes whatever version is there."""
        headers = {"Authorization": f"Bearer {self.token}", "If-Match": "*"}
        return httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers)

    def sign_in_link(self) -> str:
        return self.vestry("sign-in-link").splitlines()[-1]


def environment(home: Path, port: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VESTRY_")}
    mine = {"VESTRY_HOME": str(home), "PORT": port, "VESTRY_DEMO": "0", "VESTRY_ENVIRONMENT": "development"}
    return kept | mine | {"VESTRY_OUTBOUND_NETWORKS": "127.0.0.0/8"}  # systems that feed figures, played by tests


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all browser tests."""
    if not (STATIC / "index.html").is_file():
        pytest.fail("the web client is not built: make web", pytrace=False)
    home = tmp_path_factory.mktemp("e2e")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = environment(home, port)
    subprocess.run([VESTRY, "db", "upgrade"], env=env, check=True, capture_output=True, timeout=120)
    token = subprocess.run(
        [VESTRY, "token", "create", "--role", "administrator", "--name", "e2e"],
        env=env,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout.split()[-1]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen([VESTRY, "serve"], env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server, home / "server.log")
            with Site(url, home, token, {}).client() as client:
                firm = tell(client)
            yield Site(url, home, token, firm)
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = require("browser", chromium_path())
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(path), args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: Site) -> Any:
    """The cookies of a person who signed in by the one-use link."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(site.sign_in_link())
    page.wait_for_url("**/funds")
    state = context.storage_state()
    context.close()
    return state


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def kept(browser: Browser) -> Iterator[dict[Any, BrowserContext]]:
    """Windows that tests only look through, by what they look like: a new one reads the whole client anew."""
    windows: dict[Any, BrowserContext] = {}
    yield windows
    for context in windows.values():
        context.close()


@pytest.fixture
def open_page(browser: Browser, site: Site, signed_in: Any, kept: dict[Any, BrowserContext]) -> Iterator[Open]:
    """Opens an address in a new window, or where a test only ``looks`` in one that is kept; afterwards no window may
    have complained or asked another origin."""
    complaints: list[str] = []
    contexts, pages = [], []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def request(asked: Request) -> None:
        if not asked.url.startswith((site.url, "blob:", "data:")):
            complaints.append(f"asked {asked.url}")

    def response(answer: Response) -> None:
        if answer.status >= 500:
            complaints.append(f"{answer.status} from {answer.url}")

    def window(width: int, height: int, scheme: str, known: bool) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            storage_state=signed_in if known else None,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def opener(
        path: str,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: str = "light",
        known: bool = True,
        looks: bool = False,
    ) -> Page:
        asked = (width, height, scheme, known)
        context = (kept.get(asked) if looks else None) or window(*asked)
        if looks:
            kept[asked] = context
        else:
            contexts.append(context)
        page = context.new_page()
        pages.append(page)
        if SLOWER > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", request)
        page.on("response", response)
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        for landmark in ("main", "h1"):  # the page itself, not what stands there while it loads
            page.locator(landmark).first.wait_for()
        return page

    yield opener
    for page in pages:
        page.close()
    for context in contexts:
        context.close()
    expected = [
        text for text in complaints if not any(status in text for status in ("401", "409", "412", "415", "422"))
    ]
    assert expected == []
