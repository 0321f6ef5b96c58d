"""Leveraged buyouts: sources and uses, operating case, debt schedule, exit returns, value bridge.

Money is Decimal (34 significant digits), the rate of return a float. Periods are years unless the rates say otherwise.
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
