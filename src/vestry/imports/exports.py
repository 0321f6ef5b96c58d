"""The ledger as files: a workbook, or a folder or zip of CSV files, in the form that the importer reads.

Every cell is text, so that all digits stay and nothing is ever a formula: in a workbook by its type, in CSV by a
leading apostrophe where a spreadsheet would run the text, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from vestry.batches.csv_files import quoted
from vestry.core.actor import Actor
from vestry.core.fields import decimal_text
from vestry.identity.access import require
from vestry.imports.form import REF, SHEETS, Cell, Sheet, headings
from vestry.imports.recorded import Recorded, Row

WIDTH = 18


def tables(session: Session, actor: Actor) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Each sheet's name, headings and rows; empty sheets too."""
    require(actor, "import.read")
    recorded = Recorded(session, actor, [sheet.name for sheet in SHEETS])
    for sheet in SHEETS:
        rows = recorded.rows[sheet.name].items()
        listed = [(row_id, row) for row_id, row in rows if row.get("kind") != "main" or sheet.name != "vehicles"]
        yield sheet.name, headings(sheet), [_texts(sheet, recorded, row_id, row) for row_id, row in listed]


def workbook(session: Session, actor: Actor) -> bytes:
    """An XLSX workbook with a sheet per noun."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for name, columns, rows in tables(session, actor):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, WIDTH)
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column, bold)
        for number, row in enumerate(rows, 1):
            for position, text in enumerate(row):
                if text:
                    sheet.write_string(number, position, text)
    book.close()
    return out.getvalue()


def csv_files(session: Session, actor: Actor) -> Iterator[tuple[str, bytes]]:
    """A CSV file per noun."""
    for name, columns, rows in tables(session, actor):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([quoted(cell) for cell in row] for row in rows)
        yield f"{name}.csv", text.getvalue().encode()


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
