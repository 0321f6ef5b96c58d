"""Monte Carlo of a fund: terminal values alone (exact and fast), or the paths by quarter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.simulation.chunks import CHUNK, in_chunks
from vestry.kernel.simulation.fund import FAILS, SURVIVES, Class, Floats, Fund, Indices, Singles

LEVELS = (5.0, 25.0, 50.0, 75.0, 95.0)


@dataclass(frozen=True, slots=True)
class TerminalRun:
    """Total value of each path: all proceeds plus what is left at the horizon, undiscounted, gross."""

    values: Floats
    cost: float
    analytic_mean: float
    seed: int

    @property
    def mean(self) -> float:
        """Mean over the paths."""
        return float(self.values.mean())

    @property
    def standard_error(self) -> float | None:
        """Of the mean; None for a single path."""
        return float(self.values.std(ddof=1)) / math.sqrt(self.values.size) if self.values.size > 1 else None

    @property
    def multiples(self) -> Floats:
        """Value ÷ cost of each path."""
        return np.asarray(self.values / self.cost, dtype=np.float64)

    def percentiles(self, levels: Sequence[float] = LEVELS) -> dict[float, float]:
        """Percentiles of the total value."""
        return dict(zip(levels, np.percentile(self.values, list(levels)).tolist(), strict=True))

    def probability_below(self, multiple: float) -> float:
        """The share of paths that return less than ``multiple`` × cost."""
        return float(np.mean(self.values < multiple * self.cost))

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "method": "end of each company drawn first, then its value at that quarter: exact for terminal values",
            "seed": self.seed,
            "paths": int(self.values.size),
            "chunk": CHUNK,
            "generator": "SFC64, one child of the seed for each chunk",
            "mean": self.mean,
            "standard_error": self.standard_error,
            "analytic_mean": self.analytic_mean,
        }


@dataclass(frozen=True, slots=True)
class PathsRun:
    """The fund by quarter 0 … horizon: arrays are paths × (quarters + 1), gross, read-only.

    ``calls`` are the costs at entry (the same on every path), ``distributions`` the proceeds of the quarter and
    ``nav`` the value held after them.
    """

    calls: tuple[float, ...]
    distributions: Floats
    nav: Floats
    cost: float
    analytic_mean: float
    seed: int

    @property
    def terminal(self) -> Floats:
        """All proceeds plus the value left, by path."""
        return np.asarray(self.distributions.sum(axis=1) + self.nav[:, -1], dtype=np.float64)

    def net_flows(self, path: int) -> tuple[float, ...]:
        """One path's owner's cash by quarter: calls negative, the value left counted as received at the horizon."""
        flows = self.distributions[path] - np.array(self.calls)
        flows[-1] += self.nav[path, -1]
        return tuple(flows.tolist())

    def percentiles(
        self, what: Literal["nav", "distributions", "cumulative_distributions"], levels: Sequence[float] = LEVELS
    ) -> dict[float, tuple[float, ...]]:
        """Percentiles by quarter over the paths (each quarter on its own)."""
        if what not in ("nav", "distributions", "cumulative_distributions"):
            raise KernelError(f"unknown series {what!r}; one of nav, distributions, cumulative_distributions")
        table = self.nav if what == "nav" else self.distributions
        if what == "cumulative_distributions":
            table = np.cumsum(table, axis=1)
        columns = [np.percentile(table[:, quarter], list(levels)) for quarter in range(table.shape[1])]
        return {level: tuple(float(column[i]) for column in columns) for i, level in enumerate(levels)}

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "method": "end of each company drawn first, then one normal for each quarter it is held",
            "seed": self.seed,
            "paths": int(self.nav.shape[0]),
            "chunk": CHUNK,
            "generator": "SFC64, one child of the seed for each chunk",
            "mean": float(self.terminal.mean()),
            "analytic_mean": self.analytic_mean,
        }


@guarded
def terminal_values(fund: Fund, *, paths: int, seed: int, workers: int = 1) -> TerminalRun:
    """Draw ``paths`` total values of the fund.

    The quarter in which each company ends is drawn first; a lognormal at that time then needs one normal, not one for
    each quarter: exact in distribution for terminal values. Correlation adds the common factors' paths only.
    The same seed gives the same bits whatever ``workers`` (threads); normals are single precision, sums double.
    """
    values = np.empty(paths if paths > 0 else 0)
    tables = [_TerminalTable.of(one) for one in fund.classes]

    def work(rng: np.random.Generator, start: int, stop: int) -> None:
        walks = _factor_walks(rng, fund)
        total = np.zeros(CHUNK)
        for table in tables:
            total += table.draw(rng, walks)
        values[start:stop] = total[: stop - start]

    in_chunks(work, paths, seed, workers)
    values.setflags(write=False)
    return TerminalRun(values, fund.cost, fund.analytic_mean, seed)


@guarded
def fund_paths(fund: Fund, *, paths: int, seed: int, workers: int = 1) -> PathsRun:
    """Draw ``paths`` paths of distributions and NAV by quarter.

    Companies are sorted by the quarter in which they end, so that those still held are a prefix and no normal is drawn
    for one already gone. Bits as in :func:`terminal_values`.
    """
    shape = paths if paths > 0 else 0, fund.quarters + 1
    paid, nav = np.empty(shape), np.empty(shape)

    def work(rng: np.random.Generator, start: int, stop: int) -> None:
        steps = _factor_steps(rng, fund)
        chunk_paid, chunk_nav = np.zeros((shape[1], CHUNK)), np.zeros((shape[1], CHUNK))
        for one in fund.classes:
            _walk(one, rng, steps, chunk_paid, chunk_nav)
        paid[start:stop] = chunk_paid[:, : stop - start].T
        nav[start:stop] = chunk_nav[:, : stop - start].T

    in_chunks(work, paths, seed, workers)
    for table in (paid, nav):
        table.setflags(write=False)
    return PathsRun(fund.calls, paid, nav, fund.cost, fund.analytic_mean, seed)


@dataclass(frozen=True, slots=True)
class _TerminalTable:
    """By outcome: mean and deviation of the log value, multiplier of its exponential, and factor exposure."""

    one: Class
    mean: Singles
    spread: Singles
    scale: Singles
    exposed: Singles
    quarter: Indices

    @classmethod
    def of(cls, one: Class) -> _TerminalTable:
        quarters, kinds, _ = one.outcomes
        company, moves = one.company, kinds != FAILS
        drift = company.drift - company.volatility**2 / 2
        return cls(
            one,
            np.where(moves, drift * quarters, 0).astype(np.float32),
            np.where(moves, company.volatility * one.own_share * np.sqrt(quarters), 0).astype(np.float32),
            (company.cost * np.where(moves, 1.0, company.recovery)).astype(np.float32),
            np.where(moves, company.volatility, 0).astype(np.float32),
            quarters,
        )

    def draw(self, rng: np.random.Generator, walks: Singles) -> Floats:
        """One chunk: the sum of the class's companies by path."""
        size = self.one.size
        at = self.one.draw(rng, CHUNK * size)
        logs = rng.standard_normal(at.size, dtype=np.float32)
        logs *= self.spread.take(at)
        logs += self.mean.take(at)
        if self.one.loadings.size:
            logs += self._common(at, walks)
        np.exp(logs, out=logs)
        logs *= self.scale.take(at)
        return np.asarray(logs.reshape(CHUNK, size).sum(axis=1, dtype=np.float64))

    def _common(self, at: Indices, walks: Singles) -> Singles:
        """What the factors add to the log value between entry and end."""
        entry = self.one.company.entry_quarter
        moved = np.zeros(walks.shape[1:], np.float32)
        for loading, walk in zip(self.one.loadings.tolist(), walks, strict=True):
            if loading:
                moved += np.float32(loading) * (walk - walk[:, entry : entry + 1])
        path = np.repeat(np.arange(CHUNK) * walks.shape[2], self.one.size)
        found = moved.ravel().take(path + entry + self.quarter.take(at))
        return np.asarray(found * self.exposed.take(at), dtype=np.float32)


