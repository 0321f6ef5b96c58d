"""The metrics that ship, as data: the kernel's standard list, the other lines of the three statements, the figures of
customers, and in which statement and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vestry.kernel.metrics import STANDARD
from vestry.kernel.metrics import MetricDefinition as Definition

Statement = Literal["profit_and_loss", "balance_sheet", "cash_flow", "kpi"]
Sign = Literal["positive", "any"]


def _flow(key: str, label: str, sign: Sign = "any") -> Definition:
    return Definition(key, label, "money", "flow", sign)


def _stock(key: str, label: str, sign: Sign = "any") -> Definition:
    return Definition(key, label, "money", "stock", sign)


def _ratio(key: str, label: str, formula: str) -> Definition:
    return Definition(key, label, "ratio", "derived", "any", formula)


def _multiple(key: str, label: str, formula: str) -> Definition:
    return Definition(key, label, "multiple", "derived", "any", formula)


def _money(key: str, label: str, formula: str) -> Definition:
    return Definition(key, label, "money", "derived", "any", formula)


# What the kernel's list lacks of the statements, and the retention figures.
MORE: Final[tuple[Definition, ...]] = (
    _flow("other_operating_expense", "Other operating expense", "positive"),
    _flow("other_income", "Other income and expense, net"),
    _flow("pretax_income", "Income before tax"),
    _stock("accounts_receivable", "Accounts receivable", "positive"),
    _stock("inventory", "Inventory", "positive"),
    _stock("other_current_assets", "Other current assets", "positive"),
    _stock("current_assets", "Current assets", "positive"),
    _stock("fixed_assets", "Property, plant and equipment", "positive"),
    _stock("intangible_assets", "Goodwill and other intangible assets", "positive"),
    _stock("other_assets", "Other non-current assets", "positive"),
    _stock("accounts_payable", "Accounts payable", "positive"),
    _stock("deferred_revenue", "Deferred revenue", "positive"),
    _stock("current_liabilities", "Current liabilities", "positive"),
    _stock("long_term_debt", "Long-term debt", "positive"),
    _stock("other_liabilities", "Other non-current liabilities", "positive"),
    _stock("share_capital", "Share capital and premium"),
    _stock("retained_earnings", "Retained earnings"),
    _flow("investing_cash_flow", "Investing cash flow"),
    _flow("financing_cash_flow", "Financing cash flow"),
    _flow("exchange_effect_on_cash", "Effect of exchange rates on cash"),
    _flow("net_change_in_cash", "Net change in cash"),
    _stock("reported_arr", "ARR as the company states it", "positive"),
    Definition("reported_churn", "Churn as the company states it", "ratio", "stock", "positive"),
    Definition("active_users", "Active users", "count", "stock", "positive"),
    _stock("valuation", "Valuation as the company states it", "positive"),
    _stock("signed_arr", "ARR signed and not live yet", "positive"),
    _stock("leaving_arr", "ARR known to leave", "positive"),
    _money("arr_from_mrr", "ARR from MRR (MRR × 12)", "mrr * 12"),
    _ratio(
        "net_revenue_retention",
        "Net revenue retention of the period",
        "(previous(arr) - churned_arr - contraction_arr + expansion_arr) / if_positive(previous(arr))",
    ),
    _ratio(
        "gross_revenue_retention",
        "Gross revenue retention of the period",
        "(previous(arr) - churned_arr - contraction_arr) / if_positive(previous(arr))",
    ),
    _ratio("revenue_churn", "ARR lost to churn ÷ ARR at the start", "churned_arr / if_positive(previous(arr))"),
    _money("arpu", "Revenue per customer and month", "revenue / months_per_period / if_positive(customers)"),
    _money(
        "ltv",
        "Lifetime value of a customer",
        "revenue / if_positive(customers) * gross_margin / if_positive(customer_churn)",
    ),
    _multiple("ltv_to_cac", "Lifetime value ÷ acquisition cost", "ltv / if_positive(cac)"),
    Definition(
        "cac_payback_months",
        "CAC payback",
        "months",
        "derived",
        "any",
        "cac / if_positive(arpu * gross_margin)",
    ),
    _money("carr", "CARR (ARR + signed − known to leave)", "arr + signed_arr - leaving_arr"),
    _multiple(
        "blended_cac_ratio",
        "Sales and marketing ÷ ARR won (new + expansion)",
        "sales_marketing_expense / if_positive(new_arr + expansion_arr)",
    ),
    _multiple(
        "new_cac_ratio",
        "Sales and marketing ÷ ARR from new customers",
        "sales_marketing_expense / if_positive(new_arr)",
    ),
    Definition(
        "arr_payback_months",
        "Payback of new ARR",
        "months",
        "derived",
        "any",
        "sales_marketing_expense / if_positive(new_arr * gross_margin) * 12",
    ),
    _ratio(
        "rule_of_40_cash",
        "Rule of 40 (LTM growth + LTM free cash flow margin)",
        "ltm_revenue / if_positive(year_ago(ltm_revenue)) - 1 + ltm(free_cash_flow) / ltm_revenue",
    ),
    _multiple("current_ratio", "Current assets ÷ current liabilities", "current_assets / current_liabilities"),
    _multiple("debt_to_equity", "Debt ÷ equity", "debt_outstanding / if_positive(equity)"),
    _ratio("free_cash_flow_margin", "Free cash flow margin", "free_cash_flow / revenue"),
)

SHIPPED: Final[tuple[Definition, ...]] = (*STANDARD, *MORE)
SHIPPED_KEYS: Final = frozenset(one.key for one in SHIPPED)


@dataclass(frozen=True, slots=True)
class Line:
    """Where a metric stands in a statement: ``part_of`` names the line it is added up in."""

    key: str
    part_of: str | None = None


# The statements line by line, in the order they are read; the key figures of customers and people follow.
STATEMENTS: Final[dict[Statement, tuple[Line, ...]]] = {
    "profit_and_loss": (
        Line("revenue"),
        Line("recurring_revenue", "revenue"),
        Line("cost_of_revenue"),
        Line("gross_profit"),
        Line("sales_marketing_expense", "total_operating_expense"),
        Line("research_development_expense", "total_operating_expense"),
        Line("general_administrative_expense", "total_operating_expense"),
        Line("other_operating_expense", "total_operating_expense"),
        Line("total_operating_expense"),
        Line("ebitda"),
        Line("depreciation_amortisation"),
        Line("ebit"),
        Line("interest_expense"),
        Line("other_income"),
        Line("pretax_income"),
        Line("tax_expense"),
        Line("net_income"),
        Line("gross_margin"),
        Line("ebitda_margin"),
        Line("net_margin"),
    ),
    "balance_sheet": (
        Line("cash_balance", "current_assets"),
        Line("accounts_receivable", "current_assets"),
        Line("inventory", "current_assets"),
        Line("other_current_assets", "current_assets"),
        Line("current_assets", "total_assets"),
        Line("fixed_assets", "total_assets"),
        Line("intangible_assets", "total_assets"),
        Line("other_assets", "total_assets"),
        Line("total_assets"),
        Line("accounts_payable", "current_liabilities"),
        Line("deferred_revenue", "current_liabilities"),
        Line("current_liabilities", "total_liabilities"),
        Line("long_term_debt", "total_liabilities"),
        Line("other_liabilities", "total_liabilities"),
        Line("total_liabilities"),
        Line("share_capital", "equity"),
        Line("retained_earnings", "equity"),
        Line("equity"),
        Line("debt_outstanding"),
        Line("net_debt"),
    ),
    "cash_flow": (
        Line("operating_cash_flow", "net_change_in_cash"),
        Line("capital_expenditure"),
        Line("free_cash_flow"),
        Line("investing_cash_flow", "net_change_in_cash"),
        Line("financing_cash_flow", "net_change_in_cash"),
        Line("exchange_effect_on_cash", "net_change_in_cash"),
        Line("net_change_in_cash"),
        Line("cash_burn"),
        Line("monthly_cash_burn"),
        Line("runway_months"),
    ),
}
_IN_STATEMENTS: Final[dict[str, Statement]] = {
    line.key: statement for statement, lines in STATEMENTS.items() for line in lines
}


def statement_of(key: str) -> Statement:
    """The statement a metric stands in; ``kpi`` for everything else."""
    return _IN_STATEMENTS.get(key, "kpi")
