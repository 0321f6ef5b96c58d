"""The page of alerts: what should be looked at, by keys alone, and a rule that is tried on the past first."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits


@pytest.fixture(scope="module", autouse=True)
def raised(site: Site) -> None:
    """A cohort of the firm is below its minimum; the worker beside the server finds it."""
    until = time.monotonic() + 180
    with site.client() as client:
        while client.get("/alerts", params={"kind": "cohort_breach"}).json()["total"] == 0:
            assert time.monotonic() < until, "the worker found no breach"
            time.sleep(0.2)


def looked_at(page: Page, width: int) -> None:
    assert faults(page) == []
    fits(page, width)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_where_alerts_are_looked_at(open_page: Open, scheme: str, width: int) -> None:
    page = open_page("/alerts", width=width, scheme=scheme)
    page.get_by_role("button", name="Arcwell: threshold breached").click()
    expect(page.get_by_text("What happened")).to_be_visible()
    looked_at(page, width)
    rules = open_page("/alerts?tab=rules", width=width, scheme=scheme)
    rules.get_by_role("button", name="Add a rule").click()
    expect(rules.get_by_label("Metric", exact=False).first).to_be_visible()
    looked_at(rules, width)


def test_a_breach_is_acknowledged_and_closed_by_keys_and_leads_to_its_cell(open_page: Open, site: Site) -> None:
    page = open_page(f"/alerts?kind=cohort_breach&company={site.firm['company']}")
    breach = page.get_by_role("button", name="Arcwell: threshold breached")
    expect(breach).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="CSV").click()
    assert "may stop funding cohorts after Jan 2024" in fetched.value.path().read_text()
    page.keyboard.press("j")
    card = page.get_by_role("complementary", name="Threshold breached")
    expect(card).to_contain_text("may stop funding cohorts after Jan 2024")
    expect(card.get_by_role("button", name="Acknowledge")).to_be_visible()
    page.keyboard.press("a")
    expect(card).to_contain_text("Acknowledged")
    expect(breach).to_have_count(0)
    expect(page.get_by_role("button", name="CSV")).to_have_accessible_description("Nothing to export")
    card.get_by_role("button", name="Close…").click()
    card.get_by_label("Why is it closed").fill("A one-off")
    card.get_by_role("button", name="Close", exact=True).click()
    expect(card.get_by_role("list", name="History of the alert")).to_contain_text("Closed: A one-off")
    card.get_by_role("link", name="Look at Arcwell").click()
    expect(page.get_by_role("dialog", name="Jan 2024, month 1")).to_be_visible()


def test_a_rule_is_tried_on_the_past_and_kept(open_page: Open, site: Site) -> None:
    with site.client() as client:
        reported = [
            {"metric": "revenue", "period": f"2023-Q{at}", "value": value}
            for at, value in enumerate(("100", "90", "110", "80"), 1)
        ]
        answer = client.put(f"/companies/{site.firm['company']}/metrics", json={"values": reported})
        assert answer.status_code == 200, answer.text
    page = open_page("/alerts?tab=rules")
    page.get_by_role("button", name="Add a rule").click()
    form = page.get_by_role("dialog", name="Add a rule")
    form.get_by_label("Name").fill("Revenue floor")
    form.get_by_role("combobox", name="Metric").fill("Revenue")
    page.get_by_role("option", name="Revenue", exact=True).click()
    form.get_by_label("Limit").fill("95")
    form.get_by_role("button", name="Try it on the past").click()
    expect(form).to_contain_text("Would have fired 2 times")
    expect(form).to_contain_text("Arcwell, 2023-Q2")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("list", name="Rules")).to_contain_text("Revenue of a quarter is below 95")
