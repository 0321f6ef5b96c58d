"""Kept cash flows: after every operation that writes, what is given is what would be made anew."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cohorts.test_cohorts import API, Books
from tests.cohorts.test_rounds import MARCH, Round
from vestry.cohorts.cashflows import routes
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.kept import Kept

DESCRIBED = Path(__file__).parents[2] / "web" / "openapi.json"
# Of the operations under a company these say nothing of its cohorts, or write nothing.
ELSEWHERE = {
    "fetch_market_prices", "set_fiscal_year", "void_fiscal_year", "set_company_recipients", "put_company_metrics",
    "approve_company_metrics", "take_back_company_metrics", "check_metric_import", "create_metric_import",
    "undo_metric_import", "set_metric_mapping", "create_metric_connection", "update_metric_connection",
    "archive_metric_connection", "fetch_metric_connection",
}  # fmt: skip
ASKED = {"check_payment_upload", "predict_cashflows", "simulate_trade", "solve_trade", "stress_trade"}
# What is planned, assumed or agreed to shows in other answers than this one.
UNSEEN = {
    "create_scenario", "update_scenario", "void_scenario", "plan_monthly_round", "update_monthly_round",
    "decline_monthly_round", "void_monthly_round", "issue_monthly_statement",
}  # fmt: skip


class Watched:
    """Reads a company's cash flows after each change, as kept and made anew, and notes which changes they show."""

    def __init__(self, books: Books) -> None:
        self.books, self.client = books, books.client
        app: Any = self.client.app
        self.state = app.state
        paths = json.loads(DESCRIBED.read_text())["paths"]
        self.operations = {
            (method, path): one["operationId"]
            for path, methods in paths.items()
            for method, one in methods.items()
            if "/companies/{company_id}/" in path and method in ("post", "put", "patch", "delete")
        }
        self.done: set[str] = set()
        self.shown: set[str] = set()
        self.last = self._read()
        self.client.event_hooks["response"] = [self._after]

    def _read(self) -> bytes:
        answer = self.client.get(self.books.at("cashflows"))
        assert answer.status_code == 200, answer.text
        return answer.content

    def _after(self, answer: Any) -> None:
        asked = answer.request
        if asked.method == "GET" or not answer.is_success:
            return
        name = next(
            name
            for (method, path), name in self.operations.items()
            if method == asked.method.lower() and re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", path), asked.url.path)
        )
        given = self._read()
        self.state.kept, self.state.database.sums = Kept(), Kept()
        assert given == self._read(), name
        self.done.add(name)
        if given != self.last:
            self.shown.add(name)
        self.last = given


def test_every_operation_that_writes_is_seen_in_the_cash_flows_that_are_kept(client: TestClient) -> None:
    books = Books(client)
    seen = Watched(books)
    _facts(books)
    _payments(books)
    _rounds(books)
    expected = set(seen.operations.values()) - ELSEWHERE - ASKED
    assert seen.done == expected
    assert expected - UNSEEN <= seen.shown


def _facts(books: Books) -> None:
    books.pay("a", "2024-03-20", "30")
    books.pay("a", "2024-04-20", "5")
    spend = books.post("spends", cohort_month=MARCH, spend="100")
    books.put(f"spends/{spend['id']}", cohort_month=MARCH, spend="120")
    terms = {"cohort_month": MARCH, "sharing_percentage": "0.5", "allowed_deviation": "0.5"}
    trade = books.post("trades", **terms)
    books.put(f"trades/{trade['id']}", cash_cap="140", **terms)
    threshold = books.post("thresholds", payment_period_month=1, minimum_payment_percent="0.4")
    for least in ("0.01", "0.4"):
        books.put(f"thresholds/{threshold['id']}", payment_period_month=1, minimum_payment_percent=least)
    override = {"cohort_month": MARCH, "reason": "The provider was down", "approved_by": "Committee"}
    made = books.post("threshold-overrides", payment_period_month=1, **override)
    books.put(f"threshold-overrides/{made['id']}", payment_period_month=0, **override)
    books.put(f"threshold-overrides/{made['id']}", payment_period_month=1, **override)
    books.post(f"threshold-overrides/{made['id']}/void", 204, reason="Withdrawn")
    books.post(f"thresholds/{threshold['id']}/void", 204, reason="Withdrawn")
    scenario = books.post("scenarios", name="best", m0="0.4", churn="0.1")
    books.put(f"scenarios/{scenario['id']}", name="best", m0="0.4", churn="0.2")
    books.post(f"scenarios/{scenario['id']}/void", 204, reason="Withdrawn")
    books.put("cohort-book", complete_through="2024-05-01", timing="end_of_month")
    books.put("cohort-book", complete_through=None, timing="same_month")
    books.post(f"spends/{spend['id']}/void", 204, reason="A round reports it")


