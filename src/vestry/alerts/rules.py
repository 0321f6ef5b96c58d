"""Rules on metrics: every change to them, and what one would have done."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from vestry.alerts.causes.looking import DEFAULTS, Look
from vestry.alerts.causes.rules import Wanted, readings, says, shown
from vestry.alerts.models import AlertRule
from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.metrics import queries as metrics
from vestry.metrics.reading import UnknownMetric

PERIODS_MAX = 500  # of one company that are listed; they are counted all


class RuleIncomplete(Invalid):
    """The rule lacks what its comparison needs, or has what it cannot use."""


# Comparison → the fields it needs; what it does not name must be left out.
NEEDS = {
    "below": ("threshold",),
    "above": ("threshold",),
    "falls_by": ("threshold", "against"),
    "rises_by": ("threshold", "against"),
    "missing": ("due_days",),
}


def create(session: Session, actor: Actor, values: dict[str, Any]) -> AlertRule:
    """A rule of the firm."""
    require(actor, "alert_rule.change")
    rule = AlertRule(firm_id=actor.firm_id, **checked(session, actor, values))
    session.add(rule)
    session.flush()
    return rule


def replace(session: Session, actor: Actor, rule_id: int, version: int | None, values: dict[str, Any]) -> AlertRule:
    """Supersede a rule; alerts it does not raise any more close by themselves."""
    require(actor, "alert_rule.change")
    rule = find(session, actor, AlertRule, rule_id, noun="alert rule", lock=True)
    expect_version(rule, version)
    for name, value in checked(session, actor, values).items():
        setattr(rule, name, value)
    session.flush()
    return rule


def void(session: Session, actor: Actor, rule_id: int, reason: str) -> None:
    """Take a rule back; its alerts close by themselves."""
    require(actor, "alert_rule.change")
    corrections.void(session, find(session, actor, AlertRule, rule_id, noun="alert rule", lock=True), reason)


def checked(session: Session, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """The rule as it is kept; refused where it cannot be asked."""
    needed = NEEDS[values["comparison"]]
    for name in ("threshold", "against", "due_days"):
        if (values[name] is not None) != (name in needed):
            said = "needs" if name in needed else "has no use for"
            raise RuleIncomplete(f"The comparison {values['comparison']} {said} {name}.", field=name)
    definition = next((one for one in metrics.definitions(session, actor) if one.key == values["metric"]), None)
    if definition is None:
        raise UnknownMetric(f"{values['metric']!r} is not a metric.", field="metric", mend="See /metrics/definitions.")
    if values["currency"] is not None and definition.unit != "money":
        raise RuleIncomplete(f"{definition.label} is no amount, so it has no currency.", field="currency")
    for company_id in values["company_ids"]:
        find(session, actor, Company, company_id, noun="company")
    return values | {"company_ids": sorted(set(values["company_ids"]))}


def preview(session: Session, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """In which periods of the past the rule would have fired, company by company; nothing is stored."""
    asked = checked(session, actor, values)
    query = visible(actor, Company).order_by(Company.name, Company.id)
    if asked["company_ids"]:
        query = query.where(Company.id.in_(asked["company_ids"]))
    found = [_tried(session, actor, company, asked) for company in session.scalars(query)]
    told = [one for one in found if one["looked_at"]]
    return {
        "times": sum(one["times"] for one in told),
        "looked_at": sum(one["looked_at"] for one in told),
        "companies": [one for one in told if one["times"]],
    }


def _tried(session: Session, actor: Actor, company: Company, asked: dict[str, Any]) -> dict[str, Any]:
    look = Look(session, actor, company, DEFAULTS, (), clock.today(session))
    names = ("metric", "period_kind", "comparison", "against", "threshold", "currency", "due_days")
    wanted = Wanted(**{name: asked[name] for name in names}, is_named=company.id in asked["company_ids"])
    book = look.metrics(wanted.currency)
    every = readings(book, wanted, look.today)
    fired = [one for one in every if one.fires]
    definition = book.definitions[wanted.metric]
    return {
        "company_id": company.id,
        "company": company.name,
        "looked_at": len(every),
        "times": len(fired),
        "periods": [
            {**shown(book, one), "says": says(look, book, definition, wanted, one)} for one in fired[-PERIODS_MAX:]
        ],
    }
