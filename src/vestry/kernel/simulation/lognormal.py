"""The lognormal: closed forms to hold a simulation against, and correlated draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lognormal:
    """``ln S_T ~ N(ln S0 + (μ − σ²/2) T, σ² T)``: the value after T years of drift μ and volatility σ a year."""

    start: float
    drift: float
    volatility: float
    years: float

    def __post_init__(self) -> None:
        good = self.start > 0 and self.volatility >= 0 and self.years >= 0
        if not good or not all(map(math.isfinite, (self.start, self.drift, self.volatility, self.years))):
            raise KernelError("start must be positive, volatility and years not negative, all finite")

    @property
    def log_mean(self) -> float:
        """Mean of the logarithm."""
        return math.log(self.start) + (self.drift - self.volatility * self.volatility / 2) * self.years

    @property
    def log_deviation(self) -> float:
        """Standard deviation of the logarithm."""
        return self.volatility * math.sqrt(self.years)

    @property
    def mean(self) -> float:
        """``S0 e^{μT}``."""
        return self._amount(math.log(self.start) + self.drift * self.years)

    @property
    def deviation(self) -> float:
        """``S0 e^{μT} √(e^{σ²T} − 1)``."""
        spread = self.log_deviation * self.log_deviation
        # e^(s²) − 1 = e^(s²) · (1 − e^(−s²)), so that only the end result can be too large.
        return self._amount(math.log(self.start) + self.drift * self.years + spread / 2) * math.sqrt(
            -math.expm1(-spread)
        )

    def quantile(self, level: float) -> float:
        """The value that a share ``level`` of outcomes lies below (0 < level < 1)."""
        if not 0 < level < 1:
            raise KernelError(f"level must lie between 0 and 1, got {level}")
        return self._amount(self.log_mean + self.log_deviation * NormalDist().inv_cdf(level))

    def _amount(self, logarithm: float) -> float:
        if not logarithm < 709.7:
            raise KernelError("drift and volatility over these years are beyond what a number can hold")
        return math.exp(logarithm)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The central interval with that probability."""
        return self.quantile((1 - confidence) / 2), self.quantile((1 + confidence) / 2)

    def sample(self, paths: int, *, seed: int) -> Floats:
        """``paths`` draws; the same seed gives the same bits."""
        if paths < 1:
            raise KernelError(f"paths must be at least 1, got {paths}")
        noise = np.random.Generator(np.random.SFC64(seed)).standard_normal(paths)
        self._amount(float((self.log_mean + self.log_deviation * noise).max()))
        return np.asarray(np.exp(self.log_mean + self.log_deviation * noise), dtype=np.float64)


@guarded
def correlated_normals(correlation: ArrayLike, size: int, *, rng: np.random.Generator) -> Floats:
    """``size`` rows of standard normals with that correlation matrix (Cholesky)."""
    if size < 0:
        raise KernelError(f"size must not be negative, got {size}")
    root = correlation_root(correlation)
    return np.asarray(rng.standard_normal((size, root.shape[0])) @ root.T, dtype=np.float64)


def correlation_root(correlation: ArrayLike) -> Floats:
    """A matrix L with ``L Lᵀ`` = the correlations: Cholesky, or by eigenvalues where the matrix is singular.

    Refuses what is no correlation matrix: not square or symmetric, diagonal not 1, a negative eigenvalue.
    """
    matrix = np.asarray(correlation, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise KernelError("a correlation matrix is square and finite")
    if not np.allclose(matrix, matrix.T, atol=1e-10) or not np.allclose(np.diag(matrix), 1, atol=1e-10):
        raise KernelError("a correlation matrix is symmetric with ones on the diagonal")
    try:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(matrix)
        if values.min() < -1e-8:
            raise KernelError(f"not a correlation matrix: its smallest eigenvalue is {values.min():.3g}") from None
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0)), dtype=np.float64)
