"""How much room the disk has."""

from __future__ import annotations

import shutil
from pathlib import Path

LOW, FULL = 0.15, 0.02  # shares of a disk that are free
ENOUGH_BYTES = 20_000_000_000  # so much room is enough however large the disk
FULL_BYTES = 64_000_000


def free(path: Path) -> tuple[int, float]:
    """Bytes that are free where a file lies or will lie, and their share of the disk."""
    place = next(one for one in (path, *path.absolute().parents) if one.exists())
    found = shutil.disk_usage(place)
    return found.free, found.free / found.total


def is_low(path: Path) -> bool:
    """Whether somebody should make room."""
    size, share = free(path)
    return share < LOW and size < ENOUGH_BYTES


def is_full(path: Path) -> bool:
    """Whether nothing more should be sent here."""
    size, share = free(path)
    return size < FULL_BYTES or (share < FULL and size < ENOUGH_BYTES)
