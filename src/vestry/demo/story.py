"""What happens in the demo firm's funds, as plain facts: one seed, one story. Nothing here knows the database.

Money is made before it is spent: a quarter's purchases, fees and expenses are called at its start, exits are
distributed at the start of the next quarter, and every mark follows from the one before, so NAV rolls forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from vestry.kernel import dates, money, returns

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Plan:
    """A fund's outline. ``size`` in its currency; ``pace`` = years in which it buys; ``spread`` of outcomes."""

    name: str
    strategy: str
    currency: str
    vintage_year: int
    size: int
    companies: int
    pace: int
    growth: float
    spread: float
    failure: float
    ownership: float


@dataclass(slots=True)
class Deal:
    """One company's life in the fund."""

    company: str
    sector: str
    country: str
    security: str
    bought_on: date
    cost: Decimal
    ownership: Decimal
    follow_on: tuple[date, Decimal] | None
    ends_on: date | None
    ends: str
    partial: tuple[date, Decimal, Decimal] | None = None
    proceeds: Decimal = ZERO
    dividends: list[tuple[date, Decimal]] = field(default_factory=list)
    marks: list[tuple[date, Decimal, str]] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """A call with what it is for; ``paid`` False for the newest one."""

    called_on: date
    due_on: date
    investments: Decimal
    fees: Decimal
    expenses: Decimal
    paid: bool = True


@dataclass(slots=True)
class Payout:
    """A distribution and its recallable part."""

    declared_on: date
    due_on: date
    return_of_capital: Decimal
    gains: Decimal
    income: Decimal
    recallable: Decimal


@dataclass(slots=True)
class Story:
    """Everything that happened in one fund."""

    plan: Plan
    commitments: list[tuple[str, str, Decimal]]
    started_on: date
    deals: list[Deal]
    calls: list[Call] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    entries: list[tuple[str, date, Decimal, str]] = field(default_factory=list)


PLANS = (
    Plan("Alder Ventures II", "venture", "USD", 2016, 120_000_000, 16, 4, 0.19, 0.55, 0.28, 0.14),
    Plan("Beacon Buyout III", "buyout", "EUR", 2015, 400_000_000, 9, 5, 0.14, 0.25, 0.10, 0.68),
)
FIRST = (
    "Acorn",
    "Birch",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lumen",
)
SECOND = ("Analytics", "Bio", "Cloud", "Devices", "Energy", "Foods", "Health", "Logistics", "Mobility", "Robotics")
SECTORS = ("Software", "Health care", "Industrials", "Consumer", "Energy", "Financial services")
COUNTRIES = ("United States", "Germany", "France", "Sweden", "United Kingdom", "Canada")
INVESTORS = (
    "Northern Teachers Pension", "Lakeside University Endowment", "Meridian Insurance", "Old Mill Family Office",
    "Harbor Foundation", "Sovereign Savings Fund", "Tri-State Employees Retirement", "Pine Street Fund of Funds",
)  # fmt: skip


def tell(plan: Plan, rng: np.random.Generator, until: date) -> Story:
    """One fund's story up to a day; the same generator state tells the same story."""
    started_on = date(plan.vintage_year, 2, 15)
    deals = [_deal(plan, number, rng, until) for number in range(plan.companies)]
    story = Story(plan, _commitments(plan, rng), started_on, sorted(deals, key=lambda deal: deal.bought_on))
    owed: list[tuple[Decimal, Decimal, Decimal]] = []
    for start, end in _quarters(started_on, until):
        _call(story, start, end, until)
        if owed:
            _pay_out(story, start, owed, rng)
        owed = _received(story.deals, start, end)
        _accrue_carry(story, end)
    return story


def _commitments(plan: Plan, rng: np.random.Generator) -> list[tuple[str, str, Decimal]]:
    weights = [Decimal(int(weight)) for weight in rng.integers(4, 20, len(INVESTORS))]
    general_partner = Decimal(plan.size) * Decimal("0.02")
    shares = money.allocate(Decimal(plan.size) - general_partner, weights, -3)
    named = [(name, "lp", share) for name, share in zip(INVESTORS, shares, strict=True)]
    return [*named, (f"{plan.name} GP", "gp", general_partner)]


