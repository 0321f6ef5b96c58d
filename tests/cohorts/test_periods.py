"""Amounts that are written out for all months at once read as those written one by one."""

from __future__ import annotations

import numpy as np

from vestry.cohorts.cashflows.periods import _places, written
from vestry.core.fields import units_text
from vestry.core.types import MONEY_SCALE


def test_amounts_written_together_read_as_those_written_one_by_one() -> None:
    units = [0, 1, -1, 9, -4_000, 4_000, 10_000, -10_000, -12_345, 99_990_100, 2**53 - 1, 1 - 2**53]
    units += np.random.default_rng(4).integers(-(10**9), 10**9, 500).tolist()
    digits, part = written(np.array(units, dtype=np.int64))
    places = _places()[part].tolist()
    assert list(map("".join, zip(digits, places, strict=True))) == [units_text(one, MONEY_SCALE, 2) for one in units]
    digits, part = written(np.zeros(0, dtype=np.int64))
    assert (digits, part.tolist()) == ([], [])
