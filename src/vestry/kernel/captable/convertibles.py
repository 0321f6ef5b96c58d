"""SAFEs and convertible notes: what they are, what they have grown to, and one conversion on its own."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from vestry.kernel.dates import to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, not_negative, positive
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

CapBasis = Literal["post_money", "pre_money"]


@dataclass(frozen=True, slots=True)
class Safe:
    """A simple agreement for future equity.

    cap: valuation cap, None = uncapped. discount: fraction off the round price (0.2 = 20 % off).
    basis "post_money" (2018 form): the cap covers all converting securities, so ownership before the new money is
    amount / cap. "pre_money" (2013 form): the cap is divided by the capitalisation before any of them convert.
    Build it with `safe`, which checks and converts its inputs.
    """

    name: str
    amount: Decimal
    cap: Decimal | None = None
    discount: Decimal = Decimal(0)
    basis: CapBasis = "post_money"
    counts_pool_increase: bool = False


@dataclass(frozen=True, slots=True)
class ConvertibleNote:
    """Debt that converts into the next round: principal and interest, a cap and a discount.

    rate: annual interest as a fraction. compounding: "simple" or "annual". day_count: days in the interest year.
    Build it with `note`, which checks and converts its inputs.
    """

    name: str
    principal: Decimal
    rate: Decimal = Decimal(0)
    issued_on: date | None = None
    cap: Decimal | None = None
    discount: Decimal = Decimal(0)
    basis: CapBasis = "pre_money"
    counts_pool_increase: bool = False
    compounding: Literal["simple", "annual"] = "simple"
    day_count: int = 365
    interest_converts: bool = True

    def interest(self, on: date | str) -> Decimal:
        """Interest accrued by that day: principal·rate·days/day_count, or compounded with the same exponent."""
        if self.rate == 0:
            return Decimal(0)
        if self.issued_on is None:
            raise KernelError(f"{self.name}: interest needs the date of issue")
        days = (to_date(on) - self.issued_on).days
        if days < 0:
            raise KernelError(f"{self.name}: {on} lies before the date of issue {self.issued_on}")
        principal, rate = Fraction(self.principal), Fraction(self.rate)
        if self.compounding == "simple":
            return decimal(principal * rate * days / self.day_count)
        grown = float(self.principal) * ((1 + float(self.rate)) ** (days / self.day_count) - 1)
        return decimal(round(grown, 10))

    def balance(self, on: date | str | None) -> Decimal:
        """What converts on that day: the principal, with accrued interest where it converts too."""
        if not self.interest_converts or self.rate == 0:
            return self.principal
        if on is None:
            raise KernelError(f"{self.name}: the interest that converts needs the closing date")
        return self.principal + self.interest(on)


@guarded
def safe(
    amount: Number,
    cap: Number | None = None,
    *,
    discount: Number = 0,
    name: str = "SAFE",
    basis: CapBasis = "post_money",
    counts_pool_increase: bool = False,
) -> Safe:
    """A SAFE. A cap of None or 0 means uncapped. counts_pool_increase: a pre-money cap's capitalisation includes it."""
    limit, off = _terms(cap, discount)
    return Safe(name, decimal(positive(fraction(amount, "amount"), "amount")), limit, off, basis, counts_pool_increase)


@guarded
def note(
    principal: Number,
    cap: Number | None = None,
    *,
    discount: Number = 0,
    rate: Number = 0,
    issued_on: date | str | None = None,
    name: str = "note",
    basis: CapBasis = "pre_money",
    counts_pool_increase: bool = False,
    compounding: Literal["simple", "annual"] = "simple",
    day_count: int = 365,
    interest_converts: bool = True,
) -> ConvertibleNote:
    """A convertible note. A cap of None or 0 means uncapped."""
    limit, off = _terms(cap, discount)
    return ConvertibleNote(
        name,
        decimal(positive(fraction(principal, "principal"), "principal")),
        decimal(not_negative(fraction(rate, "rate"), "rate")),
        None if issued_on is None else to_date(issued_on),
        limit,
        off,
        basis,
        counts_pool_increase,
        compounding,
        day_count,
        interest_converts,
    )


def _terms(cap: Number | None, discount: Number) -> tuple[Decimal | None, Decimal]:
    off = fraction(discount, "discount")
    if not 0 <= off < 1:
        raise KernelError(f"discount is a fraction off the price, 0 ≤ discount < 1, got {decimal(off)}")
    limit = None if cap is None else not_negative(fraction(cap, "cap"), "cap")
    return (decimal(limit) if limit else None), decimal(off)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One instrument's conversion: price per share, shares, and which term decided (cap, discount or round price)."""

    price: Decimal
    shares: Decimal
    by: str
    explain: Explain


@guarded
def convert(
    amount: Number,
    round_price: Number,
    *,
    cap: Number | None = None,
    capitalization: Number | None = None,
    discount: Number = 0,
) -> Conversion:
    """Convert an amount when round price and capitalisation are known.

    Price = the lowest of cap / capitalization, round_price·(1 − discount) and round_price; shares = amount / price.
    capitalization: fully diluted shares the cap is divided by. For a round in which both depend on each other use
    `priced_round`.
    """
    price = positive(fraction(round_price, "round_price"), "round_price")
    limit, off = _terms(cap, discount)
    money = not_negative(fraction(amount, "amount"), "amount")
    offers = [(price, "round price"), (price * (1 - Fraction(off)), "discount")]
    if limit is not None:
        if capitalization is None:
            raise KernelError("a cap needs the capitalization it is divided by")
        offers.append((Fraction(limit) / positive(fraction(capitalization, "capitalization"), "capitalization"), "cap"))
    best, by = min(offers, key=lambda offer: offer[0])
    steps = (
        *(Step(f"price by {how}", how, decimal(at)) for at, how in offers),
        Step("shares", "amount / lowest price", decimal(money / best)),
    )
    inputs = {"amount": decimal(money), "round price": decimal(price), "cap": limit, "discount": off}
    return Conversion(decimal(best), decimal(money / best), by, Explain("Lowest of the prices applies", inputs, steps))
