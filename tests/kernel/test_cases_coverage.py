"""No worked case that was collected is left untried without a reason."""

import re
from pathlib import Path

import pytest
import yaml
from tests.real_data import FOLDER

GOLDEN = Path(__file__).parent / "golden"
LEFT_OUT = {
    "OPM-003": "its inputs are those of a case that is not in the collection; backsolving is tried as a round trip",
}


def collected() -> list[str]:
    """The names of all collected cases that concern the kernel."""
    path = FOLDER.parent / "domain" / "cases.yaml"
    if not path.exists():
        pytest.skip("the collection of worked cases is not here (it lies beside the real data)")
    return [case["id"] for case in yaml.safe_load(path.read_text("utf-8")) if 1 <= case["topic"] <= 13]


def named() -> set[str]:
    """The cases that a golden file names."""
    return {
        found for path in GOLDEN.glob("*.yaml") for found in re.findall(r"^- id: (\S+)", path.read_text("utf-8"), re.M)
    }


def elsewhere() -> dict[str, list[str]]:
    """The cases whose figures stand under other words."""
    found: dict[str, list[str]] = yaml.safe_load((GOLDEN / "elsewhere.yaml").read_text("utf-8"))
    return found


def test_every_collected_case_is_tried_or_left_out_with_a_reason() -> None:
    untried = set(collected()) - named() - set(elsewhere()) - set(LEFT_OUT)
    assert untried == set()


def test_a_case_left_out_is_one_that_is_not_tried() -> None:
    assert not set(LEFT_OUT) & (named() | set(elsewhere()))


@pytest.mark.parametrize("case", sorted(elsewhere()))
def test_a_case_told_in_other_words_is_there(case: str) -> None:
    file, words = elsewhere()[case]
    assert " ".join(words.split()) in " ".join((GOLDEN / file).read_text("utf-8").split())
