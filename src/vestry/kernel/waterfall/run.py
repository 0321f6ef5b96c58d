"""Running a waterfall on contributions and distributions as a reader has them: numbers, pairs, dates or years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias, cast

import numpy as np

from vestry.kernel.accrual import PRECISION, DayCount, Number, decimal, round_half_up, years_between
from vestry.kernel.dates import to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.waterfall.engine_closed import closed_form
from vestry.kernel.waterfall.engine_replay import Account, Cash, Claim, replay
from vestry.kernel.waterfall.result import ExactPayment, Flow, Moment, TierStep, WaterfallResult, to_cents
from vestry.kernel.waterfall.terms import Waterfall

When: TypeAlias = date | str | np.datetime64 | int | float | Decimal
Amounts: TypeAlias = "Number | Iterable[Flow | tuple[When, Number]] | Mapping[When, Number]"


@guarded
def distribute(
    terms: Waterfall,
    contributions: Amounts,
    distributions: Amounts,
    *,
    years: Number = 1,
    as_of: When | None = None,
    engine: Literal["replay", "closed form"] = "replay",
) -> WaterfallResult:
    """Run the waterfall over all events in time order; on one day contributions come before distributions.

    ``contributions`` and ``distributions`` are positive: lists of ``(when, amount)``, ``when`` a date, an ISO string or
    a number of years from the start (not mixed), or one plain amount: contributed at 0, distributed after ``years``.
    ``as_of`` lets the accounts accrue past the last event. Cash is rounded half up to the terms' decimals first, then
    paid out to the last cent. ``engine="closed form"`` computes the same payments by ``closed_form`` (no account
    balances beyond the sums).

    >>> from vestry.kernel import waterfall
    >>> hard_hurdle = waterfall.european(pref=0.08, carry=0.2, catch_up=0)
    >>> result = waterfall.distribute(hard_hurdle, [("2021-01-01", 1000)], [("2022-12-31", 1600), ("2023-12-31", 100)])
    >>> print(result.steps[1].why)
    preferred return of 8% (annual) accrued and unpaid is 166.15
    >>> [str(payment.gp) for payment in result.payments]
    ['86.77', '20.00']
    """
    paid_in = read_flows(contributions, decimal(0), "contribution")
    paid_out = read_flows(distributions, decimal(years, "years"), "distribution")
    clock = Clock.of([*paid_in, *paid_out], terms.day_count)
    claims = [Claim(clock.years(flow.on), clock.years(flow.on), flow.amount) for flow in paid_in]
    until = None if as_of is None else clock.years(moment(as_of))
    return run(terms, paid_in, claims, paid_out, clock, until=until, engine=engine)


@guarded
def distribute_flows(
    terms: Waterfall,
    amounts: Sequence[Number],
    dates: Sequence[When] | None = None,
    *,
    periods_per_year: Number = 1,
) -> WaterfallResult:
    """The waterfall of one signed series: negative amounts are contributions, positive ones cash to distribute.

    Without ``dates`` the amounts are one period apart, ``periods_per_year`` of them to the year.

    >>> from vestry.kernel import waterfall
    >>> terms = waterfall.irr_hurdles([(0.08, 0), (0.12, 0.2)], residual=0.3)
    >>> waterfall.distribute_flows(terms, [-100, 0, 130]).gp
    Decimal('2.91')
    """
    if dates is None:
        n = decimal(periods_per_year, "periods_per_year")
        if n <= 0:
            raise KernelError(f"periods_per_year must be positive, not {n}")
        with localcontext(PRECISION):
            moments: list[Moment] = [Decimal(index) / n for index in range(len(amounts))]
    elif len(dates) != len(amounts):
        raise KernelError(f"{len(amounts)} amounts but {len(dates)} dates")
    else:
        moments = [moment(when) for when in dates]
    flows = [Flow(on, decimal(amount)) for on, amount in zip(moments, amounts, strict=True)]
    paid_in = [Flow(flow.on, -flow.amount) for flow in flows if flow.amount < 0]
    return distribute(terms, paid_in, [flow for flow in flows if flow.amount > 0])


class Clock:
    """Years since the first event, so that every stretch of time has one length whatever lies between.

    Stretches are differences of year fractions from one origin: with 30/360, which is not additive, a stretch
    between two later dates can differ by a day's fraction from its own count.
    """

    def __init__(self, origin: Moment, day_count: DayCount) -> None:
        self.origin = origin
        self.day_count = day_count

    @classmethod
    def of(cls, flows: Iterable[Flow], day_count: DayCount) -> Clock:
        """The clock that starts with the first of the flows; dates and numbers of years may not be mixed."""
        moments = [flow.on for flow in flows]
        if len({isinstance(one, date) for one in moments}) > 1:
            raise KernelError("give every event a date, or every event a number of years; they cannot be mixed")
        return cls(min(moments, default=Decimal(0)), day_count)

    def years(self, on: Moment) -> Decimal:
        """Years from the origin to that moment."""
        if isinstance(on, date) and isinstance(self.origin, date):
            return years_between(self.origin, on, self.day_count)
        if isinstance(on, Decimal) and isinstance(self.origin, Decimal):
            return on - self.origin
        raise KernelError("give every event a date, or every event a number of years; they cannot be mixed")


def run(
    terms: Waterfall,
    paid_in: Sequence[Flow],
    claims: Sequence[Claim],
    paid_out: Sequence[Flow],
    clock: Clock,
    *,
    until: Decimal | None = None,
    engine: str = "replay",
) -> WaterfallResult:
    """Run one set of claims and cash by the named engine and round the payments."""
    rounded = [Flow(flow.on, round_half_up(flow.amount, terms.decimals), flow.label) for flow in paid_out]
    cash = [Cash(clock.years(flow.on), flow.amount, flow.on, flow.label) for flow in rounded]
    cash.sort(key=lambda paid: paid.at)
    exact, account = replay(terms, claims, cash, until)
    if engine == "closed form":
        exact = _by_closed_form(terms, claims, cash)
    elif engine != "replay":
        raise KernelError(f"engine {engine!r} is unknown; use 'replay' or 'closed form'")
    return WaterfallResult(
        terms=terms,
        engine=engine,
        contributions=tuple(paid_in),
        payments=to_cents(exact, terms.decimals),
        unreturned_capital=_balance(account.unreturned, terms.decimals),
        unpaid_preferred_return=_pref_balance(account, terms),
    )


def _balance(value: Decimal, decimals: int | None) -> Decimal:
    return round_half_up(value, decimals)


def _pref_balance(account: Account, terms: Waterfall) -> Decimal | None:
    return None if terms.preferred_return is None else _balance(account.pref_due, terms.decimals)


def _by_closed_form(terms: Waterfall, claims: Sequence[Claim], cash: Sequence[Cash]) -> list[ExactPayment]:
    """The closed form's payments with one step per tier, in the shape the replay gives."""
    events: list[tuple[Decimal, int, Claim | Cash]] = [(claim.at, 0, claim) for claim in claims]
    events += [(paid.at, 1, paid) for paid in cash]
    events.sort(key=lambda event: event[:2])
    payments = []
    form = closed_form(
        terms,
        [float(at) for at, _, _ in events],
        [float(e.amount) if isinstance(e, Claim) else 0.0 for _, _, e in events],
        [float(e.amount) if isinstance(e, Cash) else 0.0 for _, _, e in events],
        [float(e.since) if isinstance(e, Claim) else float(at) for at, _, e in events],
    )
    for column, (_, _, event) in enumerate(events):
        if isinstance(event, Cash):
            totals = [_clean(tier[0, column]) for tier in form.tiers]
            payments.append(ExactPayment(event.on, event.amount, _steps(terms, event, totals), event.label))
    return payments


