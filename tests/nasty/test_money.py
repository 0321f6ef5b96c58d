"""Amounts at the edges: decimals of currencies, minus nothing, the largest there is, a thousand small ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.nasty.bodies import Field, Operation, with_bodies, with_value
from tests.nasty.world import API, World
from vestry.capital.models import VehicleEntry
from vestry.core.fields import name_key
from vestry.core.types import exact_sum
from vestry.investors.models import Investor

LARGEST = "922337203685477.5807"
# What is paid, as opposed to what is measured (values, prices, rates), has the decimals of its currency.
PAID = {
    *("record_commitment", "change_commitment", "issue_capital_call", "change_capital_call", "declare_distribution"),
    *(
        "change_distribution",
        "record_vehicle_entry",
        "change_vehicle_entry",
        "create_transaction",
        "update_transaction",
    ),
    *("create_investment", "exit_investment"),
}
MEASURED = {"ownership", "equity_percentage", "quantity", "valuation_at_investment", "disposed_share"}


def paid_fields() -> Iterator[tuple[Operation, Field]]:
    for operation in with_bodies():
        for field in operation.fields():
            if operation.name in PAID and field.kind == "decimal" and field.path not in MEASURED:
                yield operation, field


def with_amount(world: World, operation: Operation, path: str, amount: str) -> dict[str, Any]:
    """The operation's example with an amount in one place, and without what would contradict it."""
    body = world.body(operation) or {}
    if path.startswith("lines"):
        body = {name: value for name, value in body.items() if name not in ("investments", "fees", "gains")}
        body = {name: value for name, value in body.items() if name != "return_of_capital"}
        body["lines"] = [{"investor_id": world.ids["investor_id"]}]
        if path.endswith("recallable"):
            body = with_value(body, "lines.0.gains", "100")
    if path == "exit_amount":
        body["exit_date"] = "2025-01-01"
    return with_value(body, path, amount)


@pytest.mark.parametrize(
    ("currency", "amount", "places"),
    [("USD", "0.001", 2), ("JPY", "1.5", 0), ("BHD", "1.2345", 3), ("CLF", "1.00001", 4)],
)
def test_what_is_paid_has_no_more_decimals_than_its_currency(
    new_world: Callable[..., World], currency: str, amount: str, places: int
) -> None:
    world = new_world(currency)
    before, tried = world.state(), 0
    for operation, field in paid_fields():
        answer = world.send(operation, with_amount(world, operation, field.path, amount))
        said = (operation.name, field.path, answer.status_code, answer.text)
        assert answer.status_code == 422, said
        assert str(places) in answer.text, said
        faults = answer.json()["errors"]
        assert [fault["path"].rsplit(".")[-1] for fault in faults] in ([field.path.rsplit(".")[-1]], ["amount"]), said
        tried += 1
    assert tried > 30
    assert world.state() == before


@pytest.mark.parametrize("nothing", ["-0", "-0.0000"])
def test_minus_nothing_is_nothing(new_world: Callable[..., World], nothing: str) -> None:
    world = new_world()
    for operation in with_bodies():
        for field in operation.fields():
            if field.kind != "decimal":
                continue
            answer = world.send(operation, with_amount(world, operation, field.path, nothing))
            said = (operation.name, field.path, answer.status_code, answer.text)
            assert answer.status_code < 500, said
            assert '"-0' not in answer.text, said
    for path in ("commitments", "transactions", "vehicle-entries", "marks", "reported-navs", "rounds", "capital-calls"):
        assert '"-0' not in world.client.get(f"{API}/{path}").text


