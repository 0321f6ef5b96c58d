"""A fund's figures as whole numbers in arrays: made from the figures, kept, and turned into figures again.

Flows are packed as little-endian 64-bit pairs (day number, units), netted by day, ascending; day 0 is the day asked
for, at which books kept here are valued. So a tally holds no day of its own except those that do not move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vestry.core.types import INT64_MAX, MONEY_SCALE
from vestry.kernel import returns
from vestry.performance.figures import Gross, Net, NetSums, gross_from, net_from, rate_counts, total_nav
from vestry.performance.flows import Flow, Rate, no_rate, rate_from
from vestry.performance.nav import Nav

Ints = NDArray[np.int64]
PAIR = np.dtype([("day", "<i8"), ("units", "<i8")])
UNITS = 10**MONEY_SCALE


class Tally(NamedTuple):
    """The columns of a :class:`~vestry.performance.models.FundTally`, in their order."""

    id: int
    counted_on: date
    next_on: date | None
    committed: int
    called: int
    called_inside: int
    paid_in: int
    distributed: int
    recallable: int
    nav: int | None
    nav_basis: str
    nav_reason: str | None
    valued_on: date | None
    before_carry: bool
    fair_value: int | None
    cash: int | None
    liabilities: int | None
    accrued_carry: int | None
    has_openings: bool
    invested: int
    realised: int
    held_value: int | None
    held_reason: str | None
    at_cost: int
    net_flows: bytes
    gross_flows: bytes

    def answers(self, day: date) -> bool:
        """Whether nothing that is recorded lies between the day it was counted on and this one."""
        return self.counted_on <= day and (self.next_on is None or day < self.next_on)

    def fits(self) -> bool:
        """Whether every sum has a place in 64 bits; what has not is counted anew each time."""
        return all(abs(value) <= INT64_MAX for value in self if isinstance(value, int))


def tally(fund_id: int, as_of: date, next_on: date | None, net: Net, gross: Gross) -> Tally:
    """The tally of figures made from facts."""
    moves = net.nav is None or any(_moves(flow) for flow in net.terminal)
    standing = [(0 if _moves(flow) else flow.on.toordinal(), flow) for flow in net.terminal]
    return Tally(
        id=fund_id,
        counted_on=as_of,
        next_on=next_on,
        committed=units(net.committed),
        called=units(net.called),
        called_inside=units(net.called_inside),
        paid_in=units(net.paid_in),
        distributed=units(net.distributed),
        recallable=units(net.recallable),
        nav=_maybe(net.nav),
        nav_basis=net.nav_basis,
        nav_reason=net.reasons.get("nav"),
        valued_on=None if moves else net.valued_on,
        before_carry=net.before_carry,
        fair_value=_maybe(net.fair_value),
        cash=_maybe(net.cash),
        liabilities=_maybe(net.liabilities),
        accrued_carry=_maybe(net.accrued_carry),
        has_openings=any(flow.kind == "opening" for flow in net.flows),
        net_flows=pack([*_dated(net.flows), *standing]),
        **of_deals(gross),
    )


def of_deals(gross: Gross) -> dict[str, Any]:
    """The columns that say what the deals come to."""
    return {
        "invested": units(gross.invested),
        "realised": units(gross.realised),
        "held_value": _maybe(gross.fair_value),
        "held_reason": gross.reasons.get("fair_value"),
        "at_cost": gross.at_cost,
        "gross_flows": pack([*_dated(gross.flows), *((0, flow) for flow in gross.terminal)]),
    }


def units(amount: Decimal) -> int:
    """Money in units of its last place."""
    whole = int(amount.scaleb(MONEY_SCALE))
    if money(whole) != amount:
        raise ValueError(f"{amount} has more places than money")
    return whole


def pack(flows: Iterable[tuple[int, Flow]]) -> bytes:
    """Flows of numbered days, netted by day; a sum beyond 64 bits takes several pairs of its day."""
    sums: dict[int, int] = {}
    for day, flow in flows:
        sums[day] = sums.get(day, 0) + units(flow.amount)
    return _packed(sums)


def repacked(packed: bytes, more: Mapping[int, int]) -> bytes:
    """Packed flows with some units added to some days: what ``pack`` makes of all of them together."""
    pairs = np.frombuffer(packed, dtype=PAIR)
    sums: dict[int, int] = {}
    for source in (zip(pairs["day"].tolist(), pairs["units"].tolist(), strict=True), more.items()):
        for day, amount in source:
            sums[day] = sums.get(day, 0) + amount
    return _packed(sums)


def _packed(sums: Mapping[int, int]) -> bytes:
    pairs = []
    for day, amount in sorted(sums.items()):
        left, sign = abs(amount), 1 if amount > 0 else -1
        while left:
            pairs.append((day, sign * min(left, INT64_MAX)))
            left -= min(left, INT64_MAX)
    return np.array(pairs, dtype=PAIR).tobytes()


def _dated(flows: Iterable[Flow]) -> Iterable[tuple[int, Flow]]:
    return ((flow.on.toordinal(), flow) for flow in flows)


def _moves(flow: Flow) -> bool:
    """A terminal value of books kept here stands at whatever day is asked for; a reported one at its own."""
    return flow.source == "vehicle"


class Rates:
    """The rates of many packed series as of a day each, solved at once; NaN in ``values`` where there is none."""

    def __init__(self, packed: Sequence[bytes], as_of: Ints) -> None:
        self.days, self.units, sizes = unpack(packed, as_of)
        self.bounds = np.concatenate(([0], np.cumsum(sizes)))
        solved = returns.xirr_batch(self.days, self.units / UNITS, self.bounds)
        self.values: NDArray[np.float64] = solved.rate.data

    def rate(self, position: int) -> Rate:
        """One of them alone, with all that is told of a rate: to the last digit what a fund's own page shows."""
        part = slice(self.bounds[position], self.bounds[position + 1])
        return rate_of_days(self.days[part], self.units[part])


