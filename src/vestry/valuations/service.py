"""Every change to marks and reported NAVs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.core.fields import decimal_text, exactly_one, happened, same_currency
from vestry.core.four_eyes import waits_for_approval
from vestry.core.versions import expect_version
from vestry.funds.models import Vehicle
from vestry.funds.service import vehicle_for
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.investments.holdings import holding_for
from vestry.investments.models import Holding, Investment
from vestry.investments.transactions import book_of
from vestry.investors.models import Investor
from vestry.valuations.models import ReportedNav, ValuationMark


class MarkExists(Conflict):
    """A live mark of the same thing and day."""


class MarkAfterExit(Conflict):
    """What has been sold or written off has no fair value any more."""


class MarkBeforePurchase(Conflict):
    """What is not held yet has no fair value."""


class ReportedNavExists(Conflict):
    """A live reported NAV of the same vehicle, investor and day."""


@waits_for_approval("create_mark", "mark")
def record_mark(
    session: Session,
    actor: Actor,
    *,
    measured_on: date,
    fair_value: Decimal,
    holding_id: int | None = None,
    investment_id: int | None = None,
    company_id: int | None = None,
    currency: str | None = None,
    method: str = "other",
    memo: str | None = None,
) -> ValuationMark:
    """Record the fair value of a holding (or of an investment's only one), or of all of a company's equity."""
    require(actor, "valuation.change")
    exactly_one(holding_id=holding_id, investment_id=investment_id, company_id=company_id)
    if company_id is None:
        holding_id = holding_for(session, actor, holding_id=holding_id, investment_id=investment_id).id
    mark = ValuationMark(firm_id=actor.firm_id, holding_id=holding_id, company_id=company_id)
    values = {"measured_on": measured_on, "fair_value": fair_value, "method": method, "memo": memo}
    _change(session, actor, mark, currency, values)
    session.add(mark)
    session.flush()
    return mark


@waits_for_approval("update_mark", "mark")
def update_mark(
    session: Session, actor: Actor, mark_id: int, *, version: int | None, currency: str | None = None, **values: Any
) -> ValuationMark:
    """Supersede a mark; what was known before stays known."""
    require(actor, "valuation.change")
    mark = find(session, actor, ValuationMark, mark_id, noun="mark", lock=True)
    expect_version(mark, version)
    _change(session, actor, mark, currency, values)
    session.flush()
    return mark


@waits_for_approval("void_mark", "mark")
def void_mark(session: Session, actor: Actor, mark_id: int, *, reason: str) -> None:
    """Take a mark back."""
    require(actor, "valuation.change")
    corrections.void(session, find(session, actor, ValuationMark, mark_id, noun="mark", lock=True), reason)


def record_nav(
    session: Session,
    actor: Actor,
    *,
    reported_on: date,
    amount: Decimal,
    fund_id: int | None = None,
    vehicle_id: int | None = None,
    investor_id: int | None = None,
    currency: str | None = None,
    source: str | None = None,
) -> ReportedNav:
    """Record a NAV as its administrator reported it, for a vehicle or for one investor in it."""
    require(actor, "reported_nav.change")
    exactly_one(fund_id=fund_id, vehicle_id=vehicle_id)
    vehicle = vehicle_for(session, actor, fund_id=fund_id, vehicle_id=vehicle_id, lock=True)
    if investor_id is not None:
        find(session, actor, Investor, investor_id, noun="investor")
    happened(session, reported_on, field="reported_on")
    same_currency(currency, vehicle.currency)
    nav = ReportedNav(firm_id=actor.firm_id, vehicle_id=vehicle.id, investor_id=investor_id, amount=amount)
    nav.reported_on, nav.source = reported_on, source
    _refuse_second_nav(session, actor, nav, reported_on)
    session.add(nav)
    session.flush()
    return nav


def update_nav(
    session: Session,
    actor: Actor,
    nav_id: int,
    *,
    version: int | None,
    reported_on: date,
    amount: Decimal,
    currency: str | None = None,
    source: str | None = None,
) -> ReportedNav:
    """Supersede a reported NAV; what was known before stays known."""
    require(actor, "reported_nav.change")
    nav = find(session, actor, ReportedNav, nav_id, noun="reported NAV", lock=True)
    expect_version(nav, version)
    vehicle = find(session, actor, Vehicle, nav.vehicle_id, noun="vehicle", lock=True)
    happened(session, reported_on, field="reported_on")
    same_currency(currency, vehicle.currency)
    _refuse_second_nav(session, actor, nav, reported_on)
    nav.reported_on, nav.amount, nav.source = reported_on, amount, source
    session.flush()
    return nav


def void_nav(session: Session, actor: Actor, nav_id: int, *, reason: str) -> None:
    """Take a reported NAV back."""
    require(actor, "reported_nav.change")
    corrections.void(session, find(session, actor, ReportedNav, nav_id, noun="reported NAV", lock=True), reason)


def _change(session: Session, actor: Actor, mark: ValuationMark, currency: str | None, values: dict[str, Any]) -> None:
    """Check a mark's new values against its subject, which stays locked, and take them over."""
    day = happened(session, values["measured_on"], field="measured_on")
    if mark.company_id is not None:
        books = find(session, actor, Company, mark.company_id, noun="company", lock=True).currency
    else:
        assert mark.holding_id is not None
        books = _refuse_when_not_held(session, actor, mark.holding_id, day)
    same_currency(currency, books)
    _refuse_second_mark(session, actor, mark, day)
    for name, value in (values | {"currency": books}).items():
        setattr(mark, name, value)


def _refuse_when_not_held(session: Session, actor: Actor, holding_id: int, day: date) -> str:
    """The currency of the holding's books; refuses a day on which it is not held."""
    holding = find(session, actor, Holding, holding_id, noun="holding")
    investment = find(session, actor, Investment, holding.investment_id, noun="investment", lock=True)
    book = book_of(session, holding)
    if book.first_on is None or day < book.first_on:
        since = f"first bought on {book.first_on}" if book.first_on else "not bought yet"
        raise MarkBeforePurchase(
            f"The holding is {since}; it has no fair value on {day}.",
            field="measured_on",
            mend="Record the purchase first, or choose a later day.",
        )
    if book.ended_on is not None and day >= book.ended_on:
        raise MarkAfterExit(
            f"The holding ended on {book.ended_on} ({book.status}); it has no fair value on {day}.",
            field="measured_on",
            mend="Choose a day before the exit; late proceeds are a transaction, not a mark.",
        )
    return find(session, actor, Vehicle, investment.vehicle_id, noun="vehicle").currency


def _refuse_second_mark(session: Session, actor: Actor, mark: ValuationMark, day: date) -> None:
    same = (
        ValuationMark.company_id == mark.company_id
        if mark.company_id is not None
        else ValuationMark.holding_id == mark.holding_id
    )
    with session.no_autoflush:
        found = session.scalars(
            visible(actor, ValuationMark).where(same, ValuationMark.measured_on == day)
        ).one_or_none()
    if found is not None and found.id != mark.id:
        raise MarkExists(
            f"Mark {found.id} of {day} says {decimal_text(found.fair_value, 2)} {found.currency} already.",
            field="measured_on",
            mend=f"Correct it (PUT /marks/{found.id}) or void it first.",
        )


def _refuse_second_nav(session: Session, actor: Actor, nav: ReportedNav, day: date) -> None:
    whose = ReportedNav.investor_id.is_(None) if nav.investor_id is None else ReportedNav.investor_id == nav.investor_id
    query = visible(actor, ReportedNav).where(
        ReportedNav.vehicle_id == nav.vehicle_id, whose, ReportedNav.reported_on == day
    )
    with session.no_autoflush:
        found = session.scalars(query).one_or_none()
    if found is not None and found.id != nav.id:
        raise ReportedNavExists(
            f"Reported NAV {found.id} of {day} says {decimal_text(found.amount, 2)} already.",
            field="reported_on",
            mend=f"Correct it (PUT /reported-navs/{found.id}) or void it first.",
        )
