"""What a company delivers and what follows from it: payments by file, spend by month, minimums, what is owed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits

HEAD = "customer_id,payment_date,amount,cohort_month\n"


@pytest.fixture(scope="module")
def company(site: Site) -> Any:
    """A funded company whose first cohort missed its minimum once."""
    with site.client() as client:

        def post(path: str, **body: Any) -> Any:
            answer = client.post(f"/{path}", json=body)
            assert answer.status_code == 201, answer.text
            return answer.json()

        made = post("companies", name="Harrow", currency="USD")["id"]
        at = f"companies/{made}"
        for month in ("2024-01-01", "2024-02-01"):
            post(f"{at}/spends", cohort_month=month, spend="1000")
            post(f"{at}/trades", cohort_month=month, sharing_percentage="0.5", cash_cap="1000")
        post(f"{at}/thresholds", payment_period_month=1, minimum_payment_percent="0.15")
        for customer, on, amount in (
            ("a", "2024-01-10", "400"),
            ("a", "2024-02-10", "100"),
            ("b", "2024-02-20", "250"),
        ):
            post(f"{at}/payments", customer_id=customer, payment_date=on, amount=amount)
    return made


def choose(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(path)


def test_a_file_of_payments_is_mapped_checked_recorded_and_undone(
    open_page: Open, company: int, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("Who;Day;Paid\nz;2024-03-05;abc\nz;2199-01-01;5\n")
    good.write_text(HEAD + "c,2024-03-05,30,2024-02-01\na,2024-03-10,20,2024-01-01\n")
    page = open_page(f"/companies/{company}/cohorts/payments")
    assert faults(page) == []
    choose(page, bad)
    expect(page.get_by_text("Still to be named: customer.")).to_be_visible()
    page.get_by_label("Customer").first.click()
    page.get_by_role("option", name="Who", exact=True).click()
    page.get_by_role("button", name="Check with these settings").click()
    wrong = page.get_by_role("region", name="Errors")
    expect(wrong.get_by_role("row")).to_have_count(3)
    expect(wrong).to_contain_text("is in the future")
    expect(page.get_by_role("button", name="Record 0 payments")).to_be_disabled()
    assert faults(page) == []
    page.get_by_role("button", name="Choose another file").click()
    choose(page, good)
    found = page.get_by_role("region", name="Customers of another cohort")
    expect(found.get_by_role("row")).to_have_text(["Customer", "c"])
    page.get_by_role("button", name="Record 2 payments").click()
    page.get_by_role("button", name="Done").click()
    payments = page.get_by_role("region", name="Payments")
    expect(payments.get_by_role("row", name="5 Mar 2024")).to_contain_text("30.00")

    page.get_by_role("button", name="good.csv").click()
    drawer = page.get_by_role("dialog", name="good.csv")
    drawer.get_by_role("button", name="Undo this upload").click()
    drawer.get_by_label("Reason").fill("Another company's file")
    drawer.get_by_role("button", name="Undo", exact=True).click()
    expect(drawer).to_contain_text("its payments count no longer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Uploads")).to_contain_text("Undone")
    expect(payments.get_by_role("row")).to_have_count(4)


def test_spend_is_typed_and_pasted_and_another_hands_change_is_not_overwritten(
    open_page: Open, site: Site, company: int
) -> None:
    page = open_page(f"/companies/{company}/cohorts/payments")
    january = page.get_by_role("textbox", name="Spend of Jan 2024")
    expect(january).to_have_value("1,000.00")
    january.fill("1.2k")
    january.press("Enter")
    february = page.get_by_role("textbox", name="Spend of Feb 2024")
    expect(february).to_be_focused()
    page.get_by_role("button", name="Save 1 month").click()
    expect(january).to_have_value("1,200.00")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()  # it is saved and read again
    with site.client() as client:
        spend = client.get(f"/companies/{company}/spends").json()["items"][0]
        again = {"cohort_month": "2024-01-01", "spend": "1000"}
        assert client.put(f"/companies/{company}/spends/{spend['id']}", json=again).status_code == 200
    january.fill("1300")
    page.get_by_role("button", name="Save 1 month").click()
    expect(page.get_by_text("Somebody else changed it")).to_be_visible()
    page.get_by_role("button", name="Leave it as it was").click()
    expect(january).to_have_value("1,000.00")

    page.get_by_role("button", name="Paste").click()
    drawer = page.get_by_role("dialog", name="Paste spend")
    cells = drawer.get_by_label("Copied cells")
    cells.fill("Month\tSpend\n2024-02\tabc\nsoon\t5\n2024-03\t700")
    expect(drawer.get_by_role("alert").get_by_role("listitem")).to_have_count(2)
    expect(drawer.get_by_role("button", name="Take over 1 month")).to_be_disabled()
    assert faults(page) == []
    cells.fill("2024-03\t700")
    drawer.get_by_role("button", name="Take over 1 month").click()
    march = page.get_by_role("textbox", name="Spend of Mar 2024")
    page.get_by_role("button", name="Save 1 month").click()
    expect(march).to_have_value("700.00")
    page.get_by_role("button", name="Void the spend of Mar 2024").click()
    page.get_by_label("Reason").fill("Planned, not spent")
    page.get_by_role("button", name="Void", exact=True).click()
    expect(march).to_have_value("")


def test_a_minimum_is_missed_and_the_breach_set_aside_and_back(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/cohorts/thresholds")
    breaches = page.get_by_role("region", name="Breaches")
    january = breaches.get_by_role("row", name="Jan 2024")
    expect(january).to_contain_text("In full")
    expect(january).to_contain_text("15.0%")
    assert faults(page) == []
    january.get_by_role("button", name="Set aside").click()
    drawer = page.get_by_role("dialog", name="Set the breach aside")
    drawer.get_by_label("Reason").fill("The payment provider was down")
    drawer.get_by_label("Approved by").fill("Investment committee")
    drawer.get_by_role("button", name="Set aside").click()
    expect(january.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("region", name="Overrides")).to_contain_text("Investment committee")
    page.get_by_role("button", name="Void the override of Jan 2024").click()
    page.get_by_label("Reason").fill("It was not down")
    page.get_by_role("button", name="Void", exact=True).click()
    expect(january.get_by_role("button", name="Set aside")).to_be_visible()

    page.get_by_role("button", name="Add a minimum").click()
    page.get_by_role("textbox", name="Month", exact=True).fill("2")
    page.get_by_label("Through month").fill("3")
    page.get_by_role("textbox", name="Minimum", exact=True).fill("12.5")
    page.get_by_role("button", name="Record", exact=True).click()
    minimums = page.get_by_role("region", name="Minimums")
    expect(minimums.get_by_role("row")).to_have_count(4)
    expect(minimums.get_by_role("row").last).to_contain_text("12.50%")
    page.get_by_role("button", name="Change the minimum of month 3").click()
    page.get_by_role("textbox", name="Minimum", exact=True).fill("10")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(minimums.get_by_role("row").last).to_contain_text("10.00%")


def test_who_works_at_a_company_sees_what_it_owes_and_nothing_of_the_funds_view(
    open_page: Open, site: Site, company: int
) -> None:
    with site.client() as client:
        person = {"email": "cora@harrow.example", "name": "Cora Contact", "role": "company_contact"}
        cora = client.post("/users", json=person).json()["id"]
        grant = {"user_id": cora, "scope_kind": "company", "scope_id": company}
        assert client.post("/grants", json=grant).status_code == 201
    link = site.vestry("sign-in-link", person["email"]).splitlines()[-1]
    page = open_page(link.removeprefix(site.url), known=False, width=390, scheme="dark")
    page.wait_for_url(f"**/companies/{company}/cohorts/owed")
    page.goto(f"{site.url}/companies/{company}/cohorts/owed?month=2024-02-01")
    owed = page.get_by_role("region", name="Owed by cohort")
    expect(owed.get_by_role("row", name="Jan 2024")).to_contain_text("100.00")
    assert faults(page) == []
    owed.get_by_role("button", name="Jan 2024").click()
    expect(page.get_by_role("dialog", name="Cohort of Jan 2024").get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("Escape")
    tabs = page.get_by_role("navigation", name="Cohort financing")
    expect(tabs.get_by_role("link")).to_have_text(["Payments & spend", "Rounds", "This month"])
    page.goto(f"{site.url}/companies/{company}/cohorts?churn=10")
    page.wait_for_url(f"**/companies/{company}/cohorts/owed*")
    tabs.get_by_role("link", name="Payments & spend").click()
    expect(page.get_by_role("textbox", name="Spend of Jan 2024")).to_be_editable()
    assert faults(page) == []
    fits(page, 390)
    page.goto(f"{site.url}/companies/{company}/financials")  # asks for nothing that is not theirs
    expect(page.get_by_role("combobox", name="Currency")).to_have_value("USD (its own)")
