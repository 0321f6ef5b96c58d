"""One plain call of every public function of the kernel: what holds for all of them is tried on these."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from vestry import kernel
from vestry.kernel import (
    captable,
    churn,
    cohorts,
    fees,
    lbo,
    lots,
    metrics,
    simulation,
    valuation,
    waterfall,
)

Call = tuple[tuple[Any, ...], dict[str, Any]]


def call(*args: Any, **kwargs: Any) -> Call:
    """The arguments of a call."""
    return args, kwargs


DAYS = ["2020-01-15", "2020-09-30", "2021-03-31", "2023-06-30"]
FLOWS = list(zip(DAYS, [-100, -50, 30, 160], strict=True))
RETURNS = [0.012, -0.02, 0.031, 0.004, -0.011, 0.02, 0.005, -0.007, 0.013, 0.001, -0.004, 0.017]
BENCHMARK = [0.01, -0.012, 0.022, 0.002, -0.008, 0.017, 0.002, -0.01, 0.008, 0.004, -0.001, 0.012]
LONG = [0.01 * ((7 * i) % 11 - 5) for i in range(60)]
SERIES_A = captable.preferred("A", 1_000_000, invested=5_000_000, participating=True, cap=2)
CLASSES = [SERIES_A, captable.option("options", 500_000, 1), captable.common(4_000_000)]
EUROPEAN = waterfall.european()
CALLED = [("2020-01-01", 100), ("2021-01-01", 50)]
RUN = waterfall.distribute(EUROPEAN, CALLED, [("2024-01-01", 260)])
FEE_TERMS = fees.fee_terms(0.02, "2020-01-01", step_downs=[("2025-01-01", 0.015, "invested")])
EVENTS = [
    lots.buy("2020-01-01", 100, 10, 5),
    lots.buy("2020-02-01", 100, 12),
    lots.split("2020-02-10", 2),
    lots.dividend("2020-02-15", 30),
    lots.sell("2020-03-01", 150, 8, 5),
]
MATRIX = cohorts.matrix(
    ["a", "a", "b", "b", "c", "a"],
    ["2024-01-05", "2024-02-05", "2024-02-07", "2024-03-07", "2024-02-09", "2024-03-05"],
    [100, 80, 120, 90, 60, 70],
)
TERMS = [cohorts.Terms("2024-01-01", "0.5", 120), cohorts.Terms("2024-02-01", "0.4", 200, None, "0.2")]
SPENDS = {"2024-01-01": 150, "2024-02-01": 200}
PREDICTION = cohorts.Prediction("0.05", "0.4", 12)
FULL, BOOK = cohorts.pack(MATRIX, SPENDS, TERMS, [cohorts.Threshold(1, "0.3")])
CASHFLOWS = cohorts.compute(FULL, BOOK, PREDICTION)
HISTORY = churn.PaymentHistory(
    tuple(24_280 + i for i in range(18)),
    tuple(np.array([100.0 * 0.93**k * (1 + 0.1 * ((i + k) % 12 == 11)) for k in range(18 - i)]) for i in range(18)),
)
COURSE = [100.0 * 0.9**k for k in range(18)]
SPREAD = churn.Spread(0.2, 0.02, 0.2, 0.1, 1.5)
WORSE = cohorts.TradeShock("worse", 0.02, -0.1, 1)
SURVIVORS = [1000, 869, 743, 653, 593, 551, 517, 491]
FREQUENCY, RECENCY, AGE = [2, 0, 5, 1, 0, 3, 8, 0], [30.4, 0, 33.0, 5.0, 0, 20.1, 38.0, 0], [38.9] * 8
PACING = {"contribution_rates": [0.25, 0.333, 0.5], "life": 12, "bow": 2.5, "growth": 0.13}
FUND = simulation.Fund([simulation.Company(), simulation.Company(cost=2.0, entry_quarter=2)], 12, 0.2)
TRANCHES = [lbo.revolver("RCF", 50, 0.05), lbo.tranche("TLB", 300, 0.07, amortisation=0.01, sweep=1, fee=0.02)]
CASE = lbo.operating_case(5, 0.08, revenue=500, margin=0.2, depreciation=0.03, capex=0.03, nwc=0.01, tax_rate=0.25)
OPM = valuation.opm(10_000_000, CLASSES, term=3, volatility=0.5, rate=0.03)
SCENARIOS = [
    valuation.scenario("low", 0.5, {"A": 10, "B": 1}, 1),
    valuation.scenario("high", 0.5, {"A": 30, "B": 9}, 2),
]
ROLL = valuation.roll_forward(100, purchases=10, proceeds=5, realised=1, closing=110)
MODEL: Callable[[Mapping[str, float]], float] = lambda x: x["price"] * x["units"] - 10  # noqa: E731
INPUTS = {"price": 4.0, "units": 5.0}
PRICE_DOWN = simulation.Shock("price down", {"price": -0.2})


def generator() -> np.random.Generator:
    """Randomness that is the same every time."""
    return np.random.default_rng(1)


PERIODIC = {"periods_per_year": 12}
VERSUS: dict[str, dict[str, Any]] = {
    "alpha": {}, "beta": {}, "correlation": {}, "fama_beta": {}, "capture": {}, "capture_ratio": {},
    "information_ratio": {}, "tracking_error": {}, "specific_risk": {}, "systematic_risk": {},
    "appraisal_ratio": PERIODIC, "jensen_alpha": PERIODIC, "m_squared": PERIODIC, "net_selectivity": PERIODIC,
    "treynor": PERIODIC,
}  # fmt: skip
ALONE: dict[str, dict[str, Any]] = {
    "adjusted_sharpe": PERIODIC, "annual_return": PERIODIC, "autocorrelation": {}, "burke": PERIODIC,
    "calmar": PERIODIC, "conditional_value_at_risk": {}, "cumulative_return": {}, "d_ratio": {},
    "downside_deviation": {}, "downside_frequency": {}, "downside_potential": {}, "drawdown_series": {}, "geltner": {},
    "kappa": {}, "kurtosis": {}, "martin_ratio": PERIODIC, "max_drawdown": {}, "mean_absolute_deviation": {},
    "omega": {}, "omega_sharpe": {}, "pain_index": {}, "pain_ratio": PERIODIC, "semi_deviation": {}, "sharpe": {},
    "skewness": {}, "skewness_kurtosis_ratio": {}, "sortino": {}, "summary": PERIODIC, "ulcer_index": {},
    "upside_potential": {}, "upside_potential_ratio": {}, "upside_risk": {}, "value_at_risk": {}, "volatility": {},
    "volatility_skewness": {},
}  # fmt: skip

CALLS: dict[str, Call] = {
    # money, dates, flows
    "money.allocate": call(100, [1, 1, 1]),
    "money.allocate_with_steps": call("0.05", [3, 2, 1]),
    "money.currency": call("EUR"),
    "money.decimals": call("JPY"),
    "money.payable": call("10.25", "EUR"),
    "money.quantum": call(2),
    "money.round_money": call("2.675", 2),
    "money.to_decimal": call("1.5"),
    "dates.add_business_days": call("2024-02-28", 3),
    "dates.add_months": call("2024-01-31", 1),
    "dates.add_years": call("2024-02-29", 1),
    "dates.adjust": call("2024-03-30"),
    "dates.business_days_between": call("2024-02-28", "2024-03-06"),
    "dates.day_count_name": call("act/360"),
    "dates.is_business_day": call("2024-03-30"),
    "dates.is_month_end": call("2024-02-29"),
    "dates.month_end": call("2024-02-10"),
    "dates.month_index": call("2024-02-10"),
    "dates.month_of": call(24_289),
    "dates.month_start": call("2024-02-10"),
    "dates.months_between": call("2024-02-29", "2025-01-31"),
    "dates.period_of": call("2024-02-10"),
    "dates.periods": call("2024-02-10", "2025-01-01"),
    "dates.quarter_end": call("2024-02-10"),
    "dates.quarter_start": call("2024-02-10"),
    "dates.to_date": call("2024-02-29"),
    "dates.to_ordinal": call("2024-02-29"),
    "dates.year_end": call("2024-02-10"),
    "dates.year_fraction": call("2024-02-29", "2025-03-01"),
    "dates.year_start": call("2024-02-10"),
    "cashflows.bucket": call(FLOWS),
    "cashflows.flows": call(FLOWS),
    "cashflows.net_by_date": call(FLOWS),
    "cashflows.since_inception_totals": call(FLOWS, ["2020-12-31", "2023-12-31"]),
    "cashflows.split": call(FLOWS),
    "cashflows.up_to": call(FLOWS, "2021-01-01"),
    # returns
    "returns.annualise": call(0.5, "2020-01-01", "2023-06-30"),
    "returns.effective_annual": call(0.02, 4),
    "returns.excel_npv": call(0.1, [-10_000, 3_000, 4_200, 6_800]),
    "returns.ilpa_performance": call([("2020-01-01", -100, "Capital Call: Investments"), ("2023-01-01", 130, "NAV")]),
    "returns.ilpa_treatment": call("Capital Call: Investments"),
    "returns.irr": call([-100, 39, 59, 55, 20]),
    "returns.link": call([0.1, -0.05, 0.02]),
    "returns.mirr": call([-120_000, 39_000, 30_000, 21_000, 37_000, 46_000], 0.1, 0.12),
    "returns.modified_dietz": call(100, 300, [("2016-12-30", 50)], "2015-12-31", "2017-12-31"),
    "returns.moic": call(100, 60, 80, fees=5, expenses=1, carry=4),
    "returns.multiples": call(100, 60, 80, 150, recallable=5),
    "returns.npv": call(0.281, [-100, 39, 59, 55, 20]),
    "returns.period_years": call("2020-01-01", "2023-06-30"),
    "returns.since_inception": call(FLOWS, [("2020-12-31", 150), ("2023-12-31", 40)]),
    "returns.twr": call([100, 120, 130], [0, 10, -5], dates=["2020-01-01", "2020-06-30", "2021-12-31"]),
    "returns.xirr": call(DAYS, [-100, -50, 30, 160]),
    "returns.xirr_batch": call([DAYS, DAYS], [[-100, -50, 30, 160], [-100, -50, 30, 50]]),
    "returns.xnfv": call(0.1, DAYS, [-100, -50, 30, 160]),
    "returns.xnpv": call(0.1, DAYS, [-100, -50, 30, 160]),
    # public-market equivalents
    "pme.direct_alpha": call([-25, 15, 0], [100, 115, 130], 20),
    "pme.ks_pme": call([-25, 15, 0], [100, 115, 130], 20),
    "pme.ln_pme": call([-25, 15, 0], [100, 115, 130], 20),
    "pme.ln_pme_nav": call([-25, 15, 0], [100, 115, 130]),
    "pme.m_pme": call([-25, 15, 0], [100, 115, 130], [25, 12, 20]),
    "pme.navs_from_prices": call([-25, 15, 0], [100, 115, 130]),
    "pme.pme_plus": call([-25, 15, 0], [100, 115, 130], 20),
    # waterfalls
    "waterfall.american": call(pref=0.08, carry=0.2),
    "waterfall.by_partner": call(
        EUROPEAN, [waterfall.Partner("A", 60), waterfall.Partner("B", 40)], CALLED, [("2024-01-01", 260)]
    ),
    "waterfall.clawback": call(30, 100),
    "waterfall.clawback_of": call(RUN),
    "waterfall.closed_form": call(EUROPEAN, [0, 1, 2], [100, 20, 0], [0, 30, 180]),
    "waterfall.distribute": call(EUROPEAN, CALLED, [("2024-01-01", 260)]),
    "waterfall.distribute_deals": call(
        waterfall.american(),
        [
            waterfall.Deal("one", [("2020-01-01", 100)], [("2022-01-01", 200)]),
            waterfall.Deal("two", [("2020-06-01", 100)], [("2023-01-01", 20)]),
        ],
        expenses=[("2020-01-01", 5)],
    ),
    "waterfall.distribute_flows": call(EUROPEAN, [-100, 0, 30, 200]),
    "waterfall.european": call(pref=0.08, carry=0.2, catch_up=0.5),
    "waterfall.irr_hurdles": call([(0.08, 0), (0.12, 0.2), (0.18, 0.3)], 0.4),
    "waterfall.lp_giveback": call(10, {"A": [("2020-01-01", 100)], "B": [("2020-05-01", 60)]}, "2021-01-01"),
    "waterfall.replay": call(
        EUROPEAN,
        [waterfall.Claim(Decimal(0), Decimal(0), Decimal(100))],
        [waterfall.Cash(Decimal(2), Decimal(180), Decimal(2))],
    ),
    "waterfall.split_by_investor": call(RUN, {"A": 1, "B": 2}),
    # fees
    "fees.annual_fees": call([100, 100, 80], 0.02),
    "fees.carry_roll_forward": call(-10, accrued_unrealised=-2, paid=1, ending_nav_net=100),
    "fees.check_offsets": call({"monitoring": 90}, {"monitoring": 100}, 1),
    "fees.equalise": call({"A": 60}, {"B": 40}, [("2024-01-01", 20)], "2024-07-01"),
    "fees.fee_ledger": call(
        FEE_TERMS, {"committed": 1000, "invested": [("2025-01-01", 600)]}, "2024-01-01", "2026-01-01"
    ),
    "fees.fee_terms": call(0.02, "2020-01-01"),
    "fees.late_closer_fee": call(FEE_TERMS, 1_000_000, "2020-01-01", "2020-10-01", interest_rate=0.08),
    "fees.management_fee": call(1_000_000, 0.02, "2020-01-01", "2020-04-01"),
    "fees.nav_roll_forward": call(100, contributions=10, distributions=-5, unrealised=7),
    "fees.nav_roll_forward_2016": call(100, contributions=10, distributions=-5, unrealised=7),
    "fees.performance_fee": call(100, 120, management_rate=0.01, hurdle=0.05, high_water_mark=110),
    "fees.recognised_offsets": call({"monitoring": 100}, {"monitoring": 0.8}),
    "fees.roll_offsets": call(5, 100, 60),
    "fees.unfunded_roll_forward": call(100, contributions=-20, recallable=5),
    # lots
    "lots.book": call(EVENTS),
    "lots.buy": call("2020-01-01", 100, 10, 5),
    "lots.dividend": call("2020-01-01", 30),
    "lots.fee": call("2020-01-01", 30),
    "lots.period_reconciliation": call(EVENTS, start="2020-01-31", start_price=11, end="2020-03-31", end_price=9),
    "lots.return_of_capital": call("2020-01-01", 30),
    "lots.return_on_average_investment": call(EVENTS, price=9, as_of="2020-03-31"),
    "lots.sell": call("2020-01-01", 100, 10, 5),
    "lots.side_by_side": call(EVENTS),
    "lots.split": call("2020-01-01", 3, 2),
    # cohorts
    "cohorts.cac": call(1000, 10),
    "cohorts.cashflows": call(MATRIX, spends=SPENDS, terms=TERMS, prediction=PREDICTION),
    "cohorts.compute": call(FULL, BOOK, PREDICTION),
    "cohorts.compute_company_cohort_cashflows": call(
        1,
        [{"cohort_month": "2024-01-01", "sharing_percentage": "0.5", "cash_cap": 120}],
        [{"customer_id": "a", "payment_date": "2024-01-05", "amount": 100}],
        [{"cohort_month": "2024-01-01", "spend": 200}],
        [{"payment_period_month": 1, "minimum_payment_percent": "0.3"}],
        "0.05",
    ),
    "cohorts.effective_cap": call(10_000, 5_000, 4_000),
    "cohorts.explain": call(CASHFLOWS, "2024-01-01", 1),
    "cohorts.irr_rows": call(np.array([100.0]), np.array([[60.0, 70.0]])),
    "cohorts.iso_month": call(24_289),
    "cohorts.ltv": call([100, 90, 80], 10, margin=0.8, discount=0.01),
    "cohorts.matrix": call(["a", "a", "b"], ["2024-01-05", "2024-02-05", "2024-02-07"], [100, 80, 120]),
    "cohorts.matrix_from_cells": call(["2024-01-01", "2024-01-01"], ["2024-01-01", "2024-02-01"], [100, 80]),
    "cohorts.moic": call(120, 100),
    "cohorts.month_index": call("2024-02-01"),
    "cohorts.pack": call(MATRIX, SPENDS, TERMS),
    "cohorts.payback": call([50, 60, 70], 100),
    "cohorts.payback_months": call([50, 60, 70], 100),
    "cohorts.predict": call([100, 90], 0.05, 6),
    "cohorts.replay": call(FULL, BOOK, 0, PREDICTION),
    "cohorts.reverse_stress_churn": call(COURSE, TERMS[0], 1000, known=1),
    "cohorts.run_scenarios": call(FULL, BOOK, [cohorts.Scenario("base", "0.4", "0.05")]),
    "cohorts.simple_ltv": call(100, 0.8, 0.02),
    "cohorts.shocked_course": call(COURSE, 1, WORSE),
    "cohorts.simulate_trade": call(COURSE, TERMS[0], 1000, rng=generator(), spread=SPREAD, paths=50),
    "cohorts.solve_terms": call(
        COURSE, 1000, target_irr="0.1", largest_chance_of_loss="0.9", rng=generator(), sharings=["0.5"], paths=50
    ),
    "cohorts.stress_trade": call(COURSE, TERMS[0], 1000, [WORSE], known=1),
    "cohorts.threshold_mask": call(MATRIX, SPENDS, [cohorts.Threshold(1, "0.3")]),
    # churn
    "churn.backtest": call(HISTORY, 3),
    "churn.fit_bdw": call(SURVIVORS),
    "churn.fit_bgnbd": call(FREQUENCY, RECENCY, AGE),
    "churn.fit_constant": call(SURVIVORS),
    "churn.fit_gammagamma": call([2, 5, 1, 3, 8], [20.0, 35.0, 15.0, 28.0, 40.0]),
    "churn.fit_paretonbd": call(FREQUENCY, RECENCY, AGE),
    "churn.fit_payments": call(HISTORY, "sbg"),
    "churn.fit_sbg": call(SURVIVORS),
    "churn.fit_seasonal": call(HISTORY),
    "churn.fit_spread": call(HISTORY, "constant"),
    "churn.forecast": call(HISTORY, rng=generator(), model="constant", horizon=20, paths=20),
    "churn.group_cohorts": call(HISTORY, most=3),
    "churn.league": call(HISTORY, 3),
    "churn.payment_paths": call(COURSE, 2, SPREAD, 20, generator()),
    "churn.simulate_survivors": call(churn.ConstantChurn(0.1), 100, 5, 3, generator()),
    # metrics
    "metrics.aggregate": call([1, 2, 3], "sum"),
    "metrics.annualised_retention": call(0.98),
    "metrics.arr_from_mrr": call(10),
    "metrics.arr_from_recurring_revenue": call(10),
    "metrics.burn_band": call(1.2),
    "metrics.burn_multiple": call(2, 1),
    "metrics.cac": call(1000, 10),
    "metrics.cac_payback_months": call(1000, [(100, 0.8)]),
    "metrics.cac_ratio": call(1000, 800, 100),
    "metrics.dependents": call(metrics.STANDARD, ["revenue"]),
    "metrics.evaluate": call({"revenue": [100, 110, 120, 130, 150], "gross_profit": [60, 66, 70, 80, 90]}),
    "metrics.gross_revenue_retention": call([100, 50], [120, 40]),
    "metrics.growth": call(110, 100),
    "metrics.growth_series": call([100, 110, None, 130], 1),
    "metrics.looks_back": call(metrics.parse("previous(ltm(revenue))"), 4),
    "metrics.ltm": call([1, 2, 3, 4]),
    "metrics.ltm_series": call([1, 2, 3, 4, 5]),
    "metrics.ltv": call(100, 0.8, 0.02),
    "metrics.ltv_to_cac": call(3000, 1000),
    "metrics.magic_number": call(12, 10, 8),
    "metrics.net_revenue_retention": call([100, 50], [120, 40]),
    "metrics.order": call(metrics.STANDARD),
    "metrics.parse": call("ltm(gross_profit) / ltm(revenue)"),
    "metrics.rule_of_40": call(130, 100, 13),
    "metrics.runway_months": call(12, 1),
    # currencies
    "fx.cta_components": call([("capital", 100, 1.1), ("profit", 20, 1.15)], 1.2),
    "fx.cta_movement": call(
        opening_net_assets=100,
        opening_rate=1.1,
        closing_rate=1.2,
        profit=20,
        average_rate=1.15,
        dividends=5,
        dividend_rate=1.18,
    ),
    "fx.remeasure": call(100, [(50, 1.1)], closing=1.2, booked=160),
    "fx.split_effect": call(100, 130, 1.1, 1.2),
    "fx.translate": call(200, 80, [("capital", 100, 1.1), ("profit", 20, 1.15)], 1.2),
    # risk
    **{f"risk.{name}": call(RETURNS, **kwargs) for name, kwargs in ALONE.items()},
    **{f"risk.{name}": call(RETURNS, BENCHMARK, **kwargs) for name, kwargs in VERSUS.items()},
    "risk.concentration_level": call(1900),
    "risk.drawdowns": call([100, 90, 110, 80], ["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"]),
    "risk.effective_number": call([0.5, 0.3, 0.2]),
    "risk.getmansky": call(LONG),
    "risk.hhi": call([50, 30, 20]),
    "risk.largest_share": call([50, 30, 20]),
    "risk.longest_recovery": call([100, 90, 110], ["2020-01-01", "2020-02-01", "2020-03-01"]),
    "risk.max_drawdown_of_values": call([100, 90, 110]),
    "risk.worst_drawdown": call([100, 90, 110]),
    # simulation
    "simulation.correlated_normals": call([[1, 0.5], [0.5, 1]], 4, rng=generator()),
    "simulation.fund_paths": call(FUND, paths=20, seed=1),
    "simulation.reverse_stress": call(lambda size: 10 - size, limit=7, largest=5),
    "simulation.reverse_stress_shock": call(MODEL, INPUTS, PRICE_DOWN, limit=7, largest=3),
    "simulation.stress": call(MODEL, INPUTS, [PRICE_DOWN]),
    "simulation.takahashi_alexander": call(100, **PACING),
    "simulation.takahashi_alexander_paths": call(100, **PACING, volatility=0.2, paths=5, seed=1),
    "simulation.terminal_values": call(FUND, paths=20, seed=1),
    # valuation
    "valuation.backsolve": call("A", 2, CLASSES, term=3, volatility=0.5, rate=0.03),
    "valuation.black_scholes": call(42, 40, 0.1, 0.2, 0.5),
    "valuation.calendarize": call(100, 120, months_of_current=9),
    "valuation.calibrate": call(lambda rate: 100 / (0.2 + rate), 400, low=0, high=1),
    "valuation.calibrate_multiple": call(7, 9.5),
    "valuation.capm": call(0.03, 1.2, 0.05),
    "valuation.chaffe": call(0.3, 2, 0.05),
    "valuation.circular_wacc": call(
        lambda rate: 10 / (rate - 0.02), 0.9, debt=40, risk_free=0.03, equity_risk_premium=0.05, cost_of_debt=0.05
    ),
    "valuation.comps": call([100, 200, 300], [10, 25, -1]),
    "valuation.cost_of_equity": call(0.03, 1.2, 0.05),
    "valuation.dcf": call([100, 110, 121], 0.1, growth=0.02, net_debt=50, shares=10, options=[(2, 1)]),
    "valuation.dcf_grid": call([100, 110, 121], [0.09, 0.1], [0.02, 0.03]),
    "valuation.diluted_at_equity_value": call(1000, 100, [(10, 5)]),
    "valuation.enterprise_value": call(100, debt=40, cash=5),
    "valuation.equity_bridge": call(100, debt=40, cash=5),
    "valuation.exit_scenario": call("exit", 1, 20_000_000, CLASSES, 2),
    "valuation.finnerty": call(0.3, 2),
    "valuation.free_cash_flow": call(100, 0.25, depreciation=10, capex=12, increase_in_nwc=3),
    "valuation.ghaidarov": call(0.3, 2),
    "valuation.hybrid": call(SCENARIOS, 0.1),
    "valuation.implied_perpetual_growth": call(1000, 50, 0.1),
    "valuation.implied_volatility": call(1.875, 21, 20, 0.1, 0.25),
    "valuation.normal_cdf": call(1.0),
    "valuation.opm": call(10_000_000, CLASSES, term=3, volatility=0.5, rate=0.03),
    "valuation.opm_scenario": call("stay private", 0.4, OPM),
    "valuation.pwerm": call(SCENARIOS, 0.1),
    "valuation.relever_beta": call(0.8, 40, 60, 0.25),
    "valuation.relever_volatility": call(0.2123, 12.4, 10, 0.05, 1),
    "valuation.roll_forward": call(100, purchases=10, proceeds=5, realised=1, closing=110),
    "valuation.scenario": call("low", 0.5, {"A": 10}, 1),
    "valuation.statement_effects": call(tax_rate=0.25, revenue=100, depreciation=10, capex=20, debt=5),
    "valuation.total": call([ROLL, ROLL]),
    "valuation.tranches_from": call([(0, {"A": 1}), (100, {"A": 1, "B": 3})]),
    "valuation.translated_roll_forward": call(100, 120, opening_rate=1.1, closing_rate=1.2, purchases=[(10, 1.15)]),
    "valuation.treasury_method": call(50, 100, [(10, 20)]),
    "valuation.unlever_beta": call(1.2, 40, 60, 0.25),
    "valuation.unlever_volatility": call(3, 10, 0.8, 0.05, 1),
    "valuation.wacc": call(0.12, 0.06, equity=60, debt=40, tax_rate=0.25),
    "valuation.wacc_from_beta": call(
        0.8, risk_free=0.03, equity_risk_premium=0.05, cost_of_debt=0.06, equity=60, debt=40, tax_rate=0.25
    ),
    # buyouts
    "lbo.buyout": call(CASE, TRANCHES, entry_multiple=8, exit_multiple=9, transaction_fee=0.02, min_cash=5),
    "lbo.debt_schedule": call(TRANCHES, [40, 50, 60], opening_cash=10, min_cash=5, interest_on="average"),
    "lbo.exit_returns": call(150, 9, 300, 500, years=5),
    "lbo.irr_from_moic": call(2.5, 5),
    "lbo.operating_case": call(3, [0.1, 0.08, 0.05], revenue=500, margin=0.2, tax_rate=0.25),
    "lbo.revolver": call("RCF", 50, 0.05, drawn=10),
    "lbo.sources_and_uses": call(TRANCHES, ebitda=100, entry_multiple=8, existing_debt=50, transaction_fee=0.02),
    "lbo.tranche": call("TLB", 300, 0.07),
    "lbo.value_bridge": call(
        entry_ebitda=100, entry_multiple=8, entry_net_debt=300, exit_ebitda=140, exit_multiple=9, exit_net_debt=100
    ),
    # cap tables
    "captable.breakpoints": call(CLASSES),
    "captable.broad_based": call(1, 1_000_000, 500_000, new_price=0.5),
    "captable.common": call(4_000_000),
    "captable.conversion_points": call(CLASSES),
    "captable.convert": call(200_000, 1.5, cap=4_000_000, capitalization=10_000_000, discount=0.2),
    "captable.diluted_at_equity_value": call(1000, 100, [(10, 5)]),
    "captable.full_ratchet": call(1, 0.5),
    "captable.liquidation_payouts": call(20_000_000, CLASSES, debt=1_000_000),
    "captable.narrow_based": call(1, 1_000_000, 500_000, new_price=0.5),
    "captable.note": call(100_000, 5_000_000, discount=0.2, rate=0.08, issued_on="2023-01-01"),
    "captable.option": call("options", 100, 1),
    "captable.ownership": call({"A": 1, "B": 2}),
    "captable.payout_curve": call([1_000_000, 20_000_000], CLASSES),
    "captable.payouts_at": call([1_000_000, 20_000_000], CLASSES),
    "captable.preferred": call("A", 1_000_000, invested=5_000_000),
    "captable.priced_round": call(
        8_000_000, 2_000_000, existing=6_000_000, pool_target=0.2, safes=[captable.safe(200_000, 4_000_000)]
    ),
    "captable.safe": call(200_000, 4_000_000),
    "captable.treasury_method": call(50, 100, [(10, 20)]),
    "captable.warrant": call("warrants", 100, 1),
    "captable.weighted_average": call(2, 10_000_000, 1_000_000, new_price=1),
}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """(module.function, function) for every public function of every module that the kernel names."""
    for module_name in kernel.__all__:
        module = importlib.import_module(f"vestry.kernel.{module_name}")
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            if inspect.isfunction(found):
                yield f"{module_name}.{name}", found
