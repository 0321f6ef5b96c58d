"""A full ledger out of the books and into others: the same figures, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.cohorts.test_cohorts import Books
from tests.conftest import make_firm
from tests.imports.files import FUND_REPORT, bring_in, count
from tests.imports.test_reading import workbook
from vestry.all_models import metadata
from vestry.batches import reading
from vestry.batches.tables import Style
from vestry.core.actor import Actor
from vestry.core.cells import quoted
from vestry.core.db import Database
from vestry.core.errors import Invalid
from vestry.demo import load_demo
from vestry.funds.models import Fund, Vehicle
from vestry.imports import beside, exports, service, undo
from vestry.imports.form import SHEETS, headings
from vestry.investments.models import Holding, Transaction

LIVE = [
    "=1+1",
    "+1",
    "-1",
    "- a list",
    "@SUM(1)",
    "=HYPERLINK(1)",
    "'=quoted",
    "＝1",
    "<script>alert(1)</script>",
    "{{7*7}}",
]


def formulas_in(content: bytes) -> list[str]:
    """The parts of a workbook that hold a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return [name for name in package.namelist() if b"<f>" in package.read(name) or b"<f " in package.read(name)]


def export(database: Database, actor: Actor, write: Callable[[Session, Actor], bytes]) -> bytes:
    with database.reading(actor) as session:
        return write(session, actor)


def tables(database: Database, actor: Actor) -> list[Any]:
    with database.reading(actor) as session:
        return list(exports.tables(session, actor))


def figures(client: TestClient, as_of: str = "2026-09-30") -> list[Any]:
    items = client.get(f"/api/v1/performance/funds?as_of={as_of}&limit=1000").json()["items"]
    return [{name: value for name, value in item.items() if name != "fund_id"} for item in items]


@pytest.mark.parametrize(("write", "name"), [(exports.workbook, "l.xlsx"), (exports.csv_zip, "l.zip")])
def test_the_demo_firm_comes_back_with_identical_figures(
    database: Database, administrator: Actor, client_as: Any, write: Callable[[Session, Actor], bytes], name: str
) -> None:
    with database.transaction(administrator) as session:
        load_demo(session, administrator)
    bring_in(database, administrator, FUND_REPORT)
    before, listed = figures(client_as()), tables(database, administrator)
    assert len(before) == 3
    content = export(database, administrator, write)

    other = make_firm(database, "Other", "USD")
    _, receipt = bring_in(database, other, content, kind="ledger", filename=name)
    assert receipt["funds"] == 3
    assert figures(client_as(actor=other)) == before
    assert tables(database, other) == listed

    with database.transaction(other) as session:
        batch = service.receive(session, other, kind="ledger", filename=name, content=content, again=True)
        _, checked = service.check(session, other, batch.id)
        assert checked.counts() == {"new": 0, "duplicate": receipt["rows"], "error": 0}


# Facts beside a fund's ledger, which come in by ways of their own.
APART = {one.model.__tablename__ for one in beside.FACTS}
_AUTH = "who signs in, and how"
_KEPT = "derived, and counted again from what is exported"
_TRAIL = "the trail, which `vestry audit export` writes"
_WORK = "work under way"
_SETTING = "a setting of this installation"
NOT_EXPORTED = {
    **dict.fromkeys(("user", "user_session", "access_grant", "api_token", "ceremony", "external_identity"), _AUTH),
    **dict.fromkeys(("identity_provider", "invitation", "passkey", "password_reset", "recovery_code"), _AUTH),
    **dict.fromkeys(("refresh_token", "sign_in_delay", "sign_in_link", "sign_in_rules", "signing_key"), _AUTH),
    **dict.fromkeys(("token_family", "totp_factor"), _AUTH),
    **dict.fromkeys(("fund_tally", "cohort_rollup"), _KEPT),
    **dict.fromkeys(("audit_head", "audit_row"), _TRAIL),
    **dict.fromkeys(("approval_request", "job", "kept_answer", "mail_delivery", "payment_file_part"), _WORK),
    **dict.fromkeys(("import_batch", "import_file", "payment_entry"), "where the rows came from"),
    **dict.fromkeys(("metric_import", "metric_import_cell"), "where the figures came from"),
    "metric_label": "how the files of a company are read",
    **dict.fromkeys(("approval_rule", "alert_rule", "alert_settings", "reporting_settings"), _SETTING),
    **dict.fromkeys(("request_template", "company_recipient", "metric_connection"), _SETTING),
    **dict.fromkeys(("data_request", "form_link", "submitted_value"), "what they brought is in the metric values"),
    "request_attachment": "files that came with the figures, downloaded one by one",
    "alert": "follows from the figures and the firm's rules",
    "cohort_customer": "in the rows of its payments",
    "customer_move": "how cohorts came about, which the payments tell",
    "replaced_payment": "an earlier version",
    "firm": "whose export it is",
    "reference_rate": "public, and fetched again",
}


