"""Files made to cost more than they weigh: refused in seconds, within a bounded memory, and the server goes on."""

from __future__ import annotations

import gzip
import io
import random
import resource
import struct
import zipfile
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from tests.databases import SqliteSource
from tests.imports.test_reading import workbook
from vestry.api import create_app
from vestry.batches import packages, reading, sandbox
from vestry.batches.tables import FileTooLarge, FileUnreadable, Style
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import service as identity

SHEET = "xl/worksheets/sheet1.xml"
END = b"</sheetData>"
ROWS = [["fund", "date", "kind", "amount"], ["F", "2024-01-01", "contribution", "5"]]


def repacked(change: Callable[[bytes], bytes], *, stored: bool = False, **more: bytes) -> bytes:
    """A workbook whose first sheet is changed."""
    out = io.BytesIO()
    how = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("Flows", ROWS)))) as source,
        zipfile.ZipFile(out, "w", how, compresslevel=1) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == SHEET else content)
        for name, content in more.items():
            target.writestr(name, content)
    return out.getvalue()


def cell(text: bytes, place: bytes = b"A3") -> bytes:
    return b'<row r="3"><c r="%s" t="inlineStr"><is><t>%s</t></is></c></row>' % (place, text)


def noise(size: int) -> bytes:
    """Bytes that do not pack well and are XML text."""
    return random.Random(7).randbytes(size // 2).hex().encode()


def many_rows(count: int, columns: int = 1) -> bytes:
    """Small rows, each of which costs a reader far more than it weighs."""
    return b"".join(
        b'<row r="%d">%s</row>' % (n, b"".join(b"<c><v>%d</v></c>" % (n * 7919 % 99991 + k) for k in range(columns)))
        for n in range(3, count + 3)
    )


def declared(text: bytes, use: bytes) -> bytes:
    return repacked(lambda sheet: sheet.replace(b"<worksheet", text + b"<worksheet", 1).replace(END, cell(use) + END))


def lying_directory() -> bytes:
    """A sheet of 60 MB whose directory says 1,000 bytes."""
    data = bytearray(repacked(lambda sheet: sheet.replace(END, cell(b"A" * 60_000_000) + END)))
    for start in (data.find(b"PK\x01\x02"),):
        while start >= 0:
            length = struct.unpack_from("<H", data, start + 28)[0]
            if data[start + 46 : start + 46 + length] == SHEET.encode():
                struct.pack_into("<I", data, start + 24, 1_000)
            start = data.find(b"PK\x01\x02", start + 46)
    return bytes(data)


def spent() -> float:
    """Seconds of processor time of this process and of its children that have ended, whatever else the machine does."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "lol">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
BOMBS: dict[str, Callable[[], bytes]] = {
    "a cell of 300 MB": lambda: repacked(lambda sheet: sheet.replace(END, cell(b"A" * 300_000_000) + END)),
    "a cell of 100 MB": lambda: repacked(lambda sheet: sheet.replace(END, cell(b"A" * 100_000_000) + END)),
    "too many rows": lambda: repacked(lambda sheet: sheet.replace(END, many_rows(1_100_000) + END)),
    "wide rows that cost memory": lambda: repacked(lambda sheet: sheet.replace(END, many_rows(20_000, 60) + END)),
    "the farthest cell": lambda: repacked(lambda sheet: sheet.replace(END, cell(b"x", b"XFD1048576") + END)),
    "a far column in each row": lambda: repacked(
        lambda sheet: sheet.replace(END, b"".join(cell(b"x", b"XFD%d" % n) for n in range(3, 5_000)) + END)
    ),
    "entities in entities": lambda: declared(LAUGHS, b"&j;"),
    "an entity of a local file": lambda: declared(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b"&e;"),
    "a directory that lies": lying_directory,
    "ten thousand parts": lambda: repacked(lambda sheet: sheet, **{f"xl/{n}.bin": b"x" for n in range(10_000)}),
    "a truncated workbook": lambda: repacked(lambda sheet: sheet.replace(END, noise(200_000) + END))[:-20_000],
    "a truncated gzip": lambda: gzip.compress(noise(1_000_000))[:-100],
    "a gzip of zeros": lambda: gzip.compress(bytes(50_000_000)),
    "a package in a package": lambda: repacked(lambda sheet: sheet, **{"xl/inner.zip": repacked(lambda one: one)})[
        :900
    ],
}


@pytest.fixture(scope="module")
def client(sqlite_source: SqliteSource) -> Iterator[TestClient]:
    database = Database(sqlite_source.new())
    actor = make_firm(database, "Files", "USD")
    with database.transaction(actor) as session:
        _, secret = identity.create_token(session, actor, name="files", role="administrator")
    app = create_app(Settings(environment="test", log_level="ERROR"), database)
    yield TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"})
    database.close()


def send(client: TestClient, data: bytes, name: str = "flows.xlsx") -> tuple[int, str]:
    answer = client.post("/api/v1/imports", files={"file": (name, data)}, data={"kind": "flows", "again": "true"})
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_seconds_and_the_next_file_is_read(client: TestClient, name: str) -> None:
    data = BOMBS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = spent()
    status, said = send(client, data)
    took = spent() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert status in (413, 415, 422), said
    assert "root:" not in said
    assert took < 10, took
    assert grown < 512 * 1024, grown  # kilobytes of this process; the child's are limited by the system
    assert send(client, workbook(("Flows", ROWS)))[0] == 201


def test_a_child_reads_what_we_read_and_refuses_in_the_same_words() -> None:
    style = Style(sheet="Flows")
    book = workbook(("Flows", [ROWS[0], *[["F", "2024-01-01", "contribution", n + 0.5] for n in range(2_000)]]))
    (here,), (there,) = packages.read(book, "f", style), sandbox.read(book, "f", style, several=False)
    assert here.frame.equals(there.frame)
    assert (here.name, here.rows.to_list(), here.found) == (there.name, there.rows.to_list(), there.found)
    for broken in (workbook(("Flows", [["a", "a"], ["1", "2"]])), repacked(lambda sheet: sheet[:-200]), book[:-50]):
        told = []
        for read in (packages.read, sandbox.read):
            with pytest.raises(FileUnreadable) as refused:
                read(broken, "f", Style(), several=False)
            told.append((refused.value.message, refused.value.mend, refused.value.faults))
        assert told[0] == told[1]


def test_small_packages_cost_no_process_and_large_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(sandbox, "read", lambda data, *rest, **more: asked.append(len(data)) or [])
    assert len(reading.read(workbook(("Flows", ROWS)), "f.xlsx", Style())) == 1
    assert asked == []
    reading.read(repacked(lambda sheet: sheet.replace(END, cell(noise(2_000_000)) + END)), "f.xlsx", Style())
    assert len(asked) == 1


def busy(pipe: object) -> None:
    sandbox._limit()
    while True:
        pass


def greedy(pipe: object) -> None:
    sandbox._limit()
    kept = []
    while True:
        kept.append(bytearray(10_000_000))


@pytest.mark.parametrize(("work", "what"), [(busy, "more time"), (greedy, "more memory")])
def test_a_child_that_takes_too_much_is_lost_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[object], None], what: str
) -> None:
    monkeypatch.setattr(sandbox, "_work", work)
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 2.0 if work is busy else 120.0)
    with pytest.raises(FileTooLarge, match=what):
        sandbox.read(b"PK", "f", Style(), several=False)
