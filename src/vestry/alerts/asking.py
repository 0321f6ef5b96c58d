"""Asks for a company to be looked at when what its alerts are made of changes, in the very transaction."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

from vestry.alerts.models import AlertRule, AlertSettings
from vestry.cohorts.models import AcquisitionSpend, CohortBook, PaymentThreshold, ThresholdOverride, TradeTerms
from vestry.cohorts.payments.models import PaymentEntry
from vestry.cohorts.rounds.models import RoundStatement, RoundTransfer
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import LedgerSession
from vestry.core.model import table_of
from vestry.core.outbox import WAITING, Job
from vestry.metrics.models import FiscalCalendar, MetricDefinition, MetricValue

EVALUATE: Final = "alerts.evaluate"
EVERY: Final = "alerts.daily"
# What a company's alerts are made of, and what those of all companies are.
OF_COMPANIES: Final = (
    AcquisitionSpend,
    TradeTerms,
    PaymentThreshold,
    ThresholdOverride,
    CohortBook,
    PaymentEntry,
    RoundStatement,
    RoundTransfer,
    MetricValue,
    FiscalCalendar,
)
OF_FIRMS: Final = (AlertRule, AlertSettings, MetricDefinition)
_NOTED, _ALL = "alerts_companies", "alerts_all"
COMPANIES_MAX: Final = 100  # in one transaction; beyond them all are looked at


def look_again(session: Session, firm_id: int, company_id: int) -> None:
    """Have a company looked at after the commit."""
    _ask(session, firm_id, EVALUATE, {"company_id": company_id}, f"Alerts of company {company_id}")


def _ask(session: Session, firm_id: int, kind: str, payload: dict[str, Any], title: str) -> None:
    """A wish like it that still waits is enough for both: its row is locked until this transaction ends, so that
    whoever takes it up sees what this one changes."""
    same = select(Job.id).where(Job.firm_id == firm_id, Job.kind == kind, Job.state == WAITING, Job.title == title)
    if session.scalars(same.with_for_update()).first() is None:
        outbox.ask(session, kind, payload, title=title, firm_id=firm_id)


def _note(session: Session, _: object) -> None:
    for thing in (*session.new, *session.dirty):
        if isinstance(thing, OF_COMPANIES):
            session.info.setdefault(_NOTED, set()).add(thing.company_id)
        elif isinstance(thing, OF_FIRMS):
            session.info[_ALL] = True


def _watch(state: ORMExecuteState) -> None:
    """Figures that are written in bulk say no more than that."""
    if (state.is_insert or state.is_update) and getattr(state.statement, "table", None) is table_of(MetricValue):
        state.session.info[_ALL] = True


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    companies: set[int] = session.info.pop(_NOTED, set())
    actor: Actor = session.info["actor"]
    if session.info.pop(_ALL, False) or len(companies) > COMPANIES_MAX:
        _ask(session, actor.firm_id, EVERY, {"mail": False}, "Alerts of all companies")
        return
    for company_id in sorted(companies):
        look_again(session, actor.firm_id, company_id)


def _rolled_back(session: Session, _: object) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_ALL, None)


event.listen(LedgerSession, "after_flush", _note)
event.listen(LedgerSession, "do_orm_execute", _watch)
event.listen(LedgerSession, "after_soft_rollback", _rolled_back)
event.listen(LedgerSession, "before_commit", _before_commit)
