"""Cohort financing: the matrix from payments, breaches, sharing, caps, predictions, collections and returns.

A fund pays a share of a company's acquisition spend in a month and collects the same share of the payments of the
customers that month brought, until a cap. Rules, formulas and worked cases: ``docs/concepts/cohorts.md``.

Start with :func:`matrix` (payments to cohorts) and :func:`cashflows` (everything else); :func:`explain` opens a cell.
From plain rows to plain records in one call: :func:`compute_company_cohort_cashflows`.
What one trade may bring: :func:`simulate_trade`, :func:`stress_trade`; terms from aims: :func:`solve_terms`.

Arguments that mean the same throughout:

Matrices are of shape (cohorts, periods), money in, whole minor units inside and Decimal outside; months are indexes,
dates or ISO text.

cohort_months, payment_months, sums_minor, counts: columns of one length, a row for a cell. minor_digits: decimals of
the currency. complete_through: the last month known in full. row, period, index: positions from 0; value, margin:
money and a fraction of it. spends, thresholds, overrides, scenarios, book (packed terms), prediction: see
:func:`cashflows`. cash_cap, planned_spend: minor units, positive. collected: shape (periods,). result: what
``cashflows`` gave. timing: ``end_of_month`` (period n at t = n + 1) or ``same_month`` (t = n). horizon: periods in
all, 1 or more. last_month_partial: the newest month is not over and predicts nothing. arpa: payment of a customer a
month. expected: one cohort's payments in currency from period 0 on, the first ``known`` of them facts; terms, spend,
spread, rng, paths: see :func:`simulate_trade`. shock, shocks: :class:`TradeShock`. until: what is to be collected.
"""

from vestry.kernel.cohorts.economics import Figure, cac, ltv, moic, payback, payback_months, simple_ltv
from vestry.kernel.cohorts.engine import CohortCashflows, cashflows, compute, predict, threshold_mask
from vestry.kernel.cohorts.irr import irr_rows
from vestry.kernel.cohorts.matrix import CohortMatrix, matrix, matrix_from_cells
from vestry.kernel.cohorts.months import iso_month, month_index
from vestry.kernel.cohorts.records import (
    Cohort,
    FundedCohort,
    FundedPeriod,
    Period,
    compute_company_cohort_cashflows,
)
from vestry.kernel.cohorts.replay import CohortMonth, explain, replay
from vestry.kernel.cohorts.scenarios import run_scenarios
from vestry.kernel.cohorts.solving import Offer, Proposal, solve_terms
from vestry.kernel.cohorts.stressing import (
    ChurnLimit,
    TradeOutcome,
    TradeShock,
    reverse_stress_churn,
    shocked_course,
    stress_trade,
)
from vestry.kernel.cohorts.terms import Prediction, Scenario, Terms, Threshold, TradeBook, effective_cap, pack
from vestry.kernel.cohorts.trades import TradeRun, simulate_trade

__all__ = [
    "ChurnLimit",
    "Cohort",
    "CohortCashflows",
    "CohortMatrix",
    "CohortMonth",
    "Figure",
    "FundedCohort",
    "FundedPeriod",
    "Offer",
    "Period",
    "Prediction",
    "Proposal",
    "Scenario",
    "Terms",
    "Threshold",
    "TradeBook",
    "TradeOutcome",
    "TradeRun",
    "TradeShock",
    "cac",
    "cashflows",
    "compute",
    "compute_company_cohort_cashflows",
    "effective_cap",
    "explain",
    "irr_rows",
    "iso_month",
    "ltv",
    "matrix",
    "matrix_from_cells",
    "moic",
    "month_index",
    "pack",
    "payback",
    "payback_months",
    "predict",
    "replay",
    "reverse_stress_churn",
    "run_scenarios",
    "shocked_course",
    "simple_ltv",
    "simulate_trade",
    "solve_terms",
    "stress_trade",
    "threshold_mask",
]
