"""Forecasts and trades tried on them, through the API."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cohorts.test_cohorts import PAYMENTS, Books
from tests.ports import free_port
from vestry.cohorts.cashflows.books import books_of
from vestry.cohorts.forecasts import customers
from vestry.core import clock, executors
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings

# What is tried here is computed from the books; that both databases keep these alike is tried beside.
ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def books(client: TestClient) -> Books:
    """Six cohorts that start at 30 % of a spend of 1,000 and pay a tenth less each month, as exactly as cents allow."""
    made = Books(client)
    for cohort in range(6):
        made.post("spends", cohort_month=f"2023-{cohort + 1:02d}-01", spend="1000")
        for month in range(cohort, 8):
            paid = Decimal(300) * Decimal("0.9") ** (month - cohort)
            made.pay(f"c{cohort}", f"2023-{month + 1:02d}-10", str(paid.quantize(Decimal("0.01"))))
    return made


NEW: dict[str, Any] = {"spend": "1000", "sharing_percentage": "0.8", "cash_cap": "1200"}


@ONE
def test_forecasts_trades_and_their_limits_follow_from_the_company_s_own_months(books: Books) -> None:
    _the_league_and_the_band(books)
    _a_prediction_by_a_model(books)
    _a_certain_trade(books)
    _terms_from_aims(books)
    _stress(books)
    _an_existing_cohort(books)
    _scenarios(books)


@ONE
def test_a_cluster_that_is_away_is_an_outage_of_large_simulations_only(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"tcp://127.0.0.1:{free_port()}"
    chosen = Settings(simulation_executor="dask", dask_scheduler=nobody)
    monkeypatch.setattr(executors, "settings", lambda: chosen)
    assert books.post("trades/simulate", status=200, **NEW, paths=4_096)["result"]["paths"] == 4_096
    refused = books.client.post(books.at("trades/simulate"), json={**NEW, "paths": 4_097})
    assert (refused.status_code, refused.json()["code"]) == (503, "cluster_away")
    assert refused.headers["retry-after"] == "5"
    executors.close()


def _the_league_and_the_band(books: Books) -> None:
    found = books.get("cashflows/forecast", horizon=8, model="constant")
    assert found["parameters"]["rate"] == pytest.approx(0.1, abs=1e-4)
    reasons = {score["model"]: score["reason"] for score in found["league"]}
    assert set(reasons) == {"constant", "sbg", "bdw", "seasonal", "bgnbd", "paretonbd"}
    assert reasons["bgnbd"] == reasons["paretonbd"] == "5 customers bought again, and fewer than 30 tell nothing"
    assert "bought again" in books.get("cashflows/forecast", status=422, model="bgnbd")["detail"]
    assert found["league"][0]["model"] == found["winner"]
    assert found["months"][0]["month"] == "2023-09-01"
    first = found["cohorts"][1]
    assert (first["cohort_month"], first["known_periods"], len(first["periods"])) == ("2023-02-01", 7, 1)
    assert float(first["periods"][0]["expected"]) == pytest.approx(300 * 0.9**7, abs=0.02)
    assert float(first["periods"][0]["low"]) <= float(first["periods"][0]["expected"])
    assert books.get("cashflows/forecast", horizon=8, model="constant") == found
    books.get("cashflows/forecast", status=422, model="guess")
    books.get("cashflows/forecast", status=422, horizon=0)
    for none_or_all in ("0", "1"):
        books.get("cashflows/forecast", status=422, model="constant", chance=none_or_all)


def _a_prediction_by_a_model(books: Books) -> None:
    books.post("spends", cohort_month="2024-02-01", spend="2000")
    found = books.post("cashflows/predicted", status=200, model="constant", horizon=9)
    assert found["prediction"]["churn"] is None
    last = found["cohorts"][-1]
    assert last["cohort_month"] == "2024-02-01"
    # The cohort that has paid nothing yet starts as the others did: 30 % of its spend.
    assert [float(period["payment"]) for period in last["periods"][:2]] == pytest.approx([600, 540], abs=0.1)
    assert [period["predicted"] for period in found["cohorts"][0]["periods"]] == [False] * 8 + [True]
    books.post("cashflows/predicted", status=422, model="best", churn="0.1")


def _a_certain_trade(books: Books) -> None:
    certain = {**NEW, "churn": "0.1", "m0": "0.3", "spread": {}, "paths": 100}
    found = books.post("trades/simulate", status=200, **certain)
    result = found["result"]
    assert found["outlook"]["assumed"] == {"churn": 0.1, "scenario": None, "model": None}
    assert found["outlook"]["course"][1] == {
        "period": 1, "month": "2024-04-01", "payment": "270.00", "predicted": True,
    }  # fmt: skip
    assert (result["outlay"], result["expected_collected"]) == ("800.00", "1200.00")
    assert (result["chance_of_loss"], result["chance_capped"]) == (0, 1)
    assert result["annual_irr"]["p5"] == result["annual_irr"]["p95"] > 0
    assert result["months_to_cap"]["p50"] == 7  # 240, 456, 650.40, 825.36, 982.82, 1,124.54, 1,252.09
    wild = certain | {"spread": {"drift": "0.05", "noise": "0.5", "refund_chance": "0.1", "refund_share": "1"}}
    first, again = (books.post("trades/simulate", status=200, **wild, seed=4) for _ in range(2))
    assert first == again
    steps = first["result"]["histogram"]
    assert sum(one["paths"] for one in steps) == 100
    assert all(one["multiple_to"] == after["multiple_from"] for one, after in itertools.pairwise(steps))
    assert first["result"] != books.post("trades/simulate", status=200, **wild, seed=5)["result"]


def _terms_from_aims(books: Books) -> None:
    aims = {"spend": "1000", "target_irr": "0.3", "largest_chance_of_loss": "0.05", "paths": 300}
    found = books.post("trades/solve", status=200, **aims)
    proposal = found["proposal"]
    assert (proposal["status"], proposal["reason"], proposal["sharing_percentage"]) == ("found", None, "0.8")
    assert found["outlook"]["assumed"]["model"] == books.get("cashflows/forecast")["winner"]
    assert 800 < float(proposal["cash_cap"]) < 1200
    assert found["result"]["annual_irr"]["p50"] >= 0.3 - 1e-6
    assert found["result"]["chance_of_loss"] == proposal["chance_of_loss"] <= 0.05
    poor = books.post("trades/solve", status=200, **aims, churn="0.6", m0="0.1", spread={})
    assert (poor["proposal"]["status"], poor["proposal"]["cash_cap"], poor["result"]) == ("loss_too_likely", None, None)
    assert "not recovered" in poor["proposal"]["reason"]


def _stress(books: Books) -> None:
    certain = {**NEW, "churn": "0.1", "m0": "0.3"}
    shocks = [{"name": "worse", "churn_rise": "0.1"}, {"name": "late", "delay": 3}, {"name": "half", "level": "-0.5"}]
    found = books.post("trades/stress", status=200, **certain, shocks=shocks)
    assert [one["name"] for one in found["shocks"]] == ["worse", "late", "half"]
    assert found["expected"]["months_to_cap"] == 7
    assert found["shocks"][1]["months_to_cap"] == 10
    assert float(found["shocks"][2]["collected"]) == pytest.approx(120 * (1 - 0.9**36) / 0.1, abs=0.05)
    limit = found["churn_until_cap_missed"]
    assert (limit["status"], limit["amount"]) == ("found", "1200.00")
    # 240 ÷ (1 − k) = 1,200 at k = 0.8: a rise of a tenth, and a little less as 36 months are not for ever.
    assert limit["rise"] == pytest.approx(0.1, abs=0.001)
    assert found["churn_until_loss"]["rise"] == pytest.approx(0.2, abs=0.001)


def _an_existing_cohort(books: Books) -> None:
    """What was paid is a fact in every future, and the cohort's own trade is taken where none is given."""
    asked: dict[str, Any] = {"cohort_month": "2023-01-01", "churn": "0.1", "paths": 100}
    books.post("trades/simulate", status=422, **asked)
    books.post("trades", cohort_month="2023-01-01", sharing_percentage="0.5", cash_cap="1000")
    found = books.post("trades/simulate", status=200, **asked)
    assert found["outlook"]["known_periods"] == 8
    assert (found["result"]["outlay"], found["result"]["chance_capped"]) == ("500.00", 1)
    actual = books.get("cashflows")["cohorts"][0]["periods"][7]["cumulative_collected"]
    periods = found["result"]["collected_by_period"]
    assert periods[7]["low"] == periods[7]["high"] == actual


