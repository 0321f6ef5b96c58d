"""Time-weighted returns: true sub-period linking and Modified Dietz.

Here external flows carry the *portfolio's* side, as the formulas are published: money coming into it is positive.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.returns._rates import annualise, period_years

__all__ = ["LinkedReturn", "link", "modified_dietz", "twr"]

_TIMINGS = ("end", "start", "split")


@dataclass(frozen=True, slots=True)
class LinkedReturn:
    """A time-weighted return over a span, or None with a reason (``base_not_positive``, ``no_period``).

    ``value`` is cumulative. ``annual`` is the annual rate where dates were given and the span is longer than a year,
    else None. ``periods`` are the returns that were linked and ``accumulated`` the cumulative return after each.
    """

    value: float | None
    annual: float | None
    reason: str
    periods: tuple[float, ...]
    accumulated: tuple[float, ...]
    start_on: dt.date | None
    end_on: dt.date | None
    formula: str

    def __bool__(self) -> bool:
        """Whether there is a return."""
        return self.value is not None

    def explain(self) -> dict[str, object]:
        """Formula, the linked periods and the result."""
        return {
            "formula": self.formula,
            "value": self.value,
            "annual": self.annual,
            "reason": self.reason.replace("_", " "),
            "from": None if self.start_on is None else self.start_on.isoformat(),
            "to": None if self.end_on is None else self.end_on.isoformat(),
            "periods": list(self.periods),
            "accumulated": list(self.accumulated),
        }


@guarded
def twr(
    values: Iterable[Any],
    flows_in: Iterable[Any],
    *,
    dates: Iterable[DateLike] | None = None,
    timing: str = "end",
) -> LinkedReturn:
    """True time-weighted return: the returns between valuations, linked.

    ``values[i]`` is the portfolio's value at the end of day ``i``, that day's external flow included; ``flows_in[i]``
    is that flow, positive into the portfolio (``flows_in[0]`` is part of the opening value and does not count). Value
    on the day of every large flow. ``timing`` says when in its day a flow came:

    - ``end``: ``(Vᵢ − Fᵢ) ÷ Vᵢ₋₁ − 1``
    - ``start``: ``Vᵢ ÷ (Vᵢ₋₁ + Fᵢ) − 1``
    - ``split``: inflows at the start, outflows at the end.

    With ``dates`` a span over a year is annualised too, from the first valuation (its close) to the last. A period
    whose base is not positive has no return, and then the whole has none. Source: GIPS 2020, 2.A.
    """
    if timing not in _TIMINGS:
        raise KernelError(f"timing must be one of {', '.join(_TIMINGS)}, not {timing!r}")
    worth, flows = _numbers(values, "value"), _numbers(flows_in, "flow")
    if len(worth) != len(flows):
        raise KernelError(f"{len(worth)} values but {len(flows)} flows; give one flow, maybe 0, per valuation")
    days = None if dates is None else [to_date(day) for day in dates]
    if days is not None and (len(days) != len(worth) or sorted(set(days)) != days):
        raise KernelError("give one date per valuation, in ascending order")
    start, end = (days[0], days[-1]) if days else (None, None)
    periods: list[float] = []
    for i in range(1, len(worth)):
        early = flows[i] if timing == "start" or (timing == "split" and flows[i] > 0) else 0.0
        base = worth[i - 1] + early
        if base <= 0:
            return LinkedReturn(None, None, "base_not_positive", tuple(periods), (), start, end, _LINK)
        periods.append((worth[i] - (flows[i] - early)) / base - 1.0)
    return _linked(periods, start, end, after_close=True)


@guarded
def modified_dietz(
    start_value: Any,
    end_value: Any,
    flows_in: Iterable[tuple[DateLike, Any]] | Mapping[DateLike, Any],
    start: DateLike,
    end: DateLike,
    *,
    timing: str = "end",
) -> LinkedReturn:
    """Modified Dietz: ``(EV − BV − ΣF) ÷ (BV + Σ w·F)``, each flow weighted by the share of the period it was there.

    ``flows_in``: (date, amount) pairs or ``{date: amount}``.

    ``start`` is the period's first day and ``end`` its last, both counted (CD days); a flow on the D-th day weighs
    ``(CD − D) ÷ CD`` when it comes at the ``end`` of its day and ``(CD − D + 1) ÷ CD`` at its ``start``. Flows into the
    portfolio are positive. None (``base_not_positive``) when the average capital is not positive. Not annualised unless
    the period is longer than a year. Source: GIPS 2020 handbook, 2.A.
    """
    if timing not in {"end", "start"}:
        raise KernelError(f"timing must be end or start, not {timing!r}")
    first, last = to_date(start), to_date(end)
    count = (last - first).days + 1
    if count < 1:
        raise KernelError(f"the period ends on {last}, before it starts on {first}")
    before, after = _numbers([start_value, end_value], "value")
    total, weighted = 0.0, 0.0
    for when, amount in _pairs(flows_in):
        day = (to_date(when) - first).days + 1
        if not 1 <= day <= count:
            raise KernelError(f"the flow of {to_date(when)} lies outside {first} to {last}")
        (flow,) = _numbers([amount], "flow")
        total += flow
        weighted += flow * (count - day + (timing == "start")) / count
    base = before + weighted
    if base <= 0:
        return LinkedReturn(None, None, "base_not_positive", (), (), first, last, _DIETZ)
    value = (after - before - total) / base
    annual = _annual(value, first, last)
    return LinkedReturn(value, annual, "", (value,), (value,), first, last, _DIETZ)


@guarded
def link(periods: Iterable[Any], *, start: DateLike | None = None, end: DateLike | None = None) -> LinkedReturn:
    """Links period returns, ``Π (1 + rᵢ) − 1``; annual too if ``start`` to ``end`` (both counted) tops a year."""
    first = None if start is None else to_date(start)
    last = None if end is None else to_date(end)
    return _linked(_numbers(periods, "return"), first, last, after_close=False)


def _pairs(flows: Iterable[Any] | Mapping[DateLike, Any]) -> list[tuple[DateLike, Any]]:
    try:
        pairs: Iterable[Any] = flows.items() if isinstance(flows, Mapping) else flows
        return [(when, amount) for when, amount in pairs]
    except (TypeError, ValueError):
        raise KernelError("flows are (date, amount) pairs or a mapping of dates to amounts") from None


_LINK = "Π (1 + rᵢ) − 1"
_DIETZ = "(EV − BV − ΣF) ÷ (BV + Σ w·F)"


def _linked(periods: Sequence[float], start: dt.date | None, end: dt.date | None, *, after_close: bool) -> LinkedReturn:
    if not periods:
        return LinkedReturn(None, None, "no_period", (), (), start, end, _LINK)
    grown, accumulated = 1.0, []
    for one in periods:
        grown *= 1.0 + one
        if not math.isfinite(grown):
            raise KernelError("the linked return is too large for a number")
        accumulated.append(grown - 1.0)
    value = accumulated[-1]
    first = start + dt.timedelta(days=1) if start is not None and after_close else start
    annual = None if first is None or end is None else _annual(value, first, end)
    return LinkedReturn(value, annual, "", tuple(periods), tuple(accumulated), start, end, _LINK)


def _annual(value: float, first: dt.date, last: dt.date) -> float | None:
    """The annual rate of a cumulative return over more than a year, both ends counted; None where there is none."""
    if value < -1.0 or last < first:
        return None
    return annualise(value, first, last) if period_years(first, last) > 1.0 else None


def _numbers(values: Iterable[Any], what: str) -> list[float]:
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        raise KernelError(f"every {what} must be a number") from None
    if not all(map(math.isfinite, numbers)):
        raise KernelError(f"every {what} must be a finite number")
    return numbers
