"""Joining by invitation, second factors, passkeys and forgotten passwords, as a browser meets them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import PATIENCE_MS, Open, Site

PASSWORD = "violet harbour sextant"


def totp(secret: str, steps: int = 0) -> str:
    """The code an authenticator application shows (RFC 6238: SHA-1, 30 seconds, six digits), ``steps`` later."""
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret.replace(" ", "")) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def invitation(site: Site, email: str, name: str) -> str:
    with site.client() as client:
        answer = client.post("/invitations", json={"email": email, "name": name, "role": "analyst", "grants": []})
        assert answer.status_code == 201, answer.text
        return "/invitation?" + str(answer.json()["link"]).partition("?")[2]


def join(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/funds")


def test_somebody_is_invited_joins_and_turns_on_a_second_factor(open_page: Open, site: Site) -> None:
    page = open_page("/people")
    page.get_by_role("button", name="Invite somebody").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("E-mail").fill("ada@example.com")
    drawer.get_by_label("Name").fill("Ada Lovelace")
    drawer.get_by_role("button", name="Invite").click()
    link = drawer.get_by_label("Link of the invitation").inner_text()
    drawer.get_by_role("button", name="Done").click()
    expect(page.get_by_role("list", name="Invitations")).to_contain_text("ada@example.com")

    theirs = open_page("/invitation?" + link.partition("?")[2], known=False)
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Join")
    expect(theirs.get_by_label("Your name")).to_have_value("Ada Lovelace")
    join(theirs)
    expect(theirs.get_by_role("link", name="People")).to_be_visible()
    expect(theirs.get_by_role("link", name="API tokens")).to_have_count(0)

    theirs.goto(f"{site.url}/account")
    theirs.get_by_role("button", name="Turn on").click()
    drawer = theirs.get_by_role("dialog")
    drawer.get_by_label("Your password").fill(PASSWORD)
    drawer.get_by_role("button", name="Go on").click()
    expect(drawer.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    secret = drawer.get_by_label("Secret for the application").inner_text().strip()
    drawer.get_by_label("Code", exact=True).fill(totp(secret))
    drawer.get_by_role("button", name="Confirm").click()
    codes = drawer.get_by_label("Recovery codes").inner_text().split()
    assert len(codes) == len(set(codes)) > 5
    with theirs.expect_download() as saved:
        drawer.get_by_role("button", name="Download").click()
    assert saved.value.path().read_text().split()[-len(codes) :] == codes
    theirs.emulate_media(media="print")
    expect(drawer.get_by_label("Recovery codes")).to_be_visible()
    expect(drawer.get_by_role("button", name="Print")).to_be_hidden()
    expect(theirs.locator("#root")).to_be_hidden()
    theirs.emulate_media(media="screen")
    drawer.get_by_role("button", name="I have stored them").click()
    expect(theirs.get_by_text(f"{len(codes)} recovery codes left")).to_be_visible()

    again = open_page("/sign-in?next=/companies", known=False)
    again.get_by_label("E-mail").fill("ada@example.com")
    again.get_by_label("Password", exact=True).fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    again.get_by_role("button", name="Use a recovery code").click()
    again.get_by_label("Recovery code").fill(codes[0])
    again.get_by_role("button", name="Go on").click()
    expect(again).to_have_url(re.compile("/companies$"))

    third = open_page("/sign-in", known=False)
    third.get_by_label("E-mail").fill("ada@example.com")
    third.get_by_label("Password", exact=True).fill(PASSWORD)
    third.get_by_role("button", name="Sign in").click()
    third.get_by_label("Code").fill(totp(secret, steps=1))  # the code before was spent on turning it on
    third.get_by_role("button", name="Go on").click()
    expect(third).to_have_url(re.compile("/funds$"))


def test_what_is_typed_to_sign_in_stays_while_it_is_sent_and_is_sent_once(open_page: Open) -> None:
    page = open_page("/sign-in", known=False)
    sent: list[Route] = []

    def hold(route: Route) -> None:
        sent.append(route)

    page.route("**/api/v1/auth/sign-in", hold)
    page.get_by_label("E-mail").fill("nobody@example.com")
    password = page.get_by_label("Password", exact=True)
    password.fill("wrong")
    with page.expect_request("**/api/v1/auth/sign-in"):
        password.press("Enter")
    expect(password).to_be_disabled()
    expect(page.get_by_label("E-mail")).to_be_disabled()
    expect(page.get_by_role("button", name="Sign in")).to_be_disabled()
    page.keyboard.press("Enter")
    page.keyboard.type("!")
    sent[0].continue_()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(password).to_be_focused()
    expect(password).to_have_value("wrong")
    assert len(sent) == 1


def test_a_forgotten_password_is_asked_for_without_telling_who_is_known(open_page: Open) -> None:
    page = open_page("/sign-in", known=False)
    page.get_by_role("link", name="Forgotten your password?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forgotten your password?")
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")


def test_a_link_to_a_new_password_that_was_never_made_opens_nothing(open_page: Open) -> None:
    page = open_page("/new-password?token=vr_nothing", known=False)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("was used or has expired")


@pytest.fixture
def device(browser: Browser, site: Site) -> Iterator[Page]:
    """A window whose device can keep passkeys. They belong to names of hosts, never to addresses."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    simulated = options | {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": simulated})
    yield page
    context.close()


def test_a_passkey_is_made_and_signs_in_alone(device: Page, site: Site) -> None:
    address = site.url.replace("127.0.0.1", "localhost")
    device.goto(address + invitation(site, "grace@example.com", "Grace Hopper"))
    join(device)
    device.goto(f"{address}/account")
    device.get_by_role("button", name="Add a passkey").click()
    drawer = device.get_by_role("dialog")
    drawer.get_by_label("Name").fill("Laptop")
    drawer.get_by_label("Your password").fill(PASSWORD)
    drawer.get_by_role("button", name="Go on").click()
    expect(device.get_by_role("list", name="Passkeys")).to_contain_text("Laptop")
    device.context.clear_cookies()
    device.goto(f"{address}/sign-in")
    device.get_by_role("button", name="Use a passkey").click()
    expect(device).to_have_url(re.compile("/funds$"))
