"""The books of a growing company, quarter by quarter: three statements whose every line ties with the others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

Quarter = dict[str, Decimal]  # metric → figure


@dataclass(frozen=True, slots=True)
class Books:
    """What drives a company: gross ``margin``, ``growth`` a quarter, operating ``spending`` as a share of revenue at
    the start (it falls as the company grows), years of ``runway`` it starts with at the least; ``slump`` is the share
    of revenue lost in the last quarter that is over."""

    margin: float
    growth: float
    spending: float
    slump: float = 0.0
    runway: float = 6.0


@dataclass(slots=True)
class _Standing:
    """What a quarter hands on to the next."""

    revenue: float
    cash: Decimal
    receivable: Decimal
    fixed: Decimal
    payable: Decimal
    deferred: Decimal
    capital: Decimal
    arr: Decimal
    customers: int


def quarters(books: Books, count: int, chance: np.random.Generator) -> list[Quarter]:
    """So many quarters; a slump falls on the twelfth."""
    revenue = float(chance.uniform(1.2e6, 4e6))
    burn = max(books.spending - books.margin, 0.1)
    cash = _units(revenue * burn * 4 * books.runway)
    zero = Decimal(0)
    standing = _Standing(revenue, cash, zero, _units(revenue * 0.3), zero, zero, cash + _units(revenue), zero, 60)
    return [_quarter(books, at, standing, chance) for at in range(count)]


def _quarter(books: Books, at: int, standing: _Standing, chance: np.random.Generator) -> Quarter:
    lost = books.slump if at == 11 else 0.0
    standing.revenue *= (1 + books.growth * float(chance.uniform(0.5, 1.4))) * (1 - lost)
    figures = _earned(books, at, standing)
    figures |= _moved(standing, figures, raised=at == 5 and books.spending > 1)
    figures |= _customers(standing, figures, chance)
    return figures


def _earned(books: Books, at: int, standing: _Standing) -> Quarter:
    revenue = _units(standing.revenue)
    cost = _units(standing.revenue * (1 - books.margin - 0.003 * at))
    spent = standing.revenue * max(books.spending - 0.02 * at, books.spending * 0.7)
    selling, developing, running = (_units(spent * share) for share in (0.42, 0.36, 0.22))
    whole = selling + developing + running
    ebitda = revenue - cost - whole
    written_off = _units(standing.revenue * 0.03)
    pretax = ebitda - written_off
    tax = _units(max(float(pretax), 0.0) * 0.24)
    return {
        "revenue": revenue,
        "recurring_revenue": _units(standing.revenue * (0.86 + 0.005 * at)),
        "cost_of_revenue": cost,
        "gross_profit": revenue - cost,
        "sales_marketing_expense": selling,
        "research_development_expense": developing,
        "general_administrative_expense": running,
        "total_operating_expense": whole,
        "ebitda": ebitda,
        "depreciation_amortisation": written_off,
        "ebit": pretax,
        "pretax_income": pretax,
        "tax_expense": tax,
        "net_income": pretax - tax,
    }


def _moved(standing: _Standing, earned: Quarter, *, raised: bool) -> Quarter:
    """Balance sheet and cash flow: cash moves by what was earned, what customers and suppliers still owe and are owed,
    what was bought and what was raised."""
    receivable, payable, deferred = (_units(standing.revenue * share) for share in (0.45, 0.18, 0.3))
    bought = _units(standing.revenue * 0.05)
    written_off = earned["depreciation_amortisation"]
    tied_up = receivable - standing.receivable - (payable - standing.payable) - (deferred - standing.deferred)
    operating = earned["net_income"] + written_off - tied_up
    new = _units(standing.revenue * 4) if raised else Decimal(0)
    change = operating - bought + new
    standing.cash += change
    standing.fixed += bought - written_off
    standing.receivable, standing.payable, standing.deferred = receivable, payable, deferred
    standing.capital += new
    current, owed = standing.cash + receivable, payable + deferred
    equity = current + standing.fixed - owed
    return {
        "cash_balance": standing.cash,
        "accounts_receivable": receivable,
        "current_assets": current,
        "fixed_assets": standing.fixed,
        "total_assets": current + standing.fixed,
        "accounts_payable": payable,
        "deferred_revenue": deferred,
        "current_liabilities": owed,
        "total_liabilities": owed,
        "share_capital": standing.capital,
        "retained_earnings": equity - standing.capital,
        "equity": equity,
        "debt_outstanding": Decimal("0.00"),
        "operating_cash_flow": operating,
        "capital_expenditure": bought,
        "investing_cash_flow": -bought,
        "financing_cash_flow": new,
        "net_change_in_cash": change,
        "cash_burn": bought - operating,
    }


def _customers(standing: _Standing, figures: Quarter, chance: np.random.Generator) -> Quarter:
    """Who came and went, and the recurring revenue they brought, added and took."""
    joined, gone = int(chance.integers(6, 16)), int(chance.integers(1, 5))
    standing.customers += joined - gone
    arr = figures["recurring_revenue"] * 4
    before = standing.arr or arr
    churned, less, more = (_units(float(before) * share) for share in (0.015, 0.008, 0.025))
    standing.arr = arr
    found = {
        "employees": Decimal(round(standing.revenue / 52_000) + 9),
        "customers": Decimal(standing.customers),
        "new_customers": Decimal(joined),
        "churned_customers": Decimal(gone),
        "mrr": _units(float(figures["recurring_revenue"]) / 3),
        "churned_arr": churned,
        "contraction_arr": less,
        "expansion_arr": more,
    }
    won = arr - before + churned + less - more
    return found | ({"new_arr": won} if won >= 0 else {"churned_arr": churned - won, "new_arr": Decimal("0.00")})


def _units(value: float) -> Decimal:
    """Whole units of the currency, written in cents."""
    return Decimal(round(value)).quantize(Decimal("0.01"))
