"""What a holding's transactions make of it, one after the other: the rule that reads, checks and values build on.

Order: by day, then purchases, then follow-ons, then the rest as recorded. A disposal ends a *share* of what is held at
that moment (quantity, ownership and cost alike); its cost is what the share had cost, to the fourth decimal, so that
what was invested always equals the cost of what was sold plus the cost of what remains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import decimal_text
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE, QUANTITY_SCALE

ZERO, ONE = Decimal(0), Decimal(1)
NO_MONEY = Decimal(0).scaleb(-MONEY_SCALE)
BUYS = {"purchase": 0, "follow_on": 1}
SELLS = ("proceeds", "write_off")
INCOME = ("dividend", "interest")
_MONEY, _UNITS, _SHARE = (Decimal(1).scaleb(-scale) for scale in (MONEY_SCALE, QUANTITY_SCALE, FRACTION_SCALE))
# A stated share may be a rounded one; more than this apart from the quantity's is a contradiction.
SHARE_TOLERANCE = Decimal("0.00001")


class BeforeFirstPurchase(Conflict):
    """Nothing is held yet on that day."""


class AfterFullExit(Conflict):
    """Nothing is held any more on that day."""


class DisposesMoreThanHeld(Conflict):
    """More is sold or written off than is held on that day."""


class HeldPartUnknown(Conflict):
    """The part that is sold cannot be known: no quantity or ownership is recorded for the holding."""


class DisposalUnstated(Invalid):
    """Proceeds that do not say which part of the holding was given for them."""


class DisposalContradictsItself(Invalid):
    """The share and the quantity of a disposal say different things."""


class Entry(NamedTuple):
    """A transaction, as the walk needs it."""

    id: int
    holding_id: int
    kind: str
    transacted_on: date
    amount: Decimal
    quantity: Decimal | None
    ownership: Decimal | None
    disposed_share: Decimal | None
    into_holding_id: int | None


class Effect(NamedTuple):
    """What one transaction did to its holding: cost that came in, and the share of what was held that went out."""

    holding_id: int
    on: date
    added: Decimal
    share: Decimal
    into: int | None
    transaction_id: int


@dataclass(slots=True)
class Book:
    """A holding while its transactions are walked through.

    ``quantity`` and ``ownership`` are None where a purchase did not say them. ``cost`` is all that was invested,
    ``remaining_cost`` that of what is still held. ``fees`` are transaction costs, not part of the cost.
    """

    quantity: Decimal | None = ZERO
    ownership: Decimal | None = ZERO
    cost: Decimal = NO_MONEY
    remaining_cost: Decimal = NO_MONEY
    proceeds: Decimal = NO_MONEY
    income: Decimal = NO_MONEY
    fees: Decimal = NO_MONEY
    first_on: date | None = None
    last_on: date | None = None
    ended_on: date | None = None
    status: str = "none"


def order(entry: Entry) -> tuple[date, int, int]:
    """The sort key of transactions."""
    return entry.transacted_on, BUYS.get(entry.kind, 2), entry.id


class Walk:
    """Walks through the transactions of one or many investments; ``books`` has the state of each holding so far."""

    def __init__(self) -> None:
        self.books: dict[int, Book] = {}

    def book(self, holding_id: int) -> Book:
        """The holding's state so far."""
        found = self.books.get(holding_id)
        if found is None:
            found = self.books[holding_id] = Book()
        return found

    def apply(self, entry: Entry) -> Effect:
        """Take one transaction into account. Reads never fail: impossible parts are cut to what is held."""
        book = self.book(entry.holding_id)
        book.last_on = entry.transacted_on
        kind, added, share = entry.kind, NO_MONEY, ZERO
        if kind in BUYS:
            _open(book, entry.transacted_on)
            added = entry.amount
            _buy(book, entry)
        elif kind in SELLS:
            book.proceeds += entry.amount
            share = disposed(book, entry)
            _dispose(book, entry, share)
        elif kind in INCOME:
            book.income += entry.amount
        elif kind == "fee":
            book.fees += entry.amount
        elif entry.into_holding_id is not None:
            share = ONE
            self._convert(book, entry)
        return Effect(entry.holding_id, entry.transacted_on, added, share, entry.into_holding_id, entry.id)

    def _convert(self, book: Book, entry: Entry) -> None:
        target = self.book(entry.into_holding_id or 0)
        _open(target, entry.transacted_on)
        target.last_on = entry.transacted_on
        target.cost += book.remaining_cost
        target.remaining_cost += book.remaining_cost
        target.quantity = _plus(target.quantity, entry.quantity)
        target.ownership = _plus(target.ownership, book.ownership if entry.ownership is None else entry.ownership)
        book.cost -= book.remaining_cost
        _end(book, entry.transacted_on, "converted")


