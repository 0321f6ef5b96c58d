"""The months of all cohorts as JSON, put together column by column: a thousand months are no thousand objects.

Each month is a row of pieces: what all months of its period or calendar month begin with, the digits of its amounts
(written out for all months at once), and what is between them, which takes a few forms only.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from vestry.cohorts.months import first_day
from vestry.core.fields import exact_text
from vestry.core.types import MONEY_SCALE
from vestry.kernel.cohorts import CohortCashflows
from vestry.kernel.cohorts.matrix import WIDEST
from vestry.kernel.cohorts.months import Bools, Floats, Ints

Objects = npt.NDArray[Any]
PLACES: Final = 10**MONEY_SCALE
FLAGS: Final = ("false", "true")
# The pieces of a month: its period, its calendar month, four amounts (digits, places with what always follows), what is
# between the second and the third, and its end.
PIECES: Final = 12
# Where each of the four amounts stands, and what follows its last place.
_AMOUNTS: Final = ((2, '","cumulative_payment":"'), (4, ""), (7, '","cumulative_collected":"'), (9, ""))
_ENDS: Final[Objects] = np.array(
    [f'","capped":{capped},"predicted":{predicted}}}' for capped in FLAGS for predicted in FLAGS], dtype=object
)
_STARTS: Final = [f'{"," if period else ""}{{"period":{period},"month":"' for period in range(WIDEST)]


class Periods:
    """The known and expected months of every cohort, and where each of them ends.

    ``shares``: what the fund collects of each row, as text. ``paid`` and ``collected``: all that was by the last month
    of a row, as text; ``capped``: whether the cap was reached by then; ``counts``: the months of a row.
    """

    def __init__(self, result: CohortCashflows, shares: list[str]) -> None:
        valid = result.valid
        self.counts: list[int] = valid.sum(axis=1).tolist()
        self._ends: list[int] = np.cumsum(self.counts, dtype=np.int64).tolist()
        scale = float(PLACES // 10**result.matrix.minor_digits)
        paid, collected = result.payment.cumsum(axis=1), result.cumulative_collected
        amounts = [_units(one[valid], scale) for one in (result.payment, paid, result.collected, collected)]
        digits, part = written(np.concatenate(amounts))
        total = len(amounts[0])
        capped = result.capped[valid]
        pieces: list[str] = [""] * (total * PIECES)
        pieces[0::PIECES] = chain.from_iterable(_STARTS[:count] for count in self.counts)
        months = zip(result.matrix.months.tolist(), self.counts, strict=True)
        pieces[1::PIECES] = chain.from_iterable(map(_month, range(first, first + count)) for first, count in months)
        for one, (at, after) in enumerate(_AMOUNTS):
            pieces[at::PIECES] = digits[one * total : (one + 1) * total]
            pieces[at + 1 :: PIECES] = _places(after)[part[one * total : (one + 1) * total]].tolist()
        pieces[6::PIECES] = _between(result.failed, result.full_share, shares)[valid].tolist()
        pieces[11::PIECES] = _ENDS[2 * capped + result.predicted[valid]].tolist()
        self._pieces = pieces
        self.paid = self._last(digits, part, total)
        self.collected = self._last(digits, part, 3 * total)
        self.capped = [bool(capped[end - 1]) if count else False for end, count in self._each()]

    def json(self, row: int) -> orjson.Fragment:
        """A cohort's months, the first one first."""
        end = self._ends[row]
        return orjson.Fragment(f"[{''.join(self._pieces[(end - self.counts[row]) * PIECES : end * PIECES])}]")

    def _each(self) -> zip[tuple[int, int]]:
        return zip(self._ends, self.counts, strict=True)

    def _last(self, digits: list[str], part: Ints, before: int) -> list[str]:
        ends = [before + end - 1 if count else -1 for end, count in self._each()]
        return [digits[end] + _places()[part[end]] if end >= 0 else "0.00" for end in ends]


def _units(amounts: Floats, scale: float) -> Ints:
    return np.rint(amounts * scale).astype(np.int64)


def written(units: Ints) -> tuple[list[str], Ints]:
    """Units of the last place of money: before the point as text, and the units after it."""
    below = units < 0
    whole, part = np.divmod(np.abs(units), PLACES)
    if not len(units):
        return [], part
    digits = orjson.dumps(whole, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")
    for at in np.flatnonzero(below).tolist():
        digits[at] = f"-{digits[at]}"
    return digits, part


def _between(failed: Bools, full: Bools, shares: list[str]) -> Objects:
    """Shape (C, W): what lies between a month's payment and what is collected of it."""
    forms: Objects = np.array([_forms(share) for share in shares], dtype=object).reshape(-1, 4)
    found: Objects = forms[np.arange(len(shares))[:, None], 2 * failed + full]
    return found


@lru_cache(maxsize=1_000)
def _forms(share: str) -> tuple[str, ...]:
    return tuple(
        f'","threshold_failed":{failed},"share_applied":"{one}","collected":"'
        for failed in FLAGS
        for one in (share, "1")
    )


@lru_cache(maxsize=4_000)
def _month(index: int) -> str:
    return f'{first_day(index).isoformat()}","payment":"'


@lru_cache(maxsize=4)
def _places(after: str = "") -> Objects:
    """Every fraction of money as it is shown, two places at least and no zeros beyond them, and what follows it."""
    return np.array([exact_text(f"0.{part:0{MONEY_SCALE}d}", 2)[1:] + after for part in range(PLACES)], dtype=object)
