"""The price of a round: share price, conversions and pool depend on each other and are solved together, exactly.

In x = 1 / price everything is linear once it is known which term converts each security: by cap
(amount/cap · (capitalisation)) or by price (amount·x/(1 − discount)). The gap

    h(x) = shares in the pre-money − pre-money · x

is convex and piecewise linear with h(0) > 0, so Newton's steps from x = 0 reach its first root after finitely many
steps, in exact fractions.
"""

from dataclasses import dataclass
from fractions import Fraction

from vestry.kernel.errors import KernelError

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Converting:
    """A security that converts: what it is worth in money and on which terms."""

    name: str
    amount: Fraction
    cap: Fraction | None
    factor: Fraction  # 1 − discount
    post: bool
    with_pool: bool
    in_pre_money: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What a round is priced from, in exact numbers."""

    pre_money: Fraction
    new_money: Fraction
    base: Fraction  # shares and the available pool before the round
    pool: Fraction
    target: Fraction | None
    target_after_new_money: bool
    securities: tuple[Converting, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """a + b·x"""

    a: Fraction
    b: Fraction

    def at(self, x: Fraction) -> Fraction:
        return self.a + self.b * x


def solve(terms: Terms) -> Fraction:
    """1 / price, by Newton's steps from x = 0 on the convex gap."""
    x = ZERO
    while True:
        by_cap, _, increase = state(terms, x)
        lines = shares_of(terms, by_cap, x)
        inside = [line for line, s in zip(lines, terms.securities, strict=True) if s.in_pre_money]
        gap = terms.base + sum((line.at(x) for line in inside), ZERO) + increase.at(x) - terms.pre_money * x
        if gap == 0:
            return x
        slope = sum((line.b for line in inside), ZERO) + increase.b - terms.pre_money
        if slope >= 0:
            raise KernelError("no share price exists: conversions and pool take more than the pre-money valuation")
        x -= gap / slope


def state(terms: Terms, x: Fraction) -> tuple[list[bool], Line, Line]:
    """At this x: which securities convert by cap, all converted shares, and the pool increase, as lines in x."""
    by_cap = [False] * len(terms.securities)
    pool_grows = False
    while True:
        shares, pool = _lines(terms, by_cap, pool_grows)
        s, p = shares.at(x), pool.at(x)
        better = [
            taken or (sec.cap is not None and _cap_shares(terms, sec, s, p) > sec.amount * x / sec.factor)
            for taken, sec in zip(by_cap, terms.securities, strict=True)
        ]
        grows = pool_grows or _pool_gap(terms, s, x) > 0
        if better == by_cap and grows == pool_grows:
            return by_cap, shares, pool
        by_cap, pool_grows = better, grows


def _cap_shares(terms: Terms, security: Converting, converted: Fraction, pool: Fraction) -> Fraction:
    if security.cap is None:
        raise KernelError(f"{security.name} has no cap")
    counted = terms.base + (converted if security.post else ZERO) + (pool if security.with_pool else ZERO)
    return security.amount / security.cap * counted


def _pool_gap(terms: Terms, converted: Fraction, x: Fraction) -> Fraction:
    if terms.target is None:
        return ZERO
    bought = terms.new_money * x if terms.target_after_new_money else ZERO
    return terms.target * (terms.base + converted + bought) - terms.pool


def _lines(terms: Terms, by_cap: list[bool], pool_grows: bool) -> tuple[Line, Line]:
    """Converted shares S(x) and pool increase P(x).

    S = A·(B + S) + Q·B + W·P + D·x   and   P = k0 + k1·S + k2·x
    """
    a = q = w = d = ZERO
    for capped, sec in zip(by_cap, terms.securities, strict=True):
        if not capped or sec.cap is None:
            d += sec.amount / sec.factor
            continue
        part = sec.amount / sec.cap
        a, q = (a + part, q) if sec.post else (a, q + part)
        w += part if sec.with_pool else ZERO
    k0 = k1 = k2 = ZERO
    if pool_grows and terms.target is not None:
        t = terms.target
        k0, k1 = (t * terms.base - terms.pool) / (1 - t), t / (1 - t)
        k2 = k1 * terms.new_money if terms.target_after_new_money else ZERO
    left = 1 - a - w * k1
    if left <= 0:
        raise KernelError("the capped securities are promised the whole company or more")
    shares = Line(((a + q) * terms.base + w * k0) / left, (d + w * k2) / left)
    return shares, Line(k0 + k1 * shares.a, k1 * shares.b + k2)


def shares_of(terms: Terms, by_cap: list[bool], x: Fraction) -> list[Line]:
    """Each security's shares as a line in x, in the state that holds at x."""
    _, s, p = state(terms, x)
    lines = []
    for capped, sec in zip(by_cap, terms.securities, strict=True):
        if not capped or sec.cap is None:
            lines.append(Line(ZERO, sec.amount / sec.factor))
            continue
        part = sec.amount / sec.cap
        post, pool = Fraction(sec.post), Fraction(sec.with_pool)
        lines.append(Line(part * (terms.base + post * s.a + pool * p.a), part * (post * s.b + pool * p.b)))
    return lines
