"""The command line as a person or a script uses it: a process of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.commands import Vestry
from tests.databases import PostgresSource, SqliteSource
from vestry import __version__
from vestry.api import create_app
from vestry.approvals import service as approvals
from vestry.cli import funds, local, main
from vestry.cli.commands import WAITS
from vestry.companies import service as companies
from vestry.core.db import Database
from vestry.core.settings import Settings, settings


def test_the_version_is_printed_by_what_is_installed(bare: dict[str, str]) -> None:
    command = [str(Path(sys.executable).with_name("vestry")), "--version"]
    assert subprocess.run(command, env=bare, capture_output=True, text=True).stdout == f"vestry {__version__}\n"


def test_commands_on_a_database_without_tables_say_what_to_run(vestry: Vestry, bare: dict[str, str]) -> None:
    assert "vestry db upgrade" in vestry(bare, "token", "create", "--role", "auditor", status=1)


def test_a_token_is_the_last_line_and_an_unknown_role_is_refused(vestry: Vestry, bare: dict[str, str]) -> None:
    vestry(bare, "db", "upgrade")
    secret = vestry(bare, "token", "create", "--role", "auditor").splitlines()[-1]
    assert secret.startswith("vt_")
    assert "There is no role 'king'" in vestry(bare, "token", "create", "--role", "king", status=1)


def test_a_person_is_given_out_and_erased_from_the_command_line(vestry: Vestry, home: dict[str, str]) -> None:
    vestry(home, "user", "create", "ada@firm.com", "--name", "Ada", "--role", "analyst")
    assert json.loads(vestry(home, "person", "export", "ada@firm.com"))["user"][0]["name"] == "Ada"
    assert "--yes" in vestry(home, "person", "erase", "ada@firm.com", status=1)
    assert "user: 1" in vestry(home, "person", "erase", "ada@firm.com", "--yes")
    assert "no such person" in vestry(home, "person", "export", "ada@firm.com", status=1)


def test_what_waits_is_listed_and_decided_by_the_person_of_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_source: SqliteSource
) -> None:
    """Within this process: seven commands, each of which would be one."""
    monkeypatch.setenv("VESTRY_HOME", str(tmp_path))
    monkeypatch.setenv("VESTRY_DATABASE_URL", sqlite_source.new())
    settings.cache_clear()

    def told(*words: str, status: int = 0) -> str:
        assert main(list(words)) == status
        printed = capsys.readouterr()
        return printed.err if status else printed.out

    for name in ("ada", "ben"):
        told("user", "create", f"{name}@firm.com", "--name", name, "--role", "administrator")
    token = told("token", "create", "--role", "administrator").splitlines()[-1]
    with local.opened() as database, database.transaction(local.local_actor(database)) as session:
        approvals.set_rule(session, session.info["actor"], "capital_call", required=True)
    (tmp_path / "flows.csv").write_text("fund,date,kind,amount\nNorth,2024-01-01,contribution,5\n")
    waits = told("import", "flows", str(tmp_path / "flows.csv"), "--yes", status=WAITS)
    assert "request 1 under approvals" in waits
    assert "commit_import" in told("approval", "list")
    assert json.loads(told("approval", "show", "1"))["effect_count"] > 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("vt_no_token"))
    assert "no token in force" in told("approval", "approve", "1", status=1)
    monkeypatch.setattr(sys, "stdin", io.StringIO(token))
    assert "approved" in told("approval", "approve", "1")
    assert "North" in told("fund", "list")
    settings.cache_clear()


def test_people_are_invited_and_helped_from_the_command_line(vestry: Vestry, home: dict[str, str]) -> None:
    invited = vestry(home, "user", "invite", "ada@firm.com", "--name", "Ada", "--role", "analyst").splitlines()[-1]
    assert "/invitation?token=vi_" in invited
    vestry(home, "user", "create", "grace@firm.com", "--name", "Grace", "--role", "manager")
    assert "/new-password?token=vr_" in vestry(home, "user", "reset-password", "grace@firm.com").splitlines()[-1]
    assert "grace@firm.com" in vestry(home, "user", "reset-factors", "grace@firm.com")
    for word in ("reset-password", "reset-factors"):
        assert "no such user" in vestry(home, "user", word, "nobody@firm.com", status=1)


def test_encryption_keys_are_made_and_fields_sealed_again(vestry: Vestry, home: dict[str, str]) -> None:
    key = vestry(home, "keys", "new").strip()
    assert "under the key secret-" in vestry(home, "keys", "rotate")
    assert f"under the key {key.partition(':')[0]}" in vestry(home | {"VESTRY_ENCRYPTION_KEYS": key}, "keys", "rotate")
    wrong = vestry(home | {"VESTRY_ENCRYPTION_KEYS": key[:-3]}, "keys", "rotate", status=1)
    assert "VESTRY_ENCRYPTION_KEYS" in wrong
    assert key[:-3] not in wrong


def test_a_backup_is_a_working_database_and_never_overwrites(
    vestry: Vestry, home: dict[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    assert "integrity checked" in vestry(home, "db", "backup", str(copy))
    assert "exists" in vestry(home, "db", "backup", str(copy), status=1)
    link = vestry(home | {"VESTRY_DATABASE_URL": f"sqlite:///{copy}"}, "sign-in-link")
    assert "/sign-in?token=vl_" in link


def test_the_database_can_be_postgresql(vestry: Vestry, home: dict[str, str], postgres_source: PostgresSource) -> None:
    url = postgres_source.new().replace("postgresql+psycopg", "postgresql")
    there = home | {"VESTRY_DATABASE_URL": url}
    vestry(there, "db", "downgrade", "base")
    vestry(there, "db", "upgrade")
    assert vestry(there, "token", "create", "--role", "administrator").splitlines()[-1].startswith("vt_")


def test_production_refuses_a_missing_or_weak_secret(vestry: Vestry, bare: dict[str, str]) -> None:
    for secret in ("", "a" * 40, "short"):
        weak = bare | {"VESTRY_ENVIRONMENT": "production", "VESTRY_SECRET_KEY": secret}
        assert "VESTRY_SECRET_KEY is missing or weak" in vestry(weak, "db", "upgrade", status=1)


def test_the_same_figures_as_the_api_for_the_demo_firm(vestry: Vestry, home: dict[str, str], tmp_path: Path) -> None:
    assert "Loaded 3 demo funds" in vestry(home, "demo")
    assert "has funds already" in vestry(home, "demo", status=1)
    found = json.loads(vestry(home, "fund", "performance", "--all", "--json"))
    assert [row["fund"] for row in found] == ["Alder Ventures II", "Beacon Buyout III", "Cobalt Customer Value I"]
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
    # Twelve payments of 30 on a spend of 100 earn 1,608.04 % under a cap of 140: one cent less for 1,608 %.
    aims = ("--target-irr", "16", "--largest-chance-of-loss", "0", "--spend", "100", "--m0", "0.3", "--horizon", "12")
    solved = json.loads(vestry(home, "cohorts", "solve", "Delta Bio", *aims, "--churn", "0", "--json"))["proposal"]
    assert (solved["sharing_percentage"], solved["cash_cap"]) == ("0.8", "222.81")
    assert "must be a plain decimal" in vestry(home, "cohorts", "solve", "Delta Bio", *aims, "--churn", "x", status=1)
    written = vestry(home, "cohorts", "payments", tmp_path / "payments", "--company", "Delta Bio")
    assert written.endswith(": 0 payments\n")
    assert ": 0 payments" not in vestry(home, "cohorts", "payments", tmp_path / "payments").splitlines()[-1]
    assert "not an empty folder" in vestry(home, "cohorts", "payments", tmp_path / "payments", status=1)


def test_figures_come_in_from_a_file_and_their_template_goes_out(
    vestry: Vestry, home: dict[str, str], tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{home['VESTRY_HOME']}/vestry.sqlite3")
    actor = local.local_actor(database)
    with database.transaction(actor) as session:
        companies.create_company(session, actor, name="Delta Bio", currency="USD")
    database.close()
    file = tmp_path / "figures.csv"
    file.write_text(",2019-Q1\nNet sales,100\nDogs,4\n")
    assert "A3: 'Dogs' is no metric" in vestry(home, "metrics", "import", "Delta Bio", str(file), status=1)
    said = vestry(home, "metrics", "import", "Delta Bio", str(file), "--map", "Dogs=")
    assert "created 1, restated 0, unchanged 0" in said
    vestry(home, "metrics", "template", "Delta Bio", str(file.with_suffix(".xlsx")))
    assert file.with_suffix(".xlsx").read_bytes().startswith(b"PK")


def test_the_doctor_finds_a_database_behind_and_a_secret_others_can_read(vestry: Vestry, home: dict[str, str]) -> None:
    vestry(home, "token", "create", "--role", "auditor")
    told = json.loads(vestry(home, "doctor", "--json", status=None))
    assert [check["check"] for check in told if not check["ok"]] in ([], ["web client"])
    vestry(home, "db", "downgrade", "base")
    told = json.loads(vestry(home, "doctor", "--json", status=None))
    assert "migrations" in [check["check"] for check in told if not check["ok"]]


def test_a_multiple_is_rounded_half_up_as_on_the_pages() -> None:
    assert [funds._multiple(value) for value in (Decimal("1.625"), Decimal("1.6249"), None)] == ["1.63x", "1.62x", "–"]