def rate_of_days(days: Ints, amounts: Ints) -> Rate:
    """The rate of one series of units by day number."""
    sums: dict[int, int] = {}
    for day, amount in zip(days.tolist(), amounts.tolist(), strict=True):
        sums[day] = sums.get(day, 0) + amount
    return rate_from(returns.xirr(list(sums), [amount / UNITS for amount in sums.values()]))


def unpack(packed: Sequence[bytes], as_of: Ints) -> tuple[Ints, Ints, Ints]:
    """Day numbers and units of packed series, one after the other, and the length of each."""
    pairs = np.frombuffer(b"".join(packed), dtype=PAIR)
    sizes = np.fromiter(map(len, packed), np.int64, len(packed)) // PAIR.itemsize
    days = np.where(pairs["day"] == 0, np.repeat(as_of, sizes), pairs["day"])
    return days, pairs["units"], sizes


def net_figures(one: Tally, as_of: date, rate: Rate) -> Net:
    """The net figures of a tally as of a day; ``rate`` is that of its flows."""
    return net_from(_sums([one]), nav_of(one, as_of), _told(one.has_openings, one.nav_reason, rate))


def gross_figures(one: Tally, rate: Rate) -> Gross:
    """The gross figures of a tally; ``rate`` is that of its flows."""
    irr = no_rate(one.held_reason) if one.held_reason else rate
    held = _maybe_money(one.held_value)
    return gross_from(money(one.invested), money(one.realised), held, one.held_reason, one.at_cost, irr)


def nav_of(one: Tally, as_of: date) -> Nav:
    """The NAV of a tally as of a day."""
    return Nav(
        _maybe_money(one.nav),
        one.nav_basis,
        one.valued_on or as_of,
        one.nav_reason,
        fair_value=_maybe_money(one.fair_value),
        cash=_maybe_money(one.cash),
        liabilities=_maybe_money(one.liabilities),
        accrued_carry=_maybe_money(one.accrued_carry),
        before_carry=one.before_carry,
    )


def totals(chosen: Sequence[Tally], days: Sequence[date]) -> tuple[Net, Gross]:
    """What funds of one currency come to together, each as of its own day."""
    as_of = max(days)
    navs = [nav_of(one, day) for one, day in zip(chosen, days, strict=True) if one.nav_reason != "nothing_recorded"]
    nav = total_nav(navs, as_of)
    sums = _sums(chosen)
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    openings = any(one.has_openings for one in chosen)
    net = net_from(sums, nav, _told(openings, nav.reason, _together([one.net_flows for one in chosen], ordinals)))
    unknown = next((one.held_reason for one in chosen if one.held_reason), None)
    gross = gross_from(
        money(sum(one.invested for one in chosen)),
        money(sum(one.realised for one in chosen)),
        None if unknown else money(sum(one.held_value or 0 for one in chosen)),
        unknown,
        sum(one.at_cost for one in chosen),
        no_rate(unknown) if unknown else _together([one.gross_flows for one in chosen], ordinals),
    )
    return net, gross


def _together(packed: Sequence[bytes], as_of: Ints) -> Rate:
    """The rate of all flows as one series."""
    days, amounts, _ = unpack(packed, as_of)
    found, place = np.unique(days, return_inverse=True)
    sums = np.bincount(place, weights=amounts / UNITS, minlength=found.size)
    return rate_from(returns.xirr(found, sums))


def _sums(chosen: Sequence[Tally]) -> NetSums:
    return NetSums(**{one.name: money(sum(getattr(it, one.name) for it in chosen)) for one in fields(NetSums)})


def money(amount: int) -> Decimal:
    """Units of the last place as money."""
    return Decimal(amount).scaleb(-MONEY_SCALE)


def _maybe_money(amount: int | None) -> Decimal | None:
    return None if amount is None else money(amount)


def _maybe(amount: Decimal | None) -> int | None:
    return None if amount is None else units(amount)


def _told(has_openings: bool, nav_reason: str | None, rate: Rate) -> Rate:
    if not rate_counts(nav_reason):
        return no_rate(nav_reason or "")
    return no_rate("opening_balances") if has_openings else rate
