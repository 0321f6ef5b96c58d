"""Forecasts of private funds: pacing, Monte Carlo, stress.

:func:`takahashi_alexander` projects calls, distributions and value; :func:`terminal_values` and :func:`fund_paths`
simulate a :class:`Fund` of companies; :func:`stress` and :func:`reverse_stress` shock any model. A seed goes in; the
same bits come out on any number of threads.

Arguments that mean the same throughout:

Rates are fractions; money is in the commitment's unit.

commitment: positive. contribution_rates: of the unfunded, a year each. life, last_contribution_year: years. bow:
shape of the distributions, yield_rate: their floor, distribution: ``converted`` or ``per_period``, how a yearly share
becomes a quarter's. paths, steps, workers: counts of 1 or more. periods_per_year: 1 or 4. rng: the generator. shocks:
each the changes of some inputs, relative then absolute. tolerance: of the search.
"""

from vestry.kernel.simulation.fund import Company, Fund
from vestry.kernel.simulation.lognormal import Lognormal, correlated_normals
from vestry.kernel.simulation.montecarlo import PathsRun, TerminalRun, fund_paths, terminal_values
from vestry.kernel.simulation.pacing import Pacing, PacingPaths, takahashi_alexander, takahashi_alexander_paths
from vestry.kernel.simulation.stress import (
    ReverseStress,
    Shock,
    StressResult,
    reverse_stress,
    reverse_stress_shock,
    stress,
)

__all__ = [
    "Company",
    "Fund",
    "Lognormal",
    "Pacing",
    "PacingPaths",
    "PathsRun",
    "ReverseStress",
    "Shock",
    "StressResult",
    "TerminalRun",
    "correlated_normals",
    "fund_paths",
    "reverse_stress",
    "reverse_stress_shock",
    "stress",
    "takahashi_alexander",
    "takahashi_alexander_paths",
    "terminal_values",
]
