"""Other currencies with their ladder, statements, key figures, the portfolio side by side, and findings."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.metrics.test_values import SAMPLE, company, on_sqlite, put, wide
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.metrics import portfolio

QUARTERS = {  # source D's example company, 2024, in millions
    "revenue": ("15", "16.5", "18", "20"),
    "ebitda": ("3", "3.3", "3.6", "4"),
    "net_income": ("2", "2.2", "2.4", "2.6"),
}


def put_quarters(client: TestClient, path: str) -> None:
    for at in range(4):
        figures = {key: str(Decimal(line[at]) * 1_000_000) for key, line in QUARTERS.items()}
        put(client, path, f"2024-Q{at + 1}", figures)


def got(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@on_sqlite
def test_flows_convert_at_the_period_average_and_stocks_at_closing_and_the_ladder_says_so(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2022-Q4", SAMPLE)
    own, cad = wide(client, path, period="quarter"), wide(client, path, period="quarter", currency="CAD", explain=True)
    cash = cad["cash_balance"]["2022-Q4"]
    [rung] = cash["explain"]["ladder"]
    assert (rung["rule"], rung["published_on"], rung["asked_on"]) == ("closing", "2022-12-30", "2022-12-31")
    assert rung["rate"].startswith("1.35383")
    assert cash["value"] == str(round(Decimal("32407138") * Decimal(rung["rate"]), 2))
    revenue = cad["revenue"]["2022-Q4"]
    [rung] = revenue["explain"]["ladder"]
    assert rung["rule"] == "average"
    assert Decimal("1.34") < Decimal(rung["rate"]) < Decimal("1.38")
    for key in ("gross_margin", "runway_months", "recurring_revenue_share"):
        assert cad[key]["2022-Q4"]["value"] == own[key]["2022-Q4"]["value"], key
    recurring = Decimal(cad["recurring_revenue"]["2022-Q4"]["value"])
    assert abs(Decimal(cad["arr"]["2022-Q4"]["value"]) - recurring * 4) < Decimal("0.05")


@on_sqlite
def test_the_last_twelve_months_have_each_quarter_at_its_own_average(client: TestClient) -> None:
    path = company(client)
    put_quarters(client, path)
    found = wide(client, path, period="quarter", currency="EUR")
    quarters = [Decimal(found["revenue"][f"2024-Q{n}"]["value"]) for n in (1, 2, 3, 4)]
    assert abs(Decimal(found["ltm_revenue"]["2024-Q4"]["value"]) - sum(quarters)) < Decimal("0.05")
    assert got(client, f"{path}/metrics", period="ltm")["metrics"][0]["values"]["LTM-2024-12"] == "69500000.00"


@on_sqlite
def test_share_capital_keeps_the_rate_of_the_day_it_was_paid_in(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2023-Q4", {"share_capital": "100"})
    put(client, path, "2024-Q1", {"share_capital": "100"})
    put(client, path, "2024-Q2", {"share_capital": "150"})
    found = wide(client, path, period="quarter", currency="EUR", explain=True)["share_capital"]
    assert found["2024-Q1"]["value"] == found["2023-Q4"]["value"]
    first, second = found["2024-Q2"]["explain"]["ladder"]
    assert (first["asked_on"], second["asked_on"], second["amount"]) == ("2023-12-31", "2024-06-30", "50")
    total = Decimal(first["value"]) + Decimal(second["value"])
    assert Decimal(found["2024-Q2"]["value"]) == round(total, 2)


@on_sqlite
def test_what_a_restated_figure_replaced_is_told_in_the_same_currency(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2022-Q4", {"cash_balance": "1000"})
    put(client, path, "2022-Q4", {"cash_balance": "2000"})
    cell = wide(client, path, period="quarter", currency="CAD")["cash_balance"]["2022-Q4"]
    assert (cell["value"], cell["before"]) == ("2707.67", "1353.83")
    put(client, path, "2022-Q4", {"cash_balance": "2000"}, currency="CAD")  # the same digits, and another amount
    cell = wide(client, path, period="quarter", currency="CAD")["cash_balance"]["2022-Q4"]
    assert (cell["value"], cell["restated"], cell["before"]) == ("2000.00", True, "2707.67")
    cell = wide(client, path, period="quarter")["cash_balance"]["2022-Q4"]
    assert (cell["value"], cell["currency"], cell["before"]) == ("1477.29", "USD", "2000.00")


@on_sqlite
def test_a_derived_amount_shows_every_conversion_behind_it(client: TestClient) -> None:
    path = company(client)
    put_quarters(client, path)
    asked = {"period": "2024-Q4", "currency": "CAD", "explain": True}
    shown = wide(client, path, **asked)["ltm_revenue"]["2024-Q4"]
    ladder = shown["explain"]["ladder"]
    assert [(one["metric"], one["rule"], one["asked_on"]) for one in ladder] == [
        ("revenue", "average", "2024-12-31"), ("revenue", "average", "2024-09-30"),
        ("revenue", "average", "2024-06-30"), ("revenue", "average", "2024-03-31"),
    ]  # fmt: skip
    assert round(sum(Decimal(one["value"]) for one in ladder), 2) == Decimal(shown["value"])
    put(client, path, "2024-Q4", {"debt_outstanding": "7", "cash_balance": "9"})
    debt = wide(client, path, **asked)["net_debt"]["2024-Q4"]["explain"]["ladder"]
    assert [(one["metric"], one["rule"]) for one in debt] == [
        ("debt_outstanding", "closing"),
        ("cash_balance", "closing"),
    ]
    margin = wide(client, path, **asked)["ebitda_margin"]["2024-Q4"]["explain"]
    assert margin["ladder"] == []  # a ratio is taken in the company's own currency


@on_sqlite
def test_a_figure_converted_at_an_old_rate_says_so(client: TestClient) -> None:
    path = company(client, "RUB")
    put(client, path, "2024-Q1", {"cash_balance": "100"}, currency="RUB")  # no rate of it since March 2022
    cells = wide(client, path, period="quarter", currency="USD")["cash_balance"]
    assert cells["2024-Q1"]["stale"] is True
    assert wide(client, path, period="quarter")["cash_balance"]["2024-Q1"]["stale"] is False


@on_sqlite
def test_a_currency_without_a_rate_on_that_day_leaves_a_reason(client: TestClient) -> None:
    path = company(client)
    put(client, path, "1995-Q1", {"revenue": "100"})
    [cell] = got(client, f"{path}/metrics", layout="long", currency="CAD", derived="false")["values"]
    assert cell["value"] is None
    assert "1999" in cell["reason"] or "1995" in cell["reason"]
    put(client, path, "2024-Q1", {"revenue": "7"}, currency="AED")
    [found] = got(client, f"{path}/metrics", period="2024-Q1", layout="long", derived="false")["values"]
    assert (found["value"], found["currency"]) == (None, "USD")


@on_sqlite
def test_the_statements_show_the_four_quarters_and_what_they_come_to(client: TestClient) -> None:
    path = company(client)
    put_quarters(client, path)
    put(client, path, "2024-Q4", {"employees": "120", "recurring_revenue": "18000000", "customers": "40"})
    found = got(client, f"{path}/financials", period="quarterly")
    shown = [(one["period"], one["figures"]["revenue"], one["figures"]["ebitda"]) for one in found["items"]]
    assert shown == [
        ("2024-Q1", "15000000.00", "3000000.00"),
        ("2024-Q2", "16500000.00", "3300000.00"),
        ("2024-Q3", "18000000.00", "3600000.00"),
        ("2024-Q4", "20000000.00", "4000000.00"),
    ]
    year = got(client, f"{path}/financials", period="annual")["statements"][0]["rows"]
    assert {row["metric"]: row["values"]["2024"] for row in year if row["unit"] == "money"} == {
        "revenue": "69500000.00",
        "ebitda": "13900000.00",
        "net_income": "9200000.00",
    }
    rows = got(client, f"{path}/kpis", period="quarter", **{"from": "2024-Q4"})["rows"]
    assert {"employees": "120", "arr": "72000000.00"}.items() <= {
        row["metric"]: row["values"]["2024-Q4"] for row in rows
    }.items()


def test_the_portfolio_shows_what_each_company_says_of_itself(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    usd, eur, months = company(client), company(client, "EUR"), company(client, "CAD")
    put_quarters(client, usd)
    put(client, eur, "2024-Q4", {"revenue": "7000000", "employees": "12"})
    for month in ("10", "11", "12"):
        put(client, months, f"2024-{month}", {"revenue": "1000000"})
    found = got(client, "/api/v1/reporting", period="2024-Q4", currency="USD")
    shown = {one["name"]: one["metrics"] for one in found["companies"]}
    assert [one["period"] for one in found["periods"]] == ["2024-Q4"]
    assert shown["Sample USD"]["revenue"] == ["20000000.00"]
    assert shown["Sample EUR"]["employees"] == ["12"]
    for path, name in ((eur, "Sample EUR"), (months, "Sample CAD")):
        alone = wide(client, path, period="2024-Q4", currency="USD")["revenue"]["2024-Q4"]["value"]
        assert shown[name]["revenue"] == [alone]
    whole = got(
        client, "/api/v1/reporting", period="quarter", currency="USD", derived="true", metric="revenue_growth_period"
    )
    assert [one["metrics"]["revenue_growth_period"][3] for one in whole["companies"]] == ["0.1111111111"]
    fund = client.post("/api/v1/funds", json={"name": "One", "currency": "USD"}).json()["id"]
    deal = {"company_id": int(eur.rpartition("/")[2]), "invested_on": "2024-01-10", "amount": "100000"}
    made = client.post("/api/v1/investments", json={"fund_id": fund, **deal})
    assert made.status_code == 201, made.text
    held = got(client, "/api/v1/reporting", fund=fund, period="quarter")
    assert [one["name"] for one in held["companies"]] == ["Sample EUR"]
    with database.reading(administrator) as session:
        report = portfolio.report(session, administrator, currency=None, period="quarter")
    assert report.tables[int(eur.rpartition("/")[2])]["revenue"][-1] == "7000000.00"


@on_sqlite
def test_each_finding_names_its_cells_and_the_mend_and_changes_nothing(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2023-Q4", {"revenue": "4000000", "cash_burn": "-900", "ebitda": "-800"})
    put(client, path, "2024-Q1", {"revenue": "4100000", "cost_of_revenue": "1000000", "gross_profit": "-3100000"})
    put(client, path, "2024-Q2", {"revenue": "4.2", "total_assets": "10", "total_liabilities": "4", "equity": "5"})
    put(client, path, "2024-Q4", {"revenue": "4400000", "reported_churn": "7"})
    found = got(client, f"{path}/metrics/findings")["items"]
    kinds = {(one["kind"], one["period"], one["mend"]["value"] if one["mend"] else None) for one in found}
    assert kinds == {
        ("burn_sign", "2023-Q4", "900.00"),
        ("gross_profit_tie", "2024-Q1", "3100000.00"),
        ("unit", "2024-Q2", "4200000.00"),
        ("balance_sheet_tie", "2024-Q2", None),
        ("missing", "2024-Q3", None),
        ("percent", "2024-Q4", "0.07"),
    }
    assert wide(client, path, period="quarter")["revenue"]["2024-Q2"]["value"] == "4.20"


@on_sqlite
def test_a_period_reported_as_a_whole_and_by_its_parts_must_say_one_figure(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "400", "cash_balance": "7"})
    for month, cash in (("2024-01", "9"), ("2024-02", "8"), ("2024-03", "7")):
        put(client, path, month, {"revenue": "100", "cash_balance": cash})
    for quarter in ("2023-Q2", "2023-Q3", "2023-Q4"):
        put(client, path, quarter, {"revenue": "300"})
    put(client, path, "LTM-2024-03", {"revenue": "1500"})
    found = got(client, f"{path}/metrics/findings")["items"]
    assert [(one["kind"], one["period"], one["message"], one["mend"]["value"]) for one in found] == [
        ("overlap", "LTM-2024-03", "Revenue is 1,500, and 1,300 by its quarters.", "1300.00"),
        ("overlap", "2024-Q1", "Revenue is 400, and 300 by its months.", "300.00"),
    ]
    assert wide(client, path, period="quarter")["revenue"]["2024-Q1"]["value"] == "400.00"


@on_sqlite
def test_findings_leave_as_a_file_whole_or_of_one_length_of_period(client: TestClient) -> None:
    path = company(client)
    label = {"key": "gmv", "label": "=GMV()", "unit": "money", "kind": "flow"}
    assert client.post("/api/v1/metrics/definitions", json=label).status_code == 201
    put(client, path, "2024-Q1", {"gmv": "400"})
    for month in ("2024-01", "2024-02"):
        put(client, path, month, {"gmv": "100"})
    put(client, path, "2024-03", {"gmv": "100", "revenue": "10", "cost_of_revenue": "4", "gross_profit": "5"})
    found = got(client, f"{path}/metrics/findings")["items"]
    whole = client.get(f"{path}/metrics/findings", params={"format": "csv"})
    assert whole.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(whole.text)))
    assert [(row["kind"], row["period"]) for row in rows] == [(one["kind"], one["period"]) for one in found]
    asked = {"format": "csv", "period_kind": "quarter"}
    [row] = csv.DictReader(io.StringIO(client.get(f"{path}/metrics/findings", params=asked).text))
    assert row == {
        "period": "2024-Q1",
        "period_kind": "quarter",
        "starts_on": "2024-01-01",
        "ends_on": "2024-03-31",
        "kind": "overlap",
        "severity": "error",
        "message": "'=GMV() is 400, and 300 by its months.",
        "metrics": "gmv",
        "mend_metric": "gmv",
        "mend_period": "2024-Q1",
        "mend_value": "300.00",
    }
    [tie] = [row for row in rows if row["kind"] == "gross_profit_tie"]
    assert tie["metrics"] == "gross_profit; revenue; cost_of_revenue"


@on_sqlite
@pytest.mark.parametrize(
    ("metric", "value", "mend"),
    [
        ("valuation", "60", "60000000.00"),
        ("valuation", "60000", "60000000.00"),
        ("total_assets", "12.5", "12500000.00"),
        ("total_operating_expense", "14", "14000000.00"),
        ("valuation", "600000", None),
        ("total_operating_expense", "2000", None),
    ],
)
def test_millions_beside_a_revenue_in_units_are_found_without_a_history(
    client: TestClient, metric: str, value: str, mend: str | None
) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "15000000", metric: value})
    found = got(client, f"{path}/metrics/findings")["items"]
    assert [(one["kind"], one["mend"]["value"]) for one in found] == ([("unit", mend)] if mend else [])


@on_sqlite
def test_a_negative_burn_is_found_by_the_cash_that_fell(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2023-Q4", {"cash_balance": "1000"})
    put(client, path, "2024-Q1", {"cash_balance": "800", "cash_burn": "-200"})
    put(client, path, "2024-Q2", {"cash_balance": "900", "cash_burn": "-100"})  # cash rose: there was no burn
    found = got(client, f"{path}/metrics/findings")["items"]
    assert [(one["kind"], one["period"], one["mend"]["value"]) for one in found] == [("burn_sign", "2024-Q1", "200.00")]


@pytest.mark.parametrize(
    ("kind", "end", "column"),
    [
        ("quarter", 2023 * 12, 2022 * 12 + 11),
        ("quarter", 2023 * 12 + 1, 2023 * 12 + 2),
        ("year", 2023 * 12, 2022 * 12 + 11),
        ("year", 2023 * 12 + 5, 2023 * 12 + 11),
        ("month", 2023 * 12, 2023 * 12),
    ],
)
def test_a_fiscal_period_stands_where_most_of_it_lies(kind: Any, end: int, column: int) -> None:
    assert portfolio.aligned(kind, end) == column
