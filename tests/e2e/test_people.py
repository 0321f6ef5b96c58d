"""People, tokens and the trail: what an administrator does, and what others are offered."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open, Site


@pytest.fixture(scope="module")
def linda(site: Site) -> dict[str, Any]:
    """Somebody from outside who takes part in one investor."""
    grant = {"scope_kind": "investor", "scope_id": site.firm["investor"]}
    body = {"email": "linda@example.com", "name": "Linda Perez", "role": "investor", "grants": [grant]}
    with site.client() as client:
        made: dict[str, Any] = client.post("/users", json=body).json()
    return made


def test_a_grant_is_given_explained_and_taken_back(open_page: Open, site: Site) -> None:
    with site.client() as client:
        body = {"email": "carl@example.com", "name": "Carl Contact", "role": "company_contact"}
        carl = client.post("/users", json=body | {"grants": []}).json()
    page = open_page("/people")
    page.get_by_role("button", name="Carl Contact").click()
    drawer = page.get_by_role("dialog", name="Carl Contact")
    expect(drawer).to_contain_text("Nothing yet")
    drawer.get_by_label("Company", exact=True).fill("Arc")
    page.get_by_role("option", name="Arcwell").click()
    drawer.get_by_role("button", name="Add").click()
    grants = drawer.get_by_role("list", name="Grants")
    expect(grants).to_contain_text("Arcwell, its rounds, securities and what it owes")
    drawer.get_by_label("Kind of record").click()
    page.get_by_role("option", name="Company").click()
    drawer.get_by_label("Record", exact=True).fill("Kest")
    page.get_by_role("option", name="Kestrel").click()
    expect(drawer.get_by_role("status")).to_contain_text("Does not see it")
    drawer.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Take back").click()
    expect(drawer).to_contain_text("Nothing yet")  # what they see is worked out again
    with site.client() as client:
        assert client.get("/grants", params={"user_id": carl["id"], "live": True}).json() == []


def test_an_administrator_looks_as_somebody_else_and_can_change_nothing(
    open_page: Open, site: Site, linda: dict[str, Any]
) -> None:
    page = open_page(f"/people?person={linda['id']}")
    page.get_by_role("dialog").get_by_role("button", name="View as").click()
    banner = page.get_by_role("status").filter(has_text="Viewing as")
    expect(banner).to_contain_text("Linda Perez (investor)")
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation.get_by_role("link", name="Investors")).to_be_visible()
    for hidden in ("People", "API tokens", "Imports"):
        expect(navigation.get_by_role("link", name=hidden)).to_have_count(0)
    page.goto(f"{site.url}/investors/{site.firm['investor']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cedar Pension")
    page.goto(f"{site.url}/funds/{site.firm['fund']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Growth I")
    expect(page.get_by_role("link", name="Record an entry")).to_have_count(0)
    expect(page.get_by_text("Could not load")).to_have_count(0)
    banner.get_by_role("button", name="Stop viewing").click()
    expect(navigation.get_by_role("link", name="People")).to_be_visible()


def test_a_tokens_secret_is_shown_once_and_refused_after_it_is_revoked(open_page: Open, site: Site) -> None:
    page = open_page("/tokens")
    page.get_by_role("button", name="Create a token").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name").fill("Nightly report")
    drawer.get_by_label("Fund", exact=True).fill("Alder")
    page.get_by_role("option", name="Alder Growth I").click()
    drawer.get_by_role("button", name="Add").click()
    drawer.get_by_role("button", name="Create").click()
    secret = drawer.get_by_label("Secret of the token").inner_text()
    drawer.get_by_role("button", name="I have stored it").click()
    expect(drawer).to_have_count(0)
    assert secret not in page.content()
    headers = {"Authorization": f"Bearer {secret}"}
    assert [row["name"] for row in httpx2.get(f"{site.url}/api/v1/funds", headers=headers).json()["items"]] == [
        "Alder Growth I"
    ]
    row = page.get_by_role("row", name=re.compile("Nightly report"))
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    assert httpx2.get(f"{site.url}/api/v1/funds", headers=headers).status_code == 401


def test_the_trail_of_a_mark_tells_before_and_after(open_page: Open, site: Site) -> None:
    with site.client() as client:
        mark = client.get("/marks", params={"within_company_id": site.firm["company"]}).json()["items"][0]
        body = {"measured_on": mark["measured_on"], "fair_value": "2100000.00", "method": "dcf"}
        assert client.put(f"/marks/{mark['id']}", json=body).status_code == 200
    page = open_page(f"/companies/{site.firm['company']}?fact=marks:{mark['id']}")
    page.get_by_role("dialog").get_by_role("link", name="Its trail").click()
    expect(page).to_have_url(re.compile("/audit"))
    table = page.get_by_role("region", name="Audit")
    table.get_by_role("button", name=re.compile("^Valuation mark")).first.click()
    changes = page.get_by_role("dialog").get_by_role("list", name="What changed")
    expect(changes).to_contain_text("2100000")
    expect(changes).to_contain_text("DCF")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("link", name="All of it as CSV").click()
    assert download.value.suggested_filename == "audit.csv"
    page.get_by_role("combobox", name="What").click()
    page.get_by_role("option", name="Refused").click()
    expect(page.get_by_text("Nothing of the kind")).to_be_visible()
    expect(page.get_by_role("button", name="All of it as CSV")).to_be_disabled()


def test_a_session_elsewhere_is_ended(open_page: Open, site: Site) -> None:
    elsewhere = open_page(site.sign_in_link().removeprefix(site.url), known=False)
    expect(elsewhere).to_have_url(re.compile("/funds$"))
    page = open_page("/account")
    sessions = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    expect(sessions.get_by_role("button", name="Sign out").first).to_be_visible()
    before = sessions.count()
    sessions.get_by_role("button", name="Sign out").first.click()
    expect(sessions).to_have_count(before - 1)
    elsewhere.reload()
    expect(elsewhere).to_have_url(re.compile("/sign-in"))


def test_a_new_password_must_be_typed_twice_alike(open_page: Open) -> None:
    page = open_page("/account")
    page.get_by_label("New password", exact=True).fill("correct horse battery")
    page.get_by_label("New password again").fill("correct horse batterie")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The two are not the same")).to_be_visible()


def test_what_waits_is_refused_and_approved_by_keyboard(open_page: Open, site: Site) -> None:
    with site.client() as client:
        client.post("/users", json={"email": "mia@example.com", "name": "Mia", "role": "manager"})
        assert client.put("/approval-rules/distribution", json={"required": True}).status_code == 200
        day = {"declared_on": "2024-01-31", "due_on": "2024-01-31"}
        asked = client.post("/distributions", json={"fund_id": site.firm["fund"], "gains": "1000", **day})
        assert asked.status_code == 202
    page = open_page("/approvals")
    page.get_by_role("button", name="Declare a distribution").wait_for()
    page.keyboard.press("j")
    request = page.get_by_role("complementary", name="Declare a distribution")
    expect(request.get_by_role("list", name="Lines")).to_contain_text("$600.00")
    expect(request.get_by_role("button", name="Refuse…")).to_be_visible()
    page.keyboard.press("r")
    request.get_by_label("Why not").fill("Not this quarter")
    request.get_by_role("button", name="Refuse").click()
    history = request.get_by_role("list", name="History of the request")
    expect(history).to_contain_text("Refused: Not this quarter")  # every figure is read again
    with site.client() as client:
        assert client.put("/approval-rules/distribution", json={"required": False}).status_code == 202
    page.reload()
    expect(page.get_by_role("button", name="Let distributions wait no longer")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Let distributions wait no longer")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    with site.client() as client:
        assert {"kind": "distribution", "required": False} in client.get("/approval-rules").json()
