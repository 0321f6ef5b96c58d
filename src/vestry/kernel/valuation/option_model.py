"""Option pricing method: equity classes as portfolios of calls on the equity, and its inverse, the backsolve."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from vestry.kernel.captable.classes import ShareClass
from vestry.kernel.captable.liquidation import Tranche, breakpoints
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, finite, fraction
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded
from vestry.kernel.valuation.call_options import black_scholes


@dataclass(frozen=True, slots=True)
class TrancheValue:
    """One stretch between breakpoints: its strike, the call at it, and what the stretch is worth today."""

    breakpoint: float
    call: float
    value: float
    shares: Mapping[str, float]
    event: str


@dataclass(frozen=True, slots=True)
class OpmResult:
    """Value of each class today. values sum to equity_value·e^(−qT), with no dividend yield to the equity value.

    per_share: class → value of one issued share (None where the number of shares is unknown or zero).
    """

    equity_value: float
    values: Mapping[str, float]
    per_share: Mapping[str, float | None]
    tranches: tuple[TrancheValue, ...]
    explain: Explain


@guarded
def tranches_from(rows: Iterable[tuple[Number, Mapping[str, Number]]]) -> list[Tranche]:
    """Tranches from (breakpoint, class → weight) pairs, for a cap table whose breakpoints are already known.

    The weights of a row are scaled to sum to one (share counts and percentages both work); the first breakpoint is 0.
    """
    pairs = [(fraction(start, "breakpoint"), {n: fraction(w, n) for n, w in row.items()}) for start, row in rows]
    if not pairs or pairs[0][0] != 0:
        raise KernelError("the first breakpoint is 0")
    if any(b[0] < a[0] for a, b in pairwise(pairs)):
        raise KernelError("breakpoints must not fall")
    found = []
    for i, (start, weights) in enumerate(pairs):
        total = sum(weights.values(), Fraction(0))
        if total <= 0 or min(weights.values()) < 0:
            raise KernelError(
                f"the weights above breakpoint {decimal(start)} must not be negative and must not all be zero"
            )
        end = decimal(pairs[i + 1][0]) if i + 1 < len(pairs) else None
        shares = {n: w / total for n, w in weights.items() if w}
        found.append(Tranche(decimal(start), end, shares, f"breakpoint {i + 1}", Decimal(0)))
    return found


@guarded
def opm(
    equity_value: Number,
    claims: Sequence[ShareClass] | Sequence[Tranche],
    *,
    term: Number,
    volatility: Number,
    rate: Number,
    dividend_yield: Number = 0,
    shares: Mapping[str, Number] | None = None,
) -> OpmResult:
    """Allocate equity value to the classes.

    Each breakpoint K is the strike of a call on total equity; the stretch between two is worth C(K_i) − C(K_i+1) and
    belongs to the classes by their participation in it. The first strike is 0, where the call is the equity itself.
    claims: share classes (their breakpoints are derived) or tranches (`captable.breakpoints`, `tranches_from`).
    term: years to the liquidity event. volatility: of the equity, a year. rate, dividend_yield: continuous.
    shares: class → issued shares, where tranches do not know them.
    Source: AICPA guide, Valuation of Privately-Held-Company Equity Securities Issued as Compensation.
    """
    total = finite(equity_value, "equity_value")
    if total < 0:
        raise KernelError(f"equity_value must not be negative, got {total}")
    stretches, counts = _stretches(claims, shares)
    market = (rate, volatility, term, dividend_yield)
    return _allocate(total, stretches, counts, market)


def _stretches(
    claims: Sequence[ShareClass] | Sequence[Tranche], shares: Mapping[str, Number] | None
) -> tuple[list[Tranche], dict[str, float]]:
    classes = [c for c in claims if isinstance(c, ShareClass)]
    stretches = [t for t in claims if isinstance(t, Tranche)]
    if bool(classes) == bool(stretches):
        raise KernelError("claims are share classes or tranches, not both and not none")
    counts = {c.name: float(c.shares) for c in classes} | {n: finite(x, n) for n, x in (shares or {}).items()}
    return (breakpoints(classes) if classes else stretches), counts


def _allocate(
    total: float,
    stretches: Sequence[Tranche],
    counts: Mapping[str, float],
    market: tuple[Number, Number, Number, Number],
) -> OpmResult:
    rate, volatility, term, dividend_yield = market
    calls = [black_scholes(total, t.start, rate, volatility, term, dividend_yield).call for t in stretches]
    names = dict.fromkeys([*counts, *(n for t in stretches for n in t.shares)])
    parts: dict[str, list[float]] = {name: [] for name in names}
    rows = []
    for tranche, call, following in zip(stretches, calls, [*calls[1:], 0.0], strict=True):
        value = max(call - following, 0.0)
        rows.append(
            TrancheValue(
                float(tranche.start), call, value, {n: float(w) for n, w in tranche.shares.items()}, tranche.event
            )
        )
        for name, weight in tranche.shares.items():
            parts[name].append(value * float(weight))
    values = {name: math.fsum(found) for name, found in parts.items()}
    inputs = {
        "equity": total,
        "T": finite(term),
        "σ": finite(volatility),
        "r": finite(rate),
        "q": finite(dividend_yield),
    }
    steps = (
        *(Step(row.event, f"C({row.breakpoint:.10g}) − C(next)", row.value) for row in rows),
        *(Step(name, "Σ tranche value · participation", value) for name, value in values.items()),
    )
    return OpmResult(
        equity_value=total,
        values=values,
        per_share={n: values[n] / counts[n] if counts.get(n) else None for n in names},
        tranches=tuple(rows),
        explain=Explain("Option pricing method (Black–Scholes)", inputs, steps),
    )


@dataclass(frozen=True, slots=True)
class Backsolve:
    """Equity value implied by a transaction price, the allocation at it, and modelled minus target price.

    equity_value and allocation are None, with a reason, when no equity value gives the price.
    """

    equity_value: float | None
    allocation: OpmResult | None
    residual: float | None
    reason: str | None
    inputs: Mapping[str, Any]

    @property
    def explain(self) -> Explain:
        """What was solved, and the allocation at the solution."""
        found = Step("equity value", "the one at which model price = transaction price", self.equity_value)
        missed = Step("residual", "model price − transaction price", self.residual)
        allocated = () if self.allocation is None else self.allocation.explain.steps
        return Explain("Backsolve of the option pricing method", self.inputs, (found, missed, *allocated))


@guarded
def backsolve(
    target: str,
    price: Number,
    claims: Sequence[ShareClass] | Sequence[Tranche],
    *,
    term: Number,
    volatility: Number,
    rate: Number,
    dividend_yield: Number = 0,
    shares: Mapping[str, Number] | None = None,
) -> Backsolve:
    """Equity value at which one share of the class `target` is worth `price` in the option model.

    Without a number of shares for that class (tranches only), `price` is the value of the whole class. The class's
    value rises with the equity, so the solution is unique; it is bracketed by doubling, then found by Brent's method.
    """
    from scipy.optimize import brentq

    stretches, counts = _stretches(claims, shares)
    wanted = finite(price, "price")
    if wanted <= 0:
        raise KernelError(f"price must be above zero, got {wanted}")
    if target not in counts and not any(target in t.shares for t in stretches):
        raise KernelError(f"{target!r} is not among the classes")
    market = (rate, volatility, term, dividend_yield)
    inputs = {"class": target, "price": wanted, "T": term, "σ": volatility, "r": rate, "q": dividend_yield}
    whole = wanted * (counts.get(target) or 1.0)

    def gap(total: float) -> float:
        return _allocate(total, stretches, counts, market).values[target] - whole

    high = whole
    while gap(high) < 0:
        high *= 2
        if high > whole * 1e12:
            return Backsolve(None, None, None, f"{target} does not reach {wanted} at any equity value", inputs)
    if not whole > 1e-290:
        raise KernelError(f"price {wanted} is too small to be searched for")
    found = float(brentq(gap, 0.0, high, xtol=1e-15 * high, rtol=1e-14, maxiter=500))
    allocation = _allocate(found, stretches, counts, market)
    modelled = allocation.values[target] / (counts.get(target) or 1.0)
    return Backsolve(found, allocation, modelled - wanted, None, inputs)
