"""The pages of cohort financing: the portfolio of trades, terms with their simulator, and projections."""

from __future__ import annotations

import csv
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits

PAGES = {
    "trades": "/cohorts",
    "terms": "/companies/{company}/cohorts/terms",
    "projections": "/companies/{company}/cohorts/projections",
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_where_cohorts_are_financed(
    open_page: Open, site: Site, name: str, scheme: str, width: int
) -> None:
    page = open_page(PAGES[name].format(**site.firm), width=width, scheme=scheme)
    page.locator("main h1").wait_for()
    assert faults(page) == []
    fits(page, width)


def test_the_trades_total_what_the_filter_shows_and_open_their_cohorts(open_page: Open, site: Site) -> None:
    with site.client() as client:  # trades of other tests may stand beside the firm's two
        trades = client.get("/cohorts/portfolio").json()["trades"]
    paid = sum(Decimal(trade["outlay"]) for trade in trades)
    collecting = sum(Decimal(trade["outlay"]) for trade in trades if trade["state"] == "collecting")
    assert paid > collecting > 0
    page = open_page("/cohorts")
    figures = page.get_by_role("list", name="Key figures")
    expect(figures).to_contain_text(f"${paid:,}")
    table = page.get_by_role("region", name="Trades")
    total = table.get_by_role("row", name="Total")
    expect(total).to_contain_text(f"{paid:,}")
    expect(table.get_by_role("row", name="Jan 2024").filter(has_text="Arcwell")).to_contain_text("Below minimum")
    with page.expect_download() as file:
        page.get_by_role("link", name="XLSX").click()
    assert file.value.suggested_filename == "trades.xlsx"
    page.get_by_label("Filter by State").first.click()
    page.get_by_role("option", name="Collecting").click()
    expect(total).to_contain_text(f"{collecting:,}")
    table.get_by_role("link", name="Arcwell").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cohorts")


def exported(page: Page, item: str) -> Path:
    """A table of the page as the file that its menu hands over."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as file:
        page.get_by_role("menuitem", name=item).click()
    return Path(file.value.path())


def test_proposed_terms_fill_a_new_trade_and_record_nothing(open_page: Open, site: Site) -> None:
    page = open_page(f"/companies/{site.firm['company']}/cohorts/terms")
    rows = list(csv.DictReader(exported(page, "Trades, CSV").read_text("utf-8-sig").splitlines()))
    assert {row["cohort_month"]: Decimal(row["cash_cap"]) for row in rows} == {"2024-01-01": 1000, "2024-02-01": 1000}
    with zipfile.ZipFile(exported(page, "Trades, XLSX")) as workbook:
        assert workbook.read("xl/worksheets/sheet1.xml").count(b"<row ") == 3
    page.get_by_role("button", name="Feb 2024").click()
    page.get_by_role("button", name="Correct").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("textbox", name="Planned spend").fill("1000")
    drawer.get_by_role("textbox", name="Allowed deviation").fill("10")
    drawer.get_by_role("combobox", name="Collections count").click()
    page.get_by_role("option", name="In the same month").click()
    drawer.get_by_role("button", name="Save").click()
    expect(drawer).to_contain_text("In the same month")
    history = drawer.get_by_role("list", name="History")
    expect(history.get_by_role("listitem").first).to_contain_text("Corrected")
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Spend").fill("1000")
    page.get_by_role("combobox", name="Months to come").click()
    page.get_by_role("option", name="A churn of").click()
    page.get_by_role("textbox", name="Target IRR").fill("10")
    page.get_by_role("textbox", name="Largest probability of loss").fill("50")
    page.get_by_role("button", name="Propose terms").click()
    stress = page.get_by_role("region", name="Stress")
    expect(stress).to_contain_text("Churn two points higher")
    expect(page.get_by_role("img", name="What comes back")).to_be_visible()
    assert faults(page) == []
    share = page.get_by_role("textbox", name="Share").input_value()
    page.get_by_role("button", name="Take over into a new trade").click()
    form = page.get_by_role("dialog", name="Record a trade")
    expect(form.get_by_role("textbox", name="Share")).to_have_value(share)
    expect(form.get_by_role("textbox", name="Planned spend")).to_have_value("1000.00")
    form.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("region", name="Terms", exact=True).get_by_role("row")).to_have_count(3)


def test_a_projection_moves_with_the_churn_and_is_kept_under_a_name(open_page: Open, site: Site) -> None:
    page = open_page(f"/companies/{site.firm['company']}/cohorts/projections")
    january = page.get_by_role("region", name="IRR by cohort").get_by_role("row", name="Jan 2024")
    before = january.text_content() or ""
    page.get_by_role("slider", name="Monthly churn").press("ArrowRight")
    expect(january).not_to_have_text(before)
    expect(page.get_by_role("img", name="All cohorts").locator("svg")).to_be_visible()
    expect(page.get_by_role("img", name="Cash by month").locator("svg")).to_be_visible()
    page.get_by_role("button", name="Save as a scenario").click()
    form = page.get_by_role("dialog", name="Save as a scenario")
    form.get_by_role("textbox", name="Name").fill("Board")
    form.get_by_role("textbox", name="First month").fill("30")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="Scenarios").get_by_role("row", name="Board")).to_be_visible()
    expect(page.get_by_role("radio", name="Board")).to_be_checked()
    expect(page.get_by_role("img", name="Payments to come").locator("svg")).to_be_visible()
    held = page.get_by_role("region", name="Forecast against actuals").get_by_role("row", name="Jan 2024")
    expect(held).to_contain_text("756.00")  # 400, and 11 % less: 356; 500 were paid
    expect(held).to_contain_text("500.00")
    page.get_by_role("region", name="Scenarios").get_by_role("button", name="Board").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("list", name="History").get_by_role("listitem")).to_contain_text("Saved")
    drawer.get_by_role("button", name="Void").click()
    drawer.get_by_role("textbox", name="Reason").fill("A test")
    drawer.get_by_role("button", name="Void").click()
    expect(page.get_by_role("region", name="Scenarios").get_by_role("row", name="Board")).to_have_count(0)
    expect(page.get_by_role("radio", name="Board")).to_have_count(0)
    expect(january).to_be_visible()
