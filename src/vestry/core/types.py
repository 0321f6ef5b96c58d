"""Column types that keep what they are given: exact decimals and UTC instants, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Double, LargeBinary, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, Integer, TypeDecorator, TypeEngine

from vestry.core.errors import Invalid

INT64_MAX = 2**63 - 1


class BeyondRange(Invalid, DontWrapMixin):
    """A number too large for its column."""


class Exact(TypeDecorator[Decimal]):
    """An exact decimal of a fixed scale: a scaled 64-bit integer on SQLite, NUMERIC(19, scale) on PostgreSQL.

    The range is the same on both (±9,223,372,036,854,775,807 units of the last place), so that what one stores the
    other stores. Floats, NaN and more places than the scale are refused rather than rounded.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__(precision=19, scale=scale, asdecimal=True)
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(19, self.scale, asdecimal=True))

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        units = exact_units(value, self.scale)
        return units if dialect.name == "sqlite" else Decimal(units).scaleb(-self.scale)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("a float came out of an exact column: the query computed with it in SQL")
        if dialect.name == "sqlite":
            return Decimal(value).scaleb(-self.scale)
        return Decimal(value)


def exact_units(value: Decimal | int, scale: int) -> int:
    """``value`` in units of the last place; refuses floats, NaN, too many places and too large a number."""
    if isinstance(value, float) or not isinstance(value, Decimal | int):
        raise TypeError(f"{value!r} is not an exact number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} is not a number")
    units = int(number.scaleb(scale))
    if Decimal(units).scaleb(-scale) != number:
        raise ValueError(f"{value} has more than {scale} decimal places")
    if not -INT64_MAX <= units <= INT64_MAX:
        raise BeyondRange(
            f"{value:,f} is beyond ±{Decimal(INT64_MAX).scaleb(-scale):,}, the largest that is kept.",
            mend="Record it in parts, or in a larger unit.",
        )
    return units


MONEY_SCALE, QUANTITY_SCALE, FRACTION_SCALE = 4, 6, 10
Money = Exact(MONEY_SCALE)
Quantity = Exact(QUANTITY_SCALE)
Fraction = Exact(FRACTION_SCALE)
Price = Exact(FRACTION_SCALE)
FxRate = Exact(FRACTION_SCALE)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware out. Fixed-width text on SQLite, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone is not an instant")
        instant = value.astimezone(UTC)
        return f"{instant:%Y-%m-%dT%H:%M:%S.%fZ}" if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


# JSONB on PostgreSQL; text on SQLite, where STRICT tables know no JSON type.
Json = JSON().with_variant(JSONB(astext_type=Text()), "postgresql")


class _Total(TypeDecorator[Decimal]):
    impl = String
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(Numeric(asdecimal=True))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        high, low = str(value).split(":")
        return (Decimal(high) * 1_000_000_000 + Decimal(low)).scaleb(-self.scale)


class exact_sum(FunctionElement[Decimal]):  # noqa: N801 - reads as the SQL function it compiles to
    """SUM over an :class:`Exact` column that cannot overflow on SQLite (its plain SUM stops at 2**63)."""

    inherit_cache = True
    name = "exact_sum"

    def __init__(self, column: Any) -> None:
        scale = getattr(column.type, "scale", None)
        if not isinstance(column.type, Exact) or scale is None:
            raise TypeError("exact_sum takes an Exact column")
        self.type = _Total(scale)
        super().__init__(column)


@compiles(exact_sum)
def _exact_sum(element: exact_sum, compiler: Any, **kw: Any) -> str:
    return f"sum({compiler.process(element.clauses, **kw)})"


@compiles(exact_sum, "sqlite")
def _exact_sum_sqlite(element: exact_sum, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"(sum({column}/1000000000)||':'||sum({column}%1000000000))"


class rough_sum(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it compiles to
    """SUM over an :class:`Exact` column as a float, to sort by and nothing else: never overflows, and the same rows
    give the same float each time, so that a cursor finds its place again. Units of the last place on SQLite."""

    inherit_cache = True
    name = "rough_sum"
    type = Double()


@compiles(rough_sum)
def _rough_sum(element: rough_sum, compiler: Any, **kw: Any) -> str:
    return f"CAST(sum({compiler.process(element.clauses, **kw)}) AS DOUBLE PRECISION)"


@compiles(rough_sum, "sqlite")
def _rough_sum_sqlite(element: rough_sum, compiler: Any, **kw: Any) -> str:
    return f"sum(CAST({compiler.process(element.clauses, **kw)} AS REAL))"


# STRICT tables accept INTEGER, REAL, TEXT, BLOB and ANY only.
@compiles(Integer, "sqlite")
@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _integer(*_: Any, **__: Any) -> str:
    return "INTEGER"


@compiles(String, "sqlite")
@compiles(Text, "sqlite")
@compiles(Date, "sqlite")
@compiles(JSON, "sqlite")
def _text(*_: Any, **__: Any) -> str:
    return "TEXT"


@compiles(LargeBinary, "sqlite")
def _blob(*_: Any, **__: Any) -> str:
    return "BLOB"
