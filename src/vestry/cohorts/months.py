"""Months as they come in and go out (the first day), and as they are counted (year × 12 + month − 1)."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from vestry.core.fields import read_day
from vestry.core.types import MONEY_SCALE, Money
from vestry.kernel.cohorts.matrix import WIDEST

PERIOD_MAX = WIDEST - 1
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)


def read_month(value: Any) -> date:
    """A month written as its first day, or as YYYY-MM."""
    if isinstance(value, str) and _MONTH.fullmatch(value):
        value = f"{value}-01"
    day = read_day(value)
    if day.day != 1:
        raise ValueError(f"must be the first day of a month, such as {day.replace(day=1)}")
    return day


Month = Annotated[
    date,
    BeforeValidator(read_month),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-03-01"], "description": "its first day"}),
]


def index_of(day: date) -> int:
    """The month a day lies in, counted."""
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=4_000)
def first_day(index: int) -> date:
    """The first day of a counted month."""
    return date(index // 12, index % 12 + 1, 1)


def days_of(index: int) -> tuple[date, date]:
    """The first day of a counted month, and of the one after it."""
    return first_day(index), first_day(index + 1)


class month_of(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it compiles to
    """The counted month of a day's column."""

    inherit_cache = True
    name = "month_of"
    type = BigInteger()


@compiles(month_of)
def _month_of(element: month_of, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST(extract(year FROM {day}) AS BIGINT) * 12 + CAST(extract(month FROM {day}) AS BIGINT) - 1)"


@compiles(month_of, "sqlite")
def _month_of_sqlite(element: month_of, compiler: Any, **kw: Any) -> str:
    (day,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST(substr({day}, 1, 4) AS INTEGER) * 12 + CAST(substr({day}, 6, 2) AS INTEGER) - 1)"


class money_of(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it compiles to
    """Whole units of the last place of money, as an exact amount."""

    inherit_cache = True
    name = "money_of"
    type = Money


@compiles(money_of)
def _money_of(element: money_of, compiler: Any, **kw: Any) -> str:
    (units,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({units} * 1e-{MONEY_SCALE}::numeric)"


@compiles(money_of, "sqlite")
def _money_of_sqlite(element: money_of, compiler: Any, **kw: Any) -> str:
    return "".join(compiler.process(clause, **kw) for clause in element.clauses)
