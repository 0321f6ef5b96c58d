"""Performance of one thing: reads its facts once, then makes the figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vestry.capital.models import CapitalCallLine, DistributionLine
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.history import as_known
from vestry.funds.models import Fund, FundTerms, Vehicle
from vestry.identity.access import find, theirs
from vestry.investments.models import Investment
from vestry.investors.models import Investor
from vestry.performance import books as bookkeeping
from vestry.performance import deals as dealing
from vestry.performance import series
from vestry.performance.books import Books
from vestry.performance.deals import NOTHING, Deals, Scope
from vestry.performance.figures import Gross, Net, gross, investor_nav, net, vehicle_nav
from vestry.performance.nav import Nav
from vestry.performance.series import Point


@dataclass(frozen=True, slots=True)
class Cut:
    """As of which day, as known at which instant (None: now). ``open``: no day was asked for, so that a plan imported
    beyond today counts to its end."""

    as_of: date
    known_at: datetime | None
    open: bool = False

    def over(self, books: Iterable[Books]) -> Cut:
        """The cut for these books: an open one reaches their last flow where they are kept elsewhere."""
        if not self.open:
            return self
        days = [one.last_paid_on() for one in books if one.vehicle.books == "elsewhere"]
        return replace(self, as_of=max([self.as_of, *(day for day in days if day)]))


@dataclass(frozen=True, slots=True)
class Subject:
    """What figures are of."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of one thing."""

    subject: Subject
    cut: Cut
    currency: str | None
    net: Net | None
    gross: Gross | None
    reasons: dict[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One thing quarter by quarter."""

    subject: Subject
    cut: Cut
    currency: str | None
    points: list[Point]


class NotYet(Invalid):
    """The day asked for lies after everything that is recorded."""


def cut(session: Session, actor: Actor, as_of: date | None, known_at: datetime | None) -> Cut:
    """The cut to make; a day after today is refused unless flows are recorded beyond it."""
    today: date = session.info["now"].date()
    if as_of is None:
        return Cut(today, known_at, open=True)
    if as_of > today and as_of > (_last_flow(session, actor) or today):
        raise NotYet(f"{as_of} is in the future.", field="as_of", mend=f"Ask as of {today} or earlier.")
    return Cut(as_of, known_at)


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
    """Net and gross figures of a fund (the sum of its vehicles) or of a vehicle."""
    books, scope = _books(session, actor, subject, asked)
    asked = asked.over(books.values())
    deals = dealing.load(session, actor, scope, [asked.as_of], known_at=asked.known_at)
    free = carry_free_funds(session, actor, books.values(), asked.known_at)
    navs = vehicle_navs(books.values(), deals, asked.as_of, free)
    figures = net(books.values(), asked.as_of, lambda one: navs[one.vehicle.id])
    whole = gross(deals.all(asked.as_of), asked.as_of)
    return Performance(subject, asked, _currency(books), figures, whole, {})


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
    everything = bookkeeping.load(session, actor, known_at=asked.known_at, fund_ids=fund_ids)
    books = {key: one for key, one in everything.items() if one.concerns(investor_id)}
    if len({one.vehicle.currency for one in books.values()}) > 1:
        return Performance(subject, asked, None, None, None, {"net": "several_currencies"})
    asked = asked.over(books.values())
    deals = dealing.load(session, actor, Scope(vehicle_id=list(books)), [asked.as_of], known_at=asked.known_at)
    free = carry_free_funds(session, actor, books.values(), asked.known_at)
    navs = vehicle_navs(books.values(), deals, asked.as_of, free)

    def nav_of(one: Books) -> Nav:
        return investor_nav(one, asked.as_of, navs[one.vehicle.id], investor_id)

    figures = net(books.values(), asked.as_of, nav_of, investor_id=investor_id)
    return Performance(subject, asked, _currency(books), figures, None, {})


def quarters_between_investors(session: Session, actor: Actor, subject: Subject, asked: Cut) -> Series:
    """A fund or a vehicle quarter by quarter."""
    books, scope = _books(session, actor, subject, asked)
    asked = asked.over(books.values())
    read = dealing.transactions(session, actor, scope, known_at=asked.known_at)
    known = [day for one in books.values() for day in (*one.paid_days(), *one.nav_days())]
    days = series.days([*known, *dealing.days_of(read[1])], asked.as_of)
    deals = dealing.load(session, actor, scope, days, known_at=asked.known_at, read=read)
    free = carry_free_funds(session, actor, books.values(), asked.known_at)
    points = series.of_vehicles(books.values(), deals, days, free.__contains__)
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


def vehicle_navs(books: Iterable[Books], deals: Deals, as_of: date, carry_free: Collection[int]) -> dict[int, Nav]:
    """Vehicle id → its NAV; ``carry_free`` are the funds that take no carry."""
    parts = deals.of_vehicles(as_of)
    return {
        one.vehicle.id: vehicle_nav(
            one,
            as_of,
            gross(parts.get(one.vehicle.id, NOTHING), as_of, rate=False),
            carry_free=one.vehicle.fund_id in carry_free,
        )
        for one in books
    }


def carry_free_funds(session: Session, actor: Actor, books: Iterable[Books], known_at: datetime | None) -> set[int]:
    """The funds whose terms say that no carry is taken."""
    fund_ids = {one.vehicle.fund_id for one in books}
    known = as_known(FundTerms, known_at)
    query = select(known.c.fund_id, known.c.carry_rate).where(theirs(actor, known), known.c.fund_id.in_(fund_ids))
    rates: dict[int, set[bool]] = {}
    for fund_id, rate in session.execute(query):
        rates.setdefault(fund_id, set()).add(rate == 0)
    return {fund_id for fund_id, free in rates.items() if free == {True}}


def _books(session: Session, actor: Actor, subject: Subject, asked: Cut) -> tuple[dict[int, Books], Scope]:
    if subject.kind == "fund":
        books = bookkeeping.load(session, actor, known_at=asked.known_at, fund_ids=[subject.id])
        return books, Scope(fund_id=subject.id)
    books = bookkeeping.load(session, actor, known_at=asked.known_at, vehicle_ids=[subject.id])
    return books, Scope(vehicle_id=subject.id)


def _deal_scope(subject: Subject) -> Scope:
    return Scope(company_id=subject.id) if subject.kind == "company" else Scope(investment_id=subject.id)


def _currency(books: dict[int, Books]) -> str | None:
    return next((one.vehicle.currency for one in books.values()), None)


def _last_flow(session: Session, actor: Actor) -> date | None:
    """The last day of a flow; imported plans may reach beyond today."""
    days = [
        session.scalar(select(func.max(model.paid_on)).where(theirs(actor, model), model.voided_at.is_(None)))
        for model in (CapitalCallLine, DistributionLine)
    ]
    return max((day for day in days if day), default=None)
