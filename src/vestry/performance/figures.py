"""Figures of a fund, a vehicle, a company, an investment or an investor as of a day, made from facts read once.

Net: between investors and the vehicle (paid-in, distributions, NAV). Gross: between the vehicle and its companies.
Formulas are the kernel's (:mod:`vestry.kernel.returns`); this module only chooses the flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vestry.investments.models import CASH_SIGN
from vestry.investments.walk import Entry
from vestry.kernel import money, returns
from vestry.performance.books import Books, CallRow, DistributionRow
from vestry.performance.deals import Part
from vestry.performance.flows import Flow, Rate, no_rate, rate_of
from vestry.performance.nav import ZERO, Nav, computed, reported
from vestry.valuations.fair_values import FairValue

NavOf = Callable[[Books], Nav]


@dataclass(frozen=True, slots=True)
class Net:
    """What the investors put in, got out and still own. Multiples None with a reason in ``reasons``."""

    committed: Decimal
    called: Decimal
    called_inside: Decimal
    paid_in: Decimal
    distributed: Decimal
    recallable: Decimal
    unfunded: Decimal | None
    nav: Decimal | None
    nav_basis: str
    valued_on: date
    before_carry: bool
    fair_value: Decimal | None
    cash: Decimal | None
    liabilities: Decimal | None
    accrued_carry: Decimal | None
    pic: Decimal | None
    dpi: Decimal | None
    rvpi: Decimal | None
    tvpi: Decimal | None
    irr: Rate
    reasons: dict[str, str]
    flows: tuple[Flow, ...]
    terminal: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class NetSums:
    """What net figures are computed from, besides the NAV; ``called_inside`` is what used up commitments."""

    committed: Decimal
    called: Decimal
    called_inside: Decimal
    paid_in: Decimal
    distributed: Decimal
    recallable: Decimal


@dataclass(frozen=True, slots=True)
class Gross:
    """What was invested in companies, came back, and is still worth."""

    invested: Decimal
    realised: Decimal
    fair_value: Decimal | None
    at_cost: int
    moic: Decimal | None
    dpi: Decimal | None
    rvpi: Decimal | None
    irr: Rate
    reasons: dict[str, str]
    flows: tuple[Flow, ...]
    terminal: tuple[Flow, ...]


def net(
    books: Iterable[Books], as_of: date, nav_of: NavOf, *, investor_id: int | None = None, rate: bool = True
) -> Net:
    """Net figures over some vehicles (of one currency), for all investors or one; without ``rate`` no IRR is solved."""
    chosen = list(books)
    calls = [line for one in chosen for line in one.calls if investor_id in (None, line.investor_id)]
    backs = [line for one in chosen for line in one.distributions if investor_id in (None, line.investor_id)]
    committed = sum(
        (
            row.amount
            for one in chosen
            for row in one.commitments
            if row.on <= as_of and investor_id in (None, row.investor_id)
        ),
        ZERO,
    )
    paid = [line for line in calls if line.paid_on is not None and line.paid_on <= as_of]
    back = [line for line in backs if line.paid_on is not None and line.paid_on <= as_of]
    flows = _investor_flows(paid, back)
    valued = [(one, nav_of(one)) for one in chosen if _counts(one, as_of)]
    total = total_nav([nav for _, nav in valued], as_of)
    terminal = tuple(
        Flow(nav.valued_on, nav.amount, "nav", *_nav_row(one, nav)) for one, nav in valued if nav.amount is not None
    )
    sums = NetSums(
        committed=committed,
        called=sum((line.amount for line in calls if line.called_on <= as_of), ZERO),
        called_inside=sum((line.amount for line in calls if line.called_on <= as_of and not line.outside), ZERO),
        paid_in=sum((line.amount for line in paid), ZERO),
        distributed=sum((line.amount for line in back), ZERO),
        recallable=sum((line.recallable for line in back), ZERO),
    )
    irr = no_rate("not_asked")
    if rate:
        irr = rate_of(flows, terminal) if rate_counts(total.reason) else no_rate(total.reason or "")
    return net_from(sums, total, irr, flows=tuple(flows), terminal=terminal)


def rate_counts(nav_reason: str | None) -> bool:
    """Whether a rate is asked for at all: without a reported NAV it is that of the flows alone."""
    return nav_reason in (None, "no_nav_reported")


def net_from(
    sums: NetSums, nav: Nav, irr: Rate, *, flows: tuple[Flow, ...] = (), terminal: tuple[Flow, ...] = ()
) -> Net:
    """The net figures that follow from sums, a NAV and a rate."""
    ratios = _ratios(sums.paid_in, sums.distributed, nav, sums.committed)
    return Net(
        committed=sums.committed,
        called=sums.called,
        called_inside=sums.called_inside,
        paid_in=sums.paid_in,
        distributed=sums.distributed,
        recallable=sums.recallable,
        unfunded=sums.committed - sums.called_inside + sums.recallable if sums.committed else None,
        nav=nav.amount,
        nav_basis=nav.basis,
        valued_on=nav.valued_on,
        before_carry=nav.before_carry,
        fair_value=nav.fair_value,
        cash=nav.cash,
        liabilities=nav.liabilities,
        accrued_carry=nav.accrued_carry,
        pic=ratios.pic,
        dpi=ratios.dpi,
        rvpi=ratios.rvpi if nav.amount is not None else None,
        tvpi=ratios.tvpi if nav.amount is not None else None,
        irr=irr,
        reasons=_reasons(ratios, nav),
        flows=flows,
        terminal=terminal,
    )


def gross(part: Part, as_of: date, *, rate: bool = True) -> Gross:
    """Gross figures over some holdings (of one currency); without ``rate`` the IRR is left out, for inner sums."""
    flows = deal_flows(part.entries, as_of)
    invested = -sum((flow.amount for flow in flows if flow.amount < 0), ZERO)
    realised = sum((flow.amount for flow in flows if flow.amount > 0), ZERO)
    unknown = next((held.reason for held in part.values if held.value is None), None)
    fair_value = None if unknown else sum((held.value for held in part.values if held.value is not None), ZERO)
    terminal = tuple(Flow(as_of, held.value, held.basis, *_value_row(held)) for held in part.values if held.value)
    irr = no_rate(unknown or "not_asked") if unknown or not rate else rate_of(flows, terminal)
    at_cost = sum(held.basis == "at_cost" for held in part.values)
    return gross_from(invested, realised, fair_value, unknown, at_cost, irr, flows=flows, terminal=terminal)


def gross_from(
    invested: Decimal,
    realised: Decimal,
    fair_value: Decimal | None,
    unknown: str | None,
    at_cost: int,
    irr: Rate,
    *,
    flows: tuple[Flow, ...] = (),
    terminal: tuple[Flow, ...] = (),
) -> Gross:
    """The gross figures that follow from sums and a rate; ``unknown`` is why there is no fair value."""
    ratios = returns.multiples(invested, realised, fair_value or ZERO)
    reasons = {} if invested else dict.fromkeys(("moic", "dpi", "rvpi"), "nothing_invested")
    if unknown:
        reasons |= dict.fromkeys(("fair_value", "moic", "rvpi", "irr"), unknown)
    return Gross(
        invested=invested,
        realised=realised,
        fair_value=fair_value,
        at_cost=at_cost,
        moic=None if unknown else ratios.tvpi,
        dpi=ratios.dpi,
        rvpi=None if unknown else ratios.rvpi,
        irr=irr,
        reasons=reasons,
        flows=flows,
        terminal=terminal,
    )


def deal_flows(entries: Iterable[Entry], as_of: date) -> tuple[Flow, ...]:
    """The vehicle's cash with its companies, by day."""
    flows = [
        Flow(entry.transacted_on, CASH_SIGN[entry.kind] * entry.amount, entry.kind, "transaction", entry.id)
        for entry in entries
        if CASH_SIGN[entry.kind] and entry.transacted_on <= as_of
    ]
    return tuple(sorted(flows, key=lambda flow: (flow.on, flow.row_id)))


