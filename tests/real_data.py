"""Real data lies beside the checkout, never in it: a test that reads it skips, saying so, where it is absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("VESTRY_TEST_DATA", ROOT.parent / "shared" / "data"))


def real_data(name: str) -> Path:
    """The file of that name, or a skip that names what is missing."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"real data absent: {name} (set VESTRY_TEST_DATA to its folder)")
    return path
