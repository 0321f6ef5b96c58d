"""Foreign exchange: cross rates by the ECB's convention, conversion that keeps its rate, translation with CTA.

A rate is units of the second currency for one of the first: ``rate("USD", "CAD", …)`` is CAD for 1 USD. Formulas and
worked cases: ``docs/concepts/fx.md``.
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
