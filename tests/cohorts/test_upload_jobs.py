"""Large files of payments, recorded by a job: progress, refusals, a stop, and a worker that is killed half way."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tests.cohorts.test_cohorts import PAYMENTS, Books
from tests.cohorts.test_uploads import EXERCISE, HEAD, PAID, send
from tests.worker.by_hand import ByHand, job_of
from vestry.cohorts.payments.rollup import PAYMENT
from vestry.cohorts.uploads.jobs import PART
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.running import Running
from vestry.core.settings import settings
from vestry.identity import service as identity
from vestry.identity.grants import Wanted
from vestry.worker import tries
from vestry.worker.kinds import KINDS

# A worker that dies at once when the first rows are written, before its transaction is committed.
DYING = """
import os, signal, sys
from vestry import all_models
from vestry.core.db import Database
from vestry.core.running import Running
from vestry.worker import tries
from vestry.worker.kinds import KINDS

def progress(self, note, done, total):
    if note == "rows written":
        os.kill(os.getpid(), signal.SIGKILL)

Running.progress = progress
tries.attempt(Database(sys.argv[1]), KINDS, int(sys.argv[2]), sys.argv[3], 1)
"""


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "payments_inline_bytes", 10)


def stored(database: Database, actor: Actor) -> tuple[int, int]:
    """How many payments there are, and how many pieces of files."""
    with database.reading(actor) as session:
        payments, parts = (session.scalar(select(func.count()).select_from(one)) or 0 for one in (PAYMENT, PART))
    return payments, parts


def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    heard: list[tuple[str, int, int]] = []
    monkeypatch.setattr(Running, "progress", lambda _, *said: heard.append(said))
    return heard


def test_a_large_file_is_recorded_by_a_job_that_tells_how_far_it_is(
    client: TestClient, database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    books, heard = Books(client), told(monkeypatch)
    job_id = send(books, EXERCISE, status=202)["job_id"]
    assert stored(database, administrator) == (0, 1)
    assert ByHand(database).work() == ["done"]
    assert heard == [("rows read", 5, 5), ("rows written", 5, 5)]
    shown = client.get(f"/api/v1/jobs/{job_id}").json()
    assert (shown["state"], shown["result"]["rows"]) == ("done", 5)
    upload = books.get(f"payment-uploads/{shown['result']['upload_id']}")
    assert (upload["row_count"], upload["filename"]) == (5, "payments.csv")
    cohorts = books.get("cashflows")["cohorts"]
    assert {one["cohort_month"]: [period["payment"] for period in one["periods"]] for one in cohorts} == PAID
    assert stored(database, administrator) == (5, 0)
    assert send(books, EXERCISE, status=409)["code"] == "file_uploaded_before"


def test_a_bad_row_of_a_large_file_ends_the_job_and_nothing_is_kept(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    job_id = send(Books(client), f"{EXERCISE}4,2020-05-01,abc\n", status=202)["job_id"]
    assert ByHand(database).work() == ["failed"]
    job = job_of(database, administrator, job_id)
    assert job.error is not None
    assert "1 of 6 rows are wrong; nothing was recorded. row 7, amount: " in job.error
    assert stored(database, administrator) == (0, 0)


def test_a_job_that_is_stopped_half_way_leaves_nothing(
    client: TestClient, database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books(client)
    job_id = send(books, EXERCISE, status=202)["job_id"]
    proper: Any = Running.progress

    def stopped_meanwhile(self: Running, note: str, done: int, total: int) -> None:
        if note == "rows read":
            assert client.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 200
        proper(self, note, done, total)

    monkeypatch.setattr(Running, "progress", stopped_meanwhile)
    assert ByHand(database).work() == ["cancelled"]
    assert stored(database, administrator) == (0, 0)


def test_what_a_stopped_job_had_waiting_goes_with_the_next_file(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    books = Books(client)
    job_id = send(books, EXERCISE, status=202)["job_id"]
    assert client.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 200
    send(books, HEAD + "1,2020-01-01,5\n", status=202)
    assert stored(database, administrator) == (0, 1)


def test_a_contact_who_may_see_no_jobs_has_the_answer_at_once(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    books = Books(client)
    with database.transaction(administrator) as session:
        _, secret = identity.create_token(
            session, administrator, name="contact", role="company_contact", grants=[Wanted("company", books.id)]
        )
    file = {"file": ("payments.csv", EXERCISE.encode())}
    answer = client.post(books.at("payments/upload"), files=file, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201, answer.text


def test_a_worker_killed_while_it_writes_leaves_nothing_and_the_next_one_records_all(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    job_id = send(Books(client), EXERCISE, status=202)["job_id"]
    uid = job_of(database, administrator, job_id).uid
    url = database.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", DYING, url, str(administrator.firm_id), uid], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert stored(database, administrator) == (0, 1)
    assert tries.attempt(database, KINDS, administrator.firm_id, uid, 1) == "done"
    assert stored(database, administrator) == (len(PAYMENTS), 0)
