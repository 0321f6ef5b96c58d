"""The monthly round: each step in its turn, what it writes, what it refuses, and what is owed and settled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.cohorts.test_cohorts import API, Books
from vestry.cohorts.rounds import steps
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.grants import Wanted
from vestry.kernel.returns import xirr

MARCH, APRIL = "2024-03-01", "2024-04-01"


@pytest.fixture
def books(client: TestClient) -> Books:
    """A company with a trade of 50 % on March and what its customers paid in March and April."""
    made = Books(client)
    made.post("trades", cohort_month=MARCH, sharing_percentage="0.5", cash_cap="140.00", allowed_deviation="0.1")
    made.pay("a", "2024-03-20", "30")
    made.pay("a", "2024-04-20", "50")
    return made


class Round:
    """A monthly round, and short words for its steps."""

    def __init__(self, books: Books, month: str = MARCH, planned: str = "100") -> None:
        self.books = books
        self.now = books.post("monthly-rounds", month=month, planned_spend=planned)
        self.path = f"monthly-rounds/{self.now['id']}"

    def do(self, step: str, status: int = 200, **body: Any) -> Any:
        address = self.books.at(f"{self.path}/{step}")
        answer = self.books.client.post(address, json=body) if body else self.books.client.post(address)
        assert answer.status_code == status, (step, answer.text)
        if status == 200:
            self.now = answer.json()
        return answer.json() if answer.content else None

    def read(self) -> Any:
        return self.books.get(self.path)

    def owed_by(self, month: str) -> Any:
        return self.books.get("owed", month=month)["total"]

    def until_stated(self, spend: str = "100") -> Round:
        self.do("approve")
        self.do("fund", paid_on=self.now["month"])
        self.do("report", spend=spend)
        self.do("issue")
        return self


def test_a_round_goes_from_plan_to_settlement(books: Books) -> None:
    march = Round(books)
    assert (march.now["state"], march.now["next"]) == ("planned", ["plan", "approve", "decline", "void"])
    march.do("approve")
    assert (march.now["funding_due"], march.now["sharing_percentage"]) == ("50.00", "0.5")
    assert books.get("trades")["items"][0]["planned_spend"] == "100.00"
    march.do("fund", paid_on=MARCH)
    assert (march.now["state"], march.now["funded"]) == ("funded", "50.00")
    march.do("report", spend="100")
    assert books.get("spends")["items"][0]["spend"] == "100.00"
    march.do("issue")
    assert march.now["owed"] == march.now["owed_now"] == march.owed_by(MARCH) == "15.00"
    march.do("settle", paid_on="2024-04-10", amount="10")
    assert (march.now["state"], march.now["balance"]) == ("stated", "5.00")
    march.do("settle", paid_on="2024-04-12", amount="5")
    assert (march.now["state"], march.now["balance"], march.now["findings"]) == ("settled", "0.00", [])
    said = [(one["step"], one["state"], one["amount"]) for one in march.now["steps"]]
    assert said == [
        ("plan", "planned", "100.00"),
        ("approve", "approved", "50.00"),
        ("fund", "funded", "50.00"),
        ("report", "spent", "100.00"),
        ("issue", "stated", "15.00"),
        ("settle", "stated", "10.00"),
        ("settle", "settled", "5.00"),
    ]
    assert all(one["by"] and one["at"] and one["side"] == "fund" for one in march.now["steps"])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_step_out_of_turn_is_refused_and_says_what_is_possible(books: Books) -> None:
    march = Round(books)
    for step, body in [
        ("fund", {"paid_on": MARCH}),
        ("report", {"spend": "1"}),
        ("issue", {}),
        ("settle", {"paid_on": MARCH, "amount": "1"}),
        ("step-back", {"reason": "x"}),
    ]:
        refused = march.do(step, 409, **body)
        assert (refused["code"], "approve the plan" in refused["mend"]) == ("step_not_allowed", True)
    assert books.post("monthly-rounds", 409, month=MARCH, planned_spend="1")["code"] == "round_exists"
    without = Round(books, "2024-05-01")
    assert without.do("approve", 409)["code"] == "no_trade_agreed"
    march.do("approve")
    stale = books.client.post(books.at(f"{march.path}/fund"), json={"paid_on": MARCH}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert march.do("fund", 422, paid_on="2100-01-01")["code"] == "date_in_future"
    books.client.put(books.at(march.path), json={"planned_spend": "5"})
    assert march.read()["planned_spend"] == "100.00"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_declined_plan_is_made_anew(books: Books) -> None:
    march = Round(books)
    march.do("decline", reason="Too much for a month")
    assert (march.now["state"], march.now["steps"][-1]["reason"]) == ("declined", "Too much for a month")
    changed = books.put(march.path, planned_spend="80")
    assert (changed["state"], changed["planned_spend"]) == ("planned", "80.00")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_spend_beyond_the_allowed_deviation_is_found_and_the_cap_follows_it(books: Books) -> None:
    march = Round(books)
    march.do("approve")
    march.do("fund", paid_on=MARCH)
    march.do("report", spend="109")
    assert "spend_deviates" not in {one["code"] for one in march.now["findings"]}
    march.do("report", spend="80")
    assert (march.now["deviation"], march.now["cash_cap"], march.now["effective_cap"]) == ("-0.2", "140.00", "112.00")
    assert march.now["funding_difference"] == "-10.00"
    assert [one["code"] for one in march.now["findings"]] == ["spend_deviates", "cap_scales", "funding_differs"]
    assert "the company owes the fund 10.00" in march.now["findings"][2]["message"]
    march.do("fund", paid_on="2024-04-02", amount="-10")
    assert (march.now["funding_difference"], march.now["state"]) == ("0.00", "spent")


def test_what_is_paid_too_little_or_too_much_is_carried(books: Books) -> None:
    march = Round(books).until_stated()
    april = Round(books, APRIL, "0")
    assert (april.now["carried"], april.now["next"]) == ("15.00", ["plan", "issue", "decline", "void"])
    march.do("settle", paid_on="2024-04-10", amount="12")
    april.do("issue")
    assert (april.now["carried"], april.now["owed"], april.now["balance"]) == ("3.00", "25.00", "28.00")
    april.do("settle", paid_on="2024-05-10", amount="40")
    assert (april.now["state"], april.now["balance"]) == ("settled", "-12.00")
    assert [one["code"] for one in april.now["findings"]] == ["overpaid"]
    march_now = march.read()
    assert (march_now["state"], march_now["steps"][-1]["step"]) == ("settled", "carry")
    rows = {one["month"]: one for one in books.get("monthly-rounds")["items"]}
    assert [(rows[month]["state"], rows[month]["balance"]) for month in (MARCH, APRIL)] == [
        ("settled", "3.00"),
        ("settled", "-12.00"),
    ]
    [moved] = april.now["transfers"]
    books.post(f"round-transfers/{moved['id']}/void", 204, reason="Another company's")
    assert [march.read()["state"], april.read()["state"]] == ["stated", "stated"]


def test_a_statement_keeps_what_was_stated(books: Books) -> None:
    march = Round(books).until_stated()
    stated_at = march.now["stated_at"]
    books.pay("late", "2024-03-25", "20")
    now = march.read()
    assert (now["owed"], now["owed_now"]) == ("15.00", "25.00")
    assert [one["code"] for one in now["findings"]] == ["restated"]
    assert books.get("owed", month=MARCH, known_at=stated_at)["total"] == "15.00"
    march.do("step-back", reason="A payment came late")
    assert (march.now["state"], march.now["owed"]) == ("spent", None)
    march.do("issue")
    assert march.now["owed"] == "25.00"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_stepping_back_takes_back_what_the_stage_wrote(books: Books) -> None:
    march = Round(books).until_stated()
    april = Round(books, APRIL, "0")
    april.do("issue")
    assert march.do("step-back", 409, reason="x")["code"] == "later_month_stated"
    april.do("settle", paid_on="2024-05-02", amount="1")
    assert april.do("step-back", 409, reason="x")["code"] == "money_moved"
    books.post(f"round-transfers/{april.now['transfers'][0]['id']}/void", 204, reason="x")
    april.do("step-back", reason="x")
    assert april.now["state"] == "planned"
    for state in ("spent", "funded", "approved", "planned"):
        march.do("step-back", reason=f"Back to {state}")
        assert (march.now["state"], march.now["steps"][-1]["reason"]) == (state, f"Back to {state}")
    assert (march.now["transfers"], march.now["funding_due"], march.now["actual_spend"]) == ([], None, None)
    assert books.get("trades")["items"][0]["planned_spend"] is None
    books.post(f"{march.path}/void", 204, reason="Not this month")
    books.get(march.path, status=404)
    assert books.get(f"{march.path}/versions")[-1]["void_reason"] == "Not this month"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_settled_rate_is_on_the_days_on_which_money_moved(books: Books) -> None:
    assert books.get("cashflows")["cohorts"][0]["settled_irr_status"] == "nothing_funded"
    march = Round(books)
    march.do("approve")
    march.do("fund", paid_on=MARCH)
    assert books.get("cashflows")["cohorts"][0]["settled_irr_status"] == "nothing_settled"
    march.do("report", spend="100")
    march.do("issue")
    april = Round(books, APRIL, "0")
    april.do("issue")
    march.do("settle", paid_on="2024-04-10", amount="15")
    april.do("settle", paid_on="2025-06-10", amount="25")
    [cohort] = books.get("cashflows")["cohorts"]
    expected = xirr([(MARCH, -50), ("2024-04-10", 15), ("2025-06-10", 25)])
    assert (cohort["settled_irr"], cohort["settled_irr_status"]) == (pytest.approx(expected.rate), expected.status)
    found = books.client.get(f"{API}/cohorts/portfolio").json()
    assert found["currencies"][0]["settled_irr"] == found["trades"][0]["settled_irr"] == cohort["settled_irr"]
    assert books.get("cashflows", as_of="2024-04-01")["cohorts"][0]["settled_irr_status"] == "nothing_settled"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_trade_may_count_its_collections_in_the_same_month(books: Books) -> None:
    books.post("spends", cohort_month=MARCH, spend="100")
    books.pay("a", "2024-05-20", "60")
    [end] = books.get("cashflows")["cohorts"]
    terms = {"cohort_month": MARCH, "sharing_percentage": "0.5", "cash_cap": "140.00", "timing": "same_month"}
    books.put(f"trades/{end['trade_id']}", **terms)
    [same] = books.get("cashflows")["cohorts"]
    books.put(f"trades/{end['trade_id']}", **terms | {"timing": None})
    books.put("cohort-book", complete_through=None, timing="same_month")
    [common] = books.get("cashflows")["cohorts"]
    assert same["timing"] == common["timing"] == "same_month"
    assert same["annual_irr"] == common["annual_irr"] > end["annual_irr"]
    assert books.post("cashflows/predicted", 200, churn="1")["cohorts"][0]["annual_irr"] == common["annual_irr"]
    assert books.client.get(f"{API}/cohorts/portfolio").json()["trades"][0]["annual_irr"] == common["annual_irr"]


def test_a_company_plans_and_reports_for_itself_alone(
    books: Books, database: Database, administrator: Actor, client_as: Callable[..., TestClient]
) -> None:
    other = Books(books.client, "Other")
    with database.transaction(administrator) as session:
        _, secret = identity.create_token(
            session, administrator, name="Cara", role="company_contact", grants=[Wanted("company", books.id)]
        )
    contact = client_as()
    contact.headers["Authorization"] = f"Bearer {secret}"
    own, foreign = Books.__new__(Books), Books.__new__(Books)
    own.client, own.id, foreign.client, foreign.id = contact, books.id, contact, other.id
    foreign.post("monthly-rounds", 404, month=MARCH, planned_spend="1")
    march = Round(own)
    assert march.now["next"] == ["plan"]
    march.do("approve", 403)
    march.books = books
    march.do("approve")
    march.do("fund", paid_on=MARCH)
    march.books = own
    march.do("issue", 403)
    march.do("report", spend="100")
    said = [(one["side"], one["by"]) for one in march.now["steps"]]
    assert said == [("company", "Cara"), ("fund", "Example Capital"), ("fund", "Example Capital"), ("company", "Cara")]


def test_an_approval_waits_for_somebody_else_where_the_firm_asks_for_it(
    books: Books, database: Database, administrator: Actor
) -> None:
    with database.transaction(administrator) as session:
        people = []
        for name in ("Maker", "Checker"):
            user = identity.create_user(session, administrator, email=f"{name}@x.com", name=name, role="manager")
            token, secret = identity.create_token(session, administrator, name=name, role="manager")
            token.created_by = user.id
            people.append({"Authorization": f"Bearer {secret}"})
    assert books.client.put(f"{API}/approval-rules/funding", json={"required": True}).status_code == 200
    march = Round(books)
    asked = books.client.post(books.at(f"{march.path}/approve"), headers=people[0])
    assert (asked.status_code, march.read()["state"]) == (202, "planned")
    approve = f"{API}/approvals/{asked.json()['id']}/approve"
    assert books.client.post(approve, headers=people[0]).status_code == 403
    assert books.client.post(approve, headers=people[1]).status_code == 200
    now = march.read()
    assert (now["state"], now["steps"][-1]["by"]) == ("approved", "Checker")


MONEY = st.decimals(-1000, 1000, places=2)


@given(st.lists(MONEY, max_size=6), MONEY)
def test_a_month_is_settled_when_what_was_paid_covers_it_and_what_came_before(
    totals: list[Decimal], paid: Decimal
) -> None:
    done = steps.settled(totals, paid)
    assert done == sorted(done, reverse=True)  # the oldest first
    if totals and paid >= sum(totals):
        assert done[-1]
    if totals and min(totals) >= 0:
        assert done == [sum(totals[: n + 1]) <= paid for n in range(len(totals))]
