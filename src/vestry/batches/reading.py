"""From an uploaded file to its tables: what the bytes are decides, not what the name says."""

from __future__ import annotations

import re
import unicodedata

from vestry.batches import csv_files, xlsx_files
from vestry.batches.tables import FileUnreadable, Style, Table
from vestry.core.errors import UnsupportedMedia

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
    _refuse_foreign(data)
    if not data.startswith(b"PK"):
        return [csv_files.read(data, filename, style)]
    if several and _is_zip_of_csv(data):
        return [
            csv_files.read(content, _stem(name), style, may_be_empty=True) for name, content in xlsx_files.parts(data)
        ]
    return xlsx_files.read(data, style)


def safe_name(given: str | None) -> str:
    """A file's name without folders and without what would break a header; at most 200 characters."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C" and sign not in "\"';")
    kept = unicodedata.normalize("NFC", kept).strip(" .")
    return kept[-200:] or "file"


def _refuse_foreign(data: bytes) -> None:
    what = next((name for start, name in _FOREIGN if data.startswith(start)), None)
    if what is None and _MARKUP.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        what = "HTML or XML"
    binary = not data.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")) and b"\0" in data[:4096]
    if what or binary:
        raise UnsupportedMedia(f"The file is {what or 'binary data'}, not CSV or XLSX.", mend="Upload CSV or XLSX.")


def _is_zip_of_csv(data: bytes) -> bool:
    names = [name for name, _ in xlsx_files.parts(data)]
    return bool(names) and all(name.lower().endswith(".csv") for name in names)


def _stem(name: str) -> str:
    return name.rpartition("/")[2][: -len(".csv")]
