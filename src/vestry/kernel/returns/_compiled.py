"""The compiled first root of many series (``vestry[fast]``); imported only where it pays, never by ``import returns``.

One series at a time is read once into a few short arrays that stay in the processor's nearest cache, and every loop
over them is one the compiler turns into vector instructions. The discount factor is a power of two computed in place
(a polynomial and a shift of the exponent): a call of ``exp``, or a table to look it up in, would break the vectors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

WIDE = 32  # a series is filled up to a multiple of this: whole vectors, and four equal parts
CLOSE, NEAR, NOISE = 5e-4, 1e-3, 1e-13
_FAST = {"contract", "reassoc", "arcp", "nsz"}  # no assumption that there are no NaNs: they mean "not settled"

_LIMIT = 1000.0  # powers of two beyond this would leave the range of a double
_ROUND = 1.5 * 2.0**52  # added to a number, it leaves the nearest whole number in the lowest bits
_MANTISSA = 52
# 2^x for |x| ≤ ½ by its Taylor series: the first term left out is below a double's last digit.
_P1, _P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9, _P10, _P11, _P12 = (
    math.log(2.0) ** k / math.factorial(k) for k in range(1, 13)
)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _discounted(u: float, day: Any, flow: Any, count: int, term: Any) -> None:
    """term = flow · e^(−u·day), |u·day| below 1,000·ln 2. Nothing may be reordered here: adding ``_ROUND`` rounds."""
    exponent = -u / math.log(2.0)
    for k in range(count):
        y = exponent * day[k]
        shifted = y + _ROUND
        x = y - (shifted - _ROUND)
        high = _P8 + x * (_P9 + x * (_P10 + x * (_P11 + x * _P12)))
        power = 1.0 + x * (_P1 + x * (_P2 + x * (_P3 + x * (_P4 + x * (_P5 + x * (_P6 + x * (_P7 + x * high)))))))
        bits = np.float64(power).view(np.int64) + (np.float64(shifted).view(np.int64) << _MANTISSA)
        term[k] = flow[k] * np.int64(bits).view(np.float64)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _step(day: Any, term: Any, count: int) -> Any:
    """(Step to the root per day, its size for the test of nearness, Σ|terms|) from the discounted flows.

    Newton's step s, refined where it is short by reverting the series of the sum, with b = f″ ÷ f′ and c = f‴ ÷ f′:
    s + b·s²/2 + (b²/2 − c/6)·s³, which leaves an error near the fourth power of the step; else by Halley's formula.
    """
    f, f1, f2, f3, size = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        once = term[k] * day[k]
        twice = once * day[k]
        f += term[k]
        f1 += once
        f2 += twice
        f3 += twice * day[k]
        size += abs(term[k])
    step = f / f1
    bend = f2 / f1
    ratio = bend * step
    if abs(ratio) < 0.5:
        skew = f3 / f1 * step * step
        refined = step * (1.0 + 0.5 * ratio + 0.5 * ratio * ratio - skew / 6.0)
        return refined, abs(step) * max(day[count - 1], abs(bend), math.sqrt(abs(f3 / f1))), size
    shape = 1.0 - 0.5 * ratio
    return (step / shape if 0.5 < shape < 2.0 else step), math.inf, size


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _certain(shut: Any, term: Any, count: int, size: float) -> bool:
    """Whether the running balances prove that there is one root at most: see ``_proved`` in ``_batch``.

    Four quarters of the sum run side by side, so that none waits for another. The first flow is negative; ``shut`` is
    0 where a balance counts, at a day's end, and −∞ where it does not.
    """
    quarter = count >> 2
    term_b, term_c, term_d = term[quarter:], term[2 * quarter :], term[3 * quarter :]
    shut_b, shut_c, shut_d = shut[quarter:], shut[2 * quarter :], shut[3 * quarter :]
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    most_a, most_b, most_c, most_d = -math.inf, -math.inf, -math.inf, -math.inf
    for k in range(quarter):
        a += term[k]
        b += term_b[k]
        c += term_c[k]
        d += term_d[k]
        most_a = max(most_a, a + shut[k])
        most_b = max(most_b, b + shut_b[k])
        most_c = max(most_c, c + shut_c[k])
        most_d = max(most_d, d + shut_d[k])
    most = max(max(most_a, a + most_b), a + b + max(most_c, c + most_d))
    end = abs(a + b + c + d)
    noise = NOISE * size
    if not end < math.inf:
        return False
    return bool(most <= (noise if end <= noise else -end))


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
    if not (gained > 0.0 and paid > 0.0):
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
def _one(u: float, year: float, day: Any, flow: Any, shut: Any, wide: int, term: Any) -> Any:
    """(root per year, proved to be the only one) from a guess per day; NaN where it does not settle."""
    furthest = min(40.0 / year, _LIMIT * math.log(2.0) / max(day[wide - 1], 1.0))
    for _ in range(24):
        if not abs(u) < furthest:
            break
        _discounted(u, day, flow, wide, term)
        step, nearness, size = _step(day, term, wide)
        u += step
        if nearness <= NEAR and abs(step) * year <= CLOSE:
            return u * year, _certain(shut, term, wide, size)
    return math.nan, False


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _read(when: Any, what: Any, day: Any, flow: Any, shut: Any) -> Any:
    """(filled length, whether in order and finite) of a series of which neither the first nor the last flow is zero.

    The first flow becomes negative: a series and its mirror image have the same roots.
    """
    count = when.size
    zero = when[0]
    sign = -1.0 if what[0] > 0.0 else 1.0
    size = 0.0
    for k in range(count):
        day[k] = when[k] - zero
        flow[k] = sign * what[k]
        size += abs(flow[k])
    # On to whole vectors, by one flow at least, with zeros on the last day: a loop's leftovers cost most.
    wide = (count // WIDE + 1) * WIDE
    for k in range(count, wide):
        day[k], flow[k], shut[k] = day[count - 1], 0.0, -math.inf
    least = 0.0
    for k in range(count):
        gap = day[k + 1] - day[k]
        least = min(least, gap)
        shut[k] = 0.0 if gap > 0.0 else -math.inf
    return wide, least >= 0.0 and size < math.inf


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def first_roots(
    days: Any, values: Any, offsets: Any, start: int, stop: int, year: float, roots: Any, alone: Any, span: Any
) -> bool:
    """For the series ``start`` to ``stop``: one root (ln(1 + r) per year) and whether it is certainly the only one.

    ``span`` receives the days from the first to the last flow that is not zero. What is not settled here stays
    ``False`` in ``alone`` and is done elsewhere. False, and nothing settled, when a series is not in order of its days
    or its sizes do not add up to a finite number.
    """
    longest = 0
    for i in range(start, stop):
        longest = max(longest, offsets[i + 1] - offsets[i])
    room = longest + WIDE
    day, flow, shut, term = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    plain = True
    for i in range(start, stop):
        begin, end = offsets[i], offsets[i + 1]
        while begin < end and values[begin] == 0.0:
            begin += 1
        while begin < end and values[end - 1] == 0.0:
            end -= 1
        alone[i] = False
        if begin == end:
            continue
        wide, fine = _read(days[begin:end], values[begin:end], day, flow, shut)
        plain &= fine
        span[i] = days[end - 1] - days[begin]
        if not fine:
            break
        u = _guess(day, flow, wide)
        roots[i], alone[i] = _one(u, year, day, flow, shut, wide, term)
    return plain
