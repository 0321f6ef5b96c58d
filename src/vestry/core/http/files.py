"""Tables as files: every list and every computed table leaves as CSV or XLSX in the same way.

What a row's answer looks like (its :class:`Output`) says the columns: words, numbers, yes or no. A record within is
spread out under its name (``override_reason``), a list of words is one cell; other lists stay out. No cell is ever a
formula: text that a spreadsheet would run gets a leading apostrophe. What is not known is an empty cell. Numbers are
number cells as far as such a cell holds all their digits.

A file is written to disk row by row before any of it is sent: ten million rows take no more memory than ten, and
what goes wrong on the way is answered as any other error.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import IO, Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import quote

import xlsxwriter
from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from vestry.core.cells import quoted
from vestry.core.errors import TooLarge
from vestry.core.fields import decimal_text
from vestry.core.http.answers import Json
from vestry.core.listing import Listing, every, paginate
from vestry.core.paging import Page
from vestry.core.types import MONEY_SCALE

FileForm = Literal["csv", "xlsx"]
Form = Literal["json", "csv", "xlsx"]
Format = Annotated[
    Form, Query(alias="format", description="a list as csv or xlsx has every row, whatever limit and cursor say")
]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, XLSX: {}}}
}
SHEET_ROWS_MAX: Final = 250_000  # a workbook of more takes minutes to write and to open
SHEET_NAME_MAX: Final = 31
DIGITS_KEPT: Final = 15  # of a number cell; what has more is kept as text
WIDTH: Final = 16
CHUNK: Final = 1 << 18
Cell = str | Decimal | int | float | None
Row = Sequence[Cell]


def listed(
    session: Session,
    listing: Listing,
    page: Page,
    form: Form,
    shape: type[BaseModel],
    name: str,
) -> Json | StreamingResponse:
    """A page of the listing as JSON, or all of it as a file; ``shape``: of one row, ``name``: the file's, no ending."""
    if form == "json":
        return Json(paginate(session, listing, page))
    if form == "xlsx":
        _refuse_beyond_a_sheet(session.scalar(listing.counted()) or 0)
    return filed(form, shape, name, every(session, listing, page))


def filed(form: FileForm, shape: type[BaseModel], name: str, rows: Iterable[dict[str, Any]]) -> StreamingResponse:
    """Rows of one shape as a file; a field that a row lacks is an empty cell."""
    columns = list(_columns(shape))
    return file(form, name, [one[0] for one in columns], ([read(row) for _, read in columns] for row in rows))


def file(form: FileForm, name: str, heading: Sequence[str], rows: Iterable[Row]) -> StreamingResponse:
    """The file as it is downloaded; ``name`` without its ending."""
    written = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    try:
        (write_csv if form == "csv" else write_xlsx)(written, name, heading, rows)
        size = written.tell() if form == "csv" else written.seek(0, io.SEEK_END)
        written.seek(0)
    except BaseException:
        written.close()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Content-Length": str(size)}
    return StreamingResponse(_sent(written), media_type="text/csv" if form == "csv" else XLSX, headers=headers)


def downloaded_as(name: str) -> str:
    """The header of a file that is downloaded under a name of somebody else's: RFC 6266, with a plain one beside."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _sent(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while chunk := written.read(CHUNK):
            yield chunk


def write_csv(out: IO[bytes], name: str, heading: Sequence[str], rows: Iterable[Row]) -> None:
    """CSV by RFC 4180."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([quoted(one) for one in heading])
    writer.writerows([quoted(cell) if isinstance(cell, str) else _digits(cell) for cell in row] for row in rows)
    text.detach()  # flushes, and leaves the file open


def write_xlsx(out: IO[bytes], name: str, heading: Sequence[str], rows: Iterable[Row]) -> None:
    """A workbook of one sheet."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(name[:SHEET_NAME_MAX])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(heading) - 1, 0), WIDTH)
        bold = book.add_format({"bold": True})
        for place, text in enumerate(heading):
            sheet.write_string(0, place, quoted(text), bold)
        for number, row in enumerate(rows, 1):
            _refuse_beyond_a_sheet(number)
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        sheet.write_string(number, place, quoted(cell))
                elif cell is not None:
                    _write_number(sheet, number, place, cell)


def _write_number(sheet: Any, number: int, place: int, cell: Decimal | float) -> None:
    digits = _digits(cell)
    if isinstance(cell, float) or sum(map(str.isdigit, digits)) <= DIGITS_KEPT:
        sheet.write_number(number, place, float(cell))
    else:
        sheet.write_string(number, place, digits)


def _digits(cell: Decimal | float | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return decimal_text(cell, 2 if cell.as_tuple().exponent in (-2, -MONEY_SCALE) else 0)
    return repr(cell)


def _refuse_beyond_a_sheet(rows: int) -> None:
    if rows > SHEET_ROWS_MAX:
        raise TooLarge(
            f"A workbook of ours has at most {SHEET_ROWS_MAX:,} rows; these are more.",
            field="format",
            mend="Ask for format=csv, or for fewer rows.",
        )


Read = Callable[[dict[str, Any]], Cell]


def _columns(shape: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Read]]:
    """The heading and the reader of each column that the shape of a row makes."""
    for name, field in shape.model_fields.items():
        kinds = _kinds(field.annotation)
        inner = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if inner is not None:
            for heading, read in _columns(inner, f"{prefix}{name}_"):
                yield heading, _within(name, read)
        elif all(isinstance(one, type) for one in kinds) and kinds & {Decimal, int, float, bool}:
            yield prefix + name, _number(name)
        elif list[str] in kinds or not any(get_origin(one) in (list, dict) for one in kinds):
            yield prefix + name, _word(name)


def _kinds(annotation: Any) -> set[Any]:
    """The types a field may have but None, without what is noted about them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return {kind for one in get_args(annotation) for kind in _kinds(one)} - {type(None)}
    return {annotation}


def _within(name: str, read: Read) -> Read:
    return lambda row: None if row.get(name) is None else read(row[name])


def _number(name: str) -> Read:
    def read(row: dict[str, Any]) -> Cell:
        value = row.get(name)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return Decimal(value) if isinstance(value, str) else value

    return read


def _word(name: str) -> Read:
    def read(row: dict[str, Any]) -> Cell:
        value = row.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        return value.isoformat() if isinstance(value, date) else "; ".join(value)

    return read
