"""Distribution waterfalls: who receives what of a fund's cash, when, and why.

Terms are data (``european``, ``american``, ``irr_hurdles``, or your own tiers); ``distribute`` and ``distribute_deals``
run them over dated cash; the result carries payments to the cent and a readable trace. Two engines compute the same
payments independently: ``replay`` walks the events, ``closed_form`` never does. Amounts are positive ``Decimal``; rates
and shares are fractions.

>>> from vestry.kernel import waterfall
>>> result = waterfall.distribute(waterfall.european(pref=0.08, carry=0.2, catch_up=1), 1_000_000, 1_500_000)
>>> for step in result.steps:
...     print(step.name, step.lp, step.gp)
return of capital 1000000.00 0.00
preferred return 80000.00 0.00
catch-up 0.00 20000.00
split 320000.00 80000.00

Arguments that mean the same throughout:

contributions, distributions: (date or years, amount) pairs, or one amount. as_of, until: the last moment that counts.
terms: what ``european``, ``american`` or ``irr_hurdles`` made. compounding: a name of ``accrual.Compounding``.
day_count: of the preferred return. decimals: places paid, None for exact. pref_first: the return is paid before
capital. tax_rate: 0 … 1; tax_paid: an amount; keep_surplus: False floors
an IRR hurdle's balance at zero. Amounts below 0 raise ``KernelError``.
"""

from vestry.kernel.waterfall.clawbacks import Clawback, Giveback, clawback, clawback_of, lp_giveback
from vestry.kernel.waterfall.deals import Deal, distribute_deals
from vestry.kernel.waterfall.engine_closed import ClosedForm, closed_form
from vestry.kernel.waterfall.engine_replay import Cash, Claim, replay
from vestry.kernel.waterfall.investors import InvestorShare, Partner, by_partner, split_by_investor
from vestry.kernel.waterfall.result import Flow, Payment, TierStep, TierTotal, WaterfallResult
from vestry.kernel.waterfall.run import distribute, distribute_flows
from vestry.kernel.waterfall.terms import (
    CatchUp,
    IrrHurdle,
    MultipleHurdle,
    PreferredReturn,
    ReturnOfCapital,
    Split,
    Tier,
    Waterfall,
    american,
    european,
    irr_hurdles,
)

__all__ = [
    "Cash",
    "CatchUp",
    "Claim",
    "Clawback",
    "ClosedForm",
    "Deal",
    "Flow",
    "Giveback",
    "InvestorShare",
    "IrrHurdle",
    "MultipleHurdle",
    "Partner",
    "Payment",
    "PreferredReturn",
    "ReturnOfCapital",
    "Split",
    "Tier",
    "TierStep",
    "TierTotal",
    "Waterfall",
    "WaterfallResult",
    "american",
    "by_partner",
    "clawback",
    "clawback_of",
    "closed_form",
    "distribute",
    "distribute_deals",
    "distribute_flows",
    "european",
    "irr_hurdles",
    "lp_giveback",
    "replay",
    "split_by_investor",
]
