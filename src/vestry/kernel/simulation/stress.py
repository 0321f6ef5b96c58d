"""What if: recompute a model under shocked inputs, and find the smallest shock that reaches a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class Shock:
    """Changes to inputs by name: ``value × (1 + relative) + absolute``."""

    name: str
    relative: Mapping[str, float] = field(default_factory=dict)
    absolute: Mapping[str, float] = field(default_factory=dict)

    def scaled(self, size: float) -> Shock:
        """The same shock ``size`` times as large."""
        return Shock(
            self.name,
            {key: change * size for key, change in self.relative.items()},
            {key: change * size for key, change in self.absolute.items()},
        )

    def apply(self, inputs: Mapping[str, float]) -> dict[str, float]:
        """Shocked inputs; an input whose changes are zero keeps its very value."""
        unknown = sorted({*self.relative, *self.absolute} - set(inputs))
        if unknown:
            raise KernelError(f"shock {self.name!r} names unknown inputs: {', '.join(unknown)}")
        shocked = dict(inputs)
        for key, change in self.relative.items():
            if change:
                shocked[key] = shocked[key] * (1 + change)
        for key, change in self.absolute.items():
            if change:
                shocked[key] = shocked[key] + change
        return shocked


@dataclass(frozen=True, slots=True)
class StressResult:
    """One shock's outcome beside the base case; ``change`` = value − base."""

    shock: Shock
    inputs: Mapping[str, float]
    value: float
    base: float
    change: float


@dataclass(frozen=True, slots=True)
class ReverseStress:
    """The smallest shock size that reaches the limit.

    status: ``found``; ``already_reached`` (size 0); ``not_reached`` (size None: not even the largest size gets there).
    ``value`` is the measure at ``size`` (at the largest size when not reached). ``gap`` bounds the error of the size.
    """

    size: float | None
    value: float
    base: float
    limit: float
    status: Literal["found", "already_reached", "not_reached"]
    gap: float
    evaluations: int

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "method": "steps outward from 0 to the first that reaches the limit, then bisection between the last two",
            "status": self.status,
            "size": self.size,
            "value": self.value,
            "base": self.base,
            "limit": self.limit,
            "error_of_size_at_most": self.gap,
            "evaluations": self.evaluations,
        }


@guarded
def stress(
    model: Callable[[Mapping[str, float]], float], inputs: Mapping[str, float], shocks: Sequence[Shock]
) -> list[StressResult]:
    """Recompute ``model`` under each shock, each from the base inputs. A zero shock gives the base value exactly."""
    base = _finite(model(dict(inputs)), "the base case")
    results = []
    for shock in shocks:
        shocked = shock.apply(inputs)
        value = _finite(model(shocked), f"shock {shock.name!r}")
        results.append(StressResult(shock, shocked, value, base, value - base))
    return results


@guarded
def reverse_stress(
    measure: Callable[[float], float], *, limit: float, largest: float, steps: int = 64, tolerance: float = 1e-12
) -> ReverseStress:
    """The smallest size in [0, ``largest``] at which ``measure(size)`` reaches ``limit``, from the base ``measure(0)``.

    Reaching means falling to it when the base lies above, rising to it when below. ``largest`` may be negative (a
    shock downward); sizes then run from 0 to it. The range is walked in ``steps`` equal steps to the first that reaches
    the limit, and that step is bisected: a dip narrower than a step can be missed when the measure is not monotone.
    The size returned has reached the limit.
    """
    if steps < 1 or not math.isfinite(largest) or largest == 0 or not math.isfinite(limit):
        raise KernelError("largest must be finite and not zero, limit finite, steps at least 1")
    base = _finite(measure(0.0), "the base case")
    if base == limit:
        return ReverseStress(0.0, base, base, limit, "already_reached", 0.0, 1)
    calls, falling = 1, base > limit

    def reached(value: float) -> bool:
        return value <= limit if falling else value >= limit

    low, high, value = 0.0, 0.0, base
    for step in range(1, steps + 1):
        low, high = high, largest * step / steps
        value = _finite(measure(high), f"size {high:g}")
        calls += 1
        if reached(value):
            break
    else:
        return ReverseStress(None, value, base, limit, "not_reached", 0.0, calls)
    while abs(high - low) > tolerance * max(1.0, abs(high)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        found = _finite(measure(middle), f"size {middle:g}")
        calls += 1
        if reached(found):
            high, value = middle, found
        else:
            low = middle
    return ReverseStress(high, value, base, limit, "found", abs(high - low), calls)


@guarded
def reverse_stress_shock(
    model: Callable[[Mapping[str, float]], float],
    inputs: Mapping[str, float],
    shock: Shock,
    *,
    limit: float,
    largest: float = 1.0,
    steps: int = 64,
) -> ReverseStress:
    """The smallest multiple of ``shock`` (up to ``largest`` times) that takes the model to ``limit``."""
    return reverse_stress(
        lambda size: model(shock.scaled(size).apply(inputs)), limit=limit, largest=largest, steps=steps
    )


def _finite(value: float, where: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise KernelError(f"the model gives {number} in {where}")
    return number
