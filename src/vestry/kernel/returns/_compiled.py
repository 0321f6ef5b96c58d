"""The compiled first root of many series (``vestry[fast]``); imported only where it pays, never by ``import returns``.

Days are whole numbers, so a discount factor ``v^d`` is a product of two table look-ups, ``v^(d mod 128)`` and
``v^(128·⌊d/128⌋)``: two short tables for each step of Halley's method instead of one exponential for each flow.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

LOW, SHIFT = 128, 7
CLOSE, NOISE = 5e-5, 1e-13
WIDE = 32
_FAST = {"contract", "reassoc", "arcp", "nsz"}  # no assumption that there are no NaNs: they mean "not settled"


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _fill(base: float, count: int, table: Any) -> None:
    """table[j] = base^j for j < count and on to the next multiple of eight, eight at a time and kept in registers."""
    p0, p1, p2 = 1.0, base, base * base
    p3, p4 = p2 * base, p2 * p2
    p5, p6, p7 = p4 * base, p4 * p2, p4 * p3
    eighth = p4 * p4
    for block in range((count + 7) >> 3):
        j = block << 3
        table[j], table[j + 1], table[j + 2], table[j + 3] = p0, p1, p2, p3
        table[j + 4], table[j + 5], table[j + 6], table[j + 7] = p4, p5, p6, p7
        p0, p1, p2, p3 = p0 * eighth, p1 * eighth, p2 * eighth, p3 * eighth
        p4, p5, p6, p7 = p4 * eighth, p5 * eighth, p6 * eighth, p7 * eighth


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _powers(u: float, last: int, low: Any, high: Any) -> None:
    """Fills the two tables for e^(−u·day); ``high`` has room for ``last + 1`` entries and seven more."""
    _fill(math.exp(-u), LOW, low)
    _fill(low[LOW - 1] * low[1], last + 1, high)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _guess(day: Any, flow: Any, count: int) -> float:
    """The root of the first two cumulants of the money's times, per day; NaN where a sign is missing."""
    gained, gained_1, gained_2 = 0.0, 0.0, 0.0
    paid, paid_1, paid_2 = 0.0, 0.0, 0.0
    for k in range(count):
        plus = max(flow[k], 0.0)
        minus = plus - flow[k]
        square = day[k] * day[k]
        gained += plus
        paid += minus
        gained_1 += plus * day[k]
        paid_1 += minus * day[k]
        gained_2 += plus * square
        paid_2 += minus * square
    if gained <= 0.0 or paid <= 0.0:
        return math.nan
    later, earlier = gained_1 / gained, paid_1 / paid
    span = later - earlier
    if abs(span) < 36.0:
        span = -36.0 if span < 0.0 else 36.0
    gain = math.log(gained / paid)
    spread = gained_2 / gained - later * later - (paid_2 / paid - earlier * earlier)
    inside = span * span - 2.0 * spread * gain
    if inside <= 0.0:
        return gain / span
    return 2.0 * gain / (span + math.copysign(math.sqrt(inside), span))


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _step(day: Any, fine: Any, coarse: Any, flow: Any, count: int, low: Any, high: Any, term: Any) -> Any:
    """(Halley's step per day, Σ|terms|); the discounted flows are left in ``term``."""
    f, f1, f2, size = 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        value = flow[k] * low[fine[k]] * high[coarse[k]]
        term[k] = value
        moment = value * day[k]
        f += value
        f1 += moment
        f2 += moment * day[k]
        size += abs(value)
    step = f / f1
    shape = 1.0 - 0.5 * step * f2 / f1
    return (step / shape if 0.5 < shape < 2.0 else step), size


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _certain(day: Any, term: Any, count: int, size: float) -> bool:
    """Whether the running balances prove that there is one root at most: see ``_proved`` in ``_batch``.

    The two halves of the sum run side by side, so that neither waits for the other; a balance counts at a day's end.
    """
    side = 1.0 if term[0] < 0.0 else -1.0  # the balance has to stay on the side of the first flow
    half = count >> 1
    first, second, most, later = 0.0, 0.0, -math.inf, -math.inf
    for k in range(half):
        first += term[k]
        second += term[half + k]
        if day[k + 1] != day[k]:
            most = max(most, side * first)
        if day[half + k + 1] != day[half + k]:
            later = max(later, side * second)
    if count > 2 * half:
        second += term[count - 1]
    most = max(most, side * first + later)
    end = abs(first + second)
    noise = NOISE * size
    if not end < math.inf:
        return False
    return bool(most <= (noise if end <= noise else -end))


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _one(u: float, year: float, day: Any, fine: Any, coarse: Any, flow: Any, count: int, tables: Any) -> Any:
    """(root per year, proved to be the only one) from a guess per day; NaN where it does not settle."""
    low, high, term = tables
    last = int(coarse[count - 1])
    wide = (count // WIDE + 1) * WIDE
    for _ in range(24):
        if not abs(u) * year < 40.0:
            break
        _powers(u, last, low, high)
        step, size = _step(day, fine, coarse, flow, wide, low, high, term)
        u += step
        if abs(step) * year <= CLOSE:
            return u * year, _certain(day, term, count, size)
    return math.nan, False


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def first_roots(
    days: Any, values: Any, offsets: Any, start: int, stop: int, year: float, roots: Any, alone: Any
) -> None:
    """For the series ``start`` to ``stop``: one root (ln(1 + r) per year) and whether it is certainly the only one.

    Each series is sorted by day and free of zeros; what is not settled here stays ``False`` and is done elsewhere.
    """
    longest, latest = 0, 0
    for i in range(start, stop):
        longest = max(longest, offsets[i + 1] - offsets[i])
        if offsets[i + 1] > offsets[i]:
            latest = max(latest, days[offsets[i + 1] - 1] - days[offsets[i]])
    room = longest + WIDE
    day, flow = np.empty(room), np.empty(room)
    fine, coarse = np.empty(room, dtype=np.uint8), np.empty(room, dtype=np.uint16)
    tables = np.empty(LOW), np.empty((latest >> SHIFT) + 16), np.empty(room)
    for i in range(start, stop):
        when, what = days[offsets[i] : offsets[i + 1]], values[offsets[i] : offsets[i + 1]]
        count = when.size
        alone[i] = False
        if count < 2 or (when[count - 1] - when[0]) >> SHIFT > 65_000:
            continue
        zero = when[0]
        for k in range(count):
            since = when[k] - zero
            day[k] = since
            fine[k] = since & (LOW - 1)
            coarse[k] = since >> SHIFT
            flow[k] = what[k]
        # On to whole vector registers, by one flow at least, with zeros on the last day: a loop's leftovers cost most.
        wide = (count // WIDE + 1) * WIDE
        for k in range(count, wide):
            day[k], fine[k], coarse[k], flow[k] = day[count - 1], fine[count - 1], coarse[count - 1], 0.0
        u = _guess(day, flow, wide)
        roots[i], alone[i] = _one(u, year, day, fine, coarse, flow, count, tables)
