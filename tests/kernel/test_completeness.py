"""Every public function of the kernel says what it does, is tried, and its module is in the kernel's README."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from tests.kernel.calls import CALLS, functions

from vestry import kernel

FUNCTIONS = dict(functions())
TESTS = Path(__file__).parent
README = Path(kernel.__file__).parent / "README.md"
SHORT = 15  # one sentence is enough where the name and the types leave nothing open


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_public_function_says_what_it_does(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert len(text) >= SHORT


def about(name: str) -> str:
    """What a reader of ``help`` is told of a function: its own words, its file's, its module's."""
    function = inspect.unwrap(FUNCTIONS[name])
    module = importlib.import_module(f"vestry.kernel.{name.split('.')[0]}")
    texts = (inspect.getdoc(FUNCTIONS[name]), inspect.getmodule(function).__doc__, module.__doc__)
    return "\n".join(text or "" for text in texts)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_argument_of_a_public_function_is_explained(name: str) -> None:
    arguments = inspect.signature(inspect.unwrap(FUNCTIONS[name])).parameters
    told = about(name)
    assert [one for one in arguments if not re.search(rf"(?<!\w){one}(?!\w)", told)] == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_public_function_that_may_give_nothing_says_when(name: str) -> None:
    given = str(inspect.signature(inspect.unwrap(FUNCTIONS[name])).return_annotation)
    if "None" in given:
        assert re.search(r"none|undefined", inspect.getdoc(FUNCTIONS[name]) or "", re.I)


def test_every_module_says_its_units_or_signs_and_its_sources_stand_in_the_readme() -> None:
    sections = re.split(r"^## ", README.read_text("utf-8"), flags=re.M)[1:]
    units = re.compile(r"\b(amount|fraction|positive|sign|rate|share|decimal|date|minor unit|unit|float)s?\b", re.I)
    for module in kernel.__all__:
        if module == "errors":
            continue
        assert units.search(importlib.import_module(f"vestry.kernel.{module}").__doc__ or ""), module
        (section,) = (one for one in sections if module in re.findall(r"\w+", one.splitlines()[0]))
        assert "| source |" in section or re.search(r"\d{4}|Source|docs/concepts", section), module


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_public_function_is_called_by_a_test_of_its_own(name: str) -> None:
    called = re.compile(rf"\b{name.split('.')[1]}\b")
    files = [path for path in TESTS.glob("test_*.py") if path.name != Path(__file__).name]
    written = [*files, *(TESTS / "golden").glob("*.yaml")]
    assert name in CALLS
    assert any(called.search(path.read_text("utf-8")) for path in written), f"{name} is in no test but the general ones"


def test_no_call_is_kept_for_a_function_that_is_gone() -> None:
    assert sorted(CALLS) == sorted(FUNCTIONS)


def test_every_module_of_the_kernel_is_in_its_readme() -> None:
    text = README.read_text("utf-8")
    headings = " ".join(re.findall(r"^## (.*)$", text, re.M))
    missing = [module for module in kernel.__all__ if module not in headings and f"`{module}" not in text]
    assert missing == []


def test_the_kernel_names_every_module_that_others_import() -> None:
    folder = Path(kernel.__file__).parent
    found = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    inner = {"__init__", "accrual", "exact", "explain", "guard"}  # what the modules themselves are built from
    assert found - inner == set(kernel.__all__)
    for module in kernel.__all__:
        assert (importlib.import_module(f"vestry.kernel.{module}").__doc__ or "").strip()