def _scenarios(books: Books) -> None:
    """One funded cohort: the scenario's rate is the cohort's own, and the months add up to what is collected."""
    assert books.get("cashflows/scenarios")["scenarios"] == []
    for name, churn in (("Board, spring", "0.2"), ("best", "0.05"), ("worst", "0.5")):
        books.post("scenarios", name=name, m0="0.3", churn=churn)
    found = books.get("cashflows/scenarios", horizon=24)["scenarios"]
    assert [one["name"] for one in found] == ["worst", "best", "Board, spring"]
    assert float(found[0]["payment"]) < float(found[1]["payment"])
    for one in found:
        assert one["outlay"] == "500.00"
        funded = one["cohorts"][0]
        assert one["collected"] == funded["collected"]
        assert one["annual_irr"] == pytest.approx(funded["annual_irr"])
        assert sum(float(month["collected"]) for month in one["months"]) == pytest.approx(float(one["collected"]))
        told = books.post("cashflows/predicted", status=200, scenario=one["name"], horizon=24)
        assert funded["collected"] == told["cohorts"][0]["cumulative_collected"]
        assert {name: one[name] for name in told["together"]} == told["together"]
        ahead = sum(
            float(period["payment"]) for each in told["cohorts"] for period in each["periods"] if period["predicted"]
        )
        assert sum(float(month["payment_predicted"]) for month in one["months"]) == pytest.approx(ahead)


