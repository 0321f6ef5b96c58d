"""XLSX workbooks: unpacked within limits and looked through before anything interprets them.

What a reader of such files may stumble over is refused first: entities and document types, packages that unpack to
far more than they weigh, cells at the far end of a sheet (readers make room for everything before them), errors and
formulas without a value (they would read as empty). Values come as text: a number as its digits, a day as YYYY-MM-DD.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import python_calamine as calamine

from vestry.batches.tables import (
    FAULTS_MAX,
    ROWS_MAX,
    FileTooLarge,
    FileUnreadable,
    Style,
    Table,
    fault,
    grid_of,
    headings,
    refuse,
    refuse_empty,
    unquoted,
    without_blank_rows,
)
from vestry.core.errors import Fault, Invalid, UnsupportedMedia

UNPACKED_BYTES_MAX = 256 * 1024 * 1024
PARTS_MAX = 2_000
RATIO_MAX, RATIO_FROM_BYTES = 200, 8 * 1024 * 1024  # tables repeat themselves, but not like that
SHEET_COLUMNS_MAX = 1_000
CELLS_MAX = 20_000_000
DIGITS_KEPT = 15  # what a number cell holds exactly, and what spreadsheets show

_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error)
_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,10})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"']([0-9]{1,10})[\"']")
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\s(?=[^>]*\bt\s*=\s*[\"']e[\"'])[^>]*?\br\s*=\s*[\"']([A-Z]+[0-9]+)[\"']")
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?c\s[^>]*?\br=\"([A-Z]+[0-9]+)\"[^>]*>\s*<f[^>]*>[^<]*</f>\s*(?:<v\s*/>|<v></v>|</c>)"
)


def read(data: bytes, style: Style) -> list[Table]:
    """The sheets of a workbook that have anything in them."""
    _look_through(data)
    tables = [table for name, cells in _sheets(data, style) if (table := _table(name, cells))]
    if not tables:
        raise FileUnreadable("The workbook has no rows.", field="file", mend="Upload one with headings and rows.")
    return tables


def grids(data: bytes, style: Style) -> list[Table]:
    """The sheets of a workbook as they stand, with a mark where a cell's value cannot be taken."""
    marks = _look_through(data, marked=True)
    tables = []
    for name, cells in _sheets(data, style):
        rows = [[_grid_text(cell) for cell in row] for row in cells]
        for (row, column), mark in marks.get(name, {}).items():
            while len(rows) <= row:
                rows.append([])
            rows[row] += [""] * (column + 1 - len(rows[row]))
            if mark == "#ERROR" or not rows[row][column]:
                rows[row][column] = mark
        if any(cell for row in rows for cell in row):
            tables.append(grid_of(name, rows, {"format": "xlsx", "sheet": name}))
    if not tables:
        raise FileUnreadable("The workbook has no rows.", field="file", mend="Upload one with headings and rows.")
    return tables


def _sheets(data: bytes, style: Style) -> list[tuple[str, list[list[Any]]]]:
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(workbook.sheet_names)
        if style.sheet is not None:
            if style.sheet not in names:
                raise Invalid(
                    f"The workbook has no sheet named {style.sheet!r}.",
                    field="sheet",
                    mend=f"One of: {', '.join(names)}.",
                )
            names = [style.sheet]
        return [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, calamine.PasswordError) as error:
        raise FileUnreadable(
            f"The workbook cannot be read: {error}.", field="file", mend="Save it again as XLSX, without a password."
        ) from None


def unpacked_bytes(data: bytes) -> int:
    """What a package says it unpacks to; refused at once where that is more than is read.

    A part is never read beyond the size that is stated for it, so this is what reading it costs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(member.file_size for member in _members(package))
    except _BROKEN as error:
        raise FileUnreadable(f"The file is not a readable package: {error}.", field="file") from None


def parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each part of a package, unpacked; refuses a package whose parts come to more than the limit, whatever their
    stated sizes are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for member in _members(package):
                with package.open(member) as part:
                    content = part.read(UNPACKED_BYTES_MAX + 1)
                if len(content) > UNPACKED_BYTES_MAX:
                    raise FileTooLarge(f"{member.filename} unpacks to more than {UNPACKED_BYTES_MAX:,} bytes.")
                yield member.filename, content
    except _BROKEN as error:
        raise FileUnreadable(f"The file is not a readable package: {error}.", field="file") from None


def _members(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The parts the directory lists: not too many, not too large, and none packed as only a bomb is."""
    members = [member for member in package.infolist() if not member.is_dir()]
    stated = sum(member.file_size for member in members)
    if len(members) > PARTS_MAX or stated > UNPACKED_BYTES_MAX:
        raise FileTooLarge(
            f"The file unpacks to {len(members):,} parts and {stated:,} bytes; at most {PARTS_MAX:,} parts and "
            f"{UNPACKED_BYTES_MAX:,} bytes are read.",
            mend="Save only what is to be imported, or use CSV.",
        )
    for member in members:
        if member.file_size > RATIO_FROM_BYTES and member.file_size > RATIO_MAX * member.compress_size:
            raise FileTooLarge(
                f"{member.filename[:100]} unpacks to {member.file_size:,} bytes, more than {RATIO_MAX} times its size.",
                mend="Save only what is to be imported, or use CSV.",
            )
    return members


def _look_through(data: bytes, *, marked: bool = False) -> dict[str, dict[tuple[int, int], str]]:
    """Refuse what a reader stumbles over. ``marked``: cells without a value are no reason to; they are returned, by
    sheet and place (row and column counted from 0)."""
    names, found = set(), {}
    titles = sheet_parts(data) if marked else {}
    for name, content in parts(data):
        names.add(name)
        if name.endswith((".xml", ".rels")):
            _refuse_unsafe(name, content)
        if b"sheetData" in content:
            _refuse_far_cells(name, content)
            if not marked:
                _refuse_errors(name, content)
            elif name in titles:
                found[titles[name]] = _marks(content)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnsupportedMedia("The file is a package, but not an XLSX workbook.", mend="Upload CSV or XLSX.")
    return found


