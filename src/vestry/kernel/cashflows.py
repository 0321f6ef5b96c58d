"""Dated flows with the owner's sign (money out negative, money in positive): netting, bucketing, running totals.

Arguments that mean the same throughout:

items: flows, (date, amount) pairs or a mapping. frequency: ``month``, ``quarter``, ``half`` or ``year``. as_of: the
last day that counts.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from vestry.kernel.dates import DateLike, Period, period_of, periods, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import Number, to_decimal

__all__ = ["Flow", "FlowLike", "Totals", "bucket", "flows", "net_by_date", "since_inception_totals", "split", "up_to"]


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """One dated amount in the owner's sign: a contribution is negative, a distribution positive."""

    date: dt.date
    amount: Decimal


FlowLike = Flow | tuple[DateLike, Number] | Sequence[DateLike | Number]


@dataclass(frozen=True, slots=True)
class Totals:
    """What has been paid in and distributed since inception up to and including a date (both as positive numbers)."""

    on: dt.date
    paid_in: Decimal
    distributed: Decimal

    @property
    def net(self) -> Decimal:
        """Distributed less paid-in: the J-curve's height."""
        return self.distributed - self.paid_in


@guarded
def flows(items: Iterable[FlowLike] | Mapping[DateLike, Number], amounts: Iterable[Number] | None = None) -> list[Flow]:
    """Flows sorted by date from flows, (date, amount) pairs, a mapping, or a list of dates beside a list of amounts.

    Flows of one day keep the order they came in.
    """
    if amounts is not None:
        dates, values = list(items), list(amounts)
        if len(dates) != len(values):
            raise KernelError(f"{len(dates)} dates but {len(values)} amounts")
        pairs: Iterable[Any] = zip(dates, values, strict=True)
    else:
        pairs = items.items() if isinstance(items, Mapping) else items
    return sorted((_flow(pair) for pair in pairs), key=lambda flow: flow.date)


def _flow(item: Any) -> Flow:
    if isinstance(item, Flow):
        return item
    try:
        day, amount = item
    except (TypeError, ValueError):
        raise KernelError(f"{item!r} is not a (date, amount) pair") from None
    return Flow(to_date(day), to_decimal(amount))


@guarded
def net_by_date(items: Iterable[FlowLike]) -> list[Flow]:
    """One flow per day, the sum of that day's; days that net to zero are left out."""
    totals: dict[dt.date, Decimal] = {}
    for flow in flows(items):
        totals[flow.date] = totals.get(flow.date, Decimal(0)) + flow.amount
    return [Flow(day, amount) for day, amount in totals.items() if amount]


@guarded
def bucket(
    items: Iterable[FlowLike],
    frequency: str = "quarter",
    *,
    start: DateLike | None = None,
    end: DateLike | None = None,
) -> list[tuple[Period, Decimal]]:
    """The sum of the flows in each calendar period from the first to the last (empty periods are there, with zero).

    ``start`` and ``end`` widen the range; a flow outside a narrower one is refused rather than dropped.
    """
    series = flows(items)
    days = [flow.date for flow in series]
    first = to_date(start) if start is not None else min(days, default=None)
    last = to_date(end) if end is not None else max(days, default=None)
    if first is None or last is None:
        return []
    sums = {period: Decimal(0) for period in periods(first, last, frequency)}
    for flow in series:
        period = period_of(flow.date, frequency)
        if period not in sums:
            raise KernelError(f"the flow of {flow.date} lies outside {first} to {last}")
        sums[period] += flow.amount
    return list(sums.items())


@guarded
def split(items: Iterable[FlowLike]) -> tuple[Decimal, Decimal]:
    """(paid in, distributed), both positive: the sums of the negative and of the positive flows as given, un-netted."""
    paid_in = distributed = Decimal(0)
    for flow in flows(items):
        if flow.amount < 0:
            paid_in -= flow.amount
        else:
            distributed += flow.amount
    return paid_in, distributed


@guarded
def up_to(items: Iterable[FlowLike], as_of: DateLike) -> list[Flow]:
    """The flows on or before a date."""
    last = to_date(as_of)
    return [flow for flow in flows(items) if flow.date <= last]


@guarded
def since_inception_totals(items: Iterable[FlowLike], at: Iterable[DateLike]) -> list[Totals]:
    """Paid-in and distributed since inception at each of the dates ``at`` (any order; one result per date given)."""
    series = flows(items)
    days = [flow.date for flow in series]
    paid = [Decimal(0), *accumulate(max(-flow.amount, Decimal(0)) for flow in series)]
    received = [Decimal(0), *accumulate(max(flow.amount, Decimal(0)) for flow in series)]
    result = []
    for moment in at:
        day = to_date(moment)
        count = bisect_right(days, day)
        result.append(Totals(day, paid[count], received[count]))
    return result
