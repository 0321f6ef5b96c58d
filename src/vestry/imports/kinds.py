"""What every kind of file is to the rest: its fields, a check of its rows, and how checked rows are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from vestry.batches.tables import Style, Table
from vestry.core.actor import Actor
from vestry.core.errors import Fault
from vestry.core.fields import decimal_text
from vestry.core.types import MONEY_SCALE

# Told what is being done, how many rows are done and how many there are.
Progress = Callable[[str, int, int], None]
EXACT = Context(prec=60)  # sums of many rows may outgrow the 28 digits of the usual context
NEW, DUPLICATE, ERROR = "new", "duplicate", "error"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind of file, and the headings it is commonly found under (folded: lower case, single spaces)."""

    name: str
    label: str
    required: bool = False
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say itself: how it is written, and what holds for all of its rows."""

    style: Style = field(default_factory=Style)
    fund: str | None = None
    currency: str | None = None
    as_of: str | None = None
    scale: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's rows after every check. ``rows`` has ``row``, ``sheet`` and ``state`` and a text column per field as in
    the file; ``totals`` are sums of the new rows; ``notes`` are worth reading before committing; ``load`` is what
    the kind's own writer needs."""

    rows: pl.DataFrame
    faults: list[Fault]
    totals: dict[str, str]
    notes: list[str]
    load: Any

    def counts(self) -> dict[str, int]:
        """How many rows are new, recorded already, or wrong."""
        found = dict(self.rows["state"].value_counts().iter_rows())
        return {state: int(found.get(state, 0)) for state in (NEW, DUPLICATE, ERROR)}


Check = Callable[[Session, Actor, Sequence[Table], Mapping[str, str], Options], Checked]
Write = Callable[[Session, Actor, int, Checked, Progress], dict[str, int | str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``check`` looks at every row and writes nothing; ``write`` writes the new rows under a batch's id
    and returns the receipt (created counts and sums). ``several``: the file has several tables with fixed headings."""

    fields: tuple[Field, ...]
    check: Check
    write: Write
    several: bool = False


def suggest(fields: Sequence[Field], columns: Sequence[str]) -> dict[str, str]:
    """Field → the heading that names it, each heading used once."""
    folded = {_folded(column): column for column in reversed(columns)}
    mapping: dict[str, str] = {}
    for one in fields:
        for heading in (one.name, one.label, *one.headings):
            column = folded.pop(_folded(heading), None)
            if column is not None:
                mapping[one.name] = column
                break
    return mapping


def _folded(text: str) -> str:
    """A heading without case, punctuation and what stands in brackets, such as a unit."""
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"\(.*?\)", " ", text.casefold())).split())


def money(units: int) -> str:
    """Whole units of the fourth place as a decimal with at least two places."""
    return decimal_text(Decimal(units).scaleb(-MONEY_SCALE, EXACT), 2)


def sums(amounts: pl.DataFrame) -> dict[str, str]:
    """``{"contributions_USD": "5.00"}`` of rows with ``what``, ``currency`` and ``amount`` (exact, of any size)."""
    totals: dict[str, int] = {}
    grouped = amounts.group_by("what", "currency", maintain_order=True).agg("amount")
    for what, currency, units in grouped.sort("what", "currency").iter_rows():
        totals[f"{what}_{currency}"] = sum(units)
    return {name: money(total) for name, total in totals.items()}
