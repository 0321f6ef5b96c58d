"""How long customers stay and how much they still buy: churn models, fitted by maximum likelihood and back-tested.

Contractual (a customer who leaves says so): :class:`ConstantChurn`, :class:`ShiftedBetaGeometric`,
:class:`BetaDiscreteWeibull`, fitted to survivors with the censored term. Non-contractual (nobody says so):
:class:`BgNbd`, :class:`ParetoNbd`, with :class:`GammaGamma` for what a purchase is worth. Payments by cohort:
:func:`fit_payments`, :class:`Seasonal`, :func:`backtest`; what they will pay, and how sure that is: :func:`forecast`.
Cohorts that behave alike: :func:`group_cohorts`. Formulas and worked cases: ``docs/concepts/churn.md``.

Arguments that mean the same throughout:

n: periods ahead (an array or a count), or customers at the start; frequency, recency (t_x) and age (T): arrays of
shape (customers,), in one unit, 0 ≤ recency ≤ age. history: payments, shape (cohorts, periods). model: a name of the
list or a fitted one. rng: the ``numpy.random.Generator`` drawn from. A fit that runs to its edge says ``converged``
False; data that fit nothing raise ``KernelError``. horizon: periods in all. holdback: newest months kept from the fit.
evaluations: of a likelihood, at most, in one search. chance: the share of drawn paths within a band. paths: how many
are drawn.
"""

from vestry.kernel.churn.backtest import Score, backtest
from vestry.kernel.churn.bgnbd import BgNbd, fit_bgnbd
from vestry.kernel.churn.customers import CustomerModel, Purchases
from vestry.kernel.churn.fitting import Fit
from vestry.kernel.churn.forecast import Forecast, League, forecast, league
from vestry.kernel.churn.gammagamma import GammaGamma, fit_gammagamma
from vestry.kernel.churn.groups import CohortGroup, CohortGroups, group_cohorts
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
from vestry.kernel.churn.spread import Spread, fit_spread, payment_paths

__all__ = [
    "BetaDiscreteWeibull",
    "BgNbd",
    "CohortGroup",
    "CohortGroups",
    "ConstantChurn",
    "CustomerModel",
    "Fit",
    "Forecast",
    "GammaGamma",
    "League",
    "ParetoNbd",
    "PaymentHistory",
    "Purchases",
    "RetentionModel",
    "Score",
    "Seasonal",
    "ShiftedBetaGeometric",
    "Spread",
    "backtest",
    "fit_bdw",
    "fit_bgnbd",
    "fit_constant",
    "fit_gammagamma",
    "fit_paretonbd",
    "fit_payments",
    "fit_sbg",
    "fit_seasonal",
    "fit_spread",
    "forecast",
    "group_cohorts",
    "league",
    "payment_paths",
    "simulate_survivors",
]
