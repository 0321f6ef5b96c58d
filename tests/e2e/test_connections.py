"""A system that feeds a company's figures, set up and named in the browser, against a real feed on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits
from tests.integrations.figures.player import Answer, serving

KEY = "sesame-of-the-feed"


@pytest.fixture
def feed() -> Iterator[str]:
    """Answers three accounts of the last month asked for, to whoever has the key."""

    def answer(_: str, target: str, headers: dict[str, str]) -> Answer:
        if headers.get("authorization") != f"Bearer {KEY}":
            return Answer(401, {}, b"")
        (month,) = parse_qs(urlsplit(target).query)["to"]
        accounts = {"Takings": "125000.50", "Cash at bank": "801000", "Suspense": "12"}
        lines = [{"label": label, "period": month, "value": value} for label, value in accounts.items()]
        return Answer(200, {"Content-Type": "application/json"}, json.dumps({"lines": lines}).encode())

    with serving(answer, threading.Event()) as origin:
        yield f"{origin}/books"


def choose(page: Page, label: str, metric: str) -> None:
    box = page.get_by_role("combobox", name=f"Metric of {label}")
    box.fill(metric)
    page.get_by_role("option", name=metric, exact=True).click()


def test_a_connection_is_added_its_labels_named_and_its_figures_recorded(
    open_page: Open, site: Site, feed: str
) -> None:
    with site.client() as client:
        made = client.post("/companies", json={"name": "Sedge Payments", "currency": "USD"}).json()["id"]
    page = open_page(f"/companies/{made}/financials/import", width=390, height=844)
    expect(page.get_by_text("No connection yet")).to_be_visible()
    page.get_by_role("button", name="Add a connection").click()
    form = page.get_by_role("dialog", name="Add a connection")
    form.get_by_label("Name").fill("Accounting")
    form.get_by_label("Address").fill(f"{feed}?key={KEY}")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("has no query")
    form.get_by_label("Address").fill(feed)
    assert faults(page) == []
    form.get_by_role("button", name="Save").click()
    rows = page.get_by_role("list", name="Connections")
    expect(rows).to_contain_text("every night")
    rows.get_by_role("button", name="Fetch from Accounting").click()
    expect(rows).to_contain_text("refuses the key")
    rows.get_by_role("button", name="Accounting", exact=True).click()
    form = page.get_by_role("dialog", name="Accounting")
    form.get_by_label("Key", exact=True).fill(KEY)
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    rows.get_by_role("button", name="Fetch from Accounting").click()
    rows.get_by_role("button", name="Name its labels").click()
    labels = page.get_by_role("dialog", name="Labels of Accounting")
    again = labels.get_by_role("button", name="Remember and fetch again")
    expect(again).to_be_disabled()
    assert faults(page) == []
    fits(page, 390)
    choose(page, "Takings", "Revenue")
    choose(page, "Cash at bank", "Cash")
    choose(page, "Suspense", "Leave this line out")
    again.click()
    expect(rows).to_contain_text("2 new figures")
    expect(page.get_by_role("list", name="Remembered labels")).to_contain_text("Suspense")
    with site.client() as client:
        found = client.get(f"/companies/{made}/metrics", params={"layout": "long", "period": "month"}).json()["values"]
        assert {(one["metric"], one["value"], one["source"]) for one in found if one["source"]} == {
            ("revenue", "125000.50", "integration"),
            ("cash_balance", "801000.00", "integration"),
        }
    rows.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No connection yet")).to_be_visible()
    assert KEY not in page.content()
