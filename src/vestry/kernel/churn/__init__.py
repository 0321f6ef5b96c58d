"""How long customers stay and how much they still buy: churn models, fitted by maximum likelihood and back-tested.

Contractual (a customer who leaves says so): :class:`ConstantChurn`, :class:`ShiftedBetaGeometric`,
:class:`BetaDiscreteWeibull`, fitted to survivors with the censored term. Non-contractual (nobody says so):
:class:`BgNbd`, :class:`ParetoNbd`, with :class:`GammaGamma` for what a purchase is worth. Payments by cohort:
:func:`fit_payments`, :class:`Seasonal`, :func:`backtest`. Formulas and worked cases: ``docs/concepts/churn.md``.
"""

from vestry.kernel.churn.backtest import Score, backtest
from vestry.kernel.churn.bgnbd import BgNbd, fit_bgnbd
from vestry.kernel.churn.fitting import Fit
from vestry.kernel.churn.gammagamma import GammaGamma, fit_gammagamma
from vestry.kernel.churn.paretonbd import ParetoNbd, fit_paretonbd
from vestry.kernel.churn.payments import PaymentHistory, Seasonal, fit_payments, fit_seasonal
from vestry.kernel.churn.retention import (
    BetaDiscreteWeibull,
    ConstantChurn,
    RetentionModel,
    ShiftedBetaGeometric,
    fit_bdw,
    fit_constant,
    fit_sbg,
    simulate_survivors,
)

__all__ = [
    "BetaDiscreteWeibull",
    "BgNbd",
    "ConstantChurn",
    "Fit",
    "GammaGamma",
    "ParetoNbd",
    "PaymentHistory",
    "RetentionModel",
    "Score",
    "Seasonal",
    "ShiftedBetaGeometric",
    "backtest",
    "fit_bdw",
    "fit_bgnbd",
    "fit_constant",
    "fit_gammagamma",
    "fit_paretonbd",
    "fit_payments",
    "fit_sbg",
    "fit_seasonal",
    "simulate_survivors",
]
