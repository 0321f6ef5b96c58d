"""Figures over HTTP, on both databases: right, explained, and undefined where they do not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.demo import load_demo
from vestry.kernel import returns

API = "/api/v1"


def post(client: TestClient, path: str, status: int = 201, **body: Any) -> Any:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def performance(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}/{path}/performance", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def fund_id(client: TestClient) -> int:
    return int(post(client, "funds", name="North I", currency="USD")["id"])


@pytest.fixture
def paid_in(client: TestClient, fund_id: int) -> int:
    """A fund into which 1,000,000 was paid on 2020-02-15 by one investor; returns the investor."""
    investor = int(post(client, "investors", name="LP")["id"])
    post(client, "commitments", fund_id=fund_id, investor_id=investor, committed_on="2020-01-01", amount="2000000")
    dates = {"called_on": "2020-02-01", "due_on": "2020-02-15", "paid_on": "2020-02-15"}
    post(client, "capital-calls", fund_id=fund_id, **dates, investments="900000", fees="100000")
    return investor


def test_ten_percent_of_a_company_that_doubles(client: TestClient, fund_id: int) -> None:
    made = post(
        client,
        "investments",
        fund_id=fund_id,
        company_name="Acorn",
        invested_on="2023-01-15",
        amount="100000",
        equity_percentage="10",
        valuation_at_investment="1000000",
    )
    company = made["company"]["id"]
    mark = {"measured_on": "2024-01-15", "fair_value": "2000000", "currency": "USD", "method": "last_round"}
    post(client, "marks", company_id=company, **mark)
    for path in (f"funds/{fund_id}", f"companies/{company}", f"investments/{made['id']}"):
        gross = performance(client, path)["gross"]
        assert (gross["moic"], gross["rvpi"], gross["dpi"]) == ("2.0000", "2.0000", "0.0000")
        assert (gross["invested"], gross["fair_value"]) == ("100000.00", "200000.00")
    net = performance(client, f"funds/{fund_id}")["net"]
    assert (net["paid_in"], net["tvpi"], net["reasons"]["tvpi"]) == ("0.00", None, "nothing_paid_in")


def test_a_fund_without_flows_has_no_figures_and_says_why(client: TestClient, fund_id: int) -> None:
    answer = performance(client, f"funds/{fund_id}")
    assert answer["net"]["irr"] == answer["net"]["irr"] | {"rate": None, "status": "none", "reason": "no_flows"}
    assert answer["net"]["reasons"] == {
        "tvpi": "nothing_paid_in",
        "dpi": "nothing_paid_in",
        "rvpi": "nothing_paid_in",
        "pic": "commitment_unknown",
    }
    assert client.get(f"{API}/funds/{fund_id}/performance/series").json()["items"] == []


@pytest.mark.usefixtures("paid_in")
def test_nav_is_marks_plus_cash_minus_liabilities_minus_carry(client: TestClient, fund_id: int) -> None:
    post(
        client, "investments", fund_id=fund_id, company_name="Acorn", invested_on="2020-03-01",
        amount="800000", ownership="0.2",
    )  # fmt: skip
    entry = {"fund_id": fund_id, "entered_on": "2020-12-31"}
    post(client, "vehicle-entries", **entry, kind="management_fee", amount="50000")
    post(client, "vehicle-entries", **entry, kind="income", amount="1000")
    post(client, "vehicle-entries", **entry, kind="liability", amount="20000")
    before = performance(client, f"funds/{fund_id}", as_of="2020-12-31")["net"]
    assert (before["cash"], before["fair_value"], before["nav"]) == ("151000.00", "800000.00", "931000.00")
    assert before["before_carry"] is True
    post(client, "vehicle-entries", **entry, kind="accrued_carry", amount="31000")
    after = performance(client, f"funds/{fund_id}", as_of="2020-12-31")["net"]
    assert (after["nav"], after["before_carry"], after["tvpi"]) == ("900000.00", False, "0.9000")
    replaced = {"fund_id": fund_id, "entered_on": "2021-03-31", "kind": "liability", "amount": "0"}
    post(client, "vehicle-entries", **replaced)
    assert performance(client, f"funds/{fund_id}", as_of="2021-03-31")["net"]["nav"] == "920000.00"


@pytest.mark.usefixtures("paid_in")
def test_a_call_counts_when_it_is_paid(client: TestClient, fund_id: int) -> None:
    net = performance(client, f"funds/{fund_id}", as_of="2020-02-14")["net"]
    assert (net["called"], net["paid_in"], net["unfunded"]) == ("1000000.00", "0.00", "1000000.00")
    net = performance(client, f"funds/{fund_id}", as_of="2020-02-15")["net"]
    assert (net["paid_in"], net["pic"]) == ("1000000.00", "0.5000")


def test_a_distribution_before_any_call_has_no_multiple(client: TestClient, fund_id: int) -> None:
    investor = post(client, "investors", name="LP")["id"]
    line = {"investor_id": investor, "gains": "10", "paid_on": "2020-01-02"}
    post(client, "distributions", fund_id=fund_id, declared_on="2020-01-01", due_on="2020-01-02", lines=[line])
    net = performance(client, f"funds/{fund_id}")["net"]
    assert (net["distributed"], net["dpi"], net["reasons"]["dpi"]) == ("10.00", None, "nothing_paid_in")


@pytest.mark.usefixtures("paid_in")
def test_what_was_known_in_may_can_be_asked_for_later(
    client: TestClient, fund_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = post(client, "vehicle-entries", fund_id=fund_id, entered_on="2020-12-31", kind="expense", amount="100000")
    known = entry["recorded_at"]
    change = {"entered_on": "2020-12-31", "kind": "expense", "amount": "250000"}
    assert client.put(f"{API}/vehicle-entries/{entry['id']}", json=change).status_code == 200
    assert performance(client, f"funds/{fund_id}")["net"]["nav"] == "750000.00"
    assert performance(client, f"funds/{fund_id}", known_at=known)["net"]["nav"] == "900000.00"
    post(client, f"vehicle-entries/{entry['id']}/void", 204, reason="not ours")
    assert performance(client, f"funds/{fund_id}")["net"]["nav"] == "1000000.00"
    assert performance(client, f"funds/{fund_id}", known_at=known)["net"]["nav"] == "900000.00"


def test_every_figure_opens_into_the_flows_that_made_it(client: TestClient, fund_id: int, paid_in: int) -> None:
    gains = {"fund_id": fund_id, "declared_on": "2021-02-01", "due_on": "2021-02-15", "paid_on": "2021-02-15"}
    post(client, "distributions", **gains, gains="600000")
    answer = performance(client, f"funds/{fund_id}", as_of="2022-02-15", explain=True)
    told = answer["explain"]["net.irr"]
    assert [(flow["on"], flow["amount"], flow["record"]) for flow in told["flows"]] == [
        ("2020-02-15", "-1000000.00", "capital_call_line"),
        ("2021-02-15", "600000.00", "distribution_line"),
        ("2022-02-15", "400000.00", "vehicle"),
    ]
    again = returns.xirr([(flow["on"], flow["amount"]) for flow in told["flows"]])
    assert told["value"] == again.rate == answer["net"]["irr"]["rate"]
    assert told["residual"] < 1e-12
    assert answer["explain"]["net.tvpi"]["value"] == "1.00"
    for flow in told["flows"][:2]:
        assert flow["id"] > 0


def test_investors_parts_sum_to_the_whole(client: TestClient, fund_id: int) -> None:
    investors = [post(client, "investors", name=name)["id"] for name in "ABC"]
    for investor in investors:
        post(client, "commitments", fund_id=fund_id, investor_id=investor, committed_on="2020-01-01", amount="100")
    dates = {"called_on": "2020-02-01", "due_on": "2020-02-15", "paid_on": "2020-02-15"}
    post(client, "capital-calls", fund_id=fund_id, **dates, investments="100")
    parts = [performance(client, f"investors/{investor}")["net"] for investor in investors]
    assert sorted(part["nav"] for part in parts) == ["33.33", "33.33", "33.34"]
    assert all(part["nav_basis"] == "allocated" for part in parts)


def test_books_kept_elsewhere_take_the_reported_nav_and_roll_it_forward(client: TestClient) -> None:
    fund = post(client, "funds", name="Outside", currency="USD", books="elsewhere")["id"]
    investor = post(client, "investors", name="LP")["id"]
    post(client, "commitments", fund_id=fund, investor_id=investor, committed_on="2020-01-01", amount="500")
    call = {"fund_id": fund, "called_on": "2020-01-01", "due_on": "2020-01-01", "paid_on": "2020-01-01"}
    post(client, "capital-calls", **call, investments="100")
    net = performance(client, f"funds/{fund}")["net"]
    assert (net["nav"], net["reasons"]["tvpi"], net["dpi"]) == (None, "no_nav_reported", "0.0000")
    post(client, "reported-navs", fund_id=fund, reported_on="2021-01-01", amount="150")
    net = performance(client, f"funds/{fund}")["net"]
    assert (net["nav"], net["nav_basis"], net["valued_on"], net["tvpi"]) == (
        "150.00",
        "reported",
        "2021-01-01",
        "1.5000",
    )
    assert net["irr"]["rate"] == returns.xirr([("2020-01-01", -100), ("2021-01-01", 150)]).rate
    later = {"fund_id": fund, "called_on": "2021-06-01", "due_on": "2021-06-01", "paid_on": "2021-06-01"}
    post(client, "capital-calls", **later, investments="50")
    net = performance(client, f"funds/{fund}")["net"]
    assert (net["nav"], net["nav_basis"], net["valued_on"]) == ("200.00", "rolled_forward", "2021-06-01")


def test_a_day_in_the_future_is_refused_and_one_before_the_fund_is_empty(client: TestClient, fund_id: int) -> None:
    refused = client.get(f"{API}/funds/{fund_id}/performance", params={"as_of": "2199-01-01"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_yet")
    assert performance(client, f"funds/{fund_id}", as_of="1950-01-01")["net"]["tvpi"] is None


def count_queries(database: Database, work: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", note)
    work()
    for engine in (database.reader, database.writer):
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_the_books(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    paths = ("/funds/1/performance", "/funds/1/performance/series", "/performance/funds")

    def counts() -> list[int]:
        return [count_queries(database, lambda path=path: client.get(API + path)) for path in paths]  # type: ignore[misc]

    post(client, "funds", name="Alone", currency="USD")
    alone = counts()
    with database.transaction(administrator) as session:
        load_demo(session, administrator, funds_per_plan=2)
    assert alone == counts()
    assert max(alone) < 25
