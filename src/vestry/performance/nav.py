"""NAV of a vehicle: marks + cash − liabilities − accrued carry where its books are kept here; what was reported,
rolled forward with later flows, where they are kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vestry.capital.models import ENTRY_SIGN
from vestry.performance.books import Books, EntryRow, NavRow

ZERO = Decimal("0.0000")  # money has four places, so that sums of nothing read as money too


@dataclass(frozen=True, slots=True)
class Nav:
    """A NAV and what it is made of; ``amount`` None with a ``reason``.

    ``basis``: computed, reported, rolled_forward or none. ``valued_on`` is the day a terminal value stands at in a
    rate of return: the measurement day for computed books, the report's (or the last flow's after it) otherwise.
    """

    amount: Decimal | None
    basis: str
    valued_on: date
    reason: str | None = None
    fair_value: Decimal | None = None
    cash: Decimal | None = None
    liabilities: Decimal | None = None
    accrued_carry: Decimal | None = None
    reported_row_id: int | None = None
    before_carry: bool = False


def computed(books: Books, as_of: date, *, fair_value: Decimal | None, deal_cash: Decimal, carry_free: bool) -> Nav:
    """The NAV of books kept here. ``deal_cash`` is the net cash of all transactions up to ``as_of``."""
    cash = cash_of(books, as_of) + deal_cash
    liabilities = _balance(books.entries, "liability", as_of)
    carry = _balance(books.entries, "accrued_carry", as_of)
    known = fair_value is not None
    return Nav(
        amount=fair_value + cash - (liabilities or ZERO) - (carry or ZERO) if fair_value is not None else None,
        basis="computed" if known else "none",
        valued_on=as_of,
        reason=None if known else "no_fx_rate",
        fair_value=fair_value,
        cash=cash,
        liabilities=liabilities or ZERO,
        accrued_carry=carry or ZERO,
        before_carry=carry is None and not carry_free,
    )


def cash_of(books: Books, as_of: date) -> Decimal:
    """Paid-in − distributed + income − fees − expenses up to a day; transactions with companies come on top."""
    paid_in = sum((line.amount for line in books.calls if line.paid_on and line.paid_on <= as_of), ZERO)
    paid_out = sum((line.amount for line in books.distributions if line.paid_on and line.paid_on <= as_of), ZERO)
    own = sum((ENTRY_SIGN.get(entry.kind, 0) * entry.amount for entry in books.entries if entry.on <= as_of), ZERO)
    return paid_in - paid_out + own


def reported(books: Books, as_of: date, investor_id: int | None = None) -> Nav:
    """The latest NAV reported up to ``as_of`` (for the vehicle, or one investor), rolled forward with later flows."""
    found = [nav for nav in books.navs if nav.on <= as_of and nav.investor_id == investor_id]
    if not found:
        return Nav(None, "none", as_of, "no_nav_reported")
    latest = max(found, key=lambda nav: (nav.on, nav.id))
    later = _flows_after(books, latest, as_of)
    if not later:
        return Nav(latest.amount, "reported", latest.on, reported_row_id=latest.id)
    amount = latest.amount + sum((amount for _, amount in later), ZERO)
    return Nav(amount, "rolled_forward", max(day for day, _ in later), reported_row_id=latest.id)


def _flows_after(books: Books, latest: NavRow, as_of: date) -> list[tuple[date, Decimal]]:
    def counts(investor_id: int, day: date) -> bool:
        return latest.investor_id in (None, investor_id) and latest.on < day <= as_of

    lines = [(line.investor_id, line.paid_on, line.amount) for line in books.calls]
    lines += [(line.investor_id, line.paid_on, -line.amount) for line in books.distributions]
    return [(day, amount) for investor_id, day, amount in lines if day is not None and counts(investor_id, day)]


def _balance(entries: list[EntryRow], kind: str, as_of: date) -> Decimal | None:
    found = [entry for entry in entries if entry.kind == kind and entry.on <= as_of]
    return max(found, key=lambda entry: (entry.on, entry.id)).amount if found else None
