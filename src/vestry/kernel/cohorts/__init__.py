"""Cohort financing: the matrix from payments, breaches, sharing, caps, predictions, collections and returns.

A fund pays a share of a company's acquisition spend in a month and collects the same share of the payments of the
customers that month brought, until a cap. Rules, formulas and worked cases: ``docs/concepts/cohorts.md``.

Start with :func:`matrix` (payments to cohorts) and :func:`cashflows` (everything else); :func:`explain` opens a cell.
"""

from vestry.kernel.cohorts.economics import Figure, cac, ltv, moic, payback, payback_months, simple_ltv
from vestry.kernel.cohorts.engine import CohortCashflows, cashflows, compute, predict, threshold_mask
from vestry.kernel.cohorts.irr import irr_rows
from vestry.kernel.cohorts.matrix import CohortMatrix, matrix, matrix_from_cells
from vestry.kernel.cohorts.months import iso_month, month_index
from vestry.kernel.cohorts.replay import CohortMonth, explain, replay
from vestry.kernel.cohorts.scenarios import run_scenarios
from vestry.kernel.cohorts.terms import Prediction, Scenario, Terms, Threshold, TradeBook, effective_cap, pack

__all__ = [
    "CohortCashflows",
    "CohortMatrix",
    "CohortMonth",
    "Figure",
    "Prediction",
    "Scenario",
    "Terms",
    "Threshold",
    "TradeBook",
    "cac",
    "cashflows",
    "compute",
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
    "run_scenarios",
    "simple_ltv",
    "threshold_mask",
]
