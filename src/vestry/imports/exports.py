"""The ledger as files: a workbook, or a folder or zip of CSV files, in the form that the importer reads; after it what
the firm keeps beside, which an import leaves alone.

No cell is ever a formula: text that a spreadsheet would run gets a leading apostrophe, which reading takes off again.
Numbers are number cells as far as such a cell holds all their digits, and text beyond.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from vestry.batches.xlsx_files import DIGITS_KEPT
from vestry.core.actor import Actor
from vestry.core.cells import quoted
from vestry.core.errors import Invalid
from vestry.core.fields import decimal_text
from vestry.identity.access import require
from vestry.imports import beside
from vestry.imports.form import BY_NAME, REF, SHEETS, Cell, Sheet, headings
from vestry.imports.recorded import Recorded, Row

WIDTH = 18
Filled = tuple[str, list[str], Iterable[list[str]]]
SHEET_ROWS = 1_048_575  # below the headings


class TooManyRows(Invalid):
    """A sheet of a workbook does not hold that many rows."""


def tables(session: Session, actor: Actor) -> Iterator[Filled]:
    """Each sheet's name, headings and rows; empty sheets too."""
    require(actor, "import.read")
    recorded = Recorded(session, actor, [sheet.name for sheet in SHEETS])
    for sheet in SHEETS:
        rows = recorded.rows[sheet.name].items()
        listed = [(row_id, row) for row_id, row in rows if row.get("kind") != "main" or sheet.name != "vehicles"]
        yield sheet.name, headings(sheet), [_texts(sheet, recorded, row_id, row) for row_id, row in listed]


def everything(session: Session, actor: Actor) -> Iterator[Filled]:
    """The ledger's sheets, and after them what is kept beside it."""
    yield from tables(session, actor)
    yield from beside.tables(session, actor)


def workbook(session: Session, actor: Actor) -> bytes:
    """An XLSX workbook with a sheet per noun."""
    return workbook_of(everything(session, actor))


def workbook_of(filled: Iterable[Filled]) -> bytes:
    """A workbook of these tables."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for name, columns, rows in filled:
        numeric = numbers_in(name)
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, WIDTH)
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column, bold)
        for number, row in enumerate(rows, 1):
            if number > SHEET_ROWS:
                raise TooManyRows(f"{name} has more rows than a sheet holds.", mend="Write a .zip of CSV files.")
            for position, text in enumerate(row):
                if not text:
                    continue
                if position in numeric and sum(map(str.isdigit, text)) <= DIGITS_KEPT:
                    sheet.write_number(number, position, float(text))
                else:
                    sheet.write_string(number, position, quoted(text))
    book.close()
    return out.getvalue()


def csv_files(session: Session, actor: Actor) -> Iterator[tuple[str, bytes]]:
    """A CSV file per noun."""
    return csv_files_of(everything(session, actor))


def csv_files_of(filled: Iterable[Filled]) -> Iterator[tuple[str, bytes]]:
    """A CSV file of each of these tables."""
    for name, columns, rows in filled:
        numeric = numbers_in(name)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(
            [cell if position in numeric else quoted(cell) for position, cell in enumerate(row)] for row in rows
        )
        yield f"{name}.csv", text.getvalue().encode()


def numbers_in(name: str) -> frozenset[int]:
    """The positions of a sheet's columns that hold numbers."""
    if name in beside.NUMBERS:
        return beside.NUMBERS[name]
    sheet = BY_NAME[name]
    first = 1 if sheet.keyed == REF else 0
    return frozenset(place for place, cell in enumerate(sheet.cells, first) if cell.kind in ("number", "whole"))


def csv_zip(session: Session, actor: Actor) -> bytes:
    """The CSV files in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in csv_files(session, actor):
            package.writestr(name, content)
    return out.getvalue()


def _texts(sheet: Sheet, recorded: Recorded, row_id: int, row: Row) -> list[str]:
    own = [recorded.labels[sheet.name][row_id]] if sheet.keyed == REF else []
    return own + [_text(cell, row[cell.column], recorded) for cell in sheet.cells]


def _text(cell: Cell, value: Any, recorded: Recorded) -> str:
    if value is None:
        return ""
    if cell.kind == "ref":
        return recorded.labels[cell.to][value]
    if cell.kind == "number":
        return decimal_text(Decimal(value).scaleb(-cell.places))
    if cell.kind == "flag":
        return "yes" if value else "no"
    return str(value)
