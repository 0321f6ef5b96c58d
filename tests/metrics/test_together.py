"""The portfolio's figures are those of each company's own book, however it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.metrics.test_values import company, on_sqlite, put
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.metrics import portfolio, together
from vestry.metrics.periods import Kind, month_of
from vestry.metrics.portfolio import aligned

FLOWS = ("revenue", "recurring_revenue", "gross_profit", "ebitda", "cash_burn", "sales_marketing_expense", "price_sum")
STOCKS = ("cash_balance", "employees", "customers", "debt_outstanding", "price")


def figures(seed: int, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Amounts with odd places, some nought, burn of either sign."""
    found = {}
    for at, key in enumerate((*FLOWS, *STOCKS)):
        value = (seed * 7919 + at * 104729) % 1_000_003 - (300_000 if key in ("ebitda", "cash_burn") else 0)
        found[key] = str(value % 97) if key in ("employees", "customers") else f"{value}.{seed % 100:02d}"
    return {key: value for key, value in found.items() if key not in without}


def put_all(client: TestClient, path: str, periods: dict[str, dict[str, str]]) -> None:
    rows = [
        {"metric": key, "period": period, "value": value}
        for period, given in periods.items()
        for key, value in given.items()
    ]
    answer = client.put(f"{path}/metrics", json={"values": rows})
    assert answer.status_code == 200, answer.text


def define(client: TestClient, key: str, unit: str, **more: str) -> None:
    answer = client.post("/api/v1/metrics/definitions", json={"key": key, "label": key, "unit": unit, **more})
    assert answer.status_code == 201, answer.text


@pytest.fixture
def mixed(client: TestClient) -> list[str]:
    """Companies that report by months, quarters and years, in several currencies, with holes and restatements."""
    define(client, "price_sum", "money", kind="flow")
    define(client, "price", "money", kind="stock", aggregation="mean")
    define(client, "own", "multiple", kind="derived", formula="max(revenue, 5) / mean(price, 2)")
    define(client, "fixed", "count", kind="derived", formula="periods_per_year")
    paths = []
    months = [f"{2021 + month // 12}-{month % 12 + 1:02d}" for month in range(30)]
    monthly = company(client, "USD")
    put_all(client, monthly, {name: figures(at) for at, name in enumerate(months) if at != 17})
    paths.append(monthly)
    both = company(client, "EUR")
    put_all(client, both, {name: {"revenue": f"1{at}00.5"} for at, name in enumerate(months[:24])})
    quarters = {f"{2021 + at // 4}-Q{at % 4 + 1}": figures(at + 50, without=("revenue",)) for at in range(9)}
    put_all(client, both, quarters)
    put(client, both, "2022-Q2", {"revenue": "7.7777"})
    paths.append(both)
    fiscal = company(client, "JPY")
    answer = client.put(f"{fiscal}/fiscal-years", json={"starts_on": "2019-12-01", "year_ends_in": 11})
    assert answer.status_code == 200, answer.text
    put_all(client, fiscal, {str(year): figures(year) for year in (2020, 2021, 2023)})
    put_all(client, fiscal, {f"2022-Q{quarter}": figures(quarter + 90) for quarter in (1, 2, 3, 4)})
    paths.append(fiscal)
    layered = company(client, "CHF")
    for at, paid_in in enumerate(("100", "250.25", "200", "0", "40")):
        put(client, layered, f"202{at}-Q4", {"share_capital": paid_in, **figures(at)}, currency="GBP")
    put(client, layered, "LTM-2023-06", {"revenue": "12345.67"})
    paths.append(layered)
    early = company(client, "CAD")  # before the first published rate
    put(client, early, "1998-Q4", figures(3))
    put(client, early, "1999-Q4", figures(4), currency="USD")
    paths.append(early)
    return paths


def as_reported(client: TestClient, path: str, kind: Kind, query: dict[str, Any]) -> dict[tuple[str, int], str]:
    """A company's own figures by metric and the calendar period that each stands in."""
    body = client.get(f"{path}/metrics", params={**query, "period": kind, "layout": "wide", "derived": True}).json()
    ends = {one["period"]: aligned(kind, month_of(date.fromisoformat(one["ends_on"]))) for one in body["periods"]}
    return {
        (one["metric"], ends[label]): value
        for one in body["metrics"]
        for label, value in one["values"].items()
        if value is not None
    }


