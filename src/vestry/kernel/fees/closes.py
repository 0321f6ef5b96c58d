"""Later closes: who pays whom so that every investor stands as if all had been there from the first close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias

from vestry.kernel.accrual import PRECISION, DayCount, Number, decimal, round_half_up, years_between
from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.fees.management import FeeTerms, fee_ledger
from vestry.kernel.guard import guarded
from vestry.kernel.money import allocate


@dataclass(frozen=True, slots=True)
class Call:
    """A past call, all investors together. ``fee`` calls went to the manager and are caught up with it, not
    refunded."""

    on: date
    amount: Decimal
    kind: Literal["investment", "fee"] = "investment"


Calls: TypeAlias = "Iterable[Call | tuple[DateLike, Number]]"


@dataclass(frozen=True, slots=True)
class EqualisationLine:
    """One investor in a later close; positive amounts, ``net_cash`` by the owner's sign.

    ``paid`` and ``fee_paid`` are contributions and use up unfunded; ``returned`` is a contribution given back and
    restores unfunded. The interest is neither a contribution nor a distribution: it touches no multiple and no
    unfunded.
    """

    investor: str
    commitment: Decimal
    paid: Decimal
    returned: Decimal
    fee_paid: Decimal
    interest_paid: Decimal
    interest_received: Decimal
    fee_interest_paid: Decimal
    funded: Decimal
    unfunded: Decimal

    @property
    def net_cash(self) -> Decimal:
        """What the close moves for the investor: money out negative, money in positive."""
        into = self.returned + self.interest_received
        return into - self.paid - self.fee_paid - self.interest_paid - self.fee_interest_paid


@dataclass(frozen=True, slots=True)
class Equalisation:
    """A later close. ``principal`` and ``interest`` move between investors, ``fee`` and ``fee_interest`` to the
    manager."""

    on: date
    lines: dict[str, EqualisationLine]
    principal: Decimal
    interest: Decimal
    fee: Decimal
    fee_interest: Decimal
    steps: tuple[str, ...]

    def explain(self) -> dict[str, object]:
        """Formula and steps as plain values."""
        return {
            "formula": "principal = share of the call after − before the close; interest = principal × rate × years",
            "steps": list(self.steps),
            "result": {
                "principal": self.principal,
                "interest": self.interest,
                "fee": self.fee,
                "fee_interest": self.fee_interest,
            },
        }


@dataclass(slots=True)
class _Sums:
    paid: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    interest_paid: Decimal = Decimal(0)
    interest_received: Decimal = Decimal(0)
    fee_interest: Decimal = Decimal(0)
    funded: Decimal = field(default=Decimal(0))


@guarded
def equalise(
    existing: Mapping[str, Number],
    joining: Mapping[str, Number],
    calls: Calls,
    on: DateLike,
    *,
    interest_rate: Number = Decimal("0.08"),
    day_count: DayCount = "act/365f",
    decimals: int = 2,
) -> Equalisation:
    """The payments of a later close, to the cent.

    ``existing``, ``joining``: commitments by investor (an existing name in ``joining`` raises its commitment).
    ``calls``: everything called so far, as ``Call`` or ``(when, amount)``. For an investment call of A each investor
    should have paid ``A · commitment / all commitments``; those joining pay it, the others get back what they paid
    above it. For a ``fee`` call those joining pay the same rate of their commitment as the others did, to the manager.
    Both bear simple interest from the call to the close. Distributions made before the close are not shared.

    >>> close = equalise({"A": 180_000_000}, {"B": 20_000_000}, [("2024-01-01", 40_000_000)], "2024-03-31")
    >>> b = close.lines["B"]
    >>> b.paid, b.interest_paid, b.unfunded
    (Decimal('4000000.00'), Decimal('78904.11'), Decimal('16000000.00'))
    """
    before = _commitments(existing)
    added = _commitments(joining)
    after = {name: before.get(name, Decimal(0)) + added.get(name, Decimal(0)) for name in [*before, *added]}
    if not before or not added:
        raise KernelError("a later close needs investors already in and investors joining")
    close, rate = to_date(on), decimal(interest_rate, "interest_rate")
    sums = {name: _Sums() for name in after}
    steps = []
    with localcontext(PRECISION):
        for call in _read_calls(calls, close):
            years = years_between(call.on, close, day_count)
            for name, held in _held(call.amount, before, decimals).items():
                sums[name].funded += held
            settle = _settle_fee if call.kind == "fee" else _settle_investment
            steps.append(settle(call, rate * years, before, added, after, sums, decimals))
    return _summed(close, after, sums, steps)


def _commitments(given: Mapping[str, Number]) -> dict[str, Decimal]:
    read = {name: decimal(amount, f"commitment of {name}") for name, amount in given.items()}
    for name, amount in read.items():
        if amount <= 0:
            raise KernelError(f"the commitment of {name} must be positive, not {amount}")
    return read


def _read_calls(calls: Calls, close: date) -> list[Call]:
    read = []
    for call in calls:
        when, amount = (call.on, call.amount) if isinstance(call, Call) else call
        kind = call.kind if isinstance(call, Call) else "investment"
        read.append(Call(to_date(when), decimal(amount, "call"), kind))
    for one in read:
        if one.amount < 0 or one.on > close:
            raise KernelError(f"the call of {one.amount} on {one.on} is not a past call at the close on {close}")
    return sorted(read, key=lambda one: one.on)


def _held(amount: Decimal, before: Mapping[str, Decimal], decimals: int) -> dict[str, Decimal]:
    parts = allocate(round_half_up(amount, decimals), list(before.values()), decimals)
    return dict(zip(before, parts, strict=True))


def _settle_investment(
    call: Call,
    interest: Decimal,
    before: Mapping[str, Decimal],
    added: Mapping[str, Decimal],
    after: Mapping[str, Decimal],
    sums: Mapping[str, _Sums],
    decimals: int,
) -> str:
    """Move principal from those now holding more of the call to those holding less, and interest with it."""
    old, new = sum(before.values(), Decimal(0)), sum(after.values(), Decimal(0))
    change = {name: after[name] * old - before.get(name, Decimal(0)) * new for name in after}
    payers = {name: part for name, part in change.items() if part > 0}
    takers = {name: -part for name, part in change.items() if part < 0}
    moved = sum(payers.values(), Decimal(0)) * call.amount / (old * new)
    principal, earned = round_half_up(moved, decimals), round_half_up(moved * interest, decimals)
    if payers:
        for name, part, extra in _shared(payers, principal, earned, decimals):
            sums[name].paid += part
            sums[name].interest_paid += extra
        for name, part, extra in _shared(takers, principal, earned, decimals):
            sums[name].returned += part
            sums[name].interest_received += extra
    return f"call of {call.amount:,f} on {call.on}: {principal:,f} and {earned:,f} interest go to the earlier investors"


def _settle_fee(
    call: Call,
    interest: Decimal,
    before: Mapping[str, Decimal],
    added: Mapping[str, Decimal],
    after: Mapping[str, Decimal],
    sums: Mapping[str, _Sums],
    decimals: int,
) -> str:
    """Those joining pay the manager the rate of their commitment that the others paid."""
    owed = call.amount * sum(added.values(), Decimal(0)) / sum(before.values(), Decimal(0))
    fee, earned = round_half_up(owed, decimals), round_half_up(owed * interest, decimals)
    for name, part, extra in _shared(added, fee, earned, decimals):
        sums[name].fee += part
        sums[name].fee_interest += extra
    return f"fee call of {call.amount:,f} on {call.on}: {fee:,f} and {earned:,f} interest go to the manager"


def _shared(
    weights: Mapping[str, Decimal], principal: Decimal, interest: Decimal, decimals: int
) -> list[tuple[str, Decimal, Decimal]]:
    by = list(weights.values())
    return list(zip(weights, allocate(principal, by, decimals), allocate(interest, by, decimals), strict=True))


def _summed(
    close: date, commitments: Mapping[str, Decimal], sums: Mapping[str, _Sums], steps: Iterable[str]
) -> Equalisation:
    lines = {}
    for name, s in sums.items():
        funded = s.funded + s.paid + s.fee - s.returned
        lines[name] = EqualisationLine(
            investor=name,
            commitment=commitments[name],
            paid=s.paid,
            returned=s.returned,
            fee_paid=s.fee,
            interest_paid=s.interest_paid,
            interest_received=s.interest_received,
            fee_interest_paid=s.fee_interest,
            funded=funded,
            unfunded=commitments[name] - funded,
        )
    total = list(sums.values())
    return Equalisation(
        on=close,
        lines=lines,
        principal=sum((s.paid for s in total), Decimal(0)),
        interest=sum((s.interest_paid for s in total), Decimal(0)),
        fee=sum((s.fee for s in total), Decimal(0)),
        fee_interest=sum((s.fee_interest for s in total), Decimal(0)),
        steps=tuple(steps),
    )


@dataclass(frozen=True, slots=True)
class FeeTrueUp:
    """A late closer's fee since the first close and the interest on it, both to the manager."""

    fee: Decimal
    interest: Decimal
    charges: tuple[tuple[date, Decimal, Decimal], ...]
    """Each missed charge: due on, amount, interest."""

    @property
    def total(self) -> Decimal:
        """Fee and interest."""
        return self.fee + self.interest


