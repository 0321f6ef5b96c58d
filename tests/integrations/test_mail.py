"""Mail as it leaves: to a real SMTP server on this machine, which accepts, refuses, or asks to come again."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from tests.ports import free_port
from tests.worker.by_hand import ByHand, job_of
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.core.settings import settings
from vestry.identity.door import UNKNOWN
from vestry.integrations import mail
from vestry.integrations.mail import smtp, templates
from vestry.integrations.mail.models import MailDelivery

VALUES = {
    "inviter": "Ada <b>Lovelace</b>",
    "firm": "Nørth & Söhne",
    "link": "https://vestry.example.com/accept?token=canary-secret&x=1",
    "valid_until": "3 May 2026",
}


class Server:
    """What arrives at a local server, and what it is told to answer."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.received: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        assert len(envelope.rcpt_tos) == 1
        message = email.message_from_bytes(envelope.content, policy=default)
        self.received.append(cast(EmailMessage, message))
        return "250 accepted"


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[Server, str]]:
    server = Server()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, server_hostname="mail.test")
    controller.start()
    yield server, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def server(listening: tuple[Server, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    found, url = listening
    found.answers.clear()
    found.received.clear()
    monkeypatch.setenv("VESTRY_SMTP_URL", url)
    monkeypatch.setenv("VESTRY_MAIL_FROM", "Vestry <books@vestry.example.com>")
    settings.cache_clear()
    yield found
    monkeypatch.undo()
    settings.cache_clear()


def sending(database: Database, actor: Actor, **given: Any) -> int:
    wanted: dict[str, Any] = {"to": "lp@example.com", "template": "invitation", "values": VALUES} | given
    with database.transaction(actor) as session:
        return mail.send(session, **wanted).id


def delivery(database: Database, actor: Actor, delivery_id: int) -> MailDelivery:
    with database.reading(actor) as session:
        return session.get_one(MailDelivery, delivery_id)


def try_at_once(database: Database, actor: Actor) -> None:
    with database.transaction(actor) as session:
        session.execute(update(Job).values(due_at=clock.now()))


def test_a_message_arrives_as_text_and_html_and_its_values_are_escaped(
    database: Database, administrator: Actor, server: Server
) -> None:
    number = sending(database, administrator)
    assert ByHand(database).work() == ["done"]

    (message,) = server.received
    assert message["To"] == "lp@example.com"
    assert message["From"] == "Vestry <books@vestry.example.com>"
    assert message["Subject"] == "Ada <b>Lovelace</b> invites you to Nørth & Söhne"
    plain, rich = (cast(EmailMessage, part).get_content() for part in message.iter_parts())
    assert VALUES["link"] in plain
    assert "<b>" not in rich
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in rich
    assert 'href="https://vestry.example.com/accept?token=canary-secret&amp;x=1"' in rich
    found = delivery(database, administrator, number)
    assert (found.state, found.attempts, found.detail) == ("sent", 1, "accepted")
    assert message["Message-ID"] == found.message_id


def test_nothing_is_sent_when_the_callers_transaction_is_rolled_back(
    database: Database, administrator: Actor, server: Server
) -> None:
    with database.transaction(administrator) as session:
        mail.send(session, to="lp@example.com", template="test", values={})
        session.rollback()
    assert ByHand(database).work() == []
    assert server.received == []


def test_a_server_that_asks_to_come_again_is_asked_again(
    database: Database, administrator: Actor, server: Server
) -> None:
    server.answers[:] = ["451 Try again later", "421 Too busy"]
    number = sending(database, administrator)
    queue = ByHand(database)

    for attempts in (1, 2):
        assert queue.work() == ["to be tried again"]
        found = delivery(database, administrator, number)
        assert (found.state, found.attempts) == ("queued", attempts)
        try_at_once(database, administrator)
    assert queue.work() == ["done"]

    found = delivery(database, administrator, number)
    assert (found.state, found.attempts, len(server.received)) == ("sent", 3, 1)


def test_a_server_that_refuses_for_good_is_not_asked_again(
    database: Database, administrator: Actor, server: Server
) -> None:
    server.answers[:] = ["550 No such user here"]
    number = sending(database, administrator)
    queue = ByHand(database)

    assert queue.work() == ["failed"]
    try_at_once(database, administrator)
    assert queue.work() == []

    found = delivery(database, administrator, number)
    assert (found.state, found.attempts) == ("failed", 1)
    assert found.detail == "The mail server answered 550: No such user here"


def test_a_server_that_is_away_is_tried_again_and_one_that_is_not_set_is_said_so(
    database: Database, administrator: Actor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VESTRY_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("VESTRY_SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz")
    settings.cache_clear()
    number = sending(database, administrator)
    assert ByHand(database).work() == ["to be tried again"]
    assert "does not answer" in (delivery(database, administrator, number).detail or "")

    monkeypatch.delenv("VESTRY_SMTP_URL")
    monkeypatch.setenv("VESTRY_ENVIRONMENT", "production")
    settings.cache_clear()
    try_at_once(database, administrator)
    assert ByHand(database).work() == ["failed"]
    assert delivery(database, administrator, number).detail == "No mail server is set."


def test_a_password_is_not_sent_in_the_clear(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    message = smtp.message(
        templates.write("test", {}), to="a@example.com", mail_from="v@example.com", message_id="<1@x>", at=clock.now()
    )
    monkeypatch.setattr(smtp, "LOOPBACK", set())
    url = settings().smtp_url
    assert url is not None
    with pytest.raises(smtp.WrongMailServer, match="no TLS"):
        smtp.deliver(message, url.get_secret_value().replace("//", "//me:secret@"))
    assert server.received == []


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com\nBcc: all@example.com",
        "a@example.com\r\nSubject: x",
        "a@example.com,b@example.com",
        "A <a@example.com>",
        "a@example.com;b@example.com",
        "a b@example.com",
        "@example.com",
        "a@",
        "a",
        "",
        "a@b@example.com",
        "a@exa..mple.com",
        "a" * 300 + "@example.com",
        "a\0@example.com",
        '"a b"@example.com',
    ],
)
def test_what_is_not_one_address_is_refused(database: Database, administrator: Actor, address: str) -> None:
    if not database.is_sqlite:
        return
    with pytest.raises(smtp.WrongAddress):
        sending(database, administrator, to=address)


def test_a_value_cannot_write_a_header_or_a_line(database: Database, administrator: Actor, server: Server) -> None:
    evil = "Ada\r\nBcc: everybody@example.com\r\n\r\n<script>alert(1)</script>\u2028\u202e$link ${link}"
    sending(database, administrator, values=VALUES | {"inviter": evil})
    assert ByHand(database).work() == ["done"]

    (message,) = server.received
    assert message["Bcc"] is None
    assert "Bcc: everybody@example.com" in message["Subject"]
    plain, rich = (cast(EmailMessage, part).get_content() for part in message.iter_parts())
    assert "<script>" not in rich
    assert "$link ${link}" in plain, "a value is not a template"
    assert "\nBcc" not in plain.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("nothing", {}),
        ("invitation", {}),
        ("invitation", VALUES | {"more": "x"}),
        ("invitation", VALUES | {"link": "javascript:alert(1)"}),
        ("invitation", VALUES | {"link": "https://x.example.com/ onclick=1"}),
        ("invitation", VALUES | {"firm": "x" * 3000}),
        ("invitation", VALUES | {"firm": 7}),
    ],
)
def test_a_wrong_template_or_wrong_values_are_refused_at_once(
    database: Database, administrator: Actor, template: str, values: dict[str, Any]
) -> None:
    if not database.is_sqlite:
        return
    with pytest.raises((templates.UnknownTemplate, templates.WrongValues)):
        sending(database, administrator, template=template, values=values)


