"""Files as they really come: odd, broken, and hostile ones."""

from __future__ import annotations

import io
import string
import zipfile
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.files import FUND_REPORT, upload
from vestry.api import create_app
from vestry.batches import csv_files, reading, xlsx_files
from vestry.batches.columns import Reader, parsed_units, suggested_dates
from vestry.batches.tables import FileTooLarge, FileUnreadable, Style, Table
from vestry.core.actor import Actor
from vestry.core.cells import quoted
from vestry.core.db import Database
from vestry.core.errors import TooLarge, UnsupportedMedia, VestryError
from vestry.core.settings import Settings
from vestry.identity import service as identity

HEAD = "fund,date,kind,amount\n"
ROW = "F,2024-01-01,contribution,5"


def table(text: str, **style: Any) -> Table:
    return csv_files.read(text.encode(), "x.csv", Style(**style))


def broken(data: bytes, **style: Any) -> FileUnreadable:
    with pytest.raises(FileUnreadable) as caught:
        reading.read(data, "x.csv", Style(**style))
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEAD + ROW + "\n",
        HEAD + ROW,
        (HEAD + ROW + "\n").replace("\n", "\r\n"),
        HEAD + ROW + "\n\n\n",
        HEAD.replace(",", ";") + ROW.replace(",", ";"),
        HEAD.replace(",", "\t") + ROW.replace(",", "\t"),
        HEAD.replace(",", "|") + ROW.replace(",", "|"),
        HEAD + '"F",2024-01-01,contribution,5\n',
        HEAD + ROW + "\n,,,\n",
    ],
)
def test_what_is_only_unusual_reads_the_same(text: str) -> None:
    assert table(text).frame.rows() == [("F", "2024-01-01", "contribution", "5")]


def test_line_breaks_in_quotes_belong_to_the_cell_and_rows_are_counted_as_seen() -> None:
    read = table(HEAD + '"F\r\nof two lines",2024-01-01,contribution,5\n' + ROW)
    assert read.frame["fund"].to_list() == ["F\r\nof two lines", "F"]
    assert read.rows.to_list() == [2, 3]


def test_an_unclosed_quote_is_told_with_its_row() -> None:
    error = broken((HEAD + ROW + '\n"F,2024-01-01,contribution,5\n' + (ROW + "\n") * 50).encode())
    assert [(one.row, one.message) for one in error.faults] == [(3, "opens a quote that is never closed")]


def test_rows_of_another_length_and_repeated_headings_are_all_told() -> None:
    text = HEAD + ROW + ",extra\n" + ROW + "\n" + HEAD + "F,2024-01-01\n"
    error = broken(text.encode())
    assert [(one.row, one.message) for one in error.faults] == [
        (2, "has 5 cells where the heading has 4"),
        (4, "repeats the headings"),
        (5, "has 2 cells where the heading has 4"),
    ]


@pytest.mark.parametrize("data", [b"", b"  \n \n", HEAD.encode(), b"fund,,amount\nF,1,2\n", b"fund,Fund\nF,G\n"])
def test_files_without_rows_or_with_unclear_headings_are_refused(data: bytes, client: TestClient) -> None:
    broken(data)
    answer = upload(client, data)
    assert answer.status_code == 422
    assert client.get("/api/v1/imports").json()["total"] == 0


def test_other_encodings_are_named_and_read_when_declared() -> None:
    text = HEAD + ROW.replace("F", "Société") + "\n"
    utf16, cp1252 = text.encode("utf-16"), text.encode("cp1252")
    assert "UTF-16" in broken(utf16).message
    error = broken(cp1252)
    assert "Windows-1252" in error.message
    assert error.faults[0].row == 2
    assert csv_files.read(utf16, "x", Style(encoding="utf-16")).frame["fund"].item() == "Société"
    assert csv_files.read(cp1252, "x", Style(encoding="cp1252")).frame["fund"].item() == "Société"


PLAIN = st.text(string.ascii_letters + string.digits + " .-'", max_size=6)
CELLS = st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=1, max_size=8)


