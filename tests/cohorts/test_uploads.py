"""Files of payments: recorded whole or not at all, each row seen by the others, and taken back."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from fastapi.testclient import TestClient

from tests.cohorts.test_cohorts import PAYMENTS, Books, recounted
from vestry.core.actor import Actor
from vestry.core.db import Database

HEAD = "customer_id,payment_date,amount\n"
EXERCISE = HEAD + "".join(f"{','.join(row)}\n" for row in PAYMENTS)
PAID = {"2020-01-01": ["200.00", "100.00"], "2020-02-01": ["400.00", "300.00"], "2020-04-01": ["500.00"]}


def send(books: Books, content: bytes | str, status: int = 201, path: str = "payments/upload", **form: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    answer = books.client.post(books.at(path), files={"file": ("payments.csv", data)}, data=form)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.headers["content-type"].startswith("application") else answer.text


@pytest.fixture
def books(client: TestClient) -> Books:
    return Books(client)


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("some.txt", content)
    return out.getvalue()


def as_xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for row, line in enumerate(EXERCISE.splitlines()):
        sheet.write_row(row, 0, line.split(","))
    book.close()
    return out.getvalue()


def as_parquet() -> bytes:
    out = io.BytesIO()
    rows = [(customer, day, float(amount)) for customer, day, amount in PAYMENTS]
    frame = pl.DataFrame(rows, schema=["customer_id", "payment_date", "amount"], orient="row")
    frame.with_columns(pl.col("payment_date").str.to_date()).write_parquet(out)
    return out.getvalue()


def test_one_file_in_any_format_and_order_is_the_same_cohorts(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    backwards = HEAD + "".join(f"{','.join(row)}\n" for row in PAYMENTS[::-1])
    files = (EXERCISE, backwards, gzip.compress(EXERCISE.encode()), as_parquet(), as_xlsx())
    for number, content in enumerate(files):
        books = Books(client, f"Company {number}")
        told = send(books, content)
        assert (told["row_count"], told["receipt"]["customers_new"]) == (5, 3)
        assert books.rows("payment") == PAID
        recounted(database, administrator, books.id)


def test_an_upload_moves_customers_and_its_undo_moves_them_back(
    books: Books, database: Database, administrator: Actor
) -> None:
    books.pay("1", "2020-02-01", "100")
    books.pay("9", "2019-12-31", "1")
    before = books.rows("payment")
    later = EXERCISE.replace("1,2020-02-01,100\n", "")
    made = send(books, later)
    assert made["receipt"]["customers_moved"] == 1
    assert books.rows("payment") == {"2019-12-01": ["1.00"], **PAID}
    recounted(database, administrator, books.id)
    send(books, later, status=409)
    undone = books.post(f"payment-uploads/{made['id']}/undo", status=200, reason="Wrong company")
    assert undone["undone_by"]
    assert books.rows("payment") == before
    recounted(database, administrator, books.id)
    books.post(f"payment-uploads/{made['id']}/undo", status=409, reason="Again")
    assert books.get("payment-uploads")["total"] == 1
    send(books, later)
    assert books.rows("payment") == {"2019-12-01": ["1.00"], **PAID}


def test_a_reference_counts_once_and_two_equal_purchases_count_twice(books: Books) -> None:
    head = "Customer;Date;Paid;Reference\n"
    rows = "a;2022-01-01;5,00;r1\na;2022-01-01;5,00;r2\na;2022-01-01;5,00;r1\n"
    form = {"mapping": '{"amount": "Paid"}', "options": '{"decimal": ","}'}
    told = send(books, head + rows, **form)
    assert (told["row_count"], told["receipt"]["already_recorded"]) == (2, 1)
    again = send(books, head + rows + "b;2022-01-02;7,00;r3\n", **form)
    assert (again["row_count"], again["receipt"]["already_recorded"]) == (1, 3)
    refused = send(books, head + "a;2022-01-01;6,00;r2\nb;2022-01-02;7,00;r4\n", status=422, **form)
    assert [(one["row"], one["column"]) for one in refused["errors"]] == [(2, "Reference")]
    refused = send(books, head + "a;2022-01-01;6,00;r8\na;2022-01-01;7,00;r8\n", status=422, **form)
    assert [one["row"] for one in refused["errors"]] == [3]
    assert send(books, head + rows + "\n", status=409, **form)["code"] == "no_new_payments"
    equal = HEAD + "c,2022-01-05,1.50\nc,2022-01-05,1.50\n"
    assert send(books, equal)["row_count"] == 2
    assert books.rows("payment") == {"2022-01-01": ["20.00"]}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bad_files_have_a_clear_answer_and_store_nothing(books: Books) -> None:
    long = "x" * 10_000
    rows = [
        ("a", "2022-01-01", "abc"),
        ("a", "2022-01-01", '"1,000.5"'),
        ("a", "2022-01-01", "NaN"),
        ("a", "01/02/2022", "1"),
        ("a", "2022-02-30", "1"),
        ("a", "20220101", "1"),
        ("a", "44562", "1"),
        ("a", "2199-01-01", "1"),
        (long, "2022-01-01", "1"),
        ("", "2022-01-01", "1"),
        ("a", "2022-01-01", "1.005"),
        ("b", "2022-01-01", "1"),
    ]
    content = HEAD + "".join(f"{','.join(row)}\n" for row in rows)
    refused = send(books, content, status=422)
    assert sorted({one["row"] for one in refused["errors"]}) == list(range(2, 13))
    checked = send(books, content, status=200, path="payments/upload/check")
    assert (checked["rows"], checked["wrong"], checked["new"]) == (12, 11, 0)
    listed = send(books, content, status=200, path="payments/upload/check", download="true")
    assert len(listed.splitlines()) == 12
    bomb = gzip.compress(b"customer_id,payment_date,amount\n" + b"a,2022-01-01,1\n" * 3_000_000)
    for odd, status in (
        ("", 422),
        (HEAD, 422),
        ("a,b,c\n1,2,3\n", 422),
        (gzip.compress(EXERCISE.encode())[:-12], 422),
        (gzip.compress(EXERCISE.encode())[:30], 422),
        (b"PAR1" + bytes(100), 422),
        (b"\x89PNG\r\n\x1a\n", 415),
        (zipped(b"no workbook"), 415),
        (gzip.compress(b"%PDF-1.7 of a statement"), 415),
        (bomb, 413),
    ):
        told = send(books, odd, status=status)
        assert status != 415 or "Parquet" in told["mend"]
    assert books.get("payments")["total"] == 0
    assert books.get("payment-uploads")["total"] == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_check_names_the_columns_to_choose_and_whose_cohort_the_file_has_wrong(books: Books) -> None:
    at = "payments/upload/check"
    unnamed = send(books, "who,when,amount\na,2024-01-05,1\n", status=200, path=at)
    assert (unnamed["columns"], unnamed["mapping"]) == (["who", "when", "amount"], {"amount": "amount"})
    assert (unnamed["missing"], unnamed["rows"]) == (["customer_id", "payment_date"], 0)
    books.pay("b", "2023-12-31", "1")
    stated = "customer_id,payment_date,amount,cohort_month\n"
    stated += "a,2024-02-05,1,2024-01-01\na,2024-01-05,1,2024-01-01\nb,2024-01-06,1,2024-01-01\nb,2024-02-06,1,\n"
    checked = send(books, stated, status=200, path=at)
    found = {"rows": 1, "customers": ["b"], "customer_count": 1}
    assert (checked["missing"], checked["findings"]) == ([], {"other_cohort_month": found})
    assert send(books, stated)["receipt"]["findings"] == checked["findings"]
    assert send(books, HEAD + "c,2024-02-05,1\n", status=200, path=at)["findings"] is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_payments_are_listed_from_one_day_to_another(books: Books) -> None:
    send(books, EXERCISE)
    listed = books.get("payments", since="2020-02-01", until="2020-03-01", sort="payment_date")
    days = sorted(day for _, day, _ in PAYMENTS if "2020-02-01" <= day <= "2020-03-01")
    assert ([one["payment_date"] for one in listed["items"]], listed["total"]) == (days, len(days))
    assert len(days) in range(1, len(PAYMENTS))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_of_many_pieces_is_read_as_one(
    books: Books, database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vestry.cohorts.uploads import pieces

    monkeypatch.setattr(pieces, "BLOCK_BYTES", 1_000)
    drawn = random.Random(7)
    rows = []
    for number in range(500):
        customer = f'"c\n{drawn.randrange(40)}"' if number % 50 == 0 else f"c{drawn.randrange(40)}"
        day = f"20{drawn.randrange(20, 24)}-{drawn.randrange(1, 13):02d}-05"
        rows.append(f"{customer},{day},{drawn.randrange(100)}\n")
    plain = [row.replace('"c\n', "c").replace('"', "") for row in rows]
    refused = send(books, HEAD + "".join(rows), status=422)
    assert len(refused["errors"]) == 10  # a line break is in no customer's id
    assert send(books, HEAD + "".join(plain))["row_count"] == 500
    recounted(database, administrator, books.id)
    total = sum(int(row.rsplit(",", 1)[1]) for row in plain)
    assert sum(float(one["cumulative_payment"]) for one in books.get("cashflows")["cohorts"]) == total