def test_a_message_in_another_script_finds_its_way(database: Database, administrator: Actor, server: Server) -> None:
    sending(database, administrator, to="post@bücher.example", template="test", values={})
    assert ByHand(database).work() == ["done"]
    assert server.received[0]["To"] == "post@xn--bcher-kva.example"


def test_somebody_unknown_can_be_written_to_for_a_firm(
    database: Database, administrator: Actor, server: Server
) -> None:
    number = sending(database, UNKNOWN, firm_id=administrator.firm_id, template="test", values={})
    assert ByHand(database).work() == ["done"]
    assert delivery(database, administrator, number).state == "sent"


def test_what_a_mail_said_is_kept_nowhere_once_it_is_sent(
    database: Database, administrator: Actor, server: Server
) -> None:
    number = sending(database, administrator)
    with database.reading(administrator) as session:
        assert "canary-secret" not in repr(session.execute(select(Job.__table__)).all()), "not even while it waits"
    ByHand(database).work()
    job = job_of(database, administrator, delivery(database, administrator, number).job_id or 0)
    with database.reading(administrator) as session:
        kept = [*session.execute(select(MailDelivery.__table__)), *session.execute(select(Job.__table__))]
    assert job.payload is None
    assert "canary-secret" not in repr(kept)


def test_without_a_server_the_message_lies_in_a_file_of_its_owner(
    database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VESTRY_SMTP_URL", raising=False)
    settings.cache_clear()
    number = sending(database, administrator)
    assert ByHand(database).work() == ["done"]

    path = Path(delivery(database, administrator, number).detail or "")
    assert path.parent == settings().home / "mail"
    assert path.stat().st_mode & 0o077 == 0
    assert email.message_from_bytes(path.read_bytes(), policy=default)["To"] == "lp@example.com"


def test_every_template_can_be_written_and_names_its_values() -> None:
    for name, template in templates.TEMPLATES.items():
        values = {one: "https://example.com/x" if one.endswith("link") else "word" for one in template.names()}
        written = templates.write(name, values)
        assert "$" not in written.subject + written.text + written.html, name
