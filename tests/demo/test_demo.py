"""The demo firm ties out, and is the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tests.conftest import make_firm
from tests.databases import SqliteSource
from vestry.capital.models import CapitalCallLine, DistributionLine, VehicleEntry
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.demo import load_demo
from vestry.demo.story import PLANS, tell
from vestry.funds.models import Fund
from vestry.investments.models import CASH_SIGN, Transaction
from vestry.valuations.models import ValuationMark


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One on each engine for all that only read it."""
    with request.getfixturevalue(f"{request.param}_source").fresh() as opened:
        yield opened


@pytest.fixture(scope="module")
def administrator(database: Database) -> Actor:
    return make_firm(database, "Example Capital", "USD")


@pytest.fixture(scope="module")
def demo(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        assert load_demo(session, administrator) == 2


def figures(client: TestClient, fund_id: int, as_of: str = "2026-09-30") -> dict[str, Any]:
    answer = client.get(f"/api/v1/funds/{fund_id}/performance", params={"as_of": as_of})
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.mark.usefixtures("demo")
def test_nav_rolls_forward_and_cash_never_goes_below_zero(client: TestClient) -> None:
    for fund in client.get("/api/v1/funds").json()["items"]:
        series = client.get(f"/api/v1/funds/{fund['id']}/performance/series").json()["items"]
        assert len(series) > 30
        for earlier, later in pairwise(series):
            moved = Decimal(later["paid_in"]) - Decimal(earlier["paid_in"]) == Decimal(later["contributions"])
            assert moved
        for quarter in series[::-3]:  # a question each: every third quarter says it too
            net = figures(client, fund["id"], quarter["on"])["net"]
            assert Decimal(net["cash"]) >= 0, quarter["on"]
            parts = Decimal(net["fair_value"]) + Decimal(net["cash"]) - Decimal(net["accrued_carry"])
            assert Decimal(net["nav"]) == parts == Decimal(quarter["nav"])


@pytest.mark.usefixtures("demo")
def test_sums_of_lines_equal_what_the_fund_spent(database: Database, administrator: Actor) -> None:
    with database.reading(administrator) as session:
        called = sum(session.scalars(select(CapitalCallLine.investments)), Decimal(0))
        bought = session.scalars(select(Transaction.amount).where(Transaction.kind.in_(("purchase", "follow_on"))))
        fees = sum(session.scalars(select(CapitalCallLine.fees)), Decimal(0))
        charged = session.scalars(select(VehicleEntry.amount).where(VehicleEntry.kind == "management_fee"))
        assert called == sum(bought, Decimal(0))
        assert fees == sum(charged, Decimal(0))
        paid_out = sum(session.scalars(select(DistributionLine.amount)), Decimal(0))
        back = [kind for kind, sign in CASH_SIGN.items() if sign > 0]
        received = sum(session.scalars(select(Transaction.amount).where(Transaction.kind.in_(back))), Decimal(0))
        assert paid_out <= received


@pytest.mark.usefixtures("demo")
def test_nothing_was_bought_for_nothing(database: Database, administrator: Actor) -> None:
    with database.reading(administrator) as session:
        costs = session.scalars(select(Transaction.amount).where(Transaction.kind == "purchase")).all()
        assert len(costs) == 25
        assert min(costs) > 0
        assert min(session.scalars(select(ValuationMark.fair_value)).all()) > 0


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    first, again, other = (tell(PLANS[0], np.random.default_rng(seed), date(2026, 9, 30)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_it_comes_in_any_size(sqlite_source: SqliteSource) -> None:
    with sqlite_source.fresh() as database:
        actor = make_firm(database, "Example Capital", "USD")
        with database.transaction(actor) as session:
            assert load_demo(session, actor, funds_per_plan=2) == 4
            assert session.scalar(select(func.count()).select_from(Fund)) == 4


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_companies_report_three_years_with_a_plan_a_restatement_and_what_does_not_agree(client: TestClient) -> None:
    asked = {"period": "quarter", "metric": ["revenue", "total_assets"]}
    report = client.get("/api/v1/reporting", params=asked).json()
    plan = client.get("/api/v1/reporting", params={**asked, "scenario": "budget"}).json()
    assert {one["currency"] for one in report["companies"]} == {"USD", "EUR"}
    assert (len(report["companies"]), len(report["periods"]), len(plan["periods"])) == (8, 12, 12)
    assert all(None not in one["metrics"]["revenue"] for one in report["companies"])
    found, restated = {}, set()
    for one in report["companies"]:
        path = f"/api/v1/companies/{one['company_id']}"
        findings = client.get(f"{path}/metrics/findings").json()["items"]
        found[one["company_id"]] = {item["kind"] for item in findings if item["severity"] == "error"}
        lines = client.get(f"{path}/financials", params={"period": "quarter"}).json()["statements"][0]["rows"]
        restated |= {one["company_id"] for line in lines if any(cell["restated"] for cell in line["cells"].values())}
    assert sorted(map(sorted, filter(None, found.values()))) == [["burn_sign"], ["ebitda_tie", "gross_profit_tie"]]
    assert len(restated) == 1


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_companies_are_asked_and_their_answers_are_in_every_state(client: TestClient) -> None:
    asked = client.get("/api/v1/data-requests", params={"limit": 100}).json()["items"]
    assert {one["state"] for one in asked} == {"asked", "draft", "submitted", "returned", "approved"}
    waiting = client.get("/api/v1/submitted-values", params={"state": "submitted", "limit": 100}).json()["items"]
    assert len(waiting) == 8 * len({one["company_id"] for one in waiting}) == 24
    burn = [one for one in waiting if one["metric"] == "cash_burn" and one["figures"]["value"].startswith("-")]
    assert [one["note"] for one in burn] == ["As it stands in our cash flow statement"]
    decided = client.post(f"/api/v1/submitted-values/{burn[0]['id']}/reject", json={"reason": "Positive, please"})
    assert decided.json()["state"] == "rejected"