@given(CELLS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_fast_way_reads_what_the_careful_one_reads(rows: list[list[str]], end: str, last: bool) -> None:
    text = end.join([",".join(row) for row in [["a", "b", "c"], *rows]]) + (end if last else "")
    fast = csv_files._plain(text, ",")
    if fast is not None:
        careful = csv_files._careful(text, ",")
        kept = [row for row in zip(fast[0].rows(), fast[1], strict=True) if any(row[0])]
        assert kept == list(zip(careful[0].rows(), careful[1], strict=True))


@given(st.text(st.sampled_from("=+-@'\t\r＝x1 "), max_size=6))
def test_quoting_against_formulas_is_undone_by_reading(text: str) -> None:
    safe = quoted(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    if text.strip() and "\r" not in text:
        assert table(f'a,b\n"{safe}",1\n').frame["a"].item() == text


def test_numbers_keep_their_digits_or_are_refused() -> None:
    good = {"0": 0, "-0.00": 0, "1.5": 15000, "-0.0001": -1, "007": 70000, "922337203685477.5807": 2**63 - 1}
    assert parsed_units(pl.Series(list(good)), 4).to_list() == list(good.values())
    bad = [
        "",
        "1e3",
        "1,5",
        "+1",
        "1.",
        ".5",
        "1.00001",
        "922337203685477.5808",
        "9" * 30,
        "NaN",
        "∞",
        "１",
        "0x10",
        "1 0",
    ]
    assert parsed_units(pl.Series(bad), 4).to_list() == [None] * len(bad)


def test_a_date_format_is_suggested_only_where_one_fits() -> None:
    assert suggested_dates(pl.Series(["31/12/2024", "01/02/2024"])) == "DD/MM/YYYY"
    assert suggested_dates(pl.Series(["01/02/2024"])) is None
    assert suggested_dates(pl.Series(["2024-02-30"])) is None


# Workbooks


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for position, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, position, datetime(cell.year, cell.month, cell.day), days)
                elif isinstance(cell, str):
                    sheet.write_string(number, position, cell)
                else:
                    sheet.write(number, position, cell)
    book.close()
    return out.getvalue()


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(member.filename, content)
    return out.getvalue()


FLOWS: list[list[Any]] = [
    ["fund", "date", "kind", "amount"],
    ["F", date(2024, 1, 1), "contribution", 1234567.89],
    ["F", date(2024, 2, 29), "distribution", 5],
]
SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_reads_like_the_csv_file() -> None:
    (read,) = xlsx_files.read(workbook(("Flows", FLOWS), ("Empty", [])), Style())
    assert read.frame.rows() == [
        ("F", "2024-01-01", "contribution", "1234567.89"),
        ("F", "2024-02-29", "distribution", "5"),
    ]
    assert (read.name, read.rows.to_list()) == ("Flows", [2, 3])


def test_a_workbook_is_imported(client: TestClient) -> None:
    batch = upload(client, workbook(("Flows", FLOWS)), name="flows.xlsx").json()
    receipt = client.post(f"/api/v1/imports/{batch['id']}/commit").json()["receipt"]
    assert receipt["contributions_USD"] == "1234567.89"


def test_the_noise_of_a_formula_is_not_a_digit_but_a_long_number_is_refused() -> None:
    assert xlsx_files._number(0.1 + 0.2) == "0.3"
    assert xlsx_files._number(1e15) == "1000000000000000"
    assert xlsx_files._number(-5.0) == "-5"
    assert xlsx_files._number(99999999999999.99) is None


def test_a_sheet_that_lies_about_its_size_is_read_whole() -> None:
    data = changed(workbook(("S", FLOWS)), SHEET, b'<dimension ref="A1:D3"/>', b'<dimension ref="A1:A1"/>')
    assert xlsx_files.read(data, Style())[0].frame.height == 2


@pytest.mark.parametrize("cell", [b"XFD1048576", b"B1048576", b"XFD3"])
def test_a_cell_at_the_far_end_is_refused(cell: bytes) -> None:
    far = (
        b'<row r="'
        + cell.lstrip(string.ascii_letters.encode())
        + b'"><c r="'
        + cell
        + b'"><v>1</v></c></row></sheetData>'
    )
    data = changed(workbook(("S", FLOWS)), SHEET, b"</sheetData>", far)
    with pytest.raises(FileTooLarge):
        xlsx_files.read(data, Style())


def test_document_types_and_entities_are_refused() -> None:
    evil = b'?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<worksheet'
    data = changed(workbook(("S", FLOWS)), SHEET, b"?>\n<worksheet", evil)
    with pytest.raises(FileUnreadable, match="entities"):
        xlsx_files.read(data, Style())


def test_a_package_that_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    out = io.BytesIO(workbook(("S", FLOWS)))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/bomb.xml", "w") as part:
        for _ in range(600):
            part.write(b" " * 2**20)
    assert len(out.getvalue()) < 2**20
    with pytest.raises(TooLarge, match="unpacks"):
        xlsx_files.read(out.getvalue(), Style())


def test_error_cells_and_formulas_without_a_value_are_refused() -> None:
    book = io.BytesIO()
    made = xlsxwriter.Workbook(book)
    sheet = made.add_worksheet()
    for number, row in enumerate([["fund", "amount"], ["F", None]]):
        sheet.write_row(number, 0, row)
    sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    made.close()
    error = broken(book.getvalue())
    assert (error.faults[0].row, error.faults[0].column) == (2, "B")
    data = changed(book.getvalue(), SHEET, b' t="e"><f>1/0</f><v>#DIV/0!</v>', b"><f>1/0</f>")
    assert "never calculated" in broken(data).faults[0].message


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (b"%PDF-1.7\n", UnsupportedMedia),
        (b"<!doctype html><html>", UnsupportedMedia),
        (b"<svg onload=alert(1)>", UnsupportedMedia),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", UnsupportedMedia),
        (b"fund,\0\0\0", UnsupportedMedia),
        (b"PK\x03\x04 broken", FileUnreadable),
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(
    client: TestClient, data: bytes, kinds: type[VestryError]
) -> None:
    with pytest.raises(kinds):
        reading.read(data, "flows.csv", Style())
    assert upload(client, data, name="flows.csv").status_code in (415, 422)


def test_a_package_of_something_else_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(UnsupportedMedia):
        reading.read(out.getvalue(), "x.xlsx", Style())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x.csv", "x.csv"),
        ("C:\\books\\x.csv", "x.csv"),
        ('a"b;\r\nc.csv', "abc.csv"),
        ("x" * 4000 + ".csv", "x" * 196 + ".csv"),
        ("\u202ex.csv", "x.csv"),
        ("..", "file"),
        (None, "file"),
    ],
)
def test_a_file_is_kept_under_a_safe_name(given: str | None, kept: str) -> None:
    assert reading.safe_name(given) == kept


