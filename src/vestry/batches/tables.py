"""What a file holds, whatever its format: headings and rows of text, with the row numbers a person sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from vestry.core.cells import QUOTED
from vestry.core.errors import Fault, Invalid, TooLarge

ROWS_MAX = 1_000_000
COLUMNS_MAX = 200
FAULTS_MAX = 1_000
GRID_ROWS_MAX = 20_000
GRID_COLUMNS_MAX = 400
# What stands in a grid in place of a cell whose value cannot be taken, and why.
CELL_MARKS = {
    "#ERROR": "is an error such as #DIV/0!",
    "#NOT_CALCULATED": "is a formula that was never calculated: open and save the workbook",
    "#DIGITS": "has more digits than a number cell holds: format the column as text",
}


class FileUnreadable(Invalid):
    """The file's structure is broken; nothing of it was stored."""


class FileTooLarge(TooLarge):
    """More rows, columns or unpacked bytes than a file may have."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, or a CSV file. ``frame`` has a String column per heading, "" for an empty cell; ``rows`` the number
    of each row in the file (the heading is in row 1, or wherever it was found). ``found`` tells how it was read."""

    name: str
    frame: pl.DataFrame
    rows: pl.Series
    found: dict[str, str]


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes things, as its owner declared it; the defaults are read without being declared."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    date_format: str = "YYYY-MM-DD"
    decimal: str = "."
    thousands: str = ""


def headings(cells: Sequence[str], row: int) -> list[str]:
    """The cleaned headings; refuses missing and repeated ones."""
    names = [re.sub(r"\s+", " ", cell).strip() for cell in cells]
    if len(names) > COLUMNS_MAX:
        raise FileTooLarge(f"The file has {len(names):,} columns; at most {COLUMNS_MAX} are read.")
    seen: set[str] = set()
    faults = []
    for position, name in enumerate(names, 1):
        if not name:
            faults.append(fault(row, f"column {position}", "", "has no heading"))
        elif name.casefold() in seen:
            faults.append(fault(row, name, name, "is the heading of two columns"))
        seen.add(name.casefold())
    refuse(faults)
    return names


def fault(row: int, column: str | None, value: str | None, reason: str, sheet: str | None = None) -> Fault:
    """One bad place of a file."""
    place = ".".join(part for part in (sheet, "rows", str(row), column) if part)
    shown = value if value is None or len(value) <= 100 else f"{value[:100]}…"
    return Fault(place, reason, "bad_row", row, column, shown)


def refuse(faults: Iterable[Fault], what: str = "file") -> None:
    """Raise when there is anything to refuse, naming each place."""
    found = list(faults)
    if found:
        raise FileUnreadable(
            f"The {what} cannot be read: {len(found):,} "
            f"{'place is' if len(found) == 1 else 'places are'} broken, the first in row {found[0].row}.",
            mend="Correct the rows named under errors and upload the file again; nothing was stored.",
            faults=found[:FAULTS_MAX],
        )


def refuse_empty(frame: pl.DataFrame, what: str) -> None:
    """A file without a single row brings nothing in."""
    if frame.is_empty():
        raise FileUnreadable(
            f"The {what} has headings but no rows.", field="file", mend="Upload a file with at least one row."
        )
    if frame.height > ROWS_MAX:
        raise FileTooLarge(
            f"The {what} has {frame.height:,} rows; at most {ROWS_MAX:,} are read at once.", mend="Split the file."
        )


def without_blank_rows(frame: pl.DataFrame, rows: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Rows in which nothing is written do not count."""
    written = frame.select(pl.any_horizontal(pl.all() != "")).to_series()
    return (frame, rows) if written.all() else (frame.filter(written), rows.filter(written))


def unquoted(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells with their own text, where an export had quoted it against being run as a formula."""
    return frame.with_columns(pl.all().str.replace(QUOTED, "$1"))


def letters(position: int) -> str:
    """How spreadsheets name a column; the first is position 0."""
    name = ""
    while position >= 0:
        position, rest = divmod(position, 26)
        name, position = chr(65 + rest) + name, position - 1
    return name


def grid_of(name: str, cells: Sequence[Sequence[str]], found: dict[str, str]) -> Table:
    """Rows of text as a grid, all of one width."""
    width = max((len(row) for row in cells), default=0)
    if len(cells) > GRID_ROWS_MAX or width > GRID_COLUMNS_MAX:
        raise FileTooLarge(
            f"{name} has {len(cells):,} rows and {width:,} columns; at most {GRID_ROWS_MAX:,} and "
            f"{GRID_COLUMNS_MAX:,} are read.",
            mend="Save only the table, or split the file.",
        )
    columns = [[row[at] if at < len(row) else "" for row in cells] for at in range(width)]
    frame = pl.DataFrame([pl.Series(letters(at), texts, pl.String) for at, texts in enumerate(columns)])
    return Table(name, unquoted(frame), pl.int_range(1, len(cells) + 1, eager=True), found)
