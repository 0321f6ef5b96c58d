"""Every change to investments, holdings and transactions.

Each change locks the investment, walks through all its transactions as they would be, and is refused when one of them
would contradict those before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.companies import service as companies
from vestry.companies.models import Company, Security
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.fields import decimal_text, exactly_one, happened, payable, same_currency
from vestry.core.references import referenced
from vestry.core.types import INT64_MAX
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.funds.service import vehicle_for
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.positions import entries
from vestry.investments.walk import BUYS, SELLS, ZERO, Book, Entry, Walk, check

# More than this apart, as a fraction of the amount, and the terms of an investment are worth a look.
TERMS_TOLERANCE = Decimal("0.01")
ALL = {"disposed_share": Decimal(1)}


class InvestmentExists(Conflict):
    """The vehicle is invested in the company already."""


class InvestmentHasHistory(Conflict):
    """Transactions or marks are recorded, so it cannot be taken away."""


class AmountExceedsValuation(Invalid):
    """More is paid than everything is worth after the payment."""


class SeveralHoldings(Conflict):
    """The investment has several holdings, and the change is about one."""


class NothingHeld(Conflict):
    """The investment has no active holding."""


class NeededByLater(Conflict):
    """Later transactions build on the one that would go."""


class NotPartOfThisKind(Invalid):
    """A field has no meaning for this kind of transaction."""


class SecurityOfAnotherCompany(Invalid):
    """A holding is in a security of its investment's company."""


class OtherInvestment(Invalid):
    """A conversion stays within one investment."""


def make_investment(
    session: Session,
    actor: Actor,
    *,
    invested_on: date,
    amount: Decimal,
    fund_id: int | None = None,
    vehicle_id: int | None = None,
    company_id: int | None = None,
    company: Mapping[str, Any] | None = None,
    company_name: str | None = None,
    currency: str | None = None,
    ownership: Decimal | None = None,
    equity_percentage: Decimal | None = None,
    quantity: Decimal | None = None,
    valuation_at_investment: Decimal | None = None,
    security: Mapping[str, Any] | None = None,
    security_id: int | None = None,
    thesis: str | None = None,
    memo: str | None = None,
    exit_date: date | None = None,
    exit_amount: Decimal | None = None,
    write_off_on: date | None = None,
) -> tuple[Investment, Holding, list[dict[str, str]]]:
    """An investment with its holding and purchase, and its end where that is known; makes the company if need be.

    Returns also the findings: what looks odd without being impossible.
    """
    require(actor, "investment.change")
    exactly_one(fund_id=fund_id, vehicle_id=vehicle_id)
    exactly_one(company_id=company_id, company=company, company_name=company_name)
    _refuse_unclear(ownership, equity_percentage, security, security_id, exit_date, exit_amount, write_off_on)
    if equity_percentage is not None:
        ownership = equity_percentage.scaleb(-2)
    vehicle = vehicle_for(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, lock=True)
    same_currency(currency, vehicle.currency)
    findings = _findings(amount, ownership, valuation_at_investment)
    business = _company(session, actor, vehicle, company_id, company, company_name)
    investment = _new_investment(session, actor, vehicle, business, thesis)
    happened(invested_on, field="invested_on")
    held = _security(session, actor, vehicle, business, security, security_id, invested_on, valuation_at_investment)
    holding = _new_holding(session, actor, investment, name=held.name if held else "Equity", security=held)
    bought = {"quantity": quantity, "ownership": ownership, "memo": memo}
    facts: list[dict[str, Any]] = [{"kind": "purchase", "transacted_on": invested_on, "amount": amount, **bought}]
    if exit_date is not None:
        facts.append({"kind": "proceeds", "transacted_on": exit_date, "amount": exit_amount, **ALL})
    if write_off_on is not None:
        facts.append({"kind": "write_off", "transacted_on": write_off_on, "amount": ZERO, **ALL})
    for fact in facts:
        _record(session, actor, investment, vehicle, holding, fact)
    return investment, holding, findings


def update_investment(
    session: Session, actor: Actor, investment_id: int, *, version: int | None, thesis: str | None
) -> Investment:
    """Edit the thesis."""
    require(actor, "investment.change")
    investment = find(session, actor, Investment, investment_id, noun="investment", lock=True)
    expect_version(investment, version)
    investment.thesis = thesis
    session.flush()
    return investment


def archive_investment(session: Session, actor: Actor, investment_id: int) -> None:
    """Take away an investment in which nothing is recorded (any more), with its holdings."""
    require(actor, "investment.change")
    investment = find(session, actor, Investment, investment_id, noun="investment", lock=True)
    holdings = holdings_of(session, actor, investment_id)
    _refuse_history(session, [holding.id for holding in holdings])
    investment.archived_at = session.info["now"]
    for holding in holdings:
        holding.archived_at = session.info["now"]


