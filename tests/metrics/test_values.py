"""Recording figures, asking for them, and what their definitions mean."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.metrics import queries, values

# Source E's sample row: 2022 Q4, USD.
SAMPLE = {
    "revenue": "4194199",
    "recurring_revenue": "3912138",
    "gross_profit": "2730244",
    "sales_marketing_expense": "1470828",
    "total_operating_expense": "7195136",
    "ebitda": "-4464892",
    "cash_burn": "4464892",
    "cash_balance": "32407138",
}


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the database does not matter


def company(client: TestClient, currency: str = "USD") -> str:
    made = client.post("/api/v1/companies", json={"name": f"Sample {currency}", "currency": currency})
    assert made.status_code == 201, made.text
    return f"/api/v1/companies/{made.json()['id']}"


def put(client: TestClient, path: str, period: str, figures: dict[str, str], **more: Any) -> dict[str, Any]:
    rows = [{"metric": key, "period": period, "value": value, **more} for key, value in figures.items()]
    answer = client.put(f"{path}/metrics", json={"values": rows})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wide(client: TestClient, path: str, **query: Any) -> dict[str, dict[str, Any]]:
    answer = client.get(f"{path}/metrics", params={"layout": "wide", **query})
    assert answer.status_code == 200, answer.text
    return {one["metric"]: one["cells"] for one in answer.json()["metrics"]}


def refused(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return {(one["path"], one["code"]) for one in answer.json()["errors"]}


def test_the_sample_quarter_gives_the_figures_it_is_known_to_give(client: TestClient) -> None:
    path = company(client)
    assert put(client, path, "2022-Q4", SAMPLE, currency="USD", scenario="actual")["created"] == 8
    found = wide(client, path, period="quarter", derived="true")
    shown = {key: Decimal(cells["2022-Q4"]["value"]) for key, cells in found.items() if cells["2022-Q4"]["value"]}
    assert shown["arr"] == 15_648_552
    assert round(shown["recurring_revenue_share"], 6) == Decimal("0.932750")
    assert round(shown["gross_margin"], 6) == Decimal("0.650957")
    assert round(shown["sales_marketing_share"], 6) == Decimal("0.350682")
    assert round(shown["operating_expense_share"], 6) == Decimal("1.715497")
    assert shown["monthly_cash_burn"] == Decimal("1488297.33")
    assert shown["runway_months"] == Decimal("21.7746")
    long = client.get(f"{path}/metrics?period=2022-Q4&layout=long&derived=false").json()["values"]
    assert {(one["metric"], one["period"], one["value"]) for one in long} == {
        (key, "2022-Q4", f"{value}.00") for key, value in SAMPLE.items()
    }


def test_a_figure_that_changes_is_superseded_and_said_to_be_restated(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "100"})
    again = put(client, path, "2024-Q1", {"revenue": "100"})
    assert (again["created"], again["superseded"], again["unchanged"]) == (0, 0, 1)
    before = wide(client, path, period="quarter")["revenue"]["2024-Q1"]
    assert put(client, path, "2024-Q1", {"revenue": "120"})["superseded"] == 1
    now = wide(client, path, period="quarter")["revenue"]["2024-Q1"]
    assert (now["value"], now["restated"], now["before"], now["version"]) == ("120.00", True, "100.00", 2)
    then = wide(client, path, period="quarter", known_at=before["recorded_at"])["revenue"]["2024-Q1"]
    assert (then["value"], then["restated"]) == ("100.00", False)


@on_sqlite
def test_a_change_says_what_depends_on_it_and_nothing_else(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "100", "gross_profit": "50", "cash_balance": "9"})
    said = put(client, path, "2024-Q1", {"gross_profit": "60"})
    assert {(one["metric"], one["value"]) for one in said["recalculated"]} == {("gross_margin", "0.6")}
    assert "gross_margin" in said["recalculated_metrics"]
    assert "arr" not in said["recalculated_metrics"]


@on_sqlite
def test_scenarios_and_periods_stand_side_by_side(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "100"})
    put(client, path, "2024-Q1", {"revenue": "110"}, scenario="budget")
    put(client, path, "2024-01", {"revenue": "30"})
    assert wide(client, path, period="quarter", scenario="budget")["revenue"]["2024-Q1"]["value"] == "110.00"
    assert list(wide(client, path, period="quarter")["revenue"]) == ["2024-Q1"]
    assert list(wide(client, path, period="monthly")["revenue"]) == ["2024-01"]
    assert wide(client, path, period="quarter", as_of="2024-03-30") == {}


@on_sqlite
def test_wrong_values_are_refused_together_each_with_its_reason(client: TestClient) -> None:
    path = company(client)
    rows = [
        {"metric": "revenu", "period": "2024-Q1", "value": "1"},
        {"metric": "arr", "period": "2024-Q1", "value": "1"},
        {"metric": "employees", "period": "2024-Q1", "value": "-3"},
        {"metric": "ebitda", "period": "2024-Q1", "value": "1"},
        {"metric": "ebitda", "period": "Q1 2024", "value": "2"},
        {"metric": "revenue", "period": "2024-Q5", "value": "1"},
        {"metric": "revenue", "period": "2190-Q1", "value": "1"},
    ]
    assert refused(client.put(f"{path}/metrics", json={"values": rows})) == {
        ("values.0.metric", "unknown_metric"),
        ("values.1.metric", "metric_is_derived"),
        ("values.2.value", "negative_count"),
        ("values.4.period", "value_given_twice"),
        ("values.5.period", "unknown_period"),
        ("values.6.period", "date_in_future"),
    }
    assert client.get(f"{path}/metrics").json()["metrics"] == []
    for value, currency in (
        ("93%", "USD"),
        ("ninety", "USD"),
        ("1", "XXX"),
        ("1", "DEM"),
        ("1", "usd"),
        ("1" * 30, "USD"),
    ):
        row = {"metric": "revenue", "period": "2024-Q1", "value": value, "currency": currency}
        assert client.put(f"{path}/metrics", json={"values": [row]}).status_code == 422, (value, currency)


@on_sqlite
def test_rows_that_cannot_be_read_are_refused_with_those_that_cannot_be_true(client: TestClient) -> None:
    path = company(client)
    rows: list[Any] = [
        {"metric": "revenue", "period": "2024-Q1", "value": "1"},
        {"metric": "employees", "period": "2024-Q1", "value": "-3"},
        {"metric": "Revenue", "period": "2024-Q7", "value": "1"},
        {"metric": "revenue", "period": "2024-Q1", "value": 7, "note": "the first row again"},
        {"metric": "revenu", "period": "2024-Q2", "value": "93%", "scenario": "wish"},
        {"metric": "arr", "period": "soon", "value": "1"},
        {"metric": "ebitda", "period": "2024-Q1", "value": "1", "status": "final", "colour": "red"},
        "revenue",
        {"metric": "ebitda", "value": "1"},
        {"metric": "arr", "period": "2024-Q2", "value": "1"},
    ]
    answer = client.put(f"{path}/metrics", json={"values": rows})
    assert (answer.status_code, answer.json()["code"]) == (422, "values_refused"), answer.text
    assert [(one["path"], one["code"]) for one in answer.json()["errors"]] == [
        ("values.1.value", "negative_count"),
        ("values.2.metric", "value_error"),
        ("values.2.period", "unknown_period"),
        ("values.3.value", "value_error"),
        ("values.3.period", "value_given_twice"),
        ("values.4.value", "value_error"),
        ("values.4.scenario", "literal_error"),
        ("values.4.metric", "unknown_metric"),
        ("values.5.period", "unknown_period"),
        ("values.5.metric", "metric_is_derived"),
        ("values.6.status", "literal_error"),
        ("values.6.colour", "extra_forbidden"),
        ("values.7", "model_attributes_type"),
        ("values.8.period", "missing"),
        ("values.9.metric", "metric_is_derived"),
    ]
    assert answer.json()["errors"][3]["message"].startswith("must be a string")
    assert client.get(f"{path}/metrics").json()["metrics"] == []


@on_sqlite
def test_what_is_wrong_beside_the_rows_comes_with_the_rows_that_cannot_be_read(client: TestClient) -> None:
    path = company(client)
    body: dict[str, Any] = {"values": [{"metric": "revenue", "period": "2024-Q1", "value": 7}]}
    assert refused(client.put(f"{path}/metrics", json=body | {"colour": "red"})) == {
        ("values.0.value", "value_error"),
        ("colour", "extra_forbidden"),
    }
    assert refused(client.put(f"{path}/metrics", json={"values": body["values"] * 20_001})) == {("values", "too_long")}
    assert refused(client.put(f"{path}/metrics", json={"values": []})) == {("values", "too_short")}


@on_sqlite
def test_rows_that_cannot_be_read_tell_nobody_what_they_may_not_see(
    client: TestClient, client_as: Callable[..., TestClient]
) -> None:
    path = company(client)
    body = {"values": [{"metric": "revenu", "period": "2024-Q1", "value": 7}]}
    assert client.put("/api/v1/companies/4711/metrics", json=body).status_code == 404
    assert client_as("investor").put(f"{path}/metrics", json=body).status_code == 403
    body["values"][0]["status"] = "approved"
    answer = client_as("analyst").put(f"{path}/metrics", json=body)
    assert (answer.status_code, "metric.approve" in answer.json()["detail"]) == (403, True)


@on_sqlite
def test_a_fiscal_year_that_moves_keeps_overlapping_periods_out(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2022", {"revenue": "400"})
    moved = client.put(f"{path}/fiscal-years", json={"starts_on": "2023-07-01", "year_ends_in": 6})
    assert moved.status_code == 200, moved.text
    row = {"metric": "revenue", "period": "2023", "value": "1"}
    assert refused(client.put(f"{path}/metrics", json={"values": [row]})) == {("values.0.period", "unknown_period")}
    put(client, path, "2024", {"revenue": "500"})
    assert [one["ends_on"] for one in client.get(f"{path}/metrics?period=year").json()["periods"]] == [
        "2022-12-31",
        "2024-06-30",
    ]
    client.put(f"{path}/fiscal-years", json={"starts_on": "2024-01-01", "year_ends_in": 12})
    row = {"metric": "revenue", "period": "2024", "value": "1"}
    answer = client.put(f"{path}/metrics", json={"values": [row]})
    assert refused(answer) == {("values.0.period", "periods_overlap")}
    assert answer.json()["errors"][0]["message"].startswith("Revenue: this year overlaps")


@on_sqlite
def test_a_fiscal_year_begins_where_the_last_one_ends_and_can_be_taken_back(client: TestClient) -> None:
    path, other = company(client), company(client, "EUR")
    put(client, path, "2024-Q1", {"revenue": "100"})
    wrong = client.put(f"{path}/fiscal-years", json={"starts_on": "2024-02-01", "year_ends_in": 3})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "not_first_day")
    assert "1 April" in wrong.json()["mend"]
    [said] = client.put(f"{path}/fiscal-years", json={"starts_on": "2023-04-01", "year_ends_in": 3}).json()
    assert client.get(f"{path}/metrics?period=quarter").json()["periods"][0]["period"] == "2024-Q4"
    back = {"reason": "Another company's"}
    assert client.post(f"{other}/fiscal-years/{said['id']}/void", json=back).status_code == 404
    assert client.post(f"{path}/fiscal-years/{said['id']}/void", json=back).status_code == 204
    assert client.get(f"{path}/fiscal-years").json() == []
    assert client.get(f"{path}/metrics?period=quarter").json()["periods"][0]["period"] == "2024-Q1"
    again = client.put(f"{path}/fiscal-years", json={"starts_on": "2023-04-01", "year_ends_in": 3}).json()
    assert [one["starts_on"] for one in again] == ["2023-04-01"]


@on_sqlite
def test_a_firm_defines_its_own_metrics_and_sees_what_they_move(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "200", "ebitda": "50"})
    definitions = "/api/v1/metrics/definitions"
    body = {"key": "take", "label": "Take", "unit": "ratio", "kind": "derived", "formula": "ebitda / revenue"}
    seen = client.post("/api/v1/metrics/definition-previews", json=body).json()
    [moved] = seen["moved"]
    assert (moved["metric"], moved["period"], moved["before"], moved["after"]) == ("take", "2024-Q1", None, "0.25")
    made = client.post(definitions, json=body)
    assert made.status_code == 201, made.text
    assert wide(client, path, period="quarter")["take"]["2024-Q1"]["value"] == "0.25"
    circle = body | {"key": "round", "formula": "take + round"}
    assert client.post(definitions, json=circle).json()["code"] == "definition_refused"
    again = client.post(definitions, json=body).json()
    assert (again["code"], again["detail"]) == ("definition_exists", "take is the key of Take already.")
    said = "arr is the key of ARR (annualised recurring revenue)"
    assert client.post(definitions, json=body | {"key": "arr"}).json()["detail"] == f"{said} already."
    shipped = client.post("/api/v1/metrics/definition-previews", json=body | {"key": "arr"}).json()
    assert shipped["detail"] == f"{said}, which ships with Vestry and means the same everywhere."
    user = body | {"key": "double", "label": "Take twice", "formula": "take * 2"}
    assert client.post(definitions, json=user).status_code == 201
    one = f"{definitions}/{made.json()['id']}"
    needed = client.post(f"{one}/void", json={"reason": "x"}).json()
    assert (needed["code"], needed["detail"]) == ("definition_in_use", "Take twice is computed from Take.")
    changed = {name: value for name, value in body.items() if name != "key"} | {"formula": "ebitda / revenue * 2"}
    assert client.put(one, json=changed).json()["version"] == 2
    assert wide(client, path, period="quarter")["double"]["2024-Q1"]["value"] == "1"
    then = made.json()["recorded_at"]
    assert wide(client, path, period="quarter")["take"]["2024-Q1"]["value"] == "0.5"
    listed = client.get(definitions, params={"known_at": then}).json()["items"]
    assert [one["formula"] for one in listed if one["key"] == "take"] == ["ebitda / revenue"]


def test_many_values_are_written_as_they_are_one_by_one(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    company_id = int(company(client).rpartition("/")[2])
    keys = [one.key for one in queries.SHIPPED if one.kind != "derived" and one.unit == "money"][:20]
    rows = [
        {"metric": key, "period": f"{year}-{month:02}", "value": Decimal(f"{month}.25"), "status": "submitted"}
        for key in keys
        for year in range(2023, 2018, -1)
        for month in range(1, 13)
    ]
    with database.transaction(administrator) as session:
        written = values.put_values(session, administrator, company_id, rows)
    assert (written.created, written.superseded) == (1_200, 0)
    rows[0] = rows[0] | {"value": Decimal(7)}
    with database.transaction(administrator) as session:
        again = values.put_values(session, administrator, company_id, rows)
    assert (again.created, again.superseded, again.unchanged) == (0, 1, 1_199)
    found = wide(client, f"/api/v1/companies/{company_id}", period="month", derived="false")
    assert found[keys[0]]["2023-01"]["value"] == "7.00"
    assert found[keys[0]]["2023-01"]["before"] == "1.25"
    assert found[keys[19]]["2023-12"]["value"] == "12.25"


@on_sqlite
def test_a_metric_that_has_values_keeps_its_meaning(client: TestClient) -> None:
    body = {"key": "gmv", "label": "Merchandise", "unit": "money", "kind": "flow"}
    made = client.post("/api/v1/metrics/definitions", json=body).json()
    put(client, company(client), "2024-Q1", {"gmv": "5"})
    one = f"/api/v1/metrics/definitions/{made['id']}"
    changed = client.put(one, json={"label": "Merchandise", "unit": "count", "kind": "flow"})
    assert (changed.status_code, changed.json()["detail"]) == (409, "Merchandise has values; its unit cannot change.")
    voided = client.post(f"{one}/void", json={"reason": "x"})
    assert (voided.status_code, voided.json()["detail"]) == (409, "Merchandise has values.")


@on_sqlite
def test_analysts_record_figures_and_investors_do_not(client_as: Callable[..., TestClient]) -> None:
    path = company(client_as())
    row = {"metric": "revenue", "period": "2024-Q1", "value": "1"}
    for role, status in (("analyst", 200), ("accountant", 403), ("investor", 403)):
        assert client_as(role).put(f"{path}/metrics", json={"values": [row]}).status_code == status, role


@on_sqlite
def test_who_records_figures_does_not_thereby_approve_them(
    client: TestClient, client_as: Callable[[str], TestClient]
) -> None:
    path, analyst = company(client), client_as("analyst")
    row = {"metric": "revenue", "period": "2024-Q1", "value": "5"}

    def stored() -> tuple[str, str]:
        [cell] = wide(client, path, period="quarter")["revenue"].values()
        return cell["value"], cell["status"]

    put(analyst, path, "2024-Q1", {"revenue": "5"}, status="submitted")
    both = [row, {"metric": "employees", "period": "2024-Q1", "value": "7", "status": "approved"}]
    answer = analyst.put(f"{path}/metrics", json={"values": both})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "metric.approve" in answer.json()["detail"]
    assert stored() == ("5.00", "submitted")
    [cell] = wide(client, path, period="quarter")["revenue"].values()
    seen = {"id": cell["id"], "version": cell["version"]}
    assert analyst.post(f"{path}/metrics/approve", json={"values": [seen]}).status_code == 403
    accountant = client_as("accountant")
    for wrong, status in (({"version": 9}, 412), ({"id": 4711}, 422)):
        assert accountant.post(f"{path}/metrics/approve", json={"values": [seen | wrong]}).status_code == status
    for said in ({"approved": 1, "unchanged": 0}, None):
        answer = accountant.post(f"{path}/metrics/approve", json={"values": [seen]})
        assert answer.json() == said or (answer.status_code, said) == (412, None)
    assert stored() == ("5.00", "approved")
    put(analyst, path, "2024-Q1", {"revenue": "6"})
    assert stored() == ("6.00", "submitted")
    put(client_as("manager"), path, "2024-Q1", {"revenue": "6"}, status="approved")
    assert stored() == ("6.00", "approved")
