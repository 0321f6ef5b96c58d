"""Cap tables: rounds, pools, SAFEs and notes, anti-dilution, options, and who receives what at an exit.

Shares and money are exact (fractions inside, Decimal outside); payouts sum to the proceeds to the cent.
"""

from vestry.kernel.captable.antidilution import (
    AntiDilution,
    broad_based,
    full_ratchet,
    narrow_based,
    weighted_average,
)
from vestry.kernel.captable.classes import ShareClass, common, option, preferred, warrant
from vestry.kernel.captable.convertibles import Conversion, ConvertibleNote, Safe, convert, note, safe
from vestry.kernel.captable.liquidation import (
    LiquidationPayouts,
    Tranche,
    breakpoints,
    conversion_points,
    liquidation_payouts,
    payout_curve,
    payouts_at,
)
from vestry.kernel.captable.options import DilutedShares, diluted_at_equity_value, treasury_method
from vestry.kernel.captable.rounds import PricedRound, ownership, priced_round

__all__ = [
    "AntiDilution",
    "Conversion",
    "ConvertibleNote",
    "DilutedShares",
    "LiquidationPayouts",
    "PricedRound",
    "Safe",
    "ShareClass",
    "Tranche",
    "breakpoints",
    "broad_based",
    "common",
    "conversion_points",
    "convert",
    "diluted_at_equity_value",
    "full_ratchet",
    "liquidation_payouts",
    "narrow_based",
    "note",
    "option",
    "ownership",
    "payout_curve",
    "payouts_at",
    "preferred",
    "priced_round",
    "safe",
    "treasury_method",
    "warrant",
    "weighted_average",
]
