"""Companies, rounds and securities over HTTP, on both databases."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from tests.investments.deals import invest
from vestry.core import clock
from vestry.core.db import Database


def company(client: TestClient, **changed: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/companies", json={"name": "Acme", "currency": "USD"} | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_company_needs_no_more_than_a_name_and_a_currency(client: TestClient) -> None:
    made = company(client)
    assert (made["id"] > 0, made["is_public"], made["industry"]) == (True, False, None)
    assert client.get(f"/api/v1/companies/{made['id']}").json() == made
    assert client.get("/api/v1/companies", params={"q": "ACM"}).json()["items"] == [made]


def test_two_companies_of_a_firm_never_share_a_name_but_those_of_two_firms_may(
    client: TestClient, client_as: Callable[..., TestClient], database: Database
) -> None:
    company(client)
    again = client.post("/api/v1/companies", json={"name": " ACME ", "currency": "EUR"})
    assert (again.status_code, again.json()["code"]) == (409, "company_name_taken")
    stranger = client_as(actor=make_firm(database, "Other", "USD"))
    theirs = company(stranger)
    assert client.get(f"/api/v1/companies/{theirs['id']}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"currency": "usd"}, "currency"),
        ({"currency": "ZZZ"}, "currency"),
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "\u202eevil"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "\u200d"}, "name"),
        ({"is_public": "true"}, "is_public"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"ticker_symbol": "A" * 21}, "ticker_symbol"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_not_acceptable_in_a_company_is_refused(client: TestClient, changed: dict[str, Any], path: str) -> None:
    answer = client.post(
        "/api/v1/companies",
        content=json.dumps({"name": "Acme", "currency": "USD"} | changed),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert client.get("/api/v1/companies").json()["total"] == 0


@pytest.mark.parametrize("name", ["<script>window.__xss=1</script>", "=1+1", "شركة النور", "Ünïcødé 🚀", "{{7*7}}"])
def test_a_name_is_kept_as_it_was_typed(client: TestClient, name: str) -> None:
    assert company(client, name=name)["name"] == name
    assert client.get("/api/v1/companies", params={"q": name}).json()["total"] == 1


def test_a_company_is_edited_from_the_version_that_was_seen(client: TestClient) -> None:
    address = f"/api/v1/companies/{company(client)['id']}"
    body = {"name": "Acme Ltd", "currency": "EUR", "country": "Ireland"}
    assert client.put(address, json=body, headers={"If-Match": '"1"'}).json()["currency"] == "EUR"
    assert client.put(address, json=body, headers={"If-Match": '"1"'}).status_code == 412


def test_a_company_without_records_can_be_taken_away_and_one_with_an_investment_stays(client: TestClient) -> None:
    made = company(client)
    assert client.delete(f"/api/v1/companies/{made['id']}").status_code == 204
    assert client.get(f"/api/v1/companies/{made['id']}").status_code == 404
    held = invest(client)["company"]["id"]
    refused = client.delete(f"/api/v1/companies/{held}")
    assert (refused.status_code, refused.json()["code"]) == (409, "company_has_history")


def test_the_currency_of_a_company_stays_once_a_round_is_recorded_in_it(client: TestClient) -> None:
    made = company(client)
    client.post("/api/v1/rounds", json={"company_id": made["id"], "name": "A", "closed_on": "2020-01-01"})
    answer = client.put(f"/api/v1/companies/{made['id']}", json={"name": "Acme", "currency": "EUR"})
    assert (answer.status_code, answer.json()["code"]) == (409, "company_currency_is_fixed")


def test_post_money_less_pre_money_is_what_was_raised(client: TestClient) -> None:
    body = {"company_id": company(client)["id"], "name": "Series A", "closed_on": "2020-06-30"}
    numbers = {"raised": "2000000.00", "pre_money": "8000000.00", "post_money": "10000000.00"}
    made = client.post("/api/v1/rounds", json=body | numbers)
    assert (made.status_code, made.json()["currency"]) == (201, "USD")
    wrong = client.post("/api/v1/rounds", json=body | numbers | {"raised": "1999999.99"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "round_does_not_add_up")
    assert "2000000.00" in wrong.json()["detail"]
    less = client.post("/api/v1/rounds", json=body | {"pre_money": "5.00", "post_money": "4.00"})
    assert less.status_code == 422
    some = client.post("/api/v1/rounds", json=body | {"post_money": "10000000.00"})
    assert some.status_code == 201
    assert client.get("/api/v1/rounds", params={"company_id": body["company_id"]}).json()["total"] == 2


def test_a_round_in_the_future_is_refused(client: TestClient) -> None:
    tomorrow = (clock.now().date() + timedelta(days=1)).isoformat()
    body = {"company_id": company(client)["id"], "name": "A", "closed_on": tomorrow}
    answer = client.post("/api/v1/rounds", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "date_in_future")


def test_a_corrected_round_keeps_its_earlier_version(client: TestClient) -> None:
    body = {"name": "A", "closed_on": "2020-01-01", "raised": "5.00"}
    made = client.post("/api/v1/rounds", json=body | {"company_id": company(client)["id"]}).json()
    address = f"/api/v1/rounds/{made['id']}"
    assert client.put(address, json=body | {"raised": "6.00"}).json()["version"] == 2
    assert client.post(f"{address}/void", json={"reason": "never closed"}).status_code == 204
    assert client.get(address).status_code == 404
    found = client.get(f"{address}/versions").json()
    assert [(row["raised"], row["void_reason"]) for row in found] == [
        ("5.00", None),
        ("6.00", None),
        ("6.00", "never closed"),
    ]


def test_a_security_is_issued_in_a_round_of_its_own_company(client: TestClient) -> None:
    ours, other = company(client), company(client, name="Other")
    of_other = client.post(
        "/api/v1/rounds", json={"company_id": other["id"], "name": "A", "closed_on": "2020-01-01"}
    ).json()
    body = {"company_id": ours["id"], "name": "Series A", "kind": "preferred", "shares_outstanding": "1000000"}
    made = client.post("/api/v1/securities", json=body)
    assert (made.status_code, made.json()["shares_outstanding"], made.json()["currency"]) == (201, "1000000", "USD")
    foreign = client.post("/api/v1/securities", json=body | {"round_id": of_other["id"]})
    assert (foreign.status_code, foreign.json()["code"]) == (422, "round_of_another_company")
    own = client.post("/api/v1/securities", json=body | {"company_id": other["id"], "round_id": of_other["id"]}).json()
    void = client.post(f"/api/v1/rounds/{of_other['id']}/void", json={"reason": "mistake"})
    assert (void.status_code, void.json()["code"]) == (409, "round_has_securities")
    assert client.delete(f"/api/v1/securities/{own['id']}").status_code == 204
    assert client.post(f"/api/v1/rounds/{of_other['id']}/void", json={"reason": "mistake"}).status_code == 204


def test_a_security_that_is_held_stays(client: TestClient) -> None:
    made = invest(client, security={"name": "Series A", "kind": "preferred"})
    security_id = client.get(f"/api/v1/holdings/{made['holding_id']}").json()["security_id"]
    refused = client.delete(f"/api/v1/securities/{security_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "security_is_held")


def test_an_auditor_reads_companies_and_changes_none(client_as: Callable[..., TestClient]) -> None:
    auditor = client_as("auditor")
    assert auditor.get("/api/v1/companies").status_code == 200
    assert auditor.post("/api/v1/companies", json={"name": "A", "currency": "USD"}).status_code == 403
