"""Every change to transactions: the dated facts about holdings.

Each change locks the investment, walks through all its transactions as they would be, and is refused when one of them
would contradict those before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import decimal_text, happened, payable, same_currency
from vestry.core.types import INT64_MAX
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.identity import corrections
from vestry.identity.access import find, require
from vestry.investments.holdings import holding_for
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.positions import entries
from vestry.investments.walk import BUYS, SELLS, ZERO, Book, Entry, Walk, check


class NeededByLater(Conflict):
    """Later transactions build on the one that would go."""


class NotPartOfThisKind(Invalid):
    """A field has no meaning for this kind of transaction."""


class OtherInvestment(Invalid):
    """A conversion stays within one investment."""


def record_transaction(
    session: Session,
    actor: Actor,
    *,
    holding_id: int | None = None,
    investment_id: int | None = None,
    currency: str | None = None,
    **fact: Any,
) -> Transaction:
    """Record a dated fact about a holding, or about the only holding of an investment."""
    require(actor, "investment.change")
    holding = holding_for(session, actor, holding_id=holding_id, investment_id=investment_id)
    investment, vehicle = locked(session, actor, holding.investment_id)
    same_currency(currency, vehicle.currency)
    return record(session, actor, investment, vehicle, holding, fact)


def update_transaction(
    session: Session,
    actor: Actor,
    transaction_id: int,
    *,
    version: int | None,
    currency: str | None = None,
    **fact: Any,
) -> Transaction:
    """Supersede a transaction; what was known before stays known."""
    require(actor, "investment.change")
    holding = _holding_of(session, actor, transaction_id)
    investment, vehicle = locked(session, actor, holding.investment_id)
    row = find(session, actor, Transaction, transaction_id, noun="transaction", lock=True)
    expect_version(row, version)
    same_currency(currency, vehicle.currency)
    _refuse_wrong_fact(session, actor, investment, vehicle, holding, fact)
    others = [entry for entry in _entries(session, investment) if entry.id != transaction_id]
    check([*others, _entry(transaction_id, holding.id, fact)])
    for name, value in fact.items():
        setattr(row, name, value)
    session.flush()
    return row


def void_transaction(session: Session, actor: Actor, transaction_id: int, *, reason: str) -> None:
    """Take a transaction back, unless later ones build on it."""
    require(actor, "investment.change")
    holding = _holding_of(session, actor, transaction_id)
    investment, _ = locked(session, actor, holding.investment_id)
    row = find(session, actor, Transaction, transaction_id, noun="transaction", lock=True)
    try:
        check(entry for entry in _entries(session, investment) if entry.id != transaction_id)
    except (Conflict, Invalid) as problem:
        raise NeededByLater(
            f"Without this {row.kind} of {row.transacted_on}, a later transaction would be impossible: "
            f"{problem.message}",
            mend="Void or correct the later transaction first.",
        ) from None
    corrections.void(session, row, reason)


def book_of(session: Session, holding: Holding) -> Book:
    """What is in a holding after all its live transactions, whatever their day."""
    return check_all(session, session.get_one(Investment, holding.investment_id)).book(holding.id)


def check_all(session: Session, investment: Investment) -> Walk:
    """Walk through all live transactions of an investment, refusing what contradicts itself."""
    return check(_entries(session, investment))


def locked(session: Session, actor: Actor, investment_id: int) -> tuple[Investment, Vehicle]:
    investment = find(session, actor, Investment, investment_id, noun="investment", lock=True)
    return investment, find(session, actor, Vehicle, investment.vehicle_id, noun="vehicle")


def _holding_of(session: Session, actor: Actor, transaction_id: int) -> Holding:
    row = find(session, actor, Transaction, transaction_id, noun="transaction")
    return find(session, actor, Holding, row.holding_id, noun="holding")


def _entries(session: Session, investment: Investment) -> list[Entry]:
    return entries(session, [Investment.id == investment.id], as_of=None)


def _entry(transaction_id: int, holding_id: int, fact: Mapping[str, Any]) -> Entry:
    given = {name: fact.get(name) for name in Entry._fields if name not in ("id", "holding_id")}
    return Entry(id=transaction_id, holding_id=holding_id, **given)  # type: ignore[arg-type]


def record(
    session: Session,
    actor: Actor,
    investment: Investment,
    vehicle: Vehicle,
    holding: Holding,
    fact: Mapping[str, Any],
) -> Transaction:
    _refuse_wrong_fact(session, actor, investment, vehicle, holding, fact)
    check([*_entries(session, investment), _entry(INT64_MAX, holding.id, fact)])
    row = Transaction(firm_id=actor.firm_id, holding_id=holding.id, **fact)
    session.add(row)
    session.flush()
    return row


def _refuse_wrong_fact(
    session: Session,
    actor: Actor,
    investment: Investment,
    vehicle: Vehicle,
    holding: Holding,
    fact: Mapping[str, Any],
) -> None:
    kind = fact["kind"]
    happened(session, fact["transacted_on"], field="transacted_on")
    payable(fact["amount"], vehicle.currency)
    if kind in ("write_off", "conversion") and fact["amount"] != ZERO:
        raise NotPartOfThisKind(
            f"A {kind} moves no money; its amount is 0, not {decimal_text(fact['amount'], 2)}.",
            field="amount",
            mend="Record money received as proceeds.",
        )
    parts_allowed = kind in BUYS or kind in SELLS or kind == "conversion"
    late = kind in ("dividend", "interest")
    allowed = {
        "quantity": parts_allowed,
        "ownership": parts_allowed,
        "disposed_share": kind in SELLS or (late and fact.get("disposed_share") == ZERO),
        "into_holding_id": kind == "conversion",
    }
    for name, meant in allowed.items():
        if fact.get(name) is not None and not meant:
            raise NotPartOfThisKind(f"A {kind} has no {name}.", field=name, mend="Leave it out.")
    if kind == "conversion":
        _refuse_wrong_target(session, actor, investment, holding, fact.get("into_holding_id"))


def _refuse_wrong_target(
    session: Session, actor: Actor, investment: Investment, holding: Holding, into_holding_id: int | None
) -> None:
    if into_holding_id is None:
        raise NotPartOfThisKind(
            "A conversion says what it converts into.", field="into_holding_id", mend="Name the other holding."
        )
    target = find(session, actor, Holding, into_holding_id, noun="holding")
    if target.investment_id != investment.id or target.id == holding.id:
        raise OtherInvestment(
            "A conversion goes into another holding of the same investment.",
            field="into_holding_id",
            mend="Add a holding to the investment and name it.",
        )
