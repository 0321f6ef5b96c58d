"""Monthly IRR of many cohorts at once: one outlay, then collections."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from vestry.kernel.cohorts.months import Bools, Floats, read_only

Status = Literal[
    "ok", "multiple_roots", "no_outlay", "no_return", "no_solution", "no_spend", "returned_at_once", "unfunded"
]
Timing = Literal["end_of_month", "same_month"]


def irr_rows(outlay: Floats, returns: Floats, timing: Timing = "end_of_month") -> tuple[Floats, list[Status]]:
    """The monthly rate of each row and its status; NaN inside wherever the status is not ``ok`` or ``multiple_roots``.

    ``outlay``: shape (C,), what was paid, positive. ``returns``: shape (C, W), what period n brought, positive.
    ``end_of_month``: the outlay lies at t = 0 (the month's start), period n at t = n + 1 (its end); ``same_month``:
    period n at t = n. With no negative return the rate is unique: in x = ln(1 + m) the function
    ln Σ cᵢ e^(−x tᵢ) − ln(outlay) falls and is convex, so Newton's steps reach its root from anywhere. A row with
    refunds may have several roots: the one nearest to zero is given, and the status says so.
    """
    if timing == "same_month" and returns.shape[1]:
        outlay, returns = outlay - returns[:, 0], returns[:, 1:]
        paid_back = outlay <= 0
    else:
        paid_back = np.zeros(len(outlay), dtype=np.bool_)
    simple = (outlay > 0) & (returns.sum(1) > 0)
    refunded = np.zeros(len(outlay), dtype=np.bool_)
    if returns.min(initial=0.0) < 0:
        refunded = (returns.min(1) < 0) & (outlay > 0)
        simple &= ~refunded
    rates = np.full(len(outlay), np.nan)
    if len(simple) and simple.all():
        rates = np.expm1(_newton(outlay, returns))
    elif simple.any():
        rates[simple] = np.expm1(_newton(outlay[simple], returns[simple]))
    status: list[Status] = ["ok"] * len(outlay)
    if not simple.all():
        for row in np.flatnonzero(~simple & ~refunded).tolist():
            status[row] = "no_return" if outlay[row] > 0 else "returned_at_once" if paid_back[row] else "no_outlay"
        rows = np.flatnonzero(refunded)
        for some in np.array_split(rows, max(1, len(rows) // _TOGETHER)) if len(rows) else ():
            rates[some], found = _with_refunds(outlay[some], returns[some])
            for row, one in zip(some.tolist(), found, strict=True):
                status[row] = one
    return rates, status


def annual(monthly: Floats) -> Floats:
    """(1 + m)^12 − 1."""
    yearly: Floats = (1 + monthly) ** 12 - 1
    return yearly


def _newton(outlay: Floats, returns: Floats) -> Floats:
    """The root x of ln Σ c e^(−x t) = ln outlay per row, t = 1 … W; the first step starts at x = 0."""
    moments = _moments(returns.shape[1])
    t = moments[1]
    target = np.log(outlay)
    x = _step(moments @ returns.T, target)
    logs: Floats | None = None
    for _ in range(100):
        powers = np.multiply.outer(-x, t)
        if np.abs(x).max() * t[-1] < 600:
            weights = np.exp(powers, out=powers)
            weights *= returns
            step = _step(moments @ weights.T, target)
        else:
            if logs is None:
                logs = np.log(returns, out=np.full(returns.shape, -np.inf), where=returns > 0)
            powers += logs
            shift = powers.max(axis=1)
            step = _step(moments @ np.exp(powers - shift[:, None]).T, target - shift)
        x += step
        if np.abs(step).max() < 1e-4:
            break
    return x


@lru_cache(maxsize=64)
def _moments(width: int) -> Floats:
    """1, t, t² and t³ for t = 1 … width, shape (4, width)."""
    t = np.arange(1.0, width + 1)
    return read_only(np.stack([np.ones_like(t), t, t * t, t**3]))


def _step(sums: Floats, target: Floats) -> Floats:
    """The step toward the root from Σ w tⁿ, n = 0 … 3 (shape (4, C): each sum a row).

    Newton's step e, refined near the root by reverting the series of ln Σ w e^(−δ t) in its cumulants κ:
    δ = e + b e²/2 + (b²/2 − κ₃/(6 κ₁)) e³ with b = κ₂/κ₁, which quadruples the digits of a step.
    """
    total, first = sums[0], sums[1]
    mean = first / total
    square, cube = sums[2:] / first  # both over the mean
    step: Floats = (np.log(total) - target) / mean
    bend = square - mean
    skew = cube - mean * (3 * square - 2 * mean)
    ratio = bend * step
    refined = 1 + ratio * (0.5 + 0.5 * ratio) - skew * step * step / 6
    small = np.abs(ratio) < 0.5
    step *= refined if small.all() else np.where(small, refined, 1.0)
    return step


def _with_refunds(outlay: Floats, returns: Floats) -> tuple[Floats, list[Status]]:
    """Every root of each row is found from the sign changes over a fine grid of x, and the nearest to zero kept."""
    flows = np.concatenate([-outlay[:, None], returns], axis=1)
    rates = np.full(len(flows), np.nan)
    below = flows @ _weights(_GRID, flows.shape[1]).T < 0
    row, at = np.nonzero(below[:, 1:] != below[:, :-1])
    roots = _bisect(flows[row], _GRID[at], _GRID[at + 1], below[row, at])
    order = np.lexsort((np.abs(roots), row))
    first = np.unique(row[order], return_index=True)
    rates[first[0]] = np.expm1(roots[order][first[1]])
    counts = np.bincount(row, minlength=len(flows)).tolist()
    brought = np.asarray((flows > 0).any(axis=1)).tolist()
    return rates, [
        "ok" if count == 1 else "multiple_roots" if count else "no_solution" if some else "no_return"
        for count, some in zip(counts, brought, strict=True)
    ]


_TOGETHER = 2000  # rows with refunds looked at together: their grid of values stays below twenty megabytes
_GRID = np.concatenate([-np.geomspace(40, 1e-4, 600), [0.0], np.geomspace(1e-4, 40, 600)])


def _weights(x: Floats, width: int) -> Floats:
    """e^(−x t) for t = 0 … width − 1, each row of x scaled by its largest, which moves no root."""
    powers = np.multiply.outer(-x, np.arange(width))
    powers -= powers.max(axis=1, keepdims=True)
    weights: Floats = np.exp(powers, out=powers)
    return weights


def _bisect(flows: Floats, low: Floats, high: Floats, below: Bools) -> Floats:
    """The root of each row of flows between two points of opposite sign, halved until no double lies between."""
    low, high = low.copy(), high.copy()
    for _ in range(200):
        middle = (low + high) / 2
        if ((middle == low) | (middle == high)).all():
            break
        inside = ((flows * _weights(middle, flows.shape[1])).sum(axis=1) < 0) == below
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    middle_of_last: Floats = (low + high) / 2
    return middle_of_last


def defined(rates: Floats) -> list[float | None]:
    """The rates as floats, ``None`` where there is none."""
    return [None if undefined else rate for rate, undefined in zip(rates.tolist(), np.isnan(rates), strict=True)]
