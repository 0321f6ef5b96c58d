"""Dated flows with the owner's sign, each knowing the row it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vestry.kernel import returns


@dataclass(frozen=True, slots=True)
class Flow:
    """Money out is negative, money in positive. ``source`` and ``row_id`` name the row it was read from."""

    on: date
    amount: Decimal
    kind: str
    source: str
    row_id: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of return as shown: None with a reason where it does not exist."""

    rate: float | None
    status: str
    reason: str | None
    annualised: bool
    since_inception: float | None
    roots: tuple[float, ...]
    residual: float | None
    first_on: date | None
    last_on: date | None


def rate_of(flows: Iterable[Flow], terminal: Iterable[Flow] = ()) -> Rate:
    """The XIRR (Act/365) of flows and terminal values; openings are sums without dates, so there is none over them."""
    series = [*flows, *terminal]
    if any(flow.kind == "opening" for flow in series):
        return no_rate("opening_balances")
    by_day: dict[date, Decimal] = {}  # netted exactly, so that the order of a day's flows cannot matter
    for flow in series:
        by_day[flow.on] = by_day.get(flow.on, Decimal(0)) + flow.amount
    return rate_from(returns.xirr(list(by_day), list(by_day.values())))


def rate_from(result: returns.RateResult) -> Rate:
    """A solver's result as it is shown."""
    return Rate(
        result.rate,
        result.status,
        result.reason or None,
        result.annualised,
        result.since_inception,
        result.roots,
        result.residual,
        result.first_on,
        result.last_on,
    )


def no_rate(reason: str) -> Rate:
    """No rate, and why."""
    return Rate(
        None,
        "none",
        reason,
        annualised=False,
        since_inception=None,
        roots=(),
        residual=None,
        first_on=None,
        last_on=None,
    )