def test_a_file_may_be_larger_than_other_bodies_but_not_than_its_own_limit(
    database: Database, administrator: Actor
) -> None:
    limits = Settings(environment="test", body_bytes_max=1_000, upload_bytes_max=5_000)
    with database.transaction(administrator) as session:
        _, secret = identity.create_token(session, administrator, name="t", role="administrator")
    headers = {"Authorization": f"Bearer {secret}"}
    with TestClient(create_app(limits, database), base_url="http://localhost", headers=headers) as client:
        assert upload(client, FUND_REPORT + b"Report Fund,2030-01-01,contribution,1.00,\n" * 50).status_code == 201
        assert upload(client, FUND_REPORT + b"Report Fund,2030-01-01,contribution,1.00,\n" * 200).status_code == 413


def test_a_reader_tells_every_bad_cell() -> None:
    read = Reader(table("n,v\nx,1\ny,-2\nz,\n"), {"name": "n", "value": "v"}, Style())
    units = read.numbers("value", 2)
    read.not_negative("value", units)
    assert units.to_list() == [100, -200, None]
    assert [(one.row, one.message) for one in read.faults] == [(4, "is missing"), (3, "is negative")]
    assert read.bad.to_list() == [False, True, True]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (FUND_REPORT.decode().encode("utf-32"), None, "begins with a UTF-32 byte order mark"),
        (FUND_REPORT, '{"encoding":"utf-16"}', "is not UTF-16"),
        (b"\xef\xbb\xbf" + FUND_REPORT, '{"encoding":"cp1252"}', "begins with a UTF-8 byte order mark"),
    ],
)
def test_an_encoding_that_is_not_the_declared_one_is_named(
    client: TestClient, content: bytes, options: str | None, message: str
) -> None:
    form = {"kind": "flows"} | ({"options": options} if options else {})
    answer = client.post("/api/v1/imports", data=form, files={"file": ("flows.csv", content)})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, message)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"])
def test_any_space_that_programs_write_stands_between_thousands_once_declared(client: TestClient, space: str) -> None:
    content = f"fund,date,kind,amount\nSpaced,2024-01-31,contribution,1{space}000.50\n".encode()
    for options, receipt in ((None, None), ('{"thousands":" "}', "1000.50")):
        form = {"kind": "flows", "again": "true"} | ({"options": options} if options else {})
        made = client.post("/api/v1/imports", data=form, files={"file": ("flows.csv", content)}).json()
        answer = client.post(f"/api/v1/imports/{made['id']}/commit").json()
        if receipt is None:
            reason = client.get(f"/api/v1/imports/{made['id']}/preview").json()["errors"][0]["reason"]
            assert reason.startswith("has thousands separators")
        else:
            assert answer["receipt"]["contributions_USD"] == receipt


def test_a_form_that_gives_a_field_twice_is_refused(client: TestClient) -> None:
    two = [("file", ("a.csv", FUND_REPORT)), ("file", ("b.csv", FUND_REPORT))]
    for form, files in (({"kind": "flows"}, two), ({"kind": ["flows", "summary"]}, two[:1])):
        answer = client.post("/api/v1/imports", data=form, files=files)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert answer.json()["errors"][0]["message"].endswith("is given more than once.")
    assert client.get("/api/v1/imports").json()["total"] == 0
