"""Fees and capital as the ILPA Reporting Template lays them out (v2.0, January 2025; v1.1, 2016).

Signs are the template's: contributions, income and reductions of fees positive; fees, expenses and accrued carry
negative; distributions negative in v2.0 and entered positive in v1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel.accrual import Number, decimal
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class NavRollForward:
    """Section A.1: begin + flows + NOI + realised + unrealised = ending, net of carry."""

    begin: Decimal
    flows: Decimal
    management_fee_net: Decimal
    expenses_net: Decimal
    income: Decimal
    noi: Decimal
    realised: Decimal
    unrealised: Decimal
    ending: Decimal

    def explain(self) -> dict[str, object]:
        """The rows in order, with the formulas of the sums."""
        return {
            "formula": "ending = begin + flows + (management fee net + expenses net + income) + realised + unrealised",
            "steps": {name: getattr(self, name) for name in self.__slots__},
        }


@guarded
def nav_roll_forward(
    begin: Number,
    *,
    contributions: Number = 0,
    distributions: Number = 0,
    syndication_costs: Number = 0,
    placement_fees: Number = 0,
    transfers: Number = 0,
    management_fee: Number = 0,
    rebates: Number = 0,
    waivers: Number = 0,
    offsets: Number = 0,
    internal_expenses: Number = 0,
    external_expenses: Number = 0,
    interest: Number = 0,
    dividends: Number = 0,
    other_income: Number = 0,
    realised: Number = 0,
    unrealised: Number = 0,
) -> NavRollForward:
    """Reporting Template v2.0, A.1, in the template's signs: ``distributions``, ``management_fee`` (gross) and expenses
    negative, ``rebates``, ``waivers`` and ``offsets`` (applied) positive.

    >>> nav_roll_forward(100, contributions=20, distributions=-5, management_fee=-2, offsets=1, unrealised=6).ending
    Decimal('120')
    """
    opening = decimal(begin, "begin")
    flows = _sum(contributions, distributions, syndication_costs, placement_fees, transfers)
    fee = _sum(management_fee, rebates, waivers, offsets)
    expenses = _sum(internal_expenses, external_expenses)
    income = _sum(interest, dividends, other_income)
    noi = fee + expenses + income
    gains = decimal(realised, "realised"), decimal(unrealised, "unrealised")
    return NavRollForward(opening, flows, fee, expenses, income, noi, *gains, opening + flows + noi + sum(gains))


@guarded
def nav_roll_forward_2016(
    begin: Number,
    *,
    contributions: Number = 0,
    distributions: Number = 0,
    management_fee: Number = 0,
    rebates: Number = 0,
    partnership_expenses: Number = 0,
    offsets: Number = 0,
    waivers: Number = 0,
    interest: Number = 0,
    dividends: Number = 0,
    interest_expense: Number = 0,
    other_income: Number = 0,
    placement_fees: Number = 0,
    realised: Number = 0,
    unrealised: Number = 0,
) -> NavRollForward:
    """Reporting Template v1.1: ``distributions`` entered positive, placement fees (negative) below the NOI."""
    opening = decimal(begin, "begin")
    flows = decimal(contributions, "contributions") - decimal(distributions, "distributions")
    fee = _sum(management_fee, rebates, waivers, offsets)
    expenses = decimal(partnership_expenses, "partnership_expenses")
    income = _sum(interest, dividends, interest_expense, other_income)
    noi = fee + expenses + income
    gains = decimal(realised, "realised"), decimal(unrealised, "unrealised")
    ending = opening + flows + noi + decimal(placement_fees, "placement_fees") + sum(gains)
    return NavRollForward(opening, flows, fee, expenses, income, noi, *gains, ending)


@dataclass(frozen=True, slots=True)
class CarryRollForward:
    """Accrued carry (negative: owed to the GP) from start to end, and NAV before it."""

    start: Decimal
    accrued_and_earned: Decimal
    ending: Decimal
    nav_gross_of_carry: Decimal


@guarded
def carry_roll_forward(
    start: Number,
    *,
    accrued_unrealised: Number = 0,
    earned_realised: Number = 0,
    paid: Number = 0,
    clawback: Number = 0,
    ending_nav_net: Number = 0,
) -> CarryRollForward:
    """Start + accrued + earned + paid − returned clawback; NAV gross of carry = NAV net − the (negative) ending
    balance.

    ``paid`` and ``clawback`` are entered positive.
    """
    opening = decimal(start, "start")
    earned = _sum(accrued_unrealised, earned_realised)
    ending = opening + earned + decimal(paid, "paid") - decimal(clawback, "clawback")
    return CarryRollForward(opening, earned, ending, decimal(ending_nav_net, "ending_nav_net") - ending)


@guarded
def unfunded_roll_forward(
    begin: Number, *, contributions: Number = 0, recallable: Number = 0, released: Number = 0, other: Number = 0
) -> Decimal:
    """Section A.2, ending unfunded = begin − contributions inside the commitment + recallable distributions − released
    + other.

    All positive but ``other``, which has either sign. Equalisation interest is outside and no part of this.

    >>> unfunded_roll_forward(50_000_000, contributions=35_000_000, recallable=4_000_000, other=-500_000)
    Decimal('18500000')
    """
    ins, outs = _sum(begin, recallable, other), _sum(contributions, released)
    return ins - outs


@guarded
def recognised_offsets(
    fees: Mapping[str, Number], offset_rates: Mapping[str, Number] | Number, lp_share: Number = 1
) -> dict[str, Decimal]:
    """What each kind of portfolio-company fee takes off the management fee: ``fee × LP share × offset rate``.

    ``offset_rates`` by the same kinds, or one rate for all. Raises ``KernelError`` for a kind without a rate.

    >>> recognised_offsets({"monitoring": 100, "broken deal": 50}, {"monitoring": 1, "broken deal": 0.8})
    {'monitoring': Decimal('100'), 'broken deal': Decimal('40.0')}
    """
    share = decimal(lp_share, "lp_share")
    found = {}
    for kind, fee in fees.items():
        rate = _rate_of(kind, offset_rates)
        found[kind] = decimal(fee, f"{kind} fee") * share * rate
    return found


def _rate_of(kind: str, offset_rates: Mapping[str, Number] | Number) -> Decimal:
    if not isinstance(offset_rates, Mapping):
        rate = decimal(offset_rates, "offset rate")
    elif kind in offset_rates:
        rate = decimal(offset_rates[kind], f"{kind} offset rate")
    else:
        raise KernelError(f"there is no offset rate for {kind} fees")
    if not 0 <= rate <= 1:
        raise KernelError(f"an offset rate is a fraction between 0 and 1, not {rate}")
    return rate


@dataclass(frozen=True, slots=True)
class OffsetDifference:
    """A reported offset that is not its fee × rate. A warning: published reports contain such lines."""

    kind: str
    reported: Decimal
    expected: Decimal

    def __str__(self) -> str:
        return f"{self.kind}: {self.reported:,f} is reported, fee × offset rate is {self.expected:,f}"


@guarded
def check_offsets(
    reported: Mapping[str, Number],
    fees: Mapping[str, Number],
    offset_rates: Mapping[str, Number] | Number,
    *,
    tolerance: Number = 1,
) -> list[OffsetDifference]:
    """The kinds whose reported offset is further than ``tolerance`` from fee × rate; an absent line counts as zero."""
    expected = recognised_offsets(fees, offset_rates)
    told = {kind: decimal(amount, f"{kind} offset") for kind, amount in reported.items()}
    differences = []
    for kind in [*expected, *(kind for kind in told if kind not in expected)]:
        pair = told.get(kind, Decimal(0)), expected.get(kind, Decimal(0))
        if abs(pair[0] - pair[1]) > decimal(tolerance, "tolerance"):
            differences.append(OffsetDifference(kind, *pair))
    return differences


def _sum(*amounts: Number) -> Decimal:
    return sum((decimal(amount) for amount in amounts), Decimal(0))
