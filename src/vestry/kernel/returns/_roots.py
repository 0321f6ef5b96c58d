"""Every real root of a discounted stream, found in log space and certified.

The net present value at the continuous rate ``u = ln(1 + r)`` is the exponential sum ``f(u) = Σ aₖ·e^(−u·tₖ)``. Four
facts carry this module, all for times in ascending order and non-zero amounts:

1. *Balance certificate.* At a root ``u*`` let ``S(t)`` be the running sum of the present values. For every ``u``,
   ``f(u) = (u − u*)·∫ S(t)·e^(−(u−u*)t) dt``: if ``S`` never changes sign there is no other root. (The investment is
   never overdrawn at its own rate: Soper 1959, Gronchi 1986; the "pure investment" of Teichroew, Robichek and
   Montalbano 1965.)
2. *Bound above.* The roots beyond ``c`` are at most as many as the sign changes of the running sums at ``c``, or fewer
   by an even number (Laguerre 1883; at c = 0 this is Norstrom's criterion, 1972). Run from the last flow backwards the
   same bounds the roots below ``c``.
3. *Exclusion.* On ``[m − h, m + h]``, ``|f(u) − f(m) − f′(m)(u − m)| ≤ h²/2 · max|f″|``; hence no root when
   ``|f(m)| > |f′(m)|·h + M·h²/2``, and at most one when ``|f′(m)| > M·h``.
4. Multiplying by ``e^(uτ)`` moves no root, so times may be measured from wherever the sum is best scaled.

A first root comes from Halley's method; where it is certified the work is done. Otherwise 2 cuts the line down to a
finite stretch (with at most one root beyond each end) and 3 bisects that, all pieces of one width at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Count = Callable[[Floats, Floats, float], tuple[int, int]]
"""``balance`` or ``balance_back``."""

LOWEST = -36.7
"""ln(1 + r) of the lowest rate that a double still tells from −100 %."""
HIGHEST = 709.7
"""ln(1 + r) of the highest rate a double can hold."""
NOISE = 1e-13
"""A sum smaller than this share of the sum of its terms' sizes is rounding, and has no sign."""
_NARROW = 2e-7  # pieces this narrow (in u) are settled by looking: two roots closer than that count as one
_CELLS = 1 << 18  # points × flows looked at together: two megabytes a matrix
_MANY = 4096  # more undecided pieces than that: a stretch where the sum is all rounding, and narrower ones tell no more


def find_roots(times: Floats, amounts: Floats) -> list[float]:
    """All roots ``u = ln(1 + r)`` between ``LOWEST`` and ``HIGHEST``, ascending.

    ``times`` in years, strictly ascending; ``amounts`` finite and non-zero, of both signs. A double root counts once.
    """
    first = halley(times, amounts)
    if first is not None and alone(times, amounts, first):
        return [first]
    return isolate(times, amounts)


def halley(times: Floats, amounts: Floats) -> float | None:
    """One root by Halley's method from a duration guess, or None where it does not settle."""
    positive = np.maximum(amounts, 0.0)
    negative = positive - amounts
    gained, paid = float(positive.sum()), float(negative.sum())
    if not (gained > 0.0 and paid > 0.0):
        return None
    u = first_guess(gained, paid, float(positive @ times), float(negative @ times))
    rows = np.stack((amounts, amounts * times, amounts * times * times))
    for _ in range(30):
        if not abs(u) < 40.0 or u * times[-1] < -600.0:
            return None
        value, slope, bend = map(float, rows @ np.exp(times * -u))
        if slope == 0.0:
            return None
        step = value / slope  # f′ = −slope, so the Newton step is u + value / slope
        u += step
        shape = 1.0 - 0.5 * (step * bend / slope)
        if 0.5 < shape < 2.0:
            u += step / shape - step
        if abs(step) <= 1e-9 * max(1.0, abs(u)):
            return u  # the step just taken left an error near the cube of its size
    return None


def first_guess(gained: float, paid: float, gained_years: float, paid_years: float) -> float:
    """ln(gain over cost) per year between the two centres of gravity of the money."""
    years = gained_years / gained - paid_years / paid
    if abs(years) < 0.1:
        years = -0.1 if years < 0 else 0.1
    return max(-15.0, min(15.0, (math.log(gained) - math.log(paid)) / years))


