"""What happens to a holding of one security: purchases, sales, splits, income, charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import Number, to_decimal

Kind = Literal["buy", "sell", "split", "dividend", "return_of_capital", "fee"]
KINDS: tuple[Kind, ...] = ("buy", "sell", "split", "dividend", "return_of_capital", "fee")

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact. Amounts and prices are in the security's currency, quantities are never negative.

    ``rate`` is the base currency's units per unit of the security's currency on that day (1 where they are the same).
    ``ratio`` is ``(new, old)`` of a split. ``lot`` names the lot a purchase opens; ``lots`` the ones a sale takes,
    as ``(lot, quantity)``. Build events with the functions of this module: they check and convert.
    """

    kind: Kind
    on: date
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    fee: Decimal = ZERO
    amount: Decimal = ZERO
    ratio: tuple[Decimal, Decimal] = (ONE, ONE)
    lot: str | None = None
    lots: tuple[tuple[str, Decimal], ...] = ()
    rate: Decimal = ONE


@guarded
def buy(
    on: DateLike, quantity: Number, price: Number, fee: Number = 0, *, lot: str | None = None, rate: Number = 1
) -> Event:
    """A purchase of ``quantity`` at ``price`` a unit; ``fee`` in total. It opens the lot ``lot`` (else numbered)."""
    return Event(
        "buy",
        to_date(on),
        quantity=_positive(quantity, "quantity"),
        price=_at_least_zero(price, "price"),
        fee=_at_least_zero(fee, "fee"),
        lot=lot,
        rate=_positive(rate, "rate"),
    )


@guarded
def sell(
    on: DateLike,
    quantity: Number,
    price: Number,
    fee: Number = 0,
    *,
    lots: Mapping[str, Number] | Iterable[tuple[str, Number]] = (),
    rate: Number = 1,
) -> Event:
    """A sale of ``quantity`` at ``price`` a unit (0 for a write-off); ``fee`` in total.

    ``lots`` designates the lots sold and how much of each; it must add up to ``quantity``.
    """
    pairs = lots.items() if isinstance(lots, Mapping) else lots
    designated = tuple((name, _positive(part, f"quantity of lot {name}")) for name, part in pairs)
    sold = _positive(quantity, "quantity")
    if designated and sum((part for _, part in designated), ZERO) != sold:
        raise KernelError(f"the designated lots do not add up to the {sold} sold")
    return Event(
        "sell",
        to_date(on),
        quantity=sold,
        price=_at_least_zero(price, "price"),
        fee=_at_least_zero(fee, "fee"),
        lots=designated,
        rate=_positive(rate, "rate"),
    )


@guarded
def split(
    on: DateLike, new: Number, old: Number = 1, *, cash_in_lieu_price: Number | None = None, rate: Number = 1
) -> Event:
    """``new`` shares for every ``old``; (2, 1) doubles, (1, 10) is a reverse split.

    With ``cash_in_lieu_price`` (after the split, a share) the part of the position below a whole share is sold at it.
    Without, fractions are kept.
    """
    cash = ZERO if cash_in_lieu_price is None else _positive(cash_in_lieu_price, "cash-in-lieu price")
    return Event(
        "split",
        to_date(on),
        price=cash,
        ratio=(_positive(new, "new shares"), _positive(old, "old shares")),
        rate=_positive(rate, "rate"),
    )


@guarded
def dividend(on: DateLike, amount: Number, fee: Number = 0, *, rate: Number = 1) -> Event:
    """Income in total; negative when paid on a short position or reversed. ``fee`` is tax withheld or a charge."""
    return Event(
        "dividend",
        to_date(on),
        amount=to_decimal(amount, "amount"),
        fee=_at_least_zero(fee, "fee"),
        rate=_positive(rate, "rate"),
    )


@guarded
def return_of_capital(on: DateLike, amount: Number, *, rate: Number = 1) -> Event:
    """Cash that reduces cost, in total; negative when paid on a short position. Beyond the cost it is a gain."""
    paid = to_decimal(amount, "amount")
    if not paid:
        raise KernelError("a return of capital of zero changes nothing: leave it out")
    return Event("return_of_capital", to_date(on), amount=paid, rate=_positive(rate, "rate"))


@guarded
def fee(on: DateLike, amount: Number, *, rate: Number = 1) -> Event:
    """A charge that belongs to no trade (custody, account); positive when paid, negative when refunded."""
    return Event("fee", to_date(on), amount=to_decimal(amount, "amount"), rate=_positive(rate, "rate"))


def _positive(value: Number, what: str) -> Decimal:
    number = to_decimal(value, what)
    if number <= 0:
        raise KernelError(f"{what} must be positive, got {number}")
    return number


def _at_least_zero(value: Number, what: str) -> Decimal:
    number = to_decimal(value, what)
    if number < 0:
        raise KernelError(f"{what} must not be negative, got {number}")
    return number
