"""A fund's ledger over HTTP: every kind of fact in one list, on both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.demo import load_demo

API = "/api/v1"


def post(client: TestClient, path: str, status: int = 201, **body: Any) -> Any:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
def fund_id(client: TestClient) -> int:
    """A fund with one fact in every table of the ledger."""
    fund = int(post(client, "funds", name="North I", currency="USD")["id"])
    investor = post(client, "investors", name="Cedar Pension")["id"]
    post(client, "commitments", fund_id=fund, investor_id=investor, committed_on="2020-01-01", amount="1000000")
    call = {"called_on": "2020-02-01", "due_on": "2020-02-15", "paid_on": "2020-02-15", "purpose": "First closing"}
    post(client, "capital-calls", fund_id=fund, investments="300000", fees="5000", **call)
    entry = {"kind": "management_fee", "entered_on": "2020-03-31", "amount": "5000"}
    post(client, "vehicle-entries", fund_id=fund, **entry)
    made = post(client, "investments", fund_id=fund, company_name="Arcwell", invested_on="2020-04-01", amount="250000")
    mark = {"measured_on": "2020-12-31", "fair_value": "400000", "method": "last_round"}
    post(client, "marks", holding_id=made["holding_id"], **mark)
    paid = {"declared_on": "2021-02-01", "due_on": "2021-02-15", "return_of_capital": "20000"}
    post(client, "distributions", fund_id=fund, **paid)
    post(client, "reported-navs", fund_id=fund, reported_on="2021-03-31", amount="410000", source="The administrator")
    return fund


def ledger(client: TestClient, fund_id: int, **query: Any) -> Any:
    answer = client.get(f"{API}/funds/{fund_id}/ledger", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_ledger_lists_every_kind_of_fact_the_latest_first(client: TestClient, fund_id: int) -> None:
    found = ledger(client, fund_id)
    assert [(row["on"], row["record"], row["kind"], row["amount"], row["cash"]) for row in found["items"]] == [
        ("2021-03-31", "reported-navs", "reported_nav", "410000.00", None),
        ("2021-02-01", "distributions", "distribution", "20000.00", None),
        ("2020-12-31", "marks", "mark", "400000.00", None),
        ("2020-04-01", "transactions", "purchase", "250000.00", "-250000.00"),
        ("2020-03-31", "vehicle-entries", "management_fee", "5000.00", "-5000.00"),
        ("2020-02-01", "capital-calls", "call", "305000.00", "305000.00"),
        ("2020-01-01", "commitments", "commitment", "1000000.00", None),
    ]
    assert (found["total"], found["next"]) == (7, None)
    assert {row["company"] for row in found["items"]} == {None, "Arcwell"}


def test_the_ledger_is_paged_without_losing_or_repeating_a_fact(client: TestClient, fund_id: int) -> None:
    whole = [(row["record"], row["id"]) for row in ledger(client, fund_id)["items"]]
    seen: list[tuple[str, int]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ledger(client, fund_id, limit=2, **cursor)
        seen += [(row["record"], row["id"]) for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == whole


def test_the_ledger_stops_at_the_day_and_finds_names_and_notes(client: TestClient, fund_id: int) -> None:
    assert ledger(client, fund_id, as_of="2020-03-31")["total"] == 3
    assert [row["record"] for row in ledger(client, fund_id, q="arcWELL")["items"]] == ["marks", "transactions"]
    assert [row["record"] for row in ledger(client, fund_id, q="First closing")["items"]] == ["capital-calls"]
    assert ledger(client, fund_id, record="commitments")["total"] == 1


def test_a_voided_fact_leaves_the_ledger_and_stays_in_what_was_known(client: TestClient, fund_id: int) -> None:
    before = ledger(client, fund_id)
    known_at = max(row["recorded_at"] for row in before["items"])
    mark = next(row for row in before["items"] if row["record"] == "marks")
    post(client, f"marks/{mark['id']}/void", 204, reason="Typed twice")
    assert ledger(client, fund_id)["total"] == 6
    assert ledger(client, fund_id, known_at=known_at)["total"] == 7


def test_another_firms_fund_has_no_ledger_here(client: TestClient) -> None:
    assert client.get(f"{API}/funds/999/ledger").status_code == 404


def test_the_cash_of_all_lines_is_the_funds_cash(client: TestClient, database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        load_demo(session, administrator)
    rows, cursor = [], None
    while True:
        page = ledger(client, 1, limit=400, cursor=cursor, sort="on")
        rows += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert len(rows) == page["total"] == len({(row["record"], row["id"]) for row in rows})
    cash = sum((Decimal(row["cash"]) for row in rows if row["cash"] is not None), Decimal(0))
    net = client.get(f"{API}/funds/1/performance").json()["net"]
    assert cash == Decimal(net["cash"])


def test_the_ledger_is_sorted_by_size_and_by_what_moved_the_cash(client: TestClient, fund_id: int) -> None:
    by_amount = ledger(client, fund_id, sort="-amount")["items"]
    assert [row["amount"] for row in by_amount] == [
        "1000000.00",
        "410000.00",
        "400000.00",
        "305000.00",
        "250000.00",
        "20000.00",
        "5000.00",
    ]
    by_cash = ledger(client, fund_id, sort="cash")["items"]
    assert [row["cash"] for row in by_cash] == ["-250000.00", "-5000.00", "305000.00", None, None, None, None]
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ledger(client, fund_id, sort="-amount", limit=2, include_voided="true", **cursor)
        paged += [row["amount"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == [row["amount"] for row in by_amount]
    refused = client.get(f"{API}/funds/{fund_id}/ledger", params={"sort": "memo"})
    assert "amount, cash" in refused.json()["mend"]


def test_what_was_taken_back_is_shown_with_its_reason_where_asked_for(client: TestClient, fund_id: int) -> None:
    before = {row["record"]: row for row in ledger(client, fund_id)["items"]}
    for record in ("capital-calls", "marks"):
        post(client, f"{record}/{before[record]['id']}/void", 204, reason="Typed twice")
    assert {row["voided_at"] for row in ledger(client, fund_id)["items"]} == {None}
    for sort in ("on", "amount"):
        found = {row["record"]: row for row in ledger(client, fund_id, include_voided="true", sort=sort)["items"]}
        assert len(found) == len(before)
        assert {name for name, row in found.items() if row["voided_at"]} == {"capital-calls", "marks"}
        call = found["capital-calls"]
        assert (call["amount"], call["cash"], call["void_reason"]) == ("305000.00", None, "Typed twice")
        assert found["marks"]["amount"] == "400000.00"


def test_a_corrected_call_counts_only_the_lines_that_stand(client: TestClient, fund_id: int) -> None:
    call = next(row for row in ledger(client, fund_id)["items"] if row["record"] == "capital-calls")
    body = {"called_on": "2020-02-01", "due_on": "2020-02-15", "paid_on": "2020-02-15", "investments": "200000"}
    assert client.put(f"{API}/capital-calls/{call['id']}", json=body).status_code == 200
    for query in ({}, {"include_voided": "true"}, {"include_voided": "true", "sort": "cash"}):
        row = next(row for row in ledger(client, fund_id, **query)["items"] if row["record"] == "capital-calls")
        assert (row["amount"], row["cash"]) == ("200000.00", "200000.00")
