"""Deal by deal: the American waterfall, with losses carried forward or every deal alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from itertools import chain

from vestry.kernel.accrual import PRECISION
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.waterfall.engine_replay import Claim
from vestry.kernel.waterfall.result import Flow, Moment, Payment, WaterfallResult
from vestry.kernel.waterfall.run import Amounts, Clock, When, moment, read_flows, run
from vestry.kernel.waterfall.terms import Waterfall


@dataclass(frozen=True, slots=True)
class Deal:
    """One investment: what it cost, what it returned, what was written down; all positive amounts.

    ``cost`` is one amount (at time 0) or ``(when, amount)`` pairs; ``proceeds`` likewise (one amount: after a year). A
    deal is realised from its first proceeds on, also if they are zero: ``[(when, 0)]`` is a total loss.
    """

    name: str
    cost: Amounts
    proceeds: Amounts = field(default=())
    write_downs: Amounts = field(default=())


@dataclass(frozen=True, slots=True)
class _Read:
    name: str
    cost: list[Flow]
    proceeds: list[Flow]
    write_downs: list[Flow]

    @property
    def realised_on(self) -> Moment | None:
        return min((flow.on for flow in self.proceeds), default=None)


@guarded
def distribute_deals(
    terms: Waterfall, deals: Iterable[Deal], *, expenses: Amounts = (), as_of: When | None = None
) -> WaterfallResult:
    """The American waterfall over all deals; payments carry the deal's name as ``label``.

    With loss carry-forward, what must be returned before carry is the cost of every deal realised so far and the
    written-down part of the others, with preferred return from the day each dollar was contributed, plus
    ``expenses`` (fees and costs contributed outside deals), which belong to the deals invested when they were paid, pro
    rata to cost. Without it each deal is its own waterfall and bears its part of the expenses alone.

    The result's ``contributions`` are all that was paid in, realised or not; carry can therefore exceed its share of
    the whole fund's profit, which is what ``clawback`` is for. Proceeds return a deal's whole cost first, also when
    only part of it was sold.
    """
    read = [_read(deal) for deal in deals]
    if not read:
        raise KernelError("there are no deals to distribute")
    costs = read_flows(expenses, Decimal(0), "expense")
    everything = list(chain.from_iterable((*deal.cost, *deal.proceeds, *deal.write_downs) for deal in read))
    clock = Clock.of([*everything, *costs], terms.day_count)
    with localcontext(PRECISION):
        shares = _expenses_by_deal(read, costs, clock)
    paid_in = sorted([*chain.from_iterable(deal.cost for deal in read), *costs], key=lambda flow: clock.years(flow.on))
    until = None if as_of is None else clock.years(moment(as_of))
    if terms.loss_carry_forward:
        claims = list(chain.from_iterable(_pool_claims(deal, shares[deal.name], clock) for deal in read))
        return run(terms, paid_in, claims, [flow for deal in read for flow in deal.proceeds], clock, until=until)
    alone = [_alone(terms, deal, shares[deal.name], clock, until) for deal in read]
    return _merged(terms, paid_in, alone)


def _read(deal: Deal) -> _Read:
    def named(flows: Amounts, when: int, what: str) -> list[Flow]:
        read = read_flows(flows, Decimal(when), f"{what} of {deal.name}")
        return [Flow(flow.on, flow.amount, deal.name) for flow in read]

    cost = named(deal.cost, 0, "cost")
    if not cost:
        raise KernelError(f"deal {deal.name} has no cost")
    return _Read(deal.name, cost, named(deal.proceeds, 1, "proceeds"), named(deal.write_downs, 1, "write-down"))


def _expenses_by_deal(deals: Sequence[_Read], expenses: Sequence[Flow], clock: Clock) -> dict[str, list[Flow]]:
    """Each expense over the deals invested by then (or the first ones), by what they cost in all."""
    shares: dict[str, list[Flow]] = {deal.name: [] for deal in deals}
    if len(shares) < len(deals):
        raise KernelError("deals must have different names")
    opened = {deal.name: min(clock.years(flow.on) for flow in deal.cost) for deal in deals}
    for expense in expenses:
        by = max(clock.years(expense.on), min(opened.values()))
        invested = {
            deal.name: sum((flow.amount for flow in deal.cost), Decimal(0)) for deal in deals if opened[deal.name] <= by
        }
        total = sum(invested.values(), Decimal(0))
        for name, cost in invested.items():
            part = expense.amount * (cost / total if total else Decimal(1) / len(invested))
            shares[name].append(Flow(expense.on, part, name))
    return shares


def _pool_claims(deal: _Read, expenses: Sequence[Flow], clock: Clock) -> list[Claim]:
    """When each dollar of the deal starts to be returned first: at its write-down, or when the deal is realised."""
    dollars = [(clock.years(flow.on), flow.amount) for flow in sorted(deal.cost, key=lambda flow: flow.on)]
    total = sum((amount for _, amount in dollars), Decimal(0))
    realised = None if deal.realised_on is None else clock.years(deal.realised_on)
    claims: list[Claim] = []
    written = Decimal(0)
    for loss in sorted(deal.write_downs, key=lambda flow: flow.on):
        at = clock.years(loss.on)
        if realised is not None and at >= realised:
            continue
        if written + loss.amount > total:
            raise KernelError(f"deal {deal.name} is written down by more than its cost of {total}")
        written += loss.amount
        claims += _take(dollars, loss.amount, at)
        claims += [_joined(flow, loss.amount / total, at, clock) for flow in expenses]
    if realised is not None:
        claims += [Claim(max(realised, since), since, amount) for since, amount in dollars]
        left = (total - written) / total if total else Decimal(1)
        claims += [_joined(flow, left, realised, clock) for flow in expenses]
    return [claim for claim in claims if claim.amount]


def _take(dollars: list[tuple[Decimal, Decimal]], amount: Decimal, at: Decimal) -> list[Claim]:
    """Claim the oldest dollars first, leaving the rest in the list."""
    claims = []
    while amount:
        since, held = dollars.pop(0)
        part = min(held, amount)
        claims.append(Claim(max(at, since), since, part))
        if held > part:
            dollars.insert(0, (since, held - part))
        amount -= part
    return claims


def _joined(expense: Flow, fraction: Decimal, at: Decimal, clock: Clock) -> Claim:
    since = clock.years(expense.on)
    return Claim(max(at, since), since, expense.amount * fraction)


def _alone(
    terms: Waterfall, deal: _Read, expenses: Sequence[Flow], clock: Clock, until: Decimal | None
) -> WaterfallResult:
    paid_in = [*deal.cost, *expenses]
    claims = [Claim(clock.years(flow.on), clock.years(flow.on), flow.amount) for flow in paid_in]
    return run(terms, paid_in, claims, deal.proceeds, clock, until=until)


def _merged(terms: Waterfall, paid_in: Sequence[Flow], alone: Sequence[WaterfallResult]) -> WaterfallResult:
    payments: list[Payment] = sorted(chain.from_iterable(one.payments for one in alone), key=lambda paid: paid.on)
    prefs = [one.unpaid_preferred_return for one in alone if one.unpaid_preferred_return is not None]
    return replace(
        alone[0],
        terms=terms,
        contributions=tuple(paid_in),
        payments=tuple(payments),
        unreturned_capital=sum((one.unreturned_capital for one in alone), Decimal(0)),
        unpaid_preferred_return=sum(prefs, Decimal(0)) if terms.preferred_return is not None else None,
    )
