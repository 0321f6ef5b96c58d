"""Recording an investment in one call, over HTTP, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from tests.investments.deals import fund, invest, investment, terms, transact
from vestry.core import clock
from vestry.core.db import Database


def test_one_call_makes_company_investment_holding_and_purchase(client: TestClient) -> None:
    made = invest(client, valuation_at_investment="1000000.00", quantity="1000")
    assert made["status"] == "active"
    assert (made["investment_date"], made["amount_invested"]) == ("2020-01-01", "100000.00")
    assert (made["ownership"], made["equity_percentage"]) == ("0.1", "10")
    assert made["valuation_at_investment"] == "1000000.00"
    assert (made["exit_date"], made["exit_amount"], made["findings"]) == (None, None, [])
    assert made["fund"]["name"] == "North I"
    assert made["company"]["name"] == "Acme"
    listed = client.get("/api/v1/transactions", params={"investment_id": made["id"]}).json()["items"]
    assert [(row["kind"], row["amount"], row["quantity"]) for row in listed] == [("purchase", "100000.00", "1000")]
    rounds = client.get("/api/v1/rounds", params={"company_id": made["company"]["id"]}).json()["items"]
    assert [(row["post_money"], row["closed_on"]) for row in rounds] == [("1000000.00", "2020-01-01")]
    items = client.get("/api/v1/investments").json()["items"]
    assert items == [{name: made[name] for name in items[0]}]


def test_a_company_of_that_name_is_used_again_and_so_is_its_round(client: TestClient) -> None:
    first = invest(client, valuation_at_investment="1000000.00")
    other = fund(client, "South I")["id"]
    second = invest(client, other, company={"name": "ACME", "currency": "USD"}, company_name=None,
                    valuation_at_investment="1000000.00")  # fmt: skip
    assert second["company"] == first["company"]
    assert client.get("/api/v1/companies").json()["total"] == 1
    assert client.get("/api/v1/rounds").json()["total"] == 1
    third = fund(client, "West I")["id"]
    wrong = client.post(
        "/api/v1/investments", json=terms(third, company={"name": "acme", "currency": "EUR"}, company_name=None)
    )
    assert (wrong.status_code, wrong.json()["code"]) == (409, "company_name_taken")


def test_a_vehicle_invests_in_a_company_once_and_follows_on_after_that(client: TestClient) -> None:
    made = invest(client)
    again = client.post("/api/v1/investments", json=terms(made["fund"]["id"]))
    assert (again.status_code, again.json()["code"]) == (409, "investment_exists")
    more = transact(client, made["holding_id"], "follow_on", "2021-01-01", "50000.00", ownership="0.02")
    assert more["kind"] == "follow_on"
    now = investment(client, made["id"])
    assert (now["amount_invested"], now["ownership"], now["investment_date"]) == ("150000.00", "0.12", "2020-01-01")
    then = investment(client, made["id"], as_of="2020-12-31")
    assert (then["amount_invested"], then["ownership"]) == ("100000.00", "0.1")
    before = investment(client, made["id"], as_of="2019-12-31")
    assert (before["status"], before["amount_invested"]) == (None, None)


def test_an_exit_known_at_creation_makes_it_exited(client: TestClient) -> None:
    made = invest(client, exit_date="2023-05-01", exit_amount="250000.00")
    assert (made["status"], made["exit_date"], made["exit_amount"]) == ("exited", "2023-05-01", "250000.00")
    assert (made["remaining_cost"], made["equity_percentage"]) == ("0.00", "0")
    assert investment(client, made["id"], as_of="2023-04-30")["status"] == "active"


def test_a_write_off_known_at_creation_makes_it_written_off(client: TestClient) -> None:
    made = invest(client, write_off_on="2022-01-01")
    assert (made["status"], made["exit_amount"], made["amount_invested"]) == ("written_off", "0.00", "100000.00")


def test_an_exit_and_a_write_off_are_one_call_each(client: TestClient) -> None:
    sold, lost = invest(client), invest(client, fund(client, "South I")["id"])
    done = client.post(f"/api/v1/investments/{sold['id']}/exit", json={"exited_on": "2024-01-01", "amount": "5.00"})
    assert (done.status_code, done.json()["status"], done.json()["proceeds"]) == (200, "exited", "5.00")
    gone = client.post(f"/api/v1/investments/{lost['id']}/write-off", json={"written_off_on": "2024-01-01"})
    assert (gone.status_code, gone.json()["status"], gone.json()["proceeds"]) == (200, "written_off", "0.00")
    twice = client.post(f"/api/v1/investments/{sold['id']}/exit", json={"exited_on": "2024-02-01", "amount": "5.00"})
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_held")


def test_terms_that_disagree_are_a_finding_and_impossible_ones_are_refused(client: TestClient) -> None:
    odd = invest(client, valuation_at_investment="500000.00")
    assert [finding["code"] for finding in odd["findings"]] == ["terms_disagree"]
    assert "50000.00" in odd["findings"][0]["message"]
    other = fund(client, "South I")["id"]
    wrong = client.post("/api/v1/investments", json=terms(other, valuation_at_investment="99999.99"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "amount_exceeds_valuation")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"amount": "-1.00"}, 422, "invalid"),
        ({"amount": "-0.00"}, 201, None),
        ({"amount": 100000}, 422, "invalid"),
        ({"amount": "1e5"}, 422, "invalid"),
        ({"amount": "0.001"}, 422, "invalid"),
        ({"amount": "922337203685477.59"}, 422, "invalid"),
        ({"equity_percentage": "100.01"}, 422, "invalid"),
        ({"equity_percentage": "33.33333333"}, 201, None),
        ({"equity_percentage": "33.333333333"}, 422, "invalid"),
        ({"equity_percentage": None, "ownership": "1.1"}, 422, "invalid"),
        ({"ownership": "0.1"}, 422, "exactly_one"),
        ({"currency": "EUR"}, 422, "wrong_currency"),
        ({"invested_on": "2023-02-29"}, 422, "invalid"),
        ({"invested_on": "2020-02-29"}, 201, None),
        ({"invested_on": "1899-12-31"}, 422, "invalid"),
        ({"exit_date": "2021-01-01"}, 422, "invalid"),
        ({"exit_amount": "5.00"}, 422, "invalid"),
        ({"exit_date": "2019-01-01", "exit_amount": "5.00"}, 409, "before_first_purchase"),
        ({"exit_date": "2021-01-01", "exit_amount": "5.00", "write_off_on": "2021-01-01"}, 422, "exactly_one"),
        ({"vehicle_id": 1}, 422, "exactly_one"),
        ({"fund_id": None}, 422, "exactly_one"),
        ({"fund_id": 999999}, 404, "not_found"),
        ({"company_name": None}, 422, "exactly_one"),
        ({"company_name": None, "company_id": 999999}, 404, "not_found"),
        ({"company_id": 1}, 422, "exactly_one"),
        ({"company_name": "\u202eevil"}, 422, "invalid"),
        ({"security_id": 999999}, 404, "not_found"),
        ({"status": "exited"}, 422, "invalid"),
    ],
)
def test_each_bad_input_has_an_answer_and_stores_nothing(
    client: TestClient, changed: dict[str, Any], status: int, code: str | None
) -> None:
    answer = client.post("/api/v1/investments", json=terms(fund(client)["id"]) | changed)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json()["code"] == code
        assert client.get("/api/v1/investments").json()["total"] == 0
        assert client.get("/api/v1/companies").json()["total"] == 0, "nothing stays of a refused call"


@pytest.mark.parametrize(("currency", "amount"), [("USD", "0.001"), ("JPY", "1.5"), ("BHD", "1.2345")])
def test_an_amount_that_cannot_be_paid_is_refused_with_its_currency(
    client: TestClient, currency: str, amount: str
) -> None:
    answer = client.post("/api/v1/investments", json=terms(fund(client, currency=currency)["id"], amount=amount))
    assert answer.status_code == 422
    assert currency in answer.json()["detail"]


def test_an_investment_in_the_future_is_refused(client: TestClient) -> None:
    tomorrow = (clock.now().date() + timedelta(days=1)).isoformat()
    body = terms(fund(client)["id"])
    answer = client.post("/api/v1/investments", json=body | {"invested_on": tomorrow})
    assert (answer.status_code, answer.json()["code"]) == (422, "date_in_future")
    today = client.post("/api/v1/investments", json=body | {"invested_on": clock.now().date().isoformat()})
    assert today.status_code == 201


def test_the_thesis_is_edited_from_the_version_that_was_seen(client: TestClient) -> None:
    made = invest(client)
    address = f"/api/v1/investments/{made['id']}"
    seen = {"If-Match": f'"{made["version"]}"'}
    assert client.put(address, json={"thesis": "Grows fast"}, headers=seen).json()["thesis"] == "Grows fast"
    assert client.put(address, json={"thesis": "Too late"}, headers=seen).status_code == 412


def test_an_investment_goes_only_when_nothing_is_recorded_in_it(client: TestClient) -> None:
    made = invest(client)
    address = f"/api/v1/investments/{made['id']}"
    assert client.delete(address).json()["code"] == "investment_has_history"
    bought = client.get("/api/v1/transactions", params={"investment_id": made["id"]}).json()["items"][0]
    client.post(f"/api/v1/transactions/{bought['id']}/void", json={"reason": "another fund's"})
    assert client.get(address).json()["status"] is None
    assert client.delete(address).status_code == 204
    assert invest(client, made["fund"]["id"])["id"] != made["id"]


def test_another_firm_sees_no_investment_of_ours(
    client: TestClient, client_as: Callable[..., TestClient], database: Database
) -> None:
    made = invest(client)
    stranger = client_as(actor=make_firm(database, "Other", "USD"))
    for noun in ("investments", "holdings", "transactions"):
        assert stranger.get(f"/api/v1/{noun}").json()["total"] == 0
    assert stranger.get(f"/api/v1/investments/{made['id']}").status_code == 404
    taken = stranger.post("/api/v1/investments", json=terms(made["fund"]["id"]))
    assert taken.status_code == 404
    body = {"holding_id": made["holding_id"], "kind": "dividend", "transacted_on": "2021-01-01", "amount": "1.00"}
    assert stranger.post("/api/v1/transactions", json=body).status_code == 404
