"""What every kind of alert looks at: one company's books, read when first asked for, and what the firm bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.alerts.models import AlertRule, AlertSettings
from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books, books_of
from vestry.cohorts.models import TradeTerms
from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.identity.access import theirs, visible
from vestry.kernel.cohorts import CohortCashflows
from vestry.metrics.book import Book
from vestry.metrics.reading import book_of


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alert is raised: ``subject`` names it within kind and company, ``says`` it with its figures, ``link`` is
    the page that shows it."""

    subject: str
    severity: str
    says: str
    link: str
    figures: dict[str, Any] = field(default_factory=dict)
    rule_id: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a firm bears before it is told; see :class:`~vestry.alerts.models.AlertSettings`."""

    drift_tolerance: Decimal | None
    upload_days: int
    settle_days: int
    mail_digest: bool


DEFAULTS: Final = Limits(drift_tolerance=None, upload_days=10, settle_days=30, mail_digest=False)


@dataclass
class Look:
    """One company as the alerts see it."""

    session: Session
    actor: Actor
    company: Company
    limits: Limits
    rules: Sequence[AlertRule]
    today: date

    @classmethod
    def at(cls, session: Session, actor: Actor, company: Company) -> Look:
        """A company with the firm's rules and limits of now."""
        rules = session.scalars(visible(actor, AlertRule).order_by(AlertRule.id)).all()
        mine = [rule for rule in rules if not rule.company_ids or company.id in rule.company_ids]
        return cls(session, actor, company, limits_of(session, actor), mine, clock.today(session))

    @cached_property
    def books(self) -> Books | None:
        """The company's cohorts; None while no trade is agreed."""
        traded = select(TradeTerms.id).where(
            theirs(self.actor, TradeTerms), TradeTerms.company_id == self.company.id, TradeTerms.voided_at.is_(None)
        )
        if self.session.scalar(traded.limit(1)) is None:
            return None
        return books_of(self.session, self.actor, self.company.id)

    @cached_property
    def cashflows(self) -> CohortCashflows:
        """What every cohort paid and brought; ask only where there are books."""
        assert self.books is not None
        return figures.computed(self.books)

    def books_up_to(self, day: date) -> Books:
        """The cohorts as of a day."""
        return books_of(self.session, self.actor, self.company.id, as_of=day)

    def metrics(self, currency: str | None) -> Book:
        """What the company reported, in its own currency or another."""
        known: dict[str | None, Book] = self.__dict__.setdefault("_metrics", {})
        if currency not in known:
            known[currency] = book_of(self.session, self.actor, self.company, currency=currency)
        return known[currency]


def limits_of(session: Session, actor: Actor) -> Limits:
    """What the firm bears."""
    row = session.scalars(select(AlertSettings).where(AlertSettings.firm_id == actor.firm_id)).one_or_none()
    if row is None:
        return DEFAULTS
    return Limits(row.drift_tolerance, row.upload_days, row.settle_days, row.mail_digest)
