"""What a waterfall answers: payments to the cent, the steps that made them, and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import TypeAlias

from vestry.kernel.accrual import PRECISION, round_half_up
from vestry.kernel.money import allocate
from vestry.kernel.waterfall.terms import (
    CatchUp,
    IrrHurdle,
    MultipleHurdle,
    PreferredReturn,
    ReturnOfCapital,
    Split,
    Tier,
    Waterfall,
    percent,
)

Moment: TypeAlias = date | Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount at a moment: a date, or years from the start. ``label`` names its deal or source."""

    on: Moment
    amount: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class TierStep:
    """One tier filled by one payment: ``cash_in`` reached it, ``needed`` would have filled it (``None``: no limit)."""

    on: Moment
    tier: Tier
    cash_in: Decimal
    needed: Decimal | None
    lp: Decimal
    gp: Decimal

    @property
    def name(self) -> str:
        """The tier's name, such as ``catch-up``."""
        return self.tier.name

    @property
    def total(self) -> Decimal:
        """What the tier took."""
        return self.lp + self.gp

    @property
    def why(self) -> str:
        """The reason for the amount, as a sentence."""
        return _reason(self.tier, Decimal(0) if self.needed is None else self.needed)

    def __str__(self) -> str:
        return f"{self.on} {self.name}: in {self.cash_in:,f}, LP {self.lp:,f}, GP {self.gp:,f} ({self.why})"


def _reason(tier: Tier, needed: Decimal) -> str:
    sides = f"{percent(1 - tier.gp_share)} to the LPs, {percent(tier.gp_share)} to the GP"
    match tier:
        case ReturnOfCapital():
            return f"capital not yet returned is {needed:,.2f}"
        case PreferredReturn():
            return f"preferred return of {percent(tier.rate)} ({tier.compounding}) accrued and unpaid is {needed:,.2f}"
        case CatchUp():
            return f"{sides} until the GP holds {percent(tier.carry)} of all profit, which takes {needed:,.2f}"
        case IrrHurdle():
            return f"{sides} until the LPs have earned {percent(tier.rate)} a year, which takes {needed:,.2f}"
        case MultipleHurdle():
            return f"{sides} until the LPs have {tier.multiple:f} times their capital, which takes {needed:,.2f}"
        case Split():
            return f"what is left: {sides}"