def alone(times: Floats, amounts: Floats, root: float) -> bool:
    """Whether the running sum at a root proves that there is no other (fact 1), and the root is one to rounding."""
    values = amounts * np.exp(times * -root)
    running = np.cumsum(values)
    size = float(np.abs(values).sum())
    if not size < math.inf or abs(float(running[-1])) > 1e-9 * size:
        return False
    before = running[:-1]
    limit = NOISE * size
    return bool(before.max() <= limit or before.min() >= -limit)


def isolate(times: Floats, amounts: Floats) -> list[float]:
    """All roots by cutting the line down (fact 2) and bisecting what is left (fact 3)."""
    roots: list[float] = []
    low, root = _end(times, amounts, balance_back, LOWEST, amounts[-1])
    if root is not None:
        roots.append(root)
    high, root = _end(times, amounts, balance, HIGHEST, amounts[0])
    if root is not None:
        roots.append(root)
    if low < high:
        roots.extend(_between(times, amounts, low, high))
    return _merge(times, amounts, sorted(roots))


def balance(times: Floats, amounts: Floats, u: float) -> tuple[int, int]:
    """(sign changes, last sign) of the balance compounded from the first flow on; it has the running sum's signs."""
    return _changes(np.diff(times, prepend=times[0]).tolist(), amounts.tolist(), u)


def balance_back(times: Floats, amounts: Floats, u: float) -> tuple[int, int]:
    """The same from the last flow backwards; its last sign, too, is the net present value's."""
    return _changes(np.diff(times[::-1], prepend=times[-1]).tolist(), amounts[::-1].tolist(), u)


def _changes(gaps: list[float], amounts: list[float], u: float) -> tuple[int, int]:
    total, sign, changes = 0.0, 0, 0
    for gap, amount in zip(gaps, amounts, strict=True):
        total = total * math.exp(min(700.0, u * gap)) + amount
        if total > 0.0:
            changes += sign < 0
            sign = 1
        elif total < 0.0:
            changes += sign > 0
            sign = -1
    return changes, sign


def _end(times: Floats, amounts: Floats, count: Count, stop: float, outermost: float) -> tuple[float, float | None]:
    """A point toward ``stop`` beyond which at most one root lies, and that root if there is one.

    Far out the ``outermost`` flow alone weighs, and the sum has its sign.
    """
    beyond = math.copysign(1.0, outermost)
    u = math.copysign(0.25, stop)
    changes, sign = count(times, amounts, u)
    while changes > 1 and abs(u) < abs(stop):
        u = _outward(u, stop)
        changes, sign = count(times, amounts, u)
    if sign == beyond:
        return u, None
    inner = outer = u
    while sign not in (0, beyond) and abs(outer) < abs(stop):
        inner, outer = outer, _outward(outer, stop)
        sign = count(times, amounts, outer)[1]
    if sign not in (0, beyond):
        return u, None  # the root lies where a double cannot hold its rate
    return u, _refine(times, amounts, min(inner, outer), max(inner, outer))


def _outward(u: float, stop: float) -> float:
    return math.copysign(min(2.0 * abs(u), abs(stop)), stop)


def _between(times: Floats, amounts: Floats, low: float, high: float) -> list[float]:
    roots: list[float] = []
    pieces = np.array([0.5 * (low + high)])
    half = 0.5 * (high - low)
    while pieces.size:
        value, slope, bend, size = _taylor_of_all(times, amounts, pieces, half)
        with np.errstate(over="ignore", invalid="ignore"):
            reach = bend * half
            empty = np.abs(value) > np.abs(slope) * half + 0.5 * reach * half + NOISE * size
            straight = np.abs(slope) > reach + NOISE * size
        keep = ~empty
        single = keep & straight
        roots.extend(_settle(times, amounts, middle - half, middle + half) for middle in pieces[single].tolist())
        rest = pieces[keep & ~straight]
        if half <= _NARROW or rest.size > _MANY:
            roots.extend(_look(times, amounts, middle, half) for middle in rest)
            break
        half *= 0.5
        pieces = np.concatenate((rest - half, rest + half))
    return [root for root in roots if not math.isnan(root)]


