"""The currencies a firm reads figures in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi.testclient import TestClient

SETTINGS = "/api/v1/reporting/settings"
ROW = {"revenue": "4194199", "recurring_revenue": "3912138", "cash_balance": "32407138", "employees": "210"}


def company(client: TestClient, currency: str, name: str = "One") -> str:
    made = client.post("/api/v1/companies", json={"name": name, "currency": currency})
    return f"/api/v1/companies/{made.json()['id']}"


def recorded(client: TestClient, to: str, period: str = "2022-Q4") -> dict[str, Any]:
    values = [{"metric": key, "period": period, "value": value} for key, value in ROW.items()]
    answer = client.put(f"{to}/metrics", json={"values": values})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_recorded_is_answered_in_every_reporting_currency(client: TestClient) -> None:
    own = client.get(SETTINGS).json()
    assert own["version"] == 0
    assert own["currencies"][-2:] == ["USD", "CAD"] or set(own["currencies"]) == {"USD", "CAD"}
    to = company(client, "USD")
    answer = recorded(client, to)
    figures = {one["metric"]: one for one in answer["converted"]["CAD"]}
    assert {"revenue", "recurring_revenue", "cash_balance", "arr"} <= set(figures)
    assert not {"employees", "runway_months", "recurring_revenue_share"} & set(figures)
    crossed = Decimal(ROW["cash_balance"]) * Decimal("1.4440") / Decimal("1.0666")
    assert figures["cash_balance"]["value"] == f"{crossed:.2f}"
    read = client.get(f"{to}/metrics?period=2022-Q4&derived=true&layout=long&currency=CAD").json()["values"]
    assert {one["metric"]: one["value"] for one in read if one["metric"] in figures} == {
        key: one["value"] for key, one in figures.items()
    }
    assert "USD" not in answer["converted"]
    for at in (f"{to}/metrics", "/api/v1/reporting"):  # a range that ends before it begins is no empty answer
        assert client.get(f"{at}?from=2023-Q4&to=2023-Q1").status_code == 422


def test_a_firm_says_which_its_currencies_are(client: TestClient) -> None:
    put = client.put(SETTINGS, json={"currencies": ["CHF", "CHF", "EUR"]}, headers={"If-Match": "*"})
    assert put.json() == {"currencies": ["CHF", "EUR"], "version": 1}
    assert client.put(SETTINGS, json={"currencies": []}, headers={"If-Match": '"7"'}).status_code == 412
    for wrong in (["XYZ"], ["DEM"], ["US"], ["EUR"] * 11):
        assert client.put(SETTINGS, json={"currencies": wrong}, headers={"If-Match": '"1"'}).status_code == 422, wrong
    assert set(recorded(client, company(client, "CHF"))["converted"]) == {"EUR"}
    early = recorded(client, company(client, "CHF", "Two"), "1990-Q4")["converted"]["EUR"]
    said = {one["metric"]: (one["value"], bool(one["reason"])) for one in early}
    assert said == dict.fromkeys(("cash_balance", "recurring_revenue", "revenue"), (None, True))
