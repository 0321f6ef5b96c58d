"""Every change to templates and to whom of a company is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import name_key
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, theirs
from vestry.integrations.mail import smtp
from vestry.metrics import queries as metrics
from vestry.requests.models import CompanyRecipient, RequestTemplate


class TemplateRefused(Invalid):
    """The template asks for something that cannot be answered."""


class RecipientTwice(Invalid):
    """The same address is named twice."""


def create(session: Session, actor: Actor, values: Mapping[str, Any]) -> RequestTemplate:
    """A template of the firm."""
    require(actor, "request_template.change")
    template = RequestTemplate(firm_id=actor.firm_id, **checked(session, actor, values))
    session.add(template)
    session.flush()
    return template


def replace(
    session: Session, actor: Actor, template_id: int, version: int | None, values: Mapping[str, Any]
) -> RequestTemplate:
    """Change a template; what was asked already stays as it was asked."""
    require(actor, "request_template.change")
    template = find(session, actor, RequestTemplate, template_id, noun="request template", lock=True)
    expect_version(template, version)
    for name, value in checked(session, actor, values).items():
        setattr(template, name, value)
    session.flush()
    return template


def archive(session: Session, actor: Actor, template_id: int) -> None:
    """Ask by this template no more; what was asked goes on."""
    require(actor, "request_template.change")
    template = find(session, actor, RequestTemplate, template_id, noun="request template", lock=True)
    template.archived_at = session.info["now"]
    session.flush()


def checked(session: Session, actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """The template as it is kept; refused with every metric that cannot be reported."""
    defined = {one.key: one for one in metrics.definitions(session, actor)}
    faults = []
    for at, key in enumerate(values["metrics"]):
        place = f"metrics.{at}"
        if key not in defined:
            faults.append(Fault(place, f"{key} is not a metric: see /metrics/definitions.", "unknown_metric"))
        elif defined[key].kind == "derived":
            said = f"{defined[key].label} is computed ({defined[key].formula}); ask for what it is computed from."
            faults.append(Fault(place, said, "metric_is_derived"))
        elif key in values["metrics"][:at]:
            faults.append(Fault(place, f"{defined[key].label} is asked for twice.", "metric_twice"))
    if faults:
        raise TemplateRefused(faults[0].message, mend="Correct the metrics; nothing was stored.", faults=faults)
    for company_id in values["company_ids"]:
        find(session, actor, Company, company_id, noun="company")
    before, after = values["remind_days_before"], values["remind_days_after"]
    kept = {name: value for name, value in values.items() if not name.startswith("remind_days_")}
    ladder = {*(-days for days in before), *after}
    return {**kept, "company_ids": sorted(set(values["company_ids"])), "reminder_days": sorted(ladder)}


def recipients(session: Session, actor: Actor, company_id: int) -> list[CompanyRecipient]:
    """Who of a company is asked, in the order they were named."""
    find(session, actor, Company, company_id, noun="company")
    return recipients_of(session, actor, company_id)


def recipients_of(session: Session, actor: Actor, company_id: int) -> list[CompanyRecipient]:
    """The same for whoever has found the company already."""
    mine = select(CompanyRecipient).where(theirs(actor, CompanyRecipient), CompanyRecipient.company_id == company_id)
    return list(session.scalars(mine.order_by(CompanyRecipient.id)))


def set_recipients(
    session: Session, actor: Actor, company_id: int, given: Iterable[Mapping[str, Any]]
) -> list[CompanyRecipient]:
    """Name who of a company is asked from now on; links that were mailed stay as they are."""
    require(actor, "data_request.change")
    find(session, actor, Company, company_id, noun="company", lock=True)
    known = {one.email_key: one for one in recipients_of(session, actor, company_id)}
    wanted: set[str] = set()
    for at, one in enumerate(given):
        key, field = name_key(one["email"]), f"recipients.{at}.email"
        if key in wanted:
            raise RecipientTwice(f"{one['email']} is named twice.", field=field, mend="Name each address once.")
        wanted.add(key)
        _refuse_no_address(one["email"], field)
        row = known.get(key)
        if row is None:
            row = CompanyRecipient(firm_id=actor.firm_id, company_id=company_id, email_key=key, email=one["email"])
            session.add(row)
        row.email, row.name = one["email"], one["name"]
    for key, row in known.items():
        if key not in wanted:
            session.delete(row)
    session.flush()
    return recipients_of(session, actor, company_id)


def _refuse_no_address(email: str, field: str) -> None:
    try:
        smtp.address(email)
    except smtp.WrongAddress as error:
        raise smtp.WrongAddress(error.message, field=field, mend="Write it like ada@company.com.") from None
