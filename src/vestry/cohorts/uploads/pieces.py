"""A file of payments as a row of tables, each small enough to be held, whatever the size of the file.

What the bytes are decides: CSV, gzip of CSV, Parquet, or XLSX. A packed file is unpacked as it is read, and no further
than it may go.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final

import polars as pl

from vestry.batches import csv_files, reading
from vestry.batches.tables import FileTooLarge, FileUnreadable, Style, Table
from vestry.core.errors import UnsupportedMedia

BLOCK_BYTES: Final = 8_388_608
ROWS_AT_ONCE: Final = 200_000
ROWS_MAX: Final = 20_000_000
TAKES: Final = "CSV (also packed with gzip), Parquet or XLSX"
UNPACKED_BYTES_MAX: Final = 4_294_967_296
RATIO_MAX: Final = 200  # payments pack to a tenth or so; what packs better than this is no file of payments
RATIO_FREE_BYTES: Final = 16_777_216
_LARGE_TEXT: Final = 67_108_864


def pieces(file: IO[bytes], filename: str, style: Style) -> Iterator[Table]:
    """The tables of a file in their order; rows are numbered as in the whole file."""
    start = file.read(8)
    file.seek(0)
    if not start:
        raise FileUnreadable("The file is empty.", field="file", mend="Upload a file with headings and rows.")
    if start.startswith(b"PAR1"):
        yield from _parquet(file)
    elif start.startswith(b"\x1f\x8b"):
        yield from _lines(_Unpacked(file), filename, style)
    elif start.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")) or style.encoding == "utf-16":
        yield from _package(_all(file), filename, style)
    else:
        reading.refuse_foreign(file.read(4096), TAKES)
        file.seek(0)
        yield from _lines(file, filename, style)


def _package(data: bytes, filename: str, style: Style) -> list[Table]:
    try:
        return reading.read(data, filename, style)[:1]
    except UnsupportedMedia as error:  # it may be of a kind that is taken here, and not elsewhere
        raise UnsupportedMedia(error.message, mend=f"Upload {TAKES}.") from None


class _Unpacked:
    """A gzip file as it is unpacked, refused when it is cut off, or unpacks to more than a file may."""

    def __init__(self, file: IO[bytes]) -> None:
        self.packed = file
        self.stream = gzip.GzipFile(fileobj=file, mode="rb")
        self.size = 0

    def read(self, size: int) -> bytes:
        """Up to so many unpacked bytes."""
        try:
            block = self.stream.read(size)
        except (EOFError, OSError, zlib.error):
            raise FileUnreadable(
                "The gzip file is cut off or damaged.", field="file", mend="Pack it again, or upload it unpacked."
            ) from None
        if not self.size:
            reading.refuse_foreign(block[:4096], TAKES)
        self.size += len(block)
        free = max(RATIO_FREE_BYTES, self.packed.tell() * RATIO_MAX)
        if self.size > min(UNPACKED_BYTES_MAX, free):
            raise FileTooLarge("The gzip file unpacks to more than a file may.", mend="Upload it in parts.")
        return block


def _all(file: IO[bytes]) -> bytes:
    data = file.read(_LARGE_TEXT + 1)
    if len(data) > _LARGE_TEXT:
        raise FileTooLarge("A workbook, or a file in UTF-16, may have 64 MB.", mend="Save it as CSV UTF-8.")
    return data


def _lines(file: Any, filename: str, style: Style) -> Iterator[Table]:
    """A CSV file in blocks of whole records, each read below the headings."""
    head, rest, row = b"", b"", 1
    while True:
        block = file.read(BLOCK_BYTES)
        data = rest + block
        cut = len(data) if not block else _last_record_end(data)
        if cut == 0 and block:
            if len(data) > _LARGE_TEXT:
                raise FileUnreadable("A record of the file has no end.", field="file", mend="Close its quotes.")
            rest = data
            continue
        whole, rest = data[:cut], data[cut:]
        if not head:
            head, whole = _headings(whole)
        if whole.strip() or (row == 1 and not block):
            table = csv_files.read(head + whole, filename, style)
            yield Table(table.name, table.frame, table.rows + (row - 1), table.found)
            row += table.frame.height
            if row > ROWS_MAX + 1:
                raise FileTooLarge(f"The file has more than {ROWS_MAX:,} rows.", mend="Split the file.")
        if not block:
            return


def _last_record_end(data: bytes) -> int:
    """Where the last whole record ends: at a line's end that lies outside quotes."""
    end = data.rfind(b"\n") + 1
    if data.count(b'"') % 2 == 0 and data.count(b'"', end) % 2 == 0:
        return end
    quotes = data.count(b'"', 0, end)
    while end and quotes % 2:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end


def _headings(data: bytes) -> tuple[bytes, bytes]:
    """The first line that has anything in it, and what follows."""
    start = 0
    while True:
        end = data.find(b"\n", start)
        if end < 0:
            return data, b""
        if data[start:end].strip():
            return data[: end + 1], data[end + 1 :]
        start = end + 1


def _parquet(file: IO[bytes]) -> Iterator[Table]:
    try:
        scan = pl.scan_parquet(file)
        names = scan.collect_schema().names()
        rows = scan.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileUnreadable(
            f"The file cannot be read as Parquet ({type(error).__name__}).", field="file", mend="Write it again."
        ) from None
    if rows > ROWS_MAX:
        raise FileTooLarge(f"The file has {rows:,} rows; at most {ROWS_MAX:,} are read.", mend="Split the file.")
    for start in range(0, max(rows, 1), ROWS_AT_ONCE):
        try:
            frame = scan.slice(start, ROWS_AT_ONCE).collect()
            texts = frame.select(_text(frame[name]) for name in names)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise FileUnreadable(
                f"The file cannot be read as Parquet ({type(error).__name__}).", field="file", mend="Write it again."
            ) from None
        numbers = pl.int_range(start + 1, start + texts.height + 1, eager=True)
        yield Table("parquet", texts, numbers, {"format": "parquet"})


def _text(column: pl.Series) -> pl.Series:
    """A typed column as the text a CSV file would have."""
    if isinstance(column.dtype, pl.Datetime):
        column = column.dt.date()
    if column.dtype == pl.Date:
        column = column.dt.to_string("%Y-%m-%d")
    return column.cast(pl.String).fill_null("")
