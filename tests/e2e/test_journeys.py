"""What people come to do, done in a browser against the real server."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from tests.e2e.conftest import STATIC, Open, Site
from tests.imports.test_reading import workbook

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_sign_in_link_works_once(open_page: Open, site: Site) -> None:
    link = site.sign_in_link().removeprefix(site.url)
    first = open_page(link, known=False)
    expect(first).to_have_url(re.compile("/funds$"))
    second = open_page(link, known=False)
    expect(second.get_by_role("alert")).to_be_visible()
    expect(second).to_have_url(re.compile("/sign-in"))


def test_a_page_behind_the_sign_in_asks_for_it_and_comes_back(open_page: Open, site: Site) -> None:
    page = open_page("/companies", known=False)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_funds_list_shows_totals_of_what_the_search_leaves(open_page: Open) -> None:
    page = open_page("/funds")
    table = page.get_by_role("region", name="Funds", exact=True)
    expect(table.get_by_role("link")).to_have_count(2)
    page.get_by_label("Search Funds").fill("alder")
    expect(table.get_by_role("link")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=alder"))
    total = table.get_by_role("row").last
    expect(total).to_contain_text("Total")
    expect(total).to_contain_text("10.0")


def test_a_figure_opens_into_the_flows_behind_it(open_page: Open, site: Site) -> None:
    page = open_page(f"/funds/{site.firm['fund']}")
    strip = page.get_by_role("list", name="Key figures")
    strip.get_by_role("button", name=re.compile("^0.17x")).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Distributed to paid-in (DPI)")
    expect(drawer.get_by_role("cell", name="$300,000.00")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page).not_to_have_url(re.compile("explain"))


def test_the_as_of_date_changes_every_figure_and_stays_in_the_address(open_page: Open, site: Site) -> None:
    page = open_page(f"/funds/{site.firm['fund']}?as_of=2020-12-31")
    strip = page.get_by_role("list", name="Key figures")
    expect(strip).to_contain_text("20.0%")
    expect(strip).to_contain_text("0.00x")
    page.get_by_role("link", name="Companies").click()
    expect(page).to_have_url(re.compile("as_of=2020-12-31"))
    page.goto(f"{site.url}/funds/{site.firm['fund']}")
    expect(strip).to_contain_text("30.0%")
    expect(strip).to_contain_text("0.17x")


def test_a_chart_is_also_a_table(open_page: Open, site: Site) -> None:
    page = open_page(f"/funds/{site.firm['fund']}")
    expect(page.locator("figure svg").first).to_be_visible()
    page.get_by_role("button", name="NAV and J-curve: more").click()
    page.get_by_role("menuitem", name="Show as table").click()
    table = page.get_by_role("region", name="NAV and J-curve, as a table")
    expect(table.get_by_role("cell", name="Q1 2020")).to_be_visible()


def test_an_entry_is_recorded_by_keyboard_and_voided_again(open_page: Open, site: Site) -> None:
    page = open_page(f"/ledger?fund={site.firm['fund']}")
    page.get_by_role("button", name="Record an entry").wait_for()
    page.keyboard.press("n")
    drawer = page.get_by_role("dialog", name="Record an entry")
    drawer.get_by_label("What happened").click()
    page.get_by_role("option", name="Fee, expense or income").click()
    drawer.get_by_label("Date").fill("30 Jun 2022")
    drawer.get_by_label("Amount").fill("12.5k")
    expect(drawer.get_by_text("$12,500.00")).to_be_visible()
    drawer.get_by_label("Note").fill("Audit of the year")
    drawer.get_by_role("button", name="Record").focus()
    page.keyboard.press("Enter")
    expect(drawer).to_have_count(0)
    row = page.get_by_role("row", name=re.compile("Audit of the year"))
    expect(row).to_contain_text("(12,500.00)")
    row.get_by_role("button", name=re.compile("^Management fee")).click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Void").click()
    drawer.get_by_label("Reason").fill("Belongs to another fund")
    drawer.get_by_role("button", name="Void").click()
    expect(drawer).to_contain_text("Voided: Belongs to another fund")
    page.keyboard.press("Escape")
    expect(row).to_have_count(0)
    page.get_by_label("Voided").check()
    gone = page.get_by_role("row", name=re.compile("Voided: Belongs to another fund"))
    expect(gone.locator("del").last).to_contain_text("12,500.00")


def test_an_entry_is_corrected_and_its_history_told(open_page: Open, site: Site) -> None:
    with site.client() as client:
        body = {"kind": "expense", "entered_on": "2022-01-31", "amount": "800.00", "memo": "Bank charges"}
        made = client.post("/vehicle-entries", json={"fund_id": site.firm["fund"], **body}).json()
    page = open_page(f"/ledger?fund={site.firm['fund']}&fact=vehicle-entries:{made['id']}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Correct").click()
    expect(drawer.get_by_label("Note")).to_have_value("Bank charges")
    drawer.get_by_label("Amount").fill("750.00")
    with site.client() as client:  # meanwhile somebody else corrects it too
        client.put(f"/vehicle-entries/{made['id']}", json=body | {"memo": "Bank charges of January"})
    drawer.get_by_role("button", name="Save").click()
    conflict = drawer.get_by_role("alert")
    expect(conflict).to_contain_text("changed meanwhile")
    expect(conflict).to_contain_text("Bank charges of January")
    conflict.get_by_role("button", name="Load what is recorded now").click()
    expect(drawer.get_by_label("Note")).to_have_value("Bank charges of January")
    drawer.get_by_label("Amount").fill("750.00")
    drawer.get_by_role("button", name="Save").click()
    history = drawer.get_by_role("list", name="History").get_by_role("listitem")
    expect(history.first).to_contain_text("Corrected")
    expect(history.first).to_contain_text("$800.00")
    expect(history.first).to_contain_text("$750.00")
    expect(history.first).to_contain_text("by you")
    expect(history.last).to_contain_text("Recorded")


def test_a_call_keeps_its_lines_where_only_its_purpose_is_corrected(open_page: Open, site: Site) -> None:
    with site.client() as client:
        listed = client.get("/capital-calls", params={"fund_id": site.firm["fund"], "sort": "called_on"}).json()
        before = client.get(f"/capital-calls/{listed['items'][0]['id']}").json()
    page = open_page(f"/ledger?fund={site.firm['fund']}&fact=capital-calls:{before['id']}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Correct").click()
    drawer.get_by_label("Purpose").fill("First closing")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_role("list", name="History")).to_contain_text("First closing")
    with site.client() as client:
        after = client.get(f"/capital-calls/{before['id']}").json()
    assert [(line["amount"], line["paid_on"]) for line in after["lines"]] == [
        (line["amount"], line["paid_on"]) for line in before["lines"]
    ]


def test_the_ledger_is_sorted_by_the_server(open_page: Open, site: Site) -> None:
    page = open_page(f"/ledger?fund={site.firm['fund']}")
    table = page.get_by_role("region", name="Ledger", exact=True)
    table.get_by_role("button", name="Amount").click()
    table.get_by_role("button", name="Amount").click()
    expect(page).to_have_url(re.compile("sort=-amount"))
    expect(table.get_by_role("row").nth(1)).to_contain_text("6,000,000.00")


def test_what_the_server_refuses_stands_at_its_field(open_page: Open, site: Site) -> None:
    page = open_page(f"/ledger?fund={site.firm['fund']}&new=true")
    drawer = page.get_by_role("dialog", name="Record an entry")
    drawer.get_by_label("What happened").click()
    page.get_by_role("option", name="Capital call").click()
    drawer.get_by_label("For investments").fill("900m")
    drawer.get_by_role("button", name="Record").click()
    expect(drawer.get_by_role("alert")).to_contain_text("unfunded")


def test_an_investment_may_make_its_company(open_page: Open, site: Site) -> None:
    page = open_page(f"/ledger?fund={site.firm['empty']}&new=true")
    drawer = page.get_by_role("dialog", name="Record an entry")
    drawer.get_by_label("Company").fill("Quillstack")
    page.get_by_role("option", name="Quillstack (new)").click()
    drawer.get_by_label("Amount invested").fill("250,000.00")
    drawer.get_by_label("Stake acquired").fill("12.5")
    drawer.get_by_role("button", name="Record").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("Quillstack"))).to_contain_text("(250,000.00)")


def test_the_palette_finds_a_company_and_goes_there(open_page: Open) -> None:
    page = open_page("/funds")
    page.keyboard.press("/")
    page.get_by_role("textbox", name="Search", exact=True).fill("kest")
    page.get_by_role("option", name="Kestrel").or_(page.get_by_role("button", name="Kestrel")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kestrel")


def test_the_csv_holds_every_row_with_its_digits(open_page: Open, site: Site, tmp_path: Path) -> None:
    page = open_page(f"/ledger?fund={site.firm['fund']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    path = tmp_path / "ledger.csv"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("Date,Kind,")
    assert "-200000.00" in text
    assert "2020-12-31" in text


def test_a_flows_file_is_checked_recorded_and_undone(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text(
        "fund,date,kind,amount,recallable\n"
        "Elm Credit,2021-01-31,contribution,1000000,\n"
        "Elm Credit,2022-06-30,distribution,250000,\n"
        "Elm Credit,2022-12-31,nav,1100000,\n"
    )
    page = open_page("/imports/new")
    page.locator("input[type=file]").set_input_files(str(file))
    record = page.get_by_role("button", name="Record 3 rows")
    record.click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()
    _fund_count(page, "Elm", 1)
    page.go_back()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    _fund_count(page, "Elm", 0)


def test_a_full_ledger_is_imported_and_undone(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "ledger.zip"
    with ZipFile(file, "w") as packed:
        for sheet in sorted((EXAMPLES / "ledger").glob("*.csv")):
            packed.write(sheet, sheet.name)
    page = open_page("/imports/new")
    page.get_by_text("Full ledger").click()
    page.locator("input[type=file]").set_input_files(str(file))
    _record_and_undo(page, "East Venture", 1)


def test_a_summary_of_funds_is_imported_and_undone(open_page: Open) -> None:
    page = open_page("/imports/new")
    page.get_by_text("Fund summary").click()
    page.locator("input[type=file]").set_input_files(str(next(EXAMPLES.glob("summary_*.csv"))))
    _record_and_undo(page, "Harbor Buyout IV", 1)


def test_an_xlsx_file_is_imported_and_undone(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "flows.xlsx"
    file.write_bytes(
        workbook(
            (
                "flows",
                [
                    ["fund", "date", "kind", "amount", "recallable"],
                    ["Maple Infrastructure", "2021-01-31", "contribution", "1000000.25", ""],
                    ["Maple Infrastructure", "2022-12-31", "nav", "1100000", ""],
                ],
            )
        )
    )
    page = open_page("/imports/new")
    page.locator("input[type=file]").set_input_files(str(file))
    _record_and_undo(page, "Maple", 1)


def _record_and_undo(page: Page, fund: str, count: int) -> None:
    page.get_by_role("button", name=re.compile(r"^Record \d+ rows$")).click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()
    _fund_count(page, fund, count)
    page.go_back()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    _fund_count(page, fund, 0)


def _fund_count(page: Page, text: str, count: int) -> None:
    page.get_by_role("link", name="To the funds").click()
    page.get_by_label("Search Funds").fill(text)
    expect(page).to_have_url(re.compile(f"q={text.split()[0]}"))
    found = page.get_by_role("region", name="Funds", exact=True)
    expect(found.get_by_role("link")).to_have_count(count)
    expect(found.get_by_text("No matching rows")).to_have_count(0 if count else 1)


def test_a_past_knowledge_shows_the_figures_as_they_were_known(open_page: Open, site: Site) -> None:
    page = open_page(f"/funds/{site.firm['fund']}?known_at=2020-01-01")
    strip = page.get_by_role("list", name="Key figures")
    expect(strip).to_contain_text("nothing has been paid in yet")
    expect(page.get_by_role("button", name=re.compile("as known 1 Jan 2020"))).to_be_visible()


def test_an_address_with_nonsense_in_it_still_opens(open_page: Open) -> None:
    page = open_page("/ledger?fund=abc&as_of=31-31-2020&q=2020&new=maybe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ledger")
    expect(page.get_by_label("Search Ledger")).to_have_value("2020")


def test_nobody_waits_for_code_that_the_first_page_does_not_need(open_page: Open) -> None:
    """Budgets in gzip bytes: 280 kB of scripts and 60 kB of styles for the first page, 200 kB for any later part."""
    page = open_page("/funds")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)")
    first = [STATIC / f"{path[1:]}.gz" for path in loaded if path.startswith("/assets/")]
    sizes = {path.name: path.stat().st_size for path in first if path.is_file()}
    assert sum(size for name, size in sizes.items() if name.endswith(".js.gz")) <= 280_000
    assert sum(size for name, size in sizes.items() if name.endswith(".css.gz")) <= 60_000
    later = [path for path in (STATIC / "assets").glob("*.js.gz") if path.name not in sizes]
    assert max(path.stat().st_size for path in later) <= 200_000


def test_a_cohort_opens_to_the_payments_behind_it_and_into_the_months_to_come(open_page: Open, site: Site) -> None:
    page = open_page(f"/companies/{site.firm['company']}/cohorts")
    january = page.get_by_role("row", name="Jan 2024").first
    expect(january.get_by_text("10.0%")).to_have_text(re.compile("below minimum"))
    january.get_by_role("button", name="40.0%").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Jan 2024, month 1")
    expect(drawer).to_contain_text("below the period’s minimum")
    expect(drawer.get_by_role("row", name="10 Feb 2024")).to_contain_text("$100.00")
    page.keyboard.press("Escape")
    page.get_by_role("switch", name="Forecast").check(force=True)
    expect(january.get_by_role("cell", name="9.0%, forecast")).to_be_visible()
    page.get_by_role("slider", name="Monthly churn").press("ArrowRight")
    expect(january.get_by_role("cell", name="8.9%, forecast")).to_be_visible()
