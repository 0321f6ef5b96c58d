"""Translation of a whole set of books (IAS 21, ASC 830) and the split of a gain into price and currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import Number, to_decimal

CrossTerm = Literal["price", "fx", "separate"]


@dataclass(frozen=True, slots=True)
class EquityLayer:
    """A part of equity at the rate of its own day: capital, reserves of a year, a year's profit at its average rate."""

    name: str
    local: Number
    rate: Number


@dataclass(frozen=True, slots=True)
class Translation:
    """Translated books. ``cta`` is the balancing figure, a part of equity (OCI) and never of profit.

    Ties: ``assets − liabilities = Σ equity + cta``, and ``cta = Σ local × (closing − layer rate)``.
    """

    assets: Decimal
    liabilities: Decimal
    equity: tuple[tuple[str, Decimal], ...]
    cta: Decimal
    closing: Decimal

    @property
    def net_assets(self) -> Decimal:
        """Assets − liabilities at the closing rate."""
        return self.assets - self.liabilities


@guarded
def translate(
    assets: Number, liabilities: Number, layers: Iterable[EquityLayer | tuple[str, Number, Number]], closing: Number
) -> Translation:
    """Assets and liabilities at the closing rate, each layer of equity at its own, the difference to CTA.

    Rates are presentation currency per unit of functional currency; all amounts positive as in a balance sheet. Books
    that do not balance (assets − liabilities ≠ Σ layers) are refused, as their difference would hide in the CTA.
    Source: IAS 21.39–41.
    """
    own, owed, rate = to_decimal(assets), to_decimal(liabilities), _rate(closing)
    parts = _layers(layers)
    balance = own - owed - sum((local for _, local, _ in parts), Decimal(0))
    if balance != 0:
        raise KernelError(f"the books do not balance: assets − liabilities exceed equity by {balance}")
    equity = tuple((name, local * at) for name, local, at in parts)
    cta = (own - owed) * rate - sum((value for _, value in equity), Decimal(0))
    return Translation(own * rate, owed * rate, equity, cta, rate)


@guarded
def cta_components(
    layers: Iterable[EquityLayer | tuple[str, Number, Number]], closing: Number
) -> list[tuple[str, Decimal]]:
    """What each layer of equity adds to the cumulative CTA: local × (closing − its rate)."""
    rate = _rate(closing)
    return [(name, local * (rate - at)) for name, local, at in _layers(layers)]


@guarded
def cta_movement(
    *,
    opening_net_assets: Number,
    opening_rate: Number,
    closing_rate: Number,
    profit: Number = 0,
    average_rate: Number | None = None,
    dividends: Number = 0,
    dividend_rate: Number | None = None,
) -> Decimal:
    """A year's change in CTA: opening net assets × (closing − opening) + profit × (closing − average) − dividends ×
    (closing − their day's rate). Amounts in functional currency, dividends positive; a flow needs its rate.
    """
    closing = _rate(closing_rate)
    moved = to_decimal(opening_net_assets) * (closing - _rate(opening_rate))
    for amount, rate, name in ((profit, average_rate, "profit"), (dividends, dividend_rate, "dividends")):
        flow = to_decimal(amount)
        if flow == 0:
            continue
        if rate is None:
            raise KernelError(f"{name} need the rate at which they are translated")
        moved += (flow if name == "profit" else -flow) * (closing - _rate(rate))
    return moved


@guarded
def remeasure(
    monetary: Number, non_monetary: Iterable[tuple[Number, Number]], *, closing: Number, booked: Number
) -> tuple[Decimal, Decimal]:
    """Foreign-currency items in a company's own books: (carrying amount, gain or loss).

    Monetary items at closing, each non-monetary one at the rate of its own day; against what was ``booked`` so far the
    difference goes to profit or loss, unlike translation. Source: IAS 21.23, 28.
    """
    carried = to_decimal(monetary) * _rate(closing)
    for amount, rate in non_monetary:
        carried += to_decimal(amount) * _rate(rate)
    return carried, carried - to_decimal(booked)


@dataclass(frozen=True, slots=True)
class FxSplit:
    """A change in value in the reporting currency as price, currency and, if kept apart, cross effect; they sum up."""

    price: Decimal
    fx: Decimal
    cross: Decimal
    total: Decimal
    convention: str


@guarded
def split_effect(
    cost_local: Number,
    value_local: Number,
    historical_rate: Number,
    closing_rate: Number,
    *,
    cross_term: CrossTerm = "price",
) -> FxSplit:
    """What the price did and what the currency did to value × closing − cost × historical.

    ``price`` (default): price = Δlocal × closing, fx = cost × Δrate; the cross term Δlocal × Δrate counts as price.
    ``fx``: price = Δlocal × historical, fx = value × Δrate. ``separate``: Δlocal × historical, cost × Δrate, cross.
    """
    cost, value, was, now = (
        to_decimal(cost_local),
        to_decimal(value_local),
        _rate(historical_rate),
        _rate(closing_rate),
    )
    price, fx, cross = (value - cost) * was, cost * (now - was), (value - cost) * (now - was)
    total = value * now - cost * was
    if cross_term == "price":
        return FxSplit(price + cross, fx, Decimal(0), total, "price = Δlocal × closing; fx = cost × Δrate")
    if cross_term == "fx":
        return FxSplit(price, fx + cross, Decimal(0), total, "price = Δlocal × historical; fx = value × Δrate")
    if cross_term == "separate":
        return FxSplit(
            price, fx, cross, total, "price = Δlocal × historical; fx = cost × Δrate; cross = Δlocal × Δrate"
        )
    raise KernelError(f"cross_term is 'price', 'fx' or 'separate', not {cross_term!r}")


def _rate(value: Number) -> Decimal:
    rate = to_decimal(value, "rate")
    if rate <= 0:
        raise KernelError(f"a rate must be positive, not {rate}")
    return rate


def _layers(layers: Iterable[EquityLayer | tuple[str, Number, Number]]) -> list[tuple[str, Decimal, Decimal]]:
    whole = [layer if isinstance(layer, EquityLayer) else EquityLayer(*layer) for layer in layers]
    return [(layer.name, to_decimal(layer.local), _rate(layer.rate)) for layer in whole]
