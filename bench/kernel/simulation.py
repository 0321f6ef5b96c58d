"""Monte Carlo of a fund: 100,000 paths × 40 quarters × 30 companies, by paths and by terminal values alone."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from bench import harness
from vestry.kernel import simulation

PATHS, QUARTERS, COUNT, CHUNK = 100_000, 40, 30, 1000
PLAIN_PATHS = 1000
DRIFT, SIGMA, EXIT, FAIL, FIRST_EXIT = 0.02, 0.25, 0.03, 0.02, 10
ALLOWED_MB = 250.0

COMPANY = simulation.Company(
    cost=1 / COUNT, drift=DRIFT, volatility=SIGMA, exit_hazard=EXIT, failure_hazard=FAIL, first_exit_quarter=FIRST_EXIT
)
FUND = simulation.Fund([COMPANY] * COUNT, QUARTERS)
TOGETHER = simulation.Fund([COMPANY] * COUNT, QUARTERS, correlation=0.3)


def plain(paths: int, seed: int) -> list[float]:
    """Total values in pure Python: company by company, quarter by quarter."""
    draw = random.Random(seed)
    step = DRIFT - SIGMA**2 / 2
    totals = []
    for _ in range(paths):
        total = 0.0
        for _ in range(COUNT):
            value = 1.0
            for quarter in range(1, QUARTERS + 1):
                value *= math.exp(step + SIGMA * draw.gauss(0, 1))
                chance = draw.random()
                if chance < FAIL:
                    value = 0.0
                    break
                if chance < FAIL + EXIT and quarter >= FIRST_EXIT:
                    break
            total += value
        totals.append(total / COUNT)
    return totals


def chunked(paths: int, seed: int) -> np.ndarray:
    """Total values by NumPy over paths × companies × quarters, a thousand paths at a time."""
    rng = np.random.Generator(np.random.SFC64(seed))
    totals = np.empty(paths)
    for start in range(0, paths, CHUNK):
        value = rng.standard_normal((CHUNK, COUNT, QUARTERS), dtype=np.float32)
        value *= SIGMA
        value += DRIFT - SIGMA**2 / 2
        np.cumsum(value, axis=2, out=value)
        np.exp(value, out=value)
        chance = rng.random((CHUNK, COUNT, QUARTERS), dtype=np.float32)
        fails = chance < FAIL
        exits = (chance < FAIL + EXIT) & ~fails
        exits[:, :, : FIRST_EXIT - 1] = False
        ends = fails | exits
        first = np.where(ends.any(2), ends.argmax(2), QUARTERS - 1)[:, :, None]
        failed = np.take_along_axis(fails, first, 2)[:, :, 0]
        last = np.take_along_axis(value, first, 2)[:, :, 0]
        totals[start : start + CHUNK] = np.where(failed, 0, last).mean(1, dtype=np.float64)
    return totals


def normals_alone() -> None:
    """The draws a full path needs, and nothing else."""
    rng = np.random.Generator(np.random.SFC64(1))
    for _ in range(0, PATHS, CHUNK):
        rng.standard_normal((CHUNK, COUNT, QUARTERS), dtype=np.float32)


def peak_megabytes() -> float:
    """Peak memory of a fresh process that draws all paths and their percentiles.

    Read from the process's own status where there is one: ``ru_maxrss`` begins at what the parent held when it
    forked, so the rows measured before would count.
    """
    code = (
        "import pathlib, resource\n"
        "from bench.kernel import simulation as b; from vestry.kernel import simulation as s\n"
        "run = s.fund_paths(b.FUND, paths=b.PATHS, seed=1); run.percentiles('nav')\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "lines = status.read_text().splitlines() if status.exists() else []\n"
        "own = [int(line.split()[1]) for line in lines if line.startswith('VmHWM')]\n"
        "print((own or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] / 1024)"
    )
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def check() -> None:
    """Peers and ours agree with the analytic mean, and the seed decides the bits."""
    runs = {
        "pure Python": np.array(plain(4 * PLAIN_PATHS, 1)),
        "chunked NumPy": chunked(PATHS, 1),
        "terminal": simulation.terminal_values(FUND, paths=PATHS, seed=1).values,
        "terminal, correlated": simulation.terminal_values(TOGETHER, paths=PATHS, seed=1).values,
        "paths": simulation.fund_paths(FUND, paths=PATHS, seed=1).terminal,
    }
    for name, values in runs.items():
        error = values.std(ddof=1) / math.sqrt(values.size)
        assert abs(values.mean() - FUND.analytic_mean) < 3 * error, f"{name}: {values.mean()} ± {error}"
    again = simulation.terminal_values(FUND, paths=PATHS, seed=1, workers=2).values
    assert np.array_equal(runs["terminal"], again), "the same seed gave other bits on two threads"


def rows() -> Iterator[harness.Row]:
    """The rows of this module."""
    check()
    scale = PATHS / PLAIN_PATHS
    plain_s, ours_s, limit_s = [], [], []
    for turn in range(5):
        plain_s.append(scale * harness.seconds(lambda turn=turn: plain(PLAIN_PATHS, turn)))
        ours_s.append(harness.seconds(lambda: simulation.fund_paths(FUND, paths=PATHS, seed=1)))
        limit_s.append(harness.seconds(normals_alone))
    yield harness.row(
        f"Monte Carlo, interim paths {PATHS:,} × {QUARTERS} × {COUNT}, s"
        f" (peer: pure Python, {PLAIN_PATHS:,} paths × {scale:g}; limit: the normals of full paths)",
        ours_s,
        plain_s,
        limit_s,
        reach=12,
    )
    yield harness.row(
        "Monte Carlo, interim paths, peak RSS in MB (peer: what is allowed)",
        [peak_megabytes()],
        [ALLOWED_MB],
        [],
        reach=1,
        at_most=True,
    )
    yield harness.compare(
        "Monte Carlo, terminal values only, s (peer: chunked NumPy)",
        ours=lambda: simulation.terminal_values(FUND, paths=PATHS, seed=1),
        peer=lambda: chunked(PATHS, 1),
        reach=12,
    )
    yield harness.compare(
        "Monte Carlo, terminal values only, correlation 0.3, s (peer: chunked NumPy without correlation)",
        ours=lambda: simulation.terminal_values(TOGETHER, paths=PATHS, seed=1),
        peer=lambda: chunked(PATHS, 1),
        peer_rounds=1,
    )


if __name__ == "__main__":
    harness.main(rows)
