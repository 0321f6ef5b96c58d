"""XIRR of 10,000 funds × 60 dated flows, with status and root count, against pyxirr; one XIRR; what importing costs."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pyxirr
from scipy.optimize import brentq

from bench import harness
from vestry.kernel import returns

FUNDS, FLOWS = 10_000, 60
START = dt.date(2015, 1, 1)


def portfolio(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """J-curves: 30 calls in the first five years, 30 distributions in years three to ten, in cents."""
    rng = np.random.default_rng(seed)
    half = FLOWS // 2
    calls = rng.integers(1, 5 * 365, (FUNDS, half))
    calls[:, 0] = 0
    back = rng.integers(3 * 365, 3650, (FUNDS, half))
    paid = -rng.uniform(0.2, 2.0, (FUNDS, half)) * 1e6
    shares = rng.uniform(0.2, 2.0, (FUNDS, half))
    multiple = rng.lognormal(0.5, 0.5, FUNDS)
    received = shares / shares.sum(1, keepdims=True) * (-paid.sum(1) * multiple)[:, None]
    days, amounts = np.concatenate([calls, back], 1), np.concatenate([paid, received], 1)
    order = np.argsort(days, 1, kind="stable")
    return np.take_along_axis(days, order, 1), np.round(np.take_along_axis(amounts, order, 1), 2)


def _agree(name: str, ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> None:
    worst = float(np.abs(ours - theirs).max())
    if not worst <= tolerance:
        raise SystemExit(f"{name}: ours and the peer's rates differ by {worst:.3g}")


def batch_rows() -> Iterator[harness.Row]:
    """NumPy alone, compiled, and compiled on two threads, each against pyxirr in a loop over the same arrays."""
    days, amounts = portfolio()
    dates = [np.datetime64(START) + row.astype("timedelta64[D]") for row in days]
    offsets = np.arange(FUNDS + 1) * FLOWS
    flat_days, flat_amounts = (days + START.toordinal()).ravel(), amounts.ravel()

    def peer() -> list[float | None]:
        return [pyxirr.xirr(when, what) for when, what in zip(dates, amounts, strict=True)]

    def ours(compiled: bool, threads: int) -> Callable[[], returns.XirrBatch]:
        return lambda: returns.xirr_batch(flat_days, flat_amounts, offsets, compiled=compiled, threads=threads)

    years = days / 365.0
    scratch = np.empty_like(years)
    theirs = np.array(peer(), dtype=np.float64)
    ways = [("NumPy", False, 1, 3.0)]
    if find_spec("numba") is not None:
        ways += [("compiled", True, 1, 8.0), ("compiled, two threads", True, 2, 12.0)]
    for name, compiled, threads, reach in ways:
        work = ours(compiled, threads)
        found = work()
        if found.rate.mask.any() or set(found.statuses) != {"ok"} or (found.root_count != 1).any():
            raise SystemExit(f"{name}: a J-curve has exactly one rate")
        _agree(name, found.rate.data, theirs, 1e-9)
        yield harness.compare(
            f"xirr of {FUNDS} funds x {FLOWS} flows, {name}, against pyxirr in a loop",
            ours=work,
            peer=peer,
            limit=lambda: np.exp(years, out=scratch),
            reach=reach,
            rounds=9,
        )


def single_row() -> harness.Row:
    """One XIRR from Python lists against scipy.brentq over a Python sum; the limit column is pyxirr."""
    days, amounts = portfolio()
    count = 100
    series = [
        ([START + dt.timedelta(days=int(day)) for day in days[i]], [float(x) for x in amounts[i]]) for i in range(count)
    ]

    def present_value(rate: float, when: list[dt.date], what: list[float]) -> float:
        return sum(x / (1 + rate) ** ((day - when[0]).days / 365.0) for day, x in zip(when, what, strict=True))

    def peer() -> list[float]:
        return [brentq(present_value, -0.95, 10, args=one) for one in series]

    def ours() -> list[float | None]:
        return [returns.xirr(*one).rate for one in series]

    _agree("one xirr", np.array(ours(), dtype=np.float64), np.array(peer()), 1e-9)
    return harness.compare(
        f"{count} single xirr from Python lists, against scipy.brentq (limit column: pyxirr)",
        ours=ours,
        peer=peer,
        limit=lambda: [pyxirr.xirr(*one) for one in series],
        reach=2.0,
        rounds=9,
    )


def import_rows() -> Iterator[harness.Row]:
    """Starting Python and importing: the whole package is lazy, its modules cost little more than NumPy."""

    def start(statement: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", statement], check=True)

    for statement in ("import vestry.kernel", "from vestry.kernel import returns, pme, money, dates, cashflows"):
        yield harness.compare(
            f"{statement}, against import numpy",
            ours=start(statement),
            peer=start("import numpy"),
            limit=start("pass"),
            reach=1.3,
            at_most=True,
            rounds=9,
        )


def rows() -> Iterator[harness.Row]:
    """The rows of this module."""
    yield from batch_rows()
    yield single_row()
    yield from import_rows()


if __name__ == "__main__":
    harness.main(rows)
