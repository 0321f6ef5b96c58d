"""What a metric is, as data: unit, sign, how it adds up over time, how it is converted, and its formula if derived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.metrics.formula import CONSTANTS, FUNCTIONS, parse

Unit = Literal["money", "count", "ratio", "multiple", "months"]
Kind = Literal["flow", "stock", "derived"]
Aggregation = Literal["sum", "last", "mean", "recompute"]
FxRule = Literal["average", "closing", "none"]
Sign = Literal["positive", "any"]


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric.

    ``kind``: a ``flow`` adds up over time and is converted at the period's average rate; a ``stock`` takes its last
    value and the closing rate; a ``derived`` one has a ``formula`` (see :func:`~vestry.kernel.metrics.parse`) and is
    recomputed for longer periods, never added. ``sign``: ``positive`` values below 0 are a finding, as a burn or a
    headcount typed negative. ``unit``: a ``ratio`` is a part of something (0.93 reads 93 %), a
    ``multiple`` counts how many times (3.25 reads 3.25x). ``aggregation`` and ``fx`` follow from the kind unless given.
    """

    key: str
    label: str
    unit: Unit
    kind: Kind
    sign: Sign = "any"
    formula: str | None = None
    aggregation: Aggregation | None = None
    fx: FxRule | None = None

    def __post_init__(self) -> None:
        if not self.key.isidentifier() or self.key in CONSTANTS or self.key in FUNCTIONS:
            raise KernelError(f"{self.key!r} cannot be a metric's key")
        if (self.kind == "derived") != (self.formula is not None):
            raise KernelError(f"{self.key}: a derived metric has a formula and no other has")
        if self.formula is not None:
            parse(self.formula)
        if self.kind == "derived" and self.aggregation not in (None, "recompute"):
            raise KernelError(f"{self.key}: a derived metric is recomputed, not aggregated")

    @property
    def over_time(self) -> Aggregation:
        """How months become quarters and years."""
        return self.aggregation or {"flow": "sum", "stock": "last", "derived": "recompute"}[self.kind]  # type: ignore[return-value]

    @property
    def conversion(self) -> FxRule:
        """Which rate converts it; only money is converted."""
        if self.fx is not None:
            return self.fx
        if self.unit != "money":
            return "none"
        return "closing" if self.kind == "stock" else "average"


def _flow(key: str, label: str, sign: Sign = "any", unit: Unit = "money") -> MetricDefinition:
    return MetricDefinition(key, label, unit, "flow", sign)


def _stock(key: str, label: str, sign: Sign = "any", unit: Unit = "money") -> MetricDefinition:
    return MetricDefinition(key, label, unit, "stock", sign)


def _derived(key: str, label: str, unit: Unit, formula: str) -> MetricDefinition:
    return MetricDefinition(key, label, unit, "derived", "any", formula)


