"""What the documents point at is there, and what the ledger knows is in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vestry.capital.models import CALL_KINDS, ENTRY_KINDS
from vestry.funds.models import BOOKS, VEHICLE_KINDS
from vestry.identity import policy
from vestry.identity.policy import ROLES
from vestry.investments.models import TRANSACTION_KINDS
from vestry.investors.models import INVESTOR_KINDS
from vestry.kernel.returns._result import REASONS

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def documents() -> Iterator[Path]:
    """The Markdown files at the root, under docs and in the package."""
    yield from ROOT.glob("*.md")
    yield from (ROOT / "docs").rglob("*.md")
    yield from (ROOT / "src").rglob("*.md")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(path: Path) -> None:
    for target, anchor in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(found), f"{target} has no heading #{anchor}"


def test_every_page_of_the_site_is_in_its_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    for path in (ROOT / "docs").rglob("*.md"):
        assert str(path.relative_to(ROOT / "docs")) in menu


def test_the_glossary_has_the_words_the_tables_allow() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    for word in (*ROLES, *VEHICLE_KINDS, *BOOKS, *INVESTOR_KINDS, *CALL_KINDS, *ENTRY_KINDS, *TRANSACTION_KINDS):
        spellings = {word, word.replace("_", " "), word.replace("_", "-")}
        assert any(spelling in text for spelling in spellings), word


def test_the_pages_have_words_for_every_reason_of_a_missing_figure() -> None:
    text = (ROOT / "docs/concepts/performance.md").read_text(encoding="utf-8").partition("## Why null")[2]
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) | set(filter(None, REASONS))
    shown = set(re.findall(r"^  (\w+): '", (ROOT / "web/src/lib/reasons.ts").read_text(encoding="utf-8"), re.MULTILINE))

    assert len(told) > 10
    assert told <= shown, f"web/src/lib/reasons.ts lacks {told - shown}"


def test_the_architecture_lists_the_bands_of_the_contract_in_their_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["id"] == "layers")
    section = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Bands")[2].partition("\n##")[0]
    cells = [line.split("|")[2] for line in section.splitlines() if line.startswith("| ") and "`" in line]

    told = [re.sub(r"[`\s]", "", band).replace(",", "|") for cell in cells for band in cell.split("→")]
    assert told == [layer.replace(" ", "") for layer in layers]


def test_every_make_target_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in documents():
        named = set(re.findall(r"`make ([a-z-]+)|^    make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for target in (first or second for first, second in named):
            assert target in targets, f"{path.relative_to(ROOT)} names make {target}"


def test_the_pictures_are_light() -> None:
    for path in (ROOT / "docs" / "assets").glob("*"):
        assert path.stat().st_size <= 200_000, path.name


def test_the_pages_have_words_for_every_role_and_every_grant_that_opens_something() -> None:
    text = (ROOT / "web/src/lib/access.ts").read_text(encoding="utf-8")
    roles, groups, opens = (
        text.partition(f"const {name}")[2].partition("};")[0] for name in ("ROLES", "GROUPS", "OPENS")
    )
    assert set(re.findall(r"^  (\w+): '", roles, re.MULTILINE)) == set(policy.ROLES)
    assert dict(re.findall(r"^  (\w+): '(\w+)'", groups, re.MULTILINE)) == {
        role: policy.group(role) for role in policy.ROLES
    }
    assert set(re.findall(r"^  '(\w+)/(\w+)':", opens, re.MULTILINE)) == set(policy.GRANTS)
