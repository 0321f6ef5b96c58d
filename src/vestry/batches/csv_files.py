"""CSV files: strictly read, with the row of whatever is wrong. A cell that an export had quoted against being run
as a formula (a leading apostrophe) gets its own text back."""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from vestry.batches.tables import (
    ROWS_MAX,
    FileUnreadable,
    Style,
    Table,
    fault,
    headings,
    refuse,
    refuse_empty,
    without_blank_rows,
)
from vestry.core.errors import Fault, Invalid

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "cp1252": "cp1252", "latin-1": "latin-1"}
# What spreadsheets run when a cell begins with it; the wide forms are folded into these by some of them.
LIVE = "=+\\-@\t\r＝＋－＠"
_LIVE = re.compile(f"'*[{LIVE}]")
_QUOTED = f"^'('*[{LIVE}])"
_BYTE_ORDER = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def quoted(text: str) -> str:
    """Text for a CSV cell that no spreadsheet runs as a formula; reading it back gives the text again."""
    return f"'{text}" if _LIVE.match(text) else text


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
        frame = frame.with_columns(pl.all().str.replace(_QUOTED, "$1"))
    return Table(name, frame, rows, {"format": "csv", "delimiter": delimiter, "encoding": style.encoding})


def _decoded(data: bytes, style: Style) -> str:
    encoding = ENCODINGS.get(style.encoding)
    if encoding is None:
        raise Invalid(
            f"The encoding {style.encoding!r} is not read.", field="encoding", mend=f"One of: {', '.join(ENCODINGS)}."
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
    line = next(line for line in text.splitlines() if line.strip())
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def _plain(text: str, delimiter: str) -> tuple[pl.DataFrame, pl.Series] | None:
    """The fast way, for files in which every line is a row and has as many cells as the first; else None."""
    text = text.replace("\r\n", "\n").removesuffix("\n")
    head, _, body = text.partition("\n")
    if '"' in text or "\r" in text or "\n\n" in text or not body or delimiter not in head:
        return None
    names = headings(head.split(delimiter), 1)
    lines = body.count("\n") + 1
    if body.count(delimiter) != lines * (len(names) - 1) or f"\n{head}\n" in f"\n{body}\n":
        return None
    try:
        frame = pl.read_csv(
            io.BytesIO(body.encode()),
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