def exit_investment(
    session: Session,
    actor: Actor,
    investment_id: int,
    *,
    exited_on: date,
    amount: Decimal,
    currency: str | None = None,
    holding_id: int | None = None,
    memo: str | None = None,
) -> Transaction:
    """Record the proceeds of a full exit from the one active holding, or from the one named."""
    require(actor, "investment.change")
    investment, vehicle = _locked(session, actor, investment_id)
    same_currency(currency, vehicle.currency)
    active = _active(session, actor, investment, holding_id)
    if len(active) > 1:
        raise SeveralHoldings(
            f"{len(active)} holdings of the investment are active: {', '.join(str(one.id) for one in active)}.",
            field="holding_id",
            mend="Name one, and record the proceeds of each.",
        )
    fact = {"kind": "proceeds", "transacted_on": exited_on, "amount": amount, "memo": memo, **ALL}
    return _record(session, actor, investment, vehicle, active[0], fact)


def write_off_investment(
    session: Session,
    actor: Actor,
    investment_id: int,
    *,
    written_off_on: date,
    holding_id: int | None = None,
    memo: str | None = None,
) -> list[Transaction]:
    """Write off all active holdings, or the one named."""
    require(actor, "investment.change")
    investment, vehicle = _locked(session, actor, investment_id)
    fact = {"kind": "write_off", "transacted_on": written_off_on, "amount": ZERO, "memo": memo, **ALL}
    active = _active(session, actor, investment, holding_id)
    return [_record(session, actor, investment, vehicle, holding, fact) for holding in active]


def add_holding(
    session: Session, actor: Actor, *, investment_id: int, name: str, security_id: int | None = None
) -> Holding:
    """Another security in an investment."""
    require(actor, "investment.change")
    investment = find(session, actor, Investment, investment_id, noun="investment", lock=True)
    security = _own_security(session, actor, investment.company_id, security_id)
    return _new_holding(session, actor, investment, name=name, security=security)


def update_holding(
    session: Session, actor: Actor, holding_id: int, *, version: int | None, name: str, security_id: int | None
) -> Holding:
    """Replace a holding's own fields."""
    require(actor, "investment.change")
    holding = find(session, actor, Holding, holding_id, noun="holding", lock=True)
    expect_version(holding, version)
    investment = find(session, actor, Investment, holding.investment_id, noun="investment")
    _own_security(session, actor, investment.company_id, security_id)
    holding.name, holding.security_id = name, security_id
    session.flush()
    return holding


def archive_holding(session: Session, actor: Actor, holding_id: int) -> None:
    """Take away a holding in which nothing is recorded."""
    require(actor, "investment.change")
    holding = find(session, actor, Holding, holding_id, noun="holding", lock=True)
    _refuse_history(session, [holding.id])
    holding.archived_at = session.info["now"]


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
    investment, vehicle = _locked(session, actor, holding.investment_id)
    same_currency(currency, vehicle.currency)
    return _record(session, actor, investment, vehicle, holding, fact)


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
    investment, vehicle = _locked(session, actor, holding.investment_id)
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
    investment, _ = _locked(session, actor, holding.investment_id)
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


def holding_for(session: Session, actor: Actor, *, holding_id: int | None, investment_id: int | None) -> Holding:
    """The holding a body names, directly or as the only one of an investment."""
    exactly_one(holding_id=holding_id, investment_id=investment_id)
    if holding_id is not None:
        return find(session, actor, Holding, holding_id, noun="holding")
    assert investment_id is not None
    find(session, actor, Investment, investment_id, noun="investment")
    found = holdings_of(session, actor, investment_id)
    if len(found) != 1:
        raise SeveralHoldings(
            f"The investment has {len(found)} holdings: {', '.join(str(one.id) for one in found)}.",
            field="investment_id",
            mend="Name the holding by holding_id.",
        )
    return found[0]


def holdings_of(session: Session, actor: Actor, investment_id: int) -> list[Holding]:
    """The live holdings of an investment, the first made first."""
    query = visible(actor, Holding).where(Holding.investment_id == investment_id).order_by(Holding.id)
    return list(session.scalars(query))


def book_of(session: Session, holding: Holding) -> Book:
    """What is in a holding after all its live transactions, whatever their day."""
    return check_all(session, session.get_one(Investment, holding.investment_id)).book(holding.id)


def check_all(session: Session, investment: Investment) -> Walk:
    """Walk through all live transactions of an investment, refusing what contradicts itself."""
    return check(_entries(session, investment))


def _locked(session: Session, actor: Actor, investment_id: int) -> tuple[Investment, Vehicle]:
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


