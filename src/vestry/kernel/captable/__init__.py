"""Cap tables: rounds, pools, SAFEs and notes, anti-dilution, options, and who receives what at an exit.

Shares and money are exact (fractions inside, Decimal outside); payouts sum to the proceeds to the cent.

Arguments that mean the same throughout:

Amounts are positive, in one currency; shares are whole or fractional counts; fractions lie in 0 … 1.

name: how the result calls it. shares, preferred_outstanding, new_shares: counts, as converted. conversion_price,
issue_price, new_price, strike: a share. consideration, amount, principal: paid in total. classes: from highest to any
order, ``seniority`` decides (larger is paid first, equal ones together). equity_value: to be shared, 0 or more.
conversion_ratio: common shares for one preferred. discount: off the round price. rate, compounding, day_count,
issued_on: of a note's interest; interest_converts: it turns into shares too, else it is paid in cash. basis: what a
cap is divided by; counts_pool_increase: the pool's increase is part of that. decimals: places of fractions and money;
price_rounding: ``ROUND_DOWN``, ``ROUND_UP`` or ``ROUND_HALF_UP``.
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
