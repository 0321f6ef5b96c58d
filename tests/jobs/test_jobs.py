"""What a person sees of jobs and mail, and what they may do to a job."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.conftest import make_firm
from tests.imports.files import FUND_REPORT, upload
from tests.worker.by_hand import ByHand
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.running import Kind, Running, TryAgain
from vestry.core.settings import settings
from vestry.integrations import mail

JOBS = "/api/v1/jobs"


def away(running: Running) -> None:
    raise TryAgain("Not now.")


def fine(running: Running) -> None:
    running.progress("Half of it", 5, 10)


def asking(database: Database, actor: Actor, title: str = "A test") -> int:
    with database.transaction(actor) as session:
        return outbox.ask(session, "test.it", {"secret": "canary"}, title=title).id


def test_a_job_that_was_given_up_is_seen_with_its_reason_and_tried_again(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    job_id = asking(database, administrator)
    queue = ByHand(database, {"test.it": Kind("test.it", away, tries=1)})
    queue.work()

    failed = client.get(JOBS, params={"state": "failed"}).json()
    assert [(one["id"], one["error_code"], one["error"]) for one in failed["items"]] == [
        (job_id, "try_again", "Not now.")
    ]
    assert "canary" not in str(failed)

    queue.kinds = {"test.it": Kind("test.it", fine)}
    assert client.post(f"{JOBS}/{job_id}/retry").json()["state"] == "waiting"
    assert queue.work() == ["done"]
    job = client.get(f"{JOBS}/{job_id}").json()
    assert (job["state"], job["tries"], job["error"]) == ("done", 2, None)
    assert client.post(f"{JOBS}/{job_id}/retry").json()["code"] == "job_not_failed"


def test_a_waiting_job_is_stopped_at_once_and_never_runs(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    job_id = asking(database, administrator)
    assert client.post(f"{JOBS}/{job_id}/cancel").json()["state"] == "cancelled"
    assert ByHand(database, {"test.it": Kind("test.it", fine)}).work() == []
    answer = client.post(f"{JOBS}/{job_id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_ended")


def test_how_far_a_running_job_is_can_be_asked(database: Database, administrator: Actor, client: TestClient) -> None:
    seen = []

    def look(running: Running) -> None:
        running.progress("Half of it", 5, 10)
        seen.append(client.get(f"{JOBS}/{job_id}").json())

    job_id = asking(database, administrator)
    assert ByHand(database, {"test.it": Kind("test.it", look)}).work() == ["done"]
    assert (seen[0]["state"], seen[0]["progress"]) == ("running", {"done": 5, "total": 10, "note": "Half of it"})


def test_a_running_job_that_is_stopped_ends_at_its_next_step(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    def stopped(running: Running) -> None:
        assert client.post(f"{JOBS}/{job_id}/cancel").json()["cancel_asked_at"] is not None
        running.progress("Going on", 1, 2)
        raise AssertionError("it went on")

    job_id = asking(database, administrator)
    assert ByHand(database, {"test.it": Kind("test.it", stopped)}).work() == ["cancelled"]
    assert client.get(f"{JOBS}/{job_id}").json()["state"] == "cancelled"


def test_a_manager_sees_and_stops_only_what_they_asked_for(
    database: Database, administrator: Actor, client_as: Callable[..., TestClient]
) -> None:
    job_id = asking(database, administrator)
    manager = client_as("manager")
    assert manager.get(JOBS).json()["total"] == 0
    for answer in (
        manager.get(f"{JOBS}/{job_id}"),
        manager.post(f"{JOBS}/{job_id}/cancel"),
        manager.post(f"{JOBS}/{job_id}/retry"),
    ):
        assert answer.status_code == 404
    assert client_as("analyst").get(JOBS).status_code == 403


def test_another_firms_jobs_and_mails_are_not_there(database: Database, client: TestClient) -> None:
    other = make_firm(database, "Other", "EUR")
    job_id = asking(database, other)
    with database.transaction(other) as session:
        mail.send(session, to="canary@example.com", template="test", values={})
    assert client.get(JOBS).json()["items"] == []
    assert client.get(f"{JOBS}/{job_id}").status_code == 404
    assert client.get("/api/v1/mails").json()["items"] == []


def test_the_delivery_log_shows_what_became_of_each_message(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    with database.transaction(administrator) as session:
        mail.send(session, to="lp@example.com", template="test", values={})
    assert [one["state"] for one in client.get("/api/v1/mails").json()["items"]] == ["queued"]
    assert ByHand(database).work() == ["done"]
    (sent,) = client.get("/api/v1/mails", params={"state": "sent"}).json()["items"]
    assert (sent["recipient"], sent["template"], sent["attempts"]) == ("lp@example.com", "test", 1)


def test_a_large_import_is_recorded_by_a_job_of_its_sender(
    database: Database, client_as: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VESTRY_IMPORT_INLINE_BYTES", "10")
    settings.cache_clear()
    manager = client_as("manager")
    batch = upload(manager, FUND_REPORT).json()
    first = manager.post(f"/api/v1/imports/{batch['id']}/commit")
    again = manager.post(f"/api/v1/imports/{batch['id']}/commit")
    assert (first.status_code, first.json()["status"]) == (202, "uploaded")
    assert again.json()["job_id"] == first.json()["job_id"], "asking twice is asking once"

    assert ByHand(database).work() == ["done"]

    done = manager.get(f"/api/v1/imports/{batch['id']}").json()
    job = manager.get(f"{JOBS}/{done['job_id']}").json()
    assert (done["status"], job["state"], job["result"]["rows"]) == ("committed", "done", done["receipt"]["rows"])
    monkeypatch.undo()
    settings.cache_clear()
