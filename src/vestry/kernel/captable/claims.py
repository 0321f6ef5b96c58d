"""Each class's payoff as a function of one number: what a common share receives.

Once every preference is covered, each claim is a rising piecewise linear function of the price p of one common share
(n = as-converted shares, L = preference, C = cap, K = strike):

    common             n·p
    option             n·max(0, p − K)
    non-participating  max(L, n·p)
    participating      L + n·p
    capped             max(min(L + n·p, C), n·p)

Their sum rises in p too, so the p at which it equals the proceeds is the one at which nobody gains by deciding
otherwise: the conversion equilibrium, found exactly and without iteration. Below the sum of the preferences p is zero
and nobody converts: a holder who did would stand behind every other preference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from vestry.kernel.captable.classes import ShareClass
from vestry.kernel.errors import KernelError

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A share class in exact numbers."""

    name: str
    kind: str
    shares: Fraction
    preference: Fraction
    participating: bool
    cap: Fraction | None
    seniority: int
    strike: Fraction

    def kinks(self) -> list[tuple[Fraction, str]]:
        """Prices of a common share at which the holder's behaviour changes, and how."""
        n = self.shares
        if n == 0:
            return []
        if self.kind == "option":
            return [(self.strike, f"{self.name} exercises")]
        if self.kind == "common" or (self.participating and self.cap is None):
            return []
        if self.cap is None:
            return [(self.preference / n, f"{self.name} converts")]
        reaches = (self.cap - self.preference) / n
        return [(reaches, f"{self.name} reaches its cap"), (self.cap / n, f"{self.name} converts")]

    def payoff(self, price: Fraction) -> Fraction:
        """What the class receives when a common share receives `price` and every preference is covered."""
        residual = self.shares * price
        if self.kind == "option":
            return self.shares * max(ZERO, price - self.strike)
        if self.kind == "common":
            return residual
        if not self.participating:
            return max(self.preference, residual)
        if self.cap is None:
            return self.preference + residual
        return max(min(self.preference + residual, self.cap), residual)

    def slope(self, price: Fraction) -> Fraction:
        """Money the class gains per unit rise of the common price just above `price`: the shares that take part."""
        n = self.shares
        if self.kind == "option":
            return n if price >= self.strike else ZERO
        if self.kind == "common" or (self.participating and self.cap is None):
            return n
        if n == 0:
            return ZERO
        if self.cap is None:
            return n if n * price >= self.preference else ZERO
        capped = self.preference + n * price >= self.cap and n * price < self.cap
        return ZERO if capped else n

    def decision(self, price: Fraction) -> str:
        """What the holder does when a common share receives `price`; on a tie nothing changes hands."""
        n = self.shares
        if self.kind == "option":
            return "exercises" if price > self.strike else "lapses"
        if self.kind == "common":
            return "shares"
        if not self.participating:
            return "converts" if n * price > self.preference else "takes preference"
        if self.cap is None:
            return "participates"
        if n * price > self.cap:
            return "converts"
        return "capped" if self.preference + n * price > self.cap else "participates"


def claims_of(classes: Sequence[ShareClass]) -> list[Claim]:
    """The classes as exact claims; a KernelError when there are none, names repeat or nobody holds a share."""
    names = [c.name for c in classes]
    if len(set(names)) != len(names):
        raise KernelError(f"class names must differ, got {names}")
    if not any(c.shares > 0 for c in classes):
        raise KernelError("no class holds any shares, so nobody can receive the residual")
    return [
        Claim(
            c.name,
            c.kind,
            Fraction(c.shares) * Fraction(c.conversion_ratio),
            Fraction(c.preference),
            c.participating,
            None if c.cap is None else Fraction(c.cap),
            c.seniority,
            Fraction(c.strike),
        )
        for c in classes
    ]


def ranks(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Claims with a preference, the rank paid first in front; equals share a rank."""
    levels = sorted({c.seniority for c in claims if c.preference > 0}, reverse=True)
    return [[c for c in claims if c.preference > 0 and c.seniority == level] for level in levels]


def events(claims: Sequence[Claim]) -> list[tuple[Fraction, list[str]]]:
    """Prices above zero where somebody's behaviour changes, rising, each with what happens there."""
    found: dict[Fraction, list[str]] = {}
    for claim in claims:
        for price, text in claim.kinks():
            if price > 0:
                found.setdefault(price, []).append(text)
    return sorted(found.items())


def total(claims: Sequence[Claim], price: Fraction) -> Fraction:
    """All payoffs together at one common price."""
    return sum((c.payoff(price) for c in claims), ZERO)


def common_price(claims: Sequence[Claim], proceeds: Fraction) -> Fraction | None:
    """What one common share receives, or None when the proceeds do not cover the preferences."""
    preferences = sum((c.preference for c in claims), ZERO)
    if proceeds < preferences:
        return None
    start = ZERO
    for price, _ in [*events(claims), (None, [])]:
        if price is None or total(claims, price) >= proceeds:
            slope = sum((c.slope(start) for c in claims), ZERO)
            missing = proceeds - total(claims, start)
            return start + missing / slope if slope else start
        start = price
    raise AssertionError("the last segment has no end")
