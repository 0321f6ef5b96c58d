"""What is the same in many rows does not travel with each of them on its way into the database.

A column that says one thing in all rows is told once. One of a few words travels as numbers; on SQLite, where each
value of each row is bound by Python, all columns of up to some hundred words travel together as one number, a digit
each, and their words lie in a table beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from sqlalchemy import BigInteger, Boolean, Date, Text

KINDS: Final[dict[Any, Any]] = {pl.Int64: BigInteger, pl.String: Text, pl.Date: Date, pl.Boolean: Boolean}
PACKED_ROWS: Final = 1_000  # a frame of fewer rows goes in as it is
FEW_WORDS: Final = 4
WORDS_MAX: Final = 500
CODE: Final = "packed"
_CODE_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class Digit:
    """Where a column's word stands: ``first + code / worth % count`` in the table of words."""

    first: int
    worth: int
    count: int


@dataclass(slots=True)
class Packed:
    """A frame as it travels, and how its other columns are told: the ``same`` in all rows, one of a ``few`` words by
    its number, or a digit of the code."""

    frame: pl.DataFrame
    same: dict[str, Any] = field(default_factory=dict)
    few: dict[str, Sequence[Any]] = field(default_factory=dict)
    digits: dict[str, Digit] = field(default_factory=dict)
    words: list[Any] = field(default_factory=list)


def packed(frame: pl.DataFrame, *, coded: bool) -> Packed:
    """The frame packed, if it is large. ``coded``: with the code; otherwise only few words become numbers."""
    found = Packed(frame)
    if frame.height < PACKED_ROWS:
        return found
    numbers: dict[str, pl.Series] = {}
    for column in frame.get_columns():
        words = _words(column)
        if words is None:
            continue
        if len(words) == 1:
            found.same[column.name] = words[0]
        elif coded:
            numbers[column.name] = _numbers(column, words)
            found.digits[column.name] = Digit(len(found.words), 0, len(words))
            found.words += (words.cast(pl.Int64) if words.dtype == pl.Boolean else words).to_list()
        elif len(words) <= FEW_WORDS and column.dtype == pl.String and not column.has_nulls():
            numbers[column.name] = _numbers(column, words)
            found.few[column.name] = words.to_list()
    if found.digits:
        found.frame, found.digits = _coded(frame, numbers, found.digits)
    else:
        found.frame = frame.with_columns(**numbers)
    found.frame = found.frame.drop(found.same)
    if not found.frame.width:  # a table has a column
        name, _ = found.same.popitem()
        found.frame = frame.select(name)
    return found


def _words(column: pl.Series) -> pl.Series | None:
    """The different values, null first, or None where they are many."""
    if column.dtype == pl.Int64 and column.n_unique() == column.len() > WORDS_MAX:  # ids and figures, as a rule
        return None
    words = column.unique().sort()
    return words if len(words) <= WORDS_MAX else None


def _numbers(column: pl.Series, words: pl.Series) -> pl.Series:
    if column.dtype == pl.String and not words.has_nulls():
        return column.cast(pl.Enum(words)).to_physical().cast(pl.Int64)
    places = pl.DataFrame([words.alias("word"), pl.int_range(len(words), eager=True).alias("place")])
    rows = pl.DataFrame([column.alias("word")])
    return rows.join(places, on="word", how="left", nulls_equal=True, maintain_order="left")["place"].cast(pl.Int64)


def _coded(
    frame: pl.DataFrame, numbers: Mapping[str, pl.Series], digits: Mapping[str, Digit]
) -> tuple[pl.DataFrame, dict[str, Digit]]:
    """The frame with one column for all of these, as far as a number holds them; the others stay what they are."""
    code, worth, placed = pl.repeat(0, frame.height, dtype=pl.Int64, eager=True), 1, {}
    for name, digit in digits.items():
        if worth * digit.count > _CODE_MAX:
            continue
        placed[name] = Digit(digit.first, worth, digit.count)
        code = code + numbers[name] * worth
        worth *= digit.count
    return frame.drop(placed).with_columns(code.alias(CODE)), placed


def day_text(word: Any) -> Any:
    """A word as SQLite keeps it."""
    return word.isoformat() if hasattr(word, "isoformat") else word
