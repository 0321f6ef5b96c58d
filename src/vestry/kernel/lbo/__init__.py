"""Leveraged buyouts: sources and uses, operating case, debt schedule, exit returns, value bridge.

Money is Decimal (34 significant digits), the rate of return a float. Periods are years unless the rates say otherwise.

Arguments that mean the same throughout:

Amounts are positive Decimals of one currency, rates fractions a period (a year unless periods differ), multiples ×
EBITDA.

name, amount, commitment, fee, issue_price: of a tranche; price in per cent of face. tranches: senior first.
amortisation: fraction of the original face a period. sweep: fraction of excess cash that repays it. sweep_base:
``cash_above_minimum`` or ``excess_cash_flow``. interest_on: ``opening`` or ``average`` balance. cash_interest_rate:
earned on cash. pik_deductible: whether interest paid in kind lowers tax. opening_cash, min_cash: kept on the balance
sheet. existing_debt, existing_cash: the company's, before; cash_used, cash_to_balance_sheet: taken from and left on
it. rollover: the sellers' equity kept in. transaction_fee, transaction_costs, exit_costs: paid at closing and at
exit. closing_on, exit_on: dates. net_debt, entry_net_debt, exit_net_debt: debt − cash, negative when cash is larger.
moic: above 0 for a rate. entry_ebitda, exit_ebitda, entry_revenue, exit_revenue, entry_multiple, exit_multiple: at
purchase and sale. cross_term: ``multiple`` or ``separate``, where the product of both changes goes.
"""

from vestry.kernel.lbo.buyout import Buyout, buyout
from vestry.kernel.lbo.debt import DebtPeriod, DebtSchedule, TrancheLine, debt_schedule
from vestry.kernel.lbo.exit import ExitReturns, ValueBridge, exit_returns, irr_from_moic, value_bridge
from vestry.kernel.lbo.funding import SourcesAndUses, Tranche, revolver, sources_and_uses, tranche
from vestry.kernel.lbo.operating import OperatingCase, operating_case

__all__ = [
    "Buyout",
    "DebtPeriod",
    "DebtSchedule",
    "ExitReturns",
    "OperatingCase",
    "SourcesAndUses",
    "Tranche",
    "TrancheLine",
    "ValueBridge",
    "buyout",
    "debt_schedule",
    "exit_returns",
    "irr_from_moic",
    "operating_case",
    "revolver",
    "sources_and_uses",
    "tranche",
    "value_bridge",
]
