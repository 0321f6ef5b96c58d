"""Money that comes back: carry the GP must return, and distributions the LPs must return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from vestry.kernel.accrual import PRECISION, Compounding, Number, decimal, round_half_up
from vestry.kernel.dates import add_years, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import allocate
from vestry.kernel.waterfall.result import WaterfallResult
from vestry.kernel.waterfall.run import When, distribute
from vestry.kernel.waterfall.terms import PreferredReturn, ReturnOfCapital, Split, Waterfall


@dataclass(frozen=True, slots=True)
class Clawback:
    """What the GP owes back, with both tests and the cap.

    ``excess``: carry above its share of profit; ``lp_shortfall``: what the LPs lack to their capital and preferred
    return; ``gross``: the larger of them, at most the carry paid; ``cap``: carry paid net of tax; ``due``: the lesser.
    """

    carry_paid: Decimal
    profit: Decimal
    carry: Decimal
    entitled: Decimal
    excess: Decimal
    lp_shortfall: Decimal
    gross: Decimal
    tax: Decimal
    cap: Decimal
    due: Decimal

    def explain(self) -> dict[str, object]:
        """Inputs, formula and steps as plain values."""
        return {
            "inputs": {"carry_paid": self.carry_paid, "profit": self.profit, "carry": self.carry, "tax": self.tax},
            "formula": "min(carry paid − tax, max(carry paid − carry × max(profit, 0), LP shortfall))",
            "steps": [
                f"entitled to {self.entitled:,f}, so {self.excess:,f} too much was paid",
                f"the LPs lack {self.lp_shortfall:,f} to capital and preferred return",
                f"the larger, at most the carry paid, is {self.gross:,f}; capped at {self.cap:,f} after tax",
            ],
            "result": self.due,
        }


@guarded
def clawback(
    carry_paid: Number,
    profit: Number,
    carry: Number = Decimal("0.20"),
    *,
    lp_shortfall: Number = 0,
    tax_rate: Number = 0,
    tax_paid: Number | None = None,
    decimals: int | None = 2,
) -> Clawback:
    """``min(carry_paid − tax, max(carry_paid − carry·profit, lp_shortfall))``, never below zero.

    ``profit`` is the whole fund's, before carry (a loss counts as no profit); ``lp_shortfall`` what the LPs lack to
    capital and preferred return after the carry paid. Gross of tax by default, as ILPA Principles 3.0 prefers; net of
    tax with ``tax_rate`` (on the carry paid) or ``tax_paid``. For interim tests add unrealised value to ``profit``.

    >>> clawback(2_400_000, 2_000_000).due
    Decimal('2000000.00')
    >>> clawback(12_000_000, 0, tax_rate=0.25).due
    Decimal('9000000.00')
    """
    paid, made, share = decimal(carry_paid, "carry_paid"), decimal(profit, "profit"), decimal(carry, "carry")
    shortfall = max(Decimal(0), decimal(lp_shortfall, "lp_shortfall"))
    if paid < 0:
        raise KernelError(f"carry paid is a positive amount, not {paid}")
    if not 0 <= share <= 1:
        raise KernelError(f"carry must be a fraction between 0 and 1, not {share}")
    with localcontext(PRECISION):
        rate = decimal(tax_rate, "tax_rate")
        tax = rate * paid if tax_paid is None else decimal(tax_paid, "tax_paid")
        if not 0 <= tax <= paid:
            raise KernelError(f"tax of {tax} must lie between nothing and the carry of {paid}")
        entitled = share * max(Decimal(0), made)
        excess = max(Decimal(0), paid - entitled)
        gross = min(paid, max(excess, shortfall))
        amounts = (paid, made, entitled, excess, shortfall, gross, tax, paid - tax, min(gross, paid - tax))
        paid, made, entitled, excess, shortfall, gross, tax, cap, due = (round_half_up(a, decimals) for a in amounts)
    return Clawback(paid, made, share, entitled, excess, shortfall, gross, tax, cap, due)


@guarded
def clawback_of(
    result: WaterfallResult,
    *,
    carry: Number | None = None,
    pref: Number | None = None,
    compounding: Compounding | None = None,
    as_of: When | None = None,
    unrealised: Number = 0,
    tax_rate: Number = 0,
    tax_paid: Number | None = None,
) -> Clawback:
    """The clawback test on a run's own flows, at liquidation or at an interim date.

    ``carry``, ``pref`` and ``compounding`` default to the run's terms. ``unrealised`` value is treated as if it
    were distributed to the LPs now: it counts as profit and reduces their shortfall. The shortfall is measured on a
    whole-fund account that all the LPs' distributions have reduced, capital first.
    """
    terms = result.terms
    own = terms.preferred_return
    share = terms.tiers[-1].gp_share if carry is None else decimal(carry, "carry")
    rate = (own.rate if own else Decimal(0)) if pref is None else decimal(pref, "pref")
    how = compounding or (own.compounding if own else "annual")
    value = decimal(unrealised, "unrealised")
    whole = Waterfall(
        (ReturnOfCapital(), PreferredReturn(rate, how), Split(Decimal(0))), terms.day_count, decimals=None
    )
    received = [(payment.on, payment.lp) for payment in result.payments]
    account = distribute(whole, result.contributions, received, as_of=as_of)
    owed = account.unreturned_capital + (account.unpaid_preferred_return or Decimal(0))
    return clawback(
        result.gp,
        result.profit + value,
        share,
        lp_shortfall=owed - value,
        tax_rate=tax_rate,
        tax_paid=tax_paid,
        decimals=terms.decimals,
    )


@dataclass(frozen=True, slots=True)
class Giveback:
    """Distributions the LPs return to cover a fund obligation: ``due`` in all, ``uncovered`` beyond the cap."""

    claim: Decimal
    eligible: Decimal
    cap: Decimal
    due: Decimal
    uncovered: Decimal
    by_investor: dict[str, Decimal]

    def explain(self) -> dict[str, object]:
        """Inputs, formula and steps as plain values."""
        return {
            "inputs": {"claim": self.claim, "eligible_distributions": self.eligible, "cap": self.cap},
            "formula": "min(claim, cap, distributions still within the time limit), pro rata to those distributions",
            "steps": [f"{name} returns {amount:,f}" for name, amount in self.by_investor.items()],
            "result": self.due,
        }


@guarded
def lp_giveback(
    claim: Number,
    distributions: Mapping[str, Sequence[tuple[date | str, Number]]],
    on: date | str,
    *,
    cap_rate: Number = Decimal("0.25"),
    commitments: Number | None = None,
    years: int = 2,
    already_returned: Number = 0,
    decimals: int = 2,
) -> Giveback:
    """What the LPs return toward ``claim`` on a day, by investor to the cent.

    Only distributions of the last ``years`` (to the day) count. The cap is ``cap_rate`` of ``commitments``, or of all
    distributions where no commitments are given, less what was ``already_returned``. ILPA Principles 3.0: at most 25 %,
    two years. Each investor bears its part of the distributions that count, never more than those.

    >>> received = {"A": [("2023-06-30", 600)], "B": [("2023-06-30", 300), ("2019-06-30", 900)]}
    >>> lp_giveback(500, received, "2024-06-30", commitments=1200).by_investor
    {'A': Decimal('200.00'), 'B': Decimal('100.00')}
    """
    asked, limit = decimal(claim, "claim"), to_date(on)
    if asked < 0:
        raise KernelError(f"a claim is a positive amount, not {asked}")
    since = add_years(limit, -years)
    counted = {name: _received(flows, since, limit) for name, flows in distributions.items()}
    with localcontext(PRECISION):
        eligible = sum(counted.values(), Decimal(0))
        everything = sum((_received(flows, date.min, limit) for flows in distributions.values()), Decimal(0))
        base = everything if commitments is None else decimal(commitments, "commitments")
        cap = max(Decimal(0), decimal(cap_rate, "cap_rate") * base - decimal(already_returned, "already_returned"))
        due = round_half_up(min(asked, cap, eligible), decimals)
    parts = allocate(due, list(counted.values()), decimals) if due else [due] * len(counted)
    return Giveback(asked, eligible, cap, due, asked - due, dict(zip(counted, parts, strict=True)))


def _received(flows: Sequence[tuple[date | str, Number]], since: date, until: date) -> Decimal:
    return sum((decimal(amount) for when, amount in flows if since <= to_date(when) <= until), Decimal(0))
