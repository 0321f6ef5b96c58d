"""Transactions and the positions they make, over HTTP, on both databases."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.investments.deals import fund, invest, investment, transact
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.investments.positions import Position, positions


def position(database: Database, actor: Actor, holding_id: int, **more: Any) -> Position:
    with database.reading(actor) as session:
        (found,) = positions(session, actor, holding_id=holding_id, **({"as_of": date(2030, 1, 1)} | more))
        return found


def test_a_partial_exit_counts_once(client: TestClient, database: Database, administrator: Actor) -> None:
    made = invest(client, quantity="1000")
    sold = transact(client, made["holding_id"], "proceeds", "2022-01-01", "90000.00", quantity="400")
    assert sold["quantity"] == "400"
    now = investment(client, made["id"])
    assert (now["status"], now["proceeds"], now["remaining_cost"]) == ("active", "90000.00", "60000.00")
    assert (now["ownership"], now["exit_amount"]) == ("0.06", None)
    held = position(database, administrator, made["holding_id"])
    assert (held.quantity, held.cost) == (Decimal(600), Decimal(100000))


@pytest.mark.parametrize("part", [{"disposed_share": "0.4"}, {"quantity": "400"}, {"ownership": "0.04"}])
def test_a_part_may_be_stated_as_share_quantity_or_ownership(
    client: TestClient, database: Database, administrator: Actor, part: dict[str, str]
) -> None:
    made = invest(client, quantity="1000")
    transact(client, made["holding_id"], "proceeds", "2022-01-01", "1.00", **part)
    held = position(database, administrator, made["holding_id"])
    assert (held.quantity, held.ownership, held.remaining_cost) == (600, Decimal("0.06"), 60000)


def test_what_was_invested_equals_what_was_sold_plus_what_remains_to_the_cent(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    made = invest(client, amount="100.00", quantity="3")
    for year in (2021, 2022):
        transact(client, made["holding_id"], "proceeds", f"{year}-01-01", "1.00", quantity="1")
    held = position(database, administrator, made["holding_id"])
    assert (held.quantity, held.remaining_cost) == (1, Decimal("33.3333"))
    transact(client, made["holding_id"], "proceeds", "2023-01-01", "1.00", quantity="1")
    held = position(database, administrator, made["holding_id"])
    assert (held.status, held.quantity, held.remaining_cost, held.proceeds) == ("exited", 0, 0, 3)


@pytest.mark.parametrize(
    ("kind", "on", "amount", "more", "status", "code"),
    [
        ("proceeds", "2019-12-31", "1.00", {"disposed_share": "1"}, 409, "before_first_purchase"),
        ("dividend", "2019-12-31", "1.00", {}, 409, "before_first_purchase"),
        ("follow_on", "2019-12-31", "1.00", {}, 409, "before_first_purchase"),
        ("proceeds", "2021-01-01", "1.00", {}, 422, "disposal_unstated"),
        ("proceeds", "2021-01-01", "1.00", {"quantity": "1001"}, 409, "disposes_more_than_held"),
        ("proceeds", "2021-01-01", "1.00", {"ownership": "0.11"}, 409, "disposes_more_than_held"),
        ("proceeds", "2021-01-01", "1.00", {"disposed_share": "1.1"}, 422, "invalid"),
        (
            "proceeds",
            "2021-01-01",
            "1.00",
            {"quantity": "500", "disposed_share": "0.4"},
            422,
            "disposal_contradicts_itself",
        ),
        ("write_off", "2021-01-01", "1.00", {}, 422, "not_part_of_this_kind"),
        ("dividend", "2021-01-01", "1.00", {"quantity": "1"}, 422, "not_part_of_this_kind"),
        ("purchase", "2021-01-01", "1.00", {"disposed_share": "1"}, 422, "not_part_of_this_kind"),
        ("conversion", "2021-01-01", "0.00", {}, 422, "not_part_of_this_kind"),
        ("purchase", "2021-01-01", "-1.00", {}, 422, "invalid"),
        ("gift", "2021-01-01", "1.00", {}, 422, "invalid"),
        ("fee", "2021-01-01", "1.00", {"currency": "EUR"}, 422, "wrong_currency"),
        ("fee", "2021-01-01", "1.001", {}, 422, "invalid"),
        ("fee", "2021-02-29", "1.00", {}, 422, "invalid"),
        ("dividend", "2199-12-31", "1.00", {}, 422, "date_in_future"),
    ],
)
def test_each_bad_transaction_has_an_answer(
    client: TestClient, kind: str, on: str, amount: str, more: dict[str, Any], status: int, code: str
) -> None:
    made = invest(client, quantity="1000")
    answer = transact(client, made["holding_id"], kind, on, amount, **more)
    assert (answer["status"], answer["code"]) == (status, code), answer
    assert client.get("/api/v1/transactions").json()["total"] == 1


def test_a_quantity_is_no_known_part_where_a_purchase_has_none(client: TestClient) -> None:
    made = invest(client)
    answer = transact(client, made["holding_id"], "proceeds", "2021-01-01", "1.00", quantity="5")
    assert (answer["status"], answer["code"]) == (409, "held_part_unknown")


def test_after_a_full_exit_only_late_money_comes(client: TestClient) -> None:
    made = invest(client, exit_date="2022-01-01", exit_amount="300000.00")
    held = made["holding_id"]
    for kind, more in (("purchase", {}), ("follow_on", {}), ("write_off", {}), ("proceeds", {"disposed_share": "1"})):
        amount = "0.00" if kind == "write_off" else "1.00"
        answer = transact(client, held, kind, "2022-06-01", amount, **more)
        assert (answer["status"], answer["code"]) == (409, "after_full_exit"), kind
    assert "id" in transact(client, held, "proceeds", "2022-06-01", "20000.00", disposed_share="0")
    assert "id" in transact(client, held, "dividend", "2022-06-01", "500.00")
    now = investment(client, made["id"])
    assert (now["status"], now["exit_date"], now["proceeds"], now["income"]) == (
        "exited",
        "2022-01-01",
        "320000.00",
        "500.00",
    )


def test_an_exit_before_a_recorded_follow_on_is_refused(client: TestClient) -> None:
    made = invest(client)
    transact(client, made["holding_id"], "follow_on", "2022-01-01", "1.00")
    answer = transact(client, made["holding_id"], "proceeds", "2021-01-01", "1.00", disposed_share="1")
    assert (answer["status"], answer["code"]) == (409, "after_full_exit")


def test_a_purchase_and_its_sale_may_fall_on_one_day(client: TestClient) -> None:
    made = invest(client, exit_date="2020-01-01", exit_amount="100001.00")
    assert made["status"] == "exited"


def test_a_granted_warrant_costs_nothing(client: TestClient) -> None:
    made = invest(client, amount="0.00", equity_percentage=None, security={"name": "Warrant", "kind": "warrant"})
    assert (made["amount_invested"], made["ownership"], made["status"]) == ("0.00", None, "active")


def test_a_purchase_that_a_sale_needs_cannot_be_voided_or_reduced(client: TestClient) -> None:
    made = invest(client, quantity="1000")
    transact(client, made["holding_id"], "proceeds", "2021-01-01", "1.00", quantity="600")
    bought = client.get("/api/v1/transactions", params={"kind": "purchase"}).json()["items"][0]
    address = f"/api/v1/transactions/{bought['id']}"
    void = client.post(f"{address}/void", json={"reason": "mistake"})
    assert (void.status_code, void.json()["code"]) == (409, "needed_by_later")
    less = {"kind": "purchase", "transacted_on": "2020-01-01", "amount": "100000.00", "quantity": "599"}
    assert client.put(address, json=less).json()["code"] == "disposes_more_than_held"
    later = less | {"transacted_on": "2021-01-02", "quantity": "1000"}
    assert client.put(address, json=later).json()["code"] == "before_first_purchase"
    assert client.get(address).json()["version"] == 1


def test_what_was_known_before_a_correction_stays_known(client: TestClient) -> None:
    made = invest(client)
    bought = client.get("/api/v1/transactions").json()["items"][0]
    time.sleep(0.002)
    before = clock.now().isoformat()
    time.sleep(0.002)
    body = {"kind": "purchase", "transacted_on": "2020-01-01", "amount": "120000.00", "ownership": "0.1"}
    changed = client.put(f"/api/v1/transactions/{bought['id']}", json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = client.put(f"/api/v1/transactions/{bought['id']}", json=body, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert investment(client, made["id"])["amount_invested"] == "120000.00"
    assert investment(client, made["id"], known_at=before)["amount_invested"] == "100000.00"
    assert client.post(f"/api/v1/transactions/{bought['id']}/void", json={"reason": "not ours"}).status_code == 204
    assert investment(client, made["id"])["status"] is None
    assert investment(client, made["id"], known_at=before)["amount_invested"] == "100000.00"
    listed = client.get("/api/v1/transactions", params={"known_at": before}).json()["items"]
    assert [row["amount"] for row in listed] == ["100000.00"]
    versions = client.get(f"/api/v1/transactions/{bought['id']}/versions").json()
    assert [(row["version"], row["amount"], row["void_reason"]) for row in versions] == [
        (1, "100000.00", None),
        (2, "120000.00", None),
        (3, "120000.00", "not ours"),
    ]


def test_a_conversion_moves_the_whole_cost_into_another_holding(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    made = invest(client, equity_percentage=None, security={"name": "Convertible note", "kind": "note"})
    shares = client.post("/api/v1/holdings", json={"investment_id": made["id"], "name": "Series A"}).json()
    answer = transact(
        client, made["holding_id"], "conversion", "2021-06-30", "0.00",
        into_holding_id=shares["id"], quantity="5000", ownership="0.08",
    )  # fmt: skip
    assert "id" in answer, answer
    note = position(database, administrator, made["holding_id"])
    stock = position(database, administrator, shares["id"])
    assert (note.status, note.cost, note.remaining_cost) == ("converted", 0, 0)
    assert (stock.cost, stock.remaining_cost, stock.quantity) == (100000, 100000, 5000)
    assert (stock.ownership, stock.first_on) == (Decimal("0.08"), date(2021, 6, 30))
    now = investment(client, made["id"])
    assert (now["status"], now["amount_invested"], now["investment_date"]) == ("active", "100000.00", "2020-01-01")
    assert transact(client, made["holding_id"], "follow_on", "2022-01-01", "1.00")["code"] == "after_full_exit"
    bare = {"investment_id": made["id"], "kind": "dividend", "transacted_on": "2022-01-01", "amount": "1.00"}
    assert client.post("/api/v1/transactions", json=bare).json()["code"] == "several_holdings"
    done = client.post(f"/api/v1/investments/{made['id']}/exit", json={"exited_on": "2023-01-01", "amount": "9.00"})
    assert done.json()["status"] == "exited", "only one holding is active, so it need not be named"


def test_a_conversion_stays_within_its_investment(client: TestClient) -> None:
    made, other = invest(client), invest(client, fund(client, "South I")["id"])
    for target in (made["holding_id"], other["holding_id"]):
        answer = transact(client, made["holding_id"], "conversion", "2021-06-30", "0.00", into_holding_id=target)
        assert (answer["status"], answer["code"]) == (422, "other_investment")


def test_an_exit_from_several_holdings_names_one_and_a_write_off_takes_all(client: TestClient) -> None:
    made = invest(client)
    second = client.post("/api/v1/holdings", json={"investment_id": made["id"], "name": "Warrants"}).json()
    transact(client, second["id"], "purchase", "2020-02-01", "10.00")
    address = f"/api/v1/investments/{made['id']}"
    answer = client.post(f"{address}/exit", json={"exited_on": "2023-01-01", "amount": "9.00"})
    assert (answer.status_code, answer.json()["code"]) == (409, "several_holdings")
    one = client.post(f"{address}/exit", json={"exited_on": "2023-01-01", "amount": "9.00", "holding_id": second["id"]})
    assert one.json()["status"] == "active"
    rest = client.post(f"{address}/write-off", json={"written_off_on": "2023-02-01"}).json()
    assert (rest["status"], rest["exit_date"], rest["exit_amount"]) == ("exited", "2023-02-01", "9.00")


def test_the_number_of_queries_does_not_grow_with_the_holdings(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    fund_id = fund(client)["id"]

    def count() -> int:
        with database.reading(administrator) as session, counted(database) as queries:
            positions(session, administrator, as_of=date(2024, 1, 1))
        return len(queries)

    invest(client, fund_id)
    few = count()
    for number in range(8):
        invest(client, fund_id, company_name=f"Company {number}")
    assert count() == few == 2


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(database.reader, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.reader, "before_cursor_execute", note)