def _factor_steps(rng: np.random.Generator, fund: Fund) -> Singles:
    """Factors × quarters × paths of one chunk: standard normals."""
    return rng.standard_normal((fund.factors, fund.quarters, CHUNK), dtype=np.float32)


def _factor_walks(rng: np.random.Generator, fund: Fund) -> Singles:
    """Factors × paths × (quarters + 1): the factors' running sums from 0."""
    walks = np.zeros((fund.factors, CHUNK, fund.quarters + 1), np.float32)
    steps = rng.standard_normal((fund.factors, CHUNK, fund.quarters), dtype=np.float32)
    np.cumsum(steps, axis=2, out=walks[:, :, 1:])
    return walks


def _walk(one: Class, rng: np.random.Generator, steps: Singles, paid: Floats, nav: Floats) -> None:
    """Add one class's distributions and values by quarter to the chunk's tables (quarters × paths)."""
    company, horizon = one.company, one.horizon
    path, failed, held = _sorted_ends(one, rng)
    logs = np.zeros(path.size, np.float32)
    sigma = np.float32(company.volatility * one.own_share)
    drift = np.float32(company.drift - company.volatility**2 / 2)
    entry = company.entry_quarter
    nav[entry] += company.cost * one.size
    for quarter in range(1, horizon + 1):
        now, later = int(held[quarter]), int(held[quarter + 1])
        move = rng.standard_normal(now, dtype=np.float32)
        move *= sigma
        move += drift
        if one.loadings.size:
            together = _step_together(one, steps[:, entry + quarter - 1])
            move += together.take(path[:now])
        logs[:now] += move
        values = np.exp(logs[:now])
        at = entry + quarter
        nav[at] += company.cost * np.bincount(path[:later], values[:later], CHUNK)
        if now > later:
            proceeds = np.where(failed[later:now], company.recovery, values[later:])
            paid[at] += company.cost * np.bincount(path[later:now], proceeds, CHUNK)


def _sorted_ends(one: Class, rng: np.random.Generator) -> tuple[Indices, np.ndarray, Indices]:
    """(path, failed) of the chunk's companies, latest end first, and how many are held through each quarter.

    A survivor's end counts as one quarter past the horizon, so that it is still there after the last.
    """
    quarters, kinds, _ = one.outcomes
    at = one.draw(rng, CHUNK * one.size)
    ends = (quarters + (kinds == SURVIVES)).take(at)
    order = np.argsort((one.horizon + 1 - ends).astype(np.uint16), kind="stable")
    counts = np.bincount(ends, minlength=one.horizon + 3)
    held = np.cumsum(counts[::-1])[::-1]
    return order // one.size, (kinds == FAILS).take(at.take(order)), held


def _step_together(one: Class, step: Singles) -> Singles:
    """The factors' part of one quarter's log move, by path."""
    moved = np.zeros(CHUNK, np.float32)
    for loading, factor in zip(one.loadings.tolist(), step, strict=True):
        if loading:
            moved += np.float32(loading * one.company.volatility) * factor
    return moved
