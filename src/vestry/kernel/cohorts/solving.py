"""Terms from aims: the most sharing and the least cap that bring the fund its rate with a bearable chance of loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.spread import Spread, payment_paths
from vestry.kernel.cohorts.engine import CLOSE
from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.months import AmountLike, Floats, Ints, MonthLike, decimal, money
from vestry.kernel.cohorts.terms import Terms, Threshold
from vestry.kernel.cohorts.trades import check_spend, in_minor_units, run_paths, standard_error, worth_weights
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.simulation.pieces import HERE, Runner, draws

Verdict = Literal["found", "loss_too_likely", "target_out_of_reach"]
SHARINGS = tuple(Decimal(percent) / 100 for percent in range(80, 0, -5))
"""The sharing fractions tried when none are named: 80 % down to 5 %."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one sharing fraction can do. ``cash_cap`` is the least that meets the target (None where none does).

    ``multiple``: cap ÷ outlay. ``chance_of_loss``: of collecting less than the outlay, whatever the cap above it.
    ``chance_of_target``: the share of paths that earn the target under that cap, or under no cap where none is enough.
    """

    sharing: Decimal
    outlay: Decimal
    cash_cap: Decimal | None
    multiple: float | None
    chance_of_loss: float
    chance_of_target: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed terms, or why there are none, and every sharing that was tried, highest first.

    ``loss_error``: the standard error of the chance of loss, from the number of paths.
    """

    status: Verdict
    reason: str | None
    sharing: Decimal | None
    cash_cap: Decimal | None
    offers: tuple[Offer, ...]
    target_irr: float
    largest_chance_of_loss: float
    confidence: float
    paths: int
    loss_error: float

    @property
    def offer(self) -> Offer | None:
        """The offer that is proposed; None where there is none."""
        return next((offer for offer in self.offers if offer.verdict == "found"), None)

    def explain(self) -> dict[str, object]:
        """How it was made."""
        return {
            "method": "for each sharing the least cap at which enough paths are worth the outlay at the target rate",
            "choice": "the highest sharing whose chance of loss is bearable",
            "target_irr": self.target_irr,
            "largest_chance_of_loss": self.largest_chance_of_loss,
            "confidence": self.confidence,
            "paths": self.paths,
        }


@guarded
def solve_terms(
    expected: npt.ArrayLike,
    spend: AmountLike,
    *,
    target_irr: AmountLike,
    largest_chance_of_loss: AmountLike,
    rng: np.random.Generator,
    cohort_month: MonthLike = 0,
    known: int = 0,
    spread: Spread | None = None,
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    sharings: Sequence[AmountLike] = SHARINGS,
    confidence: float = 0.5,
    paths: int = 10_000,
    timing: Timing = "end_of_month",
    minor_digits: int = 2,
    runner: Runner = HERE,
) -> Proposal:
    """Sharing and cap that earn ``target_irr`` (annual, 0 or more) on at least ``confidence`` of the drawn paths.

    Collections are worth the outlay at the target rate on more paths the higher the cap, so the least such cap is found
    by halving, to the minor unit. The chance of loss (collected < outlay within the horizon) depends on the sharing
    alone, and only where thresholds give the fund whole months: the highest sharing of ``sharings`` at which it is at
    most ``largest_chance_of_loss`` is proposed. ``expected``, ``known``, ``spread``: as in :func:`simulate_trade`;
    ``cohort_month`` names the month in messages alone.
    The sharings are tried wherever ``runner`` has them tried.
    Where nothing can be proposed, ``status`` and ``reason`` say what stands in the way. Without thresholds sharing
    cancels out of both conditions, and the first one is as good as any.
    """
    target, bearable = float(decimal(target_irr)), float(decimal(largest_chance_of_loss))
    if target < 0 or not 0 <= bearable <= 1 or not 0 < confidence <= 1:
        raise KernelError("the target is 0 or more, a chance between 0 and 1, the confidence above 0 and up to 1")
    tried = sorted({decimal(sharing) for sharing in sharings}, reverse=True)
    if not tried:
        raise KernelError("name at least one sharing fraction to try")
    minimums = tuple(thresholds)
    check_spend(spend, minor_digits)
    futures = [payment_paths(expected, known, spread or Spread(), count, child) for child, count in draws(paths, rng)]
    drawn = in_minor_units(np.concatenate(futures), minor_digits)
    given = (drawn, cohort_month, spend, minimums, target, bearable, confidence, timing, minor_digits)
    offers = runner.run(partial(_offered, given), tried)
    best = next((offer for offer in offers if offer.verdict == "found"), None)
    least = min(offers, key=lambda offer: offer.chance_of_loss)
    return Proposal(
        "found" if best else _worst(offers),
        None if best else _why_not(offers, least, target, bearable, confidence),
        best.sharing if best else None,
        best.cash_cap if best else None,
        tuple(offers),
        target,
        bearable,
        confidence,
        paths,
        standard_error((best or least).chance_of_loss, paths),
    )


