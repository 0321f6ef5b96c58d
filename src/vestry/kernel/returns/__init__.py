"""Rates of return and multiples of dated flows.

Sign: the owner's cash, money out negative, money in positive. Rates are fractions and effective per year; day count
Act/365 Fixed unless another is asked for. What does not exist is None with a reason.

Arguments that mean the same throughout:

dates, amounts: flows of one length, any order, as lists, arrays or pairs. start_value, end_value: the portfolio's, 0
or more. periods: returns of consecutive periods, fractions. periods_per_year: compounding periods, above 0. end: the
last day. timing: when in its day a flow comes. commitment: positive. day_count: see ``dates.day_count_name``.
transaction_type: a name of the ILPA list. Amounts that are not finite, or of different lengths, raise
``KernelError``.
"""

from vestry.kernel.returns._batch import XirrBatch, xirr_batch
from vestry.kernel.returns._ilpa import ILPA_TYPES, VIEWS, IlpaView, ilpa_performance, ilpa_treatment
from vestry.kernel.returns._linked import LinkedReturn, link, modified_dietz, twr
from vestry.kernel.returns._multiples import Moic, Multiples, moic, multiples
from vestry.kernel.returns._rates import (
    annualise,
    effective_annual,
    excel_npv,
    irr,
    mirr,
    npv,
    period_years,
    xirr,
    xnfv,
    xnpv,
)
from vestry.kernel.returns._result import REASONS, STATUSES, RateResult
from vestry.kernel.returns._series import Point, since_inception

__all__ = [
    "ILPA_TYPES",
    "REASONS",
    "STATUSES",
    "VIEWS",
    "IlpaView",
    "LinkedReturn",
    "Moic",
    "Multiples",
    "Point",
    "RateResult",
    "XirrBatch",
    "annualise",
    "effective_annual",
    "excel_npv",
    "ilpa_performance",
    "ilpa_treatment",
    "irr",
    "link",
    "mirr",
    "modified_dietz",
    "moic",
    "multiples",
    "npv",
    "period_years",
    "since_inception",
    "twr",
    "xirr",
    "xirr_batch",
    "xnfv",
    "xnpv",
]
