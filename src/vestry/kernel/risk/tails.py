"""Value at risk and the mean beyond it. Losses are negative."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.dispersion import kurtosis, skewness
from vestry.kernel.risk.figure import Figure, Series, basis, deviation, figure, series, too_few, undefined

Method = Literal["historical", "parametric", "cornish_fisher"]


@guarded
def value_at_risk(
    returns: Series,
    tail: float = 0.05,
    *,
    method: Method = "historical",
    population: bool = False,
    horizon: float = 1.0,
) -> Figure:
    """The return that a share ``tail`` of outcomes falls below (0.05 for 95 %); a loss is negative.

    historical: percentile with linear interpolation between order statistics (NumPy's default). parametric: normal,
    ``μ h + z σ √h`` over ``horizon`` periods (scaling holds for independent returns only). cornish_fisher: z corrected
    for skewness and kurtosis. The last two need two observations; historical takes 0 ≤ tail ≤ 1.
    """
    numbers = series(returns)
    convention = f"{method} percentile {tail:g}, losses negative" + (
        "" if method == "historical" else f", {basis(population)} σ, horizon {horizon:g}"
    )
    if method == "historical":
        if not 0 <= tail <= 1:
            raise KernelError(f"tail must lie in [0, 1], got {tail}")
        if horizon != 1:
            raise KernelError("historical value at risk has no horizon: give returns of that length")
        if not numbers.size:
            return too_few(1, convention, 0)
        return figure(float(np.percentile(numbers, 100 * tail)), convention, numbers.size)
    _check(tail, horizon)
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    z = NormalDist().inv_cdf(tail)
    if method == "cornish_fisher":
        skew, tails = skewness(numbers), kurtosis(numbers)
        if skew.value is None or tails.value is None:
            return undefined("returns do not vary", convention, numbers.size)
        z = _cornish_fisher(z, skew.value, tails.value)
    elif method != "parametric":
        raise KernelError(f"unknown method {method!r}; one of historical, parametric, cornish_fisher")
    sigma = deviation(numbers, population=population)
    return figure(float(numbers.mean()) * horizon + z * sigma * math.sqrt(horizon), convention, numbers.size)


@guarded
def conditional_value_at_risk(
    returns: Series,
    tail: float = 0.05,
    *,
    method: Literal["historical", "parametric"] = "historical",
    population: bool = False,
    horizon: float = 1.0,
) -> Figure:
    """The mean return at or below the value at risk (expected shortfall); never above it.

    parametric: ``μ h − σ √h φ(z) / tail``.
    """
    numbers = series(returns)
    convention = f"{method}: mean of returns ≤ value at risk at {tail:g}, losses negative"
    if method == "historical":
        cut = value_at_risk(numbers, tail, horizon=horizon)
        if cut.value is None:
            return cut
        return figure(float(numbers[numbers <= cut.value].mean()), convention, numbers.size)
    if method != "parametric":
        raise KernelError(f"unknown method {method!r}; one of historical, parametric")
    _check(tail, horizon)
    if numbers.size < 2:
        return too_few(2, convention, numbers.size)
    normal = NormalDist()
    sigma = deviation(numbers, population=population) * math.sqrt(horizon)
    beyond = sigma * normal.pdf(normal.inv_cdf(tail)) / tail
    return figure(float(numbers.mean()) * horizon - beyond, convention, numbers.size)


def _cornish_fisher(z: float, skew: float, tails: float) -> float:
    return z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * tails / 24 - (2 * z**3 - 5 * z) * skew**2 / 36


def _check(tail: float, horizon: float) -> None:
    if not 0 < tail < 1:
        raise KernelError(f"tail must lie between 0 and 1, got {tail}")
    if not (horizon > 0 and math.isfinite(horizon)):
        raise KernelError(f"horizon must be positive, got {horizon}")
