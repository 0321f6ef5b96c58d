"""Files beside a company's figures: what is taken, how much of it, who reads it, and what becomes of it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.requests.conftest import Clock
from tests.requests.test_requests import ADA, API, Firm
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.people import records, service
from vestry.requests.attachments import BYTES_MAX, COUNT_MAX, FORM_BYTES_MAX, name_of
from vestry.requests.models import RequestAttachment

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def workbook(*, macros: bool = False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Figures").write(0, 0, 5)
    if macros:
        with zipfile.ZipFile(out, "a") as package:
            package.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.fixture
def asked(clock: Clock, client: TestClient, database: Database, administrator: Actor) -> Firm:
    """Acme is asked for a quarter; on either database."""
    firm = Firm(client, database, administrator, clock)
    firm.ask(firm.template())
    return firm


def attach(firm: Firm, name: str, data: bytes, token: str | None = None) -> Any:
    form = {"token": token or firm.token()}
    return firm.visitor.post(f"{API}/forms/attachments", data=form, files={"file": (name, data)})


def names(answer: Any) -> list[str]:
    assert answer.status_code in (200, 201), answer.text
    return [one["name"] for one in answer.json()["attachments"]]


def download(firm: Firm, attachment: int) -> Any:
    return firm.client.get(f"{API}/request-attachments/{attachment}")


def test_files_go_with_the_form_and_are_downloaded_from_the_inbox(asked: Firm) -> None:
    token = asked.token()
    assert names(attach(asked, "P&L \u202e2024.pdf", PDF)) == ["P&L 2024.pdf"]
    assert names(attach(asked, "again.pdf", PDF)) == ["P&L 2024.pdf"]
    assert names(attach(asked, "Bilanz é.xlsx", workbook())) == ["P&L 2024.pdf", "Bilanz é.xlsx"]
    photo = attach(asked, "photo.png", PNG).json()["attachments"][-1]["id"]
    request = asked.get("data-requests")["items"][0]["id"]
    assert asked.get(f"data-requests/{request}")["attachments"] == []  # not sent yet
    assert download(asked, photo).status_code == 404
    assert names(asked.form("attachments/remove", attachment_id=photo)) == ["P&L 2024.pdf", "Bilanz é.xlsx"]
    assert asked.form("open").json()["state"] == "draft"
    sent = asked.send(token, revenue="5", employees="2").json()
    assert [one["name"] for one in sent["receipt"]["attachments"]] == ["P&L 2024.pdf", "Bilanz é.xlsx"]
    for answer in (
        attach(asked, "late.pdf", PDF + b"late", token),
        asked.form("attachments/remove", token, attachment_id=1),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "form_submitted")
    report, sheet = asked.get(f"data-requests/{request}")["attachments"]
    assert (report["media_type"], report["byte_count"], report["attached_by"]) == ("application/pdf", len(PDF), ADA)
    assert report["content_sha256"] == hashlib.sha256(PDF).hexdigest()
    got = download(asked, sheet["id"])
    assert hashlib.sha256(got.content).hexdigest() == sheet["content_sha256"]
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"Bilanz _.xlsx\"; filename*=UTF-8''Bilanz%20%C3%A9.xlsx"
    )
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("sandbox")
    told = [(one["action"], one["noun"]) for one in asked.get("audit", limit=200)["items"]]
    for action in (("create", "request_attachment"), ("delete", "request_attachment"), ("export", "file")):
        assert action in told
    assert asked.visitor.get(f"{API}/request-attachments/{report['id']}").status_code == 401


def test_a_sent_file_is_removed_with_a_reason_and_only_its_bytes_are_gone(asked: Firm, database: Database) -> None:
    token = asked.token()
    attach(asked, "patients.pdf", PDF)
    kept = attach(asked, "kept.png", PNG).json()["attachments"][-1]["id"]
    first = asked.form("open").json()["attachments"][0]["id"]
    remove = f"{API}/request-attachments/{{}}/remove"
    reason = {"reason": "It names patients"}
    assert asked.client.post(remove.format(first), json=reason).status_code == 404  # not sent yet
    asked.send(token, revenue="5", employees="2")
    for nothing in ({}, {"reason": " "}):
        assert asked.client.post(remove.format(first), json=nothing).status_code == 422
    assert download(asked, first).content == PDF
    gone = asked.client.post(remove.format(first), json=reason)
    assert gone.status_code == 200, gone.text
    told = gone.json()
    assert (told["name"], told["byte_count"]) == ("patients.pdf", len(PDF))
    assert told["content_sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (told["removal_reason"], bool(told["removed_at"]), bool(told["removed_by"])) == (
        "It names patients",
        True,
        True,
    )
    request = asked.get("data-requests")["items"][0]["id"]
    assert asked.get(f"data-requests/{request}")["attachments"][0] == told
    refused = download(asked, first)
    assert (refused.status_code, refused.json()["code"]) == (410, "attachment_removed")
    assert "It names patients" in refused.json()["detail"]
    assert download(asked, kept).content == PNG
    again = asked.client.post(remove.format(first), json=reason)
    assert (again.status_code, again.json()["code"]) == (409, "attachment_removed_before")
    shown = asked.form("open", token).json()["receipt"]["attachments"]
    assert [(one["name"], one["removal_reason"]) for one in shown] == [
        ("patients.pdf", "It names patients"),
        ("kept.png", None),
    ]
    with database.reading(asked.actor) as session:
        rows = session.execute(select(RequestAttachment.id, RequestAttachment.content)).all()
    assert {row.id: row.content for row in rows} == {first: None, kept: PNG}
    changes = [
        one
        for one in asked.get("audit", limit=200)["items"]
        if (one["action"], one["noun"], one["record_id"]) == ("change", "request_attachment", first)
    ]
    assert changes[0]["after"]["removal_reason"] == "It names patients"
    assert changes[0]["before"]["content"]  # the digest of what is there no more


REFUSED = (
    ("empty.pdf", b"", 400, "attachment_empty"),
    ("page.pdf", b"<!doctype html><script>alert(1)</script>", 415, "unsupported_media"),
    ("image.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media"),
    ("figures.csv", b"MZ\x90\0\3", 415, "unsupported_media"),
    ("figures.xlsx", b"PK\3\4" + b"x" * 50, 422, "file_unreadable"),
    ("figures.xlsx", workbook(macros=True), 415, "attachment_kind_refused"),
    ("letter.csv", b"Dear all", 415, "attachment_kind_refused"),
    ("large.pdf", PDF + b"x" * BYTES_MAX, 413, "attachment_too_large"),
    ("larger.pdf", PDF + b"x" * FORM_BYTES_MAX, 413, "too_large"),
)


def test_what_is_no_attachment_is_refused_by_its_bytes_and_nothing_is_kept(asked: Firm) -> None:
    for name, data, status, code in REFUSED:
        refused = attach(asked, name, data)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert status != 413 or f"{BYTES_MAX:,}" in refused.text or f"{FORM_BYTES_MAX:,}" in refused.text
    form = asked.form("open").json()
    assert (form["attachments"], form["state"]) == ([], "asked")


def test_names_are_cleaned_and_end_as_the_bytes_are() -> None:
    given = ["../../etc/passwd", "report.pdf.exe", 'a"b;c<d>.PDF', "\r\nSet-Cookie: x", "", "x" * 400 + ".pdf", "CON."]
    assert [name_of(one, "application/pdf") for one in given] == [
        "passwd.pdf",
        "report.pdf.exe.pdf",
        "abc_d_.pdf",
        "Set-Cookie_ x.pdf",
        "file.pdf",
        "x" * 120 + ".pdf",
        "CON.pdf",
    ]
    assert name_of("photo.JPEG", "image/jpeg") == "photo.jpeg"


def test_one_sending_brings_five_files_and_one_that_came_back_brings_others(asked: Firm) -> None:
    token = asked.token()
    for number in range(COUNT_MAX):
        assert attach(asked, "a.csv", b"a,b\n%d,2" % number).status_code == 201
    sixth = attach(asked, "b.csv", b"a;b\n9;9")
    assert (sixth.status_code, sixth.json()["code"]) == (409, "too_many_attachments")
    assert attach(asked, "a.csv", b"a,b\n3,2").status_code == 201  # it is there
    asked.send(token, revenue="5", employees="2")
    for value in asked.inbox():
        asked.decide(value, "reject", reason="Which?")
    sent = asked.form("open").json()["attachments"]
    refused = asked.form("attachments/remove", attachment_id=sent[0]["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "attachment_sent")
    assert len(names(attach(asked, "b.csv", b"a;b\n9;9"))) == COUNT_MAX + 1
    request = asked.get("data-requests")["items"][0]["id"]
    asked.post(f"data-requests/{request}/cancel", 200)
    assert len(asked.get(f"data-requests/{request}")["attachments"]) == COUNT_MAX


def test_a_link_reaches_the_files_of_its_own_form_alone(asked: Firm) -> None:
    mine = names(attach(asked, "mine.pdf", PDF)) and asked.form("open").json()["attachments"][0]["id"]
    other = asked.post("companies", name="Other", currency="EUR")["id"]
    asked.name_recipients(other, "bob@acme.example")
    asked.ask(asked.template(name="Cash"), company_ids=[other])
    assert asked.form("open").json()["attachments"] == []
    assert asked.form("attachments/remove", attachment_id=mine).status_code == 404
    assert names(attach(asked, "theirs.pdf", PDF)) == ["theirs.pdf"]
    unknown = attach(asked, "x.pdf", PDF, token="vf_never")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "form_unknown")
    asked.clock.go(200)
    assert attach(asked, "x.pdf", PDF).json()["code"] == "form_expired"


def test_whoever_attached_a_file_is_given_out_and_erased_and_the_file_stays(asked: Firm) -> None:
    attach(asked, "report.pdf", PDF)
    asked.send(revenue="5", employees="2")
    with asked.database.transaction(asked.actor) as session:
        (given,) = records.everything_about(session, asked.actor, ADA)["request_attachment"]
        assert (given["name"], given["attached_by"], "content" in given) == ("report.pdf", ADA, False)
        assert service.erase(session, asked.actor, ADA)["request_attachment"] == 1
    request = asked.get("data-requests")["items"][0]["id"]
    (kept,) = asked.get(f"data-requests/{request}")["attachments"]
    assert kept["attached_by"].endswith("@erased.invalid")
    assert download(asked, kept["id"]).content == PDF
