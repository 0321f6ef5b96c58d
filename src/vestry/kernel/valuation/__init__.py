"""Valuation: DCF and cost of capital, comparable companies, option models, scenarios, discounts, roll-forward.

Estimates are floats; the roll-forward, which reconciles booked amounts, is Decimal and exact.
"""

from vestry.kernel.captable.options import DilutedShares, diluted_at_equity_value, treasury_method
from vestry.kernel.valuation.call_options import (
    AssetVolatility,
    BlackScholes,
    black_scholes,
    implied_volatility,
    normal_cdf,
    relever_volatility,
    unlever_volatility,
)
from vestry.kernel.valuation.cash_flow import (
    Dcf,
    EquityBridge,
    dcf,
    dcf_grid,
    equity_bridge,
    free_cash_flow,
    implied_perpetual_growth,
)
from vestry.kernel.valuation.comparables import (
    CalibratedInput,
    Calibration,
    Comps,
    calendarize,
    calibrate,
    calibrate_multiple,
    comps,
    enterprise_value,
)
from vestry.kernel.valuation.cost_of_capital import (
    CircularWacc,
    Wacc,
    capm,
    circular_wacc,
    cost_of_equity,
    relever_beta,
    unlever_beta,
    wacc,
    wacc_from_beta,
)
from vestry.kernel.valuation.marketability import Dlom, chaffe, finnerty, ghaidarov
from vestry.kernel.valuation.option_model import Backsolve, OpmResult, TrancheValue, backsolve, opm, tranches_from
from vestry.kernel.valuation.rollforward import (
    RollForward,
    RollForwardDoesNotTie,
    roll_forward,
    total,
    translated_roll_forward,
)
from vestry.kernel.valuation.scenarios import Pwerm, Scenario, exit_scenario, hybrid, opm_scenario, pwerm, scenario
from vestry.kernel.valuation.statements import StatementEffects, statement_effects

__all__ = [
    "AssetVolatility",
    "Backsolve",
    "BlackScholes",
    "CalibratedInput",
    "Calibration",
    "CircularWacc",
    "Comps",
    "Dcf",
    "DilutedShares",
    "Dlom",
    "EquityBridge",
    "OpmResult",
    "Pwerm",
    "RollForward",
    "RollForwardDoesNotTie",
    "Scenario",
    "StatementEffects",
    "TrancheValue",
    "Wacc",
    "backsolve",
    "black_scholes",
    "calendarize",
    "calibrate",
    "calibrate_multiple",
    "capm",
    "chaffe",
    "circular_wacc",
    "comps",
    "cost_of_equity",
    "dcf",
    "dcf_grid",
    "diluted_at_equity_value",
    "enterprise_value",
    "equity_bridge",
    "exit_scenario",
    "finnerty",
    "free_cash_flow",
    "ghaidarov",
    "hybrid",
    "implied_perpetual_growth",
    "implied_volatility",
    "normal_cdf",
    "opm",
    "opm_scenario",
    "pwerm",
    "relever_beta",
    "relever_volatility",
    "roll_forward",
    "scenario",
    "statement_effects",
    "total",
    "tranches_from",
    "translated_roll_forward",
    "treasury_method",
    "unlever_beta",
    "unlever_volatility",
    "wacc",
    "wacc_from_beta",
]
