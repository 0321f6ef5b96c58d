"""The portfolio side by side: the matrix with trend, change and plan, and companies or sectors compared over time."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.metrics.test_values import on_sqlite, put
from tests.metrics.test_views import got

API = "/api/v1"


@pytest.fixture
def three(client: TestClient) -> list[str]:
    """Two software companies, one in euros, and one of energy that has not reported the last quarter yet."""
    paths = []
    for name, currency, sector in (
        ("Acorn", "USD", "software"),
        ("Birch", "EUR", "software"),
        ("Cedar", "USD", "energy"),
    ):
        made = client.post(f"{API}/companies", json={"name": name, "currency": currency, "sector": sector})
        assert made.status_code == 201, made.text
        paths.append(f"{API}/companies/{made.json()['id']}")
    for at in range(5):
        period = "2023-Q4" if at == 0 else f"2024-Q{at}"
        put(client, paths[0], period, {"revenue": f"{100 + 10 * at}", "cash_burn": "20"})
        put(client, paths[1], period, {"revenue": "200"})
        if at < 4:
            put(client, paths[2], period, {"revenue": "50"})
    put(client, paths[0], "2024-Q4", {"revenue": "150", "cash_burn": "10"}, scenario="budget")
    return paths


def cells(client: TestClient, **asked: Any) -> dict[str, dict[str, Any]]:
    found = got(client, f"{API}/reporting/matrix", metric=["revenue", "cash_burn", "revenue_growth_year"], **asked)
    return {one["name"]: one["cells"] for one in found["companies"]}


@on_sqlite
def test_a_figure_stands_beside_its_past_and_its_plan(client: TestClient, three: list[str]) -> None:
    found = cells(client)
    revenue = found["Acorn"]["revenue"]
    assert (revenue["value"], revenue["before"], revenue["year_before"]) == ("140.00", "130.00", "100.00")
    assert (revenue["change_on_year"], revenue["against_plan"], revenue["status"]) == ("0.4", "-0.066667", "behind")
    assert revenue["trend"][-5:] == ["100.00", "110.00", "120.00", "130.00", "140.00"]
    assert found["Acorn"]["cash_burn"]["status"] == "behind", "more burn than planned is worse"
    assert found["Birch"]["revenue"]["status"] == "no_plan"
    assert (found["Cedar"]["revenue"]["status"], found["Cedar"]["revenue"]["before"]) == ("missing", "50.00")
    assert cells(client, period="2024-Q3")["Cedar"]["revenue"]["value"] == "50.00"
    assert found["Acorn"]["revenue_growth_year"]["value"] == "0.4"
    answer = client.get(f"{API}/reporting/matrix", params={"format": "csv", "metric": "revenue"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["company"], row["value"]) for row in rows] == [("Acorn", "140.00"), ("Birch", "200.00"), ("Cedar", "")]


@on_sqlite
def test_the_companys_own_name_of_a_period_leads_to_its_figure(client: TestClient, three: list[str]) -> None:
    answer = client.put(f"{three[2]}/fiscal-years", json={"starts_on": "2022-07-01", "year_ends_in": 6})
    assert answer.status_code == 200, answer.text
    found = got(client, f"{API}/reporting/matrix", metric=["revenue"], period="2024-Q1")
    assert {one["name"]: one["period"] for one in found["companies"]} == {
        "Acorn": "2024-Q1",
        "Birch": "2024-Q1",
        "Cedar": "2024-Q3",
    }


@on_sqlite
def test_companies_and_sectors_are_compared_in_one_currency_and_from_a_common_start(
    client: TestClient, three: list[str]
) -> None:
    ids = [int(path.rpartition("/")[2]) for path in three]
    path = f"{API}/reporting/comparison"
    refused = client.get(path, params={"company": ids})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_comparable")
    found = got(client, path, company=[ids[0], ids[2]])
    assert found["base"] == "2023-Q4"
    assert [one["index"] for one in found["series"]] == [
        ["100", "110", "120", "130", "140"],
        ["100", "100", "100", "100", None],
    ]
    sectors = got(client, path, by="sector", currency="EUR")
    by_name = {one["name"]: one for one in sectors["series"]}
    assert {name: one["companies"] for name, one in by_name.items()} == {"energy": 1, "software": 2}
    assert by_name["energy"]["values"][-1] is None
    assert client.get(path, params={"company": [999_999]}).status_code == 404
    assert not any(any(one["drafts"]) for one in (*found["series"], *sectors["series"]))
    draft = [{"metric": "revenue", "period": "2024-Q4", "value": "150", "status": "draft"}]
    assert client.put(f"{three[0]}/metrics", json={"values": draft}).status_code == 200
    for asked in ({"company": ids[0]}, {"by": "sector", "company": ids[0], "currency": "EUR"}):
        assert got(client, path, **asked)["series"][0]["drafts"] == [False] * 4 + [True]
