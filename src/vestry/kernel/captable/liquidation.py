"""Who receives what at an exit: preferences by seniority, then the residual at the conversion equilibrium."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from vestry.kernel.captable.claims import ZERO, Claim, claims_of, common_price, events, ranks, total
from vestry.kernel.captable.classes import ShareClass
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, not_negative, share_out
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

Floats = npt.NDArray[np.float64]

CONVENTION = (
    "Preferences are paid by seniority (the higher first, equal ones pro rata to their claims), then the residual per "
    "as-converted share; every holder takes the better of preference and conversion, given what all others do."
)


@dataclass(frozen=True, slots=True)
class LiquidationPayouts:
    """The split of exit proceeds.

    payouts: class → money, rounded so that they sum to `distributable`. exact: the same before rounding.
    per_share: class → money per issued share (None where no share is issued). decisions: class → what it does
    (takes preference, converts, participates, capped, shares, exercises, lapses). common_price: what one common
    share receives. Options' payouts are net of the strike.
    """

    proceeds: Decimal
    distributable: Decimal
    payouts: Mapping[str, Decimal]
    exact: Mapping[str, Fraction]
    per_share: Mapping[str, Decimal | None]
    decisions: Mapping[str, str]
    common_price: Decimal
    explain: Explain

    @property
    def converts(self) -> tuple[str, ...]:
        """Names of the preferred classes that convert to common."""
        return tuple(name for name, what in self.decisions.items() if what == "converts")


@guarded
def liquidation_payouts(
    proceeds: Number,
    classes: Sequence[ShareClass],
    *,
    debt: Number = 0,
    expenses: Number = 0,
    decimals: int = 2,
) -> LiquidationPayouts:
    """Split exit proceeds among the classes.

    proceeds: price paid for the company (≥ 0). debt, expenses: paid ahead of every class, as far as proceeds reach.
    decimals: places the payouts are rounded to; their sum is the distributable amount to that place.
    Raises KernelError for negative amounts, repeated names or no shares at all.
    """
    claims = claims_of(classes)
    gross = not_negative(fraction(proceeds, "proceeds"), "proceeds")
    ahead = not_negative(fraction(debt, "debt"), "debt") + not_negative(fraction(expenses, "expenses"), "expenses")
    available = max(ZERO, gross - ahead)
    price = common_price(claims, available)
    if price is None:
        exact, steps = _preferences_only(claims, available)
        price = ZERO
    else:
        exact = {c.name: c.payoff(price) for c in claims}
        steps = [
            Step("price of a common share", "p at which all claims together equal the proceeds", decimal(price)),
            *(Step(c.name, c.decision(price), decimal(exact[c.name])) for c in claims),
        ]
    rounded = share_out([exact[c.name] for c in claims], decimals)
    inputs = {"proceeds": decimal(gross), "paid ahead": decimal(gross - available), "classes": tuple(classes)}
    return LiquidationPayouts(
        proceeds=decimal(gross),
        distributable=decimal(available),
        payouts={c.name: amount for c, amount in zip(claims, rounded, strict=True)},
        exact=exact,
        per_share={c.name: decimal(exact[c.name] / Fraction(c.shares)) if c.shares else None for c in classes},
        decisions={c.name: c.decision(price) for c in claims},
        common_price=decimal(price),
        explain=Explain(CONVENTION, inputs, tuple(steps)),
    )


def _preferences_only(claims: Sequence[Claim], available: Fraction) -> tuple[dict[str, Fraction], list[Step]]:
    exact = {c.name: ZERO for c in claims}
    steps = []
    for rank in ranks(claims):
        owed = sum((c.preference for c in rank), ZERO)
        paid = min(owed, available)
        for claim in rank:
            exact[claim.name] = paid * claim.preference / owed
        steps.append(Step(" + ".join(c.name for c in rank), "min(preferences, cash left)", decimal(paid)))
        available -= paid
    return exact, steps


@guarded
def conversion_points(classes: Sequence[ShareClass]) -> dict[str, Decimal]:
    """For each class that ever converts or exercises: the proceeds above which it does, all others deciding rationally.

    Fully participating preferred without a cap never converts and is absent; so is common.
    """
    claims = claims_of(classes)
    points = {}
    for claim in claims:
        if kinks := claim.kinks():
            points[claim.name] = decimal(total(claims, max(price for price, _ in kinks)))
    return points


@dataclass(frozen=True, slots=True)
class Tranche:
    """A stretch of equity value shared in fixed proportions.

    start: the breakpoint where it begins; end: where the next begins (None: unlimited). shares: class → fraction of
    every unit of value in the stretch (they sum to one). event: what happens at its start. common_price: what a common
    share has received when the stretch begins.
    """

    start: Decimal
    end: Decimal | None
    shares: Mapping[str, Fraction]
    event: str
    common_price: Decimal


@guarded
def breakpoints(classes: Sequence[ShareClass]) -> list[Tranche]:
    """Equity values at which the set of participating classes changes, each with who shares the value above it.

    Preference ranks come first, then the residual with exercises, caps reached and conversions in order of the common
    price at which they happen. The first tranche starts at 0; an option pricing model takes the starts as strikes.
    """
    claims = claims_of(classes)
    found: list[tuple[Fraction, Fraction, dict[str, Fraction], str]] = []
    paid = ZERO
    for rank in ranks(claims):
        owed = sum((c.preference for c in rank), ZERO)
        shares = {c.name: c.preference / owed for c in rank}
        found.append((paid, ZERO, shares, "preference of " + " and ".join(shares)))
        paid += owed
    pending: list[str] = []
    for price, happens in [(ZERO, ["residual is shared"]), *events(claims)]:
        pending += happens
        slopes = {c.name: s for c in claims if (s := c.slope(price))}
        if taking := sum(slopes.values(), ZERO):
            shares = {name: s / taking for name, s in slopes.items()}
            found.append((total(claims, price), price, shares, "; ".join(pending)))
            pending = []
    ends = [decimal(start) for start, *_ in found[1:]]
    return [
        Tranche(decimal(start), end, shares, event, decimal(price))
        for (start, price, shares, event), end in zip(found, [*ends, None], strict=True)
    ]


@guarded
def payouts_at(values: Sequence[float] | Floats, classes: Sequence[ShareClass]) -> dict[str, Floats]:
    """Payouts of each class at many exit values at once, for simulations: class → array like `values` (floats).

    The same split as `liquidation_payouts`, taken from the breakpoints without rounding to the cent.
    """
    exits = np.asarray(values, dtype=np.float64)
    if not np.all(np.isfinite(exits)) or np.any(exits < 0):
        raise KernelError("exit values must be finite and not negative")
    paid = {c.name: np.zeros_like(exits) for c in classes}
    for tranche in breakpoints(classes):
        start = float(tranche.start)
        inside = np.maximum(exits - start, 0.0)
        if tranche.end is not None:
            inside = np.minimum(inside, float(tranche.end) - start)
        for name, part in tranche.shares.items():
            paid[name] += inside * float(part)
    return paid


@guarded
def payout_curve(values: Sequence[Number], classes: Sequence[ShareClass]) -> dict[str, list[Decimal]]:
    """Payouts of each class at several exit values: class → one amount per value, to the cent."""
    if not len(values):
        raise KernelError("give at least one exit value")
    rows = [liquidation_payouts(value, classes).payouts for value in values]
    return {name: [row[name] for row in rows] for name in rows[0]}
