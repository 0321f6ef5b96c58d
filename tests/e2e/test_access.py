"""Every page by axe, light on a desk and dark on a phone, and without sideways scrolling."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import Open, Site

DESK, NARROW = 1440, 320
PAGES = {
    "funds": "/funds",
    "fund": "/funds/{fund}",
    "empty fund": "/funds/{empty}",
    "explain": "/funds/{fund}?explain=funds:{fund}:net.tvpi",
    "ledger": "/ledger?fund={fund}",
    "entry": "/ledger?new=true",
    "companies": "/companies",
    "company": "/companies/{company}",
    "cohorts": "/companies/{company}/cohorts?churn=10",
    "cohort cell": "/companies/{company}/cohorts?measure=minimum&cell=2024-01-01@1",
    "investors": "/investors",
    "investor": "/investors/{investor}",
    "imports": "/imports",
    "upload": "/imports/new",
    "fact": "/ledger?voided=true&fact=capital-calls:1",
    "jobs": "/jobs",
    "people": "/people",
    "person": "/people?person=1",
    "tokens": "/tokens",
    "audit": "/audit",
    "metrics": "/definitions",
    "metric": "/definitions?metric=runway_months",
    "settings": "/settings",
    "account": "/account",
}


def faults(page: Page) -> list[str]:
    """What axe finds, and still finds a second later: a drawer gets its name just after it is there."""
    for _ in range(3):
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        if not found:
            break
        page.wait_for_timeout(1000)
    return [f"{violation['id']}: {violation['help']} ({violation['nodes'][0]['html'][:160]})" for violation in found]


def fits(page: Page, width: int) -> None:
    """Nothing need be scrolled sideways."""
    page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


# Colours are a scheme's and the order of things a width's: each is looked at once.
@pytest.mark.parametrize(("scheme", "width"), [("light", DESK), ("dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_a_narrow_phone_need_not_scroll_sideways(
    open_page: Open, site: Site, name: str, scheme: str, width: int
) -> None:
    page = open_page(PAGES[name].format(**site.firm), width=width, scheme=scheme, looks=True)
    assert faults(page) == []
    if width < DESK:
        page.set_viewport_size({"width": NARROW, "height": 900})
        fits(page, NARROW)


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/new-password?token=x", "/invitation?token=x"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_people_sign_in(open_page: Open, scheme: str, path: str) -> None:
    assert faults(open_page(path, known=False, scheme=scheme, width=390, looks=True)) == []