def vehicle_nav(books: Books, as_of: date, deals: Gross, *, carry_free: bool) -> Nav:
    """The NAV of a vehicle by where its books are kept."""
    if books.vehicle.books == "elsewhere":
        return reported(books, as_of)
    deal_cash = sum((flow.amount for flow in deals.flows), ZERO)
    return computed(books, as_of, fair_value=deals.fair_value, deal_cash=deal_cash, carry_free=carry_free)


def investor_nav(books: Books, as_of: date, whole: Nav, investor_id: int) -> Nav:
    """One investor's part of a vehicle's NAV: as reported for them, else allocated by commitment (paid-in where
    nobody committed), so that all investors' parts sum to the whole."""
    own = reported(books, as_of, investor_id)
    if own.amount is not None or whole.amount is None:
        return own if own.amount is not None else whole
    weights = _weights(books, as_of)
    if investor_id not in weights:
        return Nav(ZERO, whole.basis, whole.valued_on)
    places = max(money.decimals(books.vehicle.currency), -int(whole.amount.normalize().as_tuple().exponent))
    shares = dict(zip(weights, money.allocate(whole.amount, list(weights.values()), places), strict=True))
    return Nav(shares[investor_id].quantize(ZERO), "allocated", whole.valued_on, before_carry=whole.before_carry)


