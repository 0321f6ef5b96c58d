"""XIRR of thousands of series at once: the same answers as ``xirr``, series by series, from flat arrays."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vestry.kernel.dates import day_count_name
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.returns import _rates
from vestry.kernel.returns._result import FAR_RATE, OK, REASONS, STATUSES, UNDER_ONE_YEAR
from vestry.kernel.returns._roots import NOISE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CLOSE = 5e-5  # a Halley step this small leaves an error near its cube
_ROWS = 512  # series per block: a block's few matrices then stay in the processor's cache
_COMPILE_FROM = 1_000_000  # flows from which loading the compiler is worth its half second


@dataclass(frozen=True, slots=True, eq=False)
class XirrBatch:
    """Rates of many series, as arrays in the order the series were given.

    ``rate``: float64, masked where there is none (the data under the mask is NaN, so it can never pass for a rate).
    ``status``: positions in ``STATUSES``; ``reason``: positions in ``REASONS``; ``root_count``: roots that count.
    ``span_days``: days from the first to the last flow that is not zero. ``roots``: all roots of the series that have
    several, by position.
    """

    rate: np.ma.MaskedArray[Any, np.dtype[np.float64]]
    status: NDArray[np.int8]
    reason: NDArray[np.int8]
    root_count: NDArray[np.int16]
    span_days: Ints
    roots: Mapping[int, tuple[float, ...]]
    day_count: str
    method: str

    def __len__(self) -> int:
        return int(self.status.size)

    @property
    def rates(self) -> list[float | None]:
        """The rates as a list, None where there is none."""
        return cast("list[float | None]", self.rate.tolist())

    @property
    def statuses(self) -> list[str]:
        """The statuses by name."""
        return [STATUSES[code] for code in self.status.tolist()]

    @property
    def reasons(self) -> list[str]:
        """The reasons by name, empty where there is a rate."""
        return [REASONS[code] for code in self.reason.tolist()]

    def explain(self) -> dict[str, object]:
        """Formula, convention, method and how many series had which status."""
        counts = np.bincount(self.status, minlength=len(STATUSES)).tolist()
        return {
            "formula": "Σ amount ÷ (1 + rate)^years = 0",
            "convention": {"day_count": self.day_count, "same_day": "netted"},
            "method": self.method,
            "series": len(self),
            "statuses": dict(zip(STATUSES, counts, strict=True)),
        }


@guarded
def xirr_batch(
    dates: Any,
    amounts: Any = None,
    offsets: Any = None,
    *,
    day_count: str = "act/365f",
    threads: int = 1,
    compiled: bool | None = None,
) -> XirrBatch:
    """``xirr`` of many series at once, to the same digits; each may have its own length and order.

    The series come as

    - ``dates`` and ``amounts`` flat, with ``offsets``: series ``i`` is ``[offsets[i]:offsets[i + 1]]`` (so one more
      offset than series); dates as whole day numbers, ``datetime64`` or anything ``xirr`` reads;
    - two matrices of one shape, a row per series;
    - a list of date lists beside a list of amount lists; or
    - one list of series, each a list of (date, amount) pairs, or a list of dates and a list of amounts.

    ``threads`` splits the series over that many threads. ``compiled=None`` uses Numba (``vestry[fast]``) when it is
    already loaded or the work is large enough to pay for loading it; True insists on it, False keeps to NumPy.
    Raises ``KernelError`` as ``xirr`` does, for the whole batch.
    """
    name = day_count_name(day_count)
    if threads < 1:
        raise KernelError(f"threads must be 1 or more, not {threads!r}")
    days, values, bounds = _flat(dates, amounts, offsets)
    linear = name in _rates.LINEAR and bounds.size > 1
    method = "one by one" if not linear else "compiled" if _compile(values.size, compiled) else "numpy"
    found = _Found(bounds.size - 1)
    if method == "compiled" and _spread(_compiled, days, values, bounds, _rates.LINEAR[name], found, threads):
        return _assemble(days, values, bounds, name, found, method)
    days, values, bounds = _tidy(days, values, bounds)
    found = _Found(bounds.size - 1)
    found.measure(days, bounds)
    if linear:
        solve = _compiled if method == "compiled" else _vectorised
        _spread(solve, days, values, bounds, _rates.LINEAR[name], found, threads)
    return _assemble(days, values, bounds, name, found, method)


class _Found:
    """What solving fills in, a place for each series: ln(1 + rate), whether it is proved alone, days it spans."""

    __slots__ = ("certain", "root", "span")

    def __init__(self, count: int) -> None:
        self.root = np.full(count, np.nan)
        self.certain: Any = np.zeros(count, dtype=np.bool_)
        self.span = np.zeros(count, dtype=np.int64)

    def measure(self, days: Ints, bounds: Ints) -> None:
        """The spans of tidy series."""
        full = np.diff(bounds) > 0
        self.span[full] = days[bounds[1:][full] - 1] - days[bounds[:-1][full]]


# ----- reading ------------------------------------------------------------------------------------------------------


def _flat(dates: Any, amounts: Any, offsets: Any) -> tuple[Ints, Floats, Ints]:
    if offsets is not None:
        bounds = np.asarray(offsets, dtype=np.int64)
        days, values = _rates.read_series(dates, amounts)
        if (
            bounds.ndim != 1
            or not bounds.size
            or bounds[0] != 0
            or bounds[-1] != days.size
            or (np.diff(bounds) < 0).any()
        ):
            raise KernelError("offsets must start at 0, never fall, and end at the number of flows")
        return days, values, bounds
    if isinstance(amounts, np.ndarray) and amounts.ndim == 2:
        matrix = np.asarray(dates)
        if matrix.shape != amounts.shape:
            raise KernelError(f"dates of shape {matrix.shape} but amounts of shape {amounts.shape}")
        days, values = _rates.read_series(matrix.ravel(), amounts.ravel())
        return days, values, np.arange(amounts.shape[0] + 1, dtype=np.int64) * amounts.shape[1]
    return _joined(dates, amounts)


def _joined(dates: Iterable[Any], amounts: Iterable[Any] | None) -> tuple[Ints, Floats, Ints]:
    if amounts is None:
        read = [_rates.read_series(*_halves(series)) for series in dates]
    else:
        left, right = list(dates), list(amounts)
        if len(left) != len(right):
            raise KernelError(f"{len(left)} series of dates but {len(right)} of amounts")
        read = [_rates.read_series(*pair) for pair in zip(left, right, strict=True)]
    bounds = np.zeros(len(read) + 1, dtype=np.int64)
    np.cumsum([days.size for days, _ in read], out=bounds[1:])
    if not read:
        return np.empty(0, dtype=np.int64), np.empty(0), bounds
    return np.concatenate([days for days, _ in read]), np.concatenate([values for _, values in read]), bounds


def _halves(series: Any) -> tuple[Any, Any]:
    """A series as (dates, amounts) if it came as these two lists, else whole: (pairs, None)."""
    if not isinstance(series, (tuple, list)) or len(series) != 2:
        return series, None
    left, right = series
    if not isinstance(left, (tuple, list, np.ndarray)) or not isinstance(right, (tuple, list, np.ndarray)):
        return series, None
    a_pair = len(left) == 2 and len(right) == 2 and not isinstance(left[1], (dt.date, str, np.datetime64))
    return (series, None) if a_pair else (left, right)


def _tidy(days: Ints, values: Floats, bounds: Ints) -> tuple[Ints, Floats, Ints]:
    """Without zeros, each series ascending by day."""
    keep = values != 0.0
    if not keep.all():
        before = np.concatenate(([0], np.cumsum(keep)))
        days, values, bounds = days[keep], values[keep], before[bounds]
    starts = bounds[1:-1][np.diff(bounds[:-1]) > 0]  # of the series after the first, where one can lie before
    starts = starts[starts < days.size]
    falls = np.count_nonzero(days[1:] < days[:-1])
    if falls > np.count_nonzero(days[starts] < days[starts - 1]):
        order = np.lexsort((days, np.repeat(np.arange(bounds.size - 1), np.diff(bounds))))
        days, values = days[order], values[order]
    return days, values, bounds


# ----- solving ------------------------------------------------------------------------------------------------------


def _compile(flows: int, compiled: bool | None) -> bool:
    if compiled is None:
        loaded = sys.modules.get("numba") is not None
        return loaded or (flows >= _COMPILE_FROM and find_spec("numba") is not None)
    if compiled and find_spec("numba") is None:
        raise KernelError("the compiled path needs Numba: install vestry[fast]")
    return compiled


def _spread(solve: Any, days: Ints, values: Floats, bounds: Ints, year: float, found: _Found, threads: int) -> bool:
    """Runs ``solve`` over all series, a stretch of them in each thread; whether every stretch could be solved."""
    count = bounds.size - 1
    if threads == 1 or count < 2 * threads:
        return bool(solve(days, values, bounds, 0, count, year, found))
    from concurrent.futures import ThreadPoolExecutor

    cuts = [int(np.searchsorted(bounds, values.size * i / threads)) for i in range(1, threads)]
    edges = list(pairwise([0, *cuts, count]))
    with ThreadPoolExecutor(threads - 1) as pool:
        jobs = [pool.submit(solve, days, values, bounds, start, stop, year, found) for start, stop in edges[1:]]
        done = [solve(days, values, bounds, 0, edges[0][1], year, found)]  # this thread does its part as well
        return all([*done, *(job.result() for job in jobs)])


def _compiled(days: Ints, values: Floats, bounds: Ints, start: int, stop: int, year: float, found: _Found) -> bool:
    from vestry.kernel.returns._compiled import first_roots

    return bool(first_roots(days, values, bounds, start, stop, year, found.root, found.certain, found.span))


def _vectorised(days: Ints, values: Floats, bounds: Ints, start: int, stop: int, year: float, found: _Found) -> bool:
    lengths = np.diff(bounds[start : stop + 1])
    rows = np.flatnonzero(lengths > 1) + start
    if rows.size and lengths.min() != lengths.max():
        rows = rows[np.argsort(lengths[rows - start], kind="stable")]
    with np.errstate(all="ignore"):
        for first in range(0, rows.size, _ROWS):
            block = rows[first : first + _ROWS]
            times, amounts = _block(days, values, bounds, block, year)
            found.root[block], found.certain[block] = _halley(times, amounts)
    return True


def _block(days: Ints, values: Floats, bounds: Ints, rows: Ints, year: float) -> tuple[Floats, Floats]:
    """Matrices of years and amounts; a shorter series is padded with flows of zero on its last day."""
    begin, length = bounds[rows], bounds[rows + 1] - bounds[rows]
    width = int(length[-1])
    if length[0] == width and int(rows[-1] - rows[0]) == rows.size - 1:  # neighbours of one length: a plain slice
        piece = slice(int(begin[0]), int(begin[-1]) + width)
        day, amounts = days[piece].reshape(-1, width), values[piece].reshape(-1, width)
        return (day - day[:, :1]) / year, amounts
    column = np.arange(width)
    at = begin[:, None] + np.minimum(column, length[:, None] - 1)
    amounts = np.where(column < length[:, None], values[at], 0.0)
    day = days[at]
    return (day - day[:, :1]) / year, amounts


def _halley(times: Floats, amounts: Floats) -> tuple[Floats, Any]:
    """A root of each row and whether it is proved to be the only one; NaN and False where it is not settled."""
    matrices = times, amounts, amounts * times, amounts * times * times
    u = _guess(*matrices)
    step, _, _ = _step(matrices, u)
    u = u + step
    step, terms, size = _step(matrices, u)  # the proof holds at any rate, so it need not wait for the last step
    root = u + step
    proved = _proved(times, terms, size)
    late = np.flatnonzero(~(np.abs(step) <= _CLOSE) & np.isfinite(root))
    proved &= np.abs(step) <= _CLOSE
    for _ in range(20):
        if not late.size:
            break
        matrices = times[late], amounts[late], amounts[late] * times[late], amounts[late] * times[late] ** 2
        step, terms, size = _step(matrices, root[late])
        near = np.abs(step) <= _CLOSE
        proved[late] = near & _proved(matrices[0], terms, size)
        root[late] += step
        late = late[~near & (np.abs(root[late]) < 40.0)]
    return root, proved


def _proved(times: Floats, terms: Floats, size: Floats) -> Any:
    """Whether each row has one root at most, by its running sums at the rate the terms are discounted at.

    Laguerre's bounds hold at any rate: the roots above it are at most as many as the running sums change sign, those
    below at most as many as the sums from the last flow backwards do. If every running sum but the last has one sign
    and is larger than the last, the two add up to one. Where the last is rounding, so are sums no larger than it.
    """
    running = _running(terms)
    end = np.abs(running[-1])
    noise = NOISE * size
    limit = np.where(end <= noise, noise, -end)
    inside = running[:-1]
    proved = np.isfinite(end) & ((inside.max(axis=0) <= limit) | (inside.min(axis=0) >= -limit))
    rest = np.flatnonzero(~proved & np.isfinite(end))
    if rest.size:  # within one day the order means nothing: look at the ends of days only
        ends = np.where(times[rest, 1:] == times[rest, :-1], np.nan, inside.T[rest])
        most, least = np.fmax.reduce(ends, axis=1), np.fmin.reduce(ends, axis=1)
        proved[rest] = (most <= limit[rest]) | (least >= -limit[rest])
    return proved


def _running(terms: Floats) -> Floats:
    """Running sums of each row, as columns: adding whole rows of the transpose beats summing along each row."""
    if terms.shape[0] < 64:
        return np.cumsum(terms, axis=1).T
    running = np.ascontiguousarray(terms.T)
    for before, after in pairwise(running):
        after += before
    return running


def _guess(times: Floats, amounts: Floats, once: Floats, twice: Floats) -> Floats:
    """The root of the first two cumulants of the money's times, for each row; NaN where a sign is missing.

    ln(gained ÷ paid) = u·(later − earlier) − u²/2·(difference of the variances of the times).
    """
    plus = np.maximum(amounts, 0.0)
    gained = np.einsum("ij->i", plus)
    paid = gained - np.einsum("ij->i", amounts)
    gained_1 = np.einsum("ij,ij->i", plus, times)
    paid_1 = gained_1 - np.einsum("ij->i", once)
    plus *= times
    gained_2 = np.einsum("ij,ij->i", plus, times)
    paid_2 = gained_2 - np.einsum("ij->i", twice)
    later, earlier = gained_1 / gained, paid_1 / paid
    span = later - earlier
    span = np.where(np.abs(span) < 0.1, np.where(span < 0.0, -0.1, 0.1), span)
    gain = np.log(gained / paid)
    spread = gained_2 / gained - later * later - (paid_2 / paid - earlier * earlier)
    inside = span * span - 2.0 * spread * gain
    u = np.where(inside > 0.0, 2.0 * gain / (span + np.copysign(np.sqrt(inside), span)), gain / span)
    both = (gained > 0.0) & (paid > 1e-14 * gained)
    return cast(Floats, np.where(both, np.clip(u, -15.0, 15.0), np.nan))


def _step(matrices: tuple[Floats, Floats, Floats, Floats], u: Floats) -> tuple[Floats, Floats, Floats]:
    """(Halley's step, the discounted flows, the sum of their sizes) of each row."""
    times, amounts, once, twice = matrices
    factors = times * -u[:, None]
    np.exp(factors, out=factors)
    slope = np.einsum("ij,ij->i", once, factors)
    bend = np.einsum("ij,ij->i", twice, factors)
    factors *= amounts
    value = np.einsum("ij->i", factors)
    size = np.einsum("ij->i", np.abs(factors))
    step = value / slope
    shape = 1.0 - 0.5 * (step * bend / slope)
    return np.where((shape > 0.5) & (shape < 2.0), step / shape, step), factors, size


# ----- assembling ---------------------------------------------------------------------------------------------------


def _assemble(days: Ints, values: Floats, bounds: Ints, name: str, found: _Found, method: str) -> XirrBatch:
    count, span, certain = bounds.size - 1, found.span, found.certain
    with np.errstate(over="ignore"):
        rate = np.expm1(found.root)
    certain &= rate <= FAR_RATE  # beyond that, whether it counts is for the full search to say
    status = np.where(span < 365, UNDER_ONE_YEAR, OK).astype(np.int8)
    reason = np.zeros(count, dtype=np.int8)
    roots = np.ones(count, dtype=np.int16)
    several: dict[int, tuple[float, ...]] = {}
    for i in np.flatnonzero(~certain).tolist():
        piece = slice(bounds[i], bounds[i + 1])
        one = _rates.xirr(days[piece], values[piece], day_count=name)
        rate[i] = math.nan if one.rate is None else one.rate
        status[i], reason[i] = STATUSES.index(one.status), REASONS.index(one.reason)
        roots[i] = len(one.roots)
        span[i] = one.days[-1] - one.days[0] if one.days is not None and one.days.size else 0
        if len(one.roots) > 1:
            several[i] = one.roots
    masked: np.ma.MaskedArray[Any, np.dtype[np.float64]] = np.ma.array(rate, mask=np.isnan(rate), fill_value=np.nan)
    return XirrBatch(masked, status, reason, roots, span, MappingProxyType(several), name, method)
