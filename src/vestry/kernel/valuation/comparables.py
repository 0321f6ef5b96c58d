"""Comparable companies: multiples with their statistics, and calibration of a model to the price paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class Comps:
    """Multiples of the peers and their statistics.

    multiples: peer → multiple, only those that mean something; excluded: peer → why it is left out.
    Quartiles interpolate linearly. Every statistic is None when no peer is left.
    """

    multiples: Mapping[str, float]
    excluded: Mapping[str, str]
    mean: float | None
    median: float | None
    harmonic_mean: float | None
    low: float | None
    high: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    explain: Explain


@guarded
def enterprise_value(
    market_cap: Number,
    *,
    debt: Number = 0,
    preferred: Number = 0,
    minority_interest: Number = 0,
    cash: Number = 0,
    associates: Number = 0,
) -> float:
    """EV = diluted market capitalisation + debt + preferred + minority interest − cash − associates."""
    claims = finite(debt, "debt") + finite(preferred, "preferred") + finite(minority_interest, "minority_interest")
    return finite(market_cap, "market_cap") + claims - finite(cash, "cash") - finite(associates, "associates")


@guarded
def comps(
    values: Mapping[str, Number] | Sequence[Number],
    metrics: Mapping[str, Number | None] | Sequence[Number | None],
) -> Comps:
    """Multiples values / metrics (EV / EBITDA, EV / revenue, P / E …) and their statistics.

    Two mappings by peer name or two sequences of equal length. A missing, zero or negative metric (or value) makes the
    multiple meaningless: the peer is excluded with the reason, not averaged in.
    """
    above, below = _named(values), _named(metrics)
    if above.keys() != below.keys():
        raise KernelError("values and metrics must name the same peers")
    kept: dict[str, float] = {}
    excluded: dict[str, str] = {}
    for name in above:
        value, metric = above[name], below[name]
        if value is None or metric is None:
            excluded[name] = "not reported"
        elif finite(metric, name) <= 0:
            excluded[name] = "metric is zero or negative"
        elif finite(value, name) <= 0:
            excluded[name] = "value is zero or negative"
        elif not np.isfinite(ratio := finite(value, name) / finite(metric, name)):
            excluded[name] = "metric is practically zero"
        else:
            kept[name] = ratio
    found = np.array(list(kept.values()))
    low, q1, median, q3, high = np.percentile(found, [0, 25, 50, 75, 100]).tolist() if kept else [None] * 5
    mean = float(found.mean()) if kept else None
    steps = (
        *(Step(n, "value / metric", m) for n, m in kept.items()),
        Step("mean", "Σ / n", mean),
        Step("median", "middle multiple", median),
    )
    return Comps(
        multiples=kept,
        excluded=excluded,
        mean=mean,
        median=median,
        harmonic_mean=float(len(found) / np.sum(1 / found)) if kept else None,
        low=low,
        high=high,
        lower_quartile=q1,
        upper_quartile=q3,
        explain=Explain("Comparable companies", {"peers": len(above), "excluded": excluded}, steps),
    )


@guarded
def calendarize(current: Number, following: Number, *, months_of_current: Number) -> float:
    """A metric of the calendar year from two fiscal years: the weights are the months of each inside it (0 to 12)."""
    months = finite(months_of_current, "months_of_current")
    if not 0 <= months <= 12:
        raise KernelError(f"months_of_current must lie between 0 and 12, got {months}")
    return (finite(current, "current") * months + finite(following, "following") * (12 - months)) / 12


@dataclass(frozen=True, slots=True)
class Calibration:
    """The entry multiple against the peers' at the same date; a positive discount means bought below them."""

    entry_multiple: float
    comps_multiple: float
    discount_turns: float
    discount: float
    explain: Explain

    def multiple(self, comps_now: Number, mode: Literal["relative", "absolute"] = "relative") -> float:
        """Today's multiple with the entry discount carried forward: as a fraction (the default) or in turns."""
        now = finite(comps_now, "comps_now")
        return now * (1 - self.discount) if mode == "relative" else now - self.discount_turns


@guarded
def calibrate_multiple(entry_multiple: Number, comps_multiple: Number) -> Calibration:
    """Discount of the transaction multiple to the peers' (IPEV 3.10): in turns, and as a fraction of the peers'."""
    paid, peers = finite(entry_multiple, "entry_multiple"), finite(comps_multiple, "comps_multiple")
    if peers <= 0:
        raise KernelError(f"the peers' multiple must be above zero, got {peers}")
    turns = peers - paid
    steps = (Step("discount in turns", "peers − entry", turns), Step("discount", "turns / peers", turns / peers))
    inputs = {"entry": paid, "peers": peers}
    return Calibration(
        paid, peers, turns, turns / peers, Explain("Calibration to the transaction price", inputs, steps)
    )


@dataclass(frozen=True, slots=True)
class CalibratedInput:
    """The unobservable input at which the model returns the transaction price. residual = model − price."""

    value: float | None
    reason: str | None
    residual: float | None
    price: float

    @property
    def explain(self) -> Explain:
        """What was solved and how closely."""
        steps = (
            Step("input", "the one at which the model returns the price", self.value),
            Step("residual", "model − price", self.residual),
        )
        return Explain("Calibration to the transaction price (IPEV 3.10)", {"price": self.price}, steps)


@guarded
def calibrate(
    model: Callable[[float], Any], price: Number, *, low: Number, high: Number, tolerance: float = 1e-12
) -> CalibratedInput:
    """Solve model(input) = price for one input between low and high (a discount rate, a volatility, a multiple).

    The model returns a number, or a result with `enterprise_value`. Value is None with a reason when the price is not
    bracketed by the model's values at the two ends.
    """
    from scipy.optimize import brentq

    target = finite(price, "price")

    def gap(x: float) -> float:
        made = model(x)
        return finite(getattr(made, "enterprise_value", made), "model value") - target

    a, b = finite(low, "low"), finite(high, "high")
    at_a, at_b = gap(a), gap(b)
    if at_a * at_b > 0:
        return CalibratedInput(
            None, f"the price {target} lies outside the model's range between {a} and {b}", None, target
        )
    found, run = brentq(gap, a, b, xtol=tolerance, rtol=1e-14, maxiter=200, full_output=True, disp=False)
    if not run.converged:
        return CalibratedInput(None, f"the search between {a} and {b} does not settle; narrow the range", None, target)
    found = float(found)
    return CalibratedInput(found, None, gap(found), target)


def _named(given: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    return {f"peer {i}": value for i, value in enumerate(given, 1)}
