"""Every change to investments: making one whole, its thesis, and its end."""

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
from vestry.core.fields import decimal_text, exactly_one, happened, same_currency
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.funds.service import vehicle_for
from vestry.identity.access import find, require, visible
from vestry.investments.holdings import SeveralHoldings, holdings_of, new_holding, own_security, refuse_history
from vestry.investments.models import Holding, Investment, Transaction
from vestry.investments.transactions import check_all, locked, record
from vestry.investments.walk import ZERO

# More than this apart, as a fraction of the amount, and the terms of an investment are worth a look.
TERMS_TOLERANCE = Decimal("0.01")
ALL = {"disposed_share": Decimal(1)}


class InvestmentExists(Conflict):
    """The vehicle is invested in the company already."""


class AmountExceedsValuation(Invalid):
    """More is paid than everything is worth after the payment."""


class NothingHeld(Conflict):
    """The investment has no active holding."""


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
    happened(session, invested_on, field="invested_on")
    held = _security(session, actor, vehicle, business, security, security_id, invested_on, valuation_at_investment)
    holding = new_holding(session, actor, investment, name=held.name if held else "Equity", security=held)
    bought = {"quantity": quantity, "ownership": ownership, "memo": memo}
    facts: list[dict[str, Any]] = [{"kind": "purchase", "transacted_on": invested_on, "amount": amount, **bought}]
    if exit_date is not None:
        facts.append({"kind": "proceeds", "transacted_on": exit_date, "amount": exit_amount, **ALL})
    if write_off_on is not None:
        facts.append({"kind": "write_off", "transacted_on": write_off_on, "amount": ZERO, **ALL})
    for fact in facts:
        record(session, actor, investment, vehicle, holding, fact)
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
    refuse_history(session, [holding.id for holding in holdings])
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
    investment, vehicle = locked(session, actor, investment_id)
    same_currency(currency, vehicle.currency)
    active = _active(session, actor, investment, holding_id)
    if len(active) > 1:
        raise SeveralHoldings(
            f"{len(active)} holdings of the investment are active: {', '.join(str(one.id) for one in active)}.",
            field="holding_id",
            mend="Name one, and record the proceeds of each.",
        )
    fact = {"kind": "proceeds", "transacted_on": exited_on, "amount": amount, "memo": memo, **ALL}
    return record(session, actor, investment, vehicle, active[0], fact)


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
    investment, vehicle = locked(session, actor, investment_id)
    fact = {"kind": "write_off", "transacted_on": written_off_on, "amount": ZERO, "memo": memo, **ALL}
    active = _active(session, actor, investment, holding_id)
    return [record(session, actor, investment, vehicle, holding, fact) for holding in active]


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
        return own_security(session, actor, company.id, security_id)
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
