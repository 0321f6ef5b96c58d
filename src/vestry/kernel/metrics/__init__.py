"""Company metrics: definitions as data, formulas as a graph, and the SaaS figures as functions.

:func:`evaluate` takes reported values by period and returns every derived metric, each ``None`` with a reason where an
input is missing. :data:`STANDARD` is the list that ships; a firm adds its own. Formulas and worked cases:
``docs/concepts/metrics.md``.

Arguments that mean the same throughout:

Amounts are Decimals of one currency, positive as a statement shows them; ratios are fractions; a metric of missing
input or of a denominator that is 0 is None with a reason.

mrr, arpa, recurring_revenue, new_arr, expansion_arr, net_new_arr: recurring revenue a period (ARR: a year). revenue,
revenue_before, recurring_revenue_before: this period's and the one a year (or a quarter) earlier. sales_marketing,
sales_marketing_before: the expense, positive. new_customers: a count. cash: at hand. net_burn, monthly_net_burn: cash
out less cash in, positive when cash falls. gross_margin: a fraction of revenue. lifetime_value, acquisition_cost: LTV
and CAC a customer. periods_per_year: 12 for months, 4 for quarters. how: ``sum``, ``last`` or ``mean``. formula,
text: arithmetic on keys. changed: the keys whose values change.
"""

from vestry.kernel.metrics.definitions import STANDARD, MetricDefinition
from vestry.kernel.metrics.formula import Formula, Metric, looks_back, parse
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
    "looks_back",
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
