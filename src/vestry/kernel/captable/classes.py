"""What a company has issued, as claims on exit proceeds: common, preferred, options and warrants."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, fraction, not_negative, positive
from vestry.kernel.guard import guarded

Kind = Literal["common", "preferred", "option"]


@dataclass(frozen=True, slots=True)
class ShareClass:
    """One class of shares or rights. Build it with `common`, `preferred`, `option` or `warrant`.

    shares: as issued. conversion_ratio: common shares one share converts into. preference: the whole class's claim
    before anyone shares the residual, in money, accrued dividends included. cap: the most a participating class takes
    without converting, in money, preference included (None: no limit). seniority: the higher is paid first, equal ones
    pari passu (the Open Cap Format's order). strike: exercise price of one option.
    """

    name: str
    shares: Decimal
    kind: Kind = "common"
    preference: Decimal = Decimal(0)
    participating: bool = False
    cap: Decimal | None = None
    seniority: int = 1
    conversion_ratio: Decimal = Decimal(1)
    strike: Decimal = Decimal(0)

    @property
    def as_converted(self) -> Decimal:
        """Common shares the class turns into."""
        return decimal(fraction(self.shares) * fraction(self.conversion_ratio))


@guarded
def common(shares: Number, name: str = "common") -> ShareClass:
    """Common shares: paid from the residual only."""
    return ShareClass(name, decimal(not_negative(fraction(shares, "shares"), "shares")))


@guarded
def option(name: str, shares: Number, strike: Number) -> ShareClass:
    """Options: exercised when a common share is worth more than the strike; the payout is net of the strike."""
    return ShareClass(
        name,
        decimal(not_negative(fraction(shares, "shares"), "shares")),
        kind="option",
        strike=decimal(not_negative(fraction(strike, "strike"), "strike")),
    )


@guarded
def warrant(name: str, shares: Number, strike: Number) -> ShareClass:
    """A warrant on common shares: the same claim as an option."""
    return option(name, shares, strike)


@guarded
def preferred(
    name: str,
    shares: Number,
    *,
    price: Number | None = None,
    invested: Number | None = None,
    preference: Number | None = None,
    multiple: Number = 1,
    dividends: Number = 0,
    participating: bool = False,
    cap: Number | None = None,
    seniority: int = 1,
    conversion_ratio: Number = 1,
) -> ShareClass:
    """Preferred shares with a liquidation preference.

    State the cost in one way: `price` (original issue price of one share), `invested` (the class's total) or
    `preference` (the class's total preference, from which cost = preference / multiple).
    multiple: preference as a multiple of cost (1 = 1x). dividends: accrued and unpaid, added to the preference.
    participating: shares the residual as if converted after its preference. cap: limit on all it receives without
    converting, as a multiple of cost (2 = twice its money); None = unlimited.
    Raises KernelError when the cost is stated in no way or in several, or the cap lies below the preference.
    """
    count = not_negative(fraction(shares, "shares"), "shares")
    times = not_negative(fraction(multiple, "multiple"), "multiple")
    stated = [x for x in (price, invested, preference) if x is not None]
    if len(stated) != 1:
        raise KernelError(f"{name}: state exactly one of price, invested and preference, got {len(stated)}")
    if preference is not None:
        base = not_negative(fraction(preference, "preference"), "preference")
        cost = base / times if times else base
    else:
        cost = fraction(price, "price") * count if price is not None else fraction(invested or 0, "invested")
        base = not_negative(cost, "cost") * times
    claim = base + not_negative(fraction(dividends, "dividends"), "dividends")
    limit = None if cap is None else not_negative(fraction(cap, "cap"), "cap") * cost
    if limit is not None and not participating:
        raise KernelError(f"{name}: only participating preferred carries a cap")
    if limit is not None and limit < claim:
        raise KernelError(f"{name}: the cap of {decimal(limit)} lies below the preference of {decimal(claim)}")
    return ShareClass(
        name,
        decimal(count),
        kind="preferred",
        preference=decimal(claim),
        participating=participating,
        cap=None if limit is None else decimal(limit),
        seniority=seniority,
        conversion_ratio=decimal(positive(fraction(conversion_ratio, "conversion_ratio"), "conversion_ratio")),
    )
