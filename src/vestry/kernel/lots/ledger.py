"""Replays events into lots. The state lives here and only here; callers see frozen results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Literal, get_args

from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.lots.events import KINDS, ZERO, Event
from vestry.kernel.lots.results import (
    Disposal,
    DisposalKind,
    FeeTreatment,
    LotBook,
    LotError,
    LotsNotDesignated,
    NothingHeld,
    OpenLot,
    SoldMoreThanHeld,
    UnknownLot,
    exactly,
    total,
)

Method = Literal["fifo", "lifo", "hifo", "lofo", "average", "specific"]
METHODS: tuple[Method, ...] = get_args(Method)

# Shares after a split and costs of a part are quotients; they are kept to this many places and the rest stays behind.
QUANTITY_PLACES = 18


@exactly
def book(
    events: Iterable[Event],
    method: Method = "fifo",
    *,
    fees: FeeTreatment = "capitalised",
    allow_shorts: bool = False,
    as_of: DateLike | None = None,
    money_places: int = 12,
) -> LotBook:
    """Replay the events of ONE security up to and including ``as_of``.

    Events are taken by date; those of one day in the order given. Methods choose the lots a sale consumes: ``fifo``
    oldest, ``lifo`` newest, ``hifo`` dearest (so the smallest gain), ``lofo`` cheapest, ``average`` the moving average
    (changed by purchases only; the trace consumes dates oldest first), ``specific`` those the sale names. A sale may
    name its lots under every method but ``average``. Cash in lieu and the covering of shorts consume oldest first where
    the method is ``specific``.

    ``fees="capitalised"`` adds purchase fees to cost and takes sale fees from proceeds; ``"separate"`` leaves both
    gross and counts all fees apart. The cost of a part of a lot is rounded half-even to ``money_places`` and the lot
    keeps the rest, so nothing is lost. With ``allow_shorts`` a sale beyond the holding opens a short lot, and a
    purchase covers shorts before it opens a long one; without, it raises :class:`SoldMoreThanHeld`.
    Wash-sale and same-day matching rules of tax codes are not applied.

    Sources: IRS Publications 550 and 564 (FIFO, specific and average basis; return of capital beyond basis is gain).
    """
    if method not in METHODS:
        raise KernelError(f"unknown cost method {method!r}; one of {', '.join(METHODS)}")
    if fees not in get_args(FeeTreatment):
        raise KernelError(f"fees must be 'capitalised' or 'separate', got {fees!r}")
    if money_places < 0:
        raise KernelError(f"money_places must not be negative, got {money_places}")
    last = None if as_of is None else to_date(as_of)
    ledger = _Ledger(method, fees, allow_shorts, money_places)
    for event in sorted(events, key=lambda event: event.on):
        if last is None or event.on <= last:
            ledger.apply(event)
    return ledger.result()


def spread(amount: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """``amount`` in proportion to positive weights: differences of rounded running shares, summing to it exactly."""
    whole = sum(weights, ZERO)
    marks, running = [ZERO], ZERO
    for weight in weights[:-1]:
        running += weight
        marks.append(rounded(amount * running / whole, places))
    marks.append(amount)
    return [after - before for before, after in pairwise(marks)]


def rounded(amount: Decimal, places: int) -> Decimal:
    """Half-even to ``places``."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


@dataclass(slots=True)
class _Lot:
    name: str
    acquired_on: date
    quantity: Decimal
    cost: Decimal
    base_cost: Decimal

    @property
    def size(self) -> Decimal:
        return abs(self.quantity)


