"""A priced round: new money comes in, SAFEs and notes convert, the pool is topped up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import Literal

from vestry.kernel.captable.convertibles import ConvertibleNote, Safe
from vestry.kernel.captable.pricing import ZERO, Converting, Terms, shares_of, solve, state
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, not_negative, one_or_many, positive, share_out
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

NoteMethod = Literal["percent_ownership", "pre_money", "dollars_invested"]


@dataclass(frozen=True, slots=True)
class PricedRound:
    """The cap table after a round.

    shares: holder → shares, with conversions, the pool as `option pool` and the new money. ownership sums to exactly
    one. conversion_prices: security → its price. decided_by: security → cap, discount or round price.
    capitalization: shares before the new money and the pool increase. post_money = price × total_shares.
    """

    price: Decimal
    pre_money: Decimal
    post_money: Decimal
    capitalization: Decimal
    total_shares: Decimal
    new_shares: Decimal
    pool: Decimal
    pool_increase: Decimal
    shares: Mapping[str, Decimal]
    ownership: Mapping[str, Decimal]
    conversion_prices: Mapping[str, Decimal]
    decided_by: Mapping[str, str]
    explain: Explain

    @property
    def issued(self) -> dict[str, Decimal]:
        """Everybody's shares without the available pool: the `existing` of the next round."""
        return {name: count for name, count in self.shares.items() if name != POOL}


POOL = "option pool"


@guarded
def priced_round(
    pre_money: Number | None,
    new_money: Number | Sequence[Number] | Mapping[str, Number],
    *,
    existing: Number | Mapping[str, Number],
    pool: Number = 0,
    pool_target: Number | None = None,
    pool_timing: Literal["pre_money", "post_money"] = "pre_money",
    pool_target_of: Literal["post_money", "pre_money"] = "post_money",
    safes: Iterable[Safe] = (),
    notes: Iterable[ConvertibleNote] = (),
    closing_on: date | str | None = None,
    note_method: NoteMethod = "percent_ownership",
    post_money: Number | None = None,
    price_decimals: int | None = None,
    price_rounding: str = ROUND_DOWN,
    whole_shares: bool = False,
) -> PricedRound:
    """Price a round and convert what converts into it.

    pre_money: agreed valuation before the new money (or None with `post_money` = pre + new money).
    new_money: one amount, several, or investor → amount. existing: issued shares and granted options (fully diluted,
    as converted), one number or holder → shares, without the pool still available, which is `pool`.
    pool_target: fraction the available pool must reach, of the fully diluted shares after the round
    (pool_target_of="post_money") or before the new money ("pre_money"); an existing pool above it is left alone.
    pool_timing: "pre_money" dilutes everybody but the new investors (the usual term sheet); "post_money" everybody.
    safes, notes: securities that convert. closing_on: the day to which notes accrue interest.
    note_method: "percent_ownership" (notes are inside the pre-money: new investors own new / (pre + new)),
    "pre_money" (notes dilute the new investors too) or "dollars_invested" (the pre-money grows by the amounts that
    convert). price_decimals: places every price is cut to (None: exact); whole_shares: conversions and
    purchases rounded down to whole shares.
    Raises KernelError when the securities take the whole company or no price exists.
    """
    investors, holders = _investors(new_money), _holders(existing)
    money = sum(investors.values(), ZERO)
    free = not_negative(fraction(pool, "pool"), "pool")
    target = _target(pool_target)
    note_list = tuple(notes)
    securities = _securities(tuple(safes), note_list, closing_on, note_method)
    pre = _pre_money(pre_money, post_money, money)
    converted = sum((s.amount for s in securities[len(securities) - len(note_list) :]), ZERO)
    terms = Terms(
        pre_money=pre + (converted if note_method == "dollars_invested" else ZERO),
        new_money=money,
        base=positive(sum(holders.values(), ZERO) + free, "existing shares"),
        pool=free,
        target=target if pool_timing == "pre_money" else None,
        target_after_new_money=pool_target_of == "post_money",
        securities=securities,
    )
    x = solve(terms)
    by_cap, _, increase = state(terms, x)
    cut = _Cut(price_decimals, price_rounding, whole_shares)
    price = cut.price(1 / x)
    conversions, prices, decided = _convert(terms, by_cap, x, price, cut)
    table = dict(holders)
    for name, count in [*conversions.items(), *((n, cut.shares(m / price)) for n, m in investors.items())]:
        table[name] = table.get(name, ZERO) + count
    top_up = increase.at(x)
    rounded_pool = whole_shares and top_up > 0 and pool_target_of == "post_money"
    if target is not None and (pool_timing == "post_money" or rounded_pool):
        top_up = max(ZERO, (target * (sum(table.values(), ZERO) + free) - free) / (1 - target))
    table[POOL] = free + cut.shares(top_up)
    inputs = {"pre-money": decimal(pre), "new money": decimal(money), "note method": note_method, "pool": pool_timing}
    capitalization = terms.base + sum((s.at(x) for s in shares_of(terms, by_cap, x)), ZERO)
    new_shares = sum((cut.shares(m / price) for m in investors.values()), ZERO)
    return _result(pre, price, capitalization, new_shares, free, table, prices, decided, conversions, inputs)


