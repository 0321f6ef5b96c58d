"""Adding a fact to a fund's tally leaves it as counting all its facts again does, and counts none of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from vestry.capital.models import VehicleEntry
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.performance import upkeep
from vestry.performance.models import FundTally

API = "/api/v1/"


class Writer:
    """Writes to two funds over HTTP, a request a fact; remembers what can be changed, and counts what was refused."""

    def __init__(self, client: TestClient, seed: int) -> None:
        self.client, self.random = client, random.Random(seed)
        self.funds = [self.made("funds", name=f"Fund {books}", currency="USD", books=books) for books in BOOKS]
        self.investors = [self.made("investors", name=f"LP {number}") for number in range(2)]
        self.holdings = [
            int(client.post(API + "investments", json=DEAL | {"fund_id": fund}).json()["holding_id"])
            for fund in self.funds
        ]
        self.written: list[tuple[str, int]] = []
        self.accepted = 0

    def made(self, path: str, **body: Any) -> int:
        answer = self.client.post(API + path, json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def day(self) -> str:
        return str(date(2020, 1, 1) + timedelta(days=self.random.randrange(900)))

    def amount(self) -> str:
        return f"{self.random.randrange(1, 10**7) / 100:.2f}"

    def body(self, path: str) -> dict[str, Any]:
        pick, day = self.random, self.day()
        investor = pick.choice(self.investors)
        paid = {"paid_on": pick.choice([day, day, None])}
        if path == "commitments":
            return {"investor_id": investor, "committed_on": day, "amount": self.amount()}
        if path == "capital-calls":
            lines = [{"investor_id": one, "fees": self.amount(), "outside_commitment": True} for one in self.investors]
            return {"called_on": day, "due_on": day, "lines": lines} | paid
        if path == "distributions":
            gains = self.amount()
            line = {"investor_id": investor, "gains": gains, "recallable": pick.choice(["0", gains])}
            return {"declared_on": day, "due_on": day, "lines": [line]} | paid
        if path == "transactions":
            own = {"holding_id": pick.choice(self.holdings), "transacted_on": self.day(), "amount": self.amount()}
            return {"kind": pick.choice(["dividend", "fee", "follow_on"])} | own
        if path == "marks":
            worth = {"holding_id": pick.choice(self.holdings), "measured_on": self.day(), "fair_value": self.amount()}
            return worth | {"method": "other"}
        if path == "vehicle-entries":
            kind = pick.choice(["management_fee", "expense", "income", "income", "liability", "accrued_carry"])
            return {"kind": kind, "entered_on": day, "amount": self.amount()}
        return {"reported_on": day, "amount": self.amount(), "investor_id": pick.choice([None, None, investor])}

    def write(self) -> None:
        """Record, correct, pay or void something."""
        pick = self.random
        path = pick.choice(PATHS)
        if self.written and pick.random() < 0.4:
            path, key = pick.choice(self.written)
            answer = self.correct(path, key)
        else:
            of_fund = {} if path in OF_DEALS else {"fund_id": pick.choice(self.funds)}
            answer = self.client.post(API + path, json=of_fund | self.body(path))
            if answer.status_code == 201:
                self.written.append((path, answer.json()["id"]))
        assert answer.status_code < 500
        self.accepted += answer.status_code < 300

    def correct(self, path: str, key: int) -> Any:
        address, ways = f"{API}{path}/{key}", {"capital-calls": "receipts", "distributions": "payments"}
        if self.random.random() < 0.3:
            return self.client.post(f"{address}/void", json={"reason": "not so"})
        if path in ways and self.random.random() < 0.5:
            day = {"paid_on": self.random.choice([self.day(), None])}
            return self.client.post(f"{address}/{ways[path]}", json=day)
        body = {key: value for key, value in self.body(path).items() if (path, key) not in FIXED}
        version = self.client.get(address).json().get("version", 1)
        return self.client.put(address, json=body, headers={"If-Match": f'"{version}"'})


BOOKS = ("here", "elsewhere")
DEAL = {"company_name": "Acorn", "invested_on": "2019-06-01", "amount": "1000"}
OF_DEALS = ("transactions", "marks")
PATHS = (*OF_DEALS, "commitments", "capital-calls", "distributions", "vehicle-entries", "reported-navs")
FIXED = {
    *(("commitments", "investor_id"), ("reported-navs", "investor_id"), ("reported-navs", "reported_on")),
    *(("transactions", "holding_id"), ("marks", "holding_id"), ("marks", "measured_on")),
}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_written_the_tally_is_what_the_facts_come_to(
    client: TestClient, database: Database, administrator: Actor, seed: int
) -> None:
    writer = Writer(client, seed)
    for _ in range(70):
        writer.write()
        with database.reading(administrator) as session:
            assert upkeep.verify(session, administrator) == []
            assert len(upkeep.read(session, administrator, None)) == 2
    assert writer.accepted > 40


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The funds whose facts were all counted."""
    found: list[int] = []
    refresh = upkeep.refresh

    def noted(session: Session, actor: Actor, fund_ids: Any) -> None:
        found.extend(fund_ids)
        refresh(session, actor, fund_ids)

    monkeypatch.setattr(upkeep, "refresh", noted)
    return found