def _record(
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
    happened(fact["transacted_on"], field="transacted_on")
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


def _active(session: Session, actor: Actor, investment: Investment, holding_id: int | None) -> list[Holding]:
    books = check_all(session, investment).books
    holdings = holdings_of(session, actor, investment.id)
    if holding_id is not None:
        named = [holding for holding in holdings if holding.id == holding_id]
        if not named:
            raise NotFound("holding")
        return named
    active = [holding for holding in holdings if holding.id in books and books[holding.id].status == "active"]
    if not active:
        raise NothingHeld("Nothing is held in the investment any more.", mend="See its transactions.")
    return active


def _refuse_unclear(
    ownership: Decimal | None,
    equity_percentage: Decimal | None,
    security: object | None,
    security_id: int | None,
    exit_date: date | None,
    exit_amount: Decimal | None,
    write_off_on: date | None,
) -> None:
    if ownership is not None and equity_percentage is not None:
        exactly_one(ownership=ownership, equity_percentage=equity_percentage)
    if security is not None and security_id is not None:
        exactly_one(security=security, security_id=security_id)
    if exit_date is not None and write_off_on is not None:
        exactly_one(exit_date=exit_date, write_off_on=write_off_on)
    if (exit_date is None) != (exit_amount is None):
        missing = "exit_date" if exit_date is None else "exit_amount"
        raise Invalid(
            "An exit has both a date and an amount.", field=missing, mend=f"Give {missing}, or leave out the other."
        )


def _findings(amount: Decimal, ownership: Decimal | None, post_money: Decimal | None) -> list[dict[str, str]]:
    if post_money is None:
        return []
    if amount > post_money:
        raise AmountExceedsValuation(
            f"{decimal_text(amount, 2)} is more than all equity was worth after it, {decimal_text(post_money, 2)}.",
            field="valuation_at_investment",
            mend="Give the post-money value: pre-money plus all that was raised.",
        )
    if ownership is None or abs(ownership * post_money - amount) <= amount * TERMS_TOLERANCE:
        return []
    implied = (ownership * post_money).quantize(Decimal("0.01"))
    message = (
        f"{decimal_text(ownership)} of {decimal_text(post_money, 2)} is {decimal_text(implied, 2)}, "
        f"not the {decimal_text(amount, 2)} paid."
    )
    return [{"code": "terms_disagree", "message": message}]


def _company(
    session: Session,
    actor: Actor,
    vehicle: Vehicle,
    company_id: int | None,
    company: Mapping[str, Any] | None,
    company_name: str | None,
) -> Company:
    if company_id is not None:
        return find(session, actor, Company, company_id, noun="company")
    named = {"name": company_name} if company is None else company
    return companies.company_for(session, actor, vehicle.currency, **named)


def _new_investment(
    session: Session, actor: Actor, vehicle: Vehicle, company: Company, thesis: str | None
) -> Investment:
    same = visible(actor, Investment).where(Investment.vehicle_id == vehicle.id, Investment.company_id == company.id)
    found = session.scalars(same).one_or_none()
    if found is not None:
        raise InvestmentExists(
            f"{vehicle.name} is invested in {company.name} already (investment {found.id}).",
            field="company_id",
            mend="Record a follow_on transaction in it.",
        )
    investment = Investment(firm_id=actor.firm_id, vehicle_id=vehicle.id, company_id=company.id, thesis=thesis)
    session.add(investment)
    session.flush()
    return investment


def _new_holding(
    session: Session, actor: Actor, investment: Investment, *, name: str, security: Security | None
) -> Holding:
    holding = Holding(
        firm_id=actor.firm_id,
        investment_id=investment.id,
        security_id=security.id if security else None,
        name=name,
    )
    session.add(holding)
    session.flush()
    return holding


def _security(
    session: Session,
    actor: Actor,
    vehicle: Vehicle,
    company: Company,
    named: Mapping[str, Any] | None,
    security_id: int | None,
    invested_on: date,
    post_money: Decimal | None,
) -> Security | None:
    if security_id is not None:
        return _own_security(session, actor, company.id, security_id)
    if named is None and post_money is None:
        return None
    joined = None
    if post_money is not None:
        joined = companies.round_for(
            session, actor, company, closed_on=invested_on, currency=vehicle.currency, post_money=post_money
        )
    return companies.create_security(
        session,
        actor,
        company_id=company.id,
        round_id=joined.id if joined else None,
        **(named or {"name": "Equity", "kind": "other"}),
    )


def _own_security(session: Session, actor: Actor, company_id: int, security_id: int | None) -> Security | None:
    if security_id is None:
        return None
    security = find(session, actor, Security, security_id, noun="security")
    if security.company_id != company_id:
        raise SecurityOfAnotherCompany(
            f"{security.name} was issued by another company.", field="security_id", mend="Name one of the same company."
        )
    return security


def _refuse_history(session: Session, holding_ids: list[int]) -> None:
    if any(referenced(session, column, holding_ids) for column in ("holding_id", "into_holding_id")):
        raise InvestmentHasHistory(
            "Transactions or marks are recorded in it.",
            mend="Void what was recorded by mistake first; what is true stays in the books.",
        )
