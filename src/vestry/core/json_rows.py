"""Rows that the database itself writes as JSON objects, byte for byte what Python would write of them.

A page of 100 rows costs less than half of fetching its values, turning them into Python objects and writing those out.
On PostgreSQL that holds for text put together with ``concat``; its own functions for JSON objects cost what they save.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    Numeric,
    String,
    Text,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from vestry.core.types import MONEY_SCALE, Exact, UtcDateTime


class _ExactText(FunctionElement[str]):
    inherit_cache = True
    name = "exact_text"
    type = Text()


class _MoneyText(FunctionElement[str]):
    inherit_cache = True
    name = "money_text"
    type = Text()


class _Truth(FunctionElement[str]):
    inherit_cache = True
    name = "truth"
    type = Text()


@compiles(_ExactText, "sqlite")
def _exact_text(element: _ExactText, compiler: Any, **kw: Any) -> str:
    """Whole units of the last place (second argument: how many places) → all digits, no zeros at the end."""
    units, scale = (compiler.process(clause, **kw) for clause in element.clauses)
    size = 10 ** int(scale)
    return (
        f"(CASE WHEN {units} % {size} = 0 THEN ({units} / {size}) || '' "
        f"WHEN {units} IS NOT NULL THEN rtrim("
        f"printf('%s%d.%0{scale}d', iif({units} < 0, '-', ''), abs({units}) / {size}, abs({units}) % {size}), '0') END)"
    )


@compiles(_MoneyText, "sqlite")
def _money_text(element: _MoneyText, compiler: Any, **kw: Any) -> str:
    """Ten-thousandths → all digits, at least two places."""
    (units,) = (compiler.process(clause, **kw) for clause in element.clauses)
    cents = f"printf('%s%d.%02d', iif({units} < 0, '-', ''), abs({units}) / 10000, abs({units}) / 100 % 100)"
    return (
        f"(CASE WHEN {units} % 10000 = 0 THEN ({units} / 10000) || '.00' "
        f"WHEN {units} % 100 = 0 THEN {cents} "
        f"WHEN {units} IS NOT NULL THEN {cents} || rtrim(printf('%02d', abs({units}) % 100), '0') END)"
    )


@compiles(_Truth, "sqlite")
def _truth(element: _Truth, compiler: Any, **kw: Any) -> str:
    (kept,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json(CASE {kept} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"


def json_row(columns: Sequence[Any], dialect: Dialect) -> Any | None:
    """The JSON object of labelled columns; None where one of them has a type that SQL cannot write."""
    write = _written if dialect.name == "sqlite" else _told
    written = [write(column, column.type) for column in columns]
    if any(one is None for one in written):
        return None
    keys = [column.key for column in columns]
    return _object(keys, written) if dialect.name == "sqlite" else _text(keys, written)


def _object(keys: Sequence[str], written: Sequence[Any]) -> Any:
    parts: list[Any] = []
    for key, one in zip(keys, written, strict=True):
        parts += [literal_column(f"'{key}'"), one]
    return func.json_object(*parts, type_=Text())


def _written(column: Any, kind: TypeEngine[Any]) -> Any | None:
    """A value for SQLite's ``json_object``."""
    if isinstance(kind, Exact):
        units = type_coerce(column, BigInteger)
        return _MoneyText(units) if kind.scale == MONEY_SCALE else _ExactText(units, literal_column(str(kind.scale)))
    if isinstance(kind, UtcDateTime):
        return func.replace(type_coerce(column, Text), ".000000Z", "Z")
    if isinstance(kind, Date):
        return type_coerce(column, Text)
    if isinstance(kind, Boolean):
        return _Truth(type_coerce(column, Integer))
    return column if isinstance(kind, String | Integer) else None


ARGUMENTS_MAX: Final = 100  # of a function on PostgreSQL
NULL: Final = literal_column("'null'", Text)
QUOTE: Final = literal_column("'\"'", Text)


def _text(keys: Sequence[str], written: Sequence[Any]) -> Any:
    """What each value is written as, after its key, put together."""
    parts: list[Any] = []
    for key, one in zip(keys, written, strict=True):
        parts += [literal_column(f"""'{"," if parts else "{"}"{key}":'"""), one]
    parts.append(literal_column("'}'"))
    whole: Any = None
    for at in range(0, len(parts), ARGUMENTS_MAX):
        some = func.concat(*parts[at : at + ARGUMENTS_MAX], type_=Text())
        whole = some if whole is None else whole.concat(some)
    return whole


def _told(column: Any, kind: TypeEngine[Any]) -> Any | None:
    """The JSON text of a value on PostgreSQL; sessions are in UTC and write days in ISO form."""
    if isinstance(kind, Exact):
        number = type_coerce(column, Numeric)
        places = func.greatest(literal_column("2"), func.min_scale(number), type_=Integer())
        exact = func.round(number, places) if kind.scale == MONEY_SCALE else func.trim_scale(number)
        return _quoted(cast(exact, Text))
    if isinstance(kind, UtcDateTime):
        instant = func.to_char(column, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""), type_=Text())
        return _quoted(func.replace(instant, literal_column("'.000000Z'"), literal_column("'Z'"), type_=Text()))
    if isinstance(kind, Date):
        return _quoted(cast(column, Text))
    if isinstance(kind, Boolean | Integer):
        return func.coalesce(cast(column, Text), NULL)
    return func.coalesce(cast(func.to_json(column), Text), NULL) if isinstance(kind, String) else None


def _quoted(text: Any) -> Any:
    return func.coalesce(QUOTE.concat(text).concat(QUOTE), NULL)