def check(entries: Iterable[Entry]) -> Walk:
    """Walk through all transactions of an investment and refuse the first that contradicts those before it."""
    walk = Walk()
    for entry in sorted(entries, key=order):
        _refuse(walk.book(entry.holding_id), entry)
        if entry.into_holding_id is not None and walk.book(entry.into_holding_id).ended_on:
            _refuse_after_exit(walk.book(entry.into_holding_id), entry)
        walk.apply(entry)
    return walk


def disposed(book: Book, entry: Entry) -> Decimal:
    """The share (0 to 1) of what is held that a disposal ends: stated, or following from quantity or ownership."""
    if entry.disposed_share is not None:
        return entry.disposed_share
    for part, held in ((entry.quantity, book.quantity), (entry.ownership, book.ownership)):
        if part is not None and held:
            return min(part / held, ONE)
    return ONE if entry.kind == "write_off" and entry.quantity is None and entry.ownership is None else ZERO


def _open(book: Book, on: date) -> None:
    if book.first_on is None:
        book.first_on = on
    if book.status == "none":
        book.status = "active"


def _buy(book: Book, entry: Entry) -> None:
    book.cost += entry.amount
    book.remaining_cost += entry.amount
    book.quantity = _plus(book.quantity, entry.quantity)
    if entry.kind == "purchase" or entry.ownership is not None:  # a follow-on may only keep the ownership there is
        book.ownership = _plus(book.ownership, entry.ownership)


def _plus(held: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if held is None or more is None else held + more


def _dispose(book: Book, entry: Entry, share: Decimal) -> None:
    if share >= ONE:
        _end(book, entry.transacted_on, "written_off" if entry.kind == "write_off" else "exited")
        return
    book.remaining_cost -= (book.remaining_cost * share).quantize(_MONEY)
    book.quantity = _less(book.quantity, entry.quantity, share, _UNITS)
    book.ownership = _less(book.ownership, entry.ownership, share, _SHARE)


def _less(held: Decimal | None, part: Decimal | None, share: Decimal, unit: Decimal) -> Decimal | None:
    if held is None:
        return None
    return max(held - ((held * share).quantize(unit) if part is None else part), ZERO)


def _end(book: Book, on: date, status: str) -> None:
    book.remaining_cost, book.quantity, book.ownership = NO_MONEY, ZERO, ZERO
    if book.ended_on is None:
        book.ended_on, book.status = on, status


def _refuse(book: Book, entry: Entry) -> None:
    if entry.kind != "purchase" and book.first_on is None:
        raise BeforeFirstPurchase(
            f"A {entry.kind} on {entry.transacted_on} comes before anything is held.",
            field="transacted_on",
            mend="Record the purchase first, with a day not after it.",
        )
    if book.ended_on is not None:
        _refuse_after_exit(book, entry)
    elif entry.kind in SELLS:
        _refuse_disposal(book, entry)


def _refuse_after_exit(book: Book, entry: Entry) -> None:
    late = entry.kind in ("proceeds", *INCOME) and not entry.quantity and not entry.ownership
    if not late or (entry.kind == "proceeds" and entry.disposed_share != ZERO):
        raise AfterFullExit(
            f"A {entry.kind} on {entry.transacted_on} comes after the full exit of {book.ended_on} ({book.status}).",
            field="transacted_on",
            mend='Late money is proceeds with disposed_share "0", a dividend or interest; '
            "a new purchase goes into a new holding.",
        )


def _refuse_disposal(book: Book, entry: Entry) -> None:
    stated = entry.disposed_share
    if entry.kind == "proceeds" and stated is None and entry.quantity is None and entry.ownership is None:
        raise DisposalUnstated(
            "The proceeds do not say which part of the holding was given for them.",
            field="disposed_share",
            mend='Give disposed_share ("1" for all, "0" for nothing, such as escrow), quantity or ownership.',
        )
    parts = [
        (name, part, held)
        for name, part, held in (
            ("quantity", entry.quantity, book.quantity),
            ("ownership", entry.ownership, book.ownership),
        )
        if part is not None
    ]
    if stated is None and parts and all(held is None for _, _, held in parts):
        name, part, _ = parts[0]
        raise HeldPartUnknown(
            f"No {name} is recorded for all purchases of the holding, so {decimal_text(part)} of it is no known part.",
            field=name,
            mend="Give disposed_share, the fraction of the holding that ends.",
        )
    for name, part, held in parts:
        if held is not None and part > held:
            raise DisposesMoreThanHeld(
                f"On {entry.transacted_on} {name} {decimal_text(held)} is held, less than {decimal_text(part)}.",
                field=name,
                mend=f"Dispose of at most {decimal_text(held)}.",
            )
    if stated is not None and entry.quantity is not None and book.quantity:
        implied = entry.quantity / book.quantity
        if abs(implied - stated) > SHARE_TOLERANCE:
            raise DisposalContradictsItself(
                f"{decimal_text(entry.quantity)} of {decimal_text(book.quantity)} held is not the share "
                f"{decimal_text(stated)}.",
                field="disposed_share",
                mend="Give one of the two.",
            )