_Given = tuple[Ints, MonthLike, AmountLike, tuple[Threshold | Mapping[str, Any], ...], float, float, float, Timing, int]


@guarded
def _offered(given: _Given, sharing: Decimal) -> Offer:
    """What one sharing can do on the drawn futures."""
    drawn, cohort_month, spend, minimums, target, bearable, confidence, timing, minor_digits = given
    weights = worth_weights(drawn.shape[1], target, timing)
    result = run_paths(drawn, Terms(cohort_month, sharing), spend, minimums, timing, minor_digits)
    outlay = int(result.outlay[0])
    if outlay == 0:
        raise KernelError(f"sharing {sharing} of the spend is less than the smallest amount of the currency")
    return _offer(sharing, outlay, result.cumulative_collected, weights, bearable, confidence, minor_digits)


def _offer(
    sharing: Decimal, outlay: int, held: Floats, weights: Floats, bearable: float, confidence: float, digits: int
) -> Offer:
    """``held``: cumulative collected without a cap, shape (paths, periods)."""
    steps = weights - np.append(weights[1:], 0.0)  # worth of a change = Σ held × the fall of the weights (Abel)

    def enough(cap: float) -> float:
        return float((np.minimum(held, cap) @ steps >= outlay * (1 - CLOSE)).mean())

    loss = float((held[:, -1] < outlay).mean())
    high = float(held.max())
    if enough(high) < confidence:
        verdict: Verdict = "loss_too_likely" if loss > bearable else "target_out_of_reach"
        return Offer(sharing, money(outlay, digits), None, None, loss, enough(high), verdict)
    low, cap = outlay - 1, max(int(high), outlay)
    while cap - low > 1:
        middle = (low + cap) // 2
        if enough(middle) >= confidence:
            cap = middle
        else:
            low = middle
    verdict = "loss_too_likely" if loss > bearable else "found"
    return Offer(sharing, money(outlay, digits), money(cap, digits), cap / outlay, loss, enough(cap), verdict)


def _worst(offers: Sequence[Offer]) -> Verdict:
    """A chance of loss that no sharing makes bearable goes before a target that none reaches."""
    return "loss_too_likely" if all(offer.verdict == "loss_too_likely" for offer in offers) else "target_out_of_reach"


def _why_not(offers: Sequence[Offer], least: Offer, target: float, bearable: float, confidence: float) -> str:
    if _worst(offers) == "loss_too_likely":
        return (
            f"even at {least.sharing:.0%} sharing and without a cap the outlay is not recovered on "
            f"{least.chance_of_loss:.1%} of the paths; at most {bearable:.1%} is bearable"
        )
    best = max(offers, key=lambda offer: offer.chance_of_target)
    return (
        f"even without a cap only {best.chance_of_target:.1%} of the paths earn {target:.1%} a year; "
        f"{confidence:.0%} are asked for"
    )
