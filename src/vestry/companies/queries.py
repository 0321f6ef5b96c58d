"""Every SELECT about companies, their rounds and securities, limited to what the actor may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company, Round, Security
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.paging import Page, contains, paginate
from vestry.identity.access import theirs, visible

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
    session: Session, actor: Actor, page: Page, *, industry: str | None, country: str | None, is_public: bool | None
) -> dict[str, Any]:
    """A page of companies."""
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
    if page.q:
        query = query.where(contains(Company.name_key, name_key(page.q)))
    if industry:
        query = query.where(Company.industry == industry)
    if country:
        query = query.where(Company.country == country)
    if is_public is not None:
        query = query.where(Company.is_public.is_(is_public))
    return paginate(session, query, page, columns=COMPANY_SORTS, key=Company.id, default="name")


def company_named(session: Session, actor: Actor, name: str) -> Company | None:
    """The company of that name, however its letters and spaces are written."""
    return session.scalars(visible(actor, Company).where(Company.name_key == name_key(name))).one_or_none()


def list_rounds(session: Session, actor: Actor, page: Page, *, company_id: int | None) -> dict[str, Any]:
    """A page of rounds, the latest first."""
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
    if page.q:
        query = query.where(contains(Round.name, page.q))
    return paginate(session, query, page, columns=ROUND_SORTS, key=Round.id, default="-closed_on")


def list_securities(session: Session, actor: Actor, page: Page, *, company_id: int | None) -> dict[str, Any]:
    """A page of securities."""
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
    if page.q:
        query = query.where(contains(Security.name, page.q))
    return paginate(session, query, page, columns=SECURITY_SORTS, key=Security.id, default="id")