def _taylor_of_all(times: Floats, amounts: Floats, at: Floats, half: float) -> Floats:
    """What ``_taylor`` tells of each point, some points at a time: they may be thousands, and so may the flows."""
    step = max(1, _CELLS // times.size)
    return np.hstack([_taylor(times, amounts, at[start : start + step], half) for start in range(0, at.size, step)])


def _taylor(times: Floats, amounts: Floats, at: Floats, half: float) -> Floats:
    """Value, slope, a bound on |f″| within ``half`` and Σ|terms| at each point, each scaled by its largest term.

    At each point time is counted from the centre of gravity of its terms (fact 4): at a high rate only the first flows
    weigh, and seen from there the sum hardly bends, however long the later ones go on.
    """
    exponents = -np.multiply.outer(at, times)
    exponents -= exponents.max(axis=1, keepdims=True)
    sizes = np.exp(exponents) * np.abs(amounts)
    size = sizes.sum(axis=1)
    away = times - ((sizes @ times) / size)[:, None]
    terms = np.copysign(sizes, amounts)
    slope = -(terms * away).sum(axis=1)
    np.abs(away, out=away)
    # In one exponent: apart, a term too small for a double here and huge at the piece's end would count for nothing.
    exponents += half * away
    with np.errstate(over="ignore"):
        bend = (np.exp(np.minimum(exponents, 700.0, out=exponents)) * away * away) @ np.abs(amounts)
    return np.stack((terms.sum(axis=1), slope, bend, size))


def scaled(times: Floats, amounts: Floats, u: float) -> tuple[float, float, float]:
    """(value, slope in u, Σ|terms|), with time counted from the flow that weighs most, so that nothing overflows."""
    from_there = times - (times[0] if u >= 0 else times[-1])
    terms = amounts * np.exp(from_there * -u)
    return float(terms.sum()), -float(terms @ from_there), float(np.abs(terms).sum())


def _settle(times: Floats, amounts: Floats, low: float, high: float) -> float:
    """The root in a piece that holds at most one, or NaN; a sum that is rounding at an end makes that end the root."""
    left, _, left_size = scaled(times, amounts, low)
    right, _, right_size = scaled(times, amounts, high)
    if abs(left) <= NOISE * left_size:
        return _polish(times, amounts, low)
    if abs(right) <= NOISE * right_size:
        return _polish(times, amounts, high)
    return _refine(times, amounts, low, high) if (left > 0.0) != (right > 0.0) else math.nan


def _polish(times: Floats, amounts: Floats, u: float) -> float:
    value, slope, size = scaled(times, amounts, u)
    step = -value / slope if abs(slope) > 1e-6 * size else 0.0
    return u + step if abs(step) < 1e-6 else u


def _refine(times: Floats, amounts: Floats, low: float, high: float) -> float:
    """The root between two points of opposite sign: Newton's step where it stays inside and helps, else bisection."""
    start = scaled(times, amounts, low)[0]
    if start == 0.0:
        return low
    rising = start < 0.0
    u, last = 0.5 * (low + high), high - low
    for _ in range(200):
        value, slope, size = scaled(times, amounts, u)
        if value == 0.0:
            return u
        if (value > 0.0) == rising:
            high = u
        else:
            low = u
        step = -value / slope if slope else math.inf
        target = u + step
        if not low < target < high or abs(step) > 0.6 * last:
            target = 0.5 * (low + high)
            step = target - u
        last, u = abs(step), target
        if abs(step) <= 2e-16 * max(1.0, abs(u)) or (abs(value) <= 1e-15 * size and abs(step) <= 1e-12):
            return u
    return u


def _look(times: Floats, amounts: Floats, middle: float, half: float) -> float:
    """A piece too narrow to split: the point where the sum touches zero, or a root it crosses at, or NaN."""
    u = middle
    for _ in range(8):  # towards the point where the slope vanishes: there a sum that touches zero does
        terms = amounts * np.exp((times - times[0]) * -u)
        slope, bend = -float(terms @ times), float(terms @ (times * times))
        u = min(middle + half, max(middle - half, u - slope / bend)) if bend else u
    value, _, size = scaled(times, amounts, u)
    return u if abs(value) <= NOISE * size else _settle(times, amounts, middle - half, middle + half)


def _merge(times: Floats, amounts: Floats, roots: list[float]) -> list[float]:
    """Neighbours between which the sum is only rounding are one (double or triple) root: keep their middle."""
    groups: list[list[float]] = []
    for root in roots:
        if groups:
            value, _, size = scaled(times, amounts, 0.5 * (groups[-1][-1] + root))
            if root - groups[-1][-1] <= 1e-9 or (root - groups[-1][-1] < 1e-3 and abs(value) <= NOISE * size):
                groups[-1].append(root)
                continue
        groups.append([root])
    return [0.5 * (group[0] + group[-1]) for group in groups]
