"""How companies call things: labels → metrics, and what a heading or a label says about unit, scale and currency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import TypeAdapter, ValidationError

from vestry.core.fields import CurrencyCode
from vestry.kernel.metrics import MetricDefinition as Definition

_CURRENCY = TypeAdapter(CurrencyCode)
# What statements call the metrics, beside key and label of their definition; the more usual name first.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "revenue": ("total revenue", "total revenues", "revenues", "net revenue", "net sales", "sales", "turnover"),
    "recurring_revenue": ("subscription revenue", "recurring revenues", "saas revenue"),
    "cost_of_revenue": ("cost of sales", "cost of goods sold", "cogs", "cost of revenues", "total cost of revenue"),
    "gross_profit": ("gross income",),
    "sales_marketing_expense": ("sales and marketing", "s and m", "s and m expense", "selling and marketing"),
    "research_development_expense": ("research and development", "r and d", "r and d expense", "product development"),
    "general_administrative_expense": ("general and administrative", "g and a", "g and a expense", "administration"),
    "other_operating_expense": ("other operating expenses", "other opex"),
    "total_operating_expense": ("operating expenses", "operating expense", "total operating expenses", "opex"),
    "ebitda": ("ebitda reported", "adjusted ebitda"),
    "depreciation_amortisation": (
        "depreciation and amortization",
        "depreciation amortization",
        "d and a",
        "depreciation",
    ),
    "ebit": ("operating income", "operating profit", "operating result", "income from operations"),
    "interest_expense": ("interest", "interest expenses", "net interest expense"),
    "other_income": ("other income", "other income expense net", "other income net"),
    "pretax_income": ("profit before tax", "income before taxes", "income before income taxes", "ebt", "pbt"),
    "tax_expense": ("income tax", "income taxes", "taxes", "income tax expense", "tax"),
    "net_income": ("net profit", "net earnings", "profit after tax", "net loss", "net income loss", "profit"),
    "cash_balance": ("cash", "cash and cash equivalents", "cash and equivalents", "cash at end of period", "cash end"),
    "accounts_receivable": ("receivables", "trade receivables", "accounts receivable net"),
    "inventory": ("inventories", "merchandise inventories", "inventories net"),
    "current_assets": ("total current assets",),
    "fixed_assets": ("property plant and equipment net", "pp and e", "ppe", "property and equipment net"),
    "intangible_assets": ("goodwill", "intangibles", "intangible assets net"),
    "total_assets": ("assets", "balance sheet total"),
    "accounts_payable": ("payables", "trade payables"),
    "deferred_revenue": ("contract liabilities", "unearned revenue"),
    "current_liabilities": ("total current liabilities",),
    "long_term_debt": ("long term borrowings", "non current debt"),
    "total_liabilities": ("liabilities",),
    "equity": ("total equity", "shareholders equity", "stockholders equity", "total shareholders equity", "net assets"),
    "debt_outstanding": ("total debt", "debt", "borrowings", "gross debt"),
    "operating_cash_flow": (
        "cash flow from operations",
        "cash from operating activities",
        "net cash provided by operating activities",
        "cfo",
    ),
    "investing_cash_flow": (
        "cash flow from investing",
        "cash from investing activities",
        "net cash used in investing activities",
    ),
    "financing_cash_flow": (
        "cash flow from financing",
        "cash from financing activities",
        "net cash used in financing activities",
    ),
    "capital_expenditure": ("capital expenditures", "capex", "purchase of property plant and equipment"),
    "net_change_in_cash": ("change in cash", "net increase in cash", "net decrease in cash", "increase in cash"),
    "exchange_effect_on_cash": ("effect of exchange rates", "fx effect on cash"),
    "cash_burn": ("burn", "net burn", "net cash burn"),
    "employees": ("headcount", "fte", "ftes", "full time employees", "number of employees", "staff"),
    "customers": ("customer count", "number of customers", "total customers", "paying customers", "clients"),
    "new_customers": ("customers added", "new logos"),
    "churned_customers": ("lost customers", "customers churned", "churned logos"),
    "mrr": ("monthly recurring revenue",),
    "reported_arr": ("arr", "annual recurring revenue", "arr as stated"),
    "reported_churn": ("churn", "churn rate", "customer churn", "logo churn"),
    "valuation": ("company valuation", "post money valuation", "equity value", "market capitalization", "market cap"),
    "active_users": ("users", "mau", "monthly active users"),
}
_SCALE_WORDS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("k", "000", "000s", "thousand", "thousands", "t", "tsd"), 1_000),
    **dict.fromkeys(("m", "mn", "mm", "mio", "million", "millions"), 1_000_000),
    **dict.fromkeys(("bn", "b", "billion", "billions"), 1_000_000_000),
    **dict.fromkeys(("unit", "units", "ones", "one", "1"), 1),
    "1000": 1_000,
    "1000000": 1_000_000,
}
_FILLERS: Final = frozenset({"in", "of", "us", "number", "count", "fte", "ftes", "people", "x", "amounts", "figures"})
_SYMBOLS: Final[Mapping[str, str]] = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_STATED = re.compile(
    r"(?:\b[Ii]n\s+(?:[A-Z]{3}\s+|\$\s?)?|\b([A-Z]{3})\s*(?:[,;]?\s+in\s+)?|\$\s?)"
    r"((?i:thousands?|millions?|billions?)|'?000s?|k|mn|mm?|bn)\b"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a text says about how figures are written: None where it says nothing."""

    scale: int | None = None
    currency: str | None = None
    percent: bool = False


