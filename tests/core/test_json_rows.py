"""Rows written by the database as JSON say what Python would write of their values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, MetaData, String, Table, literal, select

from vestry.core import encoding
from vestry.core.db import Database
from vestry.core.fields import decimal_text
from vestry.core.json_rows import json_row
from vestry.core.types import Exact, UtcDateTime

ODD = Table(
    "odd",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", Exact(4)),
    Column("quantity", Exact(6)),
    Column("rate", Exact(10)),
    Column("day", Date),
    Column("at", UtcDateTime),
    Column("yes", Boolean),
    Column("text", String(200)),
)
UNITS = (0, 1, -1, 5, 50, 99, 100, -100, 1234, 10_000, -10_000, 10_001, 12_345_600, -999_999, 2**63 - 1, -(2**63) + 1)
TEXTS = ("", 'say "so"', "back\\slash", "new\nline\tand\x01", "snö ☃ 😀", "</script>", "null", None)


def rows() -> list[dict[str, Any]]:
    made = []
    for place, units in enumerate(UNITS):
        row: dict[str, Any] = {"id": place, "text": TEXTS[place % len(TEXTS)]}
        for name, scale in (("amount", 4), ("quantity", 6), ("rate", 10)):
            row[name] = Decimal(units).scaleb(-scale)
        row["day"] = date(2024, 2, 29)
        row["at"] = datetime(2024, 1, 15, 10, 0, 0, 0 if place % 2 else 500_000, tzinfo=UTC)
        row["yes"] = bool(place % 2)
        made.append(row)
    return [*made, {"id": 99} | dict.fromkeys(("amount", "quantity", "rate", "day", "at", "yes", "text"))]


def expected(row: dict[str, Any]) -> dict[str, Any]:
    exact = {
        name: None if row[name] is None else decimal_text(row[name], 2 if name == "amount" else 0)
        for name in ("amount", "quantity", "rate")
    }
    written: dict[str, Any] = orjson.loads(encoding.dumps({name: row[name] for name in ("day", "at", "yes", "text")}))
    return {"id": row["id"]} | exact | written


def test_the_database_writes_a_row_as_python_would(database: Database) -> None:
    given = rows()
    with database.as_owner() as connection:
        ODD.create(connection)
        connection.execute(ODD.insert(), given)
        written = connection.scalars(
            select(json_row(list(ODD.c), connection.dialect)).select_from(ODD).order_by(ODD.c.id)
        ).all()
    assert [orjson.loads(text) for text in written] == [expected(row) for row in given]
    assert written[0].encode() == encoding.dumps(expected(given[0]))


def test_a_row_of_many_columns_is_written_whole(database: Database) -> None:
    columns = [literal(place).label(f"c{place}") for place in range(120)]
    with database.as_owner() as connection:
        written = connection.scalar(select(json_row(columns, connection.dialect)))
    assert orjson.loads(written) == {f"c{place}": place for place in range(120)}


def test_a_type_that_sql_cannot_write_is_left_to_python(database: Database) -> None:
    assert json_row([Column("odd", LargeBinary())], database.reader.dialect) is None
