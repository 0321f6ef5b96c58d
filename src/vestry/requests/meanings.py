"""What a company is told of each metric on the form, in its own words: definitions of the field, said for founders."""

from __future__ import annotations

from typing import Final

from vestry.kernel.metrics import MetricDefinition as Definition

MEANINGS: Final[dict[str, str]] = {
    "revenue": "All income from customers, net of VAT and refunds, as in your profit and loss account.",
    "recurring_revenue": "Revenue that comes again by contract: subscriptions, not services or set-up fees.",
    "cost_of_revenue": "What delivering the service costs: hosting, support, goods sold. A positive number.",
    "gross_profit": "Revenue less cost of revenue.",
    "sales_marketing_expense": "Pay, advertising and fees to win and keep customers. A positive number.",
    "research_development_expense": "Pay and tools to build the product. A positive number.",
    "general_administrative_expense": "Rent, finance, legal, management. A positive number.",
    "total_operating_expense": "Sales, marketing, development and administration together. A positive number.",
    "ebitda": "Profit before interest, tax, depreciation and amortisation. Negative when you lose money.",
    "net_income": "The bottom line after tax. Negative when you lose money.",
    "cash_burn": "By how much cash fell in the period, without money raised. Positive when cash falls.",
    "cash_balance": "Cash in all bank accounts on the last day of the period.",
    "debt_outstanding": "Loans and notes still owed on the last day, without supplier invoices. A positive number.",
    "employees": "Full-time equivalents on the last day; two half-time people count as one.",
    "customers": "Paying customers on the last day of the period.",
    "new_customers": "Customers who paid for the first time in the period.",
    "churned_customers": "Customers who stopped paying in the period.",
    "mrr": "What subscriptions bring in a month, as of the last day of the period.",
    "reported_arr": "What subscriptions bring in a year, as of the last day of the period, the way you count it.",
    "new_arr": "Yearly value of subscriptions sold to new customers in the period.",
    "expansion_arr": "Yearly value that customers added in the period.",
    "contraction_arr": "Yearly value by which customers reduced their subscriptions. A positive number.",
    "signed_arr": "Yearly value of contracts that are signed and do not run yet, as of the last day.",
    "leaving_arr": "Yearly value of running subscriptions that are known to end. A positive number.",
    "valuation": "What the whole company was last valued at, in full and not in millions.",
    "churned_arr": "Yearly value of subscriptions that ended in the period. A positive number.",
}
_UNITS: Final = {
    "money": "An amount",
    "count": "A number",
    "ratio": "A percentage such as 93%",
    "multiple": "How many times",
    "months": "Months",
}


def meaning(definition: Definition, described: str | None = None) -> str:
    """The firm's own description, ours, or what follows from the unit and the kind."""
    known = described or MEANINGS.get(definition.key)
    if known:
        return known
    when = "on the last day of the period" if definition.kind == "stock" else "over the whole period"
    positive = ", given as a positive number" if definition.sign == "positive" and definition.unit == "money" else ""
    return f"{_UNITS[definition.unit]}, {when}{positive}."
