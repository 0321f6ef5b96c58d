"""The terms of a waterfall as data: tiers, and the usual agreements built from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from vestry.kernel.accrual import Compounding, DayCount, Number, check_compounding, day_count_name, decimal
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


def percent(rate: Decimal) -> str:
    """``0.08`` as ``8%``, ``0.125`` as ``12.5%``."""
    return f"{(rate * 100).normalize():f}%"


@dataclass(frozen=True, slots=True)
class ReturnOfCapital:
    """All to the LPs until the capital contributed so far is returned."""

    @property
    def name(self) -> str:
        return "return of capital"

    @property
    def gp_share(self) -> Decimal:
        return Decimal(0)


@dataclass(frozen=True, slots=True)
class PreferredReturn:
    """All to the LPs until the preferred return accrued so far is paid.

    ``rate`` is a fraction a year. With any compounding but ``simple`` the return accrues on unreturned capital plus
    unpaid preferred return; ``simple`` accrues on unreturned capital alone. The account never goes below zero: profit
    the LPs received earlier does not shelter a later contribution from accruing.
    """

    rate: Decimal
    compounding: Compounding = "annual"

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", _within(self.rate, "preferred return", 0, None))
        check_compounding(self.compounding)

    @property
    def name(self) -> str:
        return "preferred return"

    @property
    def gp_share(self) -> Decimal:
        return Decimal(0)


@dataclass(frozen=True, slots=True)
class CatchUp:
    """``share`` to the GP until it holds ``carry`` of all profit distributed, the preferred return included.

    With profit so far ``π`` of which the GP holds ``G``, the tier takes ``X = (c·π − G) / (k − c)``; right after a
    first preferred return ``P`` that is ``c·P / (k − c)``, and for a full catch-up (``k = 1``) ``c·P / (1 − c)``.
    """

    carry: Decimal
    share: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "carry", _within(self.carry, "carry", 0, 1))
        object.__setattr__(self, "share", _within(self.share, "catch-up share", 0, 1))
        if self.share <= self.carry:
            raise KernelError(
                f"a catch-up of {percent(self.share)} never brings the GP to {percent(self.carry)} of all profit; "
                "use a share above the carry, or no catch-up tier for a hard hurdle"
            )

    @property
    def name(self) -> str:
        return "catch-up"

    @property
    def gp_share(self) -> Decimal:
        return self.share


@dataclass(frozen=True, slots=True)
class IrrHurdle:
    """``gp_share`` to the GP until the LPs' cash flows have earned ``rate`` a year.

    The LPs' balance ``B_t = B_{t−1}·(1 + h)^Δt + contributions − distributions`` must reach zero, so the tier takes
    ``max(0, B) / (1 − gp_share)``. Every distribution to the LPs counts, also those of later tiers, which makes the
    test the LPs' IRR since inception. ``keep_surplus=False`` floors the balance at zero instead (the spreadsheet's
    capital account): what the LPs earn above the hurdle is not set against a later contribution.
    """

    rate: Decimal
    gp_share: Decimal = Decimal(0)
    compounding: Compounding = "annual"
    keep_surplus: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", _within(self.rate, "hurdle", 0, None))
        object.__setattr__(self, "gp_share", _hurdle_share(self.gp_share))
        check_compounding(self.compounding)
        if self.compounding == "simple":
            raise KernelError("an IRR hurdle compounds; for simple interest use return of capital and preferred return")

    @property
    def name(self) -> str:
        return f"{percent(self.rate)} IRR hurdle"


@dataclass(frozen=True, slots=True)
class MultipleHurdle:
    """``gp_share`` to the GP until the LPs have received ``multiple`` × what they contributed."""

    multiple: Decimal
    gp_share: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "multiple", _within(self.multiple, "multiple", 0, None))
        object.__setattr__(self, "gp_share", _hurdle_share(self.gp_share))

    @property
    def name(self) -> str:
        return f"{self.multiple.normalize():f}x hurdle"


@dataclass(frozen=True, slots=True)
class Split:
    """What is left, ``gp_share`` of it to the GP. Always the last tier, and only there."""

    gp_share: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "gp_share", _within(self.gp_share, "GP share", 0, 1))

    @property
    def name(self) -> str:
        return "split"


Tier: TypeAlias = ReturnOfCapital | PreferredReturn | CatchUp | IrrHurdle | MultipleHurdle | Split


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Tiers in the order they are filled, and how time and cents are counted.

    ``decimals`` are those of the currency; ``None`` keeps full precision. ``style`` says whether contributions claim
    when they are made (``european``) or when their deal is realised or written down (``american``);
    ``loss_carry_forward=False`` makes every deal of an American waterfall stand alone.
    """

    tiers: tuple[Tier, ...]
    day_count: DayCount = "act/365f"
    decimals: int | None = 2
    style: Literal["european", "american"] = "european"
    loss_carry_forward: bool = True

    def __post_init__(self) -> None:
        tiers = tuple(self.tiers)
        object.__setattr__(self, "day_count", day_count_name(self.day_count))
        object.__setattr__(self, "tiers", tiers)
        if not tiers or not isinstance(tiers[-1], Split):
            raise KernelError("the last tier must be a Split, or cash could be left over")
        if any(isinstance(tier, Split) for tier in tiers[:-1]):
            raise KernelError("a Split takes everything; tiers after it would never be reached")
        for kind in (ReturnOfCapital, PreferredReturn):
            if sum(isinstance(tier, kind) for tier in tiers) > 1:
                raise KernelError(f"a waterfall has one {kind.__name__} tier; use IrrHurdle for several hurdles")

    @property
    def preferred_return(self) -> PreferredReturn | None:
        """The preferred-return tier, if there is one."""
        return next((tier for tier in self.tiers if isinstance(tier, PreferredReturn)), None)