@pytest.mark.parametrize("amount", ["99999999999999.99", LARGEST, f"-{LARGEST}", "0.0001", "-0.0001"])
def test_an_amount_comes_back_with_every_digit(new_world: Callable[..., World], amount: str) -> None:
    world = new_world()
    nav = world.post("reported-navs", fund_id=world.ids["fund_id"], reported_on="2024-09-30", amount=amount)
    assert nav["amount"] == amount
    assert world.client.get(f"{API}/reported-navs/{nav['id']}").json()["amount"] == amount
    listed = world.client.get(f"{API}/reported-navs", params={"sort": "-amount"}).json()["items"]
    assert amount in [one["amount"] for one in listed]
    versions = world.client.get(f"{API}/reported-navs/{nav['id']}/versions").json()
    assert versions[0]["amount"] == amount


def test_a_sum_in_sql_keeps_every_digit(new_world: Callable[..., World]) -> None:
    world = new_world()
    for _ in range(3):
        entry = {"kind": "liability", "entered_on": "2024-01-01", "amount": "99999999999999.99"}
        world.post("vehicle-entries", fund_id=world.ids["fund_id"], **entry)
    theirs = VehicleEntry.vehicle_id == world.ids["vehicle_id"], VehicleEntry.kind == "liability"
    with world.database.reading(world.actor) as session:
        assert session.scalar(select(exact_sum(VehicleEntry.amount)).where(*theirs)) == Decimal("299999999999999.97")
        assert session.scalar(select(func.max(VehicleEntry.amount)).where(*theirs)) == Decimal("99999999999999.99")


def test_a_thousand_dimes_are_a_hundred_dollars(new_world: Callable[..., World]) -> None:
    world = new_world()
    with world.database.transaction(world.actor) as session:
        investors = [
            Investor(firm_id=world.actor.firm_id, name=f"I{number}", name_key=name_key(f"I{number}"), kind="lp")
            for number in range(1000)
        ]
        session.add_all(investors)
        session.flush()
        ids = [investor.id for investor in investors]
    made = world.post(
        "distributions",
        fund_id=world.ids["fund_id"],
        declared_on="2024-01-01",
        due_on="2024-01-01",
        paid_on="2024-01-01",
        lines=[{"investor_id": one, "gains": "0.10"} for one in ids],
    )
    assert (made["amount"], made["paid"], made["line_count"]) == ("100.00", "100.00", 1000)
    shown = world.client.get(f"{API}/funds/{world.ids['fund_id']}/performance", params={"as_of": "2024-01-01"}).json()
    assert shown["net"]["distributed"] == "100.00"


def test_a_dollar_split_between_a_thousand_sums_to_the_dollar(new_world: Callable[..., World]) -> None:
    world = new_world()
    for number in range(7):
        investor = world.post("investors", name=f"Seventh {number}")["id"]
        promised = {"committed_on": "2023-01-01", "amount": "3333333.33"}
        world.post("commitments", fund_id=world.ids["fund_id"], investor_id=investor, **promised)
    for amount in ("0.01", "0.08", "1.00", "99.99", "100000.01"):
        days = {"called_on": "2024-01-01", "due_on": "2024-01-01"}
        made = world.post("capital-calls", fund_id=world.ids["fund_id"], investments=amount, **days)
        assert sum(Decimal(line["investments"]) for line in made["lines"]) == Decimal(amount)
        assert made["amount"] == amount


TOP = "922337203685477"


