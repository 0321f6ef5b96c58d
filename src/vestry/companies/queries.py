"""Every SELECT about companies, their rounds and securities, limited to what the actor may see."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company, MarketPrice, Round, Security
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.history import as_known
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.identity.access import theirs, visible
from vestry.identity.hidden import hiding

COMPANY_SORTS = {
    "id": Company.id,
    "name": Company.name_key,
    "industry": Company.industry,
    "country": Company.country,
    "currency": Company.currency,
    "created_at": Company.created_at,
}
ROUND_SORTS = {"id": Round.id, "closed_on": Round.closed_on, "raised": Round.raised, "post_money": Round.post_money}
SECURITY_SORTS = {"id": Security.id, "name": Security.name, "kind": Security.kind}


def list_companies(
    actor: Actor, q: str | None, *, industry: str | None, country: str | None, is_public: bool | None
) -> Listing:
    """Companies."""
    query = select(
        Company.id,
        Company.name,
        Company.currency,
        Company.industry,
        Company.sector,
        Company.country,
        Company.website,
        Company.is_public,
        Company.ticker_symbol,
        Company.description,
        Company.version,
        Company.created_at,
        Company.updated_at,
    ).where(theirs(actor, Company), Company.archived_at.is_(None))
    if q:
        query = query.where(contains(Company.name_key, name_key(q)))
    if industry:
        query = query.where(Company.industry == industry)
    if country:
        query = query.where(Company.country == country)
    if is_public is not None:
        query = query.where(Company.is_public.is_(is_public))
    return Listing(query, COMPANY_SORTS, Company.id, "name", finish=hiding(actor, "company"))


def company_named(session: Session, actor: Actor, name: str) -> Company | None:
    """The company of that name, however its letters and spaces are written."""
    return session.scalars(visible(actor, Company).where(Company.name_key == name_key(name))).one_or_none()


def list_rounds(actor: Actor, q: str | None, *, company_id: int | None) -> Listing:
    """Rounds, the latest first."""
    query = select(
        Round.id,
        Round.company_id,
        Round.name,
        Round.closed_on,
        Round.currency,
        Round.raised,
        Round.pre_money,
        Round.post_money,
        Round.price_per_share,
        Round.version,
        Round.recorded_at,
    ).where(theirs(actor, Round), Round.voided_at.is_(None))
    if company_id:
        query = query.where(Round.company_id == company_id)
    if q:
        query = query.where(contains(Round.name, q))
    return Listing(query, ROUND_SORTS, Round.id, "-closed_on")


def list_securities(actor: Actor, q: str | None, *, company_id: int | None) -> Listing:
    """Securities."""
    query = select(
        Security.id,
        Security.company_id,
        Security.round_id,
        Security.name,
        Security.kind,
        Security.currency,
        Security.shares_outstanding,
        Security.version,
        Security.created_at,
        Security.updated_at,
    ).where(theirs(actor, Security), Security.archived_at.is_(None))
    if company_id:
        query = query.where(Security.company_id == company_id)
    if q:
        query = query.where(contains(Security.name, q))
    return Listing(query, SECURITY_SORTS, Security.id, "id")


def list_prices(actor: Actor, company_id: int, *, known_at: datetime | None) -> Listing:
    """A company's prices as they were known, the latest first."""
    known = as_known(MarketPrice, known_at)
    columns = ("id", "company_id", "provider", "symbol", "priced_on", "close", "currency", "version", "recorded_at")
    query = select(*(known.c[name] for name in columns)).where(theirs(actor, known), known.c.company_id == company_id)
    sorts = {name: known.c[name] for name in ("priced_on", "close", "recorded_at")}
    return Listing(query, sorts, known.c.id, "-priced_on")


def newest_price_on(session: Session, actor: Actor, company_id: int, *, known_at: datetime | None) -> date | None:
    """The day of a company's newest price, as known then."""
    known = as_known(MarketPrice, known_at)
    query = select(func.max(known.c.priced_on)).where(theirs(actor, known), known.c.company_id == company_id)
    newest: date | None = session.scalar(query)
    return newest