STANDARD: tuple[MetricDefinition, ...] = (
    # profit and loss
    _flow("revenue", "Revenue"),
    _flow("recurring_revenue", "Recurring revenue"),
    _flow("cost_of_revenue", "Cost of revenue", "positive"),
    _flow("gross_profit", "Gross profit"),
    _flow("sales_marketing_expense", "Sales and marketing expense", "positive"),
    _flow("research_development_expense", "Research and development expense", "positive"),
    _flow("general_administrative_expense", "General and administrative expense", "positive"),
    _flow("total_operating_expense", "Total operating expense", "positive"),
    _flow("ebitda", "EBITDA"),
    _flow("depreciation_amortisation", "Depreciation and amortisation", "positive"),
    _flow("ebit", "EBIT"),
    _flow("interest_expense", "Interest expense"),
    _flow("tax_expense", "Tax expense"),
    _flow("net_income", "Net income"),
    # cash flow
    _flow("operating_cash_flow", "Operating cash flow"),
    _flow("capital_expenditure", "Capital expenditure", "positive"),
    _flow("cash_burn", "Cash burn (positive when cash falls)"),
    # balance sheet
    _stock("cash_balance", "Cash"),
    _stock("total_assets", "Total assets", "positive"),
    _stock("total_liabilities", "Total liabilities", "positive"),
    _stock("equity", "Equity"),
    _stock("debt_outstanding", "Debt outstanding", "positive"),
    # customers and people
    _stock("employees", "Employees (full-time equivalents)", "positive", "count"),
    _stock("customers", "Customers", "positive", "count"),
    _flow("new_customers", "New customers", "positive", "count"),
    _flow("churned_customers", "Customers lost", "positive", "count"),
    _stock("mrr", "Monthly recurring revenue", "positive"),
    _flow("new_arr", "ARR from new customers", "positive"),
    _flow("expansion_arr", "ARR from expansion", "positive"),
    _flow("contraction_arr", "ARR lost to contraction", "positive"),
    _flow("churned_arr", "ARR lost to churn", "positive"),
    # derived: the quarter's (or month's) own
    _derived("arr", "ARR (annualised recurring revenue)", "money", "recurring_revenue * periods_per_year"),
    _derived("recurring_revenue_share", "Recurring share of revenue", "ratio", "recurring_revenue / revenue"),
    _derived("gross_margin", "Gross margin", "ratio", "gross_profit / revenue"),
    _derived("ebitda_margin", "EBITDA margin", "ratio", "ebitda / revenue"),
    _derived("net_margin", "Net margin", "ratio", "net_income / revenue"),
    _derived("sales_marketing_share", "Sales and marketing ÷ revenue", "ratio", "sales_marketing_expense / revenue"),
    _derived("operating_expense_share", "Operating expense ÷ revenue", "ratio", "total_operating_expense / revenue"),
    _derived("free_cash_flow", "Free cash flow", "money", "operating_cash_flow - capital_expenditure"),
    _derived("net_debt", "Net debt", "money", "debt_outstanding - cash_balance"),
    _derived("monthly_cash_burn", "Monthly cash burn", "money", "cash_burn / months_per_period"),
    _derived("runway_months", "Runway", "months", "cash_balance / if_positive(monthly_cash_burn)"),
    # derived: per head, annualised
    _derived(
        "revenue_per_employee", "Annualised revenue per employee", "money", "revenue * periods_per_year / employees"
    ),
    _derived("arr_per_employee", "ARR per employee", "money", "arr / employees"),
    _derived(
        "operating_expense_per_employee",
        "Annualised operating expense per employee",
        "money",
        "total_operating_expense * periods_per_year / employees",
    ),
    _derived("arr_per_customer", "ARR per customer", "money", "arr / customers"),
    # derived: growth, both kinds named
    _derived(
        "revenue_growth_year",
        "Revenue growth on the same period a year ago",
        "ratio",
        "revenue / if_positive(year_ago(revenue)) - 1",
    ),
    _derived(
        "revenue_growth_period",
        "Revenue growth on the last period",
        "ratio",
        "revenue / if_positive(previous(revenue)) - 1",
    ),
    _derived(
        "arr_growth_year", "ARR growth on the same period a year ago", "ratio", "arr / if_positive(year_ago(arr)) - 1"
    ),
    _derived("arr_growth_period", "ARR growth on the last period", "ratio", "arr / if_positive(previous(arr)) - 1"),
    # derived: last twelve months, margins from sums
    _derived("ltm_revenue", "LTM revenue", "money", "ltm(revenue)"),
    _derived("ltm_gross_profit", "LTM gross profit", "money", "ltm(gross_profit)"),
    _derived("ltm_ebitda", "LTM EBITDA", "money", "ltm(ebitda)"),
    _derived("ltm_net_income", "LTM net income", "money", "ltm(net_income)"),
    _derived("ltm_gross_margin", "LTM gross margin", "ratio", "ltm_gross_profit / ltm_revenue"),
    _derived("ltm_ebitda_margin", "LTM EBITDA margin", "ratio", "ltm_ebitda / ltm_revenue"),
    _derived("debt_to_ltm_ebitda", "Debt ÷ LTM EBITDA", "multiple", "debt_outstanding / if_positive(ltm_ebitda)"),
    # derived: SaaS
    _derived("net_new_arr", "Net new ARR", "money", "new_arr + expansion_arr - contraction_arr - churned_arr"),
    _derived("burn_multiple", "Burn multiple", "multiple", "if_positive(cash_burn) / if_positive(net_new_arr)"),
    _derived("cac", "Customer acquisition cost", "money", "sales_marketing_expense / if_positive(new_customers)"),
    _derived(
        "customer_churn",
        "Customers lost ÷ customers at the start",
        "ratio",
        "churned_customers / if_positive(previous(customers))",
    ),
    _derived(
        "magic_number",
        "Magic number",
        "multiple",
        "(recurring_revenue - previous(recurring_revenue)) * periods_per_year"
        " / if_positive(previous(sales_marketing_expense))",
    ),
    _derived(
        "rule_of_40",
        "Rule of 40 (LTM growth + LTM EBITDA margin)",
        "ratio",
        "ltm_revenue / if_positive(year_ago(ltm_revenue)) - 1 + ltm_ebitda_margin",
    ),
)
