"""The European Central Bank's files of reference rates: the last 90 days as XML, and all of them as zipped CSV.

``eurofxref-hist-90d.xml`` nests ``Cube`` elements: a day (``time``) and in it a currency with its rate. The zip
holds ``eurofxref-hist.csv``: a column a currency, a row a day, ``N/A`` where there was none. Both say units of the
currency for one euro. A file is taken whole or not at all: what is cut off or does not make sense is refused.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from xml.etree import ElementTree

from vestry.core.errors import Unavailable
from vestry.integrations import outbound

RECENT: Final = "eurofxref-hist-90d.xml"
ALL: Final = "eurofxref-hist.zip"
RECENT_DAYS = 80  # the file has 90, and a day is published after it has begun
BYTES_MAX, UNPACKED_MAX, SECONDS = 4_000_000, 20_000_000, 30.0
_CUBE: Final = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_RATE = re.compile(r"[0-9]{1,8}(\.[0-9]{1,10})?", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


class UnreadableRates(Unavailable):
    """What the ECB's address answers are no reference rates; nothing of it was stored."""


class Published(NamedTuple):
    """Units of the currency for one euro on a day."""

    day: date
    currency: str
    rate: Decimal


def fetch(folder: str, *, since: date, today: date) -> list[Published]:
    """What the ECB has published after ``since``: from the recent file, or from all where that lies too far back.

    Raises :class:`UnreadableRates`, and ``OutboundRefused`` where the address does not answer.
    """
    is_recent = today - since <= timedelta(days=RECENT_DAYS)
    address = f"{folder.rstrip('/')}/{RECENT if is_recent else ALL}"
    body = outbound.get_bytes(address, bytes_max=BYTES_MAX, seconds=SECONDS)
    found = list(read_xml(body) if is_recent else read_zip(body))
    latest = max((one.day for one in found), default=None)
    if latest is None or latest > today + timedelta(days=1):
        raise _unreadable("has no rates" if latest is None else f"has rates of {latest}, which is in the future")
    if len({one[:2] for one in found}) < len(found):
        raise _unreadable("has a currency twice on one day")
    return found


def read_xml(body: bytes) -> Iterator[Published]:
    """The rates of an XML file."""
    # The ECB writes UTF-8; in UTF-16 a declaration would not be seen.
    if b"\0" in body or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise _unreadable("declares entities")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a declaration there is nothing to expand
    except ElementTree.ParseError as error:
        raise _unreadable(f"is cut off or no XML ({error})") from None
    for day in root.iter(_CUBE):
        if "time" in day.attrib:
            for one in day.iter(_CUBE):
                if one is not day:
                    yield _published(day.attrib["time"], one.get("currency", ""), one.get("rate", ""))


def read_zip(body: bytes) -> Iterator[Published]:
    """The rates of a zipped CSV file."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(archive.namelist()[0]) as file:
            text = file.read(UNPACKED_MAX + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, IndexError, RuntimeError, NotImplementedError) as error:
        raise _unreadable(f"is cut off or no zip ({type(error).__name__})") from None
    if len(text) > UNPACKED_MAX:
        raise _unreadable(f"unpacks to more than {UNPACKED_MAX:,} bytes")
    rows = csv.reader(io.StringIO(text.decode("utf-8", "replace")))
    names = [name.strip() for name in next(rows, [])]
    if names[:1] != ["Date"]:
        raise _unreadable("has no column of dates")
    for row in filter(None, rows):
        if len(row) != len(names):
            raise _unreadable(f"has a row of {len(row)} cells under {len(names)} names")
        for name, cell in zip(names[1:], row[1:], strict=True):
            if name and cell.strip() not in ("", "N/A"):
                yield _published(row[0].strip(), name, cell.strip())


def _published(day: str, currency: str, rate: str) -> Published:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise _unreadable(f"has a day {day[:20]!r}") from None
    if not _CODE.fullmatch(currency) or not _RATE.fullmatch(rate) or not Decimal(rate):
        raise _unreadable(f"has {currency[:10]!r} at {rate[:20]!r} on {day[:20]}")
    return Published(on, currency, Decimal(rate))


def _unreadable(what: str) -> UnreadableRates:
    return UnreadableRates(f"The ECB's file {what}.", mend="It is tried again; the rates known so far stay in use.")