def sheet_parts(data: bytes) -> dict[str, str]:
    """Part → the title of the sheet that it holds."""
    wanted = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    book, links = (dict(parts(data)).get(name, b"").decode("utf-8", "replace") for name in wanted)
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
        said = _attributes(tag)
        target = said.get("Target", "")
        targets[said.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    titles = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        said = _attributes(tag)
        link = next((value for name, value in said.items() if name.endswith(":id")), "")
        titles[targets.get(link, "")] = said.get("name", "")
    return titles


def _attributes(tag: str) -> dict[str, str]:
    pairs = re.findall(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return {name: html.unescape(one or other) for name, one, other in pairs}


def _marks(content: bytes) -> dict[tuple[int, int], str]:
    found = {_place(cell): "#NOT_CALCULATED" for cell in _NO_VALUE.findall(content)}
    return found | {_place(cell): "#ERROR" for cell in _ERROR_CELL.findall(content)}


def _place(cell: bytes) -> tuple[int, int]:
    column = cell.rstrip(b"0123456789")
    return int(cell[len(column) :]) - 1, _column_number(column) - 1


def _refuse_unsafe(name: str, content: bytes) -> None:
    if b"\0" in content[:1000]:
        raise FileUnreadable(f"{name} is not written in UTF-8.", field="file", mend="Save the workbook again.")
    if _DECLARATION.search(content):
        raise FileUnreadable(
            f"{name} declares a document type or entities, which no spreadsheet writes.",
            field="file",
            mend="Save the workbook again from a spreadsheet program.",
        )


def _refuse_far_cells(name: str, content: bytes) -> None:
    widths, heights = {b"A"}, [0]
    for column, row in _CELL.findall(content):
        widths.add(column)
        heights.append(int(row))
    columns = max(_column_number(letters) for letters in widths)
    rows = max(*heights, *map(int, _ROW.findall(content)), content.count(b"<row"))
    if columns > SHEET_COLUMNS_MAX or rows > ROWS_MAX + 1000 or columns * rows > CELLS_MAX:
        raise FileTooLarge(
            f"{name} reaches to row {rows:,} and column {columns:,}; at most {ROWS_MAX:,} rows, "
            f"{SHEET_COLUMNS_MAX:,} columns and {CELLS_MAX:,} cells are read.",
            mend="Delete what stands far outside the table, or use CSV.",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refuse_errors(name: str, content: bytes) -> None:
    sheet = name.rpartition("/")[2]
    faults = [_cell_fault(sheet, cell, "is an error such as #DIV/0!") for cell in _ERROR_CELL.findall(content)]
    faults += [
        _cell_fault(sheet, cell, "is a formula that was never calculated: open and save the workbook")
        for cell in _NO_VALUE.findall(content)
    ]
    refuse(faults, "workbook")


def _cell_fault(sheet: str, cell: bytes, reason: str) -> Fault:
    place = cell.decode()
    letters = place.rstrip("0123456789")
    return fault(int(place[len(letters) :]), letters, None, reason, sheet)


def _table(name: str, cells: list[list[Any]]) -> Table | None:
    first = next((number for number, row in enumerate(cells) if any(cell != "" for cell in row)), None)
    if first is None:
        return None
    width = max((position + 1 for position, cell in enumerate(cells[first]) if cell != ""), default=0)
    names = headings([str(cell) for cell in cells[first][:width]], first + 1)
    faults: list[Fault] = []
    texts: list[list[str]] = [[] for _ in names]
    for number, row in enumerate(cells[first + 1 :], first + 2):
        if len(faults) > FAULTS_MAX:
            break  # nobody mends more at once
        for position, cell in enumerate(row):
            if position >= width:
                if cell != "":
                    faults.append(
                        fault(number, f"column {position + 1}", str(cell), "stands beyond the headings", name)
                    )
                continue
            text = _text(cell)
            if text is None:
                reason = f"has more than the {DIGITS_KEPT} digits a number cell holds: format the column as text"
                faults.append(fault(number, names[position], repr(cell), reason, name))
            texts[position].append(text or "")
    refuse(faults, f"sheet {name}")
    frame = pl.DataFrame([pl.Series(heading, column, pl.String) for heading, column in zip(names, texts, strict=True)])
    rows = pl.int_range(first + 2, first + 2 + frame.height, eager=True)
    frame, rows = without_blank_rows(frame, rows)
    if frame.height > ROWS_MAX:
        refuse_empty(frame, f"sheet {name}")
    return Table(name, unquoted(frame), rows, {"format": "xlsx", "sheet": name})


def _grid_text(cell: Any) -> str:
    text = _text(cell)
    return "#DIGITS" if text is None else text


def _text(cell: Any) -> str | None:
    """A cell's value as text; None where a number has more digits than a number cell can hold."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return _number(float(cell))


def _number(value: float) -> str | None:
    """The shortest digits that stand for the number. Beyond 15 digits a fraction is a formula's rounding noise, which
    spreadsheets do not show either; a whole part of that length is not what somebody typed."""
    exact = Decimal(repr(value)).normalize()
    if len(exact.as_tuple().digits) > DIGITS_KEPT:
        if abs(exact) >= 10 ** (DIGITS_KEPT - 5):
            return None
        exact = Decimal(f"{value:.{DIGITS_KEPT}g}")
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