def folded(label: str) -> str:
    """A label without case, punctuation, and what stands in brackets when that is a unit."""
    text = _BRACKETS.sub(lambda found: " " if is_unit(found[1]) else f" {found[1]} ", label)
    text = re.sub(r",?\s+in\s+(thousands|millions|billions)\b", " ", text, flags=re.IGNORECASE)
    text = text.replace("&", " and ").replace("%", " ")
    text = re.sub(r"['’]", "", text.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", text).split())[:200]


def is_unit(text: str) -> bool:
    """Whether a text says nothing but a unit, such as "USD k", "%", "$ millions" or "in thousands of USD"."""
    return unit_of(text) is not None


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit | None:
    """The unit that a text is; None where it is something else."""
    bare = text.strip()
    if not bare or len(bare) > 40:
        return None
    scale, currency, percent, known = None, None, False, False
    for word in re.findall(r"[A-Za-z]+|[0-9]+s?|[^\sA-Za-z0-9',.’/-]", bare):
        plain = word.casefold()
        if plain in _SCALE_WORDS:
            scale, known = _SCALE_WORDS[plain], True
        elif word == "%" or plain in ("percent", "pct"):
            percent = known = True
        elif word in _SYMBOLS:
            currency, known = _SYMBOLS[word], True
        elif word == "$":
            known = True  # of which dollars it does not say
        elif len(word) == 3 and word.isupper() and currency_of(word):
            currency, known = word, True
        elif plain not in _FILLERS:
            return None
    return Unit(scale, currency, percent) if known else None


def stated(text: str) -> Unit | None:
    """What a title such as "Income statement, USD in thousands" says of all figures below it."""
    said = (one for one in _STATED.finditer(text) if one[1] is None or currency_of(one[1]))
    found = next(said, None)
    scale = _SCALE_WORDS.get(found[2].casefold().lstrip("'")) if found else None
    codes = [code for code in re.findall(r"\b[A-Z]{3}\b", text) if currency_of(code)]
    if scale is None:
        return unit_of(text)
    return Unit(scale, codes[0] if codes else None)


def unit_in(label: str) -> Unit | None:
    """The unit that a label names in brackets, after a comma, or with a percent sign."""
    for inside in (*_BRACKETS.findall(label), label.rpartition(",")[2] if "," in label else ""):
        found = unit_of(inside)
        if found is not None:
            return found
    return Unit(percent=True) if "%" in label else None


def currency_of(text: str) -> str | None:
    """The currency of a code in use; None for anything else, obsolete and no-currency codes too."""
    try:
        return _CURRENCY.validate_python(text)
    except ValidationError:
        return None


def names_of(definitions: Iterable[Definition]) -> dict[str, tuple[int, str]]:
    """Folded name → (how far from the metric's own name it is, the metric)."""
    found: dict[str, tuple[int, str]] = {}
    for one in definitions:
        given = (one.key, one.label, *SYNONYMS.get(one.key, ()))
        for rank, name in enumerate(given):
            key = folded(name)
            if key not in found or rank < found[key][0]:
                found[key] = (rank, one.key)
    return found
