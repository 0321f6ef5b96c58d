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
_FAST = {"contract", "reassoc", "arcp", "nsz"}  # no assumption that there are no NaNs: they mean "not settled"


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _fill(base: float, count: int, table: Any) -> None:
    """table[j] = base^j, eight at a time so that no product waits for the one before."""
    table[0] = 1.0
    for j in range(1, 8):
        table[j] = table[j - 1] * base
    eighth = table[7] * base
    for j in range(8, count):
        table[j] = table[j - 8] * eighth


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _powers(u: float, last: int, low: Any, high: Any) -> None:
    _fill(math.exp(-u), low.size, low)
    _fill(low[low.size - 1] * low[1], last + 1, high)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _guess(day: Any, flow: Any, count: int) -> float:
    """The root of the first two cumulants of the money's times, per day; NaN where a sign is missing."""
    gained = 0.0
    paid = 0.0
    gained_1 = 0.0
    paid_1 = 0.0
    gained_2 = 0.0
    paid_2 = 0.0
    for k in range(count):
        plus = max(flow[k], 0.0)
        minus = plus - flow[k]
        d = float(day[k])
        square = d * d
        gained += plus
        paid += minus
        gained_1 += plus * d
        paid_1 += minus * d
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
def _step(day: Any, flow: Any, count: int, low: Any, high: Any, term: Any) -> tuple[float, float]:
    """(Halley's step per day, Σ|terms|); the discounted flows are left in ``term``."""
    f = 0.0
    f1 = 0.0
    f2 = 0.0
    size = 0.0
    for k in range(count):
        d = day[k]
        value = flow[k] * low[d & (LOW - 1)] * high[d >> SHIFT]
        term[k] = value
        moment = value * d
        f += value
        f1 += moment
        f2 += moment * d
        size += abs(value)
    step = f / f1
    shape = 1.0 - 0.5 * step * f2 / f1
    return (step / shape if 0.5 < shape < 2.0 else step), size


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _certain(day: Any, term: Any, count: int, size: float) -> bool:
    """Whether the running balances prove that there is one root at most: see ``_proved`` in ``_batch``."""
    running = 0.0
    least = math.inf
    most = -math.inf
    for k in range(count - 1):
        running += term[k]
        if day[k + 1] != day[k]:
            least = min(least, running)
            most = max(most, running)
    end = abs(running + term[count - 1])
    noise = NOISE * size
    if not end < math.inf:
        return False
    if end <= noise:
        return bool(most <= noise or least >= -noise)
    return bool(most <= -end or least >= end)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def first_roots(
    days: Any, values: Any, offsets: Any, start: int, stop: int, year: float, roots: Any, alone: Any
) -> None:
    """For the series ``start`` to ``stop``: one root (ln(1 + r) per year) and whether it is certainly the only one.

    Each series is sorted by day and free of zeros; what is not settled here stays ``False`` and is done elsewhere.
    """
    low = np.empty(LOW)
    high = np.empty(64)
    longest = 0
    for i in range(start, stop):
        longest = max(longest, offsets[i + 1] - offsets[i])
    day = np.empty(longest, dtype=np.int32)
    flow = np.empty(longest)
    term = np.empty(longest)
    for i in range(start, stop):
        begin = offsets[i]
        count = offsets[i + 1] - begin
        alone[i] = False
        if count < 2:
            continue
        zero = days[begin]
        last = (days[begin + count - 1] - zero) >> SHIFT
        if last >= high.size:
            high = np.empty(last + 1)
        for k in range(count):
            day[k] = days[begin + k] - zero
            flow[k] = values[begin + k]
        u = _guess(day, flow, count)
        for _ in range(24):
            if not abs(u) * year < 40.0:
                break
            _powers(u, last, low, high)
            step, size = _step(day, flow, count, low, high, term)
            u += step
            if abs(step) * year <= CLOSE:
                roots[i] = u * year
                alone[i] = _certain(day, term, count, size)
                break
