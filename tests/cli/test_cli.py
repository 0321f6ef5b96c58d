"""The command line as a person or a script uses it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import PostgresSource
from vestry import __version__


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    keep = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return keep | {"VESTRY_HOME": str(tmp_path / "home"), "VESTRY_ENVIRONMENT": "test"}


def vestry(environment: dict[str, str], *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("vestry"), *arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


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
