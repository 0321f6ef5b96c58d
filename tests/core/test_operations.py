"""What whoever runs Vestry can ask it: metrics, readiness, and the doctor's opinion of jobs, disks and keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from tests.worker.by_hand import ByHand
from vestry.api import create_app
from vestry.cli import operations
from vestry.core import clock, disk, outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.core.settings import Settings

TOKEN = "a-token-for-the-scraper"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def opened(database: Database, **settings: str) -> TestClient:
    return TestClient(create_app(Settings(environment="test", **settings), database), base_url="http://localhost")


def failing(checks: object) -> list[str]:
    return [name for name, good, _ in checks if not good]  # type: ignore[attr-defined]


def test_the_metrics_count_requests_by_operation_and_jobs_by_state(database: Database, administrator: Actor) -> None:
    client = opened(database, metrics_token=TOKEN)
    with database.transaction(administrator) as session:
        outbox.ask(session, "test.unknown", {}, title="A job")
    ByHand(database, {}).work()
    client.get("/health/live")
    client.get("/api/v1/funds/123456789")

    text = client.get("/metrics", headers=BEARER).text

    assert 'vestry_requests_total{method="GET",operation="health_live",status="200"} 1.0' in text
    assert 'vestry_requests_total{method="GET",operation="get_fund",status="401"} 1.0' in text
    assert 'vestry_jobs{state="failed"} 1.0' in text
    assert 'vestry_pool_connections{pool="writer"} 0.0' in text
    assert "123456789" not in text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer "}])
def test_the_metrics_are_for_who_brings_their_token(database: Database, headers: dict[str, str]) -> None:
    assert opened(database, metrics_token=TOKEN).get("/metrics", headers=headers).status_code == 401


def test_without_the_setting_there_are_no_metrics(database: Database) -> None:
    assert "vestry_requests" not in opened(database).get("/metrics", headers=BEARER).text


def test_a_disk_that_is_full_is_not_ready(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(database)
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(disk, "free", lambda path: (1_000_000, 0.001))
    answer = client.get("/health/ready")
    if database.is_sqlite:
        assert (answer.status_code, answer.json()["detail"]) == (503, "The disk is nearly full.")
    else:  # its disk is another machine's
        assert answer.status_code == 200


def test_the_doctor_finds_jobs_that_were_given_up_and_jobs_nobody_takes(
    database: Database, administrator: Actor
) -> None:
    assert failing(operations.of_jobs(database)) == []
    with database.transaction(administrator) as session:
        outbox.ask(session, "test.unknown", {}, title="A job")
    ByHand(database, {}).work()
    with database.transaction(administrator) as session:
        outbox.ask(session, "test.unknown", {}, title="Another")
        long_ago = clock.now() - timedelta(hours=1)
        session.execute(update(Job).where(Job.title == "Another").values(due_at=long_ago))
    assert failing(operations.of_jobs(database)) == ["jobs given up", "jobs waiting"]


def test_the_doctor_finds_what_is_careless_about_a_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "audit").mkdir(parents=True)
    (home / "audit" / "key").write_text("key")
    (home / "audit" / "key").chmod(0o644)
    strong = "0123456789abcdefghijklmnopqrstuvwxyz"
    production = Settings(environment="production", secret_key=strong, home=home, smtp_url=None)
    assert failing(operations.of_home(production)) == ["key files", "backup", "mail"]

    (home / "audit" / "key").chmod(0o600)
    (home / "backups.jsonl").write_text(f'{{"at": "{clock.now().isoformat()}", "file": "x"}}\n')
    sending = Settings(environment="production", secret_key=strong, home=home, smtp_url="smtp://localhost")
    assert failing(operations.of_home(sending)) == []


def test_the_doctor_finds_a_server_that_may_lose_what_it_acknowledged(database: Database) -> None:
    with database.reader.connect() as connection:
        if database.is_sqlite:
            assert failing(operations.of_sqlite(connection)) == []
        else:  # the tests' own server is quick rather than safe
            found = failing(operations.of_postgres(connection))
            assert found == ["fsync", "full_page_writes", "synchronous_commit"]