@guarded
def late_closer_fee(
    terms: FeeTerms,
    commitment: Number,
    first_close: DateLike,
    joined_on: DateLike,
    *,
    interest_rate: Number = 0,
    in_advance: bool = True,
    interest_day_count: DayCount = "act/365f",
) -> FeeTrueUp:
    """The fee an investor owes as if it had joined at the first close, with simple interest from each charge's due
    date.

    Charges fall due at the start of each period (``in_advance``) or at its end. ``commitment`` is the level of whatever
    basis the terms name.

    >>> from vestry.kernel.fees import fee_terms
    >>> terms = fee_terms(0.02, "2024-01-01", day_count="periods")
    >>> late_closer_fee(terms, 10_000_000, "2024-01-01", "2024-07-01", interest_rate=0.08).total
    Decimal('102991.78')
    """
    joined, rate = to_date(joined_on), decimal(interest_rate, "interest_rate")
    levels = {stage.basis: decimal(commitment, "commitment") for stage in terms.stages}
    ledger = fee_ledger(terms, levels, first_close, joined)
    charges = []
    with localcontext(PRECISION):
        for period in ledger.periods:
            due = period.start if in_advance else period.until
            interest = period.net * rate * years_between(due, joined, interest_day_count)
            charges.append((due, period.net, round_half_up(interest, terms.decimals)))
    fee = sum((amount for _, amount, _ in charges), Decimal(0))
    return FeeTrueUp(fee, sum((interest for *_, interest in charges), Decimal(0)), tuple(charges))
