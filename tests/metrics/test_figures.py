"""Single figures: what was reported when, taking back; and the views as files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import python_calamine as calamine
from fastapi.testclient import TestClient

from tests.metrics.test_values import company, on_sqlite, put
from tests.metrics.test_views import got, put_quarters
from vestry.core import clock


def reports(client: TestClient, path: str, period: str) -> Any:
    return got(client, f"{path}/metrics/reports", metric="revenue", period=period)["items"]


@on_sqlite
def test_a_figure_tells_every_report_of_it_and_of_the_months_it_is_made_of(client: TestClient) -> None:
    path = company(client)
    for month, value in (("2024-01", "1"), ("2024-02", "2"), ("2024-03", "3"), ("2024-02", "5")):
        put(client, path, month, {"revenue": value})
    found = reports(client, path, "2024-Q1")
    assert [(one["period"], one["value"], one["until"] is None) for one in found] == [
        ("2024-03", "3.00", True),
        ("2024-02", "5.00", True),
        ("2024-02", "2.00", False),
        ("2024-01", "1.00", True),
    ]
    assert found[1]["recorded_at"] == found[2]["until"]
    assert reports(client, path, "2024-01")[0]["source"] == "api"
    assert client.get(f"{path}/metrics/reports", params={"metric": "nothing", "period": "2024"}).status_code == 422


@on_sqlite
def test_a_figure_tells_that_it_was_approved_and_is_taken_back_with_a_reason(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "10", "ebitda": "1"})
    seen = [{"id": one["id"], "version": 1} for one in reports(client, path, "2024-Q1")]
    assert client.post(f"{path}/metrics/approve", json={"values": seen}).status_code == 200
    [now, before] = reports(client, path, "2024-Q1")
    assert (now["status"], before["status"], now["source"]) == ("approved", "submitted", "api")
    revenue = [{"metric": "revenue", "period": "2024-Q1"}]
    asked = {"figures": [*revenue, *revenue], "reason": "Another company's"}
    assert client.post(f"{path}/metrics/take-back", json=asked).json() == {"changed": 1}
    gone = got(client, f"{path}/metrics", period="quarter", metric="revenue")
    assert gone["metrics"] == []
    assert reports(client, path, "2024-Q1")[0]["taken_back"] == "Another company's"
    again = client.post(f"{path}/metrics/take-back", json=asked)
    assert (again.status_code, again.json()["code"]) == (422, "figure_not_reported")
    assert again.json()["detail"] == "Revenue of Q1 2024 was not reported."
    soon = {"figures": [{"metric": "revenue", "period": "soon"}], "reason": "x"}
    bad = client.post(f"{path}/metrics/take-back", json=soon)
    assert bad.json()["errors"][0]["path"] == "figures.0.period"
    put(client, path, "2024-Q1", {"revenue": "12"})
    assert [one["taken_back"] for one in reports(client, path, "2024-Q1")][:2] == [None, "Another company's"]


@on_sqlite
def test_statements_are_files_too_and_lines_without_a_figure_are_there_when_asked_for(client: TestClient) -> None:
    path = company(client)
    put_quarters(client, path)
    text = client.get(f"{path}/financials", params={"period": "quarter", "format": "csv"}).text
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["revenue"] == {
        "statement": "profit_and_loss",
        "metric": "revenue",
        "label": "Revenue",
        "unit": "money",
        "currency": "USD",
        **{
            f"2024-Q{n}": value
            for n, value in enumerate(("15000000.00", "16500000.00", "18000000.00", "20000000.00"), 1)
        },
    }
    book = client.get(f"{path}/kpis", params={"period": "quarter", "format": "xlsx"}).content
    [heading, *rows] = calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert heading[:3] == ["statement", "metric", "label"]
    assert {"kpi"} == {row[0] for row in rows}
    whole = got(client, f"{path}/financials", period="quarter", empty=True)["statements"]
    balance = {row["metric"]: row for row in whole[1]["rows"]}
    assert (balance["cash_balance"]["part_of"], balance["cash_balance"]["kind"]) == ("current_assets", "stock")
    assert set(balance["cash_balance"]["values"].values()) == {None}
    assert "net_debt" not in balance


@on_sqlite
def test_the_figure_that_stands_comes_first_though_its_request_began_before_the_others(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "5"})
    began = datetime.now(UTC) - timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: began)
    put(client, path, "2024-Q1", {"revenue": "3"})
    found = reports(client, path, "2024-Q1")
    assert [(one["version"], one["value"], one["until"] is None) for one in found] == [
        (2, "3.00", True),
        (1, "5.00", False),
    ]
