"""Performance of one thing: reads its facts once, then makes the figures."""

from __future__ import annotations

from contextlib import nullcontext

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import find, whole_firm
from vestry.investments.models import Investment
from vestry.investors.models import Investor
from vestry.performance import books as bookkeeping
from vestry.performance import deals as dealing
from vestry.performance import publishing, series
from vestry.performance.books import Books
from vestry.performance.cuts import Cut
from vestry.performance.deals import Scope
from vestry.performance.figures import gross, investor_nav, net
from vestry.performance.measured import Performance, Series, Subject
from vestry.performance.nav import Nav
from vestry.performance.vehicle_navs import carry_free_funds, vehicle_navs


def fund(session: Session, actor: Actor, fund_id: int) -> Subject:
    """A fund the actor may see."""
    return Subject("fund", fund_id, find(session, actor, Fund, fund_id, noun="fund").name)


def vehicle(session: Session, actor: Actor, vehicle_id: int) -> Subject:
    """A vehicle the actor may see."""
    return Subject("vehicle", vehicle_id, find(session, actor, Vehicle, vehicle_id, noun="vehicle").name)


def company(session: Session, actor: Actor, company_id: int) -> Subject:
    """A company the actor may see."""
    return Subject("company", company_id, find(session, actor, Company, company_id, noun="company").name)


def investment(session: Session, actor: Actor, investment_id: int) -> Subject:
    """An investment the actor may see, named by its company."""
    found = find(session, actor, Investment, investment_id, noun="investment")
    return Subject("investment", investment_id, company(session, actor, found.company_id).name)


def between_investors(session: Session, actor: Actor, subject: Subject, asked: Cut) -> Performance:
    """Net and gross figures of a fund (the sum of its vehicles) or of a vehicle; to whoever merely takes part in it
    the net ones, without what the NAV is made of."""
    with publishing.reading_for(session, actor, subject) as (reader, vehicle_ids):
        books, scope = _books(session, reader, subject, asked, vehicle_ids)
        asked = asked.over(books.values())
        deals = dealing.load(session, reader, scope, [asked.as_of], known_at=asked.known_at)
        free = carry_free_funds(session, reader, books.values(), asked.known_at)
    navs = vehicle_navs(books.values(), deals, asked.as_of, free)
    figures = net(books.values(), asked.as_of, lambda one: navs[one.vehicle.id])
    whole = gross(deals.all(asked.as_of), asked.as_of)
    found = Performance(subject, asked, _currency(books), figures, whole, {})
    if vehicle_ids is None:
        return found
    if publishing.too_few(books.values()):
        return publishing.withheld(found)
    return publishing.published(found)


def with_companies(session: Session, actor: Actor, subject: Subject, asked: Cut) -> Performance:
    """Gross figures of a company (over all the firm's vehicles that share a currency) or of an investment."""
    deals = dealing.load(session, actor, _deal_scope(subject), [asked.as_of], known_at=asked.known_at)
    currencies = deals.currencies()
    if len(currencies) > 1:
        return Performance(subject, asked, None, None, None, {"gross": "several_currencies"})
    figures = gross(deals.all(asked.as_of), asked.as_of)
    reasons = {"net": "not_between_investors_and_a_fund"}
    return Performance(subject, asked, next(iter(currencies), None), None, figures, reasons)


def of_investor(
    session: Session, actor: Actor, investor_id: int, asked: Cut, *, fund_id: int | None = None
) -> Performance:
    """One investor's net figures, in one fund or in all that share a currency."""
    subject = Subject("investor", investor_id, find(session, actor, Investor, investor_id, noun="investor").name)
    fund_ids = None if fund_id is None else [fund(session, actor, fund_id).id]
    granted = investor_id in actor.sees.investors  # then in every vehicle, and of these nothing but the one share
    with whole_firm(session, actor) if granted else nullcontext(actor) as reader:
        everything = bookkeeping.load(session, reader, known_at=asked.known_at, fund_ids=fund_ids)
        books = {key: one for key, one in everything.items() if one.concerns(investor_id)}
        if len({one.vehicle.currency for one in books.values()}) > 1:
            return Performance(subject, asked, None, None, None, {"net": "several_currencies"})
        asked = asked.over(books.values())
        deals = dealing.load(session, reader, Scope(vehicle_id=list(books)), [asked.as_of], known_at=asked.known_at)
        free = carry_free_funds(session, reader, books.values(), asked.known_at)
    navs = vehicle_navs(books.values(), deals, asked.as_of, free)

    def nav_of(one: Books) -> Nav:
        return investor_nav(one, asked.as_of, navs[one.vehicle.id], investor_id)

    figures = net(books.values(), asked.as_of, nav_of, investor_id=investor_id)
    found = Performance(subject, asked, _currency(books), figures, None, {})
    return publishing.published(found) if granted else found


def quarters_between_investors(session: Session, actor: Actor, subject: Subject, asked: Cut) -> Series:
    """A fund or a vehicle quarter by quarter; without the deals to whoever merely takes part in it."""
    with publishing.reading_for(session, actor, subject) as (reader, vehicle_ids):
        books, scope = _books(session, reader, subject, asked, vehicle_ids)
        asked = asked.over(books.values())
        read = dealing.transactions(session, reader, scope, known_at=asked.known_at)
        known = [day for one in books.values() for day in (*one.paid_days(), *one.nav_days())]
        days = series.days([*known, *dealing.days_of(read[1])], asked.as_of)
        deals = dealing.load(session, reader, scope, days, known_at=asked.known_at, read=read)
        free = carry_free_funds(session, reader, books.values(), asked.known_at)
    if vehicle_ids is not None and publishing.too_few(books.values()):
        return Series(subject, asked, _currency(books), [])
    points = series.of_vehicles(books.values(), deals, days, free.__contains__)
    if vehicle_ids is not None:
        points = publishing.published_points(points)
    return Series(subject, asked, _currency(books), points)


def quarters_with_companies(session: Session, actor: Actor, subject: Subject, asked: Cut) -> Series:
    """A company or an investment quarter by quarter; empty where its books are in several currencies."""
    scope = _deal_scope(subject)
    read = dealing.transactions(session, actor, scope, known_at=asked.known_at)
    days = series.days(dealing.days_of(read[1]), asked.as_of)
    deals = dealing.load(session, actor, scope, days, known_at=asked.known_at, read=read)
    currencies = deals.currencies()
    if len(currencies) > 1:
        return Series(subject, asked, None, [])
    return Series(subject, asked, next(iter(currencies), None), series.of_deals(deals, days))


def _books(
    session: Session, actor: Actor, subject: Subject, asked: Cut, vehicle_ids: list[int] | None
) -> tuple[dict[int, Books], Scope]:
    if vehicle_ids is not None:
        books = bookkeeping.load(session, actor, known_at=asked.known_at, vehicle_ids=vehicle_ids)
        return books, Scope(vehicle_id=vehicle_ids)
    if subject.kind == "fund":
        books = bookkeeping.load(session, actor, known_at=asked.known_at, fund_ids=[subject.id])
        return books, Scope(fund_id=subject.id)
    books = bookkeeping.load(session, actor, known_at=asked.known_at, vehicle_ids=[subject.id])
    return books, Scope(vehicle_id=subject.id)


def _deal_scope(subject: Subject) -> Scope:
    return Scope(company_id=subject.id) if subject.kind == "company" else Scope(investment_id=subject.id)


def _currency(books: dict[int, Books]) -> str | None:
    return next((one.vehicle.currency for one in books.values()), None)