def _clean(value: np.float64) -> Decimal:
    """A float payment as a Decimal; what is noise below a millionth is nothing."""
    return max(Decimal(0), Decimal(float(value)).quantize(Decimal("1e-6"), context=PRECISION))


def _steps(terms: Waterfall, paid: Cash, totals: Sequence[Decimal]) -> tuple[TierStep, ...]:
    steps = []
    left = paid.amount
    for tier, total in zip(terms.tiers, totals, strict=True):
        if total:
            gp = total * tier.gp_share
            steps.append(TierStep(paid.on, tier, left, None, total - gp, gp))
            left -= total
    return tuple(steps)


def read_flows(flows: Amounts, when: Decimal, what: str) -> list[Flow]:
    """Flows from one amount (at ``when``), pairs or ``{when: amount}``; negative amounts are refused, zeros kept."""
    if isinstance(flows, Mapping):
        flows = list(flows.items())
    if isinstance(flows, Iterable) and not isinstance(flows, str):
        read = [_flow(item, what) for item in flows]
    else:
        read = [Flow(when, decimal(flows, what))]
    for flow in read:
        if flow.amount < 0:
            raise KernelError(f"a {what} is a positive amount, not {flow.amount} on {flow.on}")
    return read


def _flow(item: object, what: str) -> Flow:
    if isinstance(item, Flow):
        return Flow(moment(item.on), decimal(item.amount, what), item.label)
    try:
        when, amount = cast("tuple[When, Number]", item)
    except (TypeError, ValueError):
        raise KernelError(f"each {what} must be a pair (when, amount), not {item!r}") from None
    return Flow(moment(when), decimal(amount, what))


def moment(when: object) -> Moment:
    """A date (from a date, ISO string or ``datetime64``), or a Decimal number of years."""
    if isinstance(when, date | np.datetime64) or (isinstance(when, str) and "-" in when.lstrip("-")):
        return to_date(when)
    return decimal(cast("Number", when), "moment")
