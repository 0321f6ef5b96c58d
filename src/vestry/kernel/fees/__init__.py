"""Management fees, offsets, later closes, incentive fees, and the ILPA rows that report them.

Amounts are positive ``Decimal`` unless a function says it keeps the ILPA template's signs; rates are fractions a year;
a fee runs from its start to the day before its end.

Arguments that mean the same throughout:

on, joined_on, first_close: dates. begin: the opening balance. measured: ``daily`` or ``opening``, when the basis is
read. frequency: ``month``, ``quarter``, ``half`` or ``year``. day_count, interest_day_count: see
``dates.day_count_name``. decimals: places amounts are rounded to, half up. interest_rate: simple, a year.
offset_rates: kind → fraction of that income that lowers the fee. hurdle_kind: ``hard`` or ``soft``. management_basis,
management_fee, waivers, rebates, unapplied_begin, recognised, partnership_expenses, interest_expense,
syndication_costs, placement_fees, transfers, internal_expenses, external_expenses, interest, dividends, other_income,
realised, unrealised, accrued_unrealised, earned_realised, ending_nav_net, lp_share: the template's lines, with its
signs.
"""

from vestry.kernel.fees.closes import Call, Equalisation, EqualisationLine, FeeTrueUp, equalise, late_closer_fee
from vestry.kernel.fees.ilpa import (
    CarryRollForward,
    NavRollForward,
    OffsetDifference,
    carry_roll_forward,
    check_offsets,
    nav_roll_forward,
    nav_roll_forward_2016,
    recognised_offsets,
    unfunded_roll_forward,
)
from vestry.kernel.fees.management import (
    AnnualFees,
    FeeLedger,
    FeePeriod,
    FeeSegment,
    FeeStage,
    FeeTerms,
    OffsetRoll,
    Waiver,
    annual_fees,
    fee_ledger,
    fee_terms,
    management_fee,
    roll_offsets,
)
from vestry.kernel.fees.performance import PerformanceFee, performance_fee

__all__ = [
    "AnnualFees",
    "Call",
    "CarryRollForward",
    "Equalisation",
    "EqualisationLine",
    "FeeLedger",
    "FeePeriod",
    "FeeSegment",
    "FeeStage",
    "FeeTerms",
    "FeeTrueUp",
    "NavRollForward",
    "OffsetDifference",
    "OffsetRoll",
    "PerformanceFee",
    "Waiver",
    "annual_fees",
    "carry_roll_forward",
    "check_offsets",
    "equalise",
    "fee_ledger",
    "fee_terms",
    "late_closer_fee",
    "management_fee",
    "nav_roll_forward",
    "nav_roll_forward_2016",
    "performance_fee",
    "recognised_offsets",
    "roll_offsets",
    "unfunded_roll_forward",
]