def _deal(plan: Plan, number: int, rng: np.random.Generator, until: date) -> Deal:
    budget = plan.size * 0.78 / plan.companies
    bought_on = date(plan.vintage_year, 4, 1) + timedelta(days=int(rng.integers(0, plan.pace * 365)))
    cost = _round(budget * rng.uniform(0.5, 0.9))
    later = dates.add_months(bought_on, int(rng.integers(12, 24)))
    follows = rng.random() < 0.6 and later < until
    held_years = float(rng.uniform(3.5, 8.5))
    ends_on = bought_on + timedelta(days=int(held_years * 365))
    fails = rng.random() < plan.failure
    ends = "write_off" if fails else "exit"
    deal = Deal(
        company=f"{FIRST[number % len(FIRST)]} {SECOND[(number * 3 + plan.vintage_year) % len(SECOND)]}",
        sector=SECTORS[int(rng.integers(len(SECTORS)))],
        country=COUNTRIES[int(rng.integers(len(COUNTRIES)))],
        security="Series A preferred" if plan.strategy == "venture" else "Ordinary shares",
        bought_on=bought_on,
        cost=cost,
        ownership=Decimal(str(round(plan.ownership * rng.uniform(0.7, 1.3), 4))),
        follow_on=(later, _round(budget * rng.uniform(0.15, 0.4))) if follows and later < ends_on else None,
        ends_on=ends_on if ends_on <= until else None,
        ends=ends if ends_on <= until else "held",
    )
    _value(deal, plan, rng, until, fails=fails)
    return deal


def _value(deal: Deal, plan: Plan, rng: np.random.Generator, until: date, *, fails: bool) -> None:
    """Marks at quarter ends by a random walk, follow-ons at cost, one partial sale of a winner, then the end."""
    value, invested = deal.cost, deal.cost
    drift = -0.35 if fails else plan.growth
    last = deal.ends_on or until
    for start, end in _quarters(dates.quarter_start(deal.bought_on), until):
        if deal.follow_on and start <= deal.follow_on[0] <= end:
            value += deal.follow_on[1]
            invested += deal.follow_on[1]
        if deal.ends_on and start <= deal.ends_on <= end:
            deal.proceeds = ZERO if deal.ends == "write_off" else _round(float(value) * rng.uniform(1.0, 1.25))
            return
        if end > last or end < deal.bought_on:
            continue
        move = rng.normal((drift - plan.spread**2 / 2) / 4, plan.spread / 2)
        value = max(_round(float(value) * float(np.exp(move))), CENT)
        if deal.partial is None and value > 3 * invested and rng.random() < 0.3 and end < last - timedelta(days=200):
            share = Decimal("0.4")
            sold_on = end - timedelta(days=20)
            if sold_on > max(deal.bought_on, deal.follow_on[0] if deal.follow_on else deal.bought_on):
                deal.partial = (sold_on, (value * share).quantize(CENT), share)
                value -= deal.partial[1]
        if plan.strategy == "buyout" and value > invested and end.month == 6:
            deal.dividends.append((end - timedelta(days=10), _round(float(invested) * 0.02)))
        deal.marks.append((end, value, "last_round" if plan.strategy == "venture" else "multiples"))


