"""From an uploaded file to its tables: what the bytes are decides, not what the name says."""

from __future__ import annotations

import re
import unicodedata

from vestry.batches import csv_files, packages, sandbox, xlsx_files
from vestry.batches.tables import FileUnreadable, Style, Table
from vestry.core.errors import UnsupportedMedia

UNPACKED_HERE = 1_048_576  # what comes of a package of this size costs less than a process
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old XLS workbook"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|svg|!--)", re.IGNORECASE)


def read(data: bytes, filename: str, style: Style, *, several: bool = False) -> list[Table]:
    """The tables of a file: one of a CSV file, one per sheet of a workbook or per file of a zip of CSV files.

    ``several`` allows the zip.
    """
    if not data:
        raise FileUnreadable("The file is empty.", field="file", mend="Upload a file with headings and rows.")
    refuse_foreign(data)
    if not data.startswith(b"PK"):
        return [csv_files.read(data, filename, style)]
    if xlsx_files.unpacked_bytes(data) > UNPACKED_HERE:
        return sandbox.read(data, filename, style, several=several)
    return packages.read(data, filename, style, several=several)


def grids(data: bytes, filename: str, style: Style) -> list[Table]:
    """The sheets of a file as they stand, for whoever finds the table in them: columns are named by their letters,
    rows by their numbers from 1, and no row is a heading. Bad cells (errors, formulas that were never calculated) say
    so in their text, see :data:`vestry.batches.tables.CELL_MARKS`."""
    if not data:
        raise FileUnreadable("The file is empty.", field="file", mend="Upload a file with headings and rows.")
    refuse_foreign(data)
    if not data.startswith(b"PK"):
        return [csv_files.grid(data, filename, style)]
    if xlsx_files.unpacked_bytes(data) > UNPACKED_HERE:
        return sandbox.read(data, filename, style, several=False, grid=True)
    return xlsx_files.grids(data, style)


def safe_name(given: str | None) -> str:
    """A file's name without folders and without what would break a header; at most 200 characters."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C" and sign not in "\"';")
    kept = unicodedata.normalize("NFC", kept).strip(" .")
    return kept[-200:] or "file"


def refuse_foreign(data: bytes, takes: str = "CSV or XLSX") -> None:
    """Refuse what is no table, by its first bytes; ``takes``: what is taken, as the refusal says it."""
    what = next((name for start, name in _FOREIGN if data.startswith(start)), None)
    if what is None and _MARKUP.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        what = "HTML or XML"
    binary = not data.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")) and b"\0" in data[:4096]
    if what or binary:
        raise UnsupportedMedia(f"The file is {what or 'binary data'}, not {takes}.", mend=f"Upload {takes}.")
