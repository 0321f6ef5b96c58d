"""A company is asked, fills in its form on a phone without an account, and the firm decides by keys alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.conftest import Open, Site
from tests.e2e.test_access import faults, fits

PHONE = 390


def asked(site: Site, period: str, **more: Any) -> tuple[str, int]:
    """Arcwell is asked for a quarter's figures; the path of its form, and the request."""
    with site.client() as client:
        company = site.firm["company"]
        people = {"recipients": [{"email": "founder@arcwell.example"}]}
        assert client.put(f"/companies/{company}/recipients", json=people).status_code == 200
        before = [{"metric": "customers", "period": "2024-Q1", "value": "120"}]
        assert client.put(f"/companies/{company}/metrics", json={"values": before}).status_code == 200
        template = {"name": f"Figures for {period}", "period_kind": "quarter", "starts_on": "2024-01-01"}
        template |= {"metrics": ["customers", "reported_churn"], "questions": ["What went well?"]} | more
        made = client.post("/request-templates", json=template | {"is_scheduled": False}).json()
        about = {"template_id": made["id"], "period": period, "company_ids": [company]}
        request = client.post("/data-requests", json=about).json()["asked"][0]["id"]
        link = client.post(f"/data-requests/{request}/links").json()["link"]
    return "/form?" + link.rpartition("?")[2], request


def looked_at(page: Page, width: int) -> None:
    assert faults(page) == []
    fits(page, width)


def shot(page: Page, name: str) -> None:
    """A picture for whoever asks for one."""
    folder = os.environ.get("VESTRY_TEST_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_form_is_filled_in_on_a_phone_and_decided_by_keys_alone(open_page: Open, site: Site) -> None:
    path, request = asked(site, "2024-Q2")
    form = open_page(path, width=PHONE, scheme="dark", known=False)
    expect(form.get_by_role("heading", name="Figures for 2024-Q2, Q2 2024")).to_be_visible()
    looked_at(form, PHONE)
    form.get_by_label("Customers", exact=True).fill("60")
    form.get_by_label("Churn as the company states it").fill("93")
    expect(form.get_by_text("Do you mean 93 %? Then write 93%.")).to_be_visible()
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("2 fields need you.")
    expect(form.get_by_label("Why is Customers 50 % lower than in Q1 2024?")).to_be_focused()
    shot(form, "form-390-dark")
    looked_at(form, PHONE)
    form.get_by_label("Churn as the company states it").fill("3%")
    form.get_by_label("Why is Customers 50 % lower than in Q1 2024?").fill("A reseller left")
    form.get_by_label("What went well?").fill("Hiring")
    expect(form.get_by_text("Read as 3.0%")).to_be_visible()
    expect(form.get_by_text(re.compile(r"^Saved \d"))).to_be_visible()  # what is typed, not what was before
    files = [("Q2 report.pdf", "%PDF-1.7"), ("wrong.pdf", "a letter"), ("photo.png", "\x89PNG\r\n\x1a\n")]
    chosen: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": text.encode("latin-1")} for name, text in files
    ]
    form.locator("input[type=file]").set_input_files([chosen[0], chosen[2]])
    attached = form.get_by_role("list", name="Files")
    expect(attached).to_contain_text("photo.png")
    form.locator("input[type=file]").set_input_files(chosen[1])
    expect(form.get_by_role("alert")).to_contain_text("The file is none of PDF, XLSX, CSV")
    form.get_by_role("button", name="Remove photo.png").click()
    expect(attached.get_by_role("listitem")).to_have_count(1)
    shot(form, "form-files-390-dark")
    looked_at(form, PHONE)
    form.reload()
    expect(form.get_by_role("list", name="Files")).to_contain_text("Q2 report.pdf")
    expect(form.get_by_label("Customers", exact=True)).to_have_value("60")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("heading", name="Thank you, Arcwell")).to_be_visible()
    shot(form, "receipt-390-dark")
    looked_at(form, PHONE)
    form.reload()
    expect(form.get_by_text("A reseller left")).to_be_visible()
    expect(form.get_by_text("Q2 report.pdf")).to_be_visible()

    inbox = open_page(f"/inbox?company={site.firm['company']}")
    values = inbox.get_by_role("list", name="Submitted values")
    expect(values).to_contain_text("60, was 120, −50%. “A reseller left”")
    with inbox.expect_download() as download:
        inbox.get_by_role("link", name="CSV").click()
    assert "60,120,-0.5" in download.value.path().read_text()
    inbox.keyboard.press("j")
    card = inbox.get_by_role("complementary", name="Customers")
    expect(card).to_contain_text("Why is Customers 50 % lower than in Q1 2024?")
    with inbox.expect_download() as download:
        card.get_by_role("link", name="Q2 report.pdf").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7"
    shot(inbox, "inbox-1440-light")
    looked_at(inbox, 1440)
    expect(card.get_by_role("button", name="Send back…")).to_be_visible()
    inbox.keyboard.press("r")
    expect(card.get_by_label("Why it goes back")).to_be_focused()
    inbox.keyboard.type("Without the reseller?")
    inbox.keyboard.press("Control+Enter")
    churn = inbox.get_by_role("complementary", name="Churn as the company states it")
    expect(churn).to_be_visible()
    inbox.keyboard.press("e")
    figure = churn.get_by_label("The figure as it should be")
    expect(figure).to_have_value("0.03")
    figure.press_sequentially("4%")
    figure.press("Enter")
    expect(inbox.get_by_text("Nothing to decide")).to_be_visible()
    expect(inbox.get_by_role("button", name="CSV")).to_have_accessible_description("Nothing to export")
    with site.client() as client:
        assert client.get(f"/data-requests/{request}").json()["state"] == "returned"