def test_every_table_is_exported_or_named_with_the_reason_it_is_not() -> None:
    exported = {sheet.model.__tablename__ for sheet in SHEETS} | APART | {"customer_payment"}
    tables = {name for name in metadata.tables if not name.endswith("_history")}  # earlier versions: `vestry backup`
    assert exported | NOT_EXPORTED.keys() == tables
    assert not exported & NOT_EXPORTED.keys()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_kept_beside_the_ledger_is_exported_and_left_alone_by_an_import(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    books = Books(client, "=Acme")
    books.pay("-a", "2022-01-05", "300", reference_id="r1")
    books.pay("b", "2022-02-05", "-40.5")
    books.agree()
    books.post("monthly-rounds", month="2022-01-01", planned_spend="1000")
    rate = {"kind": "manual", "base": "USD", "quote": "EUR", "starts_on": "2022-01-01", "rate": "0.9"}
    assert client.post("/api/v1/fx/rates", json=rate).status_code == 201
    with database.reading(administrator) as session:
        found = {name: [heads, *rows] for name, heads, rows in beside.tables(session, administrator)}
    assert found["payments"] == [
        beside.PAID,
        ["=Acme", "-a", "2022-01-05", "300.00", "r1", "2022-01-01"],
        ["=Acme", "b", "2022-02-05", "-40.50", "", "2022-02-01"],
    ]
    assert found["spends"][:2] == [
        ["company", "cohort_month", "spend", "recorded_at"],
        ["=Acme", "2020-01-01", "1000", found["spends"][1][3]],
    ]
    assert [len(found[name]) - 1 for name in ("spends", "trades", "thresholds", "monthly_rounds", "fx_rates")] == [
        3, 3, 1, 1, 1,
    ]  # fmt: skip
    content = export(database, administrator, exports.workbook)
    assert formulas_in(content) == []
    other = make_firm(database, "Other", "USD")
    _, receipt = bring_in(database, other, content, kind="ledger", filename="l.xlsx")
    assert receipt["companies"] == 1
    assert receipt["notes"] == (
        "Not part of a ledger, and left alone: spends, trades, thresholds, monthly_rounds, fx_rates, payments."
    )


def test_every_column_of_the_ledger_is_in_the_form_or_computed() -> None:
    machine = {"id", "firm_id", "batch_id", "version", "name_key"}
    kept = {"created_at", "updated_at", "archived_at", "recorded_at", "recorded_by", "voided_at", "void_reason"}
    formed = {sheet.model.__tablename__: sheet for sheet in SHEETS}
    for name, table in metadata.tables.items():
        if "batch_id" not in table.c or name.endswith("_history") or name in {*NOT_EXPORTED, *APART}:
            continue
        sheet = formed[name]
        stated = {cell.column for cell in sheet.cells} | set(sheet.derived)
        if name == "vehicle":
            stated |= {"currency"}
        assert set(table.c.keys()) - machine - kept <= stated, name


def test_undo_knows_every_table_an_import_writes() -> None:
    known = {model.__tablename__ for model in undo.FACTS} | {model.__tablename__ for model, _ in undo.MASTERS}
    written = {sheet.model.__tablename__ for sheet in SHEETS}
    assert written <= known | {"fund", "vehicle"}


def odd(text: str, number: int) -> dict[str, list[list[Any]]]:
    """A ledger in which every text is odd."""
    name = f"{text} {number}"
    return {
        "funds": [["name", "currency"], [name, "USD"]],
        "vehicles": [["ref", "fund", "name", "kind"], ["feeder", name, f"{name} feeder", "feeder"]],
        "investors": [["name", "kind"], [name, "lp"]],
        "companies": [["name", "currency", "description"], [name, "USD", f"{text}\nsecond line"]],
        "securities": [
            ["company", "name", "kind", "currency"],
            [name, "Common", "common", "USD"],
            [name, "Note", "note", "USD"],
        ],
        "investments": [["ref", "vehicle", "company", "thesis"], ["deal", name, name, text]],
        "holdings": [
            ["ref", "investment", "security", "name"],
            ["note", "deal", "Note", "Note"],
            ["shares", "deal", "Common", "Common"],
        ],
        "transactions": [
            ["holding", "kind", "transacted_on", "amount", "quantity", "into_holding", "memo"],
            ["note", "purchase", "2020-01-01", "100.0001", "10.000001", "", text],
            ["note", "conversion", "2021-01-01", "0", "5", "shares", text],
        ],
        "marks": [
            ["holding", "company", "measured_on", "fair_value"],
            ["shares", "", "2021-06-30", "150"],
            ["", name, "2021-12-31", "99999999999999.99"],
        ],
        "commitments": [["vehicle", "investor", "committed_on", "amount"], ["feeder", name, "2020-01-01", "0"]],
        "calls": [
            ["ref", "vehicle", "called_on", "due_on", "purpose"],
            ["c1", "feeder", "2020-01-01", "2020-01-10", text],
        ],
        "call_lines": [["call", "investor", "due_on", "investments"], ["c1", name, "2020-01-10", "5"]],
        "reported_navs": [["vehicle", "investor", "reported_on", "amount"], ["feeder", name, "2020-12-31", "-3.5"]],
    }


@pytest.mark.parametrize("text", LIVE)
def test_odd_text_survives_both_forms_and_is_never_live(database: Database, text: str) -> None:
    source = make_firm(database, "A", "USD")
    sheets = odd(quoted(text), 1)
    bring_in(database, source, workbook(*sheets.items()), kind="ledger", filename="odd.xlsx")
    listed = tables(database, source)
    assert any(text in cell for _, _, rows in listed for row in rows for cell in row)
    for number, (write, name) in enumerate(((exports.workbook, "l.xlsx"), (exports.csv_zip, "l.zip"))):
        content = export(database, source, write)
        if name.endswith(".xlsx"):
            assert formulas_in(content) == []
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                for member in package.namelist():
                    cells = package.read(member).decode().replace("\n", ",").split(",")
                    assert not [cell for cell in cells if cell.strip('"').startswith(("=", "+", "@", "＝"))]
        target = make_firm(database, f"B{number}", "USD")
        bring_in(database, target, content, kind="ledger", filename=name)
        assert tables(database, target) == listed


PREFIXES = [
    *(
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        " ＝",
        "＝",
        "＋",
        "－",
        "＠",
        "'",
        "''",
        "'=",
        "''-",
        "'＝",
        " =",
        "  +",
        " @",
    ),
    *("==", "=-", "-+", "@=", "\t=", "\r\n=", "-1+", "=cmd|' /C calc'!A", '=HYPERLINK("http://x","y")', "+1 (555) "),
]


def test_no_text_field_with_any_of_thirty_beginnings_is_live_and_all_come_back() -> None:
    assert len(PREFIXES) == 30
    assert quoted("\0=1") == "'\0=1"
    filled = []
    for sheet in SHEETS:
        words, numeric = headings(sheet), exports.numbers_in(sheet.name)
        rows = [["-5" if n in numeric else f"{start}x{n}" for n in range(len(words))] for start in PREFIXES]
        filled.append((sheet.name, words, rows))
    book = exports.workbook_of(filled)
    assert formulas_in(book) == []
    files = dict(exports.csv_files_of(filled))
    for name, _, rows in filled:
        (flat,) = reading.read(files[f"{name}.csv"], f"{name}.csv", Style())
        (sheet,) = reading.read(book, "l.xlsx", Style(sheet=name))
        for row, from_csv, from_book in zip(rows, flat.frame.rows(), sheet.frame.rows(), strict=True):
            assert list(from_csv) == row
            if "\r" not in row[0]:  # which a workbook's XML cannot hold, nor the ledger
                assert list(from_book) == row
        for row in csv.reader(io.StringIO(files[f"{name}.csv"].decode(), newline="")):
            assert not [cell for cell in row if cell[:1] in set("=+@\t\r\n＝＋－＠ ") or cell.startswith("-x")]
        numbers = exports.numbers_in(name)
        assert all(flat.frame.rows()[0][n] == "-5" for n in numbers)


def test_numbers_are_number_cells_as_far_as_those_hold_them() -> None:
    rows = [["F", "USD", "other", "2020", text, "", "", "here"] for text in ("5", "-0.0001", "123456789012345.6789")]
    book = exports.workbook_of([("funds", headings(SHEETS[0]), rows)])
    (read,) = reading.read(book, "l.xlsx", Style())
    assert read.frame["target_size"].to_list() == ["5", "-0.0001", "123456789012345.6789"]
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    assert b'<c r="E2"><v>5</v></c>' in sheet
    assert b'<c r="E4" t="s">' in sheet


def test_undoing_a_ledger_leaves_nothing(database: Database, administrator: Actor) -> None:
    batch_id, _ = bring_in(database, administrator, workbook(*odd("x", 1).items()), kind="ledger", filename="odd.xlsx")
    assert count(database, administrator, Holding) == 2
    with database.transaction(administrator) as session:
        undo.undo(session, administrator, batch_id)
    assert all(rows == [] for _, _, rows in tables(database, administrator))
    assert count(database, administrator, Fund) == count(database, administrator, Vehicle) == 0


def refused(
    database: Database, actor: Actor, **changed: list[list[Any]]
) -> list[tuple[str, int | None, str | None, str]]:
    sheets = odd("x", 1) | changed
    with pytest.raises(service.ImportHasErrors) as caught:
        bring_in(database, actor, workbook(*sheets.items()), kind="ledger", filename="odd.xlsx")
    assert count(database, actor, Fund) == count(database, actor, Transaction) == 0
    return [(one.path.partition(".")[0], one.row, one.column, one.message) for one in caught.value.every]


def test_rows_that_contradict_each_other_are_told(database: Database, administrator: Actor) -> None:
    head = ["holding", "kind", "transacted_on", "amount", "disposed_share"]
    told = refused(
        database,
        administrator,
        transactions=[
            head,
            ["note", "purchase", "2020-01-01", "100", ""],
            ["note", "proceeds", "2021-01-01", "50", "1"],
            ["note", "proceeds", "2022-01-01", "50", "1"],
        ],
        marks=[["holding", "measured_on", "fair_value"]],
    )
    assert [one[:3] for one in told] == [("transactions", 4, "kind")]
    assert "full exit" in told[0][3]
    told = refused(
        database,
        administrator,
        transactions=[
            head,
            ["note", "purchase", "2020-01-01", "100", "1"],
            ["note", "write_off", "2021-01-01", "5", ""],
            ["shares", "purchase", "2999-01-01", "5", ""],
            ["nothing", "purchase", "2020-01-01", "5", ""],
        ],
    )
    assert {(row, column) for sheet, row, column, _ in told if sheet == "transactions"} == {
        (2, "disposed_share"),
        (3, "amount"),
        (4, "transacted_on"),
        (5, "holding"),
    }


@pytest.mark.parametrize(
    ("sheet", "rows", "place"),
    [
        ("marks", [["holding", "measured_on", "fair_value"], ["note", "2019-12-31", "1"]], (2, "measured_on")),
        (
            "marks",
            [["holding", "company", "measured_on", "fair_value"], ["note", "x 1", "2020-06-30", "1"]],
            (2, "holding"),
        ),
        (
            "marks",
            [["holding", "measured_on", "fair_value"], ["note", "2020-06-30", "1"], ["note", "2020-06-30", "2"]],
            (3, None),
        ),
        (
            "commitments",
            [["vehicle", "investor", "committed_on", "amount"], ["x 1", "x 1", "2020-01-01", "-1"]],
            (2, "amount"),
        ),
        (
            "commitments",
            [["vehicle", "investor", "committed_on", "amount"], ["y", "x 1", "2020-01-01", "1"]],
            (2, "vehicle"),
        ),
        ("call_lines", [["call", "investor", "due_on", "fees"], ["c1", "x 1", "2020-01-10", "-5"]], (2, "fees")),
        (
            "call_lines",
            [["call", "investor", "due_on"], ["c1", "x 1", "2020-01-10"], ["c1", "x 1", "2020-01-10"]],
            (3, None),
        ),
        (
            "calls",
            [["ref", "vehicle", "called_on", "due_on"], ["c1", "x 1", "2020-01-10", "2020-01-01"]],
            (2, "due_on"),
        ),
        (
            "calls",
            [
                ["ref", "vehicle", "called_on", "due_on"],
                *[["c1", "x 1", f"2020-01-0{n}", "2020-02-01"] for n in (1, 2)],
            ],
            (3, "ref"),
        ),
        ("investors", [["name"], ["x 1"], ["X  1"]], (3, None)),
        (
            "rounds",
            [
                ["company", "name", "closed_on", "currency", "pre_money", "post_money"],
                ["x 1", "A", "2020-01-01", "USD", "5", "4"],
            ],
            (2, "post_money"),
        ),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_place(
    database: Database, administrator: Actor, sheet: str, rows: list[list[Any]], place: tuple[int, str | None]
) -> None:
    told = refused(database, administrator, **{sheet: rows})
    assert (sheet, *place) in [one[:3] for one in told]


def test_sheets_may_refer_to_what_the_books_hold(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, workbook(*odd("x", 1).items()), kind="ledger", filename="odd.xlsx")
    more = b"vehicle,investor,committed_on,amount\nx 1,X  1,2020-01-01,5\nx 1 / x 1 feeder,x 1,2020-01-01,0\n"
    _, receipt = bring_in(database, administrator, more, kind="ledger", filename="commitments.csv")
    assert (receipt["rows"], receipt["already_recorded"]) == (1, 1)
    late = b"holding,kind,transacted_on,amount,disposed_share\nx 1 / x 1 / Common,proceeds,2023-01-01,500,1\n"
    bring_in(database, administrator, late, kind="ledger", filename="transactions.csv")
    with pytest.raises(service.ImportHasErrors):
        bring_in(
            database,
            administrator,
            late + b"x 1 / x 1 / Common,proceeds,2024-01-01,500,1\n",
            kind="ledger",
            filename="transactions.csv",
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [("people.csv", b"name\nx\n"), ("funds.csv", b"name,currency,colour\nx,USD,red\n"), ("funds.csv", b"name\nx\n")],
)
def test_sheets_and_columns_that_are_not_of_the_form_are_refused(
    database: Database, administrator: Actor, name: str, content: bytes
) -> None:
    with pytest.raises(Invalid):
        bring_in(database, administrator, content, kind="ledger", filename=name)


def test_a_fund_of_another_currency_in_the_books_is_told(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, b"name,currency\nF,USD\n", kind="ledger", filename="funds.csv")
    with pytest.raises(service.ImportHasErrors) as caught:
        bring_in(database, administrator, b"name,currency\nf,EUR\n", kind="ledger", filename="funds.csv")
    assert caught.value.every[0].column == "currency"


def test_every_sheet_is_exported_even_when_nothing_is_recorded(database: Database, administrator: Actor) -> None:
    assert [(name, columns) for name, columns, _ in tables(database, administrator)] == [
        (sheet.name, headings(sheet)) for sheet in SHEETS
    ]


def test_an_investor_called_beyond_the_commitment_is_noted(database: Database, administrator: Actor) -> None:
    _, receipt = bring_in(database, administrator, workbook(*odd("x", 1).items()), kind="ledger", filename="odd.xlsx")
    assert receipt["notes"] == "1 investors are called beyond their commitment."
