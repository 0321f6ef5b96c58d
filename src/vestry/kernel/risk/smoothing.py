"""Appraised values lag: undo the smoothing before comparing an illiquid fund's risk with a listed one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.risk.figure import Figure, Floats, Series, deviation, figure, series, too_few, undefined


@dataclass(frozen=True, slots=True)
class Desmoothed:
    """The returns behind the reported ones, and the weights by which they were smoothed.

    ``weights[j]`` is the part of the true return of j periods ago in a reported return. ``reason`` says why there are
    no returns.
    """

    returns: tuple[float, ...] | None
    weights: tuple[float, ...] | None
    reason: str | None
    convention: str

    @property
    def smoothing_index(self) -> float | None:
        """Σ weight²: 1 unsmoothed, smaller the more smoothed (Getmansky, Lo and Makarov 2004)."""
        return None if self.weights is None else float(sum(weight**2 for weight in self.weights))


@guarded
def autocorrelation(returns: Series, lag: int = 1) -> Figure:
    """Correlation with the own past: ``Σ (r_t − m)(r_{t−lag} − m) / Σ (r_t − m)²`` (one mean, one variance)."""
    numbers = series(returns)
    convention = f"lag {lag}, one mean and variance"
    if lag < 1:
        raise KernelError(f"lag must be at least 1, got {lag}")
    if numbers.size < lag + 2:
        return too_few(lag + 2, convention, numbers.size)
    if not deviation(numbers):
        return undefined("returns do not vary", convention, numbers.size)
    centred = numbers - numbers.mean()
    return figure(float(np.dot(centred[lag:], centred[:-lag]) / np.dot(centred, centred)), convention, numbers.size)


@guarded
def geltner(returns: Series, *, rho: float | None = None) -> Desmoothed:
    """``(r_t − ρ r_{t−1}) / (1 − ρ)``, one return shorter; ρ the first autocorrelation unless given (−1 < ρ < 1).

    The weights are those of the smoothing it undoes, ``(1 − ρ) ρ^j``, shown to two terms. Source: Geltner 1993.
    """
    numbers = series(returns)
    convention = "(r_t − ρ r_{t−1}) / (1 − ρ)"
    if rho is None:
        found = autocorrelation(numbers)
        if found.value is None:
            return Desmoothed(None, None, found.reason, convention)
        rho = found.value
    if not -1 < rho < 1:
        raise KernelError(f"rho must lie between −1 and 1, got {rho}")
    if numbers.size < 2:
        return Desmoothed(None, None, f"needs at least 2 observations, has {numbers.size}", convention)
    clear = (numbers[1:] - rho * numbers[:-1]) / (1 - rho)
    return Desmoothed(tuple(clear.tolist()), (1 - rho, rho * (1 - rho)), None, f"{convention}, ρ = {rho:.6g}")


@guarded
def getmansky(returns: Series, *, weights: Sequence[float] | None = None, lags: int = 2) -> Desmoothed:
    """Undo ``r_t = Σ θ_j R_{t−j}`` with Σθ = 1, θ ≥ 0; as many returns as given.

    Without ``weights`` the θ of ``lags`` + 1 terms are fitted by maximum likelihood of a normal moving average
    (needs SciPy and at least 10 × (lags + 1) returns). True returns before the first are taken as the mean.
    Undefined when the filter is not invertible (the noise would be amplified without end).
    Source: Getmansky, Lo and Makarov 2004.
    """
    numbers = series(returns)
    convention = "r_t = Σ θ_j R_{t−j}, Σ θ = 1"
    if weights is None:
        need = 10 * (lags + 1)
        if lags < 1:
            raise KernelError(f"lags must be at least 1, got {lags}")
        if numbers.size < need:
            return Desmoothed(None, None, f"needs at least {need} observations, has {numbers.size}", convention)
        if not deviation(numbers):
            return Desmoothed(None, None, "returns do not vary", convention)
        theta = _fitted_weights(numbers, lags)
        convention += ", fitted by maximum likelihood"
    else:
        theta = series(weights, "weights")
        if theta.size == 0 or abs(float(theta.sum()) - 1) > 1e-9 or theta[0] <= 0:
            raise KernelError("weights must start with a positive one and add up to 1")
    if not numbers.size:
        return Desmoothed(None, None, "needs at least 1 observation, has 0", convention)
    if not _invertible(theta):
        return Desmoothed(None, tuple(theta.tolist()), "these weights cannot be inverted", convention)
    mean = float(numbers.mean())
    clear = mean + _unfiltered(numbers - mean, theta)
    return Desmoothed(tuple(clear.tolist()), tuple(theta.tolist()), None, convention)


def _unfiltered(centred: Floats, theta: Floats) -> Floats:
    """The innovations of the moving average, zero before the first."""
    past = [0.0] * (theta.size - 1)
    lagged, first = theta[1:].tolist(), float(theta[0])
    out = []
    for value in centred.tolist():
        now = (value - sum(weight * old for weight, old in zip(lagged, past, strict=True))) / first
        out.append(now)
        past = [now, *past][: theta.size - 1]
    return np.array(out)


def _invertible(theta: Floats) -> bool:
    """All roots of Σ θ_j z^j outside the unit circle."""
    if theta.size == 1:
        return True
    return bool(np.all(np.abs(np.roots(theta)) < 1 - 1e-9))


def _fitted_weights(numbers: Floats, lags: int) -> Floats:
    from scipy.optimize import minimize

    centred = numbers - numbers.mean()

    def weights(free: Floats) -> Floats:
        raised = np.exp(np.clip(np.append(0.0, free), -30, 30))
        return np.asarray(raised / raised.sum(), dtype=np.float64)

    def cost(free: Floats) -> float:
        """Minus the concentrated log-likelihood: n/2 × ln(θ₀² Σ η² / n)."""
        theta = weights(free)
        if not _invertible(theta):
            return 1e6
        noise = _unfiltered(centred, theta)
        return float(centred.size / 2 * np.log(theta[0] ** 2 * np.mean(noise**2)))

    found = minimize(cost, np.full(lags, -1.5), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return weights(np.asarray(found.x, dtype=np.float64))
