"""Measures over whole books: methods side by side, a period's reconciliation, return on the average investment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.lots.events import ZERO, Event
from vestry.kernel.lots.ledger import Method, book
from vestry.kernel.lots.results import FeeTreatment, LotBook, Reconciliation, exactly, reconciliation
from vestry.kernel.money import Number

SIDE_BY_SIDE: tuple[Method, ...] = ("fifo", "lifo", "hifo", "lofo", "average")


@dataclass(frozen=True, slots=True)
class ReturnOnInvestment:
    """Gain on the time-weighted average of the cost held; rates are None (with a reason) when nothing was held."""

    gain: Decimal
    net_gain: Decimal
    average_investment: Decimal | None
    rate: float | None
    net_rate: float | None
    reason: str | None


@guarded
def side_by_side(
    events: Sequence[Event], methods: Iterable[Method] = SIDE_BY_SIDE, *, fees: FeeTreatment = "capitalised"
) -> dict[Method, LotBook]:
    """The same events under several methods. Realised gains differ; realised + unrealised at any price does not."""
    return {method: book(events, method, fees=fees) for method in methods}


@exactly
def period_reconciliation(
    events: Sequence[Event],
    method: Method = "fifo",
    *,
    start: DateLike,
    start_price: Number,
    end: DateLike,
    end_price: Number,
    fees: FeeTreatment = "capitalised",
    allow_shorts: bool = False,
) -> Reconciliation:
    """The identity over (start, end]: end value − begin value + cash = realised + Δunrealised + income − fees.

    Both dates are ends of day: events of ``start`` belong to the opening state.
    """
    first, last = to_date(start), to_date(end)
    if last < first:
        raise KernelError(f"the period ends ({last}) before it starts ({first})")
    before = book(events, method, fees=fees, allow_shorts=allow_shorts, as_of=first)
    after = book(events, method, fees=fees, allow_shorts=allow_shorts, as_of=last)
    return reconciliation(
        after.realised - before.realised,
        after.unrealised(end_price) - before.unrealised(start_price),
        after.income - before.income,
        after.fees - before.fees,
        after.value(end_price) - before.value(start_price),
        after.cash - before.cash,
    )


@exactly
def return_on_average_investment(events: Sequence[Event], *, price: Number, as_of: DateLike) -> ReturnOnInvestment:
    """Price gain ÷ days-weighted average cost held (the ROAI of Ghostfolio): neither TWR nor a simple return.

    Cost is the moving average without fees; days on which nothing is held do not count; income is not in the gain;
    ``net_rate`` subtracts all fees. Undefined (None) when no day passed with something held.
    """
    last = to_date(as_of)
    state = book(events, "average", fees="separate", as_of=last)
    gain = state.realised + state.unrealised(price)
    weighted, days = ZERO, 0
    for (day, cost), (next_day, _) in pairwise([*state.invested, (last, ZERO)]):
        span = (next_day - day) // timedelta(days=1)
        weighted += cost * span
        days += span if cost else 0
    if not weighted:
        return ReturnOnInvestment(gain, gain - state.fees, None, None, None, "nothing was held for a whole day")
    average = weighted / days
    return ReturnOnInvestment(
        gain, gain - state.fees, average, float(gain / average), float((gain - state.fees) / average), None
    )
