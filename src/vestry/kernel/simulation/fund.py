"""A fund of companies whose values move at random and that fail or are sold at random times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vestry.kernel.errors import KernelError
from vestry.kernel.simulation.lognormal import correlation_root

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

SURVIVES, EXITS, FAILS = 0, 1, 2
GUIDE = 4096


@dataclass(frozen=True, slots=True)
class Company:
    """One investment; all rates are PER QUARTER.

    Bought for ``cost`` at the end of quarter ``entry_quarter`` (0 = the start). In each later quarter its value first
    moves, lognormal with mean growth ``e^drift`` and ``volatility``; then it fails with probability
    ``failure_hazard`` (``recovery`` × cost comes back) or, from its ``first_exit_quarter``-th quarter of holding on,
    is sold at its value with probability ``exit_hazard``.
    """

    cost: float = 1.0
    drift: float = 0.02
    volatility: float = 0.25
    exit_hazard: float = 0.03
    failure_hazard: float = 0.02
    first_exit_quarter: int = 1
    entry_quarter: int = 0
    recovery: float = 0.0

    def __post_init__(self) -> None:
        amounts = (self.cost, self.drift, self.volatility, self.exit_hazard, self.failure_hazard, self.recovery)
        if not all(math.isfinite(amount) for amount in amounts):
            raise KernelError("a company's parameters must be finite")
        if self.cost <= 0 or self.volatility < 0 or self.recovery < 0:
            raise KernelError("cost must be positive, volatility and recovery not negative")
        if self.exit_hazard < 0 or self.failure_hazard < 0 or self.exit_hazard + self.failure_hazard > 1:
            raise KernelError("hazards must not be negative nor add up to more than 1")
        if self.first_exit_quarter < 1 or self.entry_quarter < 0:
            raise KernelError("first_exit_quarter is at least 1 and entry_quarter at least 0")


@dataclass(frozen=True, eq=False)
class Fund:
    """Companies, a horizon in quarters, and how their values move together.

    ``correlation`` of the quarterly log returns: one number for all pairs (0 ≤ ρ ≤ 1) or a matrix in the order of the
    companies. Exits and failures are independent of values and of each other. Gross of fees and carry.
    """

    companies: Sequence[Company]
    quarters: int
    correlation: float | ArrayLike = 0.0
    classes: tuple[Class, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.companies:
            raise KernelError("a fund needs at least one company")
        if self.quarters < 1:
            raise KernelError(f"quarters must be at least 1, got {self.quarters}")
        late = [company.entry_quarter for company in self.companies if company.entry_quarter >= self.quarters]
        if late:
            raise KernelError(f"an entry in quarter {late[0]} is not before the horizon of {self.quarters}")
        object.__setattr__(self, "companies", tuple(self.companies))
        object.__setattr__(self, "classes", self._classes())

    @property
    def cost(self) -> float:
        """What all companies cost together."""
        return math.fsum(company.cost for company in self.companies)

    @property
    def factors(self) -> int:
        """Common factors behind the correlation."""
        return self.classes[0].loadings.size

    @property
    def calls(self) -> tuple[float, ...]:
        """Cost by quarter of entry, quarters 0 … horizon."""
        spent = [0.0] * (self.quarters + 1)
        for company in self.companies:
            spent[company.entry_quarter] += company.cost
        return tuple(spent)

    @property
    def analytic_mean(self) -> float:
        """Expected proceeds plus value left at the horizon, undiscounted: Σ P(outcome) × its mean value."""
        return math.fsum(one.size * one.mean for one in self.classes)

    def _classes(self) -> tuple[Class, ...]:
        """Companies that cannot be told apart are drawn together."""
        counted: dict[tuple[Company, tuple[float, ...]], int] = {}
        for company, loadings in zip(self.companies, self._loadings(), strict=True):
            key = company, tuple(loadings.tolist())
            counted[key] = counted.get(key, 0) + 1
        return tuple(
            Class(company, np.array(loadings), size, self.quarters - company.entry_quarter)
            for (company, loadings), size in counted.items()
        )

    def _loadings(self) -> Floats:
        """Rows: companies; columns: factors. What a row's squares leave to 1 is the company's own."""
        count = len(self.companies)
        given = np.asarray(self.correlation, dtype=np.float64)
        if given.ndim == 0:
            if not 0 <= given <= 1:
                raise KernelError(
                    f"one correlation for all pairs lies between 0 and 1, got {given}; else give a matrix"
                )
            return np.full((count, 1 if given > 0 else 0), math.sqrt(float(given)))
        if given.shape != (count, count):
            raise KernelError(f"the correlation matrix must be {count} × {count}, got {given.shape}")
        if np.array_equal(given, np.eye(count)):
            return np.zeros((count, 0))
        return correlation_root(given)


@dataclass(frozen=True, eq=False)
class Class:
    """Companies with equal parameters and loadings, and the table of their outcomes: when, and how it ends."""

    company: Company
    loadings: Floats
    size: int
    horizon: int

    @cached_property
    def outcomes(self) -> tuple[Indices, Indices, Floats]:
        """(quarter of holding, kind, probability) of each possible end, in time order; survival last."""
        alive, quarters, kinds, chances = 1.0, [], [], []
        for quarter in range(1, self.horizon + 1):
            exit_hazard = self.company.exit_hazard if quarter >= self.company.first_exit_quarter else 0.0
            for kind, hazard in ((FAILS, self.company.failure_hazard), (EXITS, exit_hazard)):
                if alive * hazard > 0:
                    quarters.append(quarter)
                    kinds.append(kind)
                    chances.append(alive * hazard)
            alive *= 1 - self.company.failure_hazard - exit_hazard
        if alive > 0 or not quarters:
            quarters.append(self.horizon)
            kinds.append(SURVIVES)
            chances.append(alive)
        return np.array(quarters, np.intp), np.array(kinds, np.intp), np.array(chances)

    @cached_property
    def cumulative(self) -> Floats:
        """Running probabilities, ending at exactly 1."""
        running = np.cumsum(self.outcomes[2])
        running[-1] = 1.0
        return running

    @cached_property
    def guide(self) -> Indices:
        """Where to begin looking for a uniform draw in :attr:`cumulative`: the first candidate of each 1/4096."""
        return np.searchsorted(self.cumulative, np.arange(GUIDE) / GUIDE, side="right").astype(np.intp)

    @property
    def own_share(self) -> float:
        """The part of the volatility that no factor explains."""
        return math.sqrt(max(0.0, 1.0 - float(np.sum(self.loadings**2))))

    @property
    def mean(self) -> float:
        """Expected proceeds of one company."""
        quarters, kinds, chances = self.outcomes
        values = np.where(kinds == FAILS, self.company.recovery, np.exp(self.company.drift * quarters))
        return self.company.cost * float(np.sum(chances * values))

    def draw(self, rng: np.random.Generator, size: int) -> Indices:
        """``size`` outcomes by inversion, as rows of :attr:`outcomes`."""
        uniform = rng.random(size)
        at = self.guide.take((uniform * GUIDE).astype(np.intp))
        while True:
            beyond = uniform >= self.cumulative.take(at)
            if not beyond.any():
                return at
            at += beyond
