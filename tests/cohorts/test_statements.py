"""The statement of a month: the same figures in JSON, PDF and XLSX, and to each side what is its own."""

from __future__ import annotations

import io
import re
from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from tests.cohorts.test_cohorts import Books
from vestry.cli import cohort_rounds, local
from vestry.cohorts.rounds.documents import words
from vestry.cohorts.rounds.documents.pdf import as_pdf
from vestry.cohorts.rounds.schemas import MonthlyStatementOut
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import VestryError

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MONTHS = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]


@pytest.fixture
def books(client: TestClient) -> Books:
    """Four cohorts in April: the cap's remainder, a breach, one set aside, and a month nobody paid in."""
    made = Books(client, "=Acme & Söhne #1")
    for month, paid in zip(MONTHS, ([90, 20, 20, 1234.5], [90, 20, 3], [90, 5], []), strict=True):
        made.post("spends", cohort_month=month, spend="100")
        cap = {"cash_cap": "140.00"} if month == MONTHS[0] else {}
        made.post("trades", cohort_month=month, sharing_percentage="0.5", **cap)
        for period, amount in enumerate(paid):
            number = int(month[5:7]) + period
            made.pay(month, f"2024-{number:02d}-15", str(amount))
    made.post("thresholds", payment_period_month=2, minimum_payment_percent="0.1")
    made.post("thresholds", payment_period_month=1, minimum_payment_percent="0.1")
    made.post(
        "threshold-overrides", cohort_month=MONTHS[2], payment_period_month=1, reason="Holidays", approved_by="Board"
    )
    return made


def stated(books: Books) -> str:
    """The address of April's statement, in part settled."""
    made = books.post("monthly-rounds", month=MONTHS[3], planned_spend="0")
    path = f"monthly-rounds/{made['id']}"
    books.post(f"{path}/issue", 200)
    books.post(f"{path}/settle", 200, paid_on="2024-05-20", amount="12.34")
    return f"{path}/statement"


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def sheet(content: bytes) -> list[list[Any]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("statement")
    return [list(row) for row in found.to_python(skip_empty_area=False)]


def test_a_statement_says_what_is_owed_and_why(books: Books) -> None:
    made = books.get(stated(books))
    owed = books.get("owed", month=MONTHS[3])
    assert made["total"] == owed["total"] == "80.50"
    assert [(one["reasons"], one["share_applied"], one["collected"]) for one in made["lines"]] == [
        (["cap_remainder"], "0.5", "75.00"),
        (["breach"], "1", "3.00"),
        (["override"], "0.5", "2.50"),
        (["not_known"], None, None),
    ]
    assert [one["remaining_to_cap"] for one in made["lines"]] == ["0.00", None, None, None]
    assert (made["settled"], made["balance"], made["draft"]) == ("12.34", "68.16", False)
    assert made["lines"][1]["exposure"] == "0.00"


@pytest.mark.parametrize("side", ["fund", "company"])
def test_pdf_and_workbook_say_what_the_api_says(books: Books, side: str) -> None:
    path = stated(books)
    made = books.get(path, side=side)
    files = {}
    for form in ("pdf", "xlsx"):
        answer = books.client.get(books.at(path), params={"side": side, "format": form})
        assert answer.status_code == 200, answer.text
        name = f"statement-{books.id}-2024-04-{side}.{form}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        files[form] = answer.content
    text, rows = pdf_text(files["pdf"]), sheet(files["xlsx"])
    label = "To collect" if side == "fund" else "You owe"
    head = next(number for number, row in enumerate(rows) if row[0] == "Cohort")
    for said in (text, str(rows)):
        assert f"{label} in all" in said
        assert "=Acme & Söhne #1" in said
        assert "Example Capital" in said
        assert ("Paid out" in said) == (side == "fund")
    assert "page 1 of 1" in text
    at = {name: place for place, name in enumerate(rows[head])}
    for line, row in zip(made["lines"], rows[head + 1 :], strict=False):
        shown = [words.amount(line[name]) for name in ("spend", "payment", "collected", "cumulative_collected")]
        found = next(one for one in text.splitlines() if one.startswith(line["cohort_month"][:7]))
        assert all(one in found for one in shown), found
        assert row[at[label]] == ("" if line["collected"] is None else float(line["collected"]))
        assert row[at["Payments"]] == ("" if line["payment"] is None else float(line["payment"]))
        assert row[at["Why"]] == words.reasons(line["reasons"])
    assert rows[head + 1 + len(made["lines"])][at[label]] == float(made["total"])
    amounts = {row[0]: row[1] for row in rows[:head] if row[0]}
    assert amounts["Open balance"] == amounts[f"{label} in all"] == float(made["balance"])
    assert amounts["Settled on 2024-05-20"] == -float(made["settled"])
    for one in ("total", "balance", "settled"):
        assert words.amount(made[one]) in text


def test_a_company_reads_its_own_side_alone(books: Books) -> None:
    made = books.get(stated(books), side="company")
    assert all(one["outlay"] is None and one["exposure"] is None for one in made["lines"])
    assert not re.search(r"irr|predict|exposure\": \"", str(made))


def test_what_is_not_stated_yet_is_a_draft(books: Books) -> None:
    made = books.post("monthly-rounds", month=MONTHS[3], planned_spend="0")
    path = f"monthly-rounds/{made['id']}/statement"
    assert (books.get(path)["draft"], books.get(path)["total"]) == (True, "80.50")
    answer = books.client.get(books.at(path), params={"format": "pdf"})
    assert "Draft: this has not been stated yet" in pdf_text(answer.content)


def test_a_long_list_goes_on_over_pages_with_its_header(books: Books) -> None:
    made = books.get(stated(books))
    answer = MonthlyStatementOut.model_validate(made).model_dump() | {"lines": made["lines"] * 20}
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(answer))).pages]
    assert len(pages) >= 3
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
        assert "Share applied" in page
    assert sum(page.count("2024-01 ") for page in pages) >= 20


@pytest.mark.parametrize("name", ["漢字株式会社", "ﾊﾊ", "😀 & Co"])
def test_a_name_in_a_script_no_font_has_still_gets_its_statement(books: Books, name: str) -> None:
    answer = MonthlyStatementOut.model_validate(books.get(stated(books))).model_dump() | {"company": name}
    assert as_pdf(answer).startswith(b"%PDF")


def test_the_command_line_lists_the_months_and_writes_a_statement(
    books: Books,
    database: Database,
    administrator: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stated(books)
    monkeypatch.setattr(local, "opened", lambda: nullcontext(database))
    monkeypatch.setattr(local, "local_actor", lambda _: administrator)
    assert cohort_rounds.rounds(Namespace(company=str(books.id))) == 0
    assert capsys.readouterr().out.splitlines()[1] == "2024-04-01\tstated\t0.00\t100.00\t0.00\t80.50\t12.34\t68.16"
    asked = Namespace(company=str(books.id), month="2024-04", side="company", output=str(tmp_path / "april.pdf"))
    assert cohort_rounds.statement(asked) == 0
    assert "You owe in all" in pdf_text((tmp_path / "april.pdf").read_bytes())
    for wrong in ({"output": "april.txt"}, {"month": "April"}, {"month": "2024-05"}):
        with pytest.raises(VestryError):
            cohort_rounds.statement(Namespace(**vars(asked) | wrong))
