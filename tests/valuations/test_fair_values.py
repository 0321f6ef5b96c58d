"""The one rule of fair value, on both databases."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.investments.deals import fund, invest, transact
from tests.investments.test_transactions import counted
from tests.valuations.test_marks import mark
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.valuations.fair_values import FairValue, fair_values, fair_values_on


@pytest.fixture
def worth(database: Database, administrator: Actor) -> Any:
    """The fair value of one holding as of a day."""

    def find(holding_id: int, as_of: str) -> FairValue:
        with database.reading(administrator) as session:
            (found,) = fair_values(session, administrator, as_of=date.fromisoformat(as_of), holding_id=holding_id)
            return found

    return find


def test_a_tenth_of_a_company_marked_at_two_million_is_worth_two_hundred_thousand(
    client: TestClient, worth: Any
) -> None:
    made = invest(client, valuation_at_investment="1000000.00")
    known = mark(client, company_id=made["company"]["id"], measured_on="2021-01-01", fair_value="2000000.00")
    assert worth(made["holding_id"], "2020-12-31").basis == "at_cost"
    found = worth(made["holding_id"], "2021-03-31")
    assert (found.value, found.basis, found.mark_id) == (Decimal(200000), "company_mark", known["id"])
    assert (found.measured_on, found.staleness_days, found.ownership) == (date(2021, 1, 1), 89, Decimal("0.1"))
    shown = client.get("/api/v1/positions", params={"fund_id": made["fund"]["id"], "as_of": "2021-03-31"}).json()
    (row,) = shown["items"]
    assert (row["fair_value"], row["cost"], row["mark_value"]) == ("200000.00", "100000.00", "2000000.00")
    assert (row["base"], row["kept_share"], row["added"]) == ("200000", "1", "0.00")


def test_without_a_mark_a_holding_is_worth_the_cost_of_what_remains(client: TestClient, worth: Any) -> None:
    made = invest(client, quantity="1000")
    transact(client, made["holding_id"], "proceeds", "2021-01-01", "90000.00", quantity="400")
    found = worth(made["holding_id"], "2021-01-01")
    assert (found.value, found.basis, found.mark_id) == (Decimal(60000), "at_cost", None)


def test_a_mark_includes_its_own_day_and_is_rolled_forward_after_it(client: TestClient, worth: Any) -> None:
    made = invest(client)
    held = made["holding_id"]
    transact(client, held, "follow_on", "2021-06-30", "20000.00")
    mark(client, holding_id=held, measured_on="2021-06-30", fair_value="150000.00")
    assert worth(held, "2021-06-30").value == 150000
    transact(client, held, "follow_on", "2021-09-30", "50000.00")
    transact(client, held, "proceeds", "2021-10-31", "100000.00", disposed_share="0.25")
    transact(client, held, "follow_on", "2021-11-30", "10000.00")
    transact(client, held, "dividend", "2021-12-31", "7000.00")
    found = worth(held, "2021-12-31")
    assert found.value == (150000 + 50000) * Decimal("0.75") + 10000 == 160000
    assert (found.kept_share, found.added) == (Decimal("0.75"), Decimal(47500))
    assert found.base * found.kept_share + found.added == found.value


def test_the_later_mark_wins_and_the_holdings_own_on_the_same_day(client: TestClient, worth: Any) -> None:
    made = invest(client)
    held, company = made["holding_id"], made["company"]["id"]
    mark(client, holding_id=held, measured_on="2021-12-31", fair_value="150000.00")
    mark(client, company_id=company, measured_on="2022-03-31", fair_value="3000000.00")
    assert worth(held, "2022-02-28").value == 150000
    assert worth(held, "2022-04-30").value == 300000
    mark(client, company_id=company, measured_on="2022-06-30", fair_value="4000000.00")
    mark(client, holding_id=held, measured_on="2022-06-30", fair_value="250000.00")
    assert (worth(held, "2022-06-30").value, worth(held, "2022-06-30").basis) == (250000, "mark")


def test_new_money_after_a_company_mark_is_worth_what_it_cost(client: TestClient, worth: Any) -> None:
    made = invest(client)
    held = made["holding_id"]
    mark(client, company_id=made["company"]["id"], measured_on="2021-12-31", fair_value="2000000.00")
    transact(client, held, "follow_on", "2022-02-01", "500000.00", ownership="0.18")
    assert worth(held, "2022-02-01").value == 200000 + 500000
    mark(client, company_id=made["company"]["id"], measured_on="2022-12-31", fair_value="5000000.00")
    assert worth(held, "2022-12-31").value == Decimal("0.28") * 5000000


def test_a_company_mark_from_before_the_purchase_says_nothing_about_it(client: TestClient, worth: Any) -> None:
    made = invest(client)
    mark(client, company_id=made["company"]["id"], measured_on="2019-12-31", fair_value="400000.00")
    assert (worth(made["holding_id"], "2020-06-30").value, worth(made["holding_id"], "2020-06-30").basis) == (
        100000,
        "at_cost",
    )


def test_what_is_sold_or_written_off_is_worth_nothing(client: TestClient, worth: Any) -> None:
    sold = invest(client)
    lost = invest(client, fund(client, "South I")["id"])
    for made in (sold, lost):
        mark(client, holding_id=made["holding_id"], measured_on="2021-12-31", fair_value="150000.00")
    client.post(f"/api/v1/investments/{sold['id']}/exit", json={"exited_on": "2022-06-30", "amount": "9.00"})
    client.post(f"/api/v1/investments/{lost['id']}/write-off", json={"written_off_on": "2022-06-30"})
    for made, status in ((sold, "exited"), (lost, "written_off")):
        assert worth(made["holding_id"], "2022-06-29").value == 150000
        found = worth(made["holding_id"], "2022-06-30")
        assert (found.value, found.basis, found.position.status) == (0, "exited", status)


def test_a_company_marked_in_another_currency_has_no_value_without_a_rate(client: TestClient, worth: Any) -> None:
    company = client.post("/api/v1/companies", json={"name": "Beta", "currency": "EUR"}).json()
    made = invest(client, company_id=company["id"], company_name=None)
    mark(client, company_id=company["id"], measured_on="2021-12-31", fair_value="2000000.00")
    found = worth(made["holding_id"], "2021-12-31")
    assert (found.value, found.reason, found.mark_currency) == (None, "no_fx_rate", "EUR")
    mark(client, holding_id=made["holding_id"], measured_on="2022-12-31", fair_value="120000.00")
    assert worth(made["holding_id"], "2022-12-31").value == 120000


def test_a_company_mark_without_a_known_ownership_is_a_finding(client: TestClient, worth: Any) -> None:
    made = invest(client, equity_percentage=None)
    mark(client, company_id=made["company"]["id"], measured_on="2021-12-31", fair_value="2000000.00")
    found = worth(made["holding_id"], "2021-12-31")
    assert (found.value, found.basis, found.finding) == (100000, "at_cost", "ownership_unknown")


def test_a_conversion_carries_the_value_along(client: TestClient, worth: Any) -> None:
    made = invest(client, equity_percentage=None, security={"name": "Note", "kind": "note"})
    shares = client.post("/api/v1/holdings", json={"investment_id": made["id"], "name": "Series A"}).json()
    note = mark(client, holding_id=made["holding_id"], measured_on="2021-03-31", fair_value="130000.00")
    transact(
        client, made["holding_id"], "conversion", "2021-06-30", "0.00", into_holding_id=shares["id"], ownership="0.1"
    )
    before, after = worth(made["holding_id"], "2021-06-29"), worth(shares["id"], "2021-06-30")
    assert (before.value, after.value, after.mark_id) == (130000, 130000, note["id"])
    assert worth(made["holding_id"], "2021-06-30").value == 0
    mark(client, company_id=made["company"]["id"], measured_on="2021-12-31", fair_value="2000000.00")
    assert worth(shares["id"], "2021-12-31").value == 200000


def test_many_days_are_read_with_the_queries_of_one_and_agree_with_each_alone(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    fund_id = fund(client)["id"]
    made = invest(client, fund_id)
    mark(client, holding_id=made["holding_id"], measured_on="2021-12-31", fair_value="150000.00")
    days = [date(year, 12, 31) for year in range(2018, 2024)]

    def count() -> int:
        with database.reading(administrator) as session, counted(database) as queries:
            series = fair_values_on(session, administrator, days)
            number = len(queries)
            for day in days:
                assert series[day] == fair_values(session, administrator, as_of=day)
        return number

    few = count()
    for number in range(5):
        other = invest(client, fund_id, company_name=f"Company {number}", exit_date="2022-01-01", exit_amount="5.00")
        mark(client, company_id=other["company"]["id"], measured_on="2021-01-01", fair_value="2000000.00")
    assert count() == few == 4


def test_positions_are_asked_of_something(client: TestClient) -> None:
    answer = client.get("/api/v1/positions")
    assert (answer.status_code, answer.json()["code"]) == (422, "scope_needed")
    assert client.get("/api/v1/positions", params={"fund_id": fund(client)["id"]}).json()["items"] == []