def _weights(books: Books, as_of: date) -> dict[int, Decimal]:
    weights: dict[int, Decimal] = {}
    for row in books.commitments:
        if row.on <= as_of:
            weights[row.investor_id] = weights.get(row.investor_id, ZERO) + row.amount
    if any(weights.values()):
        return weights
    weights = {}
    for line in books.calls:
        if line.paid_on is not None and line.paid_on <= as_of:
            weights[line.investor_id] = weights.get(line.investor_id, ZERO) + line.amount
    return weights if any(weight > 0 for weight in weights.values()) and min(weights.values()) >= 0 else {}


def _investor_flows(paid: Iterable[CallRow], back: Iterable[DistributionRow]) -> list[Flow]:
    kinds = {"call": "contribution"}
    flows = [
        Flow(line.paid_on, -line.amount, kinds.get(line.kind, line.kind), "capital_call_line", line.id)
        for line in paid
        if line.paid_on is not None
    ]
    flows += [
        Flow(line.paid_on, line.amount, line.kind, "distribution_line", line.id)
        for line in back
        if line.paid_on is not None
    ]
    return sorted(flows, key=lambda flow: (flow.on, flow.amount > 0, flow.row_id))


def _nav_row(books: Books, nav: Nav) -> tuple[str, int]:
    return ("reported_nav", nav.reported_row_id) if nav.reported_row_id else ("vehicle", books.vehicle.id)


def _value_row(held: FairValue) -> tuple[str, int]:
    return ("valuation_mark", held.mark_id) if held.mark_id else ("holding", held.position.place.holding_id)


def _counts(books: Books, as_of: date) -> bool:
    """A vehicle kept elsewhere of which nothing is known yet adds nothing; it makes no NAV unknown."""
    if books.vehicle.books == "here":
        return True
    return any(day <= as_of for day in (*books.paid_days(), *(nav.on for nav in books.navs)))


def total_nav(navs: Sequence[Nav], as_of: date) -> Nav:
    """The NAV of several vehicles or funds of one currency together; unknown where one of them is."""
    if not navs:
        return Nav(None, "none", as_of, "nothing_recorded")
    if len(navs) == 1:
        return navs[0]
    missing = next((nav for nav in navs if nav.amount is None), None)
    if missing is not None:
        return Nav(None, "none", missing.valued_on, missing.reason)
    bases = {nav.basis for nav in navs}

    def together(name: str) -> Decimal | None:
        parts = [getattr(nav, name) for nav in navs]
        return None if None in parts else sum(parts, ZERO)

    return Nav(
        together("amount"),
        bases.pop() if len(bases) == 1 else "mixed",
        max(nav.valued_on for nav in navs),
        fair_value=together("fair_value"),
        cash=together("cash"),
        liabilities=together("liabilities"),
        accrued_carry=together("accrued_carry"),
        before_carry=any(nav.before_carry for nav in navs),
    )


def _ratios(paid_in: Decimal, distributed: Decimal, total: Nav, committed: Decimal) -> returns.Multiples:
    base = max(paid_in, ZERO)  # adjustments can bring what was paid in below nothing: no multiple exists of that either
    return returns.multiples(base, distributed, total.amount or ZERO, committed or None)


def _reasons(ratios: returns.Multiples, total: Nav) -> dict[str, str]:
    reasons = dict(ratios.reasons)
    if total.reason:
        reasons["nav"] = total.reason
        for name in ("rvpi", "tvpi"):
            reasons.setdefault(name, total.reason)
    return reasons