def _call(story: Story, start: date, end: date, until: date) -> None:
    """Call what the quarter needs, and pay the fee and the expenses out of it."""
    plan = story.plan
    bought = sum((deal.cost for deal in story.deals if start <= deal.bought_on <= end), ZERO)
    bought += sum(
        (deal.follow_on[1] for deal in story.deals if deal.follow_on and start <= deal.follow_on[0] <= end), ZERO
    )
    age = start.year - plan.vintage_year
    if age >= 10 and not bought:
        return
    basis = Decimal(plan.size) if age < 5 else _cost_held(story.deals, start)
    fee = (basis * Decimal("0.02") / 4).quantize(CENT)
    expenses = (Decimal(plan.size) * Decimal("0.0004")).quantize(CENT)
    called_on = max(start, story.started_on)
    call = Call(called_on, called_on + timedelta(days=5), bought, fee, expenses, paid=end <= until)
    story.calls.append(call)
    if call.paid:
        fee_on = min(max(start + timedelta(days=14), call.due_on), end)
        story.entries.append(("management_fee", fee_on, fee, f"Quarter from {start:%d %b %Y}"))
        story.entries.append(("expense", fee_on, expenses, "Audit, administration, legal"))


def _pay_out(story: Story, start: date, owed: list[tuple[Decimal, Decimal, Decimal]], rng: np.random.Generator) -> None:
    capital, gains, income = (sum(parts, ZERO) for parts in zip(*owed, strict=True))
    early = start.year - story.plan.vintage_year < 5
    recallable = (capital * Decimal("0.25")).quantize(CENT) if early and rng.random() < 0.5 else ZERO
    declared_on = start + timedelta(days=9)
    story.payouts.append(Payout(declared_on, declared_on + timedelta(days=10), capital, gains, income, recallable))


def _received(deals: list[Deal], start: date, end: date) -> list[tuple[Decimal, Decimal, Decimal]]:
    """What came back in the quarter: (capital, gains, income) of each sale and dividend."""
    found = []
    for deal in deals:
        cost = deal.cost + (deal.follow_on[1] if deal.follow_on else ZERO)
        sold = (cost * deal.partial[2]).quantize(Decimal("0.0001")).quantize(CENT) if deal.partial else ZERO
        if deal.partial and start <= deal.partial[0] <= end:
            capital = min(sold, deal.partial[1])
            found.append((capital, deal.partial[1] - capital, ZERO))
        if deal.ends_on and start <= deal.ends_on <= end and deal.proceeds:
            capital = min(cost - sold, deal.proceeds)
            found.append((capital, deal.proceeds - capital, ZERO))
        found += [(ZERO, ZERO, amount) for on, amount in deal.dividends if start <= on <= end]
    return found


def _cost_held(deals: list[Deal], on: date) -> Decimal:
    held = [deal for deal in deals if deal.bought_on <= on and not (deal.ends_on and deal.ends_on <= on)]
    return sum((deal.cost + (deal.follow_on[1] if deal.follow_on else ZERO) for deal in held), ZERO)


def _accrue_carry(story: Story, end: date) -> None:
    """20 % of the profit once investors have 8 % a year (full catch-up), else nothing."""
    flows = [(call.due_on, -(call.investments + call.fees + call.expenses)) for call in story.calls if call.paid]
    flows += [(payout.due_on, payout.return_of_capital + payout.gains + payout.income) for payout in story.payouts]
    flows = [(on, amount) for on, amount in flows if on <= end]
    marks = [max((mark for mark in deal.marks if mark[0] <= end), default=None) for deal in _held(story.deals, end)]
    value = sum((mark[1] for mark in marks if mark), ZERO)
    profit = sum((amount for _, amount in flows), ZERO) + value
    rate = returns.xirr([*flows, (end, value)]).rate if flows else None
    carry = (profit * Decimal("0.2")).quantize(CENT) if rate is not None and rate >= 0.08 and profit > 0 else ZERO
    story.entries.append(("accrued_carry", end, carry, "20 % over 8 %, full catch-up"))


def _held(deals: list[Deal], on: date) -> list[Deal]:
    return [deal for deal in deals if deal.bought_on <= on and not (deal.ends_on and deal.ends_on <= on)]


def _quarters(first: date, until: date) -> Iterator[tuple[date, date]]:
    start = dates.quarter_start(first)
    while start <= until:
        yield start, dates.quarter_end(start)
        start = dates.add_months(start, 3)


def _round(amount: float) -> Decimal:
    return Decimal(int(amount // 1000) * 1000) if amount > 100_000 else Decimal(str(round(amount, 2)))