def test_a_line_of_more_than_a_row_can_keep_is_refused(world: World) -> None:
    before = world.state()
    books, line = {"fund_id": world.ids["fund_id"]}, {"investor_id": world.ids["investor_id"]}
    call = books | {"called_on": "2023-03-01", "due_on": "2023-03-02"}
    given = books | {"declared_on": "2023-03-01", "due_on": "2023-03-02"}
    parts = {"investments": TOP, "fees": TOP, "expenses": TOP}
    for path, body in (
        ("capital-calls", call | {"lines": [line | parts | {"outside_commitment": True}]}),
        ("capital-calls", call | {"kind": "adjustment", "lines": [line | dict.fromkeys(parts, f"-{TOP}")]}),
        ("distributions", given | {"lines": [line | {"gains": TOP, "income": TOP}]}),
    ):
        answer = world.client.post(f"{API}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "beyond_range"), answer.text
    assert world.state() == before


def test_sums_beyond_what_a_row_can_keep_are_shown_in_full(new_world: Callable[..., World]) -> None:
    world = new_world()
    ids, books = world.ids, {"fund_id": world.ids["fund_id"]}
    other = world.post("investors", name="Other")["id"]
    lines = [{"investor_id": ids["investor_id"], "gains": TOP}, {"investor_id": other, "gains": TOP}]
    made = world.post(
        "distributions", **books, declared_on="2023-03-01", due_on="2023-03-02", paid_on="2023-03-03", lines=lines
    )
    assert made["amount"] == "1844674407370954.00"
    for _ in range(2):
        bought = {"kind": "follow_on", "transacted_on": "2024-07-01", "amount": TOP, "quantity": "9223372036854.775807"}
        world.post("transactions", holding_id=ids["holding_id"], **bought)
    world.post("marks", holding_id=ids["holding_id"], measured_on="2024-07-15", fair_value=LARGEST)
    shown = world.client.get(f"{API}/investments/{ids['investment_id']}").json()
    assert shown["amount_invested"] == "1844674407470954.00"
    for answer in figures(world):
        assert answer.status_code == 200, answer.text


def figures(world: World) -> list[Any]:
    """Everything that computes something about the world's fund, company, investment and investor."""
    ids = world.ids
    subjects = [f"funds/{ids['fund_id']}", f"vehicles/{ids['vehicle_id']}", f"companies/{ids['company_id']}"]
    paths = [f"{subject}/performance{more}" for subject in subjects for more in ("", "?explain=true", "/series")]
    paths += [
        f"investments/{ids['investment_id']}/performance?explain=true",
        "performance/funds",
        "performance/holdings",
    ]
    paths += [f"investors/{ids['investor_id']}/performance", f"positions?fund_id={ids['fund_id']}", "investments"]
    return [world.client.get(f"{API}/{path}") for path in paths]


def without_numbers_nobody_can_read(text: str) -> bool:
    return not any(token in text for token in ("NaN", "Infinity", '"-0.00"', '"-0"', "E+", "inf"))


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_the_smallest_amount_that_becomes_the_largest_has_figures(
    new_world: Callable[..., World], currency: str
) -> None:
    world = new_world(currency)
    small = "0.01" if currency == "USD" else "1"
    fund = world.post("funds", name="Tiny", currency=currency, books="elsewhere")
    world.ids |= {"fund_id": fund["id"], "vehicle_id": fund["main_vehicle_id"]}
    investor = world.ids["investor_id"] = world.post("investors", name="Tiny")["id"]
    world.post("commitments", fund_id=fund["id"], investor_id=investor, committed_on="2020-01-01", amount=small)
    call = {"called_on": "2020-01-01", "due_on": "2020-01-01", "paid_on": "2020-01-01", "investments": small}
    world.post("capital-calls", fund_id=fund["id"], **call)
    given = {"declared_on": "2020-01-02", "due_on": "2020-01-02", "paid_on": "2020-01-02", "gains": TOP}
    world.post("distributions", fund_id=fund["id"], **given)
    world.post("reported-navs", fund_id=fund["id"], reported_on="2020-06-30", amount=LARGEST)
    deal = {"invested_on": "2020-01-01", "amount": small, "quantity": "0.000001", "ownership": "0.0000000001"}
    made = world.post("investments", fund_id=fund["id"], company_name="Tiny", **deal)
    world.ids |= {"investment_id": made["id"], "company_id": made["company"]["id"]}
    world.post("marks", investment_id=made["id"], measured_on="2020-01-02", fair_value=LARGEST)
    world.post("marks", company_id=made["company"]["id"], measured_on="2020-01-05", fair_value=LARGEST)
    for answer in figures(world):
        assert answer.status_code == 200, answer.text
        assert without_numbers_nobody_can_read(answer.text), answer.text
