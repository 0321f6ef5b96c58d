"""Published quarters of four listed companies, as their own tables print them, recorded and found to agree."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.metrics.test_values import company, on_sqlite, put, wide
from tests.real_data import real_data

# What each statement calls a line → the metric. Costs are printed negative in one of them; metrics are positive.
LINES = {
    "net_sales": "revenue",
    "total_revenue": "revenue",
    "cost_of_sales": "cost_of_revenue",
    "gross_profit": "gross_profit",
    "operating_income": "ebit",
    "net_income": "net_income",
    "cash": "cash_balance",
    "inventory": "inventory",
    "total_current_assets": "current_assets",
    "total_assets": "total_assets",
    "total_current_liabilities": "current_liabilities",
    "total_liabilities": "total_liabilities",
    "total_equity": "equity",
    "operating_cash_flow": "operating_cash_flow",
    "investing_cash_flow": "investing_cash_flow",
    "financing_cash_flow": "financing_cash_flow",
}
# (issuer, the month in which fiscal years end, statement → the period of each column)
REPORTS: list[tuple[str, int, dict[str, list[str]]]] = [
    (
        "ULTABEAUTY_2023Q4_EARNINGS",
        1,
        {
            "income_q4": ["2023-Q4", "2022-Q4"],
            "income_fy": ["2023", "2022"],
            "balance": ["2023", "2022"],
            "cashflow": ["2023", "2022"],
        },
    ),
    ("MCDONALDS_2023Q1_EARNINGS", 12, {"income": ["2023-Q1", "2022-Q1"]}),
    ("COSTCO_2023Q1_EARNINGS", 8, {"balance": ["2023-Q1", "2022-Q4"]}),
    (
        "AMCOR_2023Q4_EARNINGS",
        6,
        {
            "income": ["2022-Q4", "2023-Q4", "2022", "2023"],
            "cashflow": ["2022", "2023"],
            "balance": ["2022", "2023"],
        },
    ),
]


def figures(statement: dict[str, Any], column: int, scale: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, metric in LINES.items():
        if name in statement and not (name == "net_sales" and "total_revenue" in statement):
            value = Decimal(str(statement[name][column])) * scale
            found[metric] = str(abs(value) if metric == "cost_of_revenue" else value)
    return found


@on_sqlite
@pytest.mark.parametrize(("issuer", "year_ends_in", "statements"), REPORTS, ids=lambda one: str(one)[:8])
def test_published_statements_agree_in_every_check(
    client: TestClient, issuer: str, year_ends_in: int, statements: dict[str, list[str]]
) -> None:
    known = json.loads(real_data("pdf_statements/expected_key_figures.json").read_text())[issuer]
    path = company(client)
    first = date(2000, year_ends_in % 12 + 1, 1).isoformat()
    moved = client.put(f"{path}/fiscal-years", json={"starts_on": first, "year_ends_in": year_ends_in})
    assert moved.status_code == 200, moved.text
    for name, periods in statements.items():
        for column, period in enumerate(periods):
            put(client, path, period, figures(known[name], column, known["scale"]), currency=known["currency"])
    findings = client.get(f"{path}/metrics/findings").json()["items"]
    assert findings == []
    if issuer.startswith("ULTA"):
        margin = wide(client, path, period="quarter")["gross_margin"]["2023-Q4"]["value"]
        assert round(Decimal(margin), 3) == Decimal("0.376")  # 37.6 % of net sales, as printed
    if issuer.startswith("AMCOR"):
        shown = wide(client, path, period="year")["revenue"]
        assert {label: cell["value"] for label, cell in shown.items()} == {
            "2022": "14544000000.00",
            "2023": "14694000000.00",
        }