@on_sqlite
def test_a_portfolio_says_what_each_companys_own_book_says(
    client: TestClient, mixed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for at_once, currency in ((200, None), (200, "USD"), (2, "JPY")):
        monkeypatch.setattr(together, "AT_ONCE", at_once)
        compare(client, mixed, {} if currency is None else {"currency": currency})


def compare(client: TestClient, mixed: list[str], query: dict[str, Any]) -> None:
    kinds: tuple[Kind, ...] = ("month", "quarter", "year", "ltm")
    for kind in kinds:
        found = client.get("/api/v1/reporting", params={**query, "period": kind, "derived": True}).json()
        ends = [month_of(date.fromisoformat(one["ends_on"])) for one in found["periods"]]
        assert ends == sorted(set(ends))
        tables = {
            f"/api/v1/companies/{one['company_id']}": {
                (metric, end): value
                for metric, line in one["metrics"].items()
                for end, value in zip(ends, line, strict=True)
                if value is not None
            }
            for one in found["companies"]
        }
        for path in mixed:
            own = as_reported(client, path, kind, query)
            assert tables.get(path, {}) == own, (kind, path)
        assert any(key == "own" for table in tables.values() for key, _ in table)


@contextmanager
def told(session: Session) -> Iterator[list[str]]:
    """What the session's connection is asked, the driver's own statements too, which no event of the library tells."""
    seen: list[str] = []
    driver: Any = session.connection().connection.driver_connection
    if session.get_bind().dialect.name == "sqlite":
        driver.set_trace_callback(seen.append)
        yield seen
        driver.set_trace_callback(None)
        return
    execute, copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def noted(run: Callable[..., Any]) -> Callable[..., Any]:
        def ask(cursor: Any, statement: Any, *more: Any, **named: Any) -> Any:
            seen.append(str(statement))
            return run(cursor, statement, *more, **named)

        return ask

    with patch.object(psycopg.Cursor, "execute", noted(execute)), patch.object(psycopg.Cursor, "copy", noted(copy)):
        yield seen


def test_a_portfolio_takes_as_many_statements_for_many_companies_as_for_few(
    client: TestClient, database: Database, administrator: Actor, mixed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every derived metric, in parts of two companies, so that there are many parts too."""
    monkeypatch.setattr(together, "AT_ONCE", 2)

    def asked() -> list[str]:
        with database.reading(administrator) as session, told(session) as seen:
            found = portfolio.report(session, administrator, currency="USD", period="quarter", derived=True)
        reported.append(len(found.companies))
        return seen

    reported: list[int] = []
    few = asked()
    for currency in ("AUD", "BRL", "CNY", "CZK", "DKK", "HUF", "INR", "KRW", "MXN", "NOK", "PLN", "SEK"):
        put_all(client, company(client, currency), {f"2022-Q{quarter}": figures(quarter) for quarter in (1, 2, 3, 4)})
    many = asked()
    assert reported[1] == reported[0] + 12
    assert any("metric_value" in one for one in few)
    assert [one.split()[0] for one in many] == [one.split()[0] for one in few]


@on_sqlite
def test_a_portfolio_of_some_metrics_says_the_same_of_them(client: TestClient, mixed: list[str]) -> None:
    query: dict[str, Any] = {"period": "year", "currency": "CAD", "derived": True}
    whole = client.get("/api/v1/reporting", params=query).json()
    some = ["runway_months", "ltm_revenue", "price"]
    part = client.get("/api/v1/reporting", params={**query, "metric": some}).json()
    tables = {one["name"]: one["metrics"] for one in whole["companies"]}
    periods = [one["period"] for one in whole["periods"]]
    assert {key for one in part["companies"] for key in one["metrics"]} == set(some)
    for one in part["companies"]:
        for key, line in one["metrics"].items():
            shown = dict(zip([period["period"] for period in part["periods"]], line, strict=True))
            all_of_it = dict(zip(periods, tables[one["name"]][key], strict=True))
            assert {label: value for label, value in shown.items() if value} == {
                label: value for label, value in all_of_it.items() if value
            }


@on_sqlite
def test_a_ratio_of_any_size_is_shown_to_its_places(client: TestClient) -> None:
    """Thirty digits are more than Python's own context holds."""
    path = company(client)
    put(client, path, "2024-Q4", {"gross_profit": "900000000000000", "revenue": "0.0007"})
    body = {
        "key": "squared",
        "label": "Squared",
        "unit": "ratio",
        "kind": "derived",
        "formula": "gross_margin * 700 / 3",
    }
    assert client.post("/api/v1/metrics/definitions", json=body).status_code == 201
    found = client.get(f"{path}/metrics", params={"period": "quarter", "derived": True, "layout": "wide"})
    assert found.status_code == 200, found.text
    figure = next(one for one in found.json()["metrics"] if one["metric"] == "squared")["values"]["2024-Q4"]
    assert figure == "300000000000000000000"
    report = client.get("/api/v1/reporting", params={"derived": True}).json()
    assert report["companies"][0]["metrics"]["squared"] == [figure]