@dataclass(frozen=True, slots=True)
class Payment:
    """One distribution: ``cash`` = ``lp`` + ``gp``, and the same sums over its steps."""

    on: Moment
    cash: Decimal
    lp: Decimal
    gp: Decimal
    steps: tuple[TierStep, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class TierTotal:
    """What one tier took over all payments."""

    name: str
    lp: Decimal
    gp: Decimal

    @property
    def total(self) -> Decimal:
        """LP and GP together."""
        return self.lp + self.gp


@dataclass(frozen=True, slots=True)
class WaterfallResult:
    """Who received what, and why. Amounts are positive; ``lp`` and ``gp`` are what those sides received.

    ``unreturned_capital`` and ``unpaid_preferred_return`` are the accounts after the last event (or ``as_of``); the
    latter is ``None`` where the terms have no preferred-return tier. ``engine`` says which method computed it.
    """

    terms: Waterfall
    engine: str
    contributions: tuple[Flow, ...]
    payments: tuple[Payment, ...]
    unreturned_capital: Decimal
    unpaid_preferred_return: Decimal | None

    @property
    def contributed(self) -> Decimal:
        """Capital paid in."""
        return sum((flow.amount for flow in self.contributions), Decimal(0))

    @property
    def lp(self) -> Decimal:
        """All that went to the LPs."""
        return sum((payment.lp for payment in self.payments), Decimal(0))

    @property
    def gp(self) -> Decimal:
        """All that went to the GP as carry."""
        return sum((payment.gp for payment in self.payments), Decimal(0))

    @property
    def total(self) -> Decimal:
        """All that was distributed."""
        return sum((payment.cash for payment in self.payments), Decimal(0))

    @property
    def profit(self) -> Decimal:
        """Distributed less contributed; negative is a loss so far."""
        return self.total - self.contributed

    @property
    def gp_share_of_profit(self) -> Decimal | None:
        """The GP's part of the profit, or ``None`` where there is no profit."""
        return self.gp / self.profit if self.profit > 0 else None

    @property
    def steps(self) -> tuple[TierStep, ...]:
        """Every step of every payment, in order: the trace."""
        return tuple(step for payment in self.payments for step in payment.steps)

    @property
    def tiers(self) -> tuple[TierTotal, ...]:
        """The tiers of the terms in order, each with its sums; a tier never reached shows zeros."""
        return tuple(self._total(tier) for tier in self.terms.tiers)

    def tier(self, name: str) -> TierTotal:
        """The sums of the tier of that name (``return of capital``, ``preferred return``, ``catch-up``, ``split``)."""
        for total in self.tiers:
            if total.name == name:
                return total
        raise KeyError(f"no tier {name!r}; there are {', '.join(total.name for total in self.tiers)}")

    def _total(self, tier: Tier) -> TierTotal:
        steps = [step for step in self.steps if step.tier is tier]
        zero = Decimal(0)
        return TierTotal(tier.name, sum((s.lp for s in steps), zero), sum((s.gp for s in steps), zero))

    @property
    def lp_flows(self) -> tuple[Flow, ...]:
        """The LPs' cash by the owner's sign, ordered: contributions negative, distributions positive."""
        out = [Flow(flow.on, -flow.amount, flow.label) for flow in self.contributions]
        back = [Flow(payment.on, payment.lp, payment.label) for payment in self.payments]
        return tuple(sorted([*out, *back], key=lambda flow: flow.on))

    @property
    def gp_flows(self) -> tuple[Flow, ...]:
        """The GP's carry, payment by payment."""
        return tuple(Flow(payment.on, payment.gp, payment.label) for payment in self.payments)

    def explain(self) -> dict[str, object]:
        """Inputs, convention and steps as plain values, for a reader or a store."""
        return {
            "engine": self.engine,
            "tiers": [repr(tier) for tier in self.terms.tiers],
            "convention": {
                "style": self.terms.style,
                "day_count": self.terms.day_count,
                "decimals": self.terms.decimals,
                "rounding": "the GP's cumulative amount half up; the LPs receive the difference",
            },
            "inputs": {
                "contributions": [(str(flow.on), flow.amount) for flow in self.contributions],
                "distributions": [(str(payment.on), payment.cash) for payment in self.payments],
            },
            "steps": [str(step) for step in self.steps],
            "result": {
                "lp": self.lp,
                "gp": self.gp,
                "profit": self.profit,
                "unreturned_capital": self.unreturned_capital,
                "unpaid_preferred_return": self.unpaid_preferred_return,
            },
        }


@dataclass(frozen=True, slots=True)
class ExactPayment:
    """A payment before rounding, as an engine hands it over."""

    on: Moment
    cash: Decimal
    steps: tuple[TierStep, ...]
    label: str = ""


def to_cents(payments: Iterable[ExactPayment], decimals: int | None) -> tuple[Payment, ...]:
    """Payments rounded once: the GP's cumulative total half up, each payment its increase, the LPs the difference.

    Rounding the running total keeps errors from adding up, and since both sides' exact totals never fall, no payment
    turns negative. The steps of a payment are made to sum to it by largest remainder.
    """
    done: list[Payment] = []
    exact_gp = paid_gp = Decimal(0)
    with localcontext(PRECISION):
        for payment in payments:
            exact_gp += sum((step.gp for step in payment.steps), Decimal(0))
            gp = round_half_up(exact_gp, decimals) - paid_gp
            paid_gp += gp
            lp = payment.cash - gp
            steps = payment.steps if decimals is None else _round_steps(payment.steps, lp, gp, decimals)
            done.append(Payment(payment.on, payment.cash, lp, gp, steps, payment.label))
    return tuple(done)


def _round_steps(steps: Sequence[TierStep], lp: Decimal, gp: Decimal, decimals: int) -> tuple[TierStep, ...]:
    lps = _share_out(lp, [step.lp for step in steps], decimals)
    gps = _share_out(gp, [step.gp for step in steps], decimals)
    rounded = []
    left = lp + gp
    for step, to_lp, to_gp in zip(steps, lps, gps, strict=True):
        needed = None if step.needed is None else round_half_up(step.needed, decimals)
        rounded.append(TierStep(step.on, step.tier, left, needed, to_lp, to_gp))
        left -= to_lp + to_gp
    return tuple(rounded)


def _share_out(total: Decimal, weights: list[Decimal], decimals: int) -> list[Decimal]:
    if not any(weights):
        return [round_half_up(Decimal(0), decimals)] * len(weights)
    return allocate(total, weights, decimals)
