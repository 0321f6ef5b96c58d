"""What companies report: statements, key figures, the portfolio side by side."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits


def figures(at: int) -> dict[str, str]:
    """A quarter that ties."""
    revenue, cost, expense = 1_000_000 + 100_000 * at, 300_000, 900_000
    return {
        "revenue": f"{revenue}",
        "cost_of_revenue": f"{cost}",
        "gross_profit": f"{revenue - cost}",
        "total_operating_expense": f"{expense}",
        "ebitda": f"{revenue - cost - expense}",
        "cash_balance": f"{9_000_000 - 150_000 * at}",
        "cash_burn": f"{expense - revenue + cost}",
        "employees": f"{20 + at}",
    }


def put(client: Any, company: int, period: str, values: dict[str, str], **more: str) -> None:
    rows = [{"metric": key, "period": period, "value": value, **more} for key, value in values.items()]
    answer = client.put(f"/companies/{company}/metrics", json={"values": rows})
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def company(site: Site) -> int:
    """A company with five quarters, one of them restated, one that does not tie, the last not approved yet."""
    with site.client() as client:
        made = client.post("/companies", json={"name": "Rowan Analytics", "currency": "USD"}).json()["id"]
        for at, period in enumerate(("2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")):
            put(client, made, period, figures(at), status="approved" if at < 4 else "submitted")
            put(client, made, period, {"revenue": f"{1_050_000 + 90_000 * at}"}, scenario="budget")
        put(client, made, "2024-Q1", {"revenue": "1120000", "gross_profit": "820000", "ebitda": "-80000"})
        put(client, made, "2024-Q2", {"gross_profit": "700"})
    return int(made)


def line(page: Page, label: str) -> Locator:
    """A row of the statements by its own label."""
    return page.locator("tr", has=page.get_by_role("rowheader", name=label, exact=True))


def test_a_statement_shows_its_marks_and_a_figure_opens_into_what_was_reported(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/financials")
    grid = page.get_by_role("region", name="Statements")
    revenue = line(page, "Revenue")
    expect(revenue.get_by_role("cell").nth(2)).to_contain_text("1.12")
    expect(revenue.get_by_role("button", name="restated")).to_have_count(1)
    expect(line(page, "Gross profit").get_by_role("button", name="1,000 times off")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Checks as CSV").click()
    [heading, *findings] = fetched.value.path().read_text().splitlines()
    assert heading.startswith("period,period_kind,")
    assert "2024-Q2" in {one.split(",")[0] for one in findings}
    assert faults(page) == []
    revenue.get_by_role("button", name="restated").press("Enter")
    drawer = page.get_by_role("dialog", name="Revenue")
    expect(drawer).to_contain_text("Restated: it was 1,100,000.00 USD before")
    expect(drawer.get_by_role("listitem")).to_have_count(2)
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Approve 7").click()
    expect(page.get_by_role("button", name="Approve 7")).to_have_count(0)
    page.get_by_text("LTM", exact=True).click()
    expect(grid.get_by_role("columnheader", name="LTM Dec 2024")).to_be_visible()


def test_figures_are_typed_in_the_grid_and_the_change_undone(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/financials?scale=full")
    grid = page.get_by_role("region", name="Statements")
    line(page, "Revenue").wait_for()
    page.keyboard.press("e")
    cash = grid.get_by_role("textbox", name="Cash, Q4 2024", exact=True)
    expect(cash).to_have_value("8,400,000")
    cash.fill("8.5m")
    later = grid.get_by_role("textbox", name="Cash, Q1 2025", exact=True)
    later.fill("soon")
    expect(page.get_by_text("1 figure cannot be read")).to_be_visible()
    assert faults(page) == []
    later.fill("8.1m")
    page.get_by_role("button", name="Save 2 figures").click()
    row = line(page, "Cash").filter(has_text="8,500,000")
    expect(row).to_contain_text("8,100,000.00")
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(0)
    expect(grid.get_by_role("columnheader", name="Q1 2025")).to_have_count(0)


def test_a_phone_reads_statements_in_the_dark(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/financials", width=390, height=844, scheme="dark")
    expect(page.get_by_role("region", name="Statements")).to_be_visible()
    assert faults(page) == []
    fits(page, 390)


def test_the_matrix_leads_to_a_companys_figure_and_keeps_its_filters(open_page: Open, company: int) -> None:
    page = open_page("/reporting?metrics=revenue,runway_months&q=Rowan")
    matrix = page.get_by_role("region", name="KPI matrix")
    row = matrix.get_by_role("row", name="Rowan Analytics")
    expect(row).to_contain_text("on plan")
    expect(page.get_by_text("CSV", exact=True)).to_have_count(1)
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    assert faults(page) == []
    matrix.get_by_role("button", name="Revenue").click()
    page.wait_for_url("**sort=**")
    row.get_by_role("link", name="on plan").click()
    expect(page.get_by_role("dialog", name="Revenue")).to_contain_text("1,400,000.00 USD")


def test_key_figures_are_charts_and_a_table_and_companies_are_compared(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/kpis", width=390, height=844, scheme="dark")
    expect(page.get_by_role("figure", name="Employees")).to_be_visible()
    assert faults(page) == []
    page.get_by_text("Table", exact=True).click()
    expect(page.get_by_role("region", name="Key figures")).to_contain_text("24")
    page = open_page(f"/reporting/compare?companies={company}&shown=indexed")
    expect(page.get_by_role("figure", name="Revenue")).to_be_visible()
    assert faults(page) == []


def test_a_file_of_figures_is_read_line_by_line_recorded_and_undone(open_page: Open, site: Site) -> None:
    with site.client() as client:
        made = client.post("/companies", json={"name": "Osier Freight", "currency": "USD"}).json()["id"]
    page = open_page(f"/companies/{made}/financials/import", width=390, height=844, scheme="dark")
    chooser = page.locator("input[type=file]")

    def choose(rows: str) -> None:
        content = f"Metric,2024-Q3,2024-Q4\nNet sales,1250,{rows}\nTickets,12,14\n".encode()
        chooser.set_input_files({"name": "board.csv", "mimeType": "text/csv", "buffer": content})

    choose("soon")
    lines = page.get_by_role("list", name="Lines of the file")
    expect(lines).to_contain_text("to decide")
    expect(page.get_by_role("list", name="Errors")).to_contain_text("It says “soon”")
    expect(page.get_by_role("button", name="Record 1 figure")).to_be_disabled()
    assert faults(page) == []
    fits(page, 390)
    page.get_by_role("button", name="Choose another file").click()
    choose("1310")
    page.get_by_role("combobox", name="Metric of Tickets").fill("Leave")
    page.get_by_role("option", name="Leave this line out").click()
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Record 2 figures").click()
    expect(page.get_by_text("board.csv is recorded")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("list", name="Remembered labels")).to_contain_text("Net sales")
    assert faults(page) == []
    page.get_by_role("button", name="board.csv").click()
    drawer = page.get_by_role("dialog", name="board.csv")
    drawer.get_by_role("button", name="Undo this import").click()
    drawer.get_by_label("Reason").fill("The wrong quarter")
    drawer.get_by_role("button", name="Undo", exact=True).click()
    expect(drawer.get_by_label("Reason")).to_have_count(0)  # until then its text is only what was typed
    expect(drawer).to_contain_text("The wrong quarter")
    with site.client() as client:
        assert client.get(f"/companies/{made}/metrics", params={"layout": "long"}).json()["values"] == []


def test_the_reporting_currencies_are_put_in_order_by_keys_and_not_over_a_colleagues(
    open_page: Open, site: Site
) -> None:
    page = open_page("/settings", width=390, height=844, scheme="dark")
    codes = page.get_by_role("list", name="Reporting currencies").locator("li")

    def listed(wanted: list[str]) -> None:
        expect(codes).to_have_count(len(wanted))  # else others may stand between
        expect(codes).to_contain_text(wanted)

    listed(["USD", "CAD"])
    adding = page.get_by_role("combobox", name="Add a currency")
    adding.focus()
    page.keyboard.type("swiss")
    expect(page.get_by_role("option", name="CHF")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    listed(["USD", "CAD", "CHF"])
    up = page.get_by_role("button", name="Move CHF up")
    expect(up).to_be_enabled()  # it is off while a change is saved
    up.press("Enter")
    listed(["USD", "CHF", "CAD"])
    expect(up).to_be_focused()
    adding.fill("HRK")  # its rates ended
    expect(page.get_by_text("No such currency with rates")).to_be_visible()
    with site.client() as client:
        client.put("/reporting/settings", json={"currencies": ["USD", "CHF", "EUR"]})
        remove = page.get_by_role("button", name="Remove CHF")
        expect(remove).to_be_enabled()
        remove.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Read it again")
        listed(["USD", "CHF", "EUR"])
        expect(remove).to_be_enabled()
        remove.press("Enter")
        listed(["USD", "EUR"])
        expect(adding).to_be_focused()
        assert client.get("/reporting/settings").json()["currencies"] == ["USD", "EUR"]


def test_prices_of_a_listed_company_are_fetched_and_say_that_they_are_old(open_page: Open, site: Site) -> None:
    about = {"name": "Teasel Listed", "currency": "USD", "is_public": True, "ticker_symbol": "DEMO"}
    with site.client() as client:
        made = client.post("/companies", json=about).json()["id"]
    page = open_page(f"/companies/{made}", width=390, height=844, scheme="dark")
    expect(page.get_by_text("No prices yet")).to_be_visible()
    page.get_by_role("button", name="Fetch prices").click()
    prices = page.get_by_role("list", name="Market prices")
    expect(prices.get_by_role("listitem").first).to_contain_text("Old")
    expect(prices).to_contain_text("Sample")
    assert faults(page) == []
    fits(page, 390)


def test_a_metric_of_the_firms_own_is_defined_changed_with_a_look_at_what_moves_and_taken_back(
    open_page: Open, site: Site, company: int
) -> None:
    page = open_page("/definitions")
    page.get_by_role("button", name="Runway", exact=False).first.click()
    meaning = page.get_by_role("dialog")
    expect(meaning).to_contain_text("ships with Vestry")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Define a metric").click()
    form = page.get_by_role("dialog", name="Define a metric")
    form.get_by_label("Name").fill("Revenue a head")
    form.get_by_role("combobox", name="Kind").click()
    page.get_by_role("option", name="Computed by a formula").click()
    form.get_by_role("textbox", name="Formula").fill("revenue / nobody_knows")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("nobody_knows")
    form.get_by_role("textbox", name="Formula").fill("revenue / employees")
    form.get_by_role("button", name="What would move").click()
    moved = form.get_by_role("list", name="Figures that would move")
    expect(moved).to_contain_text("Rowan Analytics")
    assert faults(page) == []
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    with site.client() as client:
        found = client.get("/metrics/definitions").json()["items"]
        assert [one["formula"] for one in found if one["key"] == "revenue_a_head"] == ["revenue / employees"]
    page = open_page("/definitions?metric=revenue_a_head", width=390, height=844, scheme="dark")
    form = page.get_by_role("dialog", name="Revenue a head")
    expect(form.get_by_label("Key")).to_have_value("revenue_a_head")
    fits(page, 390)
    form.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Take back").click()
    expect(form).to_have_count(0)
    with site.client() as client:
        found = client.get("/metrics/definitions").json()["items"]
        assert not [one for one in found if one["key"] == "revenue_a_head"]


def test_a_fiscal_year_is_changed_and_taken_back(open_page: Open, site: Site) -> None:
    with site.client() as client:
        made = client.post("/companies", json={"name": "Bryony Works", "currency": "GBP"}).json()["id"]
    page = open_page(f"/companies/{made}", width=390, height=844)
    page.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog", name="Change the fiscal year")
    form.get_by_label("The first begins in April of").fill("2024")
    assert faults(page) == []
    form.get_by_role("button", name="Save").click()
    years = page.get_by_role("list", name="Fiscal years")
    expect(years).to_contain_text("Years end with March")
    fits(page, 390)
    with site.client() as client:
        (kept,) = client.get(f"/companies/{made}/fiscal-years").json()
        assert (kept["starts_on"], kept["year_ends_in"]) == ("2024-04-01", 3)
    years.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Take back").click()
    expect(years).to_have_count(0)
    expect(page.get_by_text("Calendar years")).to_be_visible()
