"""Foreign exchange: cross rates by the ECB's convention, conversion that keeps its rate, translation with CTA.

A rate is units of the second currency for one of the first: ``rate("USD", "CAD", …)`` is CAD for 1 USD. Formulas and
worked cases: ``docs/concepts/fx.md``.

Arguments that mean the same throughout:

Rates are above 0, home currency for one unit of the local; amounts are Decimals with their sign.

opening_rate, closing_rate, average_rate, historical_rate, dividend_rate: of the opening and closing day, the period,
the day of acquisition, the day declared. opening_net_assets, cost_local, value_local: in local currency. layers:
(amount, its own rate) pairs of equity. non_monetary: kept at historical rates. cross_term: ``price``, ``fx`` or
``separate``, where the product of both changes goes.
"""

from vestry.kernel.fx.rates import Converted, NoRate, Rate, RateTable
from vestry.kernel.fx.translation import (
    EquityLayer,
    FxSplit,
    Translation,
    cta_components,
    cta_movement,
    remeasure,
    split_effect,
    translate,
)

__all__ = [
    "Converted",
    "EquityLayer",
    "FxSplit",
    "NoRate",
    "Rate",
    "RateTable",
    "Translation",
    "cta_components",
    "cta_movement",
    "remeasure",
    "split_effect",
    "translate",
]