def _result(
    pre: Fraction,
    price: Fraction,
    capitalization: Fraction,
    new_shares: Fraction,
    free: Fraction,
    table: dict[str, Fraction],
    prices: dict[str, Fraction],
    decided: dict[str, str],
    conversions: dict[str, Fraction],
    inputs: Mapping[str, object],
) -> PricedRound:
    total = sum(table.values(), ZERO)
    steps = (
        Step("capitalization", "existing + pool + conversions", decimal(capitalization)),
        Step("pool increase", "target · fully diluted − available pool", decimal(table[POOL] - free)),
        Step("price", "pre-money / shares in the pre-money", decimal(price)),
        *(Step(name, f"conversion by {decided[name]}", decimal(count)) for name, count in conversions.items()),
        Step("new shares", "new money / price", decimal(new_shares)),
        Step("post-money", "price · total shares", decimal(price * total)),
    )
    return PricedRound(
        price=decimal(price),
        pre_money=decimal(pre),
        post_money=decimal(price * total),
        capitalization=decimal(capitalization),
        total_shares=decimal(total),
        new_shares=decimal(new_shares),
        pool=decimal(table[POOL]),
        pool_increase=decimal(table[POOL] - free),
        shares={name: decimal(count) for name, count in table.items()},
        ownership=ownership(table),
        conversion_prices={name: decimal(at) for name, at in prices.items()},
        decided_by=decided,
        explain=Explain("Every conversion takes the lowest price it is offered", inputs, steps),
    )


def _target(pool_target: Number | None) -> Fraction | None:
    if pool_target is None:
        return None
    target = fraction(pool_target, "pool_target")
    if not 0 <= target < 1:
        raise KernelError(f"pool_target is a fraction of the company, 0 ≤ target < 1, got {decimal(target)}")
    return target


@guarded
def ownership(shares: Mapping[str, Number], decimals: int = 12) -> dict[str, Decimal]:
    """Holder → fraction of all shares, rounded so that the fractions sum to exactly one."""
    counts = {name: not_negative(fraction(count, name), name) for name, count in shares.items()}
    total = positive(sum(counts.values(), ZERO), "total shares")
    return dict(zip(counts, share_out([count / total for count in counts.values()], decimals), strict=True))


def _pre_money(pre_money: Number | None, post_money: Number | None, money: Fraction) -> Fraction:
    if (pre_money is None) == (post_money is None):
        raise KernelError("state the valuation once: pre_money or post_money")
    if pre_money is not None:
        return positive(fraction(pre_money, "pre_money"), "pre_money")
    return positive(fraction(post_money or 0, "post_money") - money, "pre_money (post_money − new money)")


def _investors(new_money: Number | Sequence[Number] | Mapping[str, Number]) -> dict[str, Fraction]:
    if isinstance(new_money, Mapping):
        pairs = list(new_money.items())
    else:
        amounts, several = one_or_many(new_money)
        pairs = [
            (f"new money {i}" if several and len(amounts) > 1 else "new money", m) for i, m in enumerate(amounts, 1)
        ]
    return {name: not_negative(fraction(amount, name), name) for name, amount in pairs}


def _holders(existing: Number | Mapping[str, Number]) -> dict[str, Fraction]:
    named = existing if isinstance(existing, Mapping) else {"existing": existing}
    if POOL in named:
        raise KernelError(f"give the available pool as pool=, not as the holder {POOL!r}")
    return {name: not_negative(fraction(count, name), name) for name, count in named.items()}


def _securities(
    safes: tuple[Safe, ...], notes: tuple[ConvertibleNote, ...], closing_on: date | str | None, method: NoteMethod
) -> tuple[Converting, ...]:
    found: list[Converting] = []
    taken: dict[str, int] = {}
    items: tuple[Safe | ConvertibleNote, ...] = (*safes, *notes)
    for item in items:
        taken[item.name] = taken.get(item.name, 0) + 1
        is_note = isinstance(item, ConvertibleNote)
        amount = item.balance(closing_on) if isinstance(item, ConvertibleNote) else item.amount
        found.append(
            Converting(
                name=item.name if taken[item.name] == 1 else f"{item.name} {taken[item.name]}",
                amount=Fraction(amount),
                cap=None if item.cap is None else Fraction(item.cap),
                factor=1 - Fraction(item.discount),
                post=item.basis == "post_money",
                with_pool=item.counts_pool_increase,
                in_pre_money=not (is_note and method == "pre_money"),
            )
        )
    return tuple(found)


def _convert(
    terms: Terms, by_cap: list[bool], x: Fraction, price: Fraction, cut: "_Cut"
) -> tuple[dict[str, Fraction], dict[str, Fraction], dict[str, str]]:
    counts: dict[str, Fraction] = {}
    prices: dict[str, Fraction] = {}
    decided: dict[str, str] = {}
    for capped, security, line in zip(by_cap, terms.securities, shares_of(terms, by_cap, x), strict=True):
        prices[security.name] = cut.price(security.amount / line.at(x) if capped else price * security.factor)
        counts[security.name] = cut.shares(security.amount / prices[security.name])
        decided[security.name] = "cap" if capped else ("discount" if security.factor < 1 else "round price")
    return counts, prices, decided


@dataclass(frozen=True, slots=True)
class _Cut:
    """How prices and share counts are rounded."""

    places: int | None
    rounding: str
    whole: bool

    def price(self, exact: Fraction) -> Fraction:
        if self.places is None:
            return exact
        if self.rounding not in (ROUND_DOWN, ROUND_UP, ROUND_HALF_UP):
            raise KernelError(f"price_rounding {self.rounding!r} is not ROUND_DOWN, ROUND_UP or ROUND_HALF_UP")
        scaled = exact * 10**self.places
        down = scaled.numerator // scaled.denominator
        up = self.rounding == ROUND_UP and scaled != down
        half = self.rounding == ROUND_HALF_UP and scaled - down >= Fraction(1, 2)
        if down + (up or half) == 0:
            raise KernelError(f"the price {decimal(exact)} vanishes at {self.places} decimals")
        return Fraction(down + (up or half), 10**self.places)

    def shares(self, exact: Fraction) -> Fraction:
        return Fraction(exact.numerator // exact.denominator) if self.whole else exact
