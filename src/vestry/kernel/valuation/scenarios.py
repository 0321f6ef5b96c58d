"""Probability-weighted expected return, and the hybrid that uses an option model inside scenarios."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestry.kernel.captable.classes import ShareClass
from vestry.kernel.captable.liquidation import liquidation_payouts
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded
from vestry.kernel.valuation.option_model import OpmResult

Rate = Number | Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One outcome: its probability, what each class receives, and when (years from the valuation date; 0 = today).

    rate overrides the rate given to `pwerm`: one number, or class → number, effective a year.
    """

    name: str
    probability: float
    payoffs: Mapping[str, float]
    years: float = 0.0
    rate: Rate | None = None


@guarded
def scenario(
    name: str, probability: Number, payoffs: Mapping[str, Number], years: Number = 0, *, rate: Rate | None = None
) -> Scenario:
    """A scenario with payoffs stated by class (in total, or per share if all scenarios are)."""
    amounts = {n: finite(v, n) for n, v in payoffs.items()}
    return Scenario(name, finite(probability, "probability"), amounts, finite(years, "years"), rate)


@guarded
def exit_scenario(
    name: str,
    probability: Number,
    exit_value: Number,
    classes: Sequence[ShareClass],
    years: Number = 0,
    *,
    rate: Rate | None = None,
) -> Scenario:
    """A scenario whose payoffs are the liquidation payouts of an exit at `exit_value`."""
    exact = liquidation_payouts(exit_value, classes).exact
    return scenario(name, probability, exact, years, rate=rate)


@guarded
def opm_scenario(name: str, probability: Number, allocation: OpmResult) -> Scenario:
    """A scenario valued today by an option model: the hybrid method's ingredient."""
    return scenario(name, probability, allocation.values, 0)


@dataclass(frozen=True, slots=True)
class Pwerm:
    """Expected present value of each class; present: scenario → class → present value before the probability."""

    values: Mapping[str, float]
    present: Mapping[str, Mapping[str, float]]
    total: float
    explain: Explain


@guarded
def pwerm(scenarios: Sequence[Scenario], rate: Rate = 0) -> Pwerm:
    """Σ probability · payoff / (1 + rate)^years, for each class.

    rate: effective a year, one number or class → number. A class absent from a scenario receives nothing in it.
    Raises KernelError when probabilities are negative, do not sum to one (within 1e-9), or names repeat.
    """
    _check(scenarios)
    names = dict.fromkeys(n for s in scenarios for n in s.payoffs)
    present = {
        s.name: {
            n: _present(s.payoffs.get(n, 0.0), _rate(n, rate if s.rate is None else s.rate), s.years) for n in names
        }
        for s in scenarios
    }
    values = {n: math.fsum(s.probability * present[s.name][n] for s in scenarios) for n in names}
    steps = (
        *(Step(s.name, f"{s.probability:g} · payoff / (1 + r)^{s.years:g}", dict(present[s.name])) for s in scenarios),
        *(Step(n, "Σ probability · present value", v) for n, v in values.items()),
    )
    inputs = {"rate": rate, "probabilities": {s.name: s.probability for s in scenarios}}
    return Pwerm(
        values, present, math.fsum(values.values()), Explain("Probability-weighted expected return", inputs, steps)
    )


hybrid = pwerm


def _check(scenarios: Sequence[Scenario]) -> None:
    if not scenarios:
        raise KernelError("give at least one scenario")
    if len({s.name for s in scenarios}) != len(scenarios):
        raise KernelError("scenario names must differ")
    if any(s.probability < 0 or s.years < 0 for s in scenarios):
        raise KernelError("probabilities and years must not be negative")
    total = math.fsum(s.probability for s in scenarios)
    if abs(total - 1) > 1e-9:
        raise KernelError(f"probabilities sum to {total}, not to one")


def _present(payoff: float, rate: float, years: float) -> float:
    try:
        return finite(payoff / (1 + rate) ** years, "present value")
    except (OverflowError, ZeroDivisionError) as error:
        raise KernelError(f"discounting at {rate} over {years} years leaves the range of floats") from error


def _rate(name: str, rate: Rate) -> float:
    if isinstance(rate, Mapping):
        if name not in rate:
            raise KernelError(f"no discount rate for {name}")
        rate = rate[name]
    found = finite(rate, "rate")
    if found <= -1:
        raise KernelError(f"rate must be above −1, got {found}")
    return found
