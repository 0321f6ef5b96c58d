"""Company metrics: definitions as data, formulas as a graph, and the SaaS figures as functions.

:func:`evaluate` takes reported values by period and returns every derived metric, each ``None`` with a reason where an
input is missing. :data:`STANDARD` is the list that ships; a firm adds its own. Formulas and worked cases:
``docs/concepts/metrics.md``.
"""

from vestry.kernel.metrics.definitions import STANDARD, MetricDefinition
from vestry.kernel.metrics.formula import Formula, Metric, parse
from vestry.kernel.metrics.graph import MetricCycle, dependents, evaluate, order
from vestry.kernel.metrics.periods import aggregate, growth, growth_series, ltm, ltm_series
from vestry.kernel.metrics.saas import (
    annualised_retention,
    arr_from_mrr,
    arr_from_recurring_revenue,
    burn_band,
    burn_multiple,
    cac,
    cac_payback_months,
    cac_ratio,
    gross_revenue_retention,
    ltv,
    ltv_to_cac,
    magic_number,
    net_revenue_retention,
    rule_of_40,
    runway_months,
)

__all__ = [
    "STANDARD",
    "Formula",
    "Metric",
    "MetricCycle",
    "MetricDefinition",
    "aggregate",
    "annualised_retention",
    "arr_from_mrr",
    "arr_from_recurring_revenue",
    "burn_band",
    "burn_multiple",
    "cac",
    "cac_payback_months",
    "cac_ratio",
    "dependents",
    "evaluate",
    "gross_revenue_retention",
    "growth",
    "growth_series",
    "ltm",
    "ltm_series",
    "ltv",
    "ltv_to_cac",
    "magic_number",
    "net_revenue_retention",
    "order",
    "parse",
    "rule_of_40",
    "runway_months",
]
