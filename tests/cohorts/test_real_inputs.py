"""Real and published inputs, through the product: the fund team's exercise, their demo companies, a real shop."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from tests.cohorts.test_cohorts import Books, recounted
from tests.cohorts.test_uploads import send
from tests.real_data import real_data
from vestry.core.actor import Actor
from vestry.core.db import Database

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ODD_ROWS = 60  # of the demo payments say another cohort than the month of the customer's first payment
COLLECTED = {
    "Acme Corp": ("2023-10-01", "46095 35312 31190 32840 38100 10968 29200 13300"),
    "GrowthCo": ("2023-12-01", "322800 105080 400000 450000 98212"),
}


def test_the_fund_teams_exercise_is_reproduced(client: TestClient) -> None:
    golden = json.loads(real_data("cvf/cvf_golden.json").read_text())
    books = Books(client)
    for one in golden["payments"]:
        books.pay(str(one["customer_id"]), one["payment_date"], str(one["amount"]))
    for month, spend in golden["spend"].items():
        books.post("spends", cohort_month=month, spend=str(spend))
    for one in golden["ex4_actual"]["thresholds"]:
        least = str(one["minimum_payment_percent"])
        books.post("thresholds", payment_period_month=one["payment_period_month"], minimum_payment_percent=least)
    for one in golden["ex4_actual"]["trades"]:
        shared = str(one["sharing_percentage"])
        books.post("trades", cohort_month=one["cohort_start"], sharing_percentage=shared, cash_cap=str(one["cash_cap"]))
    table = {one["cohort_month"]: one["values"] for one in books.get("cohorts_table")["cohorts"]}
    assert {month: [v and float(v) for v in row] for month, row in table.items()} == golden["ex1_cohort_matrix"]
    predicted = books.post("cashflows/predicted", status=200, churn="0.1", horizon=6)["cohorts"]
    for one in predicted:
        paid = [float(period["payment"]) for period in one["periods"]]
        assert paid == pytest.approx(golden["ex2_predicted_first6_BEST"][one["cohort_month"]], abs=0.006)
    for month, expected in golden["ex4_actual"]["expected"].items():
        collected = {one["month"]: float(one["collected"]) for one in _periods(books, month)}
        calendar = [collected.get(f"2020-{number:02d}-01", 0) for number in range(1, 6)]
        assert calendar == expected


def _periods(books: Books, month: str) -> list[dict[str, str]]:
    found = next(one for one in books.get("cashflows")["cohorts"] if one["cohort_month"] == month)
    return list(found["periods"])


def test_the_demo_companies_collect_what_the_rules_say(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    rows = {
        what: list(csv.DictReader(io.StringIO(real_data(f"cvf/demo_{what}.csv").read_text())))
        for what in ("payments", "spends", "trades", "thresholds")
    }
    odd = 0
    for name in sorted({row["company"] for row in rows["payments"]}):
        books = Books(client, name)
        mine = {what: [row for row in found if row["company"] == name] for what, found in rows.items()}
        text = io.StringIO()
        writer = csv.DictWriter(text, ["cohort_month", "customer_id", "payment_date", "amount"], extrasaction="ignore")
        writer.writeheader()
        shuffled = random.Random(3).sample(mine["payments"], len(mine["payments"]))
        writer.writerows(shuffled)
        told = send(books, text.getvalue())
        found_odd = told["receipt"].get("findings", {}).get("other_cohort_month", {"rows": 0, "customers": []})
        odd += found_odd["rows"]
        assert set(found_odd["customers"]) == _stated_wrong(mine["payments"])
        recounted(database, administrator, books.id)
        if name not in COLLECTED:
            continue
        for row in mine["spends"]:
            books.post("spends", cohort_month=row["cohort_month"], spend=row["spend"])
        for row in mine["trades"]:
            cap = {} if float(row["cash_cap"] or 0) == 0 else {"cash_cap": row["cash_cap"]}
            books.post("trades", cohort_month=row["cohort_month"], sharing_percentage=row["sharing_percentage"], **cap)
        for row in mine["thresholds"]:
            least = {"minimum_payment_percent": row["minimum_payment_percent"]}
            books.post("thresholds", payment_period_month=int(row["payment_period_month"]), **least)
        first, totals = COLLECTED[name]
        found = [one for one in books.get("cashflows")["cohorts"] if one["trade_id"] and one["cohort_month"] >= first]
        assert [Decimal(one["cumulative_collected"]) for one in found][: len(totals.split())] == [
            Decimal(one) for one in totals.split()
        ]
    assert odd == ODD_ROWS


def _stated_wrong(rows: list[dict[str, str]]) -> set[str]:
    """The customers of whom a row states another cohort month than that of their first payment."""
    first: dict[str, str] = {}
    for row in rows:
        first[row["customer_id"]] = min(first.get(row["customer_id"], "9"), row["payment_date"][:7])
    return {row["customer_id"] for row in rows if row["cohort_month"][:7] != first[row["customer_id"]]}


def test_a_real_shops_cohorts_equal_the_published_matrix_though_its_payments_come_shuffled_in_two_files(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    books = Books(client, "CDNOW")
    head, *rows = gzip.decompress(real_data("customers/cdnow_payments.csv.gz").read_bytes()).splitlines(keepends=True)
    random.Random(5).shuffle(rows)
    parts = (rows[:40_000], rows[40_000:])
    assert sum(send(books, head + b"".join(part))["row_count"] for part in parts) == 69_659
    golden = list(csv.reader(io.StringIO(real_data("customers/cdnow_cohort_matrix_golden.csv").read_text())))[1:]
    for one, (month, *values) in zip(books.get("cohorts_table")["cohorts"], golden, strict=True):
        assert one["cohort_month"] == month
        assert [v and Decimal(v) for v in one["values"]] == [Decimal(value) if value else None for value in values]
    sizes = list(csv.reader(io.StringIO(real_data("customers/cdnow_cohort_sizes.csv").read_text())))[1:]
    assert [one["customers"] for one in books.get("cashflows")["cohorts"]] == [int(count) for _, count in sizes]
    _its_customers_tell_its_newest_months_best(books)
    recounted(database, administrator, books.id)


def _its_customers_tell_its_newest_months_best(books: Books) -> None:
    """Months held back: six of eighteen. Payments are read by customer from either database, and foretell as one."""
    found = books.get("cashflows/forecast", horizon=24)
    errors = {score["model"]: score["wape"] for score in found["league"]}
    assert max(errors["bgnbd"], errors["paretonbd"]) < 0.14 < errors["constant"]
    assert found["winner"] == found["model"] in {"bgnbd", "paretonbd"}
    predicted = books.post("cashflows/predicted", status=200, model=found["winner"], horizon=24)
    cohort, foretold = predicted["cohorts"][0], found["cohorts"][0]
    ahead = [period["payment"] for period in cohort["periods"][foretold["known_periods"] :]]
    assert ahead == [period["expected"] for period in foretold["periods"]]
    earlier = books.get("cashflows/forecast", as_of="1997-12-31", model="bgnbd")
    assert all(earlier["parameters"][name] > 0 for name in ("r", "alpha", "a", "b", "p", "q", "v"))