def sent_with_a_file(site: Site, path: str, request: int) -> int:
    """The company fills in its form by a program, with a file beside the figures; the first of its values."""
    token = path.rpartition("=")[2]
    with site.client() as client:
        about = {"token": token}
        file = {"file": ("Payroll.pdf", b"%PDF-1.7 payroll", "application/pdf")}
        assert client.post("/forms/attachments", data=about, files=file).status_code == 201
        values = [
            {"metric": "customers", "value": "60", "note": "A reseller left"},
            {"metric": "reported_churn", "value": "3%"},
        ]
        answer = client.post("/forms/submit", json=about | {"values": values})
        assert answer.status_code == 200, answer.text
        found = client.get("/submitted-values", params={"data_request_id": request}).json()["items"]
        return next(int(one["id"]) for one in found if one["metric"] == "customers")


def test_a_file_that_a_company_sent_is_removed_with_a_reason_and_its_bytes_are_gone(
    open_page: Open, site: Site
) -> None:
    path, request = asked(site, "2023-Q1")
    page = open_page(f"/inbox?value={sent_with_a_file(site, path, request)}")
    card = page.get_by_role("complementary", name="Customers")
    link = card.get_by_role("link", name="Payroll.pdf")
    address = link.get_attribute("href")
    assert address is not None
    assert page.request.get(site.url + address).body() == b"%PDF-1.7 payroll"
    card.get_by_role("button", name="Remove Payroll.pdf").click()
    ask = page.get_by_role("dialog")
    expect(ask).to_contain_text("Its content is erased for good.")
    expect(ask.get_by_role("button", name="Remove")).to_be_disabled()
    ask.get_by_label("Reason").fill("Names of employees")
    shot(page, "inbox-remove-1440-light")
    looked_at(page, 1440)
    ask.get_by_role("button", name="Remove").click()
    files = card.get_by_role("list", name="Files")
    expect(files).to_contain_text("Names of employees")
    expect(link).to_have_count(0)
    expect(card.get_by_role("button", name="Remove Payroll.pdf")).to_have_count(0)
    looked_at(page, 1440)
    gone = page.request.get(site.url + address)
    assert (gone.status, gone.json()["code"]) == (410, "attachment_removed")
    assert b"payroll" not in gone.body()

    receipt = open_page(path, width=PHONE, scheme="dark", known=False)
    expect(receipt.get_by_role("heading", name="Thank you, Arcwell")).to_be_visible()
    expect(receipt.get_by_text("Names of employees")).to_be_visible()
    looked_at(receipt, PHONE)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", PHONE)])
def test_axe_finds_nothing_where_companies_are_asked(open_page: Open, site: Site, scheme: str, width: int) -> None:
    path, request = asked(site, "2023-Q4" if width == PHONE else "2023-Q3")
    form = open_page(path, width=width, scheme=scheme, known=False)
    expect(form.get_by_role("button", name="Send")).to_be_visible()
    shot(form, f"form-{width}-{scheme}")
    looked_at(form, width)
    page = open_page(f"/requests?request={request}", width=width, scheme=scheme)
    expect(page.get_by_role("list", name="Links")).to_contain_text("founder@arcwell.example")
    shot(page, f"requests-{width}-{scheme}")
    looked_at(page, width)
    templates = open_page("/requests?tab=templates", width=width, scheme=scheme)
    expect(templates.get_by_role("list", name="Templates")).to_contain_text("Figures for")
    shot(templates, f"templates-{width}-{scheme}")
    looked_at(templates, width)
    inbox = open_page("/inbox?state=approved", width=width, scheme=scheme)
    looked_at(inbox, width)


def test_a_template_is_made_and_companies_are_asked(open_page: Open, site: Site) -> None:
    asked(site, "2023-Q2")
    page = open_page("/requests?tab=templates")
    page.get_by_role("button", name="Add a template").click()
    editor = page.get_by_role("dialog", name="Add a template")
    editor.get_by_label("Name").fill("Monthly cash")
    editor.get_by_role("combobox", name="Metrics").fill("Cash")
    page.get_by_role("option", name="Cash", exact=True).click()
    page.keyboard.press("Tab")
    editor.get_by_role("combobox", name="Each").click()
    page.get_by_role("option", name="Month").click()
    shot(page, "editor-1440-light")
    editor.get_by_role("button", name="Save").click()
    expect(page.get_by_role("list", name="Templates")).to_contain_text("Monthly cash")
    page.get_by_role("combobox", name="Template").click()
    page.get_by_role("option", name="Monthly cash").click()
    page.get_by_label("Period").fill("2024-05")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("1 asked, 0 left out.")).to_be_visible()
    page.get_by_role("tab", name="Who is how far").click()
    expect(page.get_by_role("button", name="Arcwell, May 2024, Monthly cash: Overdue")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="CSV").click()
    assert ",Arcwell,2024-05,month," in fetched.value.path().read_text()
