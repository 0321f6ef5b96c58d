"""A month between fund and company on the pages: planned, approved, paid, reported, stated and settled."""

from __future__ import annotations

import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits


@pytest.fixture(scope="module")
def company(site: Site) -> Any:
    """A company with a trade on March, whose customers paid in it, and a round that is only planned."""
    with site.client() as client:

        def post(path: str, **body: Any) -> Any:
            answer = client.post(f"/{path}", json=body)
            assert answer.status_code == 201, answer.text
            return answer.json()

        made = post("companies", name="Larkfield", currency="USD")["id"]
        at = f"companies/{made}"
        post(
            f"{at}/trades", cohort_month="2024-03-01", sharing_percentage="0.5", cash_cap="140", allowed_deviation="0.1"
        )
        post(f"{at}/payments", customer_id="a", payment_date="2024-03-20", amount="30")
        post(f"{at}/monthly-rounds", month="2024-03-01", planned_spend="100")
    return made


def step(page: Page, name: str, **given: str) -> None:
    """Takes a step in the open drawer."""
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name=name, exact=True).click()
    for label, value in given.items():
        drawer.get_by_label(label).fill(value)
    drawer.get_by_role("button", name=name, exact=True).click()


def test_a_month_goes_from_plan_to_settlement_and_its_statement_is_fetched(open_page: Open, company: int) -> None:
    page = open_page(f"/companies/{company}/cohorts/rounds")
    rounds = page.get_by_role("region", name="Rounds")
    march = rounds.get_by_role("row", name="Mar 2024")
    expect(march).to_contain_text("Planned")
    assert faults(page) == []
    march.get_by_role("button", name="Approve the plan, Mar 2024").click()
    drawer = page.get_by_role("dialog", name="Round of Mar 2024")
    drawer.get_by_role("button", name="Approve the plan").click()
    step(page, "Record funding")
    step(page, "Report the spend", **{"Actual spend": "80"})
    expect(drawer.get_by_role("alert").first).to_contain_text("lies 20 % below the plan")
    step(page, "Issue the statement")
    step(page, "Record a settlement", Amount="10")
    steps = drawer.get_by_role("list", name="Steps").last
    expect(steps.get_by_role("listitem").first).to_contain_text("Settlement recorded · $10.00")
    assert faults(page) == []
    with page.expect_download() as fetched:
        drawer.get_by_role("link", name="Company, PDF").click()
    found = fetched.value
    assert found.suggested_filename == f"statement-{company}-2024-03-company.pdf"
    text = PdfReader(io.BytesIO(found.path().read_bytes())).pages[0].extract_text()
    assert "You owe in all" in text
    assert "5.00 USD" in text
    drawer.get_by_role("button", name="Step back").click()
    drawer.get_by_label("Reason").fill("Too early")
    drawer.get_by_role("button", name="Step back").click()
    expect(drawer.get_by_role("alert").last).to_contain_text("Settlements are recorded for this statement")
    page.keyboard.press("Escape")
    expect(march).to_contain_text("Stated")


def test_a_company_plans_its_month_on_a_phone(open_page: Open, site: Site, company: int) -> None:
    with site.client() as client:
        person = {"email": "lena@larkfield.example", "name": "Lena Contact", "role": "company_contact"}
        lena = client.post("/users", json=person).json()["id"]
        grant = {"user_id": lena, "scope_kind": "company", "scope_id": company}
        assert client.post("/grants", json=grant).status_code == 201
    link = site.vestry("sign-in-link", person["email"]).splitlines()[-1]
    page = open_page(link.removeprefix(site.url), known=False, width=390, scheme="dark")
    page.wait_for_url("**/cohorts/owed")
    page.goto(f"{site.url}/companies/{company}/cohorts/rounds")
    page.get_by_role("button", name="Plan a month").click()
    page.get_by_label("Planned spend").fill("5k")
    page.get_by_role("button", name="Plan", exact=True).click()
    rounds = page.get_by_role("region", name="Rounds")
    expect(rounds.get_by_role("row")).to_have_count(3)
    assert faults(page) == []
    fits(page, 390)
    rounds.get_by_role("button", name="Mar 2024").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("link")).to_have_text(["PDF", "XLSX"])
    assert faults(page) == []
