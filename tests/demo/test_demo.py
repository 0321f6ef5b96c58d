"""The demo firm ties out, and is the same every time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from vestry.capital.models import CapitalCallLine, DistributionLine, VehicleEntry
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.demo import load_demo
from vestry.demo.story import PLANS, tell
from vestry.investments.models import CASH_SIGN, Transaction
from vestry.valuations.models import ValuationMark


@pytest.fixture
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
        for quarter in series:
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


def test_it_comes_in_any_size(database: Database, administrator: Actor, client: TestClient) -> None:
    with database.transaction(administrator) as session:
        assert load_demo(session, administrator, funds_per_plan=3) == 6
    assert client.get("/api/v1/funds").json()["total"] == 6
