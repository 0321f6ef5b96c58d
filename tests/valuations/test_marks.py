"""Marks and reported NAVs over HTTP, on both databases."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.investments.deals import fund, invest
from vestry.core import clock

LATER = "2199-12-31"  # to come at whatever hour the tests run


def mark(client: TestClient, **body: Any) -> dict[str, Any]:
    """Record a mark; answers its body, or the problem with its ``status``."""
    found: dict[str, Any] = client.post("/api/v1/marks", json=body).json()
    return found


def test_a_mark_names_a_holding_an_investment_or_a_company(client: TestClient) -> None:
    made = invest(client)
    day = {"measured_on": "2021-12-31", "fair_value": "150000.00", "method": "multiples"}
    own = mark(client, holding_id=made["holding_id"], **day)
    assert (own["holding_id"], own["company_id"], own["currency"]) == (made["holding_id"], None, "USD")
    same = mark(client, investment_id=made["id"], **day | {"measured_on": "2022-12-31"})
    assert same["holding_id"] == made["holding_id"]
    equity = mark(client, company_id=made["company"]["id"], **day)
    assert (equity["holding_id"], equity["company_id"]) == (None, made["company"]["id"])
    listed = client.get("/api/v1/marks", params={"investment_id": made["id"]}).json()["items"]
    assert [row["id"] for row in listed] == [same["id"], own["id"]]
    assert client.get(f"/api/v1/marks/{own['id']}").json() == own
    within = client.get("/api/v1/marks", params={"within_company_id": made["company"]["id"]}).json()["items"]
    assert {row["id"] for row in within} == {own["id"], same["id"], equity["id"]}
    assert client.get("/api/v1/marks", params={"within_company_id": 999999}).json()["total"] == 0


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"measured_on": LATER}, 422, "date_in_future"),
        ({"measured_on": "2019-12-31"}, 409, "mark_before_purchase"),
        ({"measured_on": "2021-02-29"}, 422, "invalid"),
        ({"fair_value": "-1.00"}, 422, "invalid"),
        ({"fair_value": 5}, 422, "invalid"),
        ({"fair_value": "NaN"}, 422, "invalid"),
        ({"fair_value": "1.00001"}, 422, "invalid"),
        ({"currency": "EUR"}, 422, "wrong_currency"),
        ({"method": "guess"}, 422, "invalid"),
        ({"memo": "a\u0000b"}, 422, "invalid"),
        ({"company_id": 1}, 422, "exactly_one"),
        ({"holding_id": None}, 422, "exactly_one"),
        ({"holding_id": 999999}, 404, "not_found"),
    ],
)
def test_each_bad_mark_has_an_answer(client: TestClient, changed: dict[str, Any], status: int, code: str) -> None:
    made = invest(client)
    body = {"holding_id": made["holding_id"], "measured_on": "2021-12-31", "fair_value": "1.00"} | changed
    answer = mark(client, **body)
    assert (answer["status"], answer["code"]) == (status, code), answer
    assert client.get("/api/v1/marks").json()["total"] == 0


def test_a_second_mark_of_the_day_is_refused_and_the_first_can_be_corrected(client: TestClient) -> None:
    made = invest(client)
    for subject in ({"holding_id": made["holding_id"]}, {"company_id": made["company"]["id"]}):
        body = {"measured_on": "2021-12-31", "fair_value": "150000.00"}
        first = mark(client, **subject, **body)
        again = mark(client, **subject, **body)
        assert (again["status"], again["code"]) == (409, "mark_exists")
        assert f"/marks/{first['id']}" in again["mend"]
        address = f"/api/v1/marks/{first['id']}"
        changed = client.put(address, json=body | {"fair_value": "160000.00"}, headers={"If-Match": '"1"'}).json()
        assert (changed["version"], changed["fair_value"]) == (2, "160000.00")
        assert client.put(address, json=body, headers={"If-Match": '"1"'}).status_code == 412
        other = mark(client, **subject, **body | {"measured_on": "2022-12-31"})
        moved = client.put(f"/api/v1/marks/{other['id']}", json=body)
        assert (moved.status_code, moved.json()["code"]) == (409, "mark_exists")
        client.post(f"{address}/void", json={"reason": "wrong day"})
        assert "id" in mark(client, **subject, **body), "a voided mark leaves its day free"


def test_a_mark_after_a_full_exit_is_refused(client: TestClient) -> None:
    made = invest(client, exit_date="2022-06-30", exit_amount="1.00")
    body = {"holding_id": made["holding_id"], "fair_value": "5.00"}
    for day in ("2022-06-30", "2022-12-31"):
        answer = mark(client, **body, measured_on=day)
        assert (answer["status"], answer["code"]) == (409, "mark_after_exit")
        assert "2022-06-30" in answer["detail"]
    before = mark(client, **body, measured_on="2022-06-29")
    assert "id" in before
    moved = client.put(f"/api/v1/marks/{before['id']}", json={"measured_on": "2022-07-01", "fair_value": "5.00"})
    assert moved.json()["code"] == "mark_after_exit"


def test_a_company_is_marked_in_its_own_currency(client: TestClient) -> None:
    company = client.post("/api/v1/companies", json={"name": "Beta", "currency": "EUR"}).json()
    body = {"company_id": company["id"], "measured_on": "2021-12-31", "fair_value": "1.00"}
    assert mark(client, **body, currency="USD")["code"] == "wrong_currency"
    assert mark(client, **body)["currency"] == "EUR"


def test_what_was_known_of_a_mark_stays_known(client: TestClient) -> None:
    made = invest(client)
    body = {"measured_on": "2021-12-31", "fair_value": "150000.00"}
    first = mark(client, holding_id=made["holding_id"], **body)
    time.sleep(0.002)
    before = clock.now().isoformat()
    time.sleep(0.002)
    client.put(f"/api/v1/marks/{first['id']}", json=body | {"fair_value": "90000.00"})

    def value(**query: str) -> Any:
        asked = {"investment_id": made["id"], "as_of": "2022-01-31"} | query
        (found,) = client.get("/api/v1/positions", params=asked).json()["items"]
        return found["fair_value"], found["basis"]

    assert value() == ("90000.00", "mark")
    assert value(known_at=before) == ("150000.00", "mark")
    client.post(f"/api/v1/marks/{first['id']}/void", json={"reason": "not approved"})
    assert value() == ("100000.00", "at_cost")
    assert value(known_at=before) == ("150000.00", "mark")
    versions = client.get(f"/api/v1/marks/{first['id']}/versions").json()
    assert [(row["fair_value"], row["void_reason"]) for row in versions] == [
        ("150000.00", None),
        ("90000.00", None),
        ("90000.00", "not approved"),
    ]


def test_a_reported_nav_is_one_a_day_for_the_vehicle_and_for_each_investor(client: TestClient) -> None:
    made = fund(client)
    investor = client.post("/api/v1/investors", json={"name": "Pension Plan"}).json()
    body = {"fund_id": made["id"], "reported_on": "2023-12-31", "amount": "1234567.8912", "source": "Administrator"}
    whole = client.post("/api/v1/reported-navs", json=body)
    assert whole.status_code == 201, whole.text
    assert (whole.json()["amount"], whole.json()["vehicle_id"]) == ("1234567.8912", made["main_vehicle_id"])
    again = client.post("/api/v1/reported-navs", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "reported_nav_exists")
    theirs = body | {"investor_id": investor["id"]}
    assert client.post("/api/v1/reported-navs", json=theirs).status_code == 201
    assert client.post("/api/v1/reported-navs", json=theirs).status_code == 409
    address = f"/api/v1/reported-navs/{whole.json()['id']}"
    change = {"reported_on": "2023-12-31", "amount": "-5.00"}
    changed = client.put(address, json=change, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["amount"]) == (200, "-5.00")
    listed = client.get("/api/v1/reported-navs", params={"fund_id": made["id"]}).json()
    assert listed["total"] == 2
    assert client.post(f"{address}/void", json={"reason": "typo"}).status_code == 204
    assert client.get(address).status_code == 404
    assert len(client.get(f"{address}/versions").json()) == 3
    assert client.post("/api/v1/reported-navs", json=body).status_code == 201


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"reported_on": LATER}, 422, "date_in_future"),
        ({"currency": "EUR"}, 422, "wrong_currency"),
        ({"amount": "1e5"}, 422, "invalid"),
        ({"investor_id": 999999}, 404, "not_found"),
        ({"fund_id": None}, 422, "exactly_one"),
        ({"fund_id": 999999}, 404, "not_found"),
    ],
)
def test_each_bad_reported_nav_has_an_answer(
    client: TestClient, changed: dict[str, Any], status: int, code: str
) -> None:
    body = {"fund_id": fund(client)["id"], "reported_on": "2023-12-31", "amount": "1.00"} | changed
    answer = client.post("/api/v1/reported-navs", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get("/api/v1/reported-navs").json()["total"] == 0


def test_an_analyst_reads_marks_and_records_none(client_as: Callable[..., TestClient]) -> None:
    analyst = client_as("analyst")
    assert analyst.get("/api/v1/marks").status_code == 200
    body = {"company_id": 1, "measured_on": "2021-12-31", "fair_value": "1.00"}
    assert analyst.post("/api/v1/marks", json=body).status_code == 403
