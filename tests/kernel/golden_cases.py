"""Reads the worked cases of a module: ``case("returns", "IRR-001")``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "golden"


@cache
def cases(name: str) -> dict[str, dict[str, Any]]:
    """Every case of ``golden/NAME.yaml`` by id."""
    return {one["id"]: one for one in yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))}


def case(name: str, identifier: str) -> dict[str, Any]:
    """One case."""
    return cases(name)[identifier]
