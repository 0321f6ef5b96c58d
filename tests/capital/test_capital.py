"""Commitments, calls, distributions and entries over HTTP, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

API = "/api/v1"


@pytest.fixture
def fund_id(client: TestClient) -> int:
    return int(client.post(f"{API}/funds", json={"name": "North I", "currency": "USD"}).json()["id"])


def post(client: TestClient, path: str, status: int = 201, **body: Any) -> Any:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def commit(client: TestClient, fund_id: int, name: str, amount: str) -> int:
    investor = post(client, "investors", name=name)["id"]
    post(client, "commitments", fund_id=fund_id, investor_id=investor, committed_on="2020-01-01", amount=amount)
    return int(investor)


def call(fund_id: int, **body: Any) -> dict[str, Any]:
    return {"fund_id": fund_id, "called_on": "2020-02-01", "due_on": "2020-02-15", "investments": "100.00"} | body


def test_a_call_is_split_by_commitment_to_the_cent(client: TestClient, fund_id: int) -> None:
    for name in "ABC":
        commit(client, fund_id, name, "1000000")
    made = post(client, "capital-calls", **call(fund_id, investments="100.00", fees="0.01"))
    assert sorted(line["investments"] for line in made["lines"]) == ["33.33", "33.33", "33.34"]
    assert made["amount"] == "100.01"
    assert (made["paid"], made["unpaid_count"]) == ("0.00", 3)


def test_a_call_cannot_exceed_the_unfunded_commitment(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    post(client, "capital-calls", **call(fund_id, investments="60"))
    refused = post(client, "capital-calls", 409, **call(fund_id, investments="40.01"))
    assert refused["code"] == "call_exceeds_unfunded"
    assert "40.01 called, 40.00 unfunded" in refused["errors"][0]["message"]
    assert client.get(f"{API}/capital-calls").json()["total"] == 1
    post(client, "capital-calls", **call(fund_id, investments="40"))


def test_what_is_recallable_can_be_called_again(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    post(client, "capital-calls", **call(fund_id, investments="100", paid_on="2020-02-15"))
    given = post(
        client,
        "distributions",
        fund_id=fund_id,
        declared_on="2021-01-01",
        due_on="2021-01-10",
        return_of_capital="30",
        recallable="20",
        paid_on="2021-01-10",
    )
    post(client, "capital-calls", 409, **call(fund_id, called_on="2021-02-01", due_on="2021-02-01", investments="21"))
    post(client, "capital-calls", **call(fund_id, called_on="2021-02-01", due_on="2021-02-01", investments="20"))
    void = post(client, f"distributions/{given['id']}/void", 409, reason="wrong")
    assert "called again" in void["detail"]


def test_a_call_without_commitments_cannot_be_split(client: TestClient, fund_id: int) -> None:
    assert post(client, "capital-calls", 409, **call(fund_id))["code"] == "no_commitments"


def test_a_commitment_of_zero_is_allowed_and_gets_nothing(client: TestClient, fund_id: int) -> None:
    nothing = commit(client, fund_id, "A", "0")
    commit(client, fund_id, "B", "100")
    made = post(client, "capital-calls", **call(fund_id))
    assert {line["investor_id"]: line["amount"] for line in made["lines"]}[nothing] == "0.00"


def test_a_commitment_cannot_fall_below_what_was_called(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    post(client, "capital-calls", **call(fund_id, investments="60"))
    [commitment] = client.get(f"{API}/commitments").json()["items"]
    address = f"{API}/commitments/{commitment['id']}"
    low = client.put(address, json={"committed_on": "2020-01-01", "amount": "59.99"})
    assert (low.status_code, low.json()["code"]) == (409, "commitment_below_called")
    assert client.put(address, json={"committed_on": "2020-01-01", "amount": "60"}).status_code == 200
    assert client.post(f"{address}/void", json={"reason": "mistake"}).status_code == 409


def test_receipts_can_be_recorded_one_by_one_and_taken_back(client: TestClient, fund_id: int) -> None:
    first, _ = commit(client, fund_id, "A", "100"), commit(client, fund_id, "B", "100")
    made = post(client, "capital-calls", **call(fund_id, investments="50"))
    path = f"capital-calls/{made['id']}/receipts"
    assert post(client, path, 200, paid_on="2020-02-20", investor_ids=[first])["paid"] == "25.00"
    assert post(client, path, 200, paid_on="2020-02-21")["paid"] == "50.00"
    assert post(client, path, 200, paid_on=None)["paid"] == "0.00"
    post(client, path, 422, paid_on="2199-01-01")
    post(client, path, 404, paid_on="2020-02-20", investor_ids=[999])


def test_a_corrected_call_keeps_what_was_known_before(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    made = post(client, "capital-calls", **call(fund_id, investments="50"))
    changed = call(fund_id, investments="55", purpose="corrected")
    del changed["fund_id"]
    answer = client.put(f"{API}/capital-calls/{made['id']}", json=changed, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["amount"], answer.json()["version"]) == (200, "55.00", 2)
    past = client.get(f"{API}/capital-calls/{made['id']}/versions").json()
    assert [(version["version"], version["purpose"]) for version in past] == [(1, None), (2, "corrected")]
    assert past[0]["superseded_at"] == past[1]["recorded_at"]


def test_a_voided_call_frees_the_commitment_and_stays_in_the_history(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    made = post(client, "capital-calls", **call(fund_id, investments="100"))
    post(client, f"capital-calls/{made['id']}/void", 204, reason="entered twice")
    assert client.get(f"{API}/capital-calls/{made['id']}").status_code == 404
    post(client, f"capital-calls/{made['id']}/void", 404, reason="again")
    assert client.get(f"{API}/capital-calls/{made['id']}/versions").json()[-1]["void_reason"] == "entered twice"
    post(client, "capital-calls", **call(fund_id, investments="100"))


def test_a_negative_amount_is_an_adjustment_not_a_call(client: TestClient, fund_id: int) -> None:
    investor = commit(client, fund_id, "A", "100")
    lines = [{"investor_id": investor, "investments": "-10.00"}]
    body = call(fund_id, lines=lines)
    del body["investments"]
    post(client, "capital-calls", 422, **body)
    assert post(client, "capital-calls", **body | {"kind": "adjustment"})["amount"] == "-10.00"


@pytest.mark.parametrize(
    ("currency", "amount", "status"),
    [("USD", "0.001", 422), ("JPY", "1.5", 422), ("JPY", "15", 201), ("BHD", "1.2345", 422), ("BHD", "1.234", 201)],
)
def test_what_is_payable_has_its_currencys_decimals(
    client: TestClient, currency: str, amount: str, status: int
) -> None:
    fund = post(client, "funds", name=f"{currency} fund", currency=currency)["id"]
    entry = {"fund_id": fund, "kind": "expense", "entered_on": "2020-01-01", "amount": amount}
    answer = post(client, "vehicle-entries", status, **entry)
    if status == 422:
        assert currency in answer["detail"]


def test_an_amount_in_another_currency_is_refused(client: TestClient, fund_id: int) -> None:
    entry = {"fund_id": fund_id, "kind": "income", "entered_on": "2020-01-01", "amount": "1", "currency": "EUR"}
    refused = post(client, "vehicle-entries", 422, **entry)
    assert refused["code"] == "wrong_currency"
    assert "EUR" in refused["detail"]
    assert "USD" in refused["detail"]


def test_an_entry_dated_tomorrow_is_refused_and_one_in_a_leap_year_is_kept(client: TestClient, fund_id: int) -> None:
    entry = {"fund_id": fund_id, "kind": "management_fee", "amount": "5"}
    post(client, "vehicle-entries", 422, **entry, entered_on="2199-12-31")
    assert post(client, "vehicle-entries", **entry, entered_on="2024-02-29")["entered_on"] == "2024-02-29"


def test_lists_are_filtered_by_fund_investor_and_days(client: TestClient, fund_id: int) -> None:
    investor = commit(client, fund_id, "A", "100")
    commit(client, fund_id, "B", "100")
    post(client, "capital-calls", **call(fund_id, investments="50"))
    [mine] = client.get(f"{API}/capital-calls", params={"investor_id": investor}).json()["items"]
    assert (mine["amount"], mine["line_count"]) == ("25.00", 1)
    for days, found in (({"since": "2020-02-02"}, 0), ({"until": "2020-02-01"}, 1), ({"fund_id": 999}, 0)):
        assert client.get(f"{API}/capital-calls", params=days).json()["total"] == found
    assert client.get(f"{API}/capital-calls", params={"since": "20200202"}).status_code == 422


def test_a_fund_with_commitments_cannot_be_taken_away(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    assert client.delete(f"{API}/funds/{fund_id}").json()["code"] == "fund_has_history"


def test_a_change_of_lines_alone_is_a_version_with_its_sums(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    made = post(client, "capital-calls", **call(fund_id, investments="50", fees="5"))
    assert (made["investments"], made["fees"], made["expenses"]) == ("50.00", "5.00", "0.00")
    post(client, f"capital-calls/{made['id']}/receipts", 200, paid_on="2020-02-20")
    address = f"{API}/capital-calls/{made['id']}"
    changed = {name: value for name, value in call(fund_id, investments="40").items() if name != "fund_id"}
    late = client.put(address, json=changed, headers={"If-Match": f'"{made["version"]}"'})
    assert late.status_code == 412  # somebody has recorded the receipt meanwhile
    assert client.put(address, json=changed, headers={"If-Match": '"2"'}).json()["version"] == 3
    post(client, f"capital-calls/{made['id']}/void", 204, reason="entered twice")
    past = client.get(f"{address}/versions").json()
    sums = [(row["version"], row["amount"], row["investments"], row["fees"], row["paid"]) for row in past]
    assert sums == [
        (1, "55.00", "50.00", "5.00", "0.00"),
        (2, "55.00", "50.00", "5.00", "55.00"),
        (3, "40.00", "40.00", "0.00", "0.00"),
        (4, "40.00", "40.00", "0.00", "0.00"),
    ]


def test_a_change_of_a_distributions_payments_is_a_version_too(client: TestClient, fund_id: int) -> None:
    commit(client, fund_id, "A", "100")
    body = {"fund_id": fund_id, "declared_on": "2021-02-01", "due_on": "2021-02-15", "gains": "20", "recallable": "5"}
    made = post(client, "distributions", **body)
    assert (made["gains"], made["return_of_capital"], made["income"]) == ("20.00", "0.00", "0.00")
    post(client, f"distributions/{made['id']}/payments", 200, paid_on="2021-02-20")
    past = client.get(f"{API}/distributions/{made['id']}/versions").json()
    assert [(row["version"], row["recallable"], row["paid"]) for row in past] == [
        (1, "5.00", "0.00"),
        (2, "5.00", "20.00"),
    ]
