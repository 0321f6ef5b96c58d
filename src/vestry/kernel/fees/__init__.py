"""Management fees, offsets, later closes, incentive fees, and the ILPA rows that report them.

Amounts are positive ``Decimal`` unless a function says it keeps the ILPA template's signs; rates are fractions a year;
a fee runs from its start to the day before its end.
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
