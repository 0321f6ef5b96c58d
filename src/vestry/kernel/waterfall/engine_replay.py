"""The dated replay: every event in order, every dollar down the tiers. The engine that explains itself.

State is carried from event to event (unreturned capital, accrued preferred return, hurdle balances) at 34 digits;
``engine_closed`` computes the same payments from the flows alone, without walking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from vestry.kernel.accrual import PRECISION, growth
from vestry.kernel.guard import guarded
from vestry.kernel.waterfall.result import ExactPayment, Moment, TierStep
from vestry.kernel.waterfall.terms import (
    CatchUp,
    IrrHurdle,
    MultipleHurdle,
    PreferredReturn,
    ReturnOfCapital,
    Split,
    Tier,
    Waterfall,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Capital that is to be returned from ``at`` on and accrues since ``since`` (both years from the start)."""

    at: Decimal
    since: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Cash:
    """Proceeds to distribute ``at`` years from the start; ``on`` is how the reader knows that moment."""

    at: Decimal
    amount: Decimal
    on: Moment
    label: str = ""


@dataclass(slots=True)
class Account:
    """What the LPs are still owed, and what both sides have received; changed event by event."""

    terms: Waterfall
    at: Decimal
    unreturned: Decimal = Decimal(0)
    pref_due: Decimal = Decimal(0)
    contributed: Decimal = Decimal(0)
    lp: Decimal = Decimal(0)
    gp: Decimal = Decimal(0)
    balances: dict[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for index, tier in enumerate(self.terms.tiers):
            if isinstance(tier, IrrHurdle):
                self.balances[index] = Decimal(0)

    def accrue(self, until: Decimal) -> None:
        """Let the preferred return and the hurdle balances grow until that time."""
        years = until - self.at
        if not years:
            return
        pref = self.terms.preferred_return
        if pref is not None:
            base = self.unreturned if pref.compounding == "simple" else self.unreturned + self.pref_due
            self.pref_due += base * (growth(pref.rate, years, pref.compounding) - 1)
        for index in self.balances:
            self.balances[index] *= self._growth(index, years)
        self.at = until

    def claim(self, claim: Claim) -> None:
        """Add capital to what is owed, with what it has already earned where it accrues since earlier."""
        waited = claim.at - claim.since
        self.contributed += claim.amount
        self.unreturned += claim.amount
        pref = self.terms.preferred_return
        if pref is not None and waited:
            self.pref_due += claim.amount * (growth(pref.rate, waited, pref.compounding) - 1)
        for index in self.balances:
            self.balances[index] += claim.amount * self._growth(index, waited)

    def _growth(self, index: int, years: Decimal) -> Decimal:
        tier = self.terms.tiers[index]
        return growth(tier.rate, years, tier.compounding) if isinstance(tier, IrrHurdle) else Decimal(1)

    def needed(self, index: int) -> Decimal | None:
        """What would fill the tier now, both sides together; ``None`` for no limit."""
        tier = self.terms.tiers[index]
        match tier:
            case ReturnOfCapital():
                return self.unreturned
            case PreferredReturn():
                return self.pref_due
            case CatchUp():
                profit = self.lp + self.gp - self.contributed
                return max(Decimal(0), (tier.carry * profit - self.gp) / (tier.share - tier.carry))
            case IrrHurdle():
                return max(Decimal(0), self.balances[index]) / (1 - tier.gp_share)
            case MultipleHurdle():
                return max(Decimal(0), tier.multiple * self.contributed - self.lp) / (1 - tier.gp_share)
            case Split():
                return None

    def pay(self, tier: Tier, lp: Decimal, gp: Decimal) -> None:
        """Book a tier's payment to every account it touches."""
        self.lp += lp
        self.gp += gp
        if isinstance(tier, ReturnOfCapital) or self._has_no_capital_tier():
            self.unreturned = max(Decimal(0), self.unreturned - lp)
        if isinstance(tier, PreferredReturn):
            self.pref_due -= lp
        for index, balance in self.balances.items():
            hurdle = self.terms.tiers[index]
            left = balance - lp
            keeps = isinstance(hurdle, IrrHurdle) and hurdle.keep_surplus
            self.balances[index] = left if keeps else max(Decimal(0), left)

    def _has_no_capital_tier(self) -> bool:
        return not any(isinstance(tier, ReturnOfCapital) for tier in self.terms.tiers)


@guarded
def replay(
    terms: Waterfall, claims: Sequence[Claim], cash: Sequence[Cash], until: Decimal | None = None
) -> tuple[list[ExactPayment], Account]:
    """Run all events in time order (at one moment, claims before cash) and leave the account as it then stands."""
    with localcontext(PRECISION):
        starts = [claim.at for claim in claims] + [paid.at for paid in cash]
        account = Account(terms, at=min(starts, default=Decimal(0)))
        waiting = sorted(claims, key=lambda claim: claim.at)
        payments = []
        taken = 0
        for paid in sorted(cash, key=lambda paid: paid.at):
            while taken < len(waiting) and waiting[taken].at <= paid.at:
                account.accrue(waiting[taken].at)
                account.claim(waiting[taken])
                taken += 1
            account.accrue(paid.at)
            payments.append(ExactPayment(paid.on, paid.amount, _pour(account, paid), paid.label))
        for claim in waiting[taken:]:
            account.accrue(claim.at)
            account.claim(claim)
        if until is not None and until > account.at:
            account.accrue(until)
        return payments, account


def _pour(account: Account, paid: Cash) -> tuple[TierStep, ...]:
    """One payment down the tiers; each takes the lesser of what it needs and what is left."""
    steps = []
    left = paid.amount
    for index, tier in enumerate(account.terms.tiers):
        if not left:
            break
        needed = account.needed(index)
        taken = left if needed is None else min(left, needed)
        if not taken:
            continue
        gp = taken * tier.gp_share
        lp = taken - gp
        account.pay(tier, lp, gp)
        steps.append(TierStep(paid.on, tier, left, needed, lp, gp))
        left -= taken
    return tuple(steps)
