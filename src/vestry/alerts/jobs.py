"""Looking for causes after the books changed and once a day, and the mail that tells managers of new alerts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from vestry.alerts import causes, service
from vestry.alerts.asking import EVALUATE, EVERY, look_again
from vestry.alerts.causes.looking import limits_of
from vestry.alerts.models import CLOSED, OPEN, SEVERITIES, Alert
from vestry.cohorts.models import TradeTerms
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.outbox import Job
from vestry.core.running import Kind, Running
from vestry.core.settings import settings
from vestry.identity import grants
from vestry.identity.access import of_firm, theirs
from vestry.identity.models import Firm, User
from vestry.identity.policy import allows
from vestry.integrations.mail import service as mail
from vestry.metrics.models import MetricValue

DAILY: Final = EVERY
TITLE: Final = "Looking for causes of alerts"
DAY: Final = timedelta(days=1)
NAMED_MAX: Final = 5  # alerts of a mail that are named


def _evaluate(running: Running) -> None:
    """Look at one company. A later wish about the same company sees more, and overtakes this one."""
    company_id, told = running.payload["company_id"], dict[str, Any]()
    with running.reading() as session:
        mine = select(Company).where(
            Company.id == company_id, theirs(running.actor, Company), Company.archived_at.is_(None)
        )
        company = session.scalars(mine).one_or_none()
        found = {} if company is None else causes.found(session, running.actor, company)
    with running.finish(told) as session:
        if company is None:
            told["skipped"] = "the company was archived"
        elif _is_overtaken(session, running):
            told["skipped"] = "a later look at the company sees more"
        else:
            told |= service.settle(session, running.actor, company_id, found)


def _is_overtaken(session: Session, running: Running) -> bool:
    mine = session.get_one(Job, running.job_id)
    later = select(Job.id).where(
        Job.firm_id == mine.firm_id, Job.kind == EVALUATE, Job.title == mine.title, Job.id > mine.id
    )
    return session.scalar(later.limit(1)) is not None


def _daily(running: Running) -> None:
    """Have every company with a trade or a figure looked at, as time alone makes some things late; then the mail."""
    told: dict[str, Any] = {}
    with running.finish(told) as session:
        watched = watched_companies(session, running.actor)
        for company_id in watched:
            look_again(session, running.actor.firm_id, company_id)
        mails = _mail(session, running.actor) if running.payload.get("mail", True) else 0
        told |= {"companies": len(watched), "mails": mails}


def watched_companies(session: Session, actor: Actor) -> list[int]:
    """Companies that have a trade, a figure or an alert."""
    every = union(
        select(TradeTerms.company_id).where(theirs(actor, TradeTerms), TradeTerms.voided_at.is_(None)),
        select(MetricValue.company_id).where(theirs(actor, MetricValue), MetricValue.voided_at.is_(None)),
        select(Alert.company_id).where(theirs(actor, Alert), Alert.state != CLOSED),
    )
    return sorted(session.scalars(every))


def _mail(session: Session, actor: Actor) -> int:
    """Tell each administrator and manager of what was opened since yesterday about companies they see."""
    if not limits_of(session, actor).mail_digest:
        return 0
    firm = session.get_one(Firm, actor.firm_id)
    since, sent = session.info["now"] - DAY, 0
    people = select(User).where(of_firm(firm.id, User), User.deactivated_at.is_(None))
    for user in session.scalars(people.order_by(User.id)):
        if not allows(user.role, "alert_rule.change"):
            continue
        seen = theirs(grants.actor_of(session, user), Alert)
        query = select(Alert.severity, Alert.says, Alert.opened_at, Company.name).join(Company)
        rows = session.execute(query.where(seen, Alert.state == OPEN).order_by(Alert.opened_at.desc(), Alert.id)).all()
        new = [row for row in rows if row.opened_at >= since]
        if not new:
            continue
        counted = Counter(row.severity for row in rows)
        values = {
            "name": user.name,
            "firm": firm.name,
            "opened": str(len(new)),
            "count": str(len(rows)),
            "severities": ", ".join(f"{counted[one]} {one}" for one in SEVERITIES if counted[one]),
            "newest": " · ".join(f"{row.name}: {row.says[:250]}" for row in new[:NAMED_MAX]),
            "link": settings().address_of("/alerts"),
        }
        mail.send(session, to=user.email, template="alerts", values=values)
        sent += 1
    return sent


KINDS = (Kind(EVALUATE, _evaluate), Kind(DAILY, _daily))
