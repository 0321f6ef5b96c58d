"""The cohort table: one row a cohort, one column a period, in four ways; unknown months are empty, never 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Literal

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.months import first_day
from vestry.core.fields import decimal_text
from vestry.kernel.cohorts.months import money

Show = Literal["absolute", "percent_of_spend", "cumulative", "per_customer"]
RATIO_PLACES: Final = Decimal("0.000001")
MONEY_PLACES: Final = Decimal("0.0001")


def table(books: Books, show: Show) -> dict[str, Any]:
    """The table as it goes out. ``percent_of_spend``: payment ÷ spend, a fraction; ``per_customer``: payment ÷ the
    cohort's customers. A value without something to divide by is null."""
    sizes = books.customers()
    return {
        "company_id": books.company.id,
        "currency": books.company.currency,
        "as_of": books.as_of,
        "known_at": books.known_at,
        "show": show,
        "periods": books.matrix.width,
        "cohorts": [
            {
                "cohort_month": first_day(month),
                "spend": _spend(books, month),
                "customers": sizes.get(month, 0),
                "values": _values(books, row, month, show, sizes.get(month, 0)),
            }
            for row, month in enumerate(books.matrix.months.tolist())
        ],
    }


def headings(made: dict[str, Any]) -> list[str]:
    """The columns of the table as a file."""
    return ["cohort_month", "spend", "customers", *(str(period) for period in range(made["periods"]))]


def rows(made: dict[str, Any]) -> list[list[str | Decimal | int | None]]:
    """The rows of the table as a file: numbers, and nothing where a month is not known."""
    return [
        [
            one["cohort_month"].isoformat(),
            _number(one["spend"]),
            one["customers"],
            *map(_number, one["values"]),
            *[None] * (made["periods"] - len(one["values"])),
        ]
        for one in made["cohorts"]
    ]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _spend(books: Books, month: int) -> str | None:
    spend = books.spends.get(month)
    return None if spend is None else decimal_text(spend["spend"], 2)


def _values(books: Books, row: int, month: int, show: Show, customers: int) -> list[str | None]:
    count, digits = int(books.matrix.known[row]), books.digits
    units = books.matrix.amounts[row]
    if show == "cumulative":
        units = units.cumsum()
    paid = [money(int(one), digits) for one in units[:count].tolist()]
    if show in ("absolute", "cumulative"):
        known: list[str | None] = [decimal_text(one, 2) for one in paid]
    else:
        spend = books.spends.get(month)
        by = Decimal(customers) if show == "per_customer" else spend["spend"] if spend else Decimal(0)
        places = MONEY_PLACES if show == "per_customer" else RATIO_PLACES
        least = 2 if show == "per_customer" else 0
        known = [decimal_text((one / by).quantize(places), least) if by else None for one in paid]
    return [*known, *[None] * (books.matrix.width - count)]
