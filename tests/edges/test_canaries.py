"""Secrets that are unlike anything else, sent through every way to sign in: none of them is found anywhere after."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.conftest import make_firm
from tests.databases import SqliteSource
from tests.worker.by_hand import ByHand
from vestry.api import create_app
from vestry.core.db import Database
from vestry.core.settings import Settings, settings
from vestry.identity import service
from vestry.identity.door import UNKNOWN
from vestry.identity.signin.service import create_sign_in_link

API = "/api/v1"
STATIC = Path(__file__).parents[2] / "src" / "vestry" / "static"
PASSWORD, NEWER, NEWEST = "canary-brick-osprey", "canary-velvet-harbor", "canary-lantern-quartz"
WRONG = ("canary-wrong-password", "vt_canary-wrong-token", "vs_canary-wrong-cookie", "vl_canary-wrong-link",
         "vr_canary-wrong-reset", "vi_canary-wrong-letter", "vf_canary-wrong-refresh")  # fmt: skip


class Walk:
    """A person who goes every way in, with an ear at each place a secret could come out of."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.letters = {path: path.stat().st_mtime_ns for path in mails()}  # what others sent before
        self.said: list[str] = []  # what refusals answered
        self.secrets = {PASSWORD, NEWER, NEWEST, *WRONG}
        self.log = io.StringIO()
        self.app = create_app(Settings(environment="test", log_level="DEBUG", log_json=True), database)
        forget_levels()
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(self.log)

    def browser(self, **headers: str) -> TestClient:
        return TestClient(self.app, base_url="http://localhost", headers=headers)

    def send(self, client: TestClient, method: str, path: str, **body: Any) -> Any:
        answer = client.request(method, f"{API}{path}", json=body or None)
        if answer.status_code >= 400:
            self.said.append(answer.text + repr(dict(answer.headers)))
        self.secrets |= {cookie.value for cookie in client.cookies.jar if cookie.value}
        return answer

    def mail(self) -> str:
        """The secret in the link of a mail that was not read before."""
        until = time.monotonic() + 20
        while time.monotonic() < until:  # some mails are asked for after their answer, and some have no link
            ByHand(self.database).work()
            for path in self.sent():
                found = re.search(r"token=([\w.-]+)", read(path))
                if found and found[1] not in self.secrets:
                    self.secrets.add(found[1])
                    return found[1]
            time.sleep(0.02)
        raise AssertionError("no mail with a link was sent")

    def sent(self) -> list[Path]:
        """The mails of this walk."""
        return [path for path in mails() if self.letters.get(path) != path.stat().st_mtime_ns]


def forget_levels() -> None:
    """A logger keeps the level of the app that used it first, and may be silent since a test before."""
    for module in [module for name, module in sys.modules.items() if name.startswith("vestry.")]:
        if isinstance(log := getattr(module, "log", None), type(structlog.get_logger())):
            vars(log).pop("bind", None)


def mails() -> list[Path]:
    return list((settings().home / "mail").glob("*.eml"))


def read(path: Path) -> str:
    body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def walk(sqlite_source: SqliteSource) -> Iterator[Walk]:
    database = Database(sqlite_source.new())
    yield Walk(database)
    database.close()