def test_a_fact_more_counts_none_of_those_beside_it(client: TestClient, counted: list[int]) -> None:
    writer = Writer(client, 7)
    here, elsewhere = writer.funds
    counted.clear()
    own = {"called_on": "2024-01-10", "due_on": "2024-01-20", "paid_on": "2024-01-20"}
    lines = [{"investor_id": writer.investors[0], "fees": "5", "outside_commitment": True}]
    for fund in writer.funds:
        writer.made("commitments", fund_id=fund, **writer.body("commitments"))
        call = writer.made("capital-calls", fund_id=fund, lines=lines, **own)
        assert client.post(f"{API}capital-calls/{call}/receipts", json={"paid_on": None}).status_code == 200
        writer.made("distributions", fund_id=fund, **writer.body("distributions"))
    writer.made("reported-navs", fund_id=elsewhere, reported_on="2024-03-31", amount="7")
    entry = {"entered_on": "2024-02-01", "amount": "3"}
    writer.made("vehicle-entries", fund_id=here, kind="income", **entry)
    for holding in writer.holdings:
        writer.made("marks", holding_id=holding, measured_on="2024-03-31", fair_value="2000", method="other")
        own = {"transacted_on": "2024-02-01", "amount": "3"}
        writer.made("transactions", holding_id=holding, kind="dividend", **own)
    assert counted == []
    writer.made("vehicle-entries", fund_id=here, kind="liability", **entry)
    assert counted == [here]


def test_what_a_savepoint_took_back_is_not_added(client: TestClient, database: Database, administrator: Actor) -> None:
    fund = Writer(client, 7).funds[0]

    def entry() -> VehicleEntry:
        own = {"firm_id": administrator.firm_id, "kind": "income", "amount": Decimal(5), "vehicle_id": vehicle}
        return VehicleEntry(entered_on=date(2024, 1, 1), **own)

    vehicle = client.get(f"{API}funds/{fund}").json()["main_vehicle_id"]
    with database.transaction(administrator) as session:
        session.add(entry())
        session.flush()
        inner = session.begin_nested()
        session.add(entry())
        session.flush()
        inner.rollback()
    with database.reading(administrator) as session:
        assert upkeep.verify(session, administrator) == []
        assert upkeep.read(session, administrator, [fund])[fund].cash == (5 - 1000) * 10**4


def test_a_tally_of_an_earlier_day_moves_to_today(
    client: TestClient, database: Database, administrator: Actor, counted: list[int]
) -> None:
    fund = Writer(client, 7).funds[0]
    with database.transaction(administrator) as session:
        kept = session.get_one(FundTally, fund)
        today, kept.counted_on = kept.counted_on, kept.counted_on - timedelta(days=3)
    counted.clear()
    income = {"kind": "income", "entered_on": str(today - timedelta(days=1)), "amount": "5"}
    assert client.post(f"{API}vehicle-entries", json={"fund_id": fund} | income).status_code == 201
    with database.reading(administrator) as session:
        assert upkeep.read(session, administrator, [fund])[fund].counted_on == today
        assert upkeep.verify(session, administrator) == []
    assert counted == []


def test_rows_by_the_thousand_in_one_session_are_counted_rather_than_added(
    client: TestClient, database: Database, administrator: Actor, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vestry.performance import increments

    monkeypatch.setattr(increments, "STEPS_MAX", 3)
    fund = Writer(client, 7).funds[0]
    vehicle = client.get(f"{API}funds/{fund}").json()["main_vehicle_id"]
    counted.clear()
    with database.transaction(administrator) as session:
        for number in range(5):
            own = {"firm_id": administrator.firm_id, "kind": "income", "vehicle_id": vehicle}
            session.add(VehicleEntry(entered_on=date(2024, 1, 1 + number), amount=Decimal(5), **own))
    assert counted == [fund]
    with database.reading(administrator) as session:
        assert upkeep.verify(session, administrator) == []