@dataclass(slots=True)
class _Ledger:
    method: Method
    fee_treatment: FeeTreatment
    allow_shorts: bool
    places: int
    lots: list[_Lot] = field(default_factory=list)
    disposals: list[Disposal] = field(default_factory=list)
    income: Decimal = ZERO
    fees: Decimal = ZERO
    capitalised: Decimal = ZERO
    cash: Decimal = ZERO
    base_income: Decimal = ZERO
    base_fees: Decimal = ZERO
    base_cash: Decimal = ZERO
    opened: int = 0
    flows: list[tuple[date, Decimal]] = field(default_factory=list)
    invested: list[tuple[date, Decimal]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        if event.kind not in KINDS:
            raise KernelError(f"unknown event kind {event.kind!r}; one of {', '.join(KINDS)}")
        if event.kind in ("buy", "sell"):
            self._trade(event)
        elif event.kind == "split":
            self._split(event)
        elif event.kind == "return_of_capital":
            self._return_capital(event)
        elif event.kind == "dividend":
            self._earn(event)
        else:
            self._charge(event.amount, event)
            self._pay(event, -event.amount)
            self.steps.append(f"{event.on} fee {event.amount}")
        self.invested.append((event.on, self._cost()))

    def result(self) -> LotBook:
        return LotBook(
            method=self.method,
            fee_treatment=self.fee_treatment,
            lots=tuple(OpenLot(lot.name, lot.acquired_on, lot.quantity, lot.cost, lot.base_cost) for lot in self.lots),
            disposals=tuple(self.disposals),
            income=self.income,
            fees=self.fees,
            capitalised_fees=self.capitalised,
            cash=self.cash,
            base_income=self.base_income,
            base_fees=self.base_fees,
            base_cash=self.base_cash,
            flows=tuple(self.flows),
            invested=tuple(self.invested),
            steps=tuple(self.steps),
        )

    # --- trades -------------------------------------------------------------------------------------------------

    def _trade(self, event: Event) -> None:
        """Close what lies on the other side, then open the rest."""
        side = 1 if event.kind == "buy" else -1
        held = self._position()
        closing = min(event.quantity, abs(held)) if held * side < 0 else ZERO
        opening = event.quantity - closing
        if side < 0 and opening and not self.allow_shorts:
            raise SoldMoreThanHeld(f"sale of {event.quantity} on {event.on} exceeds the {max(held, ZERO)} held")
        if event.lots and closing < event.quantity:
            raise UnknownLot(f"the sale of {event.quantity} on {event.on} names lots, but only {closing} are held")
        gross = event.quantity * event.price
        self.steps.append(f"{event.on} {event.kind} {event.quantity} at {event.price}, fee {event.fee}")
        kind: DisposalKind = "sale" if side < 0 else "cover"
        self._exchange(event, side, gross, closing, opening, kind)
        if self.fee_treatment == "capitalised":
            self.capitalised += event.fee
        else:
            self._charge(event.fee, event)
        self._pay(event, -side * gross - event.fee)

    def _exchange(
        self, event: Event, side: int, gross: Decimal, closing: Decimal, opening: Decimal, kind: DisposalKind
    ) -> None:
        """Split the outlay (signed: positive pays) over the parts closed and the part opened."""
        parts = self._parts(event, closing) if closing else []
        sizes = [size for _, size in parts] + ([opening] if opening else [])
        inside = event.fee if self.fee_treatment == "capitalised" else ZERO
        outlays = spread(side * gross + inside, sizes, self.places)
        fees = spread(event.fee, sizes, self.places)
        if parts:
            self._close(event, parts, outlays[: len(parts)], fees[: len(parts)], kind)
        if opening:
            self._open(event, side * opening, outlays[-1])

    def _open(self, event: Event, quantity: Decimal, cost: Decimal) -> None:
        self.opened += 1
        name = event.lot or str(self.opened)
        if any(lot.name == name for lot in self.lots):
            raise UnknownLot(f"lot {name} is already open; give the purchase of {event.on} another name")
        self.lots.append(_Lot(name, event.on, quantity, cost, cost * event.rate))
        self._pool(self._cost(), self._base_cost())

    def _close(
        self,
        event: Event,
        parts: Sequence[tuple[_Lot, Decimal]],
        outlays: Sequence[Decimal],
        fees: Sequence[Decimal],
        kind: DisposalKind,
    ) -> None:
        costs = self._costs(parts)
        for (lot, size), (cost, base_cost), outlay, fee in zip(parts, costs, outlays, fees, strict=True):
            sign = 1 if lot.quantity > 0 else -1
            lot.quantity -= sign * size
            lot.cost -= cost
            lot.base_cost -= base_cost
            self._dispose(kind, event, lot, size, fee, sign, (cost, outlay), (base_cost, outlay * event.rate))
        # A pool's rounding may leave a used-up lot a last digit of cost: it stays in the pool.
        pool = self._cost(), self._base_cost()
        self.lots = [lot for lot in self.lots if lot.quantity]
        self._pool(*pool)

    def _costs(self, parts: Sequence[tuple[_Lot, Decimal]]) -> list[tuple[Decimal, Decimal]]:
        """Cost and base cost of each part: its lot's own, or its share of the pool's."""
        if self.method != "average":
            return [
                (self._part(lot.cost, size, lot.size), self._part(lot.base_cost, size, lot.size)) for lot, size in parts
            ]
        sizes = [size for _, size in parts]
        taken, held = total(sizes), abs(self._position())
        pooled = self._part(self._cost(), taken, held)
        base = self._part(self._base_cost(), taken, held)
        return list(zip(spread(pooled, sizes, self.places), spread(base, sizes, self.places), strict=True))

    def _part(self, cost: Decimal, size: Decimal, whole: Decimal) -> Decimal:
        return cost if size == whole else rounded(cost * size / whole, self.places)

    def _parts(self, event: Event, size: Decimal) -> list[tuple[_Lot, Decimal]]:
        """Which lots bear a disposal of ``size``, and how much each."""
        if event.lots:
            return self._designated(event)
        if self.method == "specific" and event.kind == "sell":
            raise LotsNotDesignated(f"the sale of {size} on {event.on} must name its lots")
        parts, left = [], size
        for lot in self._in_order():
            take = min(left, lot.size)
            if take:
                parts.append((lot, take))
            left -= take
        return parts

    def _designated(self, event: Event) -> list[tuple[_Lot, Decimal]]:
        if self.method == "average":
            raise LotsNotDesignated("average cost knows no single lots; sell without naming them")
        parts: list[tuple[_Lot, Decimal]] = []
        for name, size in event.lots:
            lot = next((lot for lot in self.lots if lot.name == name and lot.quantity > 0), None)
            taken = total(part for one, part in parts if one is lot)
            if lot is None or lot.quantity < size + taken:
                raise UnknownLot(f"lot {name} does not hold the {size} sold from it on {event.on}")
            parts.append((lot, size))
        return parts

    def _in_order(self) -> list[_Lot]:
        if self.method == "lifo":
            return self.lots[::-1]
        if self.method == "hifo":
            return sorted(self.lots, key=lambda lot: -lot.cost / lot.size)
        if self.method == "lofo":
            return sorted(self.lots, key=lambda lot: lot.cost / lot.size)
        return list(self.lots)

    def _dispose(
        self,
        kind: DisposalKind,
        event: Event,
        lot: _Lot,
        size: Decimal,
        fee: Decimal,
        sign: int,
        local: tuple[Decimal, Decimal],
        base: tuple[Decimal, Decimal],
    ) -> None:
        """Record one part from (signed cost, signed outlay): a long's proceeds are the outlay, a short's the cost."""
        cost, outlay = local if sign > 0 else local[::-1]
        base_cost, base_outlay = base if sign > 0 else base[::-1]
        gain, base_gain = -outlay - cost, -base_outlay - base_cost
        self.disposals.append(
            Disposal(
                kind, event.on, lot.name, lot.acquired_on, size, -outlay, cost, fee, gain, -base_outlay, base_cost,
                base_gain,
            )
        )  # fmt: skip
        self.steps.append(f"  lot {lot.name} of {lot.acquired_on}: {size} for {-outlay}, cost {cost}, gain {gain}")

    # --- other events ---------------------------------------------------------------------------------------------

    def _split(self, event: Event) -> None:
        """Shares times new / old, cost untouched; rounding falls on running totals, so the position never drifts."""
        new, old = event.ratio
        if not self.lots:
            raise NothingHeld(f"a split on {event.on} needs a position")
        after = rounded_if_endless(self._position() * new / old)
        sizes = spread(after, [lot.quantity for lot in self.lots], QUANTITY_PLACES)
        if not all(sizes):
            raise LotError(f"the split on {event.on} would leave a lot less than 1e-{QUANTITY_PLACES} shares")
        for lot, size in zip(self.lots, sizes, strict=True):
            lot.quantity = size
        self.steps.append(f"{event.on} split {new} for {old}: {after} shares held")
        fraction = abs(after) % 1
        if event.price and fraction:
            side = -1 if after > 0 else 1
            self._exchange(event, side, fraction * event.price, fraction, ZERO, "cash_in_lieu")
            self._pay(event, -side * fraction * event.price)

    def _return_capital(self, event: Event) -> None:
        """Reduce each lot's cost by its shares' part; what exceeds the cost is a gain (for a short, a loss)."""
        held = self._position()
        if held * event.amount <= 0:
            raise NothingHeld(
                f"a return of capital of {event.amount} on {event.on} does not fit the {held} shares held"
            )
        self.steps.append(f"{event.on} return of capital {event.amount} on {held} shares")
        sizes = [lot.size for lot in self.lots]
        shares = spread(event.amount, sizes, self.places)
        for lot, share in zip(self.lots, shares, strict=True):
            lot.cost, excess = _reduced(lot.cost, share)
            lot.base_cost, base_excess = _reduced(lot.base_cost, share * event.rate)
            if excess or base_excess:
                sign = 1 if lot.quantity > 0 else -1
                parts = (ZERO, -excess), (ZERO, -base_excess)
                self._dispose("return_of_capital", event, lot, ZERO, ZERO, sign, *parts)
        self._pay(event, event.amount)

    def _earn(self, event: Event) -> None:
        self.income += event.amount
        self.base_income += event.amount * event.rate
        self._charge(event.fee, event)
        self._pay(event, event.amount - event.fee)
        self.steps.append(f"{event.on} dividend {event.amount}, withheld {event.fee}")

    def _charge(self, amount: Decimal, event: Event) -> None:
        self.fees += amount
        self.base_fees += amount * event.rate

    def _pay(self, event: Event, amount: Decimal) -> None:
        self.cash += amount
        self.base_cash += amount * event.rate
        self.flows.append((event.on, amount))

    def _pool(self, cost: Decimal, base_cost: Decimal) -> None:
        """Under average cost every share carries the same cost: spread the pool's over the lots again."""
        if self.method != "average" or not self.lots:
            return
        sizes = [lot.size for lot in self.lots]
        costs, bases = spread(cost, sizes, self.places), spread(base_cost, sizes, self.places)
        for lot, cost_share, base_share in zip(self.lots, costs, bases, strict=True):
            lot.cost, lot.base_cost = cost_share, base_share

    def _position(self) -> Decimal:
        return total(lot.quantity for lot in self.lots)

    def _cost(self) -> Decimal:
        return total(lot.cost for lot in self.lots)

    def _base_cost(self) -> Decimal:
        return total(lot.base_cost for lot in self.lots)


def rounded_if_endless(quantity: Decimal) -> Decimal:
    """A quotient with more than 18 places is cut to 18, half-even; others stay as they are."""
    return rounded(quantity, QUANTITY_PLACES) if -int(quantity.as_tuple().exponent) > QUANTITY_PLACES else quantity


def _reduced(cost: Decimal, share: Decimal) -> tuple[Decimal, Decimal]:
    """The cost after a return of capital, and the part beyond it (same sign as the share), which is gain."""
    left = cost - share
    return (left, ZERO) if left * share >= 0 else (ZERO, -left)