@ONE
def test_cohorts_that_behave_alike_are_told_with_what_was_spent_on_them(client: TestClient) -> None:
    books = Books(client)
    for cohort, keeps in enumerate(("0.9", "0.4", "0.9", "0.4", "0.9", "0.4")):
        if cohort != 1:
            books.post("spends", cohort_month=f"2023-{cohort + 1:02d}-01", spend="1000")
        for month in range(cohort, cohort + 5):
            paid = 300 * (cohort + 1) * Decimal(keeps) ** (month - cohort)
            books.pay(f"c{cohort}", f"2023-{month + 1:02d}-10", str(paid.quantize(Decimal("0.01"))))
    books.pay("young", "2023-10-10", "5")
    found = books.get("cashflows/groups")
    assert (found["periods"], found["reason"], found["left_out"]) == (5, None, ["2023-10-01"])
    assert found["silhouette"] > 0.9
    keeping, losing = found["groups"]
    assert keeping["cohort_months"] == ["2023-01-01", "2023-03-01", "2023-05-01"]
    assert losing["cohort_months"] == ["2023-02-01", "2023-04-01", "2023-06-01"]
    assert (keeping["customers"], keeping["spend"], losing["spend"]) == (3, "3000.00", None)
    assert keeping["course"] == pytest.approx([0.9**n for n in range(5)], abs=1e-4)
    assert losing["worth"] == pytest.approx(sum(0.4**n for n in range(5)), abs=1e-4)
    before = books.get("cashflows/groups", as_of="2023-02-28")
    assert (before["groups"], before["reason"]) == ([], "too_few_cohorts")


@ONE
def test_what_cannot_be_foretold_says_what_is_missing(client: TestClient) -> None:
    books = Books(client)
    nothing = books.get("cashflows/forecast")
    assert (nothing["model"], nothing["league"], nothing["cohorts"]) == (None, [], [])
    assert nothing["reason"] == "No cohort of the company has paid anything yet."
    aims: dict[str, Any] = {"target_irr": "0.1", "largest_chance_of_loss": "0.1", "paths": 100}
    for more in (
        {},  # nothing to fit
        {"churn": "0.1"},  # no spend
        {"churn": "0.1", "spend": "100"},  # no first month
        {"churn": "0.1", "model": "sbg", "spend": "100", "m0": "0.3"},
        {"scenario": "best", "spend": "100", "m0": "0.3"},
    ):
        books.post("trades/solve", status=422, **aims, **more)
    assert books.post("trades/solve", status=200, **aims, churn="0.1", spend="100", m0="0.3")["proposal"]["cash_cap"]
    for payment in PAYMENTS:
        books.pay(*payment)
    found = books.get("cashflows/forecast", model="constant", horizon=6)
    assert found["reason"] == "a spread needs a cohort with three months of payments"
    assert found["spread"] is None


def test_payments_are_read_by_customer_and_day_as_the_books_have_them(
    client: TestClient, database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books(client)
    for customer, day, amount in (
        ("a", "2023-01-10", "30"),
        ("a", "2023-01-10", "12.50"),
        ("b", "2023-02-01", "5"),
        ("b", "2023-03-01", "-2"),
        ("c", "2023-03-05", "8"),
    ):
        books.pay(customer, day, amount)
    then = clock.now()
    books.pay("a", "2023-03-31", "1")

    def read(**of: Any) -> list[tuple[str, float]] | None:
        with database.reading(administrator) as session:
            found = books_of(session, administrator, books.id, **of)
            told = customers.purchases_of(session, found)
            assert told is customers.purchases_of(session, found)
        return told and sorted(zip(map(str, told.days.astype("datetime64[D]")), told.amounts.tolist(), strict=True))

    rows = [("2023-01-10", 4250.0), ("2023-02-01", 500.0), ("2023-03-01", -200.0), ("2023-03-05", 800.0)]
    assert read() == [*rows, ("2023-03-31", 100.0)]
    assert read(known_at=then) == rows
    assert read(as_of=date(2023, 2, 28)) == rows[:2]
    monkeypatch.setattr(customers, "READ", 2)  # seven payments: those of every fourth customer
    books.pay("d", "2023-04-01", "1")
    assert read() == [("2023-04-01", 100.0)]