@guarded
def european(
    *,
    pref: Number = Decimal("0.08"),
    carry: Number = Decimal("0.20"),
    catch_up: Number | None = 1,
    compounding: Compounding = "annual",
    day_count: DayCount = "act/365f",
    pref_first: bool = False,
    decimals: int | None = 2,
) -> Waterfall:
    """Whole-fund terms: capital back, preferred return, catch-up, split.

    ``catch_up`` is the GP's share of the catch-up tier: 1 full, 0.5 half, 0 or ``None`` none, which is a hard hurdle
    (carry only on what lies above the preferred return). ``pref_first`` pays the preferred return before capital.

    >>> from vestry.kernel import waterfall
    >>> result = waterfall.distribute(waterfall.european(), 1_000_000, 1_500_000, years=1)
    >>> result.lp, result.gp
    (Decimal('1400000.00'), Decimal('100000.00'))
    """
    tiers = _usual_tiers(pref, carry, catch_up, compounding, pref_first)
    return Waterfall(tiers, day_count=day_count, decimals=decimals)


@guarded
def american(
    *,
    pref: Number = Decimal("0.08"),
    carry: Number = Decimal("0.20"),
    catch_up: Number | None = 1,
    compounding: Compounding = "annual",
    day_count: DayCount = "act/365f",
    loss_carry_forward: bool = True,
    pref_first: bool = False,
    decimals: int | None = 2,
) -> Waterfall:
    """Deal-by-deal terms, for ``distribute_deals``: a deal's proceeds first return that deal's cost.

    With ``loss_carry_forward`` (the usual agreement) they also return the cost of deals already realised at a loss or
    written down, and the expenses that belong to them, with the preferred return on all of it. Without it every deal
    stands alone and only a clawback evens things out.

    >>> from vestry.kernel import waterfall
    >>> deals = [waterfall.Deal("A", 45, [(1, 70)]), waterfall.Deal("B", 45, [(2, 0)])]
    >>> terms = waterfall.american(pref=0, loss_carry_forward=False)
    >>> waterfall.distribute_deals(terms, deals).gp
    Decimal('5.00')
    """
    tiers = _usual_tiers(pref, carry, catch_up, compounding, pref_first)
    return Waterfall(tiers, day_count, decimals, style="american", loss_carry_forward=loss_carry_forward)


@guarded
def irr_hurdles(
    hurdles: Sequence[tuple[Number, Number]],
    residual: Number,
    *,
    compounding: Compounding = "annual",
    day_count: DayCount = "act/365f",
    keep_surplus: bool = True,
    decimals: int | None = 2,
) -> Waterfall:
    """A ladder of IRR hurdles, as in real estate: ``hurdles`` are ``(rate, GP share up to it)``, ``residual`` the GP's
    share above the last.

    8 % to the LPs, then 80/20 up to 12 %, 70/30 up to 18 %, 50/50 above:

    >>> terms = irr_hurdles([(0.08, 0), (0.12, 0.2), (0.18, 0.3)], residual=0.5)
    >>> [tier.name for tier in terms.tiers]
    ['8% IRR hurdle', '12% IRR hurdle', '18% IRR hurdle', 'split']
    """
    ladder: list[Tier] = [
        IrrHurdle(decimal(rate, "hurdle"), decimal(share, "GP share"), compounding, keep_surplus)
        for rate, share in hurdles
    ]
    return Waterfall((*ladder, Split(decimal(residual, "GP share"))), day_count=day_count, decimals=decimals)


def _usual_tiers(
    pref: Number, carry: Number, catch_up: Number | None, compounding: Compounding, pref_first: bool
) -> tuple[Tier, ...]:
    rate, gp = decimal(pref, "pref"), decimal(carry, "carry")
    first: list[Tier] = [ReturnOfCapital(), PreferredReturn(rate, compounding)]
    if pref_first:
        first.reverse()
    share = decimal(0 if catch_up is None else catch_up, "catch-up share")
    caught: list[Tier] = [CatchUp(gp, share)] if share else []
    return (*first, *caught, Split(gp))


def _within(value: Number, what: str, low: int, high: int | None) -> Decimal:
    number = decimal(value, what)
    if number < low or (high is not None and number > high):
        limits = f"lie between {low} and {high}" if high is not None else f"be at least {low}"
        raise KernelError(f"{what} must {limits}, not {number}")
    return number


def _hurdle_share(value: Number) -> Decimal:
    share = _within(value, "GP share", 0, 1)
    if share == 1:
        raise KernelError("a hurdle whose cash all goes to the GP never lifts the LPs over it")
    return share