def _payments(books: Books) -> None:
    paid = books.pay("b", "2024-03-21", "40")
    books.put(f"payments/{paid['id']}", customer_id="b", payment_date="2024-02-21", amount="41")
    books.post(f"payments/{paid['id']}/void", 204, reason="Twice")
    file = {"file": ("payments.csv", b"customer_id,payment_date,amount\nc,2024-03-22,50\n", "text/csv")}
    made = books.client.post(books.at("payments/upload"), files=file).json()
    books.post(f"payment-uploads/{made['id']}/undo", 200, reason="The wrong file")


def _rounds(books: Books) -> None:
    march = Round(books)
    books.put(march.path, planned_spend="90")
    march.do("decline", reason="Too little")
    books.put(march.path, planned_spend="100")
    march.until_stated().do("settle", paid_on="2024-04-10", amount="10")
    [settlement] = [one for one in march.now["transfers"] if one["kind"] == "settlement"]
    books.post(f"round-transfers/{settlement['id']}/void", 204, reason="Another company's")
    march.do("step-back", reason="Another spend")
    march.do("step-back", reason="Another spend")
    other = Round(books, "2024-05-01")
    books.post(f"{other.path}/void", 204, reason="Not needed")
    [trade] = books.get("trades")["items"]
    books.post(f"trades/{trade['id']}/void", 204, reason="Withdrawn")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The companies whose cash flows were computed, each time."""
    computed: list[int] = []
    make = routes.books_of

    def watched(session: Any, actor: Actor, company_id: int, **asked: Any) -> Any:
        computed.append(company_id)
        return make(session, actor, company_id, **asked)

    monkeypatch.setattr(routes, "books_of", watched)
    return computed


def test_what_did_not_change_is_computed_once_a_day_and_given_only_to_whoever_may_see_it(
    client: TestClient, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    books, other = Books(client), Books(client, "Other")
    books.pay("a", "2024-03-20", "30")
    first = books.get("cashflows")
    assert [books.get("cashflows"), books.get("cashflows")] == [first, first]
    other.pay("a", "2024-03-20", "30")
    books.get("cashflows", as_of="2024-03-31")
    books.get("cashflows", as_of="2024-03-31")
    assert made == [books.id, books.id]
    known_at = clock.now().isoformat()
    assert books.get("cashflows", known_at=known_at) == books.get("cashflows", known_at=known_at)
    assert made == [books.id] * 4
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))
    assert [books.get("cashflows"), books.get("cashflows")] == [first, first]
    assert made == [books.id] * 5
    token = client.headers.pop("authorization")
    books.get("cashflows", 401)
    client.headers["authorization"] = token
    empty = Books(client, "Without payments")
    empty.get("cashflows")
    assert client.delete(f"{API}/companies/{empty.id}").status_code == 204
    empty.get("cashflows", 404)


def test_the_sums_of_payments_are_read_once_after_each_act_and_never_from_what_is_not_committed(
    client: TestClient,
) -> None:
    books = Books(client)
    sums: Kept = client.app.state.database.sums  # type: ignore[attr-defined]
    books.pay("a", "2024-03-20", "30")
    books.get("cashflows")
    first = sums.bytes
    books.post("spends", cohort_month="2024-03-01", spend="100")
    assert books.get("cashflows")["cohorts"][0]["spend"] == "100.00"
    assert 0 < sums.bytes == first
    books.pay("a", "2024-04-20", "12")
    assert sums.bytes == first  # whoever writes keeps nothing
    assert [one["payment"] for one in books.get("cashflows")["cohorts"][0]["periods"]] == ["30.00", "12.00"]
    assert sums.bytes == 2 * first


def test_kept_answers_stay_within_their_bounds() -> None:
    kept = Kept(bytes_max=25)
    for name in "abc":
        kept.keep(name, (1,), b"x" * 10)
    assert [kept.get(name, (1,)) for name in "abc"] == [None, b"x" * 10, b"x" * 10]
    kept.get("b", (1,))
    kept.keep("d", (1,), b"x" * 10)
    assert [kept.get(name, (1,)) is None for name in "bcd"] == [False, True, False]
    kept.keep("b", (2,), b"y" * 26)
    assert (kept.get("b", (1,)), kept.get("b", (2,)), kept.bytes) == (None, None, 0)
