"""What is kept of each fund equals what its facts come to, whatever is written and by whom."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from vestry.capital import calls as calling
from vestry.capital import distributions as distributing
from vestry.capital import service as capital
from vestry.capital.models import VehicleEntry
from vestry.core import changes
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import VestryError
from vestry.core.history import stamp, supersede_where
from vestry.funds import service as funds
from vestry.funds.models import Vehicle
from vestry.investments import holdings, transactions
from vestry.investments import service as investments
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investors import service as investors
from vestry.performance import cuts, queries, upkeep
from vestry.performance.models import FundTally
from vestry.performance.overview import FIGURES, Filters, Overview, chosen_funds, overview
from vestry.performance.shown import shown
from vestry.valuations import service as valuations

TODAY = date(2026, 11, 21)


def seen(session: Session, actor: Actor) -> Overview:
    cut = cuts.cut(session, actor, None, None)
    return overview(session, actor, chosen_funds(session, actor, Filters()), cut)


def plain(found: Overview) -> Any:
    rows = [(row.fund, row.as_of, shown(row.net), shown(row.gross)) for row in found.rows()]
    totals = [(total.currency, total.funds, shown(total.net), shown(total.gross)) for total in found.totals()]
    return rows, totals


def as_float(figure: Decimal | float | None) -> float:
    return float("nan") if figure is None else float(figure)


class Generated:
    """Writes random but lawful books through the services; what they refuse is skipped."""

    def __init__(self, session: Session, actor: Actor, seed: int) -> None:
        self.session, self.actor, self.random = session, actor, random.Random(seed)
        self.attempted = self.refused = 0
        self.investors = [
            investors.create_investor(session, actor, name=f"LP {seed} {number}", kind="lp").id for number in range(2)
        ]

    def day(self) -> date:
        return date(2019, 1, 1) + timedelta(days=self.random.randrange(1200))

    def amount(self) -> Decimal:
        return Decimal(self.random.randrange(1, 10_000_000)) / 100

    def attempt(self, work: Any, *args: Any, **values: Any) -> Any:
        self.attempted += 1
        try:
            with self.session.begin_nested():
                return work(self.session, self.actor, *args, **values)
        except VestryError:
            self.refused += 1
            return None

    def fund(self, number: int) -> None:
        pick = self.random
        books, currency = pick.choice(["here", "here", "elsewhere"]), pick.choice(["USD", "USD", "EUR"])
        fund = funds.create_fund(
            self.session, self.actor, name=f"Fund {number}", currency=currency, books=books, strategy="venture"
        )
        vehicles = [self.session.scalars(select(Vehicle.id).where(Vehicle.fund_id == fund.id)).one()]
        if pick.random() < 0.5:
            other = Vehicle(
                firm_id=self.actor.firm_id, fund_id=fund.id, name="Parallel", kind="parallel",
                books=pick.choice(["here", "elsewhere"]), currency=currency,
            )  # fmt: skip
            self.session.add(other)
            self.session.flush()
            vehicles.append(other.id)
        for vehicle in vehicles:
            self.capital(vehicle)
            for company in range(pick.randrange(4)):
                self.deal(vehicle, f"Company {company}", currency)

    def capital(self, vehicle: int) -> None:
        own: dict[str, Any] = {"fund_id": None, "vehicle_id": vehicle, "currency": None}
        pick = self.random
        for investor in self.investors[: pick.randrange(3)]:
            self.attempt(
                capital.record_commitment, **own, investor_id=investor, committed_on=self.day(), amount=Decimal(10**6)
            )
        for _ in range(pick.randrange(5)):
            day = self.day()
            lines = [
                {
                    "investor_id": investor, "investments": self.amount(), "fees": Decimal(0), "expenses": Decimal(0),
                    "outside_commitment": pick.random() < 0.2, "paid_on": pick.choice([day, day, None]),
                }
                for investor in self.investors
            ]  # fmt: skip
            self.attempt(
                calling.issue_call, **own, kind=pick.choice(["call", "call", "call", "opening"]), called_on=day,
                due_on=day, paid_on=None, purpose=None, lines=lines,
            )  # fmt: skip
        for _ in range(pick.randrange(3)):
            day, gains = self.day(), self.amount()
            line = {"investor_id": self.investors[0], "return_of_capital": Decimal(0), "gains": gains, "paid_on": day}
            line |= {"income": Decimal(0), "recallable": pick.choice([Decimal(0), gains])}
            self.attempt(
                distributing.declare_distribution, **own, declared_on=day, due_on=day, paid_on=None, purpose=None,
                lines=[line],
            )  # fmt: skip
        for _ in range(pick.randrange(4)):
            kind = pick.choice(["management_fee", "expense", "income", "liability", "accrued_carry"])
            self.attempt(capital.record_entry, **own, kind=kind, entered_on=self.day(), amount=self.amount(), memo=None)
        for _ in range(pick.randrange(3)):
            self.attempt(
                valuations.record_nav, fund_id=None, vehicle_id=vehicle, investor_id=None, reported_on=self.day(),
                amount=self.amount(), currency=None, source=None,
            )  # fmt: skip

    def deal(self, vehicle: int, company: str, currency: str) -> None:
        pick = self.random
        bought = self.day()
        made = self.attempt(
            investments.make_investment, vehicle_id=vehicle, company_name=company, invested_on=bought,
            amount=self.amount(), ownership=pick.choice([None, Decimal("0.2")]), quantity=Decimal(100),
        )  # fmt: skip
        if made is None:
            return
        investment, holding, _ = made
        note = self.attempt(holdings.add_holding, investment_id=investment.id, name="Note")
        facts: list[dict[str, Any]] = [
            {"kind": "follow_on", "amount": self.amount(), "quantity": Decimal(10)},
            {"kind": "proceeds", "amount": self.amount(), "disposed_share": Decimal("0.3333333333")},
            {"kind": "dividend", "amount": self.amount()},
            {"kind": "fee", "amount": self.amount()},
            {"kind": "conversion", "amount": Decimal(0), "into_holding_id": note.id},
            {"kind": "write_off", "amount": Decimal(0), "disposed_share": Decimal(1)},
            {"kind": "proceeds", "amount": self.amount(), "disposed_share": Decimal(1)},
        ]
        days = sorted(bought + timedelta(days=pick.randrange(1, 1500)) for _ in facts)
        chosen = zip(pick.sample(facts, pick.randrange(5)), days, strict=False)
        written = [
            self.attempt(transactions.record_transaction, holding_id=holding.id, transacted_on=day, **fact)
            for fact, day in chosen
        ]
        for one in written:
            if one is not None and pick.random() < 0.2:
                self.attempt(transactions.void_transaction, one.id, reason="not so")
        for _ in range(pick.randrange(3)):
            about = pick.choice([{"holding_id": holding.id}, {"company_id": investment.company_id}])
            self.attempt(
                valuations.record_mark, measured_on=self.day(), fair_value=self.amount() * 10,
                currency=currency if "holding_id" in about else pick.choice(["USD", "EUR"]),
                method="other", memo=None, **about,
            )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_kept_tallies_give_the_figures_that_the_facts_give(database: Database, administrator: Actor, seed: int) -> None:
    for number in range(5):  # each fund in a transaction of its own, as people write
        with database.transaction(administrator) as session:
            written = Generated(session, administrator, 100 * seed + number)
            written.fund(number)
            assert written.refused <= written.attempted / 2
    with database.transaction(administrator) as session:
        assert len(upkeep.read(session, administrator, None)) == 5
        assert upkeep.verify(session, administrator) == []
        quick = seen(session, administrator)
        told = plain(quick)
        columns = {name: quick.column(name).tolist() for name in FIGURES}
        for row in quick.rows():
            subject = queries.fund(session, administrator, row.fund_id)
            page = queries.between_investors(session, administrator, subject, cuts.Cut(row.as_of, None))
            assert (shown(row.net), shown(row.gross)) == (shown(page.net), shown(page.gross))
        for position, row in enumerate(quick.rows()):
            for name, rate in (("irr", row.net.irr.rate), ("gross_irr", row.gross.irr.rate)):
                assert columns[name][position] == pytest.approx(as_float(rate), abs=1e-10, nan_ok=True), name
            for name in ("pic", "dpi", "rvpi", "tvpi"):
                exact = as_float(getattr(row.net, name))
                assert columns[name][position] == pytest.approx(exact, rel=1e-12, nan_ok=True), name
        upkeep.forget(session, administrator)
        assert plain(seen(session, administrator)) == told
        assert upkeep.refresh_missing(session, administrator) == 5


@pytest.fixture
def fund_id(client: TestClient) -> int:
    fund = int(client.post("/api/v1/funds", json={"name": "North", "currency": "USD"}).json()["id"])
    bought = {"fund_id": fund, "company_name": "Acorn", "invested_on": "2023-01-15", "amount": "100000"}
    assert client.post("/api/v1/investments", json=bought | {"ownership": "0.1"}).status_code == 201
    return fund


def moic(client: TestClient) -> str:
    return str(client.get("/api/v1/performance/funds").json()["items"][0]["gross"]["moic"])


def test_a_mark_on_a_company_reaches_the_funds_that_hold_it(
    client: TestClient, database: Database, administrator: Actor, fund_id: int
) -> None:
    assert moic(client) == "1.0000"
    mark = {"company_id": 1, "measured_on": "2024-01-15", "fair_value": "2000000", "currency": "USD"}
    made = client.post("/api/v1/marks", json=mark | {"method": "offer"}).json()
    assert moic(client) == "2.0000"
    client.post(f"/api/v1/marks/{made['id']}/void", json={"reason": "withdrawn"})
    assert moic(client) == "1.0000"
    with database.reading(administrator) as session:
        assert list(upkeep.read(session, administrator, [fund_id])) == [fund_id]
        assert upkeep.verify(session, administrator) == []


@pytest.mark.usefixtures("fund_id")
def test_a_wrong_tally_is_found_and_named(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        session.execute(update(FundTally).values(invested=FundTally.invested + 1))
    with database.reading(administrator) as session:
        assert upkeep.verify(session, administrator) == ["fund 1: the tally's invested differ from the facts"]


@pytest.mark.usefixtures("fund_id")
def test_writers_past_the_orm_leave_no_stale_tally(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    def entry(session: Session, amount: int) -> dict[str, Any]:
        own = {"firm_id": administrator.firm_id, "vehicle_id": 1, "kind": "income", "amount": Decimal(amount)}
        return own | {"entered_on": TODAY - timedelta(days=9)} | stamp(session)

    def nav() -> str:
        return str(client.get("/api/v1/performance/funds").json()["items"][0]["net"]["nav"])

    before = Decimal(nav())
    with database.transaction(administrator) as session:  # a statement that says nothing: the tally goes
        session.execute(insert(VehicleEntry), [entry(session, 5)])
    with database.reading(administrator) as session:
        assert upkeep.read(session, administrator, None) == {}
    assert Decimal(nav()) == before + 5
    with database.reading(administrator) as session:  # after the answer it was counted again
        assert list(upkeep.read(session, administrator, None)) == [1]
    with database.transaction(administrator) as session:  # told, for later: only that fund's goes
        session.connection().execute(insert(VehicleEntry.__table__), [entry(session, 7)])  # type: ignore[arg-type]
        changes.tell(session, "vehicle_id", [1], later=True)
    assert Decimal(nav()) == before + 12
    with database.transaction(administrator) as session:  # told: counted again at once
        upkeep.refresh_missing(session, administrator)
        table: Any = VehicleEntry.__table__
        voided = {"voided_at": session.info["now"], "void_reason": "undone"}
        assert supersede_where(session, VehicleEntry, table.c.amount == Decimal(7), voided) == 1
    with database.reading(administrator) as session:
        assert list(upkeep.read(session, administrator, None)) == [1]
    assert Decimal(nav()) == before + 5


@pytest.mark.usefixtures("fund_id")
def test_a_tally_answers_until_the_next_recorded_day(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        holding = session.scalars(select(Holding.id).join(Investment)).one()
        later = Transaction(
            firm_id=administrator.firm_id, holding_id=holding, kind="dividend", amount=Decimal(5),
            transacted_on=session.info["now"].date() + timedelta(days=2),
        )  # fmt: skip
        session.add(later)
    with database.reading(administrator) as session:
        (tally,) = upkeep.read(session, administrator, None).values()
        today = session.info["now"].date()
        assert tally.next_on == today + timedelta(days=2)
        answers = [tally.answers(today + timedelta(days=days)) for days in (-1, 0, 1, 2)]
        assert answers == [False, True, True, False]


def test_funds_of_another_firm_stay_out(client: TestClient, database: Database, fund_id: int) -> None:
    from tests.conftest import make_firm

    other = make_firm(database, "Other", "USD")
    with database.transaction(other) as session:
        upkeep.forget(session, other)
        assert upkeep.read(session, other, [fund_id]) == {}
        session.execute(delete(FundTally).where(FundTally.firm_id == other.firm_id))
    assert client.get("/api/v1/performance/funds").json()["total"] == 1
