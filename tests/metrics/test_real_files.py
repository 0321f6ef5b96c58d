"""Published statements of listed companies typed into workbooks as they are printed, and taken in by the import."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.metrics.files_of_figures import check, take, workbook
from tests.metrics.test_real_statements import REPORTS
from tests.metrics.test_values import company, on_sqlite
from tests.real_data import real_data

SCALES = {1_000: "thousands", 1_000_000: "millions"}
# Lines that are no metric of ours, or of which another line says the whole.
LEFT_OUT = {
    "franchised revenue",
    "company operated sales",
    "sga",
    "nci",
    "net income attributable",
    "net sales",
    "cash end",
}


def statement(known: dict[str, Any], lines: dict[str, Any], periods: list[str]) -> list[list[Any]]:
    """The rows of one statement as printed: costs negative where the issuer prints them so."""
    title = f"{known['currency']} in {SCALES[known['scale']]}"
    printed = [[name.replace("_", " "), *values] for name, values in lines.items() if isinstance(values, list)]
    return [[title], ["", *periods], *(row for row in printed if row[0] not in ("columns", "pages"))]


@on_sqlite
@pytest.mark.parametrize(("issuer", "year_ends_in", "statements"), REPORTS, ids=lambda one: str(one)[:8])
def test_published_statements_are_taken_in_as_printed_with_every_check_green(
    client: TestClient, issuer: str, year_ends_in: int, statements: dict[str, list[str]]
) -> None:
    known = json.loads(real_data("pdf_statements/expected_key_figures.json").read_text())[issuer]
    path = company(client)
    first = {"starts_on": f"2000-{year_ends_in % 12 + 1:02d}-01", "year_ends_in": year_ends_in}
    assert client.put(f"{path}/fiscal-years", json=first).status_code == 200
    content = workbook({name: statement(known, known[name], periods) for name, periods in statements.items()})
    seen = check(client, path, content, "statements.xlsx")
    lines = {one["line"] for one in seen["lines"] if not one["decided"]}
    mapping = [{"line": line, "metric": None} for line in sorted(lines)]
    assert lines <= LEFT_OUT, lines
    seen = check(client, path, content, "statements.xlsx", mapping=mapping)
    assert seen["errors"] == []
    assert seen["findings"] == []
    made = take(client, path, content, "statements.xlsx", mapping=mapping)
    assert made["receipt"]["created"] == made["row_count"] > 5
    assert client.get(f"{path}/metrics/findings").json()["items"] == []
    turned = {one["label"] for one in made["mapping"] if one["sign"] < 0}
    assert turned == (
        {"cost of sales"} if issuer.startswith("AMCOR") else {"capex"} if issuer.startswith("ULTA") else set()
    )
