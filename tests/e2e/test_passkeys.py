"""Passkeys in a real browser: Chromium with a virtual authenticator, against the API on a server of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser

from tests.databases import SqliteSource
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import service
from vestry.identity.door import UNKNOWN, Actor

API = "/api/v1/auth"
PASSWORD = "correct horse battery"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ASK = """async ([path, body]) => {
  const answer = await fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'},
                                    body: body === null ? undefined : JSON.stringify(body)});
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : null];
}"""
CREATE = """async (options) => JSON.stringify(await navigator.credentials.create(
  {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)}))"""
GET = """async (options) => JSON.stringify(await navigator.credentials.get(
  {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)}))"""


@pytest.fixture
def origin(sqlite_source: SqliteSource) -> Iterator[str]:
    """A server on a port of its own, with one person in it."""
    url = sqlite_source.new()
    database = Database(url)
    with database.transaction(UNKNOWN) as session:
        firm = service.create_firm(session, name="Example Capital", currency="USD")
        actor = Actor("cli", firm.id, "administrator", name="test")
        service.create_user(session, actor, email="ada@firm.com", name="Ada", role="manager", password=PASSWORD)
    app = create_app(Settings(environment="test", log_level="ERROR"), database)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 120
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    sqlite_source.drop(url)


def test_a_browser_registers_a_passkey_and_signs_in_by_it(browser: Browser, origin: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/blank", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
    page.goto(f"{origin}/blank")
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def ask(path: str, body: Any = None) -> Any:
        status, found = page.evaluate(ASK, [f"{API}/{path}", body])
        return status, found

    def options(path: str, body: Any = None) -> Any:
        status, found = ask(path, body)
        assert status == 200, found
        return found["options"]

    assert ask("sign-in", {"email": "ada@firm.com", "password": PASSWORD}) == (204, None)
    made = page.evaluate(CREATE, options("passkey-options", {"password": PASSWORD}))
    status, kept = ask("passkeys", {"name": "this browser", "credential": made})
    assert (status, kept["name"]) == (201, "this browser")
    assert len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

    assert ask("sign-out") == (204, None)
    shown = page.evaluate(GET, options("passkey/options"))
    assert ask("passkey", {"credential": shown}) == (204, None)
    assert page.evaluate(f"async () => (await (await fetch('{API}/me')).json()).user.email") == "ada@firm.com"
    assert ask("passkey", {"credential": shown})[0] == 401  # each answer counts once

    ask("sign-out")
    status, step = ask("sign-in", {"email": "ada@firm.com", "password": PASSWORD})
    assert (status, step) == (200, {"next": "second_step", "factors": ["passkey"]})
    shown = page.evaluate(GET, options("second-step/passkey/options"))
    assert ask("second-step/passkey", {"credential": shown}) == (204, None)

    ask("sign-out")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    with pytest.raises(Exception, match=r"NotAllowed|not allowed|timed out"):
        page.evaluate(GET, options("passkey/options") | {"timeout": 1000})
    context.close()
