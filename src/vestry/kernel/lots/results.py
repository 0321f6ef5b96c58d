"""What a lot book says: open lots, disposals, the reconciliation, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from vestry.kernel.errors import KernelError
from vestry.kernel.lots.events import ONE, ZERO
from vestry.kernel.money import Number, to_decimal

P = ParamSpec("P")
R = TypeVar("R")

DisposalKind = Literal["sale", "cover", "cash_in_lieu", "return_of_capital"]
FeeTreatment = Literal["capitalised", "separate"]

# Sums and products of amounts never round at 60 digits; only quotients do, and those are rounded on purpose.
EXACT = Context(prec=60)


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run in the wide context, whatever the caller's is."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return run


class LotError(KernelError):
    """An event that the lots held do not allow."""


class SoldMoreThanHeld(LotError):
    """A sale beyond the holding where shorts are refused."""


class NothingHeld(LotError):
    """A split or return of capital without a position."""


class UnknownLot(LotError):
    """A designated lot is not open, or holds less than is sold from it; or a purchase reuses an open lot's name."""


class LotsNotDesignated(LotError):
    """Specific identification needs every sale to name its lots; average cost allows none to."""


@dataclass(frozen=True, slots=True)
class OpenLot:
    """What is left of one purchase (or, negative, of one short sale).

    ``cost`` is what the rest cost in the security's currency, negative for a short: minus the proceeds received.
    ``base_cost`` is the same at the rate of the day it was opened.
    """

    lot: str
    acquired_on: date
    quantity: Decimal
    cost: Decimal
    base_cost: Decimal

    @property
    @exactly
    def unit_cost(self) -> Decimal:
        """Cost a share; positive for shorts too (the price sold at)."""
        return self.cost / self.quantity


@dataclass(frozen=True, slots=True)
class Disposal:
    """The part of one sale (cover, cash in lieu, return of capital beyond cost) that one lot bore.

    ``gain = proceeds − cost``. Where fees are capitalised, ``proceeds`` is after the sale's fee and ``cost`` includes
    the purchase's; ``fee`` is this part's share of the disposal's own fee either way. ``quantity`` is positive
    (0 for a return of capital).
    """

    kind: DisposalKind
    on: date
    lot: str
    acquired_on: date
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    fee: Decimal
    gain: Decimal
    base_proceeds: Decimal
    base_cost: Decimal
    base_gain: Decimal

    @property
    def days_held(self) -> int:
        """Calendar days from the lot's opening to its disposal."""
        return (self.on - self.acquired_on).days


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``realised + unrealised + income − fees`` beside ``value + cash``; ``difference`` is zero to the last digit."""

    realised: Decimal
    unrealised: Decimal
    income: Decimal
    fees: Decimal
    value: Decimal
    cash: Decimal
    gain: Decimal
    value_change: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class LotBook:
    """The state after the last event. Amounts in the security's currency; ``base_…`` in the owner's.

    ``cash`` is the owner's: negative when money went out. ``fees`` are those outside cost and proceeds (all of them
    when ``fee_treatment`` is ``separate``), ``capitalised_fees`` those inside. ``flows`` are the dated cash flows and
    ``invested`` the cost held after each event, for money-weighted measures.
    """

    method: str
    fee_treatment: FeeTreatment
    lots: tuple[OpenLot, ...]
    disposals: tuple[Disposal, ...]
    income: Decimal
    fees: Decimal
    capitalised_fees: Decimal
    cash: Decimal
    base_income: Decimal
    base_fees: Decimal
    base_cash: Decimal
    flows: tuple[tuple[date, Decimal], ...]
    invested: tuple[tuple[date, Decimal], ...]
    steps: tuple[str, ...]

    @property
    def quantity(self) -> Decimal:
        """Shares held; negative when short."""
        return total(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> Decimal:
        """Cost of what is held."""
        return total(lot.cost for lot in self.lots)

    @property
    def base_cost(self) -> Decimal:
        """Cost of what is held, at the rates of the days it was bought."""
        return total(lot.base_cost for lot in self.lots)

    @property
    @exactly
    def average_cost(self) -> Decimal | None:
        """Cost a share; None when nothing is held."""
        return self.cost / self.quantity if self.quantity else None

    @property
    def realised(self) -> Decimal:
        """Gain of all disposals."""
        return total(disposal.gain for disposal in self.disposals)

    @property
    def base_realised(self) -> Decimal:
        """Gain of all disposals in base currency, exchange effect included."""
        return total(disposal.base_gain for disposal in self.disposals)

    @exactly
    def value(self, price: Number) -> Decimal:
        """Quantity × price; negative when short."""
        return self.quantity * to_decimal(price, "price")

    @exactly
    def unrealised(self, price: Number) -> Decimal:
        """Value − cost of what is held."""
        return self.value(price) - self.cost

    @exactly
    def reconcile(self, price: Number) -> Reconciliation:
        """Both sides of the identity at ``price``, in the security's currency."""
        return reconciliation(
            self.realised, self.unrealised(price), self.income, self.fees, self.value(price), self.cash
        )

    @exactly
    def reconcile_base(self, price: Number, rate: Number = ONE) -> Reconciliation:
        """Both sides of the identity in base currency, the holding translated at ``rate``."""
        value = self.value(price) * to_decimal(rate, "rate")
        return reconciliation(
            self.base_realised, value - self.base_cost, self.base_income, self.base_fees, value, self.base_cash
        )

    @exactly
    def unrealised_fx_split(self, price: Number, rate: Number) -> tuple[Decimal, Decimal]:
        """``(price effect, exchange effect)`` of the unrealised base gain.

        Price effect = local gain × closing rate, so the cross term is in it; exchange effect =
        local cost × closing rate − cost at the historical rates. They add to the base unrealised gain.
        """
        closing = to_decimal(rate, "rate")
        return self.unrealised(price) * closing, self.cost * closing - self.base_cost

    def explain(self) -> dict[str, object]:
        """How the figures were made: convention and one line for every event and disposal."""
        return {
            "method": self.method,
            "fees": self.fee_treatment,
            "convention": "owner's cash: money out negative; gain = proceeds − cost of the lots consumed",
            "identity": "realised + unrealised + income − fees = value + cash",
            "steps": list(self.steps),
        }


def reconciliation(
    realised: Decimal, unrealised: Decimal, income: Decimal, fees: Decimal, value: Decimal, cash: Decimal
) -> Reconciliation:
    """The identity's two sides from its parts."""
    gain = realised + unrealised + income - fees
    change = value + cash
    return Reconciliation(realised, unrealised, income, fees, value, cash, gain, change, gain - change)


@exactly
def total(amounts: Iterable[Decimal]) -> Decimal:
    """An exact sum."""
    return sum(amounts, ZERO)
