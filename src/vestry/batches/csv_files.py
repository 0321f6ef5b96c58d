"""CSV files: strictly read, with the row of whatever is wrong. A cell that an export had quoted against being run
as a formula (a leading apostrophe) gets its own text back."""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from vestry.batches.tables import (
    GRID_ROWS_MAX,
    ROWS_MAX,
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
from vestry.core.errors import Fault, Invalid

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "cp1252": "cp1252", "latin-1": "latin-1"}
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_BYTE_ORDER = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read(data: bytes, name: str, style: Style, *, may_be_empty: bool = False) -> Table:
    """The table of a CSV file."""
    text = _decoded(data, style)
    if not text.strip():
        raise FileUnreadable("The file is empty.", field="file", mend="Upload a file with headings and rows.")
    delimiter = style.delimiter or _delimiter(text)
    frame, rows = _plain(text, delimiter) or _careful(text, delimiter)
    frame, rows = without_blank_rows(frame, rows)
    if not may_be_empty or frame.height > ROWS_MAX:
        refuse_empty(frame, "file")
    if "'" in text:
        frame = unquoted(frame)
    return Table(name, frame, rows, {"format": "csv", "delimiter": delimiter, "encoding": style.encoding})


def grid(data: bytes, name: str, style: Style) -> Table:
    """A CSV file as it stands, rows of any width, none of them a heading."""
    text = _decoded(data, style)
    if not text.strip():
        raise FileUnreadable("The file is empty.", field="file", mend="Upload a file with headings and rows.")
    bare = re.sub(r'"[^"]*"', "", text[:65_536])  # a title may stand above the table: the whole start is looked at
    delimiter = style.delimiter or max(DELIMITERS, key=bare.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    cells: list[list[str]] = []
    try:
        for record in records:
            cells.append(record)
            if len(cells) > GRID_ROWS_MAX:
                break  # refused as it is
    except csv.Error as error:
        refuse([fault(len(cells) + 1, None, None, _reason(str(error)))])
    return grid_of(name, cells, {"format": "csv", "delimiter": delimiter, "encoding": style.encoding})


def _decoded(data: bytes, style: Style) -> str:
    encoding = ENCODINGS.get(style.encoding)
    if encoding is None:
        raise Invalid(
            f"The encoding {style.encoding!r} is not read.", field="encoding", mend=f"One of: {', '.join(ENCODINGS)}."
        )
    if data.startswith(_UTF_32):
        raise FileUnreadable(
            "The file is written in UTF-32, which is not read.",
            mend="Save it as CSV UTF-8.",
            faults=[fault(1, None, None, "begins with a UTF-32 byte order mark")],
        )
    if data.startswith(b"\xef\xbb\xbf") and encoding != "utf-8":
        raise FileUnreadable(
            f"The file is written in UTF-8, not {style.encoding.upper()}.",
            mend='Declare the encoding "utf-8", or none.',
            faults=[fault(1, None, None, "begins with a UTF-8 byte order mark")],
        )
    if encoding == "utf-16" and data[:2] not in _BYTE_ORDER and b"\0" not in data:
        raise FileUnreadable(  # any bytes, two by two, are characters of some script
            "The file is not written in UTF-16.",
            mend="Declare the encoding it is written in.",
            faults=[fault(1, None, None, "is not UTF-16")],
        )
    seems = _BYTE_ORDER.get(data[:2])
    if seems and encoding == "utf-8":
        raise FileUnreadable(
            "The file is written in UTF-16, not UTF-8.",
            mend='Save it as CSV UTF-8, or declare the encoding "utf-16".',
            faults=[fault(1, None, None, "begins with a UTF-16 byte order mark")],
        )
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        shown = f"byte 0x{data[error.start]:02X}"
        seems = "Windows-1252" if encoding == "utf-8" else "another encoding"
        raise FileUnreadable(
            f"The file is not {style.encoding.upper()}: row {row} has a {shown}; it is probably {seems}.",
            mend='Save it as CSV UTF-8, or declare the encoding, such as "cp1252".',
            faults=[fault(row, None, shown, f"is not {style.encoding.upper()}")],
        ) from None


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first written line most often, outside quotes."""
    first = re.search(r"\S", text)
    assert first is not None, "an empty file was refused"
    at = first.start()
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    ends = (text.find("\n", at), text.find("\r", at))
    line = text[start : min((end for end in ends if end >= 0), default=len(text))]
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def _plain(text: str, delimiter: str) -> tuple[pl.DataFrame, pl.Series] | None:
    """The fast way, for files in which every line is a row and has as many cells as the first; else None."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    end, last = text.find("\n"), len(text) - text.endswith("\n")
    head = text[:end]
    if '"' in text or "\r" in text or text.find("\n\n", 0, last) >= 0 or not 0 <= end < last - 1:
        return None
    if delimiter not in head:
        return None
    names = headings(head.split(delimiter), 1)
    lines = text.count("\n", end + 1, last) + 1
    if text.count(delimiter, end + 1, last) != lines * (len(names) - 1):
        return None
    if text.find(f"\n{head}\n", end) >= 0 or text.endswith(f"\n{head}"):
        return None
    try:
        frame = pl.read_csv(
            text[end + 1 : last].encode(),
            has_header=False,
            separator=delimiter,
            quote_char=None,
            schema=dict.fromkeys(names, pl.String),
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.height != lines or any(frame.null_count().row(0)):
        return None
    return frame, pl.int_range(2, lines + 2, eager=True)


def _careful(text: str, delimiter: str) -> tuple[pl.DataFrame, pl.Series]:
    """Record by record, collecting every row that is broken."""
    names: list[str] = []
    kept: list[list[str]] = []
    numbers: list[int] = []
    faults: list[Fault] = []
    row = 0
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        row += 1
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error as error:
            faults.append(fault(row, None, None, _reason(str(error))))
            break
        if not any(cells):
            continue
        if not names:
            names = headings(cells, row)
        elif len(cells) != len(names):
            reason = f"has {len(cells)} cells where the heading has {len(names)}"
            faults.append(fault(row, None, delimiter.join(cells), reason))
        elif [cell.strip() for cell in cells] == names:
            faults.append(fault(row, None, None, "repeats the headings"))
        else:
            kept.append(cells)
            numbers.append(row)
    refuse(faults)
    columns = zip(*kept, strict=True) if kept else [()] * len(names)
    frame = pl.DataFrame([pl.Series(name, list(cells), pl.String) for name, cells in zip(names, columns, strict=True)])
    return frame, pl.Series("row", numbers, pl.Int64)


def _reason(error: str) -> str:
    if "unexpected end" in error:
        return "opens a quote that is never closed"
    if "field larger" in error:
        return "has a cell of more than 131,072 characters: is a quote not closed?"
    return f"is not valid CSV: {error}"
