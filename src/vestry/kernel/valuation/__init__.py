"""Valuation: DCF and cost of capital, comparable companies, option models, scenarios, discounts, roll-forward.

Estimates are floats; the roll-forward, which reconciles booked amounts, is Decimal and exact.

Arguments that mean the same throughout:

Amounts are in one currency and positive unless they can run either way; rates are fractions a year, discount rates
effective, those of option models (rate, dividend_yield) continuous; term and years are years; volatility is a
fraction for one year's square root.

spot, strike, x: the asset's price, the exercise price, a standard normal variable. claims, classes, options,
allocation: who shares, as made by ``captable``. equity, equity_value, market_cap, enterprise_value, debt, preferred,
minority_interest: market values. tax_rate: 0 … 1. asset_beta, levered_beta, debt_beta: betas without, with and of
debt. asset_volatility, equity_volatility: of assets and of equity. risk_free, equity_risk_premium, size_premium,
country_premium, specific_premium: parts of the cost of equity. cost_of_equity, cost_of_debt, cost_of_preferred, wacc:
rates a year, debt before tax. cash_flows, last_cash_flow, terminal_value: end-of-year amounts, owner's sign. waccs,
growths: rates down the rows and across the columns. mid_year: flows fall in the middle of their year. ebit, capex,
increase_in_nwc: magnitudes, an increase of working capital lowers cash. current, following: fiscal years' figures;
months_of_current: months of the calendar year in the first. entry_multiple, comps_multiple: × EBITDA. tolerance:
relative. name, probability: of a scenario, 0 … 1. purchases, proceeds, realised, fx, transfers_in, transfers_out: the
roll-forward's lines, realised and fx signed. rolls, rows: several roll-forwards. opening_rate, closing_rate: home
currency for one of the local. cash_expense, interest, prepaid, payables, dividends: changes on the statements,
magnitudes.
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
