"""Rates of return and multiples of dated flows.

Sign: the owner's cash, money out negative, money in positive. Rates are fractions and effective per year; day count
Act/365 Fixed unless another is asked for. What does not exist is None with a reason.
"""

from vestry.kernel.returns._batch import XirrBatch, xirr_batch
from vestry.kernel.returns._multiples import Moic, Multiples, moic, multiples
from vestry.kernel.returns._rates import (
    annualise,
    effective_annual,
    excel_npv,
    irr,
    mirr,
    npv,
    xirr,
    xnfv,
    xnpv,
)
from vestry.kernel.returns._result import REASONS, STATUSES, RateResult

__all__ = [
    "REASONS",
    "STATUSES",
    "Moic",
    "Multiples",
    "RateResult",
    "XirrBatch",
    "annualise",
    "effective_annual",
    "excel_npv",
    "irr",
    "mirr",
    "moic",
    "multiples",
    "npv",
    "xirr",
    "xirr_batch",
    "xnfv",
    "xnpv",
]
