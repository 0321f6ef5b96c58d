"""What if the cohort keeps worse than expected, and how much worse leaves the cap uncollected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from vestry.kernel.cohorts.engine import CohortCashflows
from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.months import AmountLike, Floats, money
from vestry.kernel.cohorts.terms import Terms, Threshold, as_terms
from vestry.kernel.cohorts.trades import check_spend, in_minor_units, run_paths
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.simulation.stress import reverse_stress


@dataclass(frozen=True, slots=True)
class TradeShock:
    """A change of the months to come. ``churn_rise``: added to every month's churn (0.02: two points more leave).

    ``level``: relative change of every payment to come (−0.2: a fifth less). ``delay``: months without any payment
    before the course goes on.
    """

    name: str
    churn_rise: float = 0.0
    level: float = 0.0
    delay: int = 0

    def __post_init__(self) -> None:
        if not -1 <= self.churn_rise <= 1 or not -1 <= self.level <= 100 or not 0 <= self.delay <= 120:
            raise KernelError(
                "a churn rise lies between −1 and 1, a level between −1 and 100, a delay up to 120 months"
            )


@dataclass(frozen=True, slots=True)
class TradeOutcome:
    """What a trade brings on one course of payments. Money in currency; ``annual_irr`` None with its ``status``.

    ``months_to_cap``: from the start of the cohort month; None where the cap is not reached (or there is none).
    """

    shock: TradeShock
    collected: Decimal
    multiple: float | None
    annual_irr: float | None
    status: str
    months_to_cap: int | None
    lost: bool


@dataclass(frozen=True, slots=True)
class ChurnLimit:
    """The smallest rise of monthly churn that leaves ``amount`` uncollected within the horizon.

    status: ``found``; ``already_uncollected`` (rise 0: the expected course falls short); ``not_reached`` (rise None:
    even if everyone left now it is collected); ``no_cap`` (rise None: there is nothing to collect up to). ``collected``
    at that rise; ``gap`` bounds the error of the rise. ``amount``: what is to be collected as expected (None: a target
    IRR that is not reached, or no cap).
    """

    rise: float | None
    status: Literal["found", "already_uncollected", "not_reached", "no_cap"]
    amount: Decimal | None
    collected: Decimal
    gap: float


@guarded
def shocked_course(expected: npt.ArrayLike, known: int, shock: TradeShock) -> Floats:
    """Expected payments under a shock; the first ``known`` are facts and stay.

    Each month to come keeps its ratio to the one before, less the churn's rise (never below 0); what a month of 0 or
    less went before keeps its own size. Level and delay change the months to come after that.
    """
    course = np.array(expected, dtype=np.float64)
    if course.ndim != 1 or not course.size or not np.isfinite(course).all():
        raise KernelError("expected payments are one list of finite numbers, a month or more")
    if not 0 <= known <= len(course):
        raise KernelError(f"known periods lie between 0 and {len(course)}, not {known}")
    shocked = course.copy()
    if shock.churn_rise:
        for at in range(max(known, 1), len(course)):
            if course[at - 1] > 0:
                shocked[at] = shocked[at - 1] * max(course[at] / course[at - 1] - shock.churn_rise, 0.0)
    later = shocked[known:] * (1 + shock.level)
    delayed = np.concatenate([np.zeros(min(shock.delay, len(later))), later])[: len(later)]
    return np.concatenate([course[:known], delayed])


@guarded
def stress_trade(
    expected: npt.ArrayLike,
    terms: Terms | Mapping[str, Any],
    spend: AmountLike,
    shocks: Sequence[TradeShock],
    *,
    known: int = 0,
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    timing: Timing = "end_of_month",
    minor_digits: int = 2,
) -> list[TradeOutcome]:
    """What the trade brings as expected (the first outcome, shock ``expected``) and under each shock, by the engine.

    ``expected``, ``known``: as in :func:`simulate_trade`. A shock of nothing gives the expected outcome exactly.
    """
    given = [TradeShock("expected"), *shocks]
    courses = np.stack([shocked_course(expected, known, shock) for shock in given])
    result = run_paths(in_minor_units(courses, minor_digits), as_terms(terms), spend, thresholds, timing, minor_digits)
    return [_outcome(result, at, shock) for at, shock in enumerate(given)]


def _outcome(result: CohortCashflows, at: int, shock: TradeShock) -> TradeOutcome:
    brought, outlay = int(result.cumulative_collected[at, -1]), int(result.outlay[at])
    reached = np.flatnonzero(result.cumulative_collected[at] >= result.cap[at])
    return TradeOutcome(
        shock,
        money(brought, result.matrix.minor_digits),
        brought / outlay if outlay else None,
        result.annual_irr[at],
        result.statuses[at],
        int(reached[0]) + 1 if len(reached) else None,
        brought < outlay,
    )


@guarded
def reverse_stress_churn(
    expected: npt.ArrayLike,
    terms: Terms | Mapping[str, Any],
    spend: AmountLike,
    *,
    known: int = 0,
    until: Literal["cap", "outlay"] = "cap",
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    timing: Timing = "end_of_month",
    minor_digits: int = 2,
) -> ChurnLimit:
    """The smallest rise of monthly churn that leaves the cap (or with ``until="outlay"`` the outlay) uncollected.

    Rises are walked from 0 to 1 in steps of 1/128 to the first that falls short, and that step is halved: a breach that
    gives the fund whole months can make a rise bring more than a smaller one, so the first is looked for. ``rise`` is
    None where nothing falls short, and where there is no cap.
    """
    if until not in {"cap", "outlay"}:
        raise KernelError(f"until is 'cap' or 'outlay', not {until!r}")
    agreed, minimums = as_terms(terms), tuple(thresholds)
    check_spend(spend, minor_digits)

    def at(rise: float) -> CohortCashflows:
        course = shocked_course(expected, known, TradeShock("rise", rise))[None, :]
        return run_paths(in_minor_units(course, minor_digits), agreed, spend, minimums, timing, minor_digits)

    def reached(result: CohortCashflows) -> bool:
        limit = float(result.cap[0] if until == "cap" else result.outlay[0])
        return bool((result.cumulative_collected[0] >= limit).any())

    base = at(0.0)
    limit = float(base.cap[0] if until == "cap" else base.outlay[0])
    amount = money(int(limit), minor_digits) if np.isfinite(limit) else None
    if until == "cap" and agreed.cash_cap is None and agreed.target_irr is None:
        return ChurnLimit(None, "no_cap", None, _collected(base), 0.0)
    if not reached(base):
        return ChurnLimit(0.0, "already_uncollected", amount, _collected(base), 0.0)
    found = reverse_stress(lambda rise: float(reached(at(rise))), limit=0.0, largest=1.0, steps=128)
    if found.size is None:
        return ChurnLimit(None, "not_reached", amount, _collected(at(1.0)), 0.0)
    return ChurnLimit(found.size, "found", amount, _collected(at(found.size)), found.gap)


def _collected(result: CohortCashflows) -> Decimal:
    return money(int(result.cumulative_collected[0, -1]), result.matrix.minor_digits)
