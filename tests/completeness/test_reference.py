"""The reference pages say what the code says."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from vestry.cli.commands import COMMANDS
from vestry.core.settings import Settings
from vestry.identity.policy import GRANTS, HIDDEN, POLICY, ROLES, needs_firm
from vestry.identity.reach import WAYS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("reference")


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["policy.md", "settings.md", "cli.md", "refusals.md"])
def test_a_reference_page_is_what_the_code_makes_of_it(reference: ModuleType, name: str) -> None:
    assert page(name) == reference.PAGES[name](), f"docs/reference/{name} is stale: run make reference"


def test_every_reference_page_is_made_from_the_code(reference: ModuleType) -> None:
    assert {path.name for path in (ROOT / "docs" / "reference").glob("*.md")} == set(reference.PAGES)


def test_the_policy_page_has_a_row_for_every_operation_and_a_column_for_every_role() -> None:
    rows = {line.split("|")[1].strip().strip("`"): line for line in page("policy.md").splitlines() if "|" in line}

    for operation, roles in POLICY.items():
        cells = [cell.strip() for cell in rows[operation].split("|")[2:-1]]
        allowed = "firm" if needs_firm(operation) else "yes"
        assert cells == [allowed if role in roles else "–" for role in ROLES], operation


def test_the_policy_page_names_every_grant_table_and_hidden_field() -> None:
    text = page("policy.md")

    for kind, who in GRANTS:
        assert f"| {kind} | {who.replace('_', ' ')} |" in text
    for table in WAYS:
        assert f"| `{table}` |" in text
    for record, field in HIDDEN:
        assert f"| `{record}.{field}` |" in text


def test_every_setting_is_described_on_its_page() -> None:
    text = page("settings.md")

    for name, field in Settings.model_fields.items():
        assert f"`VESTRY_{name.upper()}`" in text
        assert field.description, name


def test_every_command_has_a_section_that_names_its_arguments() -> None:
    sections = dict(part.split("\n", 1) for part in page("cli.md").split("\n## ")[1:])

    assert set(sections) == {command.words for command in COMMANDS}
    for command in COMMANDS:
        for argument in command.arguments:
            flag = argument.flags[0]
            assert (flag if flag.startswith("-") else flag.upper()) in sections[command.words]
            assert argument.options.get("help"), f"{command.words} {flag}"
