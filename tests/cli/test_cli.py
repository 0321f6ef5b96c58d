"""The command line as a person or a script uses it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.databases import PostgresSource
from vestry import __version__
from vestry.api import create_app
from vestry.cli import funds
from vestry.core.db import Database
from vestry.core.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    keep = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return keep | {"VESTRY_HOME": str(tmp_path / "home"), "VESTRY_ENVIRONMENT": "test"}


def vestry(environment: dict[str, str], *arguments: str, status: int | None = 0) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("vestry"), *arguments], env=environment, capture_output=True, text=True
    )
    assert status is None or done.returncode == status, done.stdout + done.stderr
    return done.stderr if status else done.stdout


def test_the_version_is_printed(home: dict[str, str]) -> None:
    assert vestry(home, "--version") == f"vestry {__version__}\n"


def test_commands_on_a_database_without_tables_say_what_to_run(home: dict[str, str]) -> None:
    assert "vestry db upgrade" in vestry(home, "token", "create", "--role", "auditor", status=1)


def test_a_token_is_the_last_line_and_an_unknown_role_is_refused(home: dict[str, str]) -> None:
    vestry(home, "db", "upgrade")
    secret = vestry(home, "token", "create", "--role", "auditor").splitlines()[-1]
    assert secret.startswith("vt_")
    assert "There is no role 'king'" in vestry(home, "token", "create", "--role", "king", status=1)


def test_a_backup_is_a_working_database_and_never_overwrites(home: dict[str, str], tmp_path: Path) -> None:
    vestry(home, "db", "upgrade")
    copy = tmp_path / "copy.sqlite3"
    assert "integrity checked" in vestry(home, "db", "backup", str(copy))
    assert "exists" in vestry(home, "db", "backup", str(copy), status=1)
    link = vestry(home | {"VESTRY_DATABASE_URL": f"sqlite:///{copy}"}, "sign-in-link")
    assert "/sign-in?token=vl_" in link


def test_the_database_can_be_postgresql(home: dict[str, str], postgres_source: PostgresSource) -> None:
    url = postgres_source.new().replace("postgresql+psycopg", "postgresql")
    there = home | {"VESTRY_DATABASE_URL": url}
    vestry(there, "db", "downgrade", "base")
    vestry(there, "db", "upgrade")
    assert vestry(there, "token", "create", "--role", "administrator").splitlines()[-1].startswith("vt_")


def test_production_refuses_a_missing_or_weak_secret(home: dict[str, str]) -> None:
    for secret in ("", "a" * 40, "short"):
        weak = home | {"VESTRY_ENVIRONMENT": "production", "VESTRY_SECRET_KEY": secret}
        assert "VESTRY_SECRET_KEY is missing or weak" in vestry(weak, "db", "upgrade", status=1)


def test_the_same_figures_as_the_api_for_the_demo_firm(home: dict[str, str]) -> None:
    vestry(home, "db", "upgrade")
    assert "Loaded 2 demo funds" in vestry(home, "demo")
    assert "has funds already" in vestry(home, "demo", status=1)
    found = json.loads(vestry(home, "fund", "performance", "--all", "--json"))
    assert [row["fund"] for row in found] == ["Alder Ventures II", "Beacon Buyout III"]
    database = Database(f"sqlite:///{home['VESTRY_HOME']}/vestry.sqlite3")
    token = vestry(home, "token", "create", "--role", "auditor").splitlines()[-1]
    with TestClient(create_app(Settings(environment="test"), database), base_url="http://localhost") as client:
        for row in found:
            answer = client.get(
                f"/api/v1/funds/{row['id']}/performance", headers={"Authorization": f"Bearer {token}"}
            ).json()
            assert (row["net"], row["gross"]) == (answer["net"], answer["gross"])
    assert "1.27x" in vestry(home, "fund", "performance", "Alder Ventures II")
    assert "no fund 'Nothing'" in vestry(home, "fund", "performance", "Nothing", status=1)
    assert "must be a calendar date" in vestry(home, "fund", "performance", "--all", "--as-of", "1/2/2020", status=1)


def test_the_doctor_finds_a_database_behind_and_a_secret_others_can_read(home: dict[str, str]) -> None:
    vestry(home, "db", "upgrade")
    vestry(home, "token", "create", "--role", "auditor")
    told = json.loads(vestry(home, "doctor", "--json", status=None))
    assert [check["check"] for check in told if not check["ok"]] in ([], ["web client"])
    vestry(home, "db", "downgrade", "base")
    told = json.loads(vestry(home, "doctor", "--json", status=None))
    assert "migrations" in [check["check"] for check in told if not check["ok"]]


def test_a_multiple_is_rounded_half_up_as_on_the_pages() -> None:
    assert [funds._multiple(value) for value in (Decimal("1.625"), Decimal("1.6249"), None)] == ["1.63x", "1.62x", "–"]
