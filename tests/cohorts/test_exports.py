"""Every table of cohort financing as a file: the rows of the page, all of them, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from tests.cohorts.test_cohorts import API, PAYMENTS, Books
from vestry.cohorts.payments import parquet
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.http import files

DUCKDB = """
import duckdb, json, sys
print(json.dumps([duckdb.sql(one).fetchall() for one in json.loads(sys.argv[1])], default=str))
"""
DOCS = Path(__file__).parents[2] / "docs" / "how-to"

# Table → what is asked, and where the rows are in the JSON.
TABLES: dict[str, tuple[dict[str, Any], str]] = {
    "payments": ({"sort": "id", "limit": 2}, "items"),
    "customers": ({"limit": 2}, "items"),
    "spends": ({}, "items"),
    "trades": ({}, "items"),
    "thresholds": ({}, "items"),
    "threshold-overrides": ({}, "items"),
    "scenarios": ({}, "items"),
    "monthly-rounds": ({}, "items"),
    "payment-uploads": ({}, "items"),
    "threshold-breaches": ({}, "breaches"),
    "owed": ({"month": "2020-02-01"}, "cohorts"),
}


@pytest.fixture
def filled(client: TestClient) -> Books:
    books = Books(client)
    for payment in PAYMENTS:
        books.pay(*payment)
    books.pay("=HYPERLINK(1)", "2020-04-02", "-12.5", reference_id="@now")
    books.agree()
    books.post("scenarios", name="worst", m0="0.2", churn="0.3")
    books.post(
        "threshold-overrides",
        cohort_month="2020-01-01",
        payment_period_month=1,
        reason="+the provider was down",
        approved_by="Committee",
    )
    books.post("monthly-rounds", month="2020-05-01", planned_spend="1000")
    client.post(
        books.at("payments/upload"), files={"file": ("p.csv", "customer_id,payment_date,amount\n9,2020-05-02,1")}
    )
    return books


def as_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_table_leaves_whole_as_csv_and_as_a_workbook(filled: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    for table, (asked, within) in TABLES.items():
        leaves(filled, table, asked, within)
    months_leave(filled)
    monkeypatch.setattr(files, "SHEET_ROWS_MAX", 3)
    refused = filled.client.get(filled.at("payments"), params={"format": "xlsx"})
    assert refused.status_code == 413
    assert "format=csv" in refused.json()["mend"]
    assert len(as_rows(filled.client.get(filled.at("payments"), params={"format": "csv"}).text)) == 7


def test_payments_as_parquet_add_up_to_the_cohort_table(
    filled: Books, database: Database, administrator: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries are those of the manual."""
    monkeypatch.setattr(parquet, "ROWS", 3)
    monkeypatch.chdir(tmp_path)
    with database.reading(administrator) as session:
        assert parquet.write_payments(session, administrator, filled.id, tmp_path / "payments") == 7
    assert len(list(tmp_path.glob("payments/*/*.parquet"))) == 3
    queries = re.findall("```sql\n(.*?)```", (DOCS / "analyse-payments.md").read_text(), re.DOTALL)
    # A process of its own: at its end the driver complains of what Python has not let go of.
    asked = [sys.executable, "-c", DUCKDB, json.dumps(queries)]
    table, largest, retained = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    cells = {
        (filled.id, one["cohort_month"], period["period"]): Decimal(period["payment"])
        for one in filled.get("cashflows")["cohorts"]
        for period in one["periods"]
        if period["payment"] not in (None, "0.00")
    }
    assert {tuple(row[:3]): Decimal(row[3]) for row in table if Decimal(row[3])} == cells
    [(company_id, customers, paid, share)] = largest
    assert (company_id, customers, Decimal(paid), share) == (
        filled.id,
        filled.get("customers")["total"],
        sum(cells.values()),
        1,
    )
    assert {row[3] for row in retained if row[1] == 0} == {1}


def leaves(filled: Books, table: str, asked: dict[str, Any], within: str) -> None:
    """The rows of the file are those of the page, all of them."""
    shown = filled.get(table, **{**asked, "limit": 1000} if "limit" in asked else asked)[within]
    text = filled.client.get(filled.at(table), params={**asked, "format": "csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="{table}-{filled.id}' in text.headers["content-disposition"]
    rows = as_rows(text.text)
    assert len(rows) == len(shown) >= 1
    plain = [name for name, value in shown[0].items() if not isinstance(value, list | dict | bool)]
    for row, one in zip(rows, shown, strict=True):
        for name in plain:
            assert row[name].removeprefix("'") == ("" if one[name] is None else str(one[name])), name
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "@", "+")]
    book = filled.client.get(filled.at(table), params={**asked, "format": "xlsx"})
    [heading, *cells] = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert heading == list(rows[0])
    for cell, row in zip(cells, rows, strict=True):
        for found, text_of_it in zip(cell, row.values(), strict=True):
            assert found == (float(text_of_it) if isinstance(found, float) else text_of_it)
    if "amount" in heading:
        assert {type(cell[heading.index("amount")]) for cell in cells} == {float}


def months_leave(filled: Books) -> None:
    """Cash flows leave as a row a cohort and period, what is foretold too."""
    known = as_rows(filled.client.get(filled.at("cashflows"), params={"format": "csv"}).text)
    shown = [(one, period) for one in filled.get("cashflows")["cohorts"] for period in one["periods"]]
    assert [(row["cohort_month"], row["period"], row["collected"]) for row in known] == [
        (one["cohort_month"], str(period["period"]), period["collected"]) for one, period in shown
    ]
    body = {"churn": "0.1", "horizon": 12}
    path = filled.at("cashflows/predicted")
    ahead = as_rows(filled.client.post(path, params={"format": "csv"}, json=body).text)
    assert {row["predicted"] for row in ahead} == {"yes", "no"}
    assert len(ahead) == 12 * len({row["cohort_month"] for row in ahead})
    assert filled.client.post(path, params={"format": "xlsx"}, json=body).content.startswith(b"PK")
    # The same question as JSON is still answered as JSON, and a file that leaves is in the trail each time.
    assert filled.client.get(filled.at("cashflows")).headers["content-type"] == "application/json"
    again = filled.client.get(filled.at("cashflows"), params={"format": "csv"})
    assert again.headers["content-disposition"].startswith("attachment")
    trail = filled.client.get(f"{API}/audit", params={"action": "export"}).json()
    assert [row["note"].split("?")[0] for row in trail["items"][:4]] == [
        filled.at("cashflows"), path, path, filled.at("cashflows")
    ]  # fmt: skip
