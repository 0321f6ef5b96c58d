"""Monthly IRR of many cohorts at once: one outlay, then collections."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import numpy as np

from vestry.kernel.cohorts.months import Floats, read_only

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
        for row in np.flatnonzero(~simple).tolist():
            status[row] = "no_return" if outlay[row] > 0 else "returned_at_once" if paid_back[row] else "no_outlay"
            if refunded[row]:
                rates[row], status[row] = _with_refunds(float(outlay[row]), returns[row])
    return rates, status


def annual(monthly: Floats) -> Floats:
    """(1 + m)^12 − 1."""
    yearly: Floats = (1 + monthly) ** 12 - 1
    return yearly


def _newton(outlay: Floats, returns: Floats) -> Floats:
    """The root x of ln Σ c e^(−x t) = ln outlay per row, t = 1 … W; the first step starts at x = 0."""
    moments = _moments(returns.shape[1])
    t = moments[:, 1]
    target = np.log(outlay)
    x = _step(returns @ moments, target)
    logs: Floats | None = None
    for _ in range(100):
        powers = np.multiply.outer(-x, t)
        if np.abs(x).max() * t[-1] < 600:
            weights = np.exp(powers, out=powers)
            weights *= returns
            step = _step(weights @ moments, target)
        else:
            if logs is None:
                logs = np.log(returns, out=np.full(returns.shape, -np.inf), where=returns > 0)
            powers += logs
            shift = powers.max(axis=1)
            step = _step(np.exp(powers - shift[:, None]) @ moments, target - shift)
        x += step
        if np.abs(step).max() < 1e-4:
            break
    return x


@lru_cache(maxsize=64)
def _moments(width: int) -> Floats:
    """1, t, t² and t³ for t = 1 … width, shape (width, 4)."""
    t = np.arange(1.0, width + 1)
    return read_only(np.stack([np.ones_like(t), t, t * t, t**3], axis=1))


def _step(sums: Floats, target: Floats) -> Floats:
    """The step toward the root from Σ w tⁿ, n = 0 … 3 (shape (C, 4)).

    Newton's step e, refined near the root by reverting the series of ln Σ w e^(−δ t) in its cumulants κ:
    δ = e + b e²/2 + (b²/2 − κ₃/(6 κ₁)) e³ with b = κ₂/κ₁, which quadruples the digits of a step.
    """
    total = sums[:, 0]
    mean, square, cube = (sums[:, 1:] / total[:, None]).T
    step: Floats = (np.log(total) - target) / mean
    bend = square / mean - mean
    skew = (cube - 3 * mean * square) / mean + 2 * mean * mean
    ratio = bend * step
    refined = 1 + ratio / 2 + ratio * ratio / 2 - skew * step * step / 6
    step *= np.where(np.abs(ratio) < 0.5, refined, 1.0)
    return step


def _with_refunds(outlay: float, returns: Floats) -> tuple[float, Status]:
    """Every root is found from the sign changes over a fine grid of x, and the nearest to zero kept."""
    flows = np.concatenate([[-outlay], returns])
    t = np.arange(len(flows))

    def value(x: float) -> float:
        powers = -x * t
        return float((flows * np.exp(powers - powers.max())).sum())

    roots = [_bisect(value, low, high) for low, high in _brackets(value)]
    if not roots:
        return float("nan"), "no_solution" if (flows > 0).any() else "no_return"
    return float(np.expm1(min(roots, key=abs))), "ok" if len(roots) == 1 else "multiple_roots"


def _brackets(value: Callable[[float], float]) -> list[tuple[float, float]]:
    grid = np.concatenate([-np.geomspace(40, 1e-4, 600), [0.0], np.geomspace(1e-4, 40, 600)]).tolist()
    signs = [value(x) for x in grid]
    return [
        (low, high)
        for low, high, left, right in zip(grid, grid[1:], signs, signs[1:], strict=False)
        if (left < 0) != (right < 0)
    ]


def _bisect(value: Callable[[float], float], low: float, high: float) -> float:
    below = value(low) < 0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (value(middle) < 0) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def defined(rates: Floats) -> list[float | None]:
    """The rates as floats, ``None`` where there is none."""
    return [None if undefined else rate for rate, undefined in zip(rates.tolist(), np.isnan(rates), strict=True)]