def go_every_way(walk: Walk) -> None:
    send, email = walk.send, "canary@firm.com"
    actor = make_firm(walk.database, "Canary", "USD")
    with walk.database.transaction(actor) as session:
        user = service.create_user(session, actor, email=email, name="C", role="administrator", password=PASSWORD)
        link = create_sign_in_link(session, user)
    walk.secrets.add(link)
    person = walk.browser()
    assert send(person, "POST", "/auth/sign-in", email=email, password=PASSWORD).status_code == 204
    assert send(person, "PUT", "/auth/password", current=PASSWORD, new=NEWER).status_code < 300
    assert send(person, "PUT", "/auth/password", current=WRONG[0], new=NEWER).status_code >= 400
    assert send(person, "PUT", "/auth/password", current=NEWER, new=NEWER[:7]).status_code == 422
    assert send(walk.browser(), "POST", "/auth/sign-in", email=email, password=WRONG[0]).status_code == 401
    assert send(walk.browser(), "POST", "/auth/sign-in", email=WRONG[0], password=[NEWER]).status_code >= 400
    assert send(walk.browser(), "POST", "/auth/sign-in-link", token=WRONG[3]).status_code >= 400
    assert send(walk.browser(), "POST", "/auth/sign-in-link", token=link).status_code == 204
    assert send(walk.browser(), "POST", "/auth/password-reset", email=email).status_code == 204
    reset = walk.mail()
    assert send(walk.browser(), "POST", "/auth/new-password", token=WRONG[4], password=NEWEST).status_code >= 400
    assert send(walk.browser(), "POST", "/auth/new-password", token=reset, password="short").status_code == 422
    assert send(walk.browser(), "POST", "/auth/new-password", token=reset, password=NEWEST).status_code < 300
    assert send(walk.browser(), "POST", "/auth/new-password", token=reset, password=NEWEST).status_code >= 400
    person = walk.browser()
    assert send(person, "POST", "/auth/sign-in", email=email, password=NEWEST).status_code == 204
    assert send(person, "POST", "/invitations", email="other@firm.com", name="O", role="analyst").status_code == 201
    letter = walk.mail()
    assert send(walk.browser(), "POST", "/auth/invitation", token=WRONG[5]).status_code >= 400
    accepted = {"name": "O", "password": NEWEST}
    assert send(walk.browser(), "POST", "/auth/invitation/accept", token=letter, **accepted).status_code < 300
    made = send(person, "POST", "/tokens", name="T", role="analyst").json()
    program = send(person, "POST", "/auth/programs", name="P").json()
    secrets = {
        value for key, value in (made | program).items() if isinstance(value, str) and re.match(r"v[a-z]_", value)
    }
    assert len(secrets) >= 2
    walk.secrets |= secrets | {program["access_token"]}
    for credential in (*secrets, WRONG[1]):
        send(walk.browser(Authorization=f"Bearer {credential}"), "GET", "/funds")
        send(walk.browser(Authorization=f"Bearer {credential}"), "DELETE", "/funds/1")
        send(walk.browser(Authorization=f"Basic {credential}"), "GET", "/funds")
    assert send(walk.browser(), "POST", "/auth/refresh", refresh_token=WRONG[6]).status_code >= 400
    fresh = send(walk.browser(), "POST", "/auth/refresh", refresh_token=program["refresh_token"]).json()
    walk.secrets |= {fresh["access_token"], fresh["refresh_token"]}
    send(walk.browser(Cookie=f"vestry_session={WRONG[2]}"), "GET", "/auth/me")
    assert send(person, "POST", "/auth/sign-out").status_code == 204


def test_no_secret_is_found_in_logs_answers_tables_or_files(walk: Walk) -> None:
    go_every_way(walk)
    assert len(walk.secrets) >= 20
    places = {
        "the log": walk.log.getvalue(),
        "refusals": "\n".join(walk.said),
        "the description": json.dumps(walk.app.openapi()),
        "the tables": stored(walk.database),
        **{
            str(path): path.read_text("utf-8", "replace")
            for path in STATIC.rglob("*")
            if path.suffix in (".js", ".html")
        },
    }
    assert places["the log"].count("\n") > 30
    assert len(walk.said) > 12
    assert '"session.opened"' in places["the log"] or "sign_in" in places["the log"]
    assert "canary@firm.com" in places["the tables"]
    for name, content in places.items():
        found = [secret for secret in walk.secrets if secret in content]
        assert not found, (name, found, content[max(0, content.find(found[0]) - 300) :][:400])


def test_what_a_mail_says_is_in_no_log(walk: Walk) -> None:
    go_every_way(walk)
    for path in walk.sent():
        lines = [line.strip() for line in read(path).splitlines() if len(line.strip()) > 25]
        assert lines
        assert not [line for line in lines if line in walk.log.getvalue()]


def stored(database: Database) -> str:
    """Every cell of every table, bytes as text."""
    with database.reading(UNKNOWN) as session:
        names = session.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'table'")).all()
        cells = [
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for name in names
            for row in session.execute(text(f'SELECT * FROM "{name}"'))
            for value in row
        ]
    return "\n".join(cells)
