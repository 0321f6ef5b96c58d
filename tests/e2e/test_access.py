"""Every page by axe, in both schemes and both sizes, and without sideways scrolling."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import Open, Site

PAGES = {
    "funds": "/funds",
    "fund": "/funds/{fund}",
    "empty fund": "/funds/{empty}",
    "explain": "/funds/{fund}?explain=funds:{fund}:net.tvpi",
    "ledger": "/ledger?fund={fund}",
    "entry": "/ledger?new=true",
    "companies": "/companies",
    "company": "/companies/{company}",
    "investors": "/investors",
    "investor": "/investors/{investor}",
    "imports": "/imports",
    "upload": "/imports/new",
}


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {violation['help']} ({violation['nodes'][0]['html'][:160]})"
        for violation in found.response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page: Open, site: Site, name: str, scheme: str) -> None:
    for width in (1440, 390):
        page = open_page(PAGES[name].format(**site.firm), width=width, scheme=scheme)
        page.locator("main").first.wait_for(timeout=60_000)  # the page itself, not what stands there while it loads
        assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_people_sign_in(open_page: Open, scheme: str) -> None:
    assert faults(open_page("/sign-in", known=False, scheme=scheme)) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_on_a_narrow_phone(open_page: Open, site: Site, name: str) -> None:
    page = open_page(PAGES[name].format(**site.firm), width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
