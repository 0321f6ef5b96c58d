"""Books full of refunds, through the product: every figure against a recount by the rule, payment by payment."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cohorts.test_cohorts import Books, recounted
from tests.cohorts.test_uploads import HEAD, send
from vestry.core.actor import Actor
from vestry.core.db import Database

Payment = tuple[str, date, Decimal]
MINIMUMS = {0: Decimal("0.2"), 1: Decimal("0.05"), 4: Decimal("0.01"), 7: Decimal(0)}
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Trade:
    """The terms on one cohort; ``cap`` as it counts for what was spent."""

    spend: Decimal
    sharing: Decimal
    cap: Decimal | None


def drawn(seed: int, customers: int) -> list[Payment]:
    """What the customers of a shop paid and sent back: two payments in five are refunds, in any order, and some
    customers begin with one, have nothing else, or get back more than they ever paid."""
    chance, found = random.Random(seed), []
    for number in range(customers):
        begun = chance.randrange(14)
        for _ in range(chance.choice([1, 1, 2, 3, 6])):
            month = begun + chance.randrange(10)
            day = date(2022 + month // 12, month % 12 + 1, chance.randint(1, 28))
            amount = Decimal(chance.randint(1, 40_000)) * CENT
            is_refund = number % 17 == 0 or chance.random() < 0.4
            found.append((f"c{number}", day, -amount if is_refund else amount))
    chance.shuffle(found)
    return found


def in_file(payments: list[Payment]) -> str:
    return HEAD + "".join(f"{who},{day},{amount}\n" for who, day, amount in payments)


def months(day: date) -> int:
    return day.year * 12 + day.month - 1


def cells_of(payments: list[Payment]) -> dict[int, dict[int, Decimal]]:
    """Counted cohort month → period → what was paid; a refund is a payment too, so it may be a customer's first."""
    first: dict[str, int] = {}
    for who, day, _ in payments:
        first[who] = min(first.get(who, months(day)), months(day))
    found: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for who, day, amount in payments:
        found[first[who]][months(day) - first[who]] += amount
    return found


def told(paid: dict[int, Decimal], trade: Trade | None) -> list[dict[str, Any]]:
    """One cohort month by month, as the rule is written."""
    rows, in_all, earned, held = [], Decimal(0), Decimal(0), Decimal(0)
    for period in range(max(paid) + 1):
        payment = paid.get(period, Decimal(0))
        in_all += payment
        row = {"period": period, "payment": payment, "cumulative_payment": in_all}
        failed = trade is not None and period in MINIMUMS and payment < MINIMUMS[period] * trade.spend
        share = Decimal(0) if trade is None else Decimal(1) if failed else trade.sharing
        earned += share * payment
        now = max((earned / CENT + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * CENT, Decimal(0))
        if trade is not None and trade.cap is not None:
            now = min(now, trade.cap)
        row |= {"share_applied": share, "collected": now - held, "cumulative_collected": now}
        held = now
        rows.append(row | {"threshold_failed": failed})
    return rows


def agreed(books: Books, cohorts: dict[int, dict[int, Decimal]]) -> dict[int, Trade]:
    """Terms of every kind on the cohorts: with and without a cap, one that the spend changes, one that never binds."""
    for period, least in MINIMUMS.items():
        books.post("thresholds", payment_period_month=period, minimum_payment_percent=str(least))
    found = {}
    for number, month in enumerate(sorted(cohorts)):
        if number % 5 == 4:
            continue  # not funded
        at = f"{month // 12}-{month % 12 + 1:02d}-01"
        spend, sharing = Decimal(5_000 + 500 * number), Decimal("0.5") if number % 2 else Decimal("0.8333")
        cap = (None, Decimal(900), Decimal(2_500), Decimal(10**9))[number % 4]
        terms = {} if cap is None else {"cash_cap": str(cap)}
        if number % 4 == 2:
            terms["planned_spend"] = str(spend * 2)
            cap = Decimal(1_250)
        books.post("spends", cohort_month=at, spend=str(spend))
        books.post("trades", cohort_month=at, sharing_percentage=str(sharing), **terms)
        found[month] = Trade(spend, sharing, cap)
    return found


def same(books: Books, payments: list[Payment], trades: dict[int, Trade]) -> None:
    """The product's cash flows are the recount's, to the cent."""
    expected = cells_of(payments)
    seen = books.get("cashflows")["cohorts"]
    assert [one["cohort_month"][:7] for one in seen] == [f"{at // 12}-{at % 12 + 1:02d}" for at in sorted(expected)]
    for one, month in zip(seen, sorted(expected), strict=True):
        rows = told(expected[month], trades.get(month))
        found = [
            {name: (Decimal(value) if isinstance(value, str) else value) for name, value in period.items()}
            for period in ({name: period[name] for name in rows[0]} for period in one["periods"])
        ]
        if month not in trades:  # without a trade nothing is judged
            for row in (*rows, *found):
                row.pop("threshold_failed")
        assert found == rows, one["cohort_month"]
        owed = trades[month].cap if month in trades else None
        assert one["effective_cap"] is None if owed is None else Decimal(one["effective_cap"]) == owed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_books_of_thousands_of_refunds_equal_a_recount_in_any_order_and_any_files(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    payments = drawn(7, 3_000)
    assert sum(amount < 0 for _, _, amount in payments) > 3_000
    books = Books(client)
    trades = agreed(books, cells_of(payments))
    third = len(payments) // 3
    for part in (payments[:third], payments[third : 2 * third], payments[2 * third :]):
        send(books, in_file(part))
    same(books, payments, trades)
    recounted(database, administrator, books.id)
    other = Books(client, "In one file, sorted")
    send(other, in_file(sorted(payments)))
    assert other.rows("payment") == books.rows("payment")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refund_moves_its_customer_only_where_it_is_the_first_payment(
    database: Database, administrator: Actor, books: Books
) -> None:
    """A refund is a payment: alone it makes a cohort, later it moves nobody, before the first payment it does."""
    send(books, HEAD + "alone,2022-03-05,-40\nbuyer,2022-02-01,100\nover,2022-02-09,10\n")
    assert books.rows("payment") == {"2022-02-01": ["110.00"], "2022-03-01": ["-40.00"]}
    later = send(books, HEAD + "buyer,2022-04-01,-30\nover,2022-03-01,-500\n")
    assert later["receipt"]["customers_moved"] == 0
    assert books.rows("payment") == {"2022-02-01": ["110.00", "-500.00", "-30.00"], "2022-03-01": ["-40.00"]}
    books.post("spends", cohort_month="2022-02-01", spend="100")
    books.post("trades", cohort_month="2022-02-01", sharing_percentage="0.5")
    assert books.rows("collected")["2022-02-01"] == ["55.00", "-55.00", "0.00"]
    earlier = send(books, HEAD + "buyer,2022-01-31,-1\n")
    assert earlier["receipt"]["customers_moved"] == 1
    assert books.rows("payment") == {
        "2022-01-01": ["-1.00", "100.00", "0.00", "-30.00"],
        "2022-02-01": ["10.00", "-500.00"],
        "2022-03-01": ["-40.00"],
    }
    recounted(database, administrator, books.id)
    books.post(f"payment-uploads/{earlier['id']}/undo", status=200, reason="wrong file")
    assert books.rows("payment")["2022-02-01"] == ["110.00", "-500.00", "-30.00"]
    recounted(database, administrator, books.id)


@pytest.fixture
def books(client: TestClient) -> Books:
    return Books(client)
