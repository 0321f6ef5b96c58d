"""Every change to what is assumed of months to come, and to what a company declares."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import refuse_beyond_reach
from vestry.cohorts.facts import Noun
from vestry.cohorts.models import CohortBook, PredictionScenario
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, visible


class ScenarioExists(Conflict):
    """A live scenario of the same name."""


SCENARIO: Final = Noun(
    PredictionScenario,
    "scenario",
    "cohort_terms.change",
    ("name",),
    ScenarioExists,
    ("id", "company_id", "name", "m0", "churn", "version", "recorded_at"),
)


def declared(session: Session, actor: Actor, company_id: int) -> CohortBook | None:
    """What a company declared; None while it declared nothing."""
    find(session, actor, Company, company_id, noun="company")
    return session.scalars(visible(actor, CohortBook).where(CohortBook.company_id == company_id)).one_or_none()


def declare(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    version: int | None,
    complete_through: date | None,
    timing: str,
) -> CohortBook:
    """Declare until when a company's payments are complete, and how its trades count time."""
    require(actor, "cohort_data.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    live = select(CohortBook).where(CohortBook.company_id == company_id, CohortBook.voided_at.is_(None))
    book = session.scalars(live).one_or_none()
    expect_version(book, version)
    if book is None:
        book = CohortBook(firm_id=actor.firm_id, company_id=company_id)
        session.add(book)
    book.complete_through, book.timing = complete_through, timing
    refuse_beyond_reach(session, actor, company)
    return book
