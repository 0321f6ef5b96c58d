"""Cohort financing through the API: the fund team's own exercise, corrections, what was known when, and refusals."""

from __future__ import annotations

import csv
import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vestry.cohorts.payments import rollup
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database

API = "/api/v1"
# The first open exercise of a customer value fund (see docs/concepts/cohorts.md for its source).
PAYMENTS = [
    ("1", "2020-01-01", "200"),
    ("1", "2020-02-01", "100"),
    ("2", "2020-02-01", "400"),
    ("2", "2020-03-01", "300"),
    ("3", "2020-04-01", "500"),
]
TRADES = [("2020-01-01", "0.8", "500"), ("2020-02-01", "0.8", "400"), ("2020-04-01", "0.5", "500")]


class Books:
    """A company, and short words for its addresses."""

    def __init__(self, client: TestClient, name: str = "Acme", currency: str = "USD") -> None:
        self.client = client
        made = client.post(f"{API}/companies", json={"name": name, "currency": currency})
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]

    def at(self, path: str) -> str:
        return f"{API}/companies/{self.id}/{path}"

    def post(self, path: str, status: int = 201, **body: Any) -> Any:
        answer = self.client.post(self.at(path), json=body)
        assert answer.status_code == status, (path, body, answer.text)
        return answer.json() if answer.content else None

    def put(self, path: str, status: int = 200, **body: Any) -> Any:
        answer = self.client.put(self.at(path), json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(self.at(path), params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def pay(self, customer: str, day: str, amount: str, **more: Any) -> Any:
        return self.post("payments", customer_id=customer, payment_date=day, amount=amount, **more)

    def agree(self) -> None:
        """The exercise's spends, threshold and trades."""
        for month, sharing, cap in TRADES:
            self.post("spends", cohort_month=month, spend="1000")
            self.post("trades", cohort_month=month, sharing_percentage=sharing, cash_cap=cap)
        self.post("thresholds", payment_period_month=1, minimum_payment_percent="0.25")

    def rows(self, field: str, **query: Any) -> dict[str, list[str]]:
        """Cohort month → one field of its periods."""
        found = self.get("cashflows", **query)["cohorts"]
        return {one["cohort_month"]: [period[field] for period in one["periods"]] for one in found}


@pytest.fixture
def books(client: TestClient) -> Books:
    return Books(client)


def recounted(database: Database, actor: Actor, company_id: int) -> None:
    """What is kept equals what the payments come to."""
    with database.reading(actor) as session:
        assert rollup.read(session, company_id) == rollup.recount(session, company_id)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rollup_that_differs_from_its_payments_is_found(
    database: Database, administrator: Actor, books: Books
) -> None:
    books.pay("a", "2022-03-10", "30")
    with database.reading(administrator) as session:
        assert rollup.verify(session, administrator.firm_id) == (1, [])
    with database.transaction(administrator) as session:
        rollup.add(session, administrator.firm_id, books.id, [rollup.Cell(2022 * 12 + 2, 0, 1, 0, 0)])
        kept, wrong = rollup.verify(session, administrator.firm_id)
    assert kept == 1
    assert wrong == [f"company {books.id}: its cohorts differ from its payments"]


def test_the_exercise_comes_out_whatever_the_order_of_the_payments(client: TestClient) -> None:
    orders = [PAYMENTS, PAYMENTS[::-1], [PAYMENTS[i] for i in (3, 1, 4, 0, 2)]]
    for number, order in enumerate(orders):
        books = Books(client, f"Order {number}")
        for payment in order:
            books.pay(*payment)
        books.agree()
        paid = {"2020-01-01": ["200.00", "100.00"], "2020-02-01": ["400.00", "300.00"], "2020-04-01": ["500.00"]}
        assert books.rows("payment") == paid
        collected = {"2020-01-01": ["160.00", "100.00"], "2020-02-01": ["320.00", "80.00"], "2020-04-01": ["250.00"]}
        assert books.rows("collected") == collected
        assert books.rows("threshold_failed")["2020-01-01"] == [False, True]
        assert books.rows("share_applied")["2020-01-01"] == ["0.8", "1"]
        capped = {one["cohort_month"]: one["capped"] for one in books.get("cashflows")["cohorts"]}
        assert capped == {"2020-01-01": False, "2020-02-01": True, "2020-04-01": False}


def test_a_prediction_goes_on_from_the_last_actual_month(books: Books) -> None:
    for payment in PAYMENTS:
        books.pay(*payment)
    books.agree()
    books.post("scenarios", name="best", m0="0.4", churn="0.1")
    for asked in ({"churn": "0.1"}, {"scenario": "best"}):
        found = books.post("cashflows/predicted", status=200, horizon=6, **asked)["cohorts"]
        paid = {one["cohort_month"]: [period["payment"] for period in one["periods"]] for one in found}
        assert paid["2020-01-01"] == ["200.00", "100.00", "90.00", "81.00", "72.90", "65.61"]
        assert paid["2020-04-01"] == ["500.00", "450.00", "405.00", "364.50", "328.05", "295.245"]
        assert [period["predicted"] for period in found[0]["periods"]] == [False, False, True, True, True, True]
    books.post("spends", cohort_month="2020-05-01", spend="1000")
    found = books.post("cashflows/predicted", status=200, scenario="best", horizon=2)["cohorts"][-1]
    assert [period["payment"] for period in found["periods"]] == ["400.00", "360.00"]
    books.post("cashflows/predicted", status=422, churn="0.1", scenario="best")
    books.post("cashflows/predicted", status=422, scenario="worst")


def test_the_rate_of_return_is_on_the_funds_own_flows(books: Books) -> None:
    books.post("spends", cohort_month="2022-01-01", spend="100")
    trade = books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5", cash_cap="140")
    for month in range(1, 13):
        books.pay("a", f"2022-{month:02d}-15", "30")
    [cohort] = books.get("cashflows")["cohorts"]
    assert [period["collected"] for period in cohort["periods"]] == ["15.00"] * 9 + ["5.00", "0.00", "0.00"]
    assert (cohort["trade_id"], cohort["outlay"], cohort["customers"]) == (trade["id"], "50.00", 1)
    assert cohort["annual_irr"] == pytest.approx(16.0804, abs=5e-5)
    books.put("cohort-book", complete_through="2023-02-01", timing="same_month")
    [again] = books.get("cashflows")["cohorts"]
    assert len(again["periods"]) == 14
    assert again["annual_irr"] > cohort["annual_irr"]


def test_refunds_lower_what_was_collected_but_never_below_nothing(client: TestClient) -> None:
    for cap, expected in (("100", ["100.00", "0.00", "0.00"]), ("1000", ["150.00", "-20.00", "50.00"])):
        books = Books(client, f"Cap {cap}")
        books.post("spends", cohort_month="2022-01-01", spend="1000")
        books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5", cash_cap=cap)
        for day, amount in (("2022-01-05", "300"), ("2022-02-05", "-40"), ("2022-03-05", "100")):
            books.pay("a", day, amount)
        assert books.rows("collected")["2022-01-01"] == expected


def test_an_override_restores_the_share_and_the_cap_follows_the_spend(books: Books) -> None:
    for payment in PAYMENTS:
        books.pay(*payment)
    books.agree()
    why = {"reason": "The provider was down", "approved_by": "Committee"}
    override = books.post("threshold-overrides", cohort_month="2020-01-01", payment_period_month=1, **why)
    assert books.rows("collected")["2020-01-01"] == ["160.00", "80.00"]
    assert books.rows("threshold_failed")["2020-01-01"] == [False, True]
    books.post(f"threshold-overrides/{override['id']}/void", status=204, reason="Withdrawn")
    assert books.rows("collected")["2020-01-01"] == ["160.00", "100.00"]
    [trade] = [one for one in books.get("trades")["items"] if one["cohort_month"] == "2020-02-01"]
    terms = {"cohort_month": "2020-02-01", "sharing_percentage": "0.8", "cash_cap": "400"}
    books.put(f"trades/{trade['id']}", planned_spend="2000", **terms)
    cohort = books.get("cashflows")["cohorts"][1]
    assert (cohort["cash_cap"], cohort["effective_cap"], cohort["cumulative_collected"]) == (
        "400.00",
        "200.00",
        "200.00",
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_month_under_way_is_no_breach_until_it_is_over_or_declared_complete(books: Books) -> None:
    today = clock.now().date()
    last = today.replace(day=1) - timedelta(days=1)
    month = str(last.replace(day=1))
    books.post("spends", cohort_month=month, spend="100")
    books.post("trades", cohort_month=month, sharing_percentage="0.5")
    for period in range(2):
        books.post("thresholds", payment_period_month=period, minimum_payment_percent="0.2")
    books.pay("a", str(last), "10")
    books.pay("a", str(today), "10")
    assert books.rows("threshold_failed") == {month: [True, False]}
    assert books.rows("collected") == {month: ["10.00", "5.00"]}
    assert books.rows("threshold_failed", as_of=str(last - timedelta(days=1))) == {month: []}
    assert books.rows("threshold_failed", as_of=str(last)) == {month: [True]}
    assert [one["period"] for one in books.get("threshold-breaches")["breaches"]] == [0]
    [owed] = books.get("owed")["cohorts"]
    assert (owed["collected"], owed["threshold_failed"]) == ("5.00", False)
    assert "not over" in owed["steps"][1]
    books.put("cohort-book", complete_through=str(today.replace(day=1)))
    assert books.rows("threshold_failed") == {month: [True, True]}


def test_breaches_are_told_with_what_each_way_of_treating_them_collects(books: Books) -> None:
    books.post("spends", cohort_month="2022-01-01", spend="1000")
    books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5", cash_cap="300")
    books.post("spends", cohort_month="2022-02-01", spend="1000")
    for period in (0, 1):
        books.post("thresholds", payment_period_month=period, minimum_payment_percent="0.2")
    for customer, on, amount in (
        ("a", "2022-01-05", "100"),
        ("a", "2022-02-05", "150"),
        ("a", "2022-03-05", "400"),
        ("b", "2022-02-05", "200"),
        ("b", "2022-03-05", "50"),
    ):
        books.pay(customer, on, amount)
    told = books.get("threshold-breaches")
    ways = ("collected", "collected_in_full", "collected_at_share")
    # In full 100 + 150 and what is left of the cap; at the share 50 + 75, and 175 of 200 until the cap.
    assert [told[way] for way in ways] == ["300.00", "300.00", "300.00"]
    assert [(one["cohort_month"], one["period"], *(one[way] for way in ways)) for one in told["breaches"]] == [
        ("2022-01-01", 0, "100.00", "100.00", "50.00"),
        ("2022-01-01", 1, "150.00", "150.00", "75.00"),
        ("2022-02-01", 1, "0.00", "0.00", "0.00"),
    ]
    assert told["breaches"][2]["trade_id"] is None
    assert (told["breaches"][1]["payment_to_spend"], told["breaches"][1]["share_applied"]) == ("0.15", "1")
    early = books.get("threshold-breaches", as_of="2022-02-28")
    assert [early[way] for way in ways] == ["250.00", "250.00", "125.00"]
    cell = {"cohort_month": "2022-01-01", "payment_period_month": 1}
    override = books.post("threshold-overrides", **cell, reason="Provider down", approved_by="Committee")
    early = books.get("threshold-breaches", as_of="2022-02-28")
    assert [early[way] for way in ways] == ["175.00", "250.00", "125.00"]
    assert (early["breaches"][1]["override"]["id"], early["breaches"][1]["share_applied"]) == (override["id"], "0.5")


def test_a_payment_changes_its_customers_cohort_and_history_says_so(
    database: Database, administrator: Actor, books: Books
) -> None:
    before = clock.now()
    first = books.pay("a", "2022-03-10", "30")
    books.pay("a", "2022-05-10", "50")
    books.pay("b", "2022-03-11", "7", reference_id="r1")
    then = clock.now()
    earlier = books.pay("a", "2022-01-31", "5")
    assert books.rows("payment") == {
        "2022-01-01": ["5.00", "0.00", "30.00", "0.00", "50.00"],
        "2022-03-01": ["7.00"],
    }
    recounted(database, administrator, books.id)
    number = next(one["number"] for one in books.get("customers")["items"] if one["customer_id"] == "a")
    told = books.get(f"customers/{number}")
    assert [(one["from_month"], one["to_month"]) for one in told["moves"]] == [("2022-03-01", "2022-01-01")]
    assert (told["payments"], told["paid"]) == (3, "85.00")
    # As it was known before, and as of days in the past.
    assert books.rows("payment", known_at=then.isoformat().replace("+00:00", "Z")) == {
        "2022-03-01": ["37.00", "0.00", "50.00"]
    }
    assert books.rows("payment", known_at=before.isoformat().replace("+00:00", "Z")) == {}
    assert books.rows("payment", as_of="2022-03-31") == {
        "2022-01-01": ["5.00", "0.00", "30.00"],
        "2022-03-01": ["7.00"],
    }
    assert books.rows("payment", as_of="2022-03-10") == {"2022-01-01": ["5.00", "0.00", "30.00"]}
    past = then.isoformat().replace("+00:00", "Z")

    def customers(**asked: str) -> dict[str, str]:
        return {one["customer_id"]: one["cohort_month"] for one in books.get("customers", **asked)["items"]}

    assert customers() == {"a": "2022-01-01", "b": "2022-03-01"}
    assert customers(known_at=past) == {"a": "2022-03-01", "b": "2022-03-01"}
    assert customers(as_of="2022-03-10") == {"a": "2022-01-01"}
    assert customers(known_at=past, as_of="2022-03-10", cohort_month="2022-03-01") == {"a": "2022-03-01"}
    # Corrected, and taken back.
    changed = {"customer_id": "a", "payment_date": "2022-02-01", "amount": "6"}
    assert books.put(f"payments/{earlier['id']}", **changed)["version"] == 2
    assert books.rows("payment")["2022-02-01"] == ["6.00", "30.00", "0.00", "50.00"]
    recounted(database, administrator, books.id)
    books.post(f"payments/{earlier['id']}/void", status=204, reason="twice")
    books.post(f"payments/{first['id']}/void", status=204, reason="twice")
    assert books.rows("payment") == {"2022-03-01": ["7.00"], "2022-05-01": ["50.00"]}
    recounted(database, administrator, books.id)
    versions = books.get(f"payments/{earlier['id']}/versions")
    assert [(one["version"], one["amount"], one["reason"]) for one in versions] == [
        (1, "5.00", None),
        (2, "6.00", "twice"),
    ]
    books.get(f"payments/{earlier['id']}", status=404)
    assert books.get("payments")["total"] == 2
    known = books.get("payments", known_at=past, sort="payment_date")
    assert [(one["customer_id"], one["cohort_month"], one["period"], one["amount"]) for one in known["items"]] == [
        ("a", "2022-03-01", 0, "30.00"),
        ("b", "2022-03-01", 0, "7.00"),
        ("a", "2022-03-01", 2, "50.00"),
    ]
    assert known["total"] == 3
    assert books.get("payments", known_at=past, cohort_month="2022-03-01", period=0)["total"] == 2
    opened = books.get("cashflows/explain", known_at=past, cohort_month="2022-03-01", period=0)
    assert (opened["payment"], opened["payment_count"]) == ("37.00", 2)
    assert books.rows("payment", known_at=then.isoformat().replace("+00:00", "Z")) == {
        "2022-03-01": ["37.00", "0.00", "50.00"]
    }


def test_what_was_agreed_is_listed_as_it_was_known(books: Books) -> None:
    minimum = books.post("thresholds", payment_period_month=1, minimum_payment_percent="0.25")
    gone = books.post("scenarios", name="average", m0="0.3", churn="0.2")
    spend = books.post("spends", cohort_month="2022-01-01", spend="100")
    then = clock.now().isoformat().replace("+00:00", "Z")
    books.put(f"thresholds/{minimum['id']}", payment_period_month=1, minimum_payment_percent="0.3")
    books.put(f"spends/{spend['id']}", cohort_month="2022-01-01", spend="90")
    books.post(f"scenarios/{gone['id']}/void", status=204, reason="never agreed")
    books.post("threshold-overrides", cohort_month="2022-01-01", payment_period_month=1, reason="x", approved_by="y")
    books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5")

    def listed(path: str, field: str, **asked: str) -> list[str]:
        return [one[field] for one in books.get(path, **asked)["items"]]

    assert listed("thresholds", "minimum_payment_percent", known_at=then) == ["0.25"]
    assert listed("thresholds", "minimum_payment_percent") == ["0.3"]
    assert (listed("spends", "spend", known_at=then), listed("spends", "spend")) == (["100.00"], ["90.00"])
    assert (listed("scenarios", "name", known_at=then), listed("scenarios", "name")) == (["average"], [])
    for path in ("trades", "threshold-overrides"):
        assert (len(listed(path, "id", known_at=then)), len(listed(path, "id"))) == (0, 1)
    told = books.get(f"scenarios/{gone['id']}/versions")
    assert [(one["version"], one["void_reason"]) for one in told] == [(1, None), (2, "never agreed")]


def test_what_cannot_be_is_refused_with_a_reason(books: Books) -> None:
    books.post("spends", cohort_month="2022-01-01", spend="0")
    refusals = itertools.chain(
        [("spends", 409, {"cohort_month": "2022-01-01", "spend": "5"})],
        [("spends", 422, {"cohort_month": "2022-01-02", "spend": "5"})],
        [("trades", 422, {"cohort_month": "2022-01-01", "sharing_percentage": "0.5", "cash_cap": "0"})],
        [("trades", 422, {"cohort_month": "2022-01-01", "sharing_percentage": "1.5"})],
        [("payments", 422, {"customer_id": "a", "payment_date": "2022-01-01", "amount": "1.005"})],
        [("payments", 422, {"customer_id": "x" * 201, "payment_date": "2022-01-01", "amount": "1"})],
        [("payments", 422, {"customer_id": "a", "payment_date": "2190-01-01", "amount": "1"})],
    )
    for path, status, body in refusals:
        books.post(path, status=status, **body)
    for minimum, message in (("-0.1", "must be at least 0"), ("20", "must be at most 1")):
        refused = books.post("thresholds", status=422, payment_period_month=1, minimum_payment_percent=minimum)
        assert refused["errors"][0]["message"] == message
    books.pay("a", "1903-01-01", "1", reference_id="r1")
    books.post("payments", status=409, customer_id="a", payment_date="2022-01-01", amount="2", reference_id="r1")
    refused = books.post("payments", status=422, customer_id="a", payment_date="2022-01-01", amount="2")
    assert refused["code"] == "cohorts_beyond_reach"
    refused = books.post("payments", status=422, customer_id="a", payment_date="1903-02-01", amount="99999999999999")
    assert refused["code"] == "cohorts_beyond_reach"
    books.post("thresholds", payment_period_month=0, minimum_payment_percent="0.5")
    books.post("thresholds", status=409, payment_period_month=0, minimum_payment_percent="0.6")


def test_odd_books_have_defined_answers(books: Books) -> None:
    books.post("spends", cohort_month="2022-01-01", spend="0")
    books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5")
    books.post("trades", cohort_month="2022-02-01", sharing_percentage="0.5")
    books.post("thresholds", payment_period_month=0, minimum_payment_percent="0.5")
    books.pay("a", "2022-01-05", "10")
    books.pay("b", "2022-03-05", "10")
    found = {one["cohort_month"]: one for one in books.get("cashflows")["cohorts"]}
    assert {month: one["irr_status"] for month, one in found.items()} == {
        "2022-01-01": "no_outlay",
        "2022-02-01": "no_spend",
        "2022-03-01": "unfunded",
    }
    assert all(one["annual_irr"] is None for one in found.values())
    assert (found["2022-02-01"]["periods"], found["2022-03-01"]["trade_id"]) == ([], None)


def test_a_company_contact_sees_no_prediction_and_no_return_of_the_fund_and_changes_no_terms(
    client: TestClient, database: Database, administrator: Actor, books: Books
) -> None:
    from tests.clients import application
    from vestry.identity import service as identity
    from vestry.identity.grants import Wanted

    other = Books(client, "Other")
    with database.transaction(administrator) as session:
        _, secret = identity.create_token(
            session, administrator, name="contact", role="company_contact", grants=[Wanted("company", books.id)]
        )
    app = application(database)
    headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
    books.post("trades", cohort_month="2022-01-01", sharing_percentage="0.5")
    books.pay("a", "2022-01-05", "300")
    with TestClient(app, base_url="http://localhost", headers=headers) as contact:
        at = f"{API}/companies/{books.id}"
        spend = contact.post(f"{at}/spends", json={"cohort_month": "2022-01-01", "spend": "100"})
        assert spend.status_code == 201, spend.text
        [own] = contact.get(f"{at}/cashflows").json()["cohorts"]
        [seen] = books.get("cashflows")["cohorts"]
        assert (seen["annual_irr"], seen["irr_status"]) == (pytest.approx(3.0**12 - 1), "ok")
        assert {name for name in seen if seen[name] != own[name]} == {
            "monthly_irr", "annual_irr", "irr_status", "settled_irr_status",
        }  # fmt: skip
        assert not any(own[name] for name in own if "irr" in name and name != "cohort_payment_irr")
        for asked in ("simulate", "solve", "stress"):
            assert contact.post(f"{at}/trades/{asked}", json={}).status_code == 403
        assert contact.post(f"{at}/cashflows/predicted", json={"churn": "0.1"}).status_code == 403
        for foretold in ("scenarios", "scenarios/1", "cashflows/forecast", "cashflows/groups", "cashflows/scenarios"):
            assert contact.get(f"{at}/{foretold}").status_code == 403
        for own in ("owed", "payments", "payment-uploads", "spends", "thresholds", "threshold-breaches"):
            assert contact.get(f"{at}/{own}").status_code == 200
            assert contact.get(f"{API}/companies/{other.id}/{own}").status_code == 404
        assert contact.get(f"{API}/cohorts/portfolio").status_code == 403
        trade = {"cohort_month": "2022-02-01", "sharing_percentage": "1"}
        assert contact.post(f"{at}/trades", json=trade).status_code == 403
        assert contact.get(f"{API}/companies/{other.id}/cashflows").status_code == 404


def test_a_table_shows_payments_in_four_ways_and_three_forms(books: Books) -> None:
    for payment in PAYMENTS:
        books.pay(*payment)
    books.agree()
    shown = {
        "absolute": ["400.00", "300.00"],
        "cumulative": ["400.00", "700.00"],
        "percent_of_spend": ["0.4", "0.3"],
        "per_customer": ["400.00", "300.00"],
    }
    for show, values in shown.items():
        made = books.get("cohorts_table", show=show)
        assert made["cohorts"][1]["values"] == values
        assert made["cohorts"][2]["values"][1] is None
    listed = books.client.get(books.at("cohorts_table"), params={"format": "csv"}).text.splitlines()
    assert listed[:2] == ["cohort_month,spend,customers,0,1", "2020-01-01,1000.00,1,200.00,100.00"]
    book = books.client.get(books.at("cohorts_table"), params={"format": "xlsx"})
    assert book.content.startswith(b"PK")


def test_a_cell_is_opened_and_a_month_is_owed_with_its_steps(books: Books) -> None:
    for payment in PAYMENTS:
        books.pay(*payment)
    books.agree()
    opened = books.get("cashflows/explain", cohort_month="2020-01-01", period=1)
    assert (opened["payment_count"], opened["payments"][0]["customer_id"]) == (1, "1")
    assert (opened["threshold_failed"], opened["share_applied"], opened["minimum_payment"]) == (True, "1", "250.00")
    assert any("100 %" in step for step in opened["steps"])
    books.get("cashflows/explain", status=404, cohort_month="2020-01-01", period=2)
    books.get("cashflows/explain", status=404, cohort_month="2021-01-01", period=0)
    owed = books.get("owed", month="2020-02-01")
    assert owed["total"] == "420.00"
    assert {one["cohort_month"]: one["collected"] for one in owed["cohorts"]} == {
        "2020-01-01": "100.00",
        "2020-02-01": "320.00",
    }
    later = books.get("owed", month="2020-05-01")
    assert (later["total"], {one["reason"] for one in later["cohorts"]}) == ("0.00", {"not_known"})


def test_the_portfolio_adds_up_what_the_trades_brought(client: TestClient) -> None:
    fund = client.post(f"{API}/funds", json={"name": "CVF", "currency": "USD"}).json()
    for name in ("Acme", "Bolt"):
        books = Books(client, name)
        for payment in PAYMENTS:
            books.pay(*payment)
        for month, sharing, cap in TRADES:
            books.post("spends", cohort_month=month, spend="1000")
            of = {"fund_id": fund["id"]} if name == "Acme" else {}
            books.post("trades", cohort_month=month, sharing_percentage=sharing, cash_cap=cap, **of)
    whole = client.get(f"{API}/cohorts/portfolio").json()
    [totals] = whole["currencies"]
    assert (totals["trades"], totals["companies"], totals["outlay"]) == (6, 2, "4200.00")
    assert totals["collected"] == "1780.00"
    assert [one["share"] for one in totals["concentration"]["companies"]] == ["0.5", "0.5"]
    assert totals["concentration"]["herfindahl"] == pytest.approx(0.5)
    part = client.get(f"{API}/cohorts/portfolio", params={"fund_id": fund["id"]}).json()
    assert [one["company"] for one in part["trades"]] == ["Acme"] * 3
    assert [one["cap_used"] for one in part["trades"]] == ["0.48", "1", "0.5"]
    [vintage] = part["currencies"][0]["vintages"]
    assert vintage["outlay"] == "2100.00"
    assert [one["trades"] for one in vintage["periods"]] == sorted((3, 2, 1), reverse=True)[: len(vintage["periods"])]
    assert vintage["periods"][0]["collected_to_outlay"] == vintage["collected_to_outlay"][0]


def test_the_portfolio_totals_what_is_shown_and_gives_it_as_a_file(client: TestClient) -> None:
    for name in ("Acme", "=Bolt"):
        books = Books(client, name)
        for payment in PAYMENTS:
            books.pay(*payment)
        for month, sharing, cap in TRADES:
            books.post("spends", cohort_month=month, spend="1000")
            books.post("trades", cohort_month=month, sharing_percentage=sharing, cash_cap=cap)

    def shown(**asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"{API}/cohorts/portfolio", params=asked).json()
        return found

    reached = shown(state="cap_reached", sort="-collected")
    assert {one["state"] for one in reached["trades"]} == {"cap_reached"}
    [totals] = reached["currencies"]
    assert Decimal(totals["collected"]) == sum(Decimal(one["collected"]) for one in reached["trades"])
    assert {one["company"] for one in shown(q="bolt")["trades"]} == {"=Bolt"}
    ordered = [Decimal(one["exposure"]) for one in shown(sort="-exposure")["trades"]]
    assert ordered == sorted(ordered, reverse=True)
    assert shown(q="nobody")["currencies"] == []
    assert len(shown(state=["cap_reached", "collecting", "below_minimum"])["trades"]) == 6
    text = client.get(f"{API}/cohorts/portfolio", params={"format": "csv", "q": "bolt"}).text
    assert [row["company"] for row in csv.DictReader(text.splitlines())] == ["'=Bolt"] * 3
    book = client.get(f"{API}/cohorts/portfolio", params={"format": "xlsx"})
    assert "trades.xlsx" in book.headers["content-disposition"]
    assert book.content[:2] == b"PK"
