"""Maximum likelihood over positive parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from vestry.kernel.errors import KernelError

Floats = npt.NDArray[np.float64]
Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Fit(Generic[Model]):
    """A fitted model, its log-likelihood, and what it was fitted to.

    ``observations``: customers (or the weight of payments) behind the likelihood. ``converged`` false: the optimum
    lies at the edge of what can be told from these data, so the parameters are not to be trusted; ``message`` says why.
    """

    model: Model
    log_likelihood: float
    observations: float
    parameters: int
    converged: bool
    message: str

    @property
    def aic(self) -> float:
        """2 × parameters − 2 × log-likelihood: smaller is better, among models of the same data."""
        return 2 * self.parameters - 2 * self.log_likelihood


# Beyond e^±14 a parameter is "as large (or small) as you like": the data do not tell it.
EDGE = 14.0


EVALUATIONS = 4000
"""Of a likelihood, at most, in one search."""


def maximise(
    log_likelihood: Callable[[Floats], float], start: Sequence[float], evaluations: int = EVALUATIONS
) -> tuple[list[float], float, bool, str]:
    """The positive parameters with the largest likelihood, its value, whether it is an inner optimum, and a message.

    A simplex search in logarithms from ``start``, restarted once from its own answer: no derivatives, no dependence on
    the parameters' scale, and the same bits every time.
    """
    from scipy.optimize import minimize

    def cost(logs: Floats) -> float:
        if np.abs(logs).max() > EDGE + 1:
            return 1e300
        value = log_likelihood(np.exp(logs))
        return -value if np.isfinite(value) else 1e300

    point = np.log(np.asarray(start, dtype=np.float64))
    options: Any = {"xatol": 1e-8, "fatol": 1e-9, "maxiter": evaluations, "maxfev": evaluations}
    found = minimize(cost, point, method="Nelder-Mead", options=options)
    if np.abs(found.x).max() < EDGE:  # else no second search makes it an inner optimum
        found = minimize(cost, found.x, method="Nelder-Mead", options=options)
    if found.fun >= 1e300:
        raise KernelError("the likelihood is nowhere finite for these data")
    inner = bool(np.abs(found.x).max() < EDGE)
    message = "converged" if found.success and inner else "a parameter runs to its edge" if not inner else found.message
    return np.exp(found.x).tolist(), -float(found.fun), bool(found.success) and inner, str(message)


def positive(**parameters: float) -> None:
    """Refuse a parameter that is not a positive finite number."""
    for name, value in parameters.items():
        if not (np.isfinite(value) and value > 0):
            raise KernelError(f"{name} must be positive, not {value}")


def column(values: npt.ArrayLike, name: str) -> Floats:
    """Numbers as a finite non-negative float vector."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise KernelError(f"{name} must be numbers") from None
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
        raise KernelError(f"{name} must be finite and not negative")
    return array


def history(frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Repeat purchases x, age at the last one t_x and age T of each customer, checked against each other.

    x counts *repeat* purchases (the first is not one), t_x and T are in one unit, 0 ≤ t_x ≤ T, and x = 0 means t_x = 0.
    """
    x, t_x, T = column(frequency, "frequency"), column(recency, "recency"), column(age, "age")
    if not len(x) == len(t_x) == len(T):
        raise KernelError(f"{len(x)} frequencies, {len(t_x)} recencies and {len(T)} ages do not match")
    if (x != np.floor(x)).any():
        raise KernelError("frequency counts repeat purchases: whole numbers")
    if (t_x > T).any():
        raise KernelError("a last purchase lies after the end of observation")
    if ((x == 0) != (t_x == 0)).any():
        raise KernelError("no repeat purchase means recency 0, and a repeat purchase means a recency above 0")
    return x, t_x, T


def grouped(*columns: Floats) -> tuple[list[Floats], Floats]:
    """The distinct rows of these columns and how often each occurs: equal customers are evaluated once."""
    rows, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return [np.ascontiguousarray(rows[:, i]) for i in range(rows.shape[1])], counts.astype(np.float64)


def by_distinct(values: Floats, *functions: Callable[[Floats], Any]) -> list[Floats]:
    """Functions of a column that has few distinct values, such as a count of purchases: each is evaluated once."""
    distinct, place = np.unique(values, return_inverse=True)
    return [function(distinct)[place] for function in functions]
